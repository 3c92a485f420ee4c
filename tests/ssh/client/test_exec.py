"""`ssh host command`: status, streams and variables as ssh has them, against a real sshd."""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

from tests.ssh.client.calls import ROOT, argv, call, environ, running
from tests.ssh.sshd import SshServer


@pytest.mark.parametrize("status", [0, 1, 7, 255])
def test_the_remote_status_is_the_status(shared_sshd: SshServer, status: int) -> None:
    assert call(shared_sshd, "web-1", f"exit {status}").returncode == status


def test_a_command_that_a_signal_ended_gives_255(shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "-v", "web-1", "kill -TERM $$")

    assert done.returncode == 255
    assert b"SIGTERM" in done.stderr


def test_stdout_and_stderr_stay_apart(shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "web-1", "echo out; echo err >&2")

    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")


def test_the_end_of_stdin_is_passed_on(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "web-1", "cat; echo end", data=b"abc\n").stdout == b"abc\nend\n"


def test_stdin_may_end_long_before_the_command(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "web-1", "cat > /dev/null; sleep 0.3; echo late").stdout == b"late\n"


def test_fifty_megabytes_go_both_ways_without_a_changed_byte(shared_sshd: SshServer) -> None:
    data = os.urandom(50 << 20)

    done = call(shared_sshd, "web-1", "cat", data=data)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == data


@pytest.mark.parametrize("limit", ["512K", "default 1"])
def test_keys_are_changed_in_the_middle_of_traffic(shared_sshd: SshServer, limit: str) -> None:
    data = os.urandom(24 << 20)
    slow = "pv -q -L 12M 2>/dev/null || cat"

    done = call(shared_sshd, "-o", f"RekeyLimit={limit}", "web-1", slow if " " in limit else "cat", data=data)

    assert done.returncode == 0, done.stderr
    assert done.stdout == data


def test_the_server_may_change_keys_too(tmp_path: Path) -> None:
    data = os.urandom(24 << 20)
    with SshServer(tmp_path / "server", lines=["RekeyLimit 512K"]) as server:
        done = call(server, "web-1", "cat", data=data)

    assert done.returncode == 0, done.stderr
    assert done.stdout == data


@pytest.mark.parametrize(
    "options",
    [
        ["-C"],
        ["-c", "aes256-ctr", "-m", "hmac-sha2-512"],
        ["-c", "aes192-ctr", "-m", "hmac-sha2-256-etm@openssh.com"],
        ["-oKexAlgorithms=diffie-hellman-group14-sha256"],
        ["-oKexAlgorithms=ecdh-sha2-nistp384"],
        ["-oKexAlgorithms=curve25519-sha256"],
    ],
)
def test_what_is_asked_for_is_used(shared_sshd: SshServer, options: list[str]) -> None:
    data = bytes(range(256)) * 4000

    assert call(shared_sshd, *options, "web-1", "cat", data=data).stdout == data


def test_a_cipher_of_the_server_alone_is_no_common_one(tmp_path: Path) -> None:
    with SshServer(tmp_path / "server", lines=["Ciphers aes256-ctr"]) as server:
        done = call(server, "-c", "aes128-ctr", "web-1", "true")

    assert done.returncode == 255
    assert b"nothing in common" in done.stderr and b"Traceback" not in done.stderr


def test_a_reader_that_leaves_ends_the_writer(shared_sshd: SshServer, tmp_path: Path) -> None:
    with running(shared_sshd, "web-1", f"yes; touch {tmp_path}/ended") as process:
        assert process.stdout
        assert process.stdout.read(4) == b"y\ny\n"
        process.stdout.close()

        _until((tmp_path / "ended").exists)
        process.wait(30)
        process.stdout = None


def test_variables_are_sent_and_set(shared_sshd: SshServer) -> None:
    done = call(
        shared_sshd, "-oSendEnv=TEST_A TEST_C*", "-oSetEnv=TEST_B=two", "web-1", "echo $TEST_A $TEST_B $TEST_CC",
        TEST_A="one", TEST_CC="three",
    )  # fmt: skip

    assert done.stdout == b"one two three\n"


