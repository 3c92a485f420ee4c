"""A local terminal's settings in the form in which a pty is asked for (RFC 4254 §8, RFC 8160). Pure.

The numbers are the protocol's; what this system's termios does not have is left out.
"""

from __future__ import annotations

import struct
import termios
from collections.abc import Sequence
from typing import Final

_END: Final = 0
_INPUT_SPEED: Final = 128
_OUTPUT_SPEED: Final = 129
_DISABLED: Final = 255

_CHARACTERS: Final = {
    1: "VINTR", 2: "VQUIT", 3: "VERASE", 4: "VKILL", 5: "VEOF", 6: "VEOL", 7: "VEOL2", 8: "VSTART", 9: "VSTOP",
    10: "VSUSP", 11: "VDSUSP", 12: "VREPRINT", 13: "VWERASE", 14: "VLNEXT", 16: "VSWTC", 17: "VSTATUS",
    18: "VDISCARD",
}  # fmt: skip
_INPUT: Final = {
    30: "IGNPAR", 31: "PARMRK", 32: "INPCK", 33: "ISTRIP", 34: "INLCR", 35: "IGNCR", 36: "ICRNL", 37: "IUCLC",
    38: "IXON", 39: "IXANY", 40: "IXOFF", 41: "IMAXBEL", 42: "IUTF8",
}  # fmt: skip
_LOCAL: Final = {
    50: "ISIG", 51: "ICANON", 52: "XCASE", 53: "ECHO", 54: "ECHOE", 55: "ECHOK", 56: "ECHONL", 57: "NOFLSH",
    58: "TOSTOP", 59: "IEXTEN", 60: "ECHOCTL", 61: "ECHOKE", 62: "PENDIN",
}  # fmt: skip
_OUTPUT: Final = {70: "OPOST", 71: "OLCUC", 72: "ONLCR", 73: "OCRNL", 74: "ONOCR", 75: "ONLRET"}
_CONTROL: Final = {90: "CS7", 91: "CS8", 92: "PARENB", 93: "PARODD"}
_NOT_IN_TERMIOS: Final = {"IUTF8": 0x4000}
"""Python's termios has no name for it before 3.13; the number is Linux's and macOS's."""
_SPEEDS: Final = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name.startswith("B") and name[1:].isdigit()
}

Attributes = Sequence[int | list[bytes | int]]
"""What `termios.tcgetattr` gives."""


def encoded(attributes: Attributes | None) -> bytes:
    """The modes string of a pty request.

    Args:
        attributes: the local terminal's; None when there is none, and the server's defaults are good.
    """
    if attributes is None:
        return bytes([_END])
    pairs: list[tuple[int, int]] = [
        (_OUTPUT_SPEED, _speed(attributes[5])),
        (_INPUT_SPEED, _speed(attributes[4])),
    ]
    characters = attributes[6]
    assert isinstance(characters, list)
    for code, name in _CHARACTERS.items():
        index = getattr(termios, name, None)
        if index is not None:
            pairs.append((code, _character(characters[index])))
    for which, names in ((0, _INPUT), (3, _LOCAL), (1, _OUTPUT), (2, _CONTROL)):
        flags = attributes[which]
        assert isinstance(flags, int)
        for code, name in names.items():
            flag = getattr(termios, name, _NOT_IN_TERMIOS.get(name, 0))
            if flag:
                wanted = flags & termios.CSIZE == flag if name in ("CS7", "CS8") else flags & flag
                pairs.append((code, int(bool(wanted))))
    return b"".join(struct.pack(">BI", code, value) for code, value in pairs) + bytes([_END])


def _character(value: bytes | int) -> int:
    number = value if isinstance(value, int) else ord(value)
    return number or _DISABLED


def _speed(value: int | list[bytes | int]) -> int:
    assert isinstance(value, int)
    return _SPEEDS.get(value, 38400)
