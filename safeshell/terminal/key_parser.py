"""Bytes from a terminal become keys, and everything that is no key is told apart. Sans-I/O.

A terminal sends more than keys: cursor positions, focus changes, mouse reports, colours, the clipboard. They
come as escape sequences (ECMA-48 CSI, SS3, and the strings OSC, DCS, SOS, PM, APC) which are taken whole here
and given out as `IGNORED`. What a key means to a question is the reader's business.
"""

from __future__ import annotations

import codecs
from enum import Enum, auto

from safeshell.frozen import frozen

ESCAPE_WAIT = 0.15
"""Seconds after which a lone escape is the key, not the start of a sequence."""
SEQUENCE_WAIT = 0.3
"""Seconds of silence after which the rest of a sequence is taken for lost."""


class KeyKind(Enum):
    """What was pressed."""

    TEXT = auto()
    ENTER = auto()
    INTERRUPT = auto()
    """^C, which drops a line everywhere."""
    CANCEL = auto()
    ERASE = auto()
    ERASE_WORD = auto()
    ERASE_ALL = auto()
    EDIT = auto()
    """Any other key that a hand presses in a line: it moves, recalls, completes."""
    PASTE_START = auto()
    PASTE_END = auto()
    IGNORED = auto()
    """No key: what a terminal says by itself, and what can't be told from that."""


@frozen
class Key:
    """One key, or one thing that a terminal said by itself.

    Args:
        kind: what it is.
        text: the character of `TEXT`; empty otherwise.
    """

    kind: KeyKind
    text: str = ""


class _State(Enum):
    GROUND = auto()
    ESCAPE = auto()
    CSI = auto()
    SS3 = auto()
    STRING = auto()
    STRING_ESCAPE = auto()
    REST = auto()


_WITH_CONTROL = {
    ord("c"): KeyKind.INTERRUPT,
    ord("d"): KeyKind.CANCEL,
    ord("\\"): KeyKind.CANCEL,
    ord("h"): KeyKind.ERASE,
    ord("u"): KeyKind.ERASE_ALL,
    ord("w"): KeyKind.ERASE_WORD,
}
# A terminal of old has one byte for a letter with Control held: the letter's lower five bits.
_CONTROL = {code & 0x1F: kind for code, kind in _WITH_CONTROL.items()} | {
    0x0A: KeyKind.ENTER,
    0x0D: KeyKind.ENTER,
    0x7F: KeyKind.ERASE,
}
# Keys that the kitty keyboard protocol (CSI code;modifiers u) and xterm's modifyOtherKeys
# (CSI 27;modifiers;code ~) send as sequences; a program before us may have left either switched on.
_CODED = {13: KeyKind.ENTER, 57414: KeyKind.ENTER, 27: KeyKind.CANCEL, 127: KeyKind.ERASE, 8: KeyKind.ERASE}
_SHIFT, _CONTROL_HELD, _RELEASED = 1, 4, 3
_MOVES = frozenset("ABCDEFHZ")
"""Last letters of the sequences of arrows, Home, End and the back tab; the others are function keys and reports."""
_LONGEST_PARAMETERS = 64


