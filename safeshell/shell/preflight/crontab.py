"""Crontabs: what cron would refuse, or silently leave out. Source: crontab(5) of cronie and Debian's cron."""

from __future__ import annotations

import re
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.preflight.formats import Mistake

_FIELDS: Final = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_NICKNAMES: Final = frozenset(
    "@reboot @yearly @annually @monthly @weekly @daily @midnight @hourly @every_minute @every_second".split()
)
_VARIABLE: Final = lazy_pattern(r"""["']?[A-Za-z_]\w*["']?\s*=""")
_RANGE: Final = lazy_pattern(r"(\*|~|\w+(?:[-~]\w+)?)(?:/(\d+))?")


def mistake_in_crontab(text: str) -> Mistake | None:
    """The first line that cron would not take."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        said = line.strip()
        if not said or said.startswith("#") or _VARIABLE.match(said):
            continue
        mistake = _mistake_in_line(line, number)
        if mistake:
            return mistake
    if lines[-1].strip():
        return Mistake(len(lines), len(lines[-1]) + 1, "the last line has no line end, so cron leaves it out")
    return None


def _mistake_in_line(line: str, number: int) -> Mistake | None:
    fields = list(re.finditer(r"\S+", line))
    if fields[0][0] in _NICKNAMES and len(fields) == 1:
        return Mistake(number, len(line.rstrip()) + 1, "a command is wanted")
    if fields[0][0] in _NICKNAMES:
        return None
    if fields[0][0].startswith("@"):
        return Mistake(number, fields[0].start() + 1, f"{fields[0][0]} is no time that cron knows")
    for field, (name, least, most, names) in zip(fields, _FIELDS, strict=False):
        if not all(_fits(part, least, most, names) for part in field[0].split(",")):
            return Mistake(number, field.start() + 1, f"{field[0]} is no {name} ({least} to {most})")
    if len(fields) < 6:
        return Mistake(number, len(line.rstrip()) + 1, "five times and a command are wanted")
    return None


def _fits(part: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    match = _RANGE.fullmatch(part)
    if match is None or (match[2] is not None and int(match[2]) == 0):
        return False
    if match[1] in ("*", "~"):
        return True
    ends = re.split(r"[-~]", match[1])
    numbers = [_number(end, names, first=least) for end in ends]
    if len(ends) == 2 and ends[1].lower()[:3] == "sun":
        numbers[1] = 7  # some crons read `fri-sun` so; the others say so themselves
    if any(number is None or not least <= number <= most for number in numbers):
        return False
    return len(numbers) == 1 or (numbers[0] or 0) <= (numbers[1] or 0)


def _number(text: str, names: tuple[str, ...], *, first: int) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    known = {name: at for at, name in enumerate(names, 1 if first else 0)}
    return known.get(text.lower()[:3]) if text.isalpha() else None
