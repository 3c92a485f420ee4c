"""Terminal output cut into text, control characters and escape sequences, in whatever pieces it comes.

Sans-I/O; what a sequence means is for others to know. Strings (OSC, DCS, SOS, PM, APC) are left out: nothing that
they do belongs on the screen of a player. Source: ECMA-48 §5, and how terminals end a broken sequence (an escape
character begins a new one).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

_LONGEST_UNFINISHED: Final = 256
_C1 = re.compile("[\x80-\x9f]")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[ -/]*)\Z")
_SEQUENCE = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<string>[PX\]^_])"
    r"|\x1b(?P<escape>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f])"
)
_STRING_ENDS = {"]": re.compile(r"[\x07\x18\x1a\x1b]")}
_OTHER_STRING_ENDS = re.compile(r"[\x18\x1a\x1b]")

TEXT_RUN: Final = re.compile(r"[^\x00-\x1f\x7f]+")
"""The plainest run: characters that are shown as themselves."""


class Kind(Enum):
    """What a piece of output is."""

    RUN = auto()
    CONTROL = auto()
    CSI = auto()
    ESCAPE = auto()


class Piece(NamedTuple):
    """A piece of output.

    Args:
        kind: what it is.
        raw: it, as it came.
        parameters: of a CSI sequence: digits, `;`, `:`, and a leading `?`, `>`, `=` or `<`.
        final: of a CSI sequence the intermediate and final characters, of an escape sequence all after the escape.
    """

    kind: Kind
    raw: str
    parameters: str = ""
    final: str = ""


class Splitter:
    """Cuts output into pieces; what is incomplete waits for the rest.

    Args:
        run: what is taken as a whole, as `Kind.RUN`; it must match no part of a sequence, and no empty text.
    """

    def __init__(self, run: re.Pattern[str] = TEXT_RUN) -> None:
        self._run = run
        self._held = ""
        self._string = ""

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits for its rest."""
        return not (self._held or self._string)

    def feed(self, text: str) -> Iterator[Piece]:
        """The pieces that `text` completes."""
        text = self._held + text
        self._held = ""
        if _C1.search(text):
            # Terminals that take them at all take them for the escape sequences of seven bits.
            text = _C1.sub(lambda found: f"\x1b{chr(ord(found[0]) - 0x40)}", text)
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _LONGEST_UNFINISHED))
        if unfinished:
            text, self._held = text[: unfinished.start()], unfinished[0]
        place = 0
        while place < len(text):
            if self._string:
                place = self._after_string(text, place)
            elif run := self._run.match(text, place):
                yield Piece(Kind.RUN, run[0])
                place = run.end()
            else:
                found = _SEQUENCE.match(text, place)
                if found is None:  # what only a run of one's own leaves out
                    yield Piece(Kind.RUN, text[place])
                    place += 1
                    continue
                place = found.end()
                if found["string"]:
                    self._string = found["string"]
                else:
                    yield _piece(found)

    def _after_string(self, text: str, place: int) -> int:
        end = _STRING_ENDS.get(self._string, _OTHER_STRING_ENDS).search(text, place)
        if end is None:
            return len(text)
        self._string = ""
        # An escape begins what comes next, be it only the terminator.
        return end.start() if end[0] == "\x1b" else end.end()


def _piece(found: re.Match[str]) -> Piece:
    if found["final"]:
        return Piece(Kind.CSI, found[0], found["parameters"], found["between"] + found["final"])
    if found["escape"]:
        return Piece(Kind.ESCAPE, found[0], "", found["escape"])
    return Piece(Kind.CONTROL, found[0])
