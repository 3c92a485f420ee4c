"""A journal over time: moved away, and cut at its old end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safeshell.errors import GuardFailure
from safeshell.journal.reader import JournalReader
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.store import JournalStore
from safeshell.journal.verify import verify
from tests.journal.entries import DONE, entry, records, session


def test_a_session_goes_on_in_a_new_journal_when_the_old_one_is_moved_away(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session())
    recorder.complete(recorder.begin(entry("GET old")), DONE)
    running = recorder.begin(entry("GET running"))
    (tmp_path / "old").mkdir()
    for path in [path for path in tmp_path.iterdir() if path.is_file()]:
        path.rename(tmp_path / "old" / path.name)

    with pytest.raises(GuardFailure, match="moved or removed while the line ran"):
        recorder.complete(running, DONE)
    recorder.complete(recorder.begin(entry("GET new")), DONE)
    recorder.close()

    (record,) = records(tmp_path)
    assert record.body.text("line") == "GET new"
    assert record.started.text("user") == "anna"
    assert verify(JournalReader(tmp_path)).holds


def test_retention_keeps_the_journal_whole(tmp_path: Path) -> None:
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    for days in (90, 60, 40, 1, 0):
        recorder = JournalRecorder(
            JournalStore(tmp_path),
            session(),
            clock=lambda days=days: now - timedelta(days=days),  # type: ignore[misc]
            retention=timedelta(days=30),
        )
        recorder.complete(recorder.begin(entry(f"GET {days}")), DONE)
        recorder.close()

    report = verify(JournalReader(tmp_path))

    assert [record.body.text("line") for record in records(tmp_path)] == ["GET 1", "GET 0"]
    assert report.holds
    assert report.cut == 13


def test_retention_never_cuts_through_a_session(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = iter([start, start + timedelta(days=50), start + timedelta(days=50)])
    recorder = JournalRecorder(JournalStore(tmp_path), session(), clock=lambda: next(times))
    number = recorder.begin(entry("a line that runs for fifty days"))
    recorder.complete(number, DONE)

    assert JournalStore(tmp_path).prune(timedelta(days=10), now=start + timedelta(days=50)) == 0
    assert recorder.session == 1
