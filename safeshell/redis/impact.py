"""What a line would hit on a live server, measured within a budget before the question is asked.

Reads only, on the second connection. Never raises: what could not be measured is said, and `complete` is false.
Who measures what is in the `impact_*` modules; here it is decided which of them a line needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.guard.reading import Command, Impact, Reading
from safeshell.guard.text import sized
from safeshell.guard.verdict import Verdict
from safeshell.redis.big_reads import big_read_offer
from safeshell.redis.flush_snapshot import ALL_DATABASES
from safeshell.redis.impact_clients import kill_impact, own_client_id, pause_impact, user_impact
from safeshell.redis.impact_keys import KeyAtRisk, measure_keys
from safeshell.redis.impact_pattern import keys_impact, unlink_impact
from safeshell.redis.impact_server import (
    context_line,
    flush_impact,
    functions_impact,
    replaced_impact,
    setting_impact,
    shutdown_impact,
    swap_impact,
)
from safeshell.redis.keys import Access, named_keys
from safeshell.redis.measuring import Findings, Measuring, OutOfTime
from safeshell.redis.server_info import info_fields
from safeshell.redis.tokens import split_line, split_repeat
from safeshell.redis.undo_session import Side, UndoSession
from safeshell.redis.unlink_request import parse_unlink
from safeshell.redis.written_keys import real_name

_BIG_READ_SECONDS: Final = 0.05
_MAX_COMMANDS: Final = 10_000

Placed = tuple[int, tuple[bytes, ...]]
"""A command and the database it would run in."""


class RedisProbe:
    """Measures what lines would hit.

    Args:
        session: whose server.
        undo_limit: bytes of memory whose keys are kept for undo; None where nothing is kept.
    """

    def __init__(self, session: UndoSession, *, undo_limit: int | None = None) -> None:
        self._session = session
        self._undo_limit = undo_limit
        self._side = Side(session)

    def measure(self, verdict: Verdict, budget: timedelta) -> Impact:
        """What `verdict`'s line would hit; as much of it as `budget` allows."""
        findings = Findings()
        measuring = self._measuring(budget.total_seconds())
        try:
            self._measure(measuring, verdict.reading, findings)
        except OutOfTime:
            findings.complete = False
            findings.fact("there was no time to measure more")
        except SafeshellError as error:
            findings.complete = False
            findings.fact(f"could not be measured: {error.message}")
        return findings.impact()

    def big_read_offer(self, argv: Sequence[bytes]) -> str | None:
        """A sentence about a read that returns much at once, with the way in portions; None for any other.

        One small question to the server for SMEMBERS, HGETALL, LRANGE 0 -1, KEYS and their like, nothing for
        other commands (`big_reads.is_whole_read`).
        """
        return big_read_offer(self._measuring(_BIG_READ_SECONDS), argv)

    def _measuring(self, seconds: float) -> Measuring:
        return Measuring(self._side, self._session.state.db, seconds)

    def _measure(self, measuring: Measuring, reading: Reading, findings: Findings) -> None:
        unlinks = [command for command in reading.commands if command.name == ":unlink"]
        placed = [] if unlinks else self._commands(reading)
        fields = info_fields(measuring.ask([(b"INFO",)])[0])
        context = context_line(fields)
        try:
            for command in unlinks:
                unlink_impact(measuring, _pattern(reading.line, command), findings)
            for db, argv in placed:
                self._one(measuring, fields, db, argv, findings)
            keys = self._keys(placed)
            if keys:
                measure_keys(measuring, keys, findings, may_touch=self._may_touch(fields))
        finally:
            if context:
                findings.fact(context)
        self._say_undo(findings)

    def _one(
        self,
        measuring: Measuring,
        fields: dict[str, str],
        db: int,
        argv: tuple[bytes, ...],
        findings: Findings,
    ) -> None:
        """What a command hits besides the keys it names."""
        match real_name(argv, self._session.facts()):
            case "FLUSHDB":
                flush_impact(measuring, fields, db, findings)
            case "FLUSHALL":
                flush_impact(measuring, fields, ALL_DATABASES, findings)
            case "KEYS" if len(argv) == 2:
                keys_impact(measuring, argv[1], findings)
            case "CLIENT KILL":
                kill_impact(measuring, argv, self._own_id(), findings)
            case "CLIENT PAUSE":
                pause_impact(fields, argv, findings)
            case "SHUTDOWN":
                shutdown_impact(fields, argv, findings)
            case "CONFIG SET":
                setting_impact(measuring, argv, findings)
            case "SWAPDB":
                swap_impact(fields, argv, findings)
            case "REPLICAOF" | "SLAVEOF":
                replaced_impact(fields, argv, findings)
            case "FUNCTION FLUSH" | "FUNCTION DELETE" | "FUNCTION RESTORE":
                functions_impact(measuring, findings)
            case "ACL SETUSER" | "ACL DELUSER":
                user_impact(measuring, argv[2:3] if argv[1].upper() == b"SETUSER" else argv[2:], findings)

    def _commands(self, reading: Reading) -> list[Placed]:
        """The commands of a line with their databases; at EXEC, those that are queued."""
        db = self._session.state.db
        found: list[Placed] = []
        for line in reading.line.splitlines():
            try:
                argv = tuple(split_repeat(split_line(line)).argv)
            except SafeshellError:
                continue
            if not argv:
                continue
            name = argv[0].upper()
            queued = (
                self._session.state.queued if name == b"EXEC" and self._session.state.in_multi else [argv]
            )
            for command in queued:
                words = tuple(command)
                if words[0].upper() == b"SELECT" and len(words) == 2 and words[1].isdigit():
                    db = int(words[1])
                found.append((db, words))
        return found[:_MAX_COMMANDS]

    def _keys(self, placed: Sequence[Placed]) -> list[KeyAtRisk]:
        """Every key that is changed, once, with the gravest of what is done to it."""
        order = (Access.WRITE, Access.OVERWRITE, Access.DELETE)
        found: dict[tuple[int, bytes], Access] = {}
        for db, argv in placed:
            for named in named_keys(argv, self._session.facts()):
                if named.access is Access.READ:
                    continue
                place = (db if named.db is None else named.db, named.key)
                known = found.get(place, named.access)
                found[place] = max(known, named.access, key=order.index)
        return [KeyAtRisk(db, key, access) for (db, key), access in found.items()]

    def _say_undo(self, findings: Findings) -> None:
        limit = self._undo_limit
        if limit is not None and findings.memory is not None and findings.memory > limit:
            findings.fact(f"too large to be kept for undo; up to {sized(limit)} of a line is")

    def _may_touch(self, fields: dict[str, str]) -> bool:
        """Whether it does no harm that a key looks used: use decides nothing here, or NO-TOUCH is on (7.2)."""
        policy = fields.get("maxmemory_policy", "")
        parts = [int(part) for part in self._session.state.version.split(".")[:2] if part.isdigit()]
        return not ("lru" in policy or "lfu" in policy) or parts >= [7, 2]

    def _own_id(self) -> str:
        """The id of the person's own connection; empty while it can't be asked."""
        if self._session.state.in_multi:
            return ""
        return own_client_id(self._session.execute([b"CLIENT", b"ID"]))


def _pattern(line: str, command: Command) -> bytes:
    """The pattern of an `:unlink`; that of one that goes on is not in its line, but in its reading."""
    try:
        typed = parse_unlink(split_line(line)[1:]).pattern
    except SafeshellError:
        typed = b""
    return typed or (command.objects[0].encode() if command.objects else b"")
