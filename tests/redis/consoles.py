"""What the tests of the console in a terminal have in common: answering, waiting for an unlocked prompt, files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.person import ROOT, Person

LAUNCHER = str(ROOT / "tests" / "redis" / "console_launcher.py")
Open = Callable[..., Person]


def journalled(home: Path) -> str:
    """Everything that is in the journal, as text."""
    database = sqlite3.connect(home / ".local/state/safeshell/journal.db")
    try:
        return "\n".join(str(row[0]) for row in database.execute("SELECT body FROM events ORDER BY seq"))
    finally:
        database.close()


def answer(terminal: Person, text: str, *, after: int = 0, enter: bool = True) -> None:
    """Answer the question on the screen (the one behind the mark `after`), as hands do."""
    terminal.reads(r"anything else is no\.", after=after)
    terminal.wait_until(lambda: terminal.cursor_line.startswith(">"), "the sign that keys count")
    terminal.type(text)
    if enter:
        terminal.type("\r")


def unlocked(terminal: Person) -> None:
    """Wait for a prompt that counts down."""
    terminal.wait_until(lambda: re.search(r"unlocked \w+>$", terminal.cursor_line) is not None, "a countdown")
