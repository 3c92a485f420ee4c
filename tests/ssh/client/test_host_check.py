"""Whether the host is the one that is meant, against real servers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.ssh.client.calls import call, person
from tests.ssh.sshd import SshServer


def test_a_changed_key_is_a_full_stop_whatever_the_configuration_allows(sshd: SshServer) -> None:
    other = sshd.make_key("other")
    _know(sshd, f"[127.0.0.1]:{sshd.port} {_public(other)}")

    for allowed in ("ask", "no", "accept-new"):
        done = call(sshd, f"-oStrictHostKeyChecking={allowed}", "web-1", "echo in")

        assert (done.returncode, done.stdout) == (255, b"")
        assert b"REMOTE HOST IDENTIFICATION HAS CHANGED" in done.stderr
        assert b"known_hosts:1" in done.stderr and b"SHA256:" in done.stderr
    assert "Accepted" not in sshd.log


def test_a_revoked_key_is_a_full_stop(sshd: SshServer) -> None:
    with sshd.known_hosts.open("a") as known:
        known.write(f"@revoked * {sshd.host_key}\n")

    done = call(sshd, "-oStrictHostKeyChecking=no", "web-1", "echo in")

    assert (done.returncode, done.stdout) == (255, b"")
    assert b"REVOKED" in done.stderr and b"known_hosts:2" in done.stderr


def test_a_new_host_without_anybody_to_ask_is_not_trusted(sshd: SshServer) -> None:
    _know(sshd)

    done = call(sshd, "web-1", "echo in")

    assert (done.returncode, done.stdout) == (255, b"")
    assert b"Host key verification failed" in done.stderr
    assert sshd.known_hosts.read_text() == ""


def test_strict_checking_takes_no_new_host(sshd: SshServer) -> None:
    _know(sshd)

    done = call(sshd, "-oStrictHostKeyChecking=yes", "web-1", "echo in")

    assert done.returncode == 255
    assert b"StrictHostKeyChecking" in done.stderr


def test_a_person_says_yes_and_is_not_asked_again(sshd: SshServer) -> None:
    _know(sshd)
    with person(sshd, "web-1", "echo in") as somebody:
        shown = somebody.sees("(yes/no/[fingerprint])?")
        assert _fingerprint(sshd) in shown.replace("\n", "")
        somebody.enter("yes")
        somebody.sees("Permanently added")
        assert somebody.ended() == 0

    assert call(sshd, "web-1", "echo in").stdout == b"in\n"
    assert subprocess.run(["ssh", "-F", sshd.client_config, "web-1", "true"], check=False).returncode == 0


@pytest.mark.parametrize(("answer", "status"), [("no", 255), ("fingerprint", 0), ("y", 255)])
def test_a_person_types_what_they_know(sshd: SshServer, answer: str, status: int) -> None:
    _know(sshd)
    with person(sshd, "web-1", "echo in") as somebody:
        somebody.sees("(yes/no/[fingerprint])?")
        somebody.line(_fingerprint(sshd) if answer == "fingerprint" else answer)
        if answer == "y":
            somebody.sees("Please type 'yes', 'no' or the fingerprint")
            somebody.enter("no")

        assert somebody.ended() == status


def test_accept_new_remembers_a_new_host_hashed_if_so_wished(sshd: SshServer) -> None:
    _know(sshd)

    first = call(sshd, "-oStrictHostKeyChecking=accept-new", "-oHashKnownHosts=yes", "web-1", "echo in")

    assert first.stdout == b"in\n"
    assert sshd.known_hosts.read_text().startswith("|1|")
    assert call(sshd, "web-1", "echo in").stdout == b"in\n"


def test_a_known_key_of_another_type_is_asked_for(tmp_path: Path) -> None:
    """The server also has an ECDSA key; we know only that one."""
    folder = tmp_path / "server"
    server = SshServer(folder, lines=[f"HostKey {folder}/second"])
    key = server.make_key("second", "ecdsa")
    with server:
        _know(server, f"[127.0.0.1]:{server.port} {_public(key)}")

        assert call(server, "web-1", "echo in").stdout == b"in\n"


def test_a_key_that_is_known_without_the_port_is_known(sshd: SshServer) -> None:
    _know(sshd, f"127.0.0.1 {sshd.host_key}")

    assert call(sshd, "web-1", "echo in").stdout == b"in\n"


def test_an_alias_is_what_counts(sshd: SshServer) -> None:
    _know(sshd, f"the-web {sshd.host_key}")

    assert call(sshd, "-oHostKeyAlias=the-web", "web-1", "echo in").stdout == b"in\n"


@pytest.mark.parametrize(
    ("principals", "validity", "authority", "status", "said"),
    [
        ("127.0.0.1", "always:forever", "*", 0, b""),
        ("other.host", "always:forever", "*", 255, b"not for 127.0.0.1"),
        ("127.0.0.1", "20200101:20200102", "*", 255, b"expired"),
        ("127.0.0.1", "always:forever", "elsewhere", 255, b"verification failed"),
    ],
)
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_host_certificate_is_believed_if_it_holds(
    tmp_path: Path, kind: str, principals: str, validity: str, authority: str, status: int, said: bytes
) -> None:
    folder = tmp_path / "server"
    server = SshServer(folder, lines=[f"HostCertificate {folder}/host_key-cert.pub"])
    ca = server.make_key("ca", kind)
    words = ["-s", str(ca), "-I", "web", "-h", "-n", principals, "-V", validity, f"{folder}/host_key.pub"]
    subprocess.run(["ssh-keygen", "-q", *words], check=True)
    with server:
        _know(server, f"@cert-authority {authority} {_public(ca)}")

        done = call(server, "web-1", "echo in")

    assert done.returncode == status, done.stderr
    assert said in done.stderr


def _public(key: Path) -> str:
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


def _know(server: SshServer, *lines: str) -> None:
    server.known_hosts.write_text("".join(f"{line}\n" for line in lines))


def _fingerprint(server: SshServer) -> str:
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", f"{server.folder}/host_key.pub"],
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout.split()[1]
