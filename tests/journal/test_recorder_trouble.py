"""A journal that can't be written: the line stops, and nothing that is not the journal's is harmed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safeshell.errors import GuardFailure
from safeshell.guard.challenge import Answer, Question
from safeshell.guard.environment import PRODUCTION
from safeshell.guard.interfaces import NothingKept, NothingToMeasure, Outcome
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Guard
from safeshell.journal.reader import JournalReader
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.store import JournalStore
from safeshell.journal.verify import verify
from tests.guard.readings import Words
from tests.journal.entries import DONE, entry, records, session, tampering, write_lines


def test_a_journal_in_place_of_whose_folder_stands_a_file_stops_the_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    recorder = JournalRecorder(JournalStore(tmp_path / "state"), session())

    with pytest.raises(GuardFailure) as told:
        recorder.begin(entry())

    assert told.value.where == str(tmp_path / "state")
    assert told.value.todo


def test_a_folder_in_place_of_the_journal_stops_the_line(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()

    with pytest.raises(GuardFailure, match="can't be opened"):
        JournalRecorder(JournalStore(tmp_path), session()).begin(entry())


@pytest.mark.parametrize("content", [b"dear diary\n" * 500, b"\x00" * 4096], ids=["text", "zeros"])
def test_a_file_that_is_no_journal_is_told_and_not_overwritten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "journal.db").write_bytes(content)

    with pytest.raises(GuardFailure, match="no journal") as told:
        JournalRecorder(JournalStore(tmp_path), session()).begin(entry())

    assert "Move journal.db and journal.head away" in told.value.todo
    assert (tmp_path / "journal.db").read_bytes() == content


def test_another_programs_database_is_told_and_not_written(tmp_path: Path) -> None:
    with tampering(tmp_path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = (tmp_path / "journal.db").read_bytes()

    with pytest.raises(GuardFailure, match="no journal of safeshell's"):
        JournalRecorder(JournalStore(tmp_path), session()).begin(entry())

    assert (tmp_path / "journal.db").read_bytes() == before


def test_a_journal_of_a_newer_form_is_told(tmp_path: Path) -> None:
    write_lines(tmp_path, "GET a")
    with tampering(tmp_path) as connection:
        connection.execute("PRAGMA user_version = 9")

    with pytest.raises(GuardFailure, match="newer safeshell"):
        JournalRecorder(JournalStore(tmp_path), session()).begin(entry())


def test_a_damaged_journal_stops_the_line(tmp_path: Path) -> None:
    write_lines(tmp_path, *(f"GET {n}" for n in range(200)))
    path = tmp_path / "journal.db"
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)

    with pytest.raises(GuardFailure, match="damaged"):
        JournalRecorder(JournalStore(tmp_path), session()).begin(entry())


FULL = """
import resource, sys
from pathlib import Path
from safeshell.errors import GuardFailure
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.store import JournalStore
from tests.journal.entries import DONE, entry, session
recorder = JournalRecorder(JournalStore(Path(sys.argv[1])), session())
recorder.complete(recorder.begin(entry("GET before")), DONE)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
try:
    for n in range(100):
        recorder.complete(recorder.begin(entry("SET k " + "x" * 9000)), DONE)
except GuardFailure as failure:
    print(failure)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
recorder.complete(recorder.begin(entry("GET after")), DONE)
recorder.close()
"""


def test_a_disk_that_takes_no_more_stops_the_line_and_breaks_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert "the journal can't be used: the disk" in done.stdout
    lines = [record.body.text("line") for record in records(tmp_path)]
    assert lines[0] == "GET before"
    assert lines[-1] == "GET after"
    assert verify(JournalReader(tmp_path)).holds


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_head_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.head").symlink_to("/dev/full")

    with pytest.raises(GuardFailure, match="can't be written"):
        JournalRecorder(JournalStore(tmp_path), session()).begin(entry())


def test_a_journal_that_another_process_holds_is_told_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safeshell.journal.database.BUSY_SECONDS", 0.05)
    write_lines(tmp_path, "GET a")
    with tampering(tmp_path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(GuardFailure, match="another process has held it locked"):
            JournalRecorder(JournalStore(tmp_path), session()).begin(entry())


def test_in_production_a_line_does_not_run_unrecorded(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()
    ran: list[str] = []
    guard = Guard(
        dialect=Words(),
        environment=PRODUCTION,
        target="cache",
        mode=Mode.GUARDED,
        probe=NothingToMeasure(),
        asker=Nobody(),
        keeper=NothingKept(),
        recorder=JournalRecorder(JournalStore(tmp_path), session()),
        clock=lambda: datetime.now(UTC),
    )

    def send() -> Outcome:
        ran.append("GET")
        return DONE

    with pytest.raises(GuardFailure, match="the line did not run: production wants a journal"):
        guard.submit("GET", send)

    assert ran == []


class Nobody:
    """Is never asked."""

    def ask(self, question: Question) -> Answer:
        raise AssertionError(question)
