"""Where the state folder is, and whose."""

from __future__ import annotations

import stat
from pathlib import Path

import platformdirs
import pytest

from safeshell.errors import GuardFailure
from safeshell.journal.state import private_folder, state_folder


def test_xdg_state_home_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert state_folder() == tmp_path / "safeshell"


@pytest.mark.parametrize("value", [None, "", "relative/path"])
def test_without_it_the_folder_is_where_the_system_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    usual = Path(platformdirs.user_state_dir("safeshell"))
    if value is not None:
        monkeypatch.setenv("XDG_STATE_HOME", value)

    assert state_folder() == usual


def test_the_settings_may_say_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert state_folder(Path("~/records")) == tmp_path / "records"


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "deep" / "state" / "safeshell")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_folder(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(GuardFailure, match="can't be made") as told:
        private_folder(tmp_path / "file" / "safeshell")

    assert told.value.where.endswith("file/safeshell")
