"""Patterns of file names expanded in process, by the rules of the shells; no typed word goes to a program for it.

In doubt the expansion has more files than the shell's: what is measured and kept may be too much, not too little.
Sources: POSIX 2.13, bash(1) "Pathname Expansion", zshexpn(1) "Filename Generation", fish's "Wildcards".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from safeshell.shell.impact.deadline import Deadline

MOST_NAMES: Final = 100_000
"""A pattern that fits more names than this is cut off there."""
_SIGNS: Final = frozenset("*?[")
_CLASSES: Final = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s",
    "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9A-Fa-f", "word": r"\w", "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e", "graph": r"\x21-\x7e",
}  # fmt: skip


_LETTERED: Final = frozenset({"alpha", "alnum", "upper", "lower", "word", "punct", "print", "graph"})


class NotExpanded(Exception):
    """A pattern of a kind that is not followed here; its text says which."""


def expanded(
    pattern: str,
    deadline: Deadline,
    *,
    shell: str = "bash",
    options: frozenset[str] = frozenset(),
    mixed: bool = False,
) -> list[bytes]:
    """The existing files that an absolute pattern fits, sorted; the pattern's own name where it is a file's.

    Args:
        pattern: absolute.
        deadline: when to stop.
        shell: whose rules.
        options: those that are on: `dotglob`, `nocaseglob`, `globstar` and zsh's counterparts count.
        mixed: some signs may have been quoted; then both meanings are followed.

    Raises:
        NotExpanded: it is of a kind not followed here.
        OutOfTime: there are too many, or too far apart.
    """
    deep = shell in ("zsh", "fish") or "globstar" in options
    if _is_extended(pattern, shell, options):
        raise NotExpanded("a pattern of alternatives")
    dots = bool({"dotglob", "globdots"} & options)
    icase = bool({"nocaseglob", "nocase"} & options)
    found: dict[bytes, None] = {}
    walker = _Walker(deadline, deep=deep, dots=dots, icase=icase, mixed=mixed)
    parts = [part for part in pattern.split("/") if part]
    for path in walker.matches(b"/", parts):
        if pattern.endswith("/") and not os.path.isdir(path):  # noqa: PTH112 - bytes
            continue
        found[path + b"/" if pattern.endswith("/") else path] = None
        if len(found) > MOST_NAMES:
            raise NotExpanded("a pattern of too many names")
    literal = os.fsencode(pattern)
    if not found and os.path.lexists(literal):
        found[literal] = None
    return sorted(found)


def _is_extended(pattern: str, shell: str, options: frozenset[str]) -> bool:
    """Whether `!(a|b)`, zsh's `*(.)`, `(a|b)`, `^a`, `a~b` may be meant."""
    if shell == "zsh":
        return "(" in pattern or bool(
            {"extendedglob", "extended_glob"} & options and set("^~#") & set(pattern)
        )
    return shell != "fish" and re.search(r"[!?*+@]\(", pattern) is not None


class _Walker:
    """One expansion."""

    def __init__(self, deadline: Deadline, *, deep: bool, dots: bool, icase: bool, mixed: bool) -> None:
        self._deadline = deadline
        self._deep = deep
        self._dots = dots
        self._icase = icase
        self._mixed = mixed

    def matches(self, folder: bytes, parts: list[str]) -> Iterator[bytes]:
        """What fits `parts` below `folder`."""
        if not parts:
            yield folder
            return
        part, rest = parts[0], parts[1:]
        if "**" in part and self._deep:
            if part == "**":
                if not rest:
                    yield folder
                yield from self.matches(folder, rest or ["*"])
            for name in self._names(folder, part):
                below = _joined(folder, name)
                if os.path.isdir(below) and not os.path.islink(below):  # noqa: PTH112, PTH114 - bytes
                    yield from self.matches(below, parts)
            if part != "**":
                yield from self._one(folder, part, rest)
            return
        yield from self._one(folder, part, rest)

    def _one(self, folder: bytes, part: str, rest: list[str]) -> Iterator[bytes]:
        if not _SIGNS & set(part):
            path = _joined(folder, os.fsencode(part))
            if os.path.lexists(path):
                yield from self.matches(path, rest)
            return
        for name in self._names(folder, part):
            path = _joined(folder, name)
            if not rest or os.path.isdir(path):  # noqa: PTH112 - bytes
                yield from self.matches(path, rest)

    def _names(self, folder: bytes, part: str) -> Iterator[bytes]:
        fits = _pattern(part, self._icase, self._mixed)
        hidden = self._dots or part.startswith((".", "["))
        self._deadline.check()
        try:
            with os.scandir(folder) as entries:
                for count, entry in enumerate(entries):
                    if count % 512 == 511:
                        self._deadline.check()
                    name = entry.name
                    if (hidden or not name.startswith(b".")) and fits.fullmatch(os.fsdecode(name)):
                        yield name
        except OSError:
            return


def _joined(folder: bytes, name: bytes) -> bytes:
    return folder + name if folder.endswith(b"/") else folder + b"/" + name


@lru_cache(maxsize=256)
def _pattern(part: str, icase: bool, mixed: bool) -> re.Pattern[str]:  # noqa: FBT001 - a cached function
    flags = re.DOTALL | (re.IGNORECASE if icase else 0)
    try:
        return re.compile(_expression(part, mixed=mixed), flags)
    except re.error:  # a range the wrong way round: the shells do not agree on what it means
        return re.compile(_expression(part, mixed=True, ranges=False), flags)


def _expression(part: str, *, mixed: bool, ranges: bool = True) -> str:
    made: list[str] = []
    at = 0
    while at < len(part):
        sign = part[at]
        at += 1
        if sign == "*":
            made.append(".*" if not made or made[-1] != ".*" else "")
        elif sign == "?":
            made.append(".")
        elif sign == "[" and (end := _bracket_end(part, at)) > 0:
            inside = _bracket(part[at : end - 1], ranges=ranges)
            made.append(f"(?:{inside}|{re.escape(part[at - 1 : end])})" if mixed else inside)
            at = end
        else:
            made.append(re.escape(sign))
    return "".join(made)


def _bracket_end(part: str, at: int) -> int:
    """The index behind the `]` of a bracket whose inside begins at `at`; 0 when it is never closed."""
    if part[at : at + 1] in ("!", "^"):
        at += 1
    if part[at : at + 1] == "]":
        at += 1
    while at < len(part):
        if part.startswith("[:", at):
            close = part.find(":]", at)
            at = close + 2 if close > 0 else at + 1
        elif part[at] == "]":
            return at + 1
        else:
            at += 1
    return 0


def _bracket(inside: str, *, ranges: bool) -> str:
    negated = inside[:1] in ("!", "^")
    body = inside[1:] if negated else inside
    if negated and not ranges:
        return "."
    made, at = "", 0
    while at < len(body):
        if body.startswith("[:", at) and (close := body.find(":]", at)) > 0:
            kind = body[at + 2 : close]
            # Letters beyond ASCII count as any class of letters, and as none where the bracket is turned round.
            made += _CLASSES.get(kind, "") + ("" if negated or kind not in _LETTERED else "\u00a1-\U0010ffff")
            at = close + 2
            continue
        sign = body[at]
        made += sign if ranges and sign == "-" and 0 < at < len(body) - 1 else re.escape(sign)
        at += 1
    if not made:
        return "." if negated else "(?!)"
    return f"[{'^' if negated else ''}{made}]"
