"""The escape character of a session with a terminal: `~.` and its like, behind a new line. Pure.

The one idea: a machine over the bytes that a person types; what it gives back is sent, or done. Source: ssh(1),
ESCAPE CHARACTERS; the rules on what counts as a new line are those of clientloop.c.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

_NEW_LINE: Final = (0x0D, 0x0A)


class Escape(Enum):
    """What an escape sequence asks for."""

    CLOSE = b"."
    SUSPEND = b"\x1a"
    LIST = b"#"
    HELP = b"?"
    BREAK = b"B"
    REKEY = b"R"
    QUIETER = b"V"
    LOUDER = b"v"


_BY_BYTE: Final = {escape.value[0]: escape for escape in Escape}

HELP: Final = """\
Supported escape sequences:
 {0}.   - terminate connection
 {0}B   - send a BREAK to the remote system
 {0}R   - request rekey
 {0}V/v - decrease/increase verbosity (LogLevel)
 {0}^Z  - suspend ssh
 {0}#   - list forwarded connections
 {0}?   - this message
 {0}{0}   - send the escape character by typing it twice
(Note that escapes are only recognized immediately after newline.)
"""


class Escapes:
    """Takes what is typed, gives what is to be sent, and what is to be done, in order.

    Args:
        character: the escape character, one byte.
    """

    def __init__(self, character: int) -> None:
        self.character = character
        self._after_new_line = True
        self._pending = False

    def feed(self, typed: bytes) -> list[bytes | Escape]:
        """What follows from some typed bytes."""
        if self.character not in typed and not self._pending:
            if typed:
                self._after_new_line = typed[-1] in _NEW_LINE
                return [typed]
            return []
        steps: list[bytes | Escape] = []
        send = bytearray()
        for byte in typed:
            if self._pending:
                self._pending = False
                escape = _BY_BYTE.get(byte)
                if escape is not None and byte != self.character:
                    if send:
                        steps.append(bytes(send))
                        send.clear()
                    steps.append(escape)
                    continue
                if byte != self.character:
                    send.append(self.character)
            elif self._after_new_line and byte == self.character:
                self._pending = True
                continue
            self._after_new_line = byte in _NEW_LINE
            send.append(byte)
        if send:
            steps.append(bytes(send))
        return steps


def escape_character(value: str) -> int | None:
    """The byte of EscapeChar: a character, `^X`, or `none`.

    Returns:
        None when there is none.
    """
    if value == "none" or not value:
        return None
    if len(value) == 2 and value[0] == "^":
        return ord(value[1]) & 0x1F
    return (
        value.encode("utf-8", "surrogateescape")[0]
        if len(value.encode("utf-8", "surrogateescape")) == 1
        else None
    )


def shown(character: int) -> str:
    """The escape character as a person reads it."""
    return f"^{chr(character + 64)}" if character < 0x20 else chr(character)
