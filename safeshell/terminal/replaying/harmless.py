"""Recorded output without what could do harm when it is shown again, maybe years later, on another terminal.

Only what draws passes: text, moving the cursor, erasing, colours. Left out is whatever makes a terminal answer (the
answer would arrive as typed input), touches what is outside of the screen (clipboard, title, printer), changes how
keys and the mouse are told, or stays behind. Unknown is left out. Pure; the alternate screen is let through.

Sources: ECMA-48, xterm's control sequences (invisible-island.net/xterm/ctlseqs).
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.journal.recordings.sequences import Kind, Piece, Splitter

_DRAWING: Final = r"\x1b\[(?:[0-9;:]*[A-HKLMPSTXZ@`abdefm]|[0-2]?J)"
_RUN: Final = re.compile(rf"(?:[^\x00-\x1f\x7f]++|[\x07-\x0f]|{_DRAWING})++")
_FINALS: Final = frozenset("ABCDEFGHKLMPSTXZ@`abdefmrsu") | {" q"}
_ESCAPES: Final = frozenset("78DEM") | {f"{slot}{charset}" for slot in "()" for charset in "0AB"} | {"#8"}
_MODES: Final = frozenset("?5 ?6 ?7 ?12 ?25 ?47 ?1047 ?1048 ?1049 ?2026 4".split())
_NUMBERS: Final = re.compile(r"[0-9;:]*")

_MODES_OFF: Final = "\x1b[?2026l\x1b[?1049l\x1b[?5l\x1b[?6l\x1b[4l\x1b[?7h\x1b[?12l\x1b[?25h"
LEAVE: Final = f"{_MODES_OFF}\x1b[0 q\x1b(B\x1b)B\x0f\x1b[0m\x1b[r"
"""Takes back all that may have been left on."""


class HarmlessOutput:
    """Filters output, in whatever pieces it comes; what it gives out ends with a whole sequence.

    Attributes:
        rows: the rows that the output scrolls in, counted from the top; None for the whole screen.
    """

    def __init__(self) -> None:
        self.rows: int | None = None
        self._splitter = Splitter(_RUN)

    @property
    def region(self) -> str:
        """Makes the terminal scroll in those rows; the cursor goes to the upper left corner."""
        return f"\x1b[1;{self.rows}r" if self.rows else "\x1b[r"

    @property
    def clear(self) -> str:
        """Makes an empty screen, as a reset of the whole terminal would."""
        return f"{LEAVE}{self.region}\x1b[H\x1b[2J"

    def feed(self, text: str) -> str:
        """What of `text` may be shown."""
        return "".join(map(self._kept, self._splitter.feed(text)))

    def _kept(self, piece: Piece) -> str:
        match piece.kind:
            case Kind.RUN:
                return piece.raw
            case Kind.CSI:
                return self._kept_csi(piece)
            case Kind.ESCAPE if piece.final == "c":
                return self.clear
            case Kind.ESCAPE if piece.final in _ESCAPES:
                return piece.raw
        return ""

    def _kept_csi(self, piece: Piece) -> str:
        said, final = piece.parameters, piece.final
        if final in ("h", "l"):
            mark = "?" if said.startswith("?") else ""
            modes = [mode for mode in said[len(mark) :].split(";") if f"{mark}{mode}" in _MODES]
            return f"\x1b[{mark}{';'.join(modes)}{final}" if modes else ""
        if final == "r" and not said.strip(";0"):
            return self.region
        if final == "!p":
            return f"\x1b[0m\x1b[?25h\x1b[?6l\x1b[4l\x1b7{self.region}\x1b8"
        return piece.raw if final in _FINALS and _NUMBERS.fullmatch(said) else ""
