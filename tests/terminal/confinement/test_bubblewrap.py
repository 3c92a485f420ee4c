"""The fallback without Landlock: the same promises, held by bubblewrap where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safeshell.frozen import replace
from safeshell.terminal.confinement import bubblewrap, seatbelt
from safeshell.terminal.confinement.capabilities import administers, kept_names, permitted
from safeshell.terminal.confinement.confine import prepare
from safeshell.terminal.confinement.failure import ConfinementFailed
from safeshell.terminal.confinement.hold import Holder
from safeshell.terminal.confinement.landlock import Landlock
from safeshell.terminal.confinement.means import Means, available
from tests.terminal.confinement.place import NOBODY, Place, in_child

assert tempfile, subprocess  # they can't be read any more by an ordinary user


def without_landlock() -> Means:
    """What this machine would have on an older kernel."""
    program = os.environ.get("SAFESHELL_TEST_BWRAP") or shutil.which("bwrap")
    return replace(available(), landlock=Landlock(), bubblewrap=Path(program) if program else None)


needs_bubblewrap = pytest.mark.skipif(
    without_landlock().strongest is not Holder.BUBBLEWRAP,
    reason="bubblewrap is not installed, or not allowed",
)


def run(place: Place, line: str, **options: Any) -> list[Any]:
    """Status, output and errors of a line that a shell runs in bubblewrap, as the place's user."""
    means = without_landlock()

    def confined() -> list[object]:
        prepared = prepare(place.scratch, means=means, **options)
        assert prepared.hold.by is Holder.BUBBLEWRAP
        done = subprocess.run(
            prepared.command(["/bin/bash", "-c", line]),
            preexec_fn=prepared.apply,
            close_fds=False,
            env=place.environ(prepared),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
            check=False,
        )
        return [done.returncode, done.stdout, done.stderr]

    return list(in_child(lambda: (place.become(), os.chdir(place.outside)), confined))


@needs_bubblewrap
def test_nothing_outside_is_changed(place: Place) -> None:
    before = place.state()

    lines = [
        "rm -f file", "> file", "> new", "mv file moved", "mkdir made", "chmod 777 file", "touch -d yesterday file",
        "ln file linked", "setfattr -n user.a -v b file", "chown $(id -u) file", "mount -t tmpfs none .",
        "echo x > /proc/sys/kernel/hostname", "> /dev/shm/probe", "mv file $TMPDIR/", "chattr +d file",
        "unshare -Ur mount -t tmpfs none . && unshare -Urm mount -o remount,rw /",
    ]  # fmt: skip
    came_through = [line for line in lines if run(place, line)[0] == 0]

    assert not came_through
    assert place.state() == before


@needs_bubblewrap
def test_looking_and_the_scratch_folder_work(place: Place) -> None:
    for line in (
        "cat file && ls / /dev && ps ax && id",
        "echo a > $TMPDIR/f && cat $TMPDIR/f && rm $TMPDIR/f",
        "echo > /dev/null; cat <<X\nhere\nX",
        "cat < /dev/fd/0 > /dev/stdout",
    ):
        status, _, errors = run(place, line)
        assert (status, errors) == (0, ""), line


@needs_bubblewrap
def test_root_gives_up_what_administers(place: Place) -> None:
    _, output, _ = run(place, "cat /proc/self/status")

    assert "NoNewPrivs:\t1" in output
    assert not administers(permitted(output))
    assert bool(permitted(output)) == (place.uid == 0)


@needs_bubblewrap
def test_a_closed_network_is_closed(place: Place) -> None:
    status, _, errors = run(place, "exec 3<>/dev/tcp/127.0.0.1/9", network=False)

    assert status != 0
    assert "Permission denied" in errors


def test_a_bubblewrap_that_does_not_hold_starts_no_session(place: Place) -> None:
    means = replace(without_landlock(), bubblewrap=Path("/usr/bin/env"), user_namespaces=True)

    with pytest.raises(ConfinementFailed, match="does not hold here"):
        prepare_as(place, lambda: prepare(place.scratch, means=means))


def prepare_as(place: Place, act: Callable[[], object]) -> None:
    former = os.geteuid()
    os.seteuid(place.uid)
    try:
        act()
    finally:
        os.seteuid(former)


def test_the_devices_that_are_written_to_come_back_after_the_root_is_closed() -> None:
    words = bubblewrap.bwrap_prefix(
        Path("/usr/bin/bwrap"), [Path("/s")], network=False, filter_descriptor=63, held=0
    )

    assert words[:4] == ["/usr/bin/bwrap", "--ro-bind", "/", "/"]
    assert words.index("/dev/null") < words.index("--remount-ro") < words.index("/s")
    assert words[-4:] == ["--unshare-net", "--seccomp", "63", "--"]


def test_bubblewrap_is_asked_to_keep_only_what_is_held() -> None:
    assert kept_names(1 << 13 | 1 << 7 | 1 << 21) == ("CAP_NET_RAW",)
    assert kept_names(0) == ()
    assert administers(1 << 21)


def test_the_profile_for_macos_denies_writing_before_it_allows_a_few_places() -> None:
    profile = seatbelt.seatbelt_profile(
        [Path("/private/tmp/scratch"), Path('/Users/a/x"y\\z')], network=False, unix_sockets=True
    )

    lines = profile.splitlines()
    assert lines[:3] == ["(version 1)", "(allow default)", "(deny file-write*)"]
    assert '(allow file-write* (subpath "/private/tmp/scratch"))' in lines
    assert r'(allow file-write* (subpath "/Users/a/x\"y\\z"))' in lines
    assert lines.index("(deny network*)") < lines.index(
        "(allow network* (local unix-socket) (remote unix-socket))"
    )
    assert profile.count("(") == profile.count(")")


def test_macos_runs_a_command_behind_sandbox_exec(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, means=Means(seatbelt=Path("/usr/bin/sandbox-exec")))

    words = prepared.command(["zsh", "-i"])

    assert words[:2] == ["/usr/bin/sandbox-exec", "-p"]
    assert f'(subpath "{tmp_path.resolve()}")' in words[2]
    assert words[3:] == ["zsh", "-i"]


def test_no_other_process_is_a_way_out(place: Place) -> None:
    outside = place.outside / "file"
    before = outside.read_bytes()

    run(place, f"echo x >/proc/{os.getpid()}/root{outside}")
    run(place, f"setpriv --reuid={NOBODY} --clear-groups sh -c 'echo x >/proc/{os.getpid()}/root{outside}'")

    assert outside.read_bytes() == before
