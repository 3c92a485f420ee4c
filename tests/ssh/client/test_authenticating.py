"""Logging in, in ssh's order: keys, agents, certificates, passwords, questions."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.person import Person
from tests.ssh.client.calls import ROOT, argv, call, environ, person
from tests.ssh.client.question_server import QuestionServer
from tests.ssh.sshd import SshServer


@pytest.mark.parametrize(
    ("kind", "form"),
    [("ed25519", ""), ("rsa", ""), ("ecdsa", ""), ("rsa", "PEM"), ("rsa", "PKCS8"), ("ecdsa", "PKCS8")],
)
@pytest.mark.parametrize("public", [True, False])
def test_an_encrypted_key_is_unlocked_by_its_passphrase(
    tmp_path: Path, shared_sshd: SshServer, kind: str, form: str, public: bool
) -> None:
    key = tmp_path / "key"
    _keygen("-t", kind, "-N", "the passphrase", "-f", str(key), *(["-m", form] if form else []))
    _allow(shared_sshd, key)
    if not public:
        key.with_name("key.pub").unlink()

    with person(shared_sshd, "-i", str(key), "web-1", "echo in") as somebody:
        somebody.sees("Enter passphrase for key")
        somebody.press("wrong\r")
        somebody.wait_until(lambda: somebody.text.count("Enter passphrase") == 2, "the second question")
        somebody.press("the passphrase\r")

        assert somebody.ended() == 0
        assert "passphrase" not in somebody.text.replace("Enter passphrase", "")


def test_a_passphrase_of_a_key_that_is_of_no_use_is_not_asked(tmp_path: Path, shared_sshd: SshServer) -> None:
    key = tmp_path / "key"
    _keygen("-t", "ed25519", "-N", "secret", "-f", str(key))

    with person(shared_sshd, "-i", str(key), "web-1", "echo in") as somebody:
        assert somebody.ended() == 0
        assert "passphrase" not in somebody.text


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path, shared_sshd: SshServer) -> None:
    key = tmp_path / "key"
    _keygen("-t", "ed25519", "-N", "", "-f", str(key))
    _allow(shared_sshd, key)
    key.chmod(0o644)

    done = call(shared_sshd, "-F", "none", *_reach(shared_sshd), "-i", str(key), "127.0.0.1", "true")

    assert done.returncode == 255
    assert b"chmod 600" in done.stderr


def test_the_agent_signs(tmp_path: Path, shared_sshd: SshServer) -> None:
    key = _new_key(tmp_path, shared_sshd, "rsa")
    with _agent(key) as agent:
        key.unlink()
        key.with_name("key.pub").unlink()
        done = call(
            shared_sshd,
            "-F",
            "none",
            *_reach(shared_sshd),
            "127.0.0.1",
            "echo in",
            SSH_AUTH_SOCK=agent["SSH_AUTH_SOCK"],
        )

    assert done.stdout == b"in\n", done.stderr


def test_identity_agent_names_another_one_and_none(tmp_path: Path, shared_sshd: SshServer) -> None:
    key = _new_key(tmp_path, shared_sshd, "ed25519")
    with _agent(key) as agent:
        key.unlink()
        words = ["-F", "none", *_reach(shared_sshd), "-oIdentityAgent={}", "127.0.0.1", "echo in"]
        named = call(shared_sshd, *(word.format(agent["SSH_AUTH_SOCK"]) for word in words))
        none = call(
            shared_sshd, *(word.format("none") for word in words), SSH_AUTH_SOCK=agent["SSH_AUTH_SOCK"]
        )

    assert named.stdout == b"in\n"
    assert none.returncode == 255


def test_identities_only_leaves_the_agents_other_keys_out(tmp_path: Path, shared_sshd: SshServer) -> None:
    key = _new_key(tmp_path, shared_sshd, "ed25519")
    public = key.with_name("key.pub")
    with _agent(key) as agent:
        key.unlink()
        words = ["-F", "none", *_reach(shared_sshd), "-oIdentitiesOnly=yes"]
        alone = call(shared_sshd, *words, "127.0.0.1", "echo in", **agent)
        named = call(shared_sshd, *words, "-i", str(public), "127.0.0.1", "echo in", **agent)

    assert alone.returncode == 255
    assert named.stdout == b"in\n", named.stderr


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
@pytest.mark.parametrize("beside", [True, False])
def test_a_certificate_lets_in(tmp_path: Path, kind: str, beside: bool) -> None:
    folder = tmp_path / "server"
    server = SshServer(folder, lines=[f"TrustedUserCAKeys {folder}/ca.pub"])
    ca = server.make_key("ca")
    key = tmp_path / "key"
    _keygen("-t", kind, "-N", "", "-f", str(key))
    _keygen("-s", str(ca), "-I", "me", "-n", server.user, f"{key}.pub")
    certificate = tmp_path / "key-cert.pub"
    if not beside:
        certificate = certificate.rename(tmp_path / "elsewhere.pub")
    options = [] if beside else [f"-oCertificateFile={certificate}"]
    with server:
        done = call(server, "-F", "none", *_reach(server), *options, "-i", str(key), "127.0.0.1", "echo in")

        assert done.stdout == b"in\n", done.stderr
        assert "Accepted certificate ID" in server.log or "CERT" in server.log


def test_who_has_nothing_is_told_what_the_server_would_take(shared_sshd: SshServer, tmp_path: Path) -> None:
    done = call(shared_sshd, "-F", "none", *_reach(shared_sshd), "127.0.0.1", "true", HOME=str(tmp_path))

    assert done.returncode == 255
    assert b"Permission denied (publickey)" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_key_and_then_two_rounds_of_questions(tmp_path: Path) -> None:
    key = tmp_path / "key"
    _keygen("-t", "ed25519", "-N", "", "-f", str(key))
    rounds = [[("Code: ", False, "123"), ("Place: ", True, "here")], [("Again: ", False, "456")]]
    with (
        QuestionServer(tmp_path, ["publickey", "keyboard-interactive"], rounds=rounds) as server,
        Person(
            *argv(*server.options(), "-i", str(key), "127.0.0.1", "echo in"), environ=environ(), folder=ROOT
        ) as somebody,
    ):
        somebody.sees("(me@127.0.0.1) Code:")
        assert "Look at your token." in somebody.text
        somebody.press("123\r")
        somebody.sees("Place:")
        somebody.press("here\r")
        somebody.sees("Again:")
        somebody.press("456\r")

        assert somebody.ended() == 0
        assert server.tried == ["publickey", "publickey", "answers ['123', 'here']", "answers ['456']"]
        assert "123" not in somebody.text and "456" not in somebody.text
        assert "here" in somebody.text


def test_questions_are_asked_again_after_a_wrong_answer_and_not_for_ever(tmp_path: Path) -> None:
    rounds = [[("Code: ", False, "right")]]
    with (
        QuestionServer(tmp_path, ["keyboard-interactive"], rounds=rounds) as server,
        Person(*argv(*server.options(), "127.0.0.1", "echo in"), environ=environ(), folder=ROOT) as somebody,
    ):
        for turn in range(3):
            somebody.wait_until(lambda turn=turn: somebody.text.count("Code:") == turn + 1, "a question")
            somebody.press("wrong\r")

        assert somebody.ended() == 255
        assert "Permission denied (keyboard-interactive)" in somebody.text.replace("\n", "")


def test_a_password_is_asked_again_after_a_wrong_one(tmp_path: Path) -> None:
    with (
        QuestionServer(tmp_path, ["password"], password="päss") as server,
        Person(*argv(*server.options(), "127.0.0.1", "echo in"), environ=environ(), folder=ROOT) as somebody,
    ):
        somebody.sees("me@127.0.0.1's password:")
        somebody.press("wrong\r")
        somebody.sees("Permission denied, please try again.")
        somebody.wait_until(lambda: somebody.text.count("password:") == 2, "the second question")
        somebody.press("päss\r")

        assert somebody.ended() == 0
        assert server.tried == ["password wrong", "password päss"]
        assert "päss" not in somebody.text


def test_batch_mode_asks_nobody(tmp_path: Path) -> None:
    with QuestionServer(tmp_path, ["password"], password="x") as server:
        done = _alone(server, "-oBatchMode=yes")

        assert done.returncode == 255
        assert server.tried == []


def test_a_program_asks_where_there_is_no_terminal(tmp_path: Path) -> None:
    program = tmp_path / "ask"
    program.write_text("#!/bin/sh\necho from the program\n")
    program.chmod(0o755)
    with QuestionServer(tmp_path, ["password"], password="from the program") as server:
        done = _alone(server, SSH_ASKPASS=str(program), SSH_ASKPASS_REQUIRE="force")

    assert done.stdout == b"in\n", done.stderr


def test_preferred_authentications_is_the_order(tmp_path: Path, shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "-oPreferredAuthentications=password", "web-1", "true")

    assert done.returncode == 255


def test_a_banner_is_shown_and_can_move_nothing(tmp_path: Path) -> None:
    with QuestionServer(tmp_path, ["password"], banner="Keep out\x1b[2J\n") as server:
        done = _alone(server, "-oBatchMode=yes")

    assert b"Keep out\\x1b[2J\n" in done.stderr


def test_an_agent_is_forwarded_when_asked_for(tmp_path: Path, shared_sshd: SshServer) -> None:
    key = _new_key(tmp_path, shared_sshd, "ed25519")
    with _agent(key) as agent:
        words = ["-F", "none", *_reach(shared_sshd), "127.0.0.1", "ssh-add -l"]
        forwarded = call(shared_sshd, "-A", *words, **agent)
        kept = call(shared_sshd, *words, **agent)

    assert b"ED25519" in forwarded.stdout
    assert kept.stdout == b""


def _alone(server: QuestionServer, *options: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        argv(*server.options(), *options, "127.0.0.1", "echo in"), stdin=subprocess.DEVNULL, capture_output=True,
        env=environ(**more), cwd=ROOT, timeout=30, start_new_session=True, check=False,
    )  # fmt: skip


def _reach(server: SshServer) -> list[str]:
    return [
        "-p", str(server.port), "-l", server.user, f"-oUserKnownHostsFile={server.known_hosts}",
        "-oGlobalKnownHostsFile=none",
    ]  # fmt: skip


def _keygen(*words: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *words], check=True, stdin=subprocess.DEVNULL)


def _new_key(folder: Path, server: SshServer, kind: str) -> Path:
    key = folder / "key"
    _keygen("-t", kind, "-N", "", "-f", str(key))
    _allow(server, key)
    return key


def _allow(server: SshServer, key: Path) -> None:
    with (server.folder / "authorized_keys").open("a") as allowed:
        allowed.write(key.with_name(f"{key.name}.pub").read_text())


@contextmanager
def _agent(key: Path) -> Iterator[dict[str, str]]:
    """An agent that has one key."""
    path = key.with_name("agent")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        while not path.exists():
            assert process.poll() is None
        subprocess.run(
            ["ssh-add", "-q", str(key)],
            env={**os.environ, "SSH_AUTH_SOCK": str(path)},
            check=True,
            stderr=sys.stderr,
        )
        yield {"SSH_AUTH_SOCK": str(path)}
    finally:
        process.kill()
        process.wait()
