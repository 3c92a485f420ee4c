"""Around a flush: what is known of the server's backups before, and the card that says what to do after.

Asks by reading commands on the second connection; a server that can't be asked makes the card shorter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from safeshell.errors import SafeshellError
from safeshell.guard.interfaces import OutcomeKind
from safeshell.guard.pipeline import Decision
from safeshell.guard.reading import Reading
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.redis.recovery import Backups, backup_commands, backups_of, recovery_card
from safeshell.redis.session import RedisSession

_FLUSHES = frozenset({"FLUSHDB", "FLUSHALL"})
_SECONDS = 2.0


@dataclass(slots=True)
class FlushCare:
    """Looks after the flushes of one console.

    Args:
        last_dump: the dump file that this console has written last; None for none.
    """

    last_dump: Path | None = None

    def before(self, session: RedisSession, verdict: Verdict) -> Backups | None:
        """What the server has to fall back on, where `verdict` is about a flush that is asked about."""
        if verdict.kind not in (VerdictKind.CONFIRM, VerdictKind.REVIEW) or not _flushes(verdict.reading):
            return None
        try:
            replies = session.side().pipeline(backup_commands(), timeout=_SECONDS)
        except SafeshellError:
            return None
        return backups_of(replies, now=datetime.now(UTC))

    def after(self, decision: Decision, backups: Backups | None) -> list[str]:
        """What to do now, if the line has flushed; nothing for any other."""
        asked = decision.verdict.kind is not VerdictKind.ALLOW
        if (
            not asked
            or not _flushes(decision.verdict.reading)
            or decision.outcome.kind is not OutcomeKind.DONE
        ):
            return []
        everything = any(command.name == "FLUSHALL" for command in decision.verdict.reading.commands)
        return recovery_card(
            backups, everything=everything, undo_id=decision.outcome.undo_id, dump=self.last_dump
        )


def _flushes(reading: Reading) -> bool:
    return any(command.name in _FLUSHES for command in reading.commands)
