"""What is written of a line, and when."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeshell.errors import GuardFailure
from safeshell.guard.challenge import AnswerKind
from safeshell.guard.effects import Effect, EffectKind
from safeshell.guard.interfaces import Entry, EntryId, Outcome, OutcomeKind
from safeshell.guard.reading import Command, Reading
from safeshell.guard.verdict import Verdict
from safeshell.journal.query import Filter
from safeshell.journal.reader import JournalReader
from safeshell.journal.recorder import JournalRecorder, NoteKind
from safeshell.journal.session import person_here
from safeshell.journal.store import JournalStore
from safeshell.journal.verify import verify
from tests.journal.entries import DONE, asked_flush, entry, records, session, write_lines


def test_a_line_is_in_the_journal_before_it_runs_and_complete_after(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session())

    number = recorder.begin(asked_flush())
    (begun,) = records(tmp_path)
    recorder.complete(number, Outcome(OutcomeKind.FAILED, "LOADING Redis is loading", "k7f3zz"))
    (ended,) = records(tmp_path)
    recorder.close()

    assert begun.is_open
    assert begun.body.text("line") == "FLUSHDB"
    assert not ended.is_open
    assert ended.end is not None
    assert ended.end.text("outcome") == "failed"
    assert ended.end.text("detail") == "LOADING Redis is loading"
    assert ended.end.text("undo_id") == "k7f3zz"
    assert (ended.end.number("duration") or 0) > 0


def test_everything_that_the_person_saw_and_said_is_kept(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session(sudo_user="bert"))
    recorder.complete(recorder.begin(asked_flush()), DONE)
    recorder.close()

    (record,) = records(tmp_path)

    assert (record.target, record.environment) == ("cache", "production")
    assert record.started.text("user") == "anna"
    assert record.started.text("sudo_user") == "bert"
    assert record.started.text("address") == "cache.prod.example.com:6379/0"
    assert record.body.text("verdict") == "confirm"
    assert record.body.text("challenge") == "target+impact"
    assert record.body.text("answer") == "confirmed"
    assert record.body.text("reason") == "OPS-7 the cache is poisoned"
    (effect,) = record.body.objects("effects")
    assert (effect.text("kind"), effect.text("extent")) == ("delete", "everything")
    (impact,) = record.body.objects("impact")
    assert impact.number("count") == 48211


def test_the_line_with_its_secrets_never_reaches_the_disk(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session())
    recorder.complete(recorder.begin(entry("AUTH ***", secret=" hunter2-not-for-you")), DONE)
    recorder.close()

    assert all(b"hunter2" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_console_in_which_nothing_was_typed_leaves_nothing(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path / "state"), session())
    recorder.close()

    assert not (tmp_path / "state").exists()


def test_what_is_no_line_is_noted_too(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session())
    recorder.note(NoteKind.UNLOCKED, "10m: OPS-7")
    recorder.close()

    (note,) = records(tmp_path)

    assert (note.body.text("note"), note.body.text("text")) == ("unlocked", "10m: OPS-7")
    assert note.target == "cache"


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "state"
        recorder = JournalRecorder(JournalStore(folder), session())
        recorder.begin(entry())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        recorder.close()
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {"journal.db", "journal.db-wal", "journal.db-shm", "journal.head"} == set(modes)
    assert set(modes.values()) == {0o600}


def test_a_journal_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    write_lines(tmp_path, "GET a")
    (tmp_path / "journal.db").chmod(0o644)

    write_lines(tmp_path, "GET b")

    assert stat.S_IMODE((tmp_path / "journal.db").stat().st_mode) == 0o600


ANY_LINE = st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))


@given(line=ANY_LINE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_line_comes_back_as_it_was(tmp_path: Path, line: str) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session(target=line))
    number = recorder.begin(entry(line, target=line))
    recorder.complete(number, Outcome(OutcomeKind.FAILED, line))
    ended = recorder.session
    recorder.close()

    (record,) = records(tmp_path, Filter(session=ended))

    assert record.body.text("line") == line
    assert record.target == line
    assert record.end is not None
    assert record.end.text("detail") == line


def test_a_line_of_a_megabyte_and_one_of_stray_bytes_come_back(tmp_path: Path) -> None:
    lines = ["SET k " + "x" * (1 << 20), b"SET \xff\x00\x1b[31m \n".decode("utf-8", "surrogateescape")]
    write_lines(tmp_path, *lines)

    assert [record.body.text("line") for record in records(tmp_path)] == lines
    assert verify(JournalReader(tmp_path)).holds


def test_a_chunk_of_a_script_is_one_entry_that_lists_no_thousand_effects(tmp_path: Path) -> None:
    one = entry()
    commands = tuple(Command("SET", (Effect(EffectKind.WRITE, object=f"key {n}"),)) for n in range(1000))
    text = "\n".join(f"SET k:{n} v" for n in range(1000))
    old = one.verdict
    verdict = Verdict(
        old.kind, Reading("redis", text, text, commands), old.severity, old.challenge, False,
        old.environment, old.mode, old.target, (),
    )  # fmt: skip
    recorder = JournalRecorder(JournalStore(tmp_path), session())
    recorder.complete(recorder.begin(Entry(verdict)), DONE)
    recorder.close()

    (record,) = records(tmp_path)

    assert record.body.text("line") == text
    assert record.body.number("commands") == 1000
    assert len(record.body.objects("effects")) == 100


KILLED = """
import os, signal, sys
from pathlib import Path
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.store import JournalStore
from tests.journal.entries import entry, session
recorder = JournalRecorder(JournalStore(Path(sys.argv[1])), session())
recorder.begin(entry("FLUSHALL"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_session_leaves_its_line_behind(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=30)
    assert done.returncode == -signal.SIGKILL

    (record,) = records(tmp_path)

    assert record.body.text("line") == "FLUSHALL"
    assert record.is_open
    assert verify(JournalReader(tmp_path)).holds


def test_an_end_of_no_line_is_refused(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session())

    with pytest.raises(GuardFailure):
        recorder.complete(EntryId(12), DONE)


def test_the_person_is_who_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("SUDO_USER", "anna")

    person = person_here()

    assert person.user != "somebody-else"
    assert person.sudo_user == "anna"
    assert person.pid == os.getpid()


def test_a_refused_answer_is_kept_with_its_kind(tmp_path: Path) -> None:
    recorder = JournalRecorder(JournalStore(tmp_path), session())
    recorder.complete(recorder.begin(asked_flush(AnswerKind.PASTED)), Outcome(OutcomeKind.REFUSED, "pasted"))
    recorder.close()

    (record,) = records(tmp_path)

    assert record.body.text("answer") == "pasted"
