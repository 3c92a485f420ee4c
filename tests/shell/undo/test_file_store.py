"""Entries on disk: whole or not there, readable by their owner only, gone after their time and beyond the budget."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safeshell.errors import GuardFailure
from safeshell.shell.undo.gathering import Limits
from safeshell.shell.undo.keeper import limits_of
from safeshell.shell.undo.store import FileUndoStore, NoSuchFileUndo
from tests.shell.undo.machine import Machine, tree


def test_entries_are_their_owners_alone(tmp_path: Path) -> None:
    os.umask(0o000)
    try:
        machine = Machine(tmp_path)
        (machine.work / "secret").write_text("s")
        (machine.work / "secret").chmod(0o666)
        machine.run("echo > secret")
    finally:
        os.umask(0o022)

    for path in machine.store.folder.rglob("*"):
        assert stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE(machine.store.folder.stat().st_mode) == 0o700


def test_the_list_is_newest_first_and_the_last_is_the_sessions_own(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    for name in ("a", "b"):
        (machine.work / name).write_text(name)
    first, second = machine.run("rm a"), machine.run("rm b")

    assert [entry.head.id for entry in machine.store.entries()] == [second, first]
    assert machine.store.last("s1").head.id == second
    machine.undo(second)
    assert machine.store.last().head.id == first
    with pytest.raises(NoSuchFileUndo):
        machine.store.last("another session")


def test_an_entry_is_found_by_the_first_letters_of_its_name(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (machine.work / "a").write_text("a")
    undo_id = machine.run("rm a")

    assert machine.load(undo_id[:4].upper()).head.id == undo_id
    for name in ("", "nosuch", "../../etc"):
        with pytest.raises(NoSuchFileUndo):
            machine.load(name)


def test_secrets_of_the_line_are_not_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (machine.work / "a").write_text("a")

    undo_id = machine.run("curl -u me:geheim https://h -o a")

    assert "geheim" not in machine.load(undo_id).head.line


def test_entries_end_after_their_time(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    store = FileUndoStore(tmp_path / "undo", keep_for=timedelta(days=14), clock=lambda: now)
    machine = Machine(tmp_path, store=store)
    (machine.work / "a").write_text("a")
    machine.run("rm a")

    now += timedelta(days=13)
    store.prune()
    assert len(store.entries()) == 1
    now += timedelta(days=2)
    store.prune()
    assert store.entries() == []
    assert list(store.folder.iterdir()) == []


def test_the_oldest_go_when_all_together_hold_too_much(tmp_path: Path) -> None:
    store = FileUndoStore(tmp_path / "undo", budget=250_000)
    machine = Machine(tmp_path, store=store, limits=limits_of(150_000, 250_000))
    ids = []
    for name in "abcd":
        (machine.work / name).write_bytes(os.urandom(100_000))
        ids.append(machine.run(f"rm {name}"))

    assert [entry.head.id for entry in store.entries()] == [ids[3], ids[2]]


def test_an_entry_can_be_forgotten(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (machine.work / "a").write_text("a")
    undo_id = machine.run("rm a")

    machine.store.forget(undo_id)

    assert list(machine.store.folder.iterdir()) == []


@pytest.mark.parametrize("keep", [0, 20, 200, -2, -30])
def test_a_manifest_that_was_cut_short_is_no_entry(tmp_path: Path, keep: int) -> None:
    machine = Machine(tmp_path)
    for name in "abc":
        (machine.work / name).write_text(name)
    undo_id = machine.run("rm a b c")
    manifest = machine.store.folder / undo_id / "manifest"
    manifest.write_bytes(manifest.read_bytes()[:keep])

    with pytest.raises(NoSuchFileUndo, match="can't be read"):
        machine.load(undo_id)


def test_what_is_no_entry_in_the_folder_harms_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.store.folder.mkdir(parents=True)
    (machine.store.folder / "abcdef").write_text("a file")
    (machine.store.folder / "zzzzzz").mkdir()
    (machine.store.folder / "notes.txt").write_text("mine")

    assert machine.store.entries() == []
    machine.store.prune()
    assert (machine.store.folder / "notes.txt").exists()


_KEEPING = """
    import os, signal, sys
    from pathlib import Path
    import safeshell.shell.undo.keeper as keeper
    from tests.shell.undo.machine import Machine

    machine = Machine(Path(sys.argv[1]))
    count = 0
    real = keeper.keep_by_name
    def counting(path, kept):
        global count
        count += 1
        if count == 20:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, kept)
    keeper.keep_by_name = counting
    machine.run("rm -rf folder")
