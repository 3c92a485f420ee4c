"""sed: whether its script only edits the stream, or writes files or runs programs.

Facts: the GNU sed 4.9 manual, POSIX sed; BSD sed's -I and -a.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.inner import Inner, InnerText, Language
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN, Word

_SED: Final = spec("-e --expression -f --file -l --line-length", abbreviations=True)
_ADDRESS: Final = lazy_pattern(rf"\d+(?:~\d+)?|\$|{UNKNOWN}")
_SECOND: Final = lazy_pattern(rf"[+~]?(?:\d+|{UNKNOWN})|\$")
_SPACE: Final = lazy_pattern(r"[\s;]*")
_BLANK: Final = lazy_pattern(r"[ \t]*")
_LINE: Final = lazy_pattern(r"[^\n]*")
_TEXT: Final = lazy_pattern(r"(?:[^\\\n]|\\.)*", re.DOTALL)
_PLAIN: Final = frozenset("=dDgGhHnNpPxzF")
_NUMBERED: Final = lazy_pattern(r"[ \t]*\d*")
_FLAGS: Final = lazy_pattern(r"[gpiImM0-9e]*")
_HARMLESS_FILES: Final = frozenset({"/dev/stdout", "/dev/stderr", "/dev/null"})


@frozen
class SedScript:
    """What a script does besides editing the stream.

    Args:
        writes: the files that it writes.
        programs: the lines that it gives to a shell; one is "" where the edited text itself is run.
        understood: whether all of it was.
    """

    writes: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    understood: bool = True


def reads(invocation: Invocation) -> bool:
    """Every script is known and only edits the stream, and no file is edited in place."""
    if in_place(invocation):
        return False
    taken = retaken(invocation, _SED)
    if taken.has("-f", "--file") or any(map(may_be_option, taken.operands[:1])):
        return False
    scripts = _scripts(taken)
    if not scripts:
        return False
    found = read_script("\n".join(word.text for word in scripts))
    return found.understood and not found.programs and not _real_files(found)


def in_place(invocation: Invocation) -> bool:
    """Files are edited where they are."""
    return any(
        option.name in ("-i", "-I")
        or (option.name.startswith("--in") and "--in-place".startswith(option.name))
        for option in retaken(invocation, _SED).options
    )


def runs(invocation: Invocation) -> bool:
    """A script gives something to a shell (`e`, `s///e`)."""
    return bool(_found(invocation).programs)


def writes(invocation: Invocation) -> bool:
    """A script writes a file (`w`, `W`, `s///w`)."""
    return bool(_real_files(_found(invocation)))


def inner(invocation: Invocation) -> tuple[Inner, ...]:
    """The lines that a script gives to a shell, where they are written in it."""
    span = invocation.command.span
    return tuple(InnerText(text, Language.SHELL, span) for text in _found(invocation).programs if text)


def _found(invocation: Invocation) -> SedScript:
    scripts = _scripts(retaken(invocation, _SED))
    return read_script("\n".join(word.text for word in scripts)) if scripts else SedScript()


def _real_files(found: SedScript) -> list[str]:
    return [name for name in found.writes if name not in _HARMLESS_FILES]


def _scripts(taken: Invocation) -> list[Word]:
    given = [option.value for option in taken.given("-e", "--expression") if option.value is not None]
    if given or taken.has("-f", "--file"):
        return given
    return list(taken.operands[:1])


@lru_cache(maxsize=256)
def read_script(text: str) -> SedScript:
    """What a sed script does. Linear in its length; never raises."""
    return _Reader(text).read()


class _Reader:
    """One pass over a script."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.writes: list[str] = []
        self.programs: list[str] = []

    def read(self) -> SedScript:
        understood = True
        while understood:
            self._skip(_SPACE)
            if self.at >= len(self.text):
                break
            understood = self._command()
        return SedScript(tuple(self.writes), tuple(self.programs), understood)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None, "these patterns match the empty text"
        self.at = match.end()
        return match.group()

    def _address(self, pattern: re.Pattern[str]) -> bool:
        """Take an address if there is one; False when it has no end."""
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
            return True
        sign = self.text[self.at : self.at + 1]
        if sign == "\\":
            sign = self.text[self.at + 1 : self.at + 2]
            self.at += 1
        elif sign != "/":
            return True
        self.at += 1
        if not sign or not self._to(sign):
            return False
        while self.text[self.at : self.at + 1] in ("I", "M") and self.at < len(self.text):
            self.at += 1
        return True

    def _to(self, sign: str) -> bool:
        """Go behind the next `sign` that no backslash and no bracket protects."""
        text, at, length = self.text, self.at, len(self.text)
        while at < length:
            char = text[at]
            if char == "\\":
                at += 2
                continue
            if char == sign:
                self.at = at + 1
                return True
            if char == "\n" and sign != "\n":
                return False
            if char == "[":
                close = text.find("]", at + (3 if text[at + 1 : at + 2] == "^" else 2))
                stop = text.find("\n", at)
                if close > 0 and (stop < 0 or close < stop):
                    inside = text.find(sign, at, close)
                    # sed lets the delimiter stand in brackets of a regular expression.
                    at = close + 1 if inside < 0 or text[close + 1 : close + 2] != "" else at + 1
                    continue
            at += 1
        return False

    def _command(self) -> bool:
        if not self._address(_ADDRESS):
            return False
        self._skip(_BLANK)
        if self.text[self.at : self.at + 1] == ",":
            self.at += 1
            self._skip(_BLANK)
            if not self._address(_SECOND):
                return False
        self._skip(re.compile(r"[ \t!]*"))
        name = self.text[self.at : self.at + 1]
        self.at += 1
        if name in "{}" and name:
            return True
        if name and name in _PLAIN:
            return self._ends()
        return bool(name) and self._with_argument(name)

    def _with_argument(self, name: str) -> bool:
        match name:
            case "#":
                self._skip(_LINE)
            case "l" | "L" | "q" | "Q":
                self._skip(_NUMBERED)
                return self._ends()
            case ":" | "b" | "t" | "T" | "v":
                self._skip(re.compile(r"[^\n;}]*"))
            case "a" | "i" | "c":
                self._appended()
            case "r" | "R":
                self._skip(_LINE)
            case "w" | "W":
                self.writes.append(self._skip(_LINE).strip())
            case "e":
                self.programs.append(self._skip(_LINE).strip())
            case "s":
                return self._substitute()
            case "y":
                sign = self.text[self.at : self.at + 1]
                self.at += 1
                return bool(sign) and self._plain_to(sign) and self._plain_to(sign) and self._ends()
            case _:
                return False
        return True

    def _appended(self) -> None:
        self._skip(_BLANK)
        if self.text.startswith("\\\n", self.at):
            self.at += 2
        self._skip(_TEXT)

    def _substitute(self) -> bool:
        sign = self.text[self.at : self.at + 1]
        self.at += 1
        if not sign or sign in "\\\n" or not self._to(sign) or not self._plain_to(sign):
            return False
        flags = self._skip(_FLAGS)
        if "e" in flags:
            self.programs.append("")
        if self.text[self.at : self.at + 1] == "w":
            self.at += 1
            self.writes.append(self._skip(_LINE).strip())
            return True
        return self._ends()

    def _plain_to(self, sign: str) -> bool:
        """Go behind the next `sign` that no backslash protects."""
        match = re.compile(rf"(?:[^\\{re.escape(sign)}]|\\.)*{re.escape(sign)}", re.DOTALL).match(
            self.text, self.at
        )
        if match is None:
            return False
        self.at = match.end()
        return True

    def _ends(self) -> bool:
        """Whether the command ends here."""
        self._skip(_BLANK)
        return self.text[self.at : self.at + 1] in ("", ";", "\n", "}", "#")
