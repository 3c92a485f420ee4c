"""Starts a console from ready objects, as the program does, for tests: PORT ENVIRONMENT [MODE [READER]].

Options and configuration have tests of their own; here is only what a conversation needs.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from safeshell.guard.environment import BUILT_IN, Environment
from safeshell.guard.interfaces import NothingKept
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Guard
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.session import SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.redis.address import ServerAddress
from safeshell.redis.console import ConsolePlaces, ConsoleWorld, RedisConsole
from safeshell.redis.console_session import ConsoleSession
from safeshell.redis.dialect import RedisDialect
from safeshell.redis.impact import RedisProbe
from safeshell.redis.session import RedisSession
from safeshell.redis.undo import RedisUndo
from safeshell.redis.undo_store import UndoStore
from safeshell.terminal.asker import TerminalAsker
from safeshell.terminal.theme import theme_for


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def open_session(address: ServerAddress, target: str, environment: Environment, mode: Mode) -> ConsoleSession:
    """A guarded session, as `program` makes it."""
    reader_user = os.environ.get("TEST_READER", "")
    reader = replace(address, username=reader_user, password="reader") if reader_user else None
    reads = mode is Mode.READ_ONLY
    session = RedisSession.open(reader if reader and reads else address, target=target, told=say)
    store = UndoStore(state_folder() / "undo")
    undo = RedisUndo(session, store, told=say) if environment.undo else None
    recorder = JournalRecorder(
        JournalStore(state_folder()),
        SessionStart("redis", target, environment.name, mode, address.describe(), person_here()),
    )
    theme = theme_for(os.environ, is_tty=True)
    guard = Guard(
        dialect=RedisDialect(),
        environment=environment,
        target=target,
        mode=mode,
        probe=RedisProbe(session),
        asker=TerminalAsker(theme),
        keeper=undo or NothingKept(),
        recorder=recorder,
        clock=lambda: datetime.now(UTC),
        ask_timeout=timedelta(seconds=float(os.environ.get("TEST_ASK_SECONDS", "60"))),
        told=say,
    )
    return ConsoleSession(
        session=session,
        guard=guard,
        address=address,
        make_store=lambda: store,
        reader=reader,
        undo=undo,
        enforced_by=f"the server: user {reader_user}" if reader else "the client's proof",
        journal=f"Journal: {state_folder()}",
        note=recorder.note,
    )


def main(words: list[str]) -> int:
    environment = BUILT_IN[words[1]]
    mode = Mode(words[2]) if len(words) > 2 else environment.mode
    address = ServerAddress(port=int(words[0]), protocol=2)  # type: ignore[arg-type]
    password = os.environ.get("TEST_PASSWORD")
    here = open_session(
        replace(address, password=password), os.environ.get("TEST_TARGET", "cache"), environment, mode
    )
    world = ConsoleWorld(
        theme=theme_for(os.environ, is_tty=True),
        places=ConsolePlaces.under(Path(state_folder())),
        connect=lambda there: open_session(there, there.place, BUILT_IN["unlabelled"], Mode.GUARDED),
        log_lines=lambda target, count: [f"{count} lines of {target}"],
    )
    return RedisConsole(here, world).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
