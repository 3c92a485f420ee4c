r"""Whether a terminal's output stands between two signs, so that something of our own may be put there. Pure.

A title that is written in the middle of another program's sequence or character breaks both.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 4096
"""Bytes that are looked at; a picture that is longer than that comes without a pause, and is not at rest."""

# ECMA-48: strings (DCS, SOS, PM, APC) up to ST, OSC up to ST or BEL; CSI up to its final byte; ESC with one.
_OPEN: Final = re.compile(
    rb"\x1b(?:\](?:[^\x07\x1b]|\x1b(?!\\))*|[PX^_](?:[^\x1b]|\x1b(?!\\))*|\[[0-?]*[ -/]*|[ -/]*)\Z"
)


def is_at_rest(tail: bytes) -> bool:
    """Whether output that ends in `tail` is whole: no sequence and no character is cut off."""
    return _OPEN.search(tail[-LONGEST:]) is None and not _cuts_character(tail[-4:])


def _cuts_character(end: bytes) -> bool:
    for back, byte in enumerate(reversed(end), 1):
        if byte < 0x80:
            return False
        if byte >= 0xC0:
            return byte < 0xF8 and back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4)
    return False
