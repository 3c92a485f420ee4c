"""The way to the host: addresses, proxies, jump hosts, and servers that are not there."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ssh.client.calls import call, config
from tests.ssh.sshd import SshServer, free_port


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[SshServer]]:
    servers = [SshServer(tmp_path / name, alias=name) for name in ("one", "two", "three")]
    for server in servers:
        server.start()
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()


def test_a_chain_of_jump_hosts_leads_to_the_last(three: list[SshServer], tmp_path: Path) -> None:
    one, two, three_ = three
    file = config(
        tmp_path, one.host_block(), two.host_block(), three_.host_block("ProxyJump one,two"),
        one.host_block("ProxyJump two", alias="loop-a"), two.host_block("ProxyJump loop-a", alias="loop-b"),
    )  # fmt: skip

    done = call(three_, "three", "echo $SSH_CONNECTION; cat", config=file, data=b"x" * 1_000_000)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(b"x" * 1_000_000)
    assert all("Accepted publickey" in server.log for server in three)
    assert three_.log.count("Accepted publickey") == 1


def test_j_jumps_with_user_and_port(three: list[SshServer], tmp_path: Path) -> None:
    one, two, _ = three
    file = config(tmp_path, "Host 127.0.0.1\n    HostName 127.0.0.1\n" + one.host_block().partition("\n")[2].replace(
        f"    Port {one.port}\n", ""), two.host_block())  # fmt: skip

    done = call(two, "-J", f"{one.user}@127.0.0.1:{one.port}", "two", "echo there", config=file)

    assert done.stdout == b"there\n", done.stderr
    assert "Accepted publickey" in one.log


def test_jump_hosts_in_a_circle_are_said(three: list[SshServer], tmp_path: Path) -> None:
    one, two, _ = three
    file = config(tmp_path, one.host_block("ProxyJump two"), two.host_block("ProxyJump one"))

    done = call(one, "one", "true", config=file)

    assert done.returncode == 255
    assert b"circle" in done.stderr


def test_a_jump_host_that_does_not_lead_there_is_named(three: list[SshServer], tmp_path: Path) -> None:
    one, two, _ = three
    file = config(tmp_path, one.host_block(), two.host_block(f"Port {free_port()}", "ProxyJump one"))

    done = call(two, "two", "true", config=file)

    assert done.returncode == 255
    assert b"jump host" in done.stderr and b"refused" in done.stderr.lower()


def test_a_changed_key_of_a_jump_host_is_a_full_stop(three: list[SshServer], tmp_path: Path) -> None:
    one, two, _ = three
    one.known_hosts.write_text(f"[127.0.0.1]:{one.port} {two.host_key}\n")
    file = config(tmp_path, one.host_block(), two.host_block("ProxyJump one"))

    done = call(two, "two", "true", config=file)

    assert done.returncode == 255
    assert b"CHANGED" in done.stderr
    assert "Accepted" not in one.log + two.log


def test_what_a_jump_host_needs_and_we_lack_is_said(three: list[SshServer], tmp_path: Path) -> None:
    one, two, _ = three
    file = config(tmp_path, one.host_block("Tunnel yes"), two.host_block("ProxyJump one"))

    done = call(two, "two", "true", config=file)

    assert done.returncode == 255
    assert b"jump host one" in done.stderr and b"tunnel" in done.stderr


def test_a_proxy_command_is_the_shells(shared_sshd: SshServer) -> None:
    proxy = f"{sys.executable} {Path(__file__).with_name('netcat.py')} %h $((%p + 0))"

    done = call(shared_sshd, f"-oProxyCommand={proxy}", "web-1", "echo in; cat", data=b"y" * 500_000)

    assert done.stdout == b"in\n" + b"y" * 500_000
    assert b"by the way" in done.stderr


def test_a_proxy_that_dies_is_noticed_at_once(shared_sshd: SshServer) -> None:
    begun = time.monotonic()

    done = call(shared_sshd, "-oProxyCommand=echo no way >&2; exit 3", "web-1", "true")

    assert done.returncode == 255
    assert b"no way" in done.stderr and b"proxy" in done.stderr
    assert time.monotonic() - begun < 8


def test_the_next_address_is_tried_when_one_does_not_answer(shared_sshd: SshServer) -> None:
    """The server listens on 127.0.0.1 alone, and localhost may be ::1 first."""
    done = call(
        shared_sshd, "-oHostName=localhost", "-oHostKeyAlias=127.0.0.1", "-oStrictHostKeyChecking=accept-new",
        "-oUserKnownHostsFile=/dev/null", "web-1", "echo in",
    )  # fmt: skip

    assert done.stdout == b"in\n", done.stderr


def test_an_address_family_that_the_host_lacks_is_said(shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "-6", "web-1", "true")

    assert done.returncode == 255
    assert b"Traceback" not in done.stderr


def test_the_address_here_is_the_one_that_is_asked_for(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "-b", "127.0.0.9", "web-1", "echo $SSH_CLIENT").stdout.startswith(b"127.0.0.9 ")


def test_a_server_that_says_nothing_is_given_up_after_the_time_out(shared_sshd: SshServer) -> None:
    with _listener(lambda stream: stream.recv(1 << 16) and stream.recv(1 << 16)) as port:
        begun = time.monotonic()
        done = call(shared_sshd, "-p", str(port), "-oConnectTimeout=1", "web-1", "true")

    assert done.returncode == 255
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.0 400 Bad\r\n\r\n", b"SSH-1.5-old\r\n", b"SSH-2.0-x\r\n\0\0\0\1", b"\xff" * 600]
)
def test_what_is_no_ssh_server_is_told_in_a_sentence(shared_sshd: SshServer, said: bytes) -> None:
    with _listener(lambda stream: stream.sendall(said)) as port:
        done = call(shared_sshd, "-p", str(port), "-oConnectTimeout=5", "web-1", "true")

    assert done.returncode == 255
    assert b"does not speak SSH" in done.stderr or b"nothing in common" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_closed_port_is_told_in_a_sentence(shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "-p", str(free_port()), "web-1", "true")

    assert done.returncode == 255
    assert b"refused" in done.stderr and b"Is the host up" in done.stderr


def test_a_server_that_stops_answering_is_noticed(sshd: SshServer) -> None:
    """A relay in between swallows everything from a moment on, as a cut cable does."""
    with _cable(sshd.port) as (port, cut):
        sshd.known_hosts.write_text(f"* {sshd.host_key}\n")
        begun = time.monotonic()
        threading.Timer(1.5, cut.set).start()
        done = call(
            sshd, "-p", str(port), "-oServerAliveInterval=1", "-oServerAliveCountMax=2", "web-1", "sleep 60"
        )

    assert done.returncode == 255
    assert b"not responding" in done.stderr
    assert time.monotonic() - begun < 15


def test_a_quiet_server_that_answers_is_left_in_peace(shared_sshd: SshServer) -> None:
    done = call(
        shared_sshd, "-oServerAliveInterval=1", "-oServerAliveCountMax=1", "web-1", "sleep 3.5; echo here"
    )

    assert done.stdout == b"here\n", done.stderr


@contextmanager
def _listener(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            stream, _ = listener.accept()
            with stream:
                serve(stream)

        threading.Thread(target=run, daemon=True).start()
        yield int(listener.getsockname()[1])


@contextmanager
def _cable(to: int) -> Iterator[tuple[int, threading.Event]]:
    cut = threading.Event()
    kept: list[socket.socket] = []

    def carry(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(1 << 16):
            if not cut.is_set():
                target.sendall(data)

    def serve(listener: socket.socket) -> None:
        near, _ = listener.accept()
        far = socket.create_connection(("127.0.0.1", to))
        kept.extend((near, far))
        threading.Thread(target=carry, args=(near, far), daemon=True).start()
        threading.Thread(target=carry, args=(far, near), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield int(listener.getsockname()[1]), cut
    for stream in kept:
        stream.close()
