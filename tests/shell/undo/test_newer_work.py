"""Undo never overwrites newer work without being told, and names every file that it left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safeshell.guard.interfaces import Outcome, OutcomeKind
from tests.shell.undo.machine import Machine, tree


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    (machine.work / "f").write_text("former")
    (machine.work / "folder").mkdir()
    (machine.work / "folder" / "one").write_text("1")
    (machine.work / "folder" / "two").write_text("2")
    return machine


def test_what_was_written_since_is_left_alone_and_named(machine: Machine) -> None:
    undo_id = machine.run("rm f")
    (machine.work / "f").write_text("newer work")

    report = machine.undo(undo_id)

    assert (machine.work / "f").read_text() == "newer work"
    assert report.conflicts == (os.fsencode(machine.work / "f"),)
    assert any("left alone" in line and "has come back since" in line for line in report.lines())
    assert machine.load(undo_id).restored is None


def test_what_the_line_itself_left_is_no_newer_work(machine: Machine) -> None:
    undo_id = machine.run("echo the line > f")

    assert machine.undo(undo_id).complete
    assert (machine.work / "f").read_text() == "former"


def test_work_on_what_the_line_left_is_newer_work(machine: Machine) -> None:
    undo_id = machine.run("echo the line > f")
    with (machine.work / "f").open("a") as file:
        file.write("and a person\n")

    report = machine.undo(undo_id)

    assert (machine.work / "f").read_text() == "the line\nand a person\n"
    assert [os.fsdecode(path) for path in report.conflicts] == [str(machine.work / "f")]


def test_newer_work_is_kept_before_it_is_overwritten_so_that_undo_can_be_undone(machine: Machine) -> None:
    undo_id = machine.run("rm f")
    (machine.work / "f").write_text("newer work")

    report = machine.undo(undo_id, overwrite=True)
    assert (machine.work / "f").read_text() == "former"
    assert report.kept_as

    back = machine.undo(report.kept_as)
    assert back.complete
    assert (machine.work / "f").read_text() == "newer work"


def test_newer_work_that_cannot_be_kept_is_not_overwritten(machine: Machine) -> None:
    from safeshell.errors import GuardFailure
    from safeshell.shell.undo.gathering import Limits
    from safeshell.shell.undo.keeper import FileKeeper
    from safeshell.shell.undo.restore import FileRestorer

    undo_id = machine.run("rm f")
    (machine.work / "f").write_text("newer work " * 100)
    small = FileKeeper(machine.store, session="s", target="t", limits=Limits(copied=10))

    with pytest.raises(GuardFailure, match="nothing was changed"):
        FileRestorer(machine.store, small).restore(machine.load(undo_id), overwrite=True)
    assert (machine.work / "f").read_text() == "newer work " * 100


def test_the_rest_of_a_tree_comes_back_around_newer_work(machine: Machine) -> None:
    undo_id = machine.run("rm -rf folder")
    (machine.work / "folder").mkdir()
    (machine.work / "folder" / "one").write_text("fresh")
    (machine.work / "folder" / "three").write_text("3")

    report = machine.undo(undo_id)

    assert (machine.work / "folder" / "one").read_text() == "fresh"
    assert (machine.work / "folder" / "two").read_text() == "2"
    assert (machine.work / "folder" / "three").read_text() == "3"
    assert [Path(os.fsdecode(path)).name for path in report.conflicts] == ["one"]


def test_what_has_come_back_with_the_same_contents_is_no_conflict(machine: Machine) -> None:
    undo_id = machine.run("rm f")
    (machine.work / "f").write_text("former")

    report = machine.undo(undo_id)

    assert report.complete
    assert report.plan.unchanged == 1


def test_a_folder_in_place_of_a_file_is_never_removed(machine: Machine) -> None:
    undo_id = machine.run("rm f")
    (machine.work / "f").mkdir()
    (machine.work / "f" / "precious").write_text("!")

    report = machine.undo(undo_id, overwrite=True)

    assert (machine.work / "f" / "precious").read_text() == "!"
    assert not report.complete
    assert "move it away first" in " ".join(report.lines())


def test_nothing_is_put_through_a_link_that_took_a_folders_place(machine: Machine, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    undo_id = machine.run("rm -rf folder")
    (machine.work / "folder").symlink_to(outside)

    report = machine.undo(undo_id, overwrite=True)

    assert list(outside.iterdir()) == []
    assert not report.complete


def test_permissions_given_since_are_newer_work(machine: Machine) -> None:
    (machine.work / "f").chmod(0o644)
    undo_id = machine.run("chmod 600 f")
    (machine.work / "f").chmod(0o640)

    report = machine.undo(undo_id)

    assert (machine.work / "f").stat().st_mode & 0o777 == 0o640
    assert len(report.conflicts) == 1


def test_what_was_moved_and_changed_since_moves_back_with_its_changes(machine: Machine) -> None:
    undo_id = machine.run("mv folder elsewhere")
    (machine.work / "elsewhere" / "three").write_text("3")

    assert machine.undo(undo_id).complete
    assert sorted(os.listdir(machine.work / "folder")) == ["one", "three", "two"]
    assert not (machine.work / "elsewhere").exists()


def test_a_move_is_not_taken_back_over_something_new(machine: Machine) -> None:
    undo_id = machine.run("mv f g")
    (machine.work / "f").write_text("new")

    report = machine.undo(undo_id)

    assert (machine.work / "f").read_text() == "new"
    assert (machine.work / "g").read_text() == "former"
    assert len(report.conflicts) == 1


def test_a_dry_run_tells_and_changes_nothing(machine: Machine) -> None:
    undo_id = machine.run("rm -rf folder f")
    before = tree(machine.work)

    report = machine.restorer.restore(machine.load(undo_id), dry_run=True)

    assert tree(machine.work) == before
    lines = report.lines()
    assert any(line.startswith("put back") and "folder with 2 things below it" in line for line in lines)
    assert lines[-1] == "Nothing was changed."


def test_what_is_put_back_once_is_not_put_back_again(machine: Machine) -> None:
    undo_id = machine.run("rm f")
    machine.undo(undo_id)
    (machine.work / "f").write_text("changed after it was put back")

    report = machine.undo(undo_id)

    assert machine.load(undo_id).restored is not None
    assert (machine.work / "f").read_text() == "changed after it was put back"
    assert not report.complete


def test_what_is_put_back_has_no_hidden_further_name(machine: Machine) -> None:
    undo_id = machine.run("rm f")
    machine.undo(undo_id)

    assert (machine.work / "f").stat().st_nlink == 1


def test_a_line_run_by_somebody_else_is_settled_when_it_has_ended(machine: Machine) -> None:
    """The wrapped shell keeps first, runs the line itself, and says afterwards that it is done."""
    reading = machine.read("echo line > f")
    undo_id = machine.keeper.run_kept(
        reading, lambda: Outcome(OutcomeKind.DONE)
    ).undo_id or machine.keeper.keep(reading)
    if not undo_id:  # a line of so little weight is only kept when it was asked about
        machine.asked("echo line > f")
        undo_id = machine.keeper.run_kept(reading, lambda: Outcome(OutcomeKind.DONE)).undo_id
    (machine.work / "f").write_text("line\n")

    before = machine.restorer.plan(machine.load(undo_id))
    machine.keeper.settle(undo_id)
    after = machine.restorer.plan(machine.load(undo_id))

    assert before.conflicts, "as long as nobody has noted how the line left it, it counts as newer work"
    assert not after.conflicts


def test_survivors_of_a_choosing_command_are_left_as_they_are_now(machine: Machine) -> None:
    undo_id = machine.run("find folder -name one -delete")
    (machine.work / "folder" / "two").write_text("later work")

    assert machine.undo(undo_id).complete
    assert (machine.work / "folder" / "one").read_text() == "1"
    assert (machine.work / "folder" / "two").read_text() == "later work"


def test_a_file_that_appears_while_it_is_put_back_is_not_overwritten(machine: Machine) -> None:
    from safeshell.shell.undo.restore import _Worker

    undo_id = machine.run("rm f")
    entry = machine.load(undo_id)
    plan = machine.restorer.plan(entry)
    (machine.work / "f").write_text("just now")

    worker = _Worker(machine.store, entry)
    worker.carry_out(plan.steps)

    assert (machine.work / "f").read_text() == "just now"
    assert worker.failed
    assert sorted(os.listdir(machine.work)) == ["f", "folder"]


def test_nothing_is_put_through_a_link_that_took_the_place_of_a_folder_above(
    machine: Machine, tmp_path: Path
) -> None:
    undo_id = machine.run("rm folder/one")
    (machine.work / "folder").rename(tmp_path / "moved-away")
    (tmp_path / "outside").mkdir()
    (machine.work / "folder").symlink_to(tmp_path / "outside")

    report = machine.undo(undo_id)

    assert list((tmp_path / "outside").iterdir()) == []
    assert any("through a link" in line for line in report.lines())


def test_a_folder_that_is_gone_is_made_again_and_that_is_said(machine: Machine) -> None:
    undo_id = machine.run("rm folder/one")
    for name in os.listdir(machine.work / "folder"):
        (machine.work / "folder" / name).unlink()
    (machine.work / "folder").rmdir()

    report = machine.undo(undo_id)

    assert (machine.work / "folder" / "one").read_text() == "1"
    assert any("it is there again, with usual permissions" in line for line in report.lines())


def test_the_kernels_own_files_are_never_kept(machine: Machine) -> None:
    machine.asked("echo 0 > /proc/self/oom_score_adj")

    assert machine.keeper.keep(machine.read("echo 0 > /proc/self/oom_score_adj")) == ""
    assert machine.told == []


def test_a_file_that_was_written_to_after_it_was_removed_comes_back_as_it_was_left(machine: Machine) -> None:
    with (machine.work / "f").open("a") as log:
        undo_id = machine.run("rm f")
        log.write(" and more")

    report = machine.undo(undo_id)

    assert (machine.work / "f").read_text() == "former and more"
    assert any("written to once more" in line for line in report.lines())
