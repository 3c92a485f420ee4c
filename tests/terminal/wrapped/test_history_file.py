"""A shell's history while it can't be written: a copy to use, and what is new handed back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.wrapped.history_file import HistoryFiles, added

LINES = st.lists(st.sampled_from([b"ls\n", b"cd /srv\n", b"df -h\n", b": 17:0;x\n"]), max_size=12)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "history"
    file.write_text("first\nsecond\n")
    return file


@pytest.fixture
def files(tmp_path: Path) -> HistoryFiles:
    (tmp_path / "scratch").mkdir()
    return HistoryFiles(tmp_path / "scratch")


def test_what_is_new_is_written_behind_the_end(own: Path, files: HistoryFiles) -> None:
    copy = Path(files.copy_of(str(own)))
    assert copy.read_text() == own.read_text()
    with copy.open("a") as file:
        file.write("third\n")
    with own.open("a") as file:
        file.write("of another shell\n")

    files.give_back()

    assert own.read_text() == "first\nsecond\nof another shell\nthird\n"


def test_all_shells_of_a_session_use_one_copy(own: Path, files: HistoryFiles, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(own)

    assert files.copy_of(str(own)) == files.copy_of(str(tmp_path / "link"))
    assert files.copy_of(str(own)) != files.copy_of(str(tmp_path / "other"))


def test_a_history_that_is_not_there_yet_is_made(files: HistoryFiles, tmp_path: Path) -> None:
    Path(files.copy_of(str(tmp_path / "new"))).write_text("ls\n")

    files.give_back()

    assert (tmp_path / "new").read_text() == "ls\n"
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_nothing_but_a_plain_file_is_copied_or_written(
    own: Path, files: HistoryFiles, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")

    for name in ("", "relative", "/dev/zero", str(tmp_path), str(tmp_path / "pipe"), "/a\nb"):
        assert files.copy_of(name) == ""

    copy = Path(files.copy_of(str(own)))
    copy.unlink()
    copy.symlink_to("/etc/passwd")
    files.give_back()
    assert own.read_text() == "first\nsecond\n"


@given(LINES, LINES)
def test_what_was_added_is_found_behind_what_was_there(former: list[bytes], new: list[bytes]) -> None:
    assert added(b"".join(former), b"".join(former + new)) == b"".join(new)


def test_a_history_that_was_shortened_has_added_its_end_only() -> None:
    former = b"".join(b"%d\n" % number for number in range(100))
    shortened = b"".join(b"%d\n" % number for number in range(60, 100))

    assert added(former, shortened + b"new\n") == b"new\n"
    assert added(former, b"all is new\n") == b"all is new\n"
