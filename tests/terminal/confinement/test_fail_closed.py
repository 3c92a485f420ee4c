"""A session that was to be confined and is not does not start; and what holds is told as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from safeshell.errors import ExitStatus
from safeshell.terminal.confinement.confine import prepare
from safeshell.terminal.confinement.failure import ConfinementFailed
from safeshell.terminal.confinement.hold import Holder
from safeshell.terminal.confinement.landlock import Landlock
from safeshell.terminal.confinement.means import Means, available
from safeshell.terminal.confinement.syscall_numbers import X86_64

NEWEST = Landlock(7, scopes_signals=True, scopes_sockets=True)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    made = tmp_path / "scratch"
    made.mkdir(mode=0o700)
    return made


def test_without_any_means_nothing_is_prepared(scratch: Path) -> None:
    with pytest.raises(ConfinementFailed, match="no means") as failed:
        prepare(scratch, means=Means())

    assert failed.value.status is ExitStatus.REFUSED


def test_an_old_landlock_without_a_filter_is_not_enough() -> None:
    assert Means(landlock=Landlock(2), machine=X86_64, seccomp=False).strongest is None
    assert Means(landlock=Landlock(2), machine=None, seccomp=True).strongest is None
    assert Means(landlock=Landlock(2), machine=X86_64, seccomp=True).strongest is Holder.LANDLOCK
    assert Means(landlock=Landlock(3)).strongest is Holder.LANDLOCK


def test_a_scratch_folder_that_is_not_there_or_not_yours_is_refused(tmp_path: Path) -> None:
    means = Means(landlock=NEWEST)
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    file = tmp_path / "file"
    file.touch()

    for path in (tmp_path / "missing", open_to_all, file):
        with pytest.raises(ConfinementFailed):
            prepare(path, means=means)


@pytest.mark.parametrize("wide", ["/", "home", "above home"])
def test_a_home_or_the_root_is_never_writable(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: str
) -> None:
    home = tmp_path / "people" / "me"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    path = {"/": Path("/"), "home": home, "above home": home.parent}[wide]

    with pytest.raises(ConfinementFailed, match="writable"):
        prepare(scratch, writable=[path])


def test_a_writable_path_that_is_missing_is_told(scratch: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfinementFailed, match="No such file"):
        prepare(scratch, writable=[tmp_path / "missing"])


def test_a_kernel_that_takes_no_rules_starts_no_program(scratch: Path) -> None:
    here = available()
    if here.strongest is not Holder.LANDLOCK:
        pytest.skip("this kernel has no Landlock")
    prepared = prepare(scratch)
    scratch.rmdir()  # between the preparation and the child

    with pytest.raises(subprocess.SubprocessError):
        subprocess.run(["/bin/true"], preexec_fn=prepared.apply, check=False)


def test_rules_that_are_taken_and_do_not_hold_start_no_program(scratch: Path) -> None:
    if available().strongest is not Holder.LANDLOCK:
        pytest.skip("this kernel has no Landlock")
    prepared = prepare(scratch, writable=[Path("/proc/self/comm").resolve().parent.parent])  # all of /proc

    with pytest.raises(subprocess.SubprocessError):
        subprocess.run(["/bin/true"], preexec_fn=prepared.apply, check=False)


def test_what_is_claimed_is_what_is_there() -> None:
    strong = Means(landlock=NEWEST, machine=X86_64, seccomp=True).hold()
    old = Means(landlock=Landlock(1), machine=X86_64, seccomp=True).hold()
    unfiltered = Means(landlock=Landlock(5), machine=None, seccomp=True).hold()
    closed = Means(landlock=NEWEST, machine=X86_64, seccomp=True).hold(network=False, unix_sockets=False)
    assert strong and old and unfiltered and closed

    assert "no process outside the session is signalled" in strong.stops
    assert any("signals" in sentence for sentence in old.leaves)
    assert any("chmod" in sentence for sentence in unfiltered.leaves)
    assert not any("permissions" in sentence for sentence in unfiltered.stops)
    assert any("network" in sentence for sentence in strong.leaves)
    assert "no connection to another machine is made" in closed.stops
    assert not any("network" in sentence for sentence in closed.leaves)
    assert strong.words.startswith("read-only by the kernel (Landlock ABI 7 and seccomp)")


def test_where_nothing_holds_it_is_said_what_would() -> None:
    nothing = Means(machine=X86_64)

    assert nothing.hold() is None
    assert "bubblewrap" in nothing.advice


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys; import safeshell.terminal.confinement.confine as c;"
        "print([name for name in ('ctypes', 'subprocess', 'tempfile', 'shutil', 'socket') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip

    assert done.stdout.strip() == "[]"
