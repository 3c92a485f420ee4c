"""What is done to the journal past safeshell shows, and where."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from safeshell.journal.chain import ChainReport
from safeshell.journal.reader import JournalReader
from safeshell.journal.verify import verify
from tests.journal.entries import records, tampering, write_lines

COLUMNS = ("at", "kind", "session", "about", "body", "hash")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A journal of one session with five lines: twelve events."""
    write_lines(tmp_path, *(f"GET {n}" for n in range(5)))
    return tmp_path


def check(folder: Path) -> ChainReport:
    return verify(JournalReader(folder))


def places(report: ChainReport) -> list[int]:
    return [found.seq for found in report.breaks]


def test_an_untouched_journal_is_whole(folder: Path) -> None:
    report = check(folder)

    assert report.holds
    assert (report.events, report.tip.seq) == (12, 12)


def test_no_journal_at_all_is_whole(tmp_path: Path) -> None:
    assert check(tmp_path).holds


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 6, 12])
@pytest.mark.parametrize("value", [7, "other", b"\xff\x00", None, 1.5], ids=repr)
def test_a_changed_column_is_found_at_its_event(folder: Path, column: str, seq: int, value: object) -> None:
    with tampering(folder) as connection:
        # NOT NULL and the index are no obstacle to somebody who wants to tamper.
        connection.execute("DROP INDEX outcomes")
        connection.execute("ALTER TABLE events RENAME TO held")
        connection.execute(
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, at, kind, session, about, body, hash)"
        )
        connection.execute("INSERT INTO events SELECT * FROM held")
        connection.execute("DROP TABLE held")
        connection.execute(f"UPDATE events SET {column} = ? WHERE seq = ?", (value, seq))

    report = check(folder)

    assert places(report)[0] == seq


@pytest.mark.parametrize("seq", [2, 6, 12])
def test_a_line_with_one_other_letter_is_found(folder: Path, seq: int) -> None:
    with tampering(folder) as connection:
        connection.execute("UPDATE events SET body = replace(body, '\"', '\"') || ' ' WHERE seq = ?", (seq,))

    assert places(check(folder)) == [seq]


def test_an_event_removed_from_the_middle_is_missing(folder: Path) -> None:
    with tampering(folder) as connection:
        connection.execute("DELETE FROM events WHERE seq IN (6, 7)")

    (found,) = check(folder).breaks

    assert found.seq == 8
    assert found.what == "events 6 to 7 are missing before it"


def test_events_removed_from_the_beginning_are_missing(folder: Path) -> None:
    with tampering(folder) as connection:
        connection.execute("DELETE FROM events WHERE seq < 4")

    assert check(folder).breaks[0].what == "events 1 to 3 are missing before it"


@pytest.mark.parametrize("left", [11, 9, 0])
def test_a_cut_off_end_is_found(folder: Path, left: int) -> None:
    with tampering(folder) as connection:
        connection.execute("DELETE FROM events WHERE seq > ?", (left,))

    (found,) = check(folder).breaks

    assert found.seq == left
    assert "missing after it" in found.what


def test_a_removed_event_with_its_followers_renumbered_is_found(folder: Path) -> None:
    with tampering(folder) as connection:
        connection.execute("DELETE FROM events WHERE seq = 6")
        connection.execute("UPDATE events SET seq = seq - 1 WHERE seq > 6")

    assert places(check(folder))[0] == 6


def test_swapped_events_are_found(folder: Path) -> None:
    with tampering(folder) as connection:
        connection.execute("UPDATE events SET seq = 1000 WHERE seq = 4")
        connection.execute("UPDATE events SET seq = 4 WHERE seq = 6")
        connection.execute("UPDATE events SET seq = 6 WHERE seq = 1000")

    assert places(check(folder))[0] == 4


def test_an_event_slipped_in_at_the_end_is_found(folder: Path) -> None:
    with tampering(folder) as connection:
        connection.execute(
            "INSERT INTO events SELECT 13, at, kind, session, about, body, hash FROM events WHERE seq = 12"
        )

    assert places(check(folder)) == [13]


def test_a_new_append_does_not_hide_a_cut_off_end(folder: Path) -> None:
    with tampering(folder) as connection:
        connection.execute("DELETE FROM events WHERE seq > 10")
    write_lines(folder, "PING")
    write_lines(folder, "PING")

    (found,) = check(folder).breaks

    assert "events 11 to 12 are missing" in found.what
    assert [record.id for record in records(folder)][-2:] == [15, 19]


def test_an_older_copy_put_back_is_found(folder: Path, tmp_path: Path) -> None:
    copy = (folder / "journal.db").read_bytes()
    write_lines(folder, "FLUSHALL")
    (folder / "journal.db").write_bytes(copy)

    assert "events 13 to 16 are missing" in check(folder).breaks[0].what


def test_a_removed_journal_is_found_even_after_a_new_one_has_begun(folder: Path) -> None:
    (folder / "journal.db").unlink()
    before = check(folder)
    write_lines(folder, "PING")

    assert "events 1 to 12 are missing" in before.breaks[0].what
    assert "events 1 to 12 are missing" in check(folder).breaks[0].what


@pytest.mark.parametrize("content", [None, b"", b"no json at all"], ids=["removed", "emptied", "scribbled"])
def test_a_head_that_is_gone_is_found_before_and_after_the_next_line(
    folder: Path, content: bytes | None
) -> None:
    head = folder / "journal.head"
    if content is None:
        head.unlink()
    else:
        head.write_bytes(content)
    before = check(folder)
    write_lines(folder, "PING")

    assert not before.holds
    assert not check(folder).holds


def test_another_head_is_found(folder: Path) -> None:
    (folder / "journal.head").write_text(json.dumps({"seq": 12, "hash": "f" * 64}))

    (found,) = check(folder).breaks

    assert "another event than the one that the head file remembers" in found.what


def test_a_process_killed_between_commit_and_head_is_no_fault(folder: Path) -> None:
    head = folder / "journal.head"
    before = head.read_bytes()
    write_lines(folder, "PING")
    head.write_bytes(before)

    assert check(folder).holds
    write_lines(folder, "PING")
    assert check(folder).holds


def test_a_file_that_is_no_journal_is_a_broken_one(folder: Path) -> None:
    (folder / "journal.db").write_bytes(b"dear diary\n" * 500)

    assert "no journal" in check(folder).breaks[0].what


WRITER = """
import sys
from pathlib import Path
from tests.journal.entries import write_lines
for n in range(int(sys.argv[3])):
    write_lines(Path(sys.argv[1]), f"{sys.argv[2]} {n}", f"{sys.argv[2]} {n} again")
"""


def test_sessions_of_several_processes_write_one_chain(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name, "20"])
        for name in ("a", "b", "c")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]

    report = check(tmp_path)

    assert report.holds
    assert report.events == 3 * 20 * 6
    assert len(records(tmp_path)) == 3 * 20 * 2


def test_verifying_while_others_write_finds_nothing(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "a", "60"])
    try:
        while writer.poll() is None:
            assert check(tmp_path).holds
    finally:
        writer.kill()
        writer.wait()
