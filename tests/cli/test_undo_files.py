"""`safeshell undo` about files: listed, found by name, put back through the guard of this machine."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

import pytest

from safeshell.cli.undo_files import file_store, found, listed, put_back
from safeshell.config.settings import Settings, Target
from safeshell.errors import ExitStatus, Refused
from safeshell.journal.store import JournalStore
from tests.shell.undo.machine import Machine


class Desk:
    """A machine with a state folder, and the options of one call."""

    def __init__(self, folder: Path, environment: str) -> None:
        target = Target("laptop", environment, local=True)
        self.settings = Settings(targets={"laptop": target}, state_folder=folder / "state")
        self.store = file_store(self.settings)
        self.machine = Machine(folder, store=self.store)
        (self.machine.work / "f").write_text("former")

    def put_back(self, undo_id: str, **options: object) -> int:
        given = {
            "environment": None, "mode": None, "no_color": True, "dry_run": False, "overwrite": False,
            "yes_i_mean": None, "unlock": False, "reason": "",
        }  # fmt: skip
        entry = found(self.store, undo_id)
        assert entry is not None
        return put_back(argparse.Namespace(**{**given, **options}), self.settings, self.store, entry)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, "development")


def test_the_list_tells_what_when_and_where(desk: Desk) -> None:
    undo_id = desk.machine.run("rm f")

    [(made, line)] = listed(desk.store)

    assert made > 0
    assert line.startswith(undo_id)
    assert "1 file, " in line
    assert line.endswith("rm f")
    assert listed(desk.store, "elsewhere") == []


def test_an_entry_is_found_by_its_first_letters_or_as_the_last(desk: Desk) -> None:
    undo_id = desk.machine.run("rm f")

    for name in (undo_id, undo_id[:3], None):
        entry = found(desk.store, name)
        assert entry is not None
        assert entry.head.id == undo_id
    assert found(desk.store, "zzzzzz") is None
    assert found(desk.store, "") is None


def test_files_are_put_back_and_the_journal_says_so(
    desk: Desk, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    undo_id = desk.machine.run("rm f")

    status = desk.put_back(undo_id)

    assert status == ExitStatus.DONE
    assert (desk.machine.work / "f").read_text() == "former"
    assert "1 thing put back" in capsys.readouterr().out
    assert JournalStore(tmp_path / "state").path.exists()


def test_a_dry_run_shows_and_changes_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    undo_id = desk.machine.run("rm f")

    assert desk.put_back(undo_id, dry_run=True) == ExitStatus.DONE
    assert not (desk.machine.work / "f").exists()
    assert "Nothing was changed." in capsys.readouterr().out


def test_newer_work_is_not_overwritten_unasked(desk: Desk) -> None:
    undo_id = desk.machine.run("rm f")
    (desk.machine.work / "f").write_text("newer")

    with pytest.raises(Refused, match="newer work"):
        desk.put_back(undo_id)
    assert (desk.machine.work / "f").read_text() == "newer"

    assert desk.put_back(undo_id, overwrite=True) == ExitStatus.DONE
    assert (desk.machine.work / "f").read_text() == "former"


def test_overwriting_newer_work_is_asked_about_where_the_environment_asks(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "production")
    undo_id = desk.machine.run("rm f")
    (desk.machine.work / "f").write_text("newer")

    unlocked = {"unlock": True, "reason": "INC-7", "overwrite": True}
    assert desk.put_back(undo_id, **unlocked) == ExitStatus.REFUSED, "nobody is there to say yes"
    assert (desk.machine.work / "f").read_text() == "newer"

    assert desk.put_back(undo_id, **unlocked, yes_i_mean="laptop") == ExitStatus.DONE
    assert (desk.machine.work / "f").read_text() == "former"


def test_what_can_be_put_back_is_and_the_status_tells_of_the_rest(desk: Desk) -> None:
    (desk.machine.work / "g").write_text("g")
    undo_id = desk.machine.run("rm f g")
    (desk.machine.work / "f").write_text("newer")

    assert desk.put_back(undo_id) == ExitStatus.COMMAND_FAILED
    assert (desk.machine.work / "g").read_text() == "g"
    assert (desk.machine.work / "f").read_text() == "newer"


def test_read_only_production_wants_to_be_unlocked_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "production")
    undo_id = desk.machine.run("rm f")

    assert desk.put_back(undo_id) == ExitStatus.REFUSED
    assert not (desk.machine.work / "f").exists()
    status = desk.put_back(undo_id, unlock=True, reason="INC-7", yes_i_mean="laptop")
    assert status == ExitStatus.DONE
    assert (desk.machine.work / "f").read_text() == "former"


def test_another_name_than_this_place_has_is_refused(desk: Desk) -> None:
    undo_id = desk.machine.run("rm f")

    with pytest.raises(Refused, match="but this is laptop"):
        desk.put_back(undo_id, yes_i_mean="cache-prod")
    assert not (desk.machine.work / "f").exists()


def test_settings_say_how_long_and_how_much(tmp_path: Path) -> None:
    store = file_store(Settings(state_folder=tmp_path))

    assert store.keep_for == timedelta(days=14)
    assert store.budget == 1 << 30
