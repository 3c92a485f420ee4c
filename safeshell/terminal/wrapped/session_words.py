"""`safeshell unlock`, `lock` typed in a guarded shell: words to the session's own guard, which no program can say.

The shell's function of that name hands them over the private channel; everything else is the program's own matter.
"""

from __future__ import annotations

from collections.abc import Callable

from safeshell.errors import SafeshellError, UsageError
from safeshell.guard.durations import parse_duration, written
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Guard
from safeshell.guard.text import visible

Note = Callable[[str, str], None]
"""Writes into the journal what is no line: what happened, and its words."""


def perform(guard: Guard, words: str, note: Note) -> str:
    """Do what the words say; the answer to the shell: `ok TEXT`, or `fail STATUS TEXT`."""
    name, _, rest = words.strip().partition(" ")
    try:
        match name:
            case "unlock":
                return f"ok {_unlock(guard, rest.strip(), note)}"
            case "lock":
                return f"ok {_lock(guard, note)}"
            case _:
                raise UsageError(f"{visible(name, limit=40)} is nothing that a session can be told")
    except SafeshellError as error:
        text = " ".join(str(error).split())
        return f"fail {int(error.status)} {text}"


def _unlock(guard: Guard, words: str, note: Note) -> str:
    if guard.base_mode is not Mode.READ_ONLY:
        raise UsageError(f"the mode is {guard.base_mode.value}; there is nothing to unlock")
    length, _, reason = words.partition(" ")
    try:
        duration = parse_duration(length)
    except ValueError as error:
        raise UsageError(
            str(error) if length else "for how long?", todo="Write: safeshell unlock 10m REASON"
        ) from None
    unlocked = guard.unlock(duration, reason)
    try:
        note("unlocked", f"for {written(duration)}: {unlocked.reason}")
    except SafeshellError:
        if guard.environment.journal_required:
            guard.lock()
            raise
    return f"Unlocked for {written(duration)}; what destroys is still asked about."


def _lock(guard: Guard, note: Note) -> str:
    if guard.unlocked_for() is None:
        return f"The session is {guard.mode.value}; nothing was unlocked."
    guard.lock()
    note("locked", "")
    return "Read-only again."
