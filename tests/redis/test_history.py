"""What the console remembers of what was typed, and what it never does."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from safeshell.redis.history import MAX_LINE_BYTES, HistoryFile, HistoryUnwritable


def mask_passwords(line: str) -> str:
    return line.replace("s3cret", "***")


def history(path: Path, max_bytes: int = 1 << 20) -> HistoryFile:
    return HistoryFile(path, redact=mask_passwords, max_bytes=max_bytes)


def test_lines_come_back_in_the_order_they_were_typed(tmp_path: Path) -> None:
    kept = history(tmp_path / "history")

    kept.append(["SET a 1"])
    kept.append(["GET a"])

    assert history(tmp_path / "history").lines() == ["SET a 1", "GET a"]


def test_only_the_owner_can_read_it_even_under_a_loose_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        history(tmp_path / "state" / "history").append(["GET a"])
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "state" / "history").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("GET a\n")
    path.chmod(0o644)

    history(path).append(["GET b"])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert history(path).lines() == ["GET a", "GET b"]


def test_a_line_with_a_secret_is_not_kept_in_any_form(tmp_path: Path) -> None:
    kept = history(tmp_path / "history")

    kept.append(["AUTH s3cret", "GET a"])

    assert (tmp_path / "history").read_text() == "GET a\n"


def test_a_pasted_batch_is_kept_line_by_line(tmp_path: Path) -> None:
    kept = history(tmp_path / "history")

    kept.append(["SET a 1\nAUTH s3cret\r\n\nGET a\n"])

    assert kept.lines() == ["SET a 1", "GET a"]


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    line = b"GET k\xff\xfe\x1b[2J".decode("utf-8", "surrogateescape")

    history(tmp_path / "history").append([line])

    assert history(tmp_path / "history").lines() == [line]


def test_endless_lines_are_data_and_not_kept(tmp_path: Path) -> None:
    kept = history(tmp_path / "history")

    kept.append(["SET a " + "x" * MAX_LINE_BYTES])

    assert kept.lines() == []


def test_the_oldest_lines_go_when_the_file_has_grown_too_large(tmp_path: Path) -> None:
    kept = history(tmp_path / "history", max_bytes=1000)

    for number in range(300):
        kept.append([f"GET key:{number}"])

    lines = kept.lines()
    assert lines[-1] == "GET key:299"
    assert lines == [f"GET key:{number}" for number in range(300 - len(lines), 300)]
    assert (tmp_path / "history").stat().st_size <= 1000
    assert [path.name for path in tmp_path.iterdir()] == ["history"]


def test_a_session_that_started_earlier_does_not_shorten_what_others_wrote(tmp_path: Path) -> None:
    early, late = history(tmp_path / "history"), history(tmp_path / "history")
    early.append(["GET early"])
    assert early.lines() == ["GET early"]
    before = early.version()

    late.append([f"GET late:{number}" for number in range(50)])
    early.append(["GET last"])

    assert early.version() != before
    assert early.lines() == ["GET early", *(f"GET late:{n}" for n in range(50)), "GET last"]


def write_many(path: str, name: str, count: int) -> None:
    kept = history(Path(path), max_bytes=4000)
    for number in range(count):
        kept.append([f"GET {name}:{number}"])


def test_two_sessions_writing_at_once_leave_only_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "history"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(str(path), name, 200)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    lines = history(path).lines()

    assert all(writer.exitcode == 0 for writer in writers)
    for name in "ab":
        numbers = [int(line.split(":")[1]) for line in lines if line.startswith(f"GET {name}:")]
        assert numbers == sorted(numbers)
        assert not numbers or numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(lines) > 100
    assert lines[-1] in ("GET a:199", "GET b:199")


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    kept = history(tmp_path / "file" / "history")

    with pytest.raises(HistoryUnwritable, match="can't be written"):
        kept.append(["GET a"])

    assert kept.lines() == ["GET a"]
