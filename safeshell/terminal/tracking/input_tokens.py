"""What is typed, taken apart into keys, the many forms of Enter, pastes, and what a terminal says by itself.
Sans-I/O.

Every byte comes out again, in its token and in order: what is not held is passed on as it came. Forms of keys:
ECMA-48, xterm's modifyOtherKeys, the kitty keyboard protocol.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from safeshell.frozen import frozen

PARTIAL_WAIT: Final = 0.05
"""Seconds for which the rest of a key's sequence is waited for; then what is there is a key of its own."""


class TokenKind(Enum):
    """What a piece of input is."""

    TEXT = auto()
    KEY = auto()
    ENTER = auto()
    NEXT_LINE = auto()
    """^O of readline: runs the line and puts the next one of the history into the editor."""
    END = auto()
    """^D."""
    ABANDON = auto()
    """^C, ^Z, ^\\: the line is given up."""
    PASTE_BEGIN = auto()
    PASTE_END = auto()
    REPORT = auto()
    """The terminal says something by itself: no key."""


@frozen
class Token:
    """One piece of input.

    Args:
        kind: what it is.
        data: the bytes that it came as.
    """

    kind: TokenKind
    data: bytes


_STRING: Final = rb"\x1b[\]P_^X][^\x00-\x1f\x7f]*(?:\x07|\x1b\\)"
_PIECES: Final = re.compile(
    _STRING + rb"|\x1b\[M[ -\xff]{3}"  # an X10 mouse report
    rb"|\x1b+\[\[?[0-9:;<=>?]*[ -/]*[@-~]"
    rb"|\x1b+O[ -~]"
    rb"|\x1b[\x20-\x7e\r\n\x7f]"
    rb"|\x1b"
    rb"|[\x00-\x1a\x1c-\x1f\x7f]"
    rb"|[\x20-\x7e\x80-\xff]+"
)
_PARTIAL: Final = re.compile(
    rb"\x1b(?:\x1b*(?:\[(?:M[ -\xff]{0,2}|[0-9:;<=>?]*[ -/]*)?|O)?|[\]P_^X][^\x00-\x1f\x7f]*\x1b?)"
)
_REPORT: Final = re.compile(
    rb"\x1b\[(?:\??\d+;\d+(?:;\d+)?R|[?>=][\d;]*[cnu]|[IO]|\d*n|<[\d;]+[Mm]|\?[\d;]+\$y|[\d;]*t"
    rb"|\d+;\d+;\d+M|M[ -\xff]{3})"
    rb"|\x1b[\]P_^X][\s\S]+"
)
_CODED: Final = re.compile(rb"\x1b\[(?:(\d+)(?:[:\d]*)(?:;(\d*)(?::(\d+))?)?(?:;[\d:]*)?u|27;(\d+);(\d+)~)")
_SIMPLE: Final = {
    b"\r": TokenKind.ENTER,
    b"\n": TokenKind.ENTER,
    b"\x0f": TokenKind.NEXT_LINE,
    b"\x04": TokenKind.END,
    b"\x03": TokenKind.ABANDON,
    b"\x1a": TokenKind.ABANDON,
    b"\x1c": TokenKind.ABANDON,
    # The keypad's Enter in application mode, and Enter with Alt held, which prompt_toolkit takes for "accept".
    b"\x1bOM": TokenKind.ENTER,
    b"\x1b\r": TokenKind.ENTER,
    b"\x1b\n": TokenKind.ENTER,
    b"\x1b[200~": TokenKind.PASTE_BEGIN,
    b"\x1b[201~": TokenKind.PASTE_END,
}
_ENTER_CODES: Final = frozenset({13, 57414})
_CONTROL_HELD: Final = 4
_RELEASED: Final = b"3"
_WITH_CONTROL: Final = {
    ord("j"): TokenKind.ENTER,
    ord("m"): TokenKind.ENTER,
    ord("o"): TokenKind.NEXT_LINE,
    ord("d"): TokenKind.END,
    ord("c"): TokenKind.ABANDON,
    ord("z"): TokenKind.ABANDON,
    ord("\\"): TokenKind.ABANDON,
}


class InputReader:
    """Takes input apart, whatever pieces it comes in."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def waits(self) -> bool:
        """Whether half a sequence is kept back; after `PARTIAL_WAIT` without more of it, call `flush`."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[Token]:
        """The tokens that are complete with `data`."""
        data, self._rest = self._rest + data, b""
        begin = data.rfind(b"\x1b", 0, len(data) - 1) if data.endswith(b"\x1b") else -1
        for start in (begin, data.rfind(b"\x1b")):
            if start >= 0 and _PARTIAL.fullmatch(data, start):
                data, self._rest = data[:start], data[start:]
                break
        return [_token(piece) for piece in _PIECES.findall(data)]

    def flush(self) -> list[Token]:
        """What is kept back, taken as it is."""
        data, self._rest = self._rest, b""
        return [_token(piece) for piece in _PIECES.findall(data)]


def _token(piece: bytes) -> Token:
    kind = _SIMPLE.get(piece)
    if kind is not None:
        return Token(kind, piece)
    if piece[0] >= 0x20 and piece[0] != 0x7F:
        return Token(TokenKind.TEXT, piece)
    if piece[0] != 0x1B or len(piece) == 1:
        return Token(TokenKind.KEY, piece)
    if _REPORT.fullmatch(piece):
        return Token(TokenKind.REPORT, piece)
    return Token(_coded(piece), piece)


def _coded(piece: bytes) -> TokenKind:
    """What a key is that comes as its number."""
    match = _CODED.fullmatch(piece)
    if match is None or match.group(3) == _RELEASED:
        return TokenKind.KEY
    code = int(match.group(1) or match.group(5))
    held = max(int(match.group(2) or match.group(4) or 1) - 1, 0)
    if code in _ENTER_CODES:
        return TokenKind.ENTER
    return _WITH_CONTROL.get(code, TokenKind.KEY) if held & _CONTROL_HELD else TokenKind.KEY