def test_n_reads_no_stdin(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "-n", "web-1", "cat; echo end", data=b"mine").stdout == b"end\n"


def test_a_shell_without_a_terminal_reads_its_lines_from_stdin(shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "web-1", data=b"echo $((1+1))\nexit 5\n")

    assert (done.returncode, done.stdout) == (5, b"2\n")
    assert b"stdin is not a terminal" in done.stderr


def test_q_says_nothing(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "-q", "web-1", data=b"exit 5\n").stderr == b""


def test_a_subsystem_speaks_its_protocol(shared_sshd: SshServer) -> None:
    hello = struct.pack(">IBI", 5, 1, 3)

    with running(shared_sshd, "-s", "web-1", "sftp") as process:
        assert process.stdin and process.stdout
        process.stdin.write(hello)
        process.stdin.flush()

        assert process.stdout.read(5)[4] == 2  # SSH_FXP_VERSION


def test_a_subsystem_that_is_not_there_is_said(shared_sshd: SshServer) -> None:
    done = call(shared_sshd, "-s", "web-1", "nosuch")

    assert done.returncode == 255
    assert b"subsystem request failed" in done.stderr


def test_a_remote_command_of_the_configuration_runs(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "-oRemoteCommand=echo from config", "web-1").stdout == b"from config\n"


def test_f_leaves_once_it_is_logged_in_and_the_command_goes_on(
    shared_sshd: SshServer, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    mark_again = tmp_path / "again"

    status = subprocess.run(
        argv("-F", str(shared_sshd.client_config), "-f", "web-1",
             f"touch {mark}; while [ ! -e {mark_again} ]; do sleep 0.05; done; rm {mark}"),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environ(shared_sshd), cwd=ROOT, timeout=30, check=False,
    ).returncode  # fmt: skip

    assert status == 0
    _until(mark.exists)
    mark_again.touch()
    _until(lambda: not mark.exists())


def test_f_tells_a_refusal_with_the_status(shared_sshd: SshServer) -> None:
    done = call(
        shared_sshd, "-f", "-i", "/nonexistent/key", "-oIdentitiesOnly=yes", "-oUser=nobody", "web-1", "true"
    )

    assert done.returncode == 255


def test_a_signal_ends_the_call_with_255(shared_sshd: SshServer) -> None:
    with running(shared_sshd, "web-1", "echo on; sleep 60") as process:
        assert process.stdout
        assert process.stdout.readline() == b"on\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 255


def test_a_server_that_goes_away_is_said_with_255(sshd: SshServer) -> None:
    with running(sshd, "web-1", "echo on; sleep 60") as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"on\n"
        sshd.cut()
        assert process.wait(20) == 255
        assert b"closed by remote host" in process.stderr.read()


def test_many_at_once_do_not_mix(shared_sshd: SshServer) -> None:
    calls = [
        subprocess.Popen(
            argv("-F", str(shared_sshd.client_config), "web-1", f"head -c 300000 /dev/zero | tr '\\0' {letter}"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environ(shared_sshd), cwd=ROOT,
        )
        for letter in "abc"
    ]  # fmt: skip

    assert [one.communicate(timeout=60)[0] for one in calls] == [
        letter * 300000 for letter in (b"a", b"b", b"c")
    ]


def test_a_slow_reader_holds_the_writer_back(shared_sshd: SshServer) -> None:
    """What nobody reads is not piled up here: the far side waits."""
    with running(shared_sshd, "web-1", "head -c 200000000 /dev/zero; echo done >&2") as process:
        assert process.stdout and process.stderr
        assert process.stdout.read(10) == bytes(10)
        assert not select.select([process.stderr], [], [], 1.0)[0]
        resident = int((Path("/proc") / str(process.pid) / "statm").read_text().split()[1]) * 4096
        assert resident < 120 << 20


def _until(condition) -> None:  # type: ignore[no-untyped-def]
    give_up_at = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