"""


def test_a_guard_killed_while_keeping_leaves_the_files_alone_and_no_entry(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (machine.work / "folder").mkdir()
    for number in range(50):
        (machine.work / "folder" / f"{number}").write_text(str(number))
    before = tree(machine.work, times=True)

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_KEEPING), str(tmp_path)], check=False, cwd=Path.cwd()
    )

    assert done.returncode == -signal.SIGKILL
    partial = list(machine.store.folder.glob("*.partial"))
    assert len(partial) == 1
    assert machine.store.entries() == []
    # What the dead process had given a further name has it until somebody sweeps, which the next entry does.
    (machine.work / "other").write_text("o")
    machine.run("rm other")
    assert not partial[0].exists()
    assert tree(machine.work) == before


def test_an_entry_that_another_session_is_making_is_not_swept_away(tmp_path: Path) -> None:
    store = FileUndoStore(tmp_path / "undo")

    with store.begin(session="one", target="t", line="rm a") as writer:
        FileUndoStore(tmp_path / "undo").prune()
        undo_id = writer.commit([], held=0, left_out=())

    assert store.load(undo_id).items == ()


def test_a_line_does_not_run_when_what_was_promised_cannot_be_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (machine.work / "f").write_text("former")
    machine.asked("rm f")
    machine.store.folder.parent.mkdir()
    machine.store.folder.write_text("in the way")

    with pytest.raises(GuardFailure, match="did not run"):
        machine.run("rm f")

    assert (machine.work / "f").read_text() == "former"
    # Asked again, the person is told, and may go on without a way back.
    assert any("no way back" in fact for fact in machine.asked("rm f").facts)
    assert machine.run("rm f", ask=False) == ""
    assert not (machine.work / "f").exists()
    assert machine.told


def test_a_full_disk_is_found_before_the_question(tmp_path: Path, small_disk: Path) -> None:
    machine = Machine(tmp_path, store=FileUndoStore(small_disk / "undo"))
    (machine.work / "f").write_bytes(os.urandom(3 << 20))

    facts = machine.asked("echo > f").facts

    assert any("no way back" in fact and "no room" in fact for fact in facts), facts
    machine.run("echo > f")
    assert (machine.work / "f").read_bytes() == b"\n", "told so, the person went on"


def test_a_disk_that_fills_up_while_keeping_stops_the_line(tmp_path: Path, small_disk: Path) -> None:
    machine = Machine(tmp_path, store=FileUndoStore(small_disk / "undo"))
    (machine.work / "f").write_bytes(os.urandom(600_000))
    reading = machine.read("echo > f")
    machine.probe.measure_reading(reading, timedelta(seconds=5))
    (small_disk / "filling").write_bytes(b"x" * 800_000)

    with pytest.raises(GuardFailure, match="did not run"):
        machine.keeper.keep(reading)
    assert list((small_disk / "undo").glob("*")) == []


def test_another_file_system_means_a_copy_or_nothing(tmp_path: Path, small_disk: Path) -> None:
    machine = Machine(
        tmp_path, store=FileUndoStore(small_disk / "undo"), limits=Limits(copied=100_000, held=1 << 30)
    )
    (machine.work / "small").write_bytes(b"s" * 50_000)
    (machine.work / "large").write_bytes(b"l" * 150_000)

    undo_id = machine.run("rm small")
    assert machine.load(undo_id).items[0].way.value == "copy"
    assert machine.undo(undo_id).complete
    facts = machine.asked("rm large").facts
    assert any("no way back" in fact and "would have to be copied" in fact for fact in facts), facts


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of one megabyte."""
    import tempfile

    folder = Path(tempfile.mkdtemp())
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        folder.rmdir()
        pytest.skip("a small file system can only be mounted by the superuser")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def test_too_much_is_said_before_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path, limits=Limits(copied=1000, held=5000, files=10))
    (machine.work / "big").write_bytes(b"b" * 6000)
    (machine.work / "many").mkdir()
    for number in range(20):
        (machine.work / "many" / str(number)).touch()

    assert any("5.9 KiB, and up to 4.9 KiB is kept" in fact for fact in machine.asked("rm big").facts)
    assert any("more than 10 files" in fact for fact in machine.asked("rm -rf many").facts)
    assert any("would have to be copied" in fact for fact in machine.asked("echo > big").facts)
    assert machine.run("rm -rf big many") == ""
    assert machine.store.entries() == []


