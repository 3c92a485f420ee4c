"""`:unlink PATTERN [--rate N/s] [--dry-run]` and `:unlink --continue`: what was typed, what it would do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding, Reading
from safeshell.guard.text import visible

USAGE = ":unlink PATTERN [--rate N/s] [--dry-run], or :unlink --continue"
_RATE = re.compile(r"(\d[\d,_]*)(?:/s)?")


@frozen
class UnlinkRequest:
    """What to unlink.

    Args:
        pattern: a glob as SCAN MATCH takes it; empty to go on where the last one stopped.
        rate: keys a second at most; None for as fast as it goes.
        dry_run: only count and show.
        resume: go on where the last one of this database stopped.
    """

    pattern: bytes = b""
    rate: int | None = None
    dry_run: bool = False
    resume: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether the pattern matches every key."""
        return bool(self.pattern) and not self.pattern.strip(b"*")


def parse_unlink(words: Sequence[bytes]) -> UnlinkRequest:
    """The request in the words after `:unlink`.

    Args:
        words: split as the console splits every line, quotes resolved.

    Raises:
        UsageError: they do not fit.
    """
    pattern: bytes | None = None
    rate: int | None = None
    dry_run = resume = False
    left = list(words)
    while left:
        word = left.pop(0)
        if word == b"--dry-run":
            dry_run = True
        elif word == b"--continue":
            resume = True
        elif word == b"--rate" or word.startswith(b"--rate="):
            value = word.partition(b"=")[2] if b"=" in word else (left.pop(0) if left else b"")
            rate = _rate(value)
        elif word == b"--" and len(left) == 1 and pattern is None:
            pattern = left.pop()
        elif word.startswith(b"--") or pattern is not None:
            raise UsageError(f"{visible(word, limit=60)} does not belong here", where=":unlink", todo=USAGE)
        else:
            pattern = word
    if resume == (pattern is not None) or not (resume or pattern):
        raise UsageError("a pattern is needed, or --continue without one", where=":unlink", todo=USAGE)
    return UnlinkRequest(pattern or b"", rate, dry_run, resume)


def unlink_reading(pattern: bytes, db: int, *, line: str = "") -> Reading:
    """What unlinking `pattern` does, for the guard to judge: many keys are deleted, or all of the database.

    Args:
        pattern: the glob.
        db: the database.
        line: what was typed; made from the pattern by default.
    """
    shown = visible(pattern, limit=120)
    line = line or f":unlink {shown}"
    everything = UnlinkRequest(pattern).is_everything
    extent = Extent.EVERYTHING if everything else Extent.MANY
    what = f"db {db}" if everything else f"keys {shown} of db {db}"
    finding = Finding(
        "redis.unlink-pattern",
        Severity.CRITICAL if everything else Severity.HIGH,
        f"removes every key of db {db}"
        if everything
        else f"removes every key of db {db} that matches {shown}",
        f":unlink {shown} --dry-run counts them and shows some",
        (0, len(line)),
    )
    command = Command(":unlink", (Effect(EffectKind.DELETE, extent, what),), (finding,), objects=(shown,))
    return Reading("redis", line, line, (command,))


def _rate(value: bytes) -> int:
    match = _RATE.fullmatch(value.decode("utf-8", "replace"))
    rate = int(re.sub(r"\D", "", match[1])) if match else 0
    if not rate:
        raise UsageError(
            f"{visible(value, limit=40)} is no rate", where=":unlink --rate", todo="Write 500/s or 500."
        )
    return rate
