"""Ports that lead through the connection, and the second way into it."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from safeshell.ssh.client.forwards import Forward, read_forward
from tests.ssh.client.calls import call, running
from tests.ssh.sshd import SshServer, free_port

DEADLINE = 20.0


@pytest.mark.parametrize(
    ("text", "forward"),
    [
        ("8080 [db]:80", Forward(None, 8080, "db", 80)),
        ("[*]:81 [::1]:80", Forward("*", 81, "::1", 80)),
        ("[localhost]:1081", Forward("localhost", 1081)),
        ("1080", Forward(None, 1080)),
        ("9000 [socks]:0", Forward(None, 9000)),
        ("[]:9000 [a]:1", Forward("", 9000, "a", 1)),
        ("/run/x [db]:80", None),
        ("90 /run/x", None),
    ],
)
def test_forwards_are_read_in_the_words_of_ssh(text: str, forward: Forward | None) -> None:
    assert read_forward(text) == forward


def test_a_local_port_leads_there(shared_sshd: SshServer) -> None:
    port = free_port()
    with _echo() as target, _forwarding(shared_sshd, "-L", f"{port}:127.0.0.1:{target}"):
        assert _ask(_reach(port), b"hello" * 100_000) == b"hello" * 100_000


def test_many_connections_of_a_forward_do_not_mix(shared_sshd: SshServer) -> None:
    port = free_port()
    with _echo() as target, _forwarding(shared_sshd, "-L", f"{port}:127.0.0.1:{target}"):
        found: dict[int, bytes] = {}

        def ask(number: int) -> None:
            found[number] = _ask(_reach(port), bytes([number]) * 200_000)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)

    assert found == {number: bytes([number]) * 200_000 for number in range(12)}


def test_a_session_goes_on_beside_a_forward_that_fails(shared_sshd: SshServer) -> None:
    port, nobody = free_port(), free_port()
    with running(shared_sshd, "-L", f"{port}:127.0.0.1:{nobody}", "web-1", "echo on; cat") as process:
        assert process.stdout and process.stdin and process.stderr
        assert process.stdout.readline() == b"on\n"
        assert _ask(_reach(port), b"x") == b""
        process.stdin.write(b"still\n")
        process.stdin.close()
        assert process.stdout.read() == b"still\n"
        assert b"refused" in process.stderr.read()
        process.stdin = None


def test_a_remote_port_leads_here(shared_sshd: SshServer) -> None:
    port = free_port()
    with _echo() as target, _forwarding(shared_sshd, "-R", f"{port}:127.0.0.1:{target}"):
        assert _ask(_reach(port), b"hello" * 50_000) == b"hello" * 50_000


def test_a_remote_port_may_be_the_servers_choice(shared_sshd: SshServer) -> None:
    with (
        _echo() as target,
        running(shared_sshd, "-R", f"0:127.0.0.1:{target}", "web-1", "cat") as process,
    ):
        assert process.stderr
        told = process.stderr.readline().split()
        assert told[:2] == [b"Allocated", b"port"]
        assert _ask(_reach(int(told[2])), b"hi") == b"hi"


def test_socks_5_leads_where_the_caller_says(shared_sshd: SshServer) -> None:
    port = free_port()
    with _echo() as target, _forwarding(shared_sshd, "-D", str(port)):
        stream = _reach(port)
        stream.sendall(b"\5\1\0")
        assert stream.recv(2) == b"\5\0"
        stream.sendall(b"\5\1\0\3\x09127.0.0.1" + struct.pack(">H", target))
        assert _exactly(stream, 10)[:2] == b"\5\0"
        assert _ask(stream, b"through") == b"through"


def test_socks_4a_leads_where_the_caller_says_and_says_when_it_can_not(shared_sshd: SshServer) -> None:
    port, nobody = free_port(), free_port()
    with _echo() as target, _forwarding(shared_sshd, "-D", f"127.0.0.1:{port}"):
        for to, reply in ((target, 0x5A), (nobody, 0x5B)):
            stream = _reach(port)
            stream.sendall(b"\4\1" + struct.pack(">H", to) + b"\0\0\0\1me\0localhost\0")
            assert _exactly(stream, 8)[1] == reply
            if to == target:
                assert _ask(stream, b"through") == b"through"
            stream.close()


def test_socks_on_the_far_side_leads_from_here(shared_sshd: SshServer) -> None:
    port = free_port()
    with _echo() as target, _forwarding(shared_sshd, "-R", str(port)):
        stream = _reach(port)
        stream.sendall(b"\4\1" + struct.pack(">H", target) + socket.inet_aton("127.0.0.1") + b"me\0")
        assert _exactly(stream, 8)[1] == 0x5A
        assert _ask(stream, b"back") == b"back"


def test_a_port_that_is_taken_is_said_and_may_be_the_end(shared_sshd: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = call(shared_sshd, "-L", f"127.0.0.1:{port}:x:1", "web-1", "echo went on")
        ended = call(
            shared_sshd, "-oExitOnForwardFailure=yes", "-L", f"127.0.0.1:{port}:x:1", "web-1", "echo on"
        )

    assert (told.returncode, told.stdout) == (0, b"went on\n")
    assert b"in use" in told.stderr
    assert (ended.returncode, ended.stdout) == (255, b"")


def test_a_remote_port_that_is_refused_is_said(tmp_path: Path) -> None:
    with SshServer(tmp_path / "server", lines=["AllowTcpForwarding no"]) as server:
        done = call(server, "-R", f"{free_port()}:x:1", "web-1", "echo went on")

    assert done.stdout == b"went on\n"
    assert b"remote port forwarding failed" in done.stderr


def test_w_is_a_stream_to_a_host_and_port(shared_sshd: SshServer) -> None:
    with _echo() as target:
        done = call(shared_sshd, "-W", f"127.0.0.1:{target}", "web-1", data=b"over there" * 100_000)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"over there" * 100_000


def test_w_to_nobody_says_so(shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "-W", f"127.0.0.1:{free_port()}", "web-1")

    assert done.returncode == 255
    assert b"stdio forwarding failed" in done.stderr and b"refused" in done.stderr


def test_ssh_itself_can_go_through_our_w(shared_sshd: SshServer, tmp_path: Path) -> None:
    """As a ProxyCommand of the system's ssh, which other tools write."""
    from tests.ssh.client.calls import ROOT, argv, environ

    proxy = " ".join(argv("-F", str(shared_sshd.client_config), "-W", "%h:%p", "web-1"))
    done = subprocess.run(
        ["ssh", "-F", str(shared_sshd.client_config), f"-oProxyCommand={proxy}", "web-1", "echo in"],
        capture_output=True, cwd=ROOT, env=environ(shared_sshd), stdin=subprocess.DEVNULL, timeout=30, check=False,
    )  # fmt: skip

    assert done.stdout == b"in\n", done.stderr