class KeyParser:
    """Splits a stream of bytes into keys; any bytes, cut anywhere."""

    def __init__(self) -> None:
        self._state = _State.GROUND
        self._parameters = bytearray()
        self._rest = 0
        self._last_at = 0.0
        self._after_return = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def wake_at(self) -> float | None:
        """The moment at which `tick` will have something to say; None for never: no key is half there."""
        match self._state:
            case _State.GROUND:
                return self._last_at + SEQUENCE_WAIT if self._decoder.getstate()[0] else None
            case _State.ESCAPE:
                return self._last_at + ESCAPE_WAIT
            case _:
                return self._last_at + SEQUENCE_WAIT

    def feed(self, data: bytes, at: float) -> list[Key]:
        """The keys that `data`, read at the moment `at`, completes."""
        keys = self.tick(at)
        if data:
            self._last_at = at
        for byte in data:
            keys += self._take(byte)
        return keys

    def tick(self, at: float) -> list[Key]:
        """The keys that are complete because nothing followed: the escape key, a character without its end."""
        if self.wake_at is None or at < self.wake_at:
            return []
        if self._state is _State.GROUND:
            return [Key(KeyKind.TEXT, char) for char in self._decoder.decode(b"", final=True)]
        was_escape = self._state is _State.ESCAPE
        self._state = _State.GROUND
        return [Key(KeyKind.CANCEL if was_escape else KeyKind.IGNORED)]

    def _take(self, byte: int) -> list[Key]:
        if byte == 0x03 and self._state is not _State.REST:
            # ^C cancels in the middle of anything, or a sequence without an end would hold the question.
            self._state = _State.GROUND
            self._decoder.reset()
            return [Key(KeyKind.INTERRUPT)]
        match self._state:
            case _State.GROUND:
                return self._take_plain(byte)
            case _State.ESCAPE:
                return self._take_after_escape(byte)
            case _State.CSI:
                return self._take_csi(byte)
            case _State.SS3:
                return self._end(KeyKind.ENTER if byte == ord("M") else _moved(chr(byte)))
            case _State.STRING:
                return self._take_string(byte)
            case _State.STRING_ESCAPE:
                # ESC \ ends the string; ESC and anything else ends it too, as the start of a new sequence.
                self._state = _State.ESCAPE
                return self._end(KeyKind.IGNORED) if byte == ord("\\") else self._take_after_escape(byte)
            case _State.REST:
                self._rest -= 1
                return self._end(KeyKind.IGNORED) if self._rest <= 0 else []

    def _take_plain(self, byte: int) -> list[Key]:
        if 0x20 <= byte != 0x7F:
            self._after_return = False
            return [Key(KeyKind.TEXT, char) for char in self._decoder.decode(bytes((byte,)))]
        self._decoder.reset()
        if byte == 0x1B:
            self._state = _State.ESCAPE
            return []
        # A terminal in newline mode sends CR LF for one Enter.
        second_half = byte == 0x0A and self._after_return
        self._after_return = byte == 0x0D
        return [Key(KeyKind.IGNORED if second_half else _CONTROL.get(byte, KeyKind.EDIT))]

    def _take_after_escape(self, byte: int) -> list[Key]:
        match byte:
            case 0x1B:
                return []
            case 0x5B:  # [
                self._state = _State.CSI
                self._parameters.clear()
                return []
            case 0x4F:  # O
                self._state = _State.SS3
                return []
            case 0x5D | 0x50 | 0x58 | 0x5E | 0x5F:  # ] P X ^ _
                self._state = _State.STRING
                return []
            case _:
                # A key with Alt held: never text, never Enter.
                return self._end(KeyKind.EDIT)

    def _take_csi(self, byte: int) -> list[Key]:
        if 0x20 <= byte <= 0x3F:
            if len(self._parameters) < _LONGEST_PARAMETERS:
                self._parameters.append(byte)
            return []
        if byte == 0x1B:
            self._state = _State.ESCAPE
            return [Key(KeyKind.IGNORED)]
        if not self._parameters and byte in (ord("M"), ord("[")):
            # X10 mouse reports carry three bytes of anything; the Linux console's function keys one letter.
            self._state, self._rest = _State.REST, 3 if byte == ord("M") else 1
            return []
        return self._end(_coded_key(self._parameters.decode("ascii"), chr(byte)))

    def _take_string(self, byte: int) -> list[Key]:
        if byte == 0x1B:
            self._state = _State.STRING_ESCAPE
            return []
        return self._end(KeyKind.IGNORED) if byte == 0x07 else []

    def _end(self, kind: KeyKind) -> list[Key]:
        self._state = _State.GROUND
        self._after_return = False
        return [Key(kind)]


def _coded_key(parameters: str, final: str) -> KeyKind:
    """What a complete control sequence is."""
    if final == "~" and parameters in ("200", "201"):
        return KeyKind.PASTE_START if parameters == "200" else KeyKind.PASTE_END
    if parameters[:1] in ("<", "=", ">", "?"):
        return KeyKind.IGNORED
    fields = [[_number(part) for part in field.split(":")] for field in parameters.split(";")]
    held = fields[1] if len(fields) > 1 else [1]
    if held[1:] == [_RELEASED]:
        return KeyKind.IGNORED
    if final == "u":
        code = fields[0]
    elif final == "~" and len(fields) == 3 and fields[0] == [27]:
        code = fields[2]
    else:
        return KeyKind.EDIT if final == "~" else _moved(final)
    modifiers = max(held[0] - 1, 0)
    if modifiers & _CONTROL_HELD:
        return _WITH_CONTROL.get(code[0], KeyKind.EDIT)
    return _CODED.get(code[0], KeyKind.EDIT) if modifiers in (0, _SHIFT) else KeyKind.EDIT


def _moved(final: str) -> KeyKind:
    """What a sequence with that last letter is, when it is no coded key."""
    return KeyKind.EDIT if final in _MOVES else KeyKind.IGNORED


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
