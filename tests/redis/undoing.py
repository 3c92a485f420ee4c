"""Someone whose lines are kept for undo, on a real server."""

from __future__ import annotations

from pathlib import Path

from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.reading import Reading
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.reply import (
    Reply,
)
from safeshell.redis.restore import Restorer
from safeshell.redis.session import RedisSession
from safeshell.redis.undo import RedisUndo
from safeshell.redis.undo_store import UndoStore
from tests.servers import RedisServer


class KeptPerson:
    """Someone at a console whose lines are kept."""

    def __init__(self, server: RedisServer, folder: Path, **options: object) -> None:
        self.session = RedisSession.open(ServerAddress(port=server.port), target="cache-test")
        self.eyes = Connection.open(self.session.state.address)
        self.store = UndoStore(folder / "undo")
        self.said: list[str] = []
        self.undo = RedisUndo(self.session, self.store, told=self.said.append, **options)  # type: ignore[arg-type]
        self.restorer = Restorer(self.session, self.store, told=self.said.append)

    def types(self, *lines: str | list[bytes]) -> Reply:
        """One submitted line of several commands; the last one's reply."""
        replies: list[Reply] = []

        def run() -> Outcome:
            for line in lines:
                argv = line.encode().split() if isinstance(line, str) else line
                replies.append(self.undo.execute(argv))
            return Outcome(OutcomeKind.DONE)

        outcome = self.undo.run_kept(Reading("redis", "line", "the line"), run)
        assert outcome.undo_id == (self.undo.last_id or "")
        return replies[-1]

    def asks(self, *words: str | bytes) -> Reply:
        return self.eyes.call(*(w.encode() if isinstance(w, str) else w for w in words))

    def close(self) -> None:
        self.session.close()
        self.eyes.close()