def test_further_commands_come_in_by_the_side_door(shared_sshd: SshServer, tmp_path: Path) -> None:
    door = tmp_path / "door"
    with running(shared_sshd, "web-1", "echo on; cat", TEST_SIDE_DOOR=str(door)) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == b"on\n"
        assert door.stat().st_mode & 0o077 == 0
        assert _through(door, "echo aside; echo lost >&2") == b"aside\n"
        assert _through(door, "tr a-z A-Z; exit 3", b"shout" * 100_000) == b"SHOUT" * 100_000
        assert _through(door, "") == b""
        process.stdin.write(b"still here\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"still here\n"
        assert shared_sshd.log.count("Accepted") >= 1
        process.stdin.close()
        process.stdin = None
        assert process.wait(DEADLINE) == 0
    assert not door.exists()


def test_the_side_door_takes_no_nonsense(shared_sshd: SshServer, tmp_path: Path) -> None:
    door = tmp_path / "door"
    with running(shared_sshd, "web-1", "echo on; cat", TEST_SIDE_DOOR=str(door)) as process:
        assert process.stdout
        process.stdout.readline()
        for line in (b"no json\n", b"[]\n", b'{"command": 3}\n', b"x" * 300_000 + b"\n"):
            with contextlib.closing(_door(door)) as stream, contextlib.suppress(OSError):
                stream.sendall(line)
                assert stream.recv(10) == b""
        assert _through(door, "echo fine") == b"fine\n"


@contextmanager
def _forwarding(server: SshServer, *words: str) -> Iterator[None]:
    with running(server, "-N", *words, "web-1") as process:
        listening = int(words[1].split(":")[-3 if words[0] != "-D" and ":" in words[1] else -1])
        give_up_at = time.monotonic() + DEADLINE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", listening), 1):
                break
            assert process.poll() is None and time.monotonic() < give_up_at
            time.sleep(0.05)
        yield


@contextmanager
def _echo() -> Iterator[int]:
    def answer(stream: socket.socket) -> None:
        with stream, contextlib.suppress(OSError):
            while data := stream.recv(1 << 16):
                stream.sendall(data)

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield int(listener.getsockname()[1])


def _reach(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), DEADLINE)


def _door(path: Path) -> socket.socket:
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.settimeout(DEADLINE)
    stream.connect(str(path))
    return stream


def _through(path: Path, command: str, data: bytes = b"") -> bytes:
    stream = _door(path)
    stream.sendall(json.dumps({"command": command}).encode() + b"\n")
    return _ask(stream, data)


def _ask(stream: socket.socket, data: bytes) -> bytes:
    """Send all, end, and read all."""
    found = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):
            while more := stream.recv(1 << 16):
                found.extend(more)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    with contextlib.suppress(OSError):
        stream.sendall(data)
        stream.shutdown(socket.SHUT_WR)
    reader.join(DEADLINE)
    stream.close()
    return bytes(found)


def _exactly(stream: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = stream.recv(count - len(found))
        assert more
        found += more
    return found
