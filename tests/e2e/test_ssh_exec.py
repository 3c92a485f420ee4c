"""One command on another host: judged first, and otherwise ssh through and through."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import PROGRAM, Done
from tests.e2e.remote_shell import REMOTE_CONFIG
from tests.person import Person, person_environ
from tests.ssh.sshd import SshServer

DEADLINE = 60.0


class Caller:
    """Somebody who calls a host without a terminal."""

    def __init__(self, folder: Path, server: SshServer, transport: str) -> None:
        self.server = server
        self.transport = transport
        self.home = folder / "caller"
        self.home.mkdir()
        self.config = self.home / "safeshell.toml"
        self.config.write_text(REMOTE_CONFIG)

    @property
    def environ(self) -> dict[str, str]:
        return person_environ(self.home)

    def words(self, *words: str, before: tuple[str, ...] = ()) -> list[str]:
        return [
            PROGRAM, "--config", str(self.config), *before,
            "ssh", "--transport", self.transport, "-F", str(self.server.client_config), *words,
        ]  # fmt: skip

    def calls(self, *words: str, given: bytes | None = None, before: tuple[str, ...] = ()) -> Done:
        done = subprocess.run(
            self.words(*words, before=before),
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=DEADLINE,
            check=False,
            env=self.environ,
            # No terminal at all: nobody can be asked.
            start_new_session=True,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with SshServer(tmp_path_factory.mktemp("sshd")) as made:
        yield made


@pytest.fixture(params=["openssh", "paramiko"])
def caller(request: pytest.FixtureRequest, tmp_path: Path, server: SshServer) -> Caller:
    for left in ("victim", "named", "fed", "piped", "asked", "new", "copied", "repository.git"):
        path = server.home / left
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
    return Caller(tmp_path, server, request.param)


def test_output_error_and_status_are_those_of_the_command(caller: Caller) -> None:
    done = caller.calls("web-1", "echo out; echo err >&2; exit 7")

    assert (done.status, done.out, done.err) == (7, b"out\n", "err\n")


def test_a_command_that_a_signal_ends_is_255_as_ssh_has_it(caller: Caller) -> None:
    assert caller.calls("web-1", "kill -TERM $$", before=("--mode", "open")).status == 255


def test_no_connection_is_255_and_ssh_says_why(caller: Caller) -> None:
    done = caller.calls("-p", "1", "-o", "Port=1", "web-1", "true")

    assert done.status == 255
    assert "refused" in done.err


def test_input_is_passed_on_to_its_end_byte_for_byte(caller: Caller) -> None:
    data = os.urandom(3 << 20)

    done = caller.calls("web-1", "sha256sum", given=data)

    assert done.out.split()[0].decode() == hashlib.sha256(data).hexdigest()


def test_what_destroys_is_refused_where_nobody_can_be_asked_and_does_not_run(caller: Caller) -> None:
    victim = caller.server.home / "victim"
    victim.mkdir()

    done = caller.calls("web-1", f"rm -rf ~/{victim.name}")

    assert done.status == 77
    assert victim.exists()
    assert "--yes-i-mean web" in done.err


def test_a_script_names_its_target_beforehand(caller: Caller) -> None:
    victim = caller.server.home / "named"
    victim.mkdir()

    wrong = caller.calls("--yes-i-mean", "other", "web-1", f"rm -rf ~/{victim.name}")
    assert wrong.status == 77
    assert victim.exists()

    right = caller.calls("--yes-i-mean", "web", "web-1", f"rm -rf ~/{victim.name}")
    assert (right.status, victim.exists()) == (0, False)


def test_in_read_only_what_reads_passes_and_what_writes_does_not(caller: Caller) -> None:
    (caller.server.home / "seen").write_text("text\n")

    reads = caller.calls("web-1", f"cat {caller.server.home}/seen", before=("--mode", "read-only"))
    writes = caller.calls("web-1", f"touch {caller.server.home}/new", before=("--mode", "read-only"))

    assert (reads.status, reads.out) == (0, b"text\n")
    assert writes.status == 77
    assert not (caller.server.home / "new").exists()


def test_commands_on_standard_input_are_judged_before_the_first_of_them_runs(caller: Caller) -> None:
    victim = caller.server.home / "fed"
    victim.mkdir()

    fine = caller.calls("web-1", given=b"echo one\necho two\n")
    refused = caller.calls("web-1", given=f"echo one\nrm -rf ~/{victim.name}\n".encode())

    assert (fine.status, fine.out) == (0, b"one\ntwo\n")
    assert (refused.status, refused.out) == (77, b"")
    assert victim.exists()


def test_the_journal_has_the_line_and_its_end(caller: Caller) -> None:
    caller.calls("web-1", "exit 3")

    told = subprocess.run(
        [PROGRAM, "--config", str(caller.config), "log", "--json"],
        env=caller.environ, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "exit 3" in told
    assert "status 3" in told


def test_a_git_repository_is_cloned_and_pushed_to_through_it(caller: Caller, tmp_path: Path) -> None:
    remote = caller.server.home / "repository.git"
    quiet = {**caller.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    quiet["GIT_SSH_COMMAND"] = " ".join(caller.words())
    quiet["GIT_SSH_VARIANT"] = "ssh"

    def git(*words: str, folder: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
            cwd=folder, env=quiet, capture_output=True, text=True, check=False, timeout=DEADLINE,
        )  # fmt: skip

    assert git("init", "-q", "--bare", str(remote)).returncode == 0
    cloned = git("clone", "-q", f"web-1:{remote}", "clone")
    assert cloned.returncode == 0, cloned.stderr
    (tmp_path / "clone/file").write_text("text\n")
    git("add", "file", folder=tmp_path / "clone")
    git("commit", "-q", "-m", "one", folder=tmp_path / "clone")
    pushed = git("push", "-q", "origin", "HEAD:main", folder=tmp_path / "clone")

    assert pushed.returncode == 0, pushed.stderr
    assert git("log", "--oneline", "main", folder=remote).stdout.strip()


def test_a_file_is_copied_by_scp_through_it(caller: Caller, tmp_path: Path) -> None:
    script = tmp_path / "ssh-through"
    script.write_text("#!/bin/sh\nexec " + " ".join(caller.words()[:-2]) + ' "$@"\n')
    script.chmod(0o755)
    (tmp_path / "file").write_bytes(os.urandom(100_000))

    done = subprocess.run(
        ["scp", "-q", "-S", str(script), "-F", str(caller.server.client_config),
         str(tmp_path / "file"), f"web-1:{caller.server.home}/copied"],
        env=caller.environ, capture_output=True, text=True, check=False, timeout=DEADLINE,
        start_new_session=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert (caller.server.home / "copied").read_bytes() == (tmp_path / "file").read_bytes()


def test_a_person_is_asked_though_input_is_a_pipe(caller: Caller, tmp_path: Path) -> None:
    victim = caller.server.home / "piped"
    victim.mkdir()
    line = f"echo data | {' '.join(caller.words('web-1'))} 'rm -rf ~/{victim.name}; cat'"

    with Person("/bin/sh", "-c", line, environ=caller.environ, folder=tmp_path) as person:
        person.sees("anything else is no")
        person.answer("web")
        person.sees("data")

    assert not victim.exists()


def test_a_question_that_is_not_answered_rightly_runs_nothing(caller: Caller, tmp_path: Path) -> None:
    victim = caller.server.home / "asked"
    victim.mkdir()

    with Person(
        *caller.words("web-1", f"rm -rf ~/{victim.name}"), environ=caller.environ, folder=tmp_path
    ) as person:
        person.sees("anything else is no")
        person.answer("localhost")
        person.sees("Refused")
        assert person.ended() == 77

    assert victim.exists()


def test_signals_are_passed_on(caller: Caller) -> None:
    process = subprocess.Popen(
        caller.words("web-1", "echo up; sleep 60"), env=caller.environ, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == b"up\n"

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(DEADLINE) != 0
    assert time.monotonic() - began < 10
    process.stdout.close()


def test_without_a_system_ssh_our_own_client_reads_the_configuration_itself(
    server: SshServer, tmp_path: Path
) -> None:
    caller = Caller(tmp_path, server, "auto")
    nothing = tmp_path / "nothing"
    nothing.mkdir()

    done = subprocess.run(
        caller.words("web-1", "echo out"), env={**caller.environ, "PATH": str(nothing)}, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=DEADLINE, check=False, start_new_session=True,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, b"out\n"), done.stderr
