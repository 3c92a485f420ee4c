"""chmod: which modes open something to everybody, or close it to everybody.

Facts: chmod(1) of coreutils 9, POSIX chmod.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import Word

_OCTAL: Final = lazy_pattern(r"[0-7]{1,5}")
_CLAUSE: Final = lazy_pattern(r"([ugoa]*)((?:[-+=][rwxXst]*[ugo]?)+)")
_ACTION: Final = lazy_pattern(r"([-+=])([rwxXst]*[ugo]?)")


def opens_to_world(invocation: Invocation) -> bool:
    """Everybody may write: 777, 666, o+w, a+rwx; not a sticky directory (1777)."""
    mode = _mode(invocation)
    if _OCTAL.fullmatch(mode):
        value = int(mode, 8)
        return bool(value & 0o002) and not value & 0o1000
    return any(
        sign in "+=" and "w" in what and ("o" in who or "a" in who) for who, sign, what in _actions(mode)
    ) and not any(sign == "+" and "t" in what for _, sign, what in _actions(mode))


def removes_all(invocation: Invocation) -> bool:
    """Nobody may read, or nobody may execute, any more: 000, a-rwx, a=, -r, a-x."""
    mode = _mode(invocation)
    if _OCTAL.fullmatch(mode):
        return int(mode, 8) & 0o777 == 0
    for who, sign, what in _actions(mode):
        everyone = who in ("", "a") or {"u", "g", "o"} <= set(who)
        if everyone and ((sign == "-" and {"r", "x", "X"} & set(what)) or (sign == "=" and not what)):
            return True
    return False


def setuid(invocation: Invocation) -> bool:
    """What is started will have its owner's or group's rights: 4755, 2755, u+s, g+s."""
    mode = _mode(invocation)
    if _OCTAL.fullmatch(mode):
        return bool(int(mode, 8) & 0o6000)
    return any(sign in "+=" and "s" in what for _, sign, what in _actions(mode))


def _mode(invocation: Invocation) -> str:
    """The mode as typed; `-rwx`, which looks like options, included."""
    for word in invocation.words:
        if _is_mode(word):
            return word.text
    return ""


def _is_mode(word: Word) -> bool:
    text = word.text
    if text.startswith("--") or text in ("-R", "-v", "-c", "-f", "-h", "-H", "-L", "-P"):
        return False
    return _OCTAL.fullmatch(text) is not None or all(_CLAUSE.fullmatch(part) for part in text.split(","))


def _actions(mode: str) -> list[tuple[str, str, str]]:
    """(who, sign, what) of a symbolic mode."""
    found: list[tuple[str, str, str]] = []
    for clause in mode.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match:
            found += ((match.group(1), sign, what) for sign, what in _ACTION.findall(match.group(2)))
    return found
