"""What a console works with at one time: a session, its guard, and what belongs to both; and leaving read-only.

Put together by `program`, and again for CONNECT. The two ways a read-only session is left and gone back to
live here: the guard's lock, and, where the server itself refuses writes, another login.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from safeshell.errors import UsageError
from safeshell.guard.durations import written
from safeshell.guard.mode import Mode, strictest_mode
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Reading
from safeshell.guard.verdict import Verdict
from safeshell.journal.recorder import NoteKind
from safeshell.redis.address import ServerAddress
from safeshell.redis.addressed import addresses_of
from safeshell.redis.dialect import RedisDialect
from safeshell.redis.on_demand import LineUndo
from safeshell.redis.reply import Reply
from safeshell.redis.rules_clients import LOGIN_RULE
from safeshell.redis.session import RedisSession
from safeshell.redis.tokens import split_line, split_repeat

if TYPE_CHECKING:
    from safeshell.redis.undo_store import UndoStore


def _unnoted(kind: NoteKind, text: str) -> None:
    """Where nothing is journalled."""
    del kind, text


def _nothing_open() -> None:
    """Where nothing is journalled."""


@dataclass(slots=True)
class ConsoleSession:
    """A session with its guard.

    Args:
        session: with the server.
        guard: its keeper is `undo` (or nothing is kept).
        address: the normal way to the server.
        reader: the way on which the server refuses writes; None where there is only the client's proof.
        undo: keeps what is destroyed; None where nothing is kept.
        make_store: where it is kept, opened when first wanted.
        enforced_by: what holds it read-only, in words; empty for nothing.
        journal: where lines are written, in words for the banner.
        note: writes into the journal what is no line.
        close_journal: ends the session there.
    """

    session: RedisSession
    guard: Guard
    address: ServerAddress
    make_store: Callable[[], UndoStore]
    reader: ServerAddress | None = None
    undo: LineUndo | None = None
    enforced_by: str = ""
    journal: str = ""
    note: Callable[[NoteKind, str], None] = _unnoted
    close_journal: Callable[[], None] = _nothing_open
    _was_unlocked: bool = False

    @property
    def store(self) -> UndoStore:
        """Where undo data is kept, for listing and putting back."""
        return self.make_store()

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Send one command of the person's, keeping what it destroys where that is asked for."""
        return self.undo.execute(argv) if self.undo else self.session.execute(argv)

    def big_read_offer(self, argv: Sequence[bytes]) -> str | None:
        """What to say of a read that returns very much at once; None for any other."""
        from safeshell.redis.impact import RedisProbe

        return RedisProbe(self.session).big_read_offer(argv)

    def judge(self, line: str) -> Verdict:
        """What is said of a typed `line` now, with all that the server can tell of its commands.

        Raises:
            UnbalancedQuotes, InvalidRepeat: it is no line.
            GuardFailure: the guard itself failed.
        """
        dialect = self.guard.dialect = self._dialect([split_repeat(split_line(line)).argv])
        return self.guard.judge_by(lambda: self._held(dialect.read(line)))

    def judge_argv(self, argv: Sequence[bytes]) -> Verdict:
        """The same for a command whose words are known.

        Raises:
            GuardFailure: the guard itself failed.
        """
        dialect = self.guard.dialect = self._dialect([argv])
        return self.guard.judge_by(lambda: self._held(dialect.read_argv(argv)))

    def judge_batch(self, lines: Sequence[str]) -> Verdict:
        """The same for typed lines that will run one after the other.

        Raises:
            UnbalancedQuotes, InvalidRepeat: one of them is no line.
            GuardFailure: the guard itself failed.
        """
        argvs = [split_repeat(split_line(line)).argv for line in lines]
        return self.guard.judge_by(lambda: self.read_batch(lines, argvs))

    def read_batch(self, lines: Sequence[str], argvs: Sequence[Sequence[bytes]]) -> Reading:
        """What lines that are run one after the other would do.

        Args:
            lines: as text.
            argvs: the words of each.
        """
        dialect = self.guard.dialect = self._dialect(argvs)
        return self._held(replace(dialect.read_batch(lines), addresses=addresses_of(argvs)))

    def reconnect(self, *, accept_change: bool = False) -> None:
        """Connect anew; where that leads elsewhere, as after a failover, unlocking and locking will lead there too.

        Raises:
            SafeshellError: as the session's own `reconnect`.
        """
        before = self.session.state.address
        self.session.reconnect(accept_change=accept_change)
        now = self.session.state.address
        if now.place == before.place:
            return
        if self.address.place == before.place:
            self.address = _moved(self.address, now)
        if self.reader and self.reader.place == before.place:
            self.reader = _moved(self.reader, now)

    def unlock(self, duration: timedelta, reason: str) -> str:
        """Leave read-only; what to say of it.

        Raises:
            UsageError: the environment does not allow it so, or there is nothing to unlock.
            SafeshellError: the server can't be reached with the login that may write; still locked.
        """
        if self.guard.base_mode is not Mode.READ_ONLY:
            raise UsageError(f"the mode is {self.guard.base_mode.value}; there is nothing to unlock")
        if self.reader and self.session.state.in_multi:
            raise UsageError(
                "a transaction is open, and unlocking connects anew", todo="EXEC or DISCARD first."
            )
        unlocked = self.guard.unlock(duration, reason)
        try:
            self.note(NoteKind.UNLOCKED, f"for {written(duration)}: {unlocked.reason}")
            if self.reader:
                self.session.switch(self.address)
        except BaseException:
            self.guard.lock()
            raise
        self._was_unlocked = True
        return f"Unlocked for {written(duration)}; what destroys is still asked about."

    def lock(self) -> str:
        """Go back to read-only; what to say of it.

        Raises:
            SafeshellError: the server can't be reached with the login that only reads; the guard holds.
        """
        self.guard.lock()
        return self._locked("")

    def lock_when_over(self) -> str:
        """Go back to read-only if the time is over; what to say of it, empty when there is nothing to say.

        Raises:
            SafeshellError: as `lock`.
        """
        if not self._was_unlocked or self.guard.unlocked_for() is not None:
            return ""
        self.guard.lock()
        return self._locked("The time is over: ")

    def tighten(self, mode: Mode) -> None:
        """Make the mode stricter for the rest of the session.

        Raises:
            UsageError: it would become milder.
        """
        if strictest_mode(self.guard.base_mode, mode) is not mode:
            raise UsageError(
                f"{mode.value} is milder than {self.guard.base_mode.value}, this session's mode",
                todo="It can only become stricter; :unlock leaves read-only for a while.",
            )
        self.guard.base_mode = mode
        if mode is Mode.READ_ONLY:
            self.lock()

    def _dialect(self, argvs: Sequence[Sequence[bytes]]) -> RedisDialect:
        """Reads commands as they mean something at this moment of the session."""
        facts = self.session.learn(*argvs)
        state = self.session.state
        now_ms = int(time.time() * 1000)
        plain = RedisDialect(facts, db=state.db, now_ms=now_ms)
        queued = tuple(plain.read_argv(argv) for argv in state.queued)
        return RedisDialect(facts, db=state.db, queued=queued, in_multi=state.in_multi, now_ms=now_ms)

    def _held(self, reading: Reading) -> Reading:
        """`reading` as a read-only session takes it: a login changes nothing, but would leave the session."""
        if self.guard.mode is not Mode.READ_ONLY:
            return reading
        commands = tuple(
            replace(command, reads=False)
            if any(finding.rule == LOGIN_RULE for finding in command.findings)
            else command
            for command in reading.commands
        )
        return replace(reading, commands=commands)

    def _locked(self, why: str) -> str:
        if not self._was_unlocked:
            return f"The mode is {self.guard.mode.value}."
        self._was_unlocked = False
        lost = " The open transaction is lost." if self.reader and self.session.state.in_multi else ""
        if self.reader:
            self.session.switch(self.reader)
        self.note(NoteKind.LOCKED, why.strip(": "))
        return f"{why}{'r' if why else 'R'}ead-only again.{lost}"


def _moved(address: ServerAddress, to: ServerAddress) -> ServerAddress:
    """The same login at another place."""
    return replace(address, host=to.host, port=to.port, unix_socket=to.unix_socket)
