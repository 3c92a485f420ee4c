"""Entries and sessions made by hand, and the journal opened as somebody would who tampers with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from safeshell.guard.challenge import Answer, AnswerKind
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.environment import PRODUCTION, ChallengeKind, Environment
from safeshell.guard.interfaces import Entry, Outcome, OutcomeKind
from safeshell.guard.mode import Mode
from safeshell.guard.reading import Command, Finding, Impact, Reading
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.journal.query import Filter, Record, everything
from safeshell.journal.reader import JournalReader
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.session import Person, SessionStart
from safeshell.journal.store import JournalStore

DONE = Outcome(OutcomeKind.DONE)
READ = Command("GET", (Effect(EffectKind.READ),), reads=True)
FLUSH = Command("FLUSHDB", (Effect(EffectKind.DELETE, Extent.EVERYTHING, "db 0"),))
FLUSHED = Finding("redis.flush", Severity.CRITICAL, "every key of db 0 is deleted", "FLUSHDB ASYNC", (0, 7))


def session(
    *, user: str = "anna", sudo_user: str = "", target: str = "cache", mode: Mode = Mode.GUARDED
) -> SessionStart:
    person = Person(user, sudo_user, "laptop", 4711, "/dev/pts/3")
    return SessionStart("redis", target, "production", mode, "cache.prod.example.com:6379/0", person)


def entry(
    line: str = "GET a",
    *,
    kind: VerdictKind = VerdictKind.ALLOW,
    target: str = "cache",
    environment: Environment = PRODUCTION,
    command: Command = READ,
    answer: Answer | None = None,
    impact: Impact | None = None,
    secret: str = "",
) -> Entry:
    reading = Reading("redis", line + secret, line, (command,))
    findings = (FLUSHED,) if command is FLUSH else ()
    challenge = ChallengeKind.NONE if kind is VerdictKind.ALLOW else ChallengeKind.TARGET_IMPACT
    verdict = Verdict(
        kind, reading, reading.severity, challenge, False, environment, Mode.GUARDED, target, findings
    )
    return Entry(verdict, answer, impact)


def asked_flush(kind: AnswerKind = AnswerKind.CONFIRMED) -> Entry:
    impact = Impact(("48,211 keys in db 0",), 48211, "keys", 1 << 20)
    return entry(
        "FLUSHDB",
        kind=VerdictKind.CONFIRM,
        command=FLUSH,
        answer=Answer(kind, "OPS-7 the cache is poisoned"),
        impact=impact,
    )


def write_lines(folder: Path, *lines: str, target: str = "cache", user: str = "anna") -> None:
    """One session with some lines, each done."""
    recorder = JournalRecorder(JournalStore(folder), session(target=target, user=user))
    for line in lines:
        recorder.complete(recorder.begin(entry(line, target=target)), DONE)
    recorder.close()


def records(folder: Path, wanted: Filter | None = None) -> list[Record]:
    with closing(JournalReader(folder)) as reader:
        return list(everything(reader, wanted or Filter()))


@contextmanager
def tampering(folder: Path) -> Iterator[sqlite3.Connection]:
    """The journal's database, opened past safeshell."""
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        yield connection
        connection.commit()
