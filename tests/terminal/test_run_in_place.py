"""A program that is run in another's place: its end, its signals and its streams are its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from safeshell.terminal.run_in_place import end_alike, run_in_place
from tests.person import ROOT

_SCRIPT = """\
import os
from safeshell.terminal.run_in_place import end_alike, run_in_place
raise SystemExit(end_alike(run_in_place(["sh", "-c", {line!r}], program="/bin/sh", environ=os.environ)))
"""


def process(line: str, before: str = "") -> subprocess.Popen[bytes]:
    """A process in whose place a line runs."""
    return subprocess.Popen(
        [sys.executable, "-c", before + _SCRIPT.format(line=line)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_status_and_streams_are_the_programs() -> None:
    one = process("cat; exit 7")

    assert one.communicate(b"through", timeout=30) == (b"through", None)
    assert one.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGSEGV])
def test_it_ends_by_the_signal_that_ended_the_program(number: signal.Signals) -> None:
    one = process(f"kill -{number.value} $$")
    one.communicate(timeout=30)

    assert one.returncode == -number


def test_what_would_end_it_ends_the_program() -> None:
    one = process("trap 'echo told; exit 5' TERM; echo ready; read line; exit 1")
    assert one.stdout and one.stdout.readline() == b"ready\n"

    one.send_signal(signal.SIGTERM)

    assert one.stdout.readline() == b"told\n"
    assert one.wait(30) == 5
    assert one.stdin
    one.stdin.close()
    one.stdout.close()


@pytest.mark.parametrize("ignored", [True, False])
def test_the_keyboards_signals_are_heeded_as_they_were(ignored: bool) -> None:
    before = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" if ignored else ""
    one = process("kill -INT $$; echo alive", before)

    assert one.communicate(timeout=30)[0] == (b"alive\n" if ignored else b"")


def test_a_plain_status_ends_nothing() -> None:
    assert end_alike(3) == 3
    with pytest.raises(OSError, match="/nowhere"):
        run_in_place(["x"], program="/nowhere", environ={})