def test_a_huge_folder_is_measured_within_its_time(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    many = machine.work / "many"
    many.mkdir()
    for number in range(30_000):
        os.close(os.open(many / f"{number}", os.O_CREAT | os.O_WRONLY))

    began = time.monotonic()
    impact = machine.probe.measure_reading(machine.read("rm -rf many"), timedelta(milliseconds=60))
    took = time.monotonic() - began

    assert took < 1.0, "a budget of 60 ms"
    assert not impact.complete
    assert impact.count is None
    assert any(fact.startswith("deletes more than ") for fact in impact.facts), impact.facts


def test_many_files_are_kept_and_come_back(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    for folder in range(20):
        (machine.work / "many" / str(folder)).mkdir(parents=True)
        for number in range(100):
            (machine.work / "many" / str(folder) / str(number)).write_text(f"{folder}.{number}")
    before = tree(machine.work)

    undo_id = machine.run("rm -rf many")

    assert machine.undo(undo_id).complete
    assert tree(machine.work) == before


_UNREADABLE = """
    import os, sys
    from pathlib import Path
    import fcntl, json, secrets, shutil, subprocess
    from tests.shell.undo.machine import Machine
    machine = Machine(Path(sys.argv[1]))
    machine.asked("rm -rf .")  # what is imported late is so before the rights go
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    facts = machine.asked("rm -rf folder").facts
    assert any("theirs" in fact and "can't be read" in fact for fact in facts), facts
    undo_id = machine.run("rm -rf folder")
    assert not (machine.work / "folder").exists(), "it was all this user's to remove"
    assert any("can't be read" in reason for reason in machine.load(undo_id).head.left_out)
    report = machine.undo(undo_id)
    assert (machine.work / "folder" / "mine").read_text() == "m", report.lines()
    assert not (machine.work / "folder" / "theirs").exists()
    assert any("can't be read" in line for line in machine.restorer.plan(machine.load(undo_id)).lines())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs files of another user")
def test_files_that_may_be_removed_but_not_read_are_named_and_the_rest_is_kept() -> None:
    import shutil
    import tempfile

    base = Path(tempfile.mkdtemp(dir="/tmp"))
    folder = base / "work" / "folder"
    folder.mkdir(parents=True)
    (folder / "mine").write_text("m")
    (folder / "theirs").write_text("t")
    (folder / "theirs").chmod(0o600)
    for path in (base, base / "work", folder, folder / "mine"):
        os.chown(path, 65534, 65534)
    try:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(_UNREADABLE), str(base)],
            check=False, cwd=Path.cwd(), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    finally:
        shutil.rmtree(base)


def test_a_file_that_vanishes_while_it_is_kept_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safeshell.shell.undo import contents, keeper

    machine = Machine(tmp_path)
    for name in "abc":
        (machine.work / name).write_text(name)
    real = contents.keep_by_name

    def racing(path: bytes, kept: bytes) -> bool:
        if path.endswith(b"/b"):
            os.unlink(path)
        return real(path, kept)

    monkeypatch.setattr(keeper, "keep_by_name", racing)
    undo_id = machine.run("rm -f a b c")

    assert machine.undo(undo_id).complete
    assert sorted(os.listdir(machine.work)) == ["a", "c"]


def test_a_file_replaced_by_a_link_while_it_is_kept_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safeshell.shell.undo import contents, keeper

    machine = Machine(tmp_path)
    (machine.work / "f").write_text("f")
    (tmp_path / "secret").write_text("secret")
    real = contents.keep_apart

    def racing(path: bytes, *rest: object) -> object:
        os.unlink(path)
        os.symlink(tmp_path / "secret", path)
        return real(path, *rest)  # type: ignore[arg-type] # passed on as they come

    monkeypatch.setattr(keeper, "keep_apart", racing)
    machine.asked("echo > f")
    with pytest.raises(GuardFailure):
        machine.run("echo > f")

    assert machine.store.entries() == []


def test_undo_data_is_never_kept_in_itself(tmp_path: Path) -> None:
    machine = Machine(tmp_path, store=FileUndoStore(tmp_path / "work" / "undo"))
    (machine.work / "f").write_text("f")
    machine.run("echo > f")

    facts = machine.asked("rm -rf undo f").facts

    assert any("no way back" in fact and "undo data" in fact for fact in facts)
    assert machine.run("rm -rf undo f") == ""
