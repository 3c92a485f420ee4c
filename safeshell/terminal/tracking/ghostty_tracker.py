"""`ScreenTracker` by libghostty-vt, through its Python binding pyghostty. Nothing else in safeshell imports that.

Of the binding the raw functions are used, with memory that is made once: a row has eighty cells, and each takes four
calls. Facts: the headers of libghostty-vt as pyghostty 0.1.3 declares them.
"""

from __future__ import annotations

from typing import Any, Final

from pyghostty._ffi import check, ffi, lib, union_fn
from pyghostty.core import Terminal, init_sized

from safeshell.terminal.tracking.screen_tracker import Cell, Modes, Place, Row

_SCROLLED_OFF: Final = 500
"""Rows that are remembered above the screen; a longer line than these can't be read."""
_BRACKETED_PASTE: Final = 2004
_LONGEST_GRAPHEME: Final = 16
_GREYS: Final = range(236, 256)
_BRIGHT_BLACK: Final = 8
_FLAGS: Final = (
    ("bold", "1"), ("faint", "2"), ("italic", "3"), ("underline", "4"), ("blink", "5"), ("inverse", "7"),
    ("invisible", "8"), ("strikethrough", "9"), ("overline", "53"),
)  # fmt: skip
_EMPTY: Final = Cell(None)
_PLAIN: Final = {code: Cell(chr(code)) for code in range(0x20, 0x7F)}
_SECOND_HALF: Final = Cell("")

_grid_ref: Final = union_fn(
    "ghostty_terminal_grid_ref", "GhosttyResult(*)(GhosttyTerminal, GhosttyPointS, GhosttyGridRef*)"
)
_track: Final = union_fn(
    "ghostty_terminal_grid_ref_track",
    "GhosttyResult(*)(GhosttyTerminal, GhosttyPointS, GhosttyTrackedGridRef*)",
)


class GhosttyTracker:
    """A screen of its own.

    Args:
        columns, rows: its size, at least 1 each.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = max(columns, 1), max(rows, 1)
        self._terminal = Terminal(cols=self.columns, rows=self.rows, scrollback=_SCROLLED_OFF)
        self._handle = self._terminal._t[0]
        self._tracked: Any = None
        self._point = ffi.new("GhosttyPointS*")
        self._reference = init_sized("GhosttyGridRef")
        self._cell = ffi.new("GhosttyCell*")
        self._row = ffi.new("GhosttyRow*")
        self._code = ffi.new("uint32_t*")
        self._wide = ffi.new("GhosttyCellWide*")
        self._flag = ffi.new("bool*")
        self._style = init_sized("GhosttyStyle")
        self._count = ffi.new("size_t*")
        self._codes = ffi.new("uint32_t[]", _LONGEST_GRAPHEME)
        self._looks: dict[bytes, tuple[str, bool, bool]] = {}

    # ------------------------------------------------------------ following

    def feed(self, data: bytes) -> None:
        """Take what the program printed."""
        lib.ghostty_terminal_vt_write(self._handle, data, len(data))

    def resize(self, columns: int, rows: int) -> None:
        """Take another size, reflowing what wraps."""
        self.columns, self.rows = max(columns, 1), max(rows, 1)
        self._terminal.resize(self.columns, self.rows)

    def close(self) -> None:
        """Give the memory back."""
        self.drop_anchor()
        self._terminal.close()

    # ------------------------------------------------------------ the state

    @property
    def top(self) -> int:
        """The row that stands at the top of the screen."""
        return int(self._terminal.get("scrollback_rows", "size_t"))

    @property
    def cursor(self) -> Place:
        """Where the next character goes."""
        column, row = self._terminal.cursor
        if self._terminal.get("cursor_pending_wrap", "bool"):
            column += 1
        return Place(int(column), int(row) + self.top)

    @property
    def look(self) -> str:
        """The SGR parameters that the next character is drawn with."""
        check(
            lib.ghostty_terminal_get(self._handle, lib.GHOSTTY_TERMINAL_DATA_CURSOR_STYLE, self._style),
            "cursor style",
        )
        return self._read_style()[0]

    @property
    def modes(self) -> Modes:
        """What the program has switched on."""
        screen = self._terminal.get("active_screen", "GhosttyTerminalScreen")
        return Modes(
            bool(screen == lib.GHOSTTY_TERMINAL_SCREEN_ALTERNATE),
            bool(self._terminal.mode(_BRACKETED_PASTE)),
            int(self._terminal.get("kitty_keyboard_flags", "uint8_t")),
        )

    # ------------------------------------------------------------ the anchor

    def anchor(self, place: Place) -> None:
        """Hold on to a place."""
        self.drop_anchor()
        # A cursor that is about to wrap stands before the first cell of the next row.
        row, column = place.row + place.column // self.columns, place.column % self.columns
        last = self.top + self.rows - 1
        tracked = ffi.new("GhosttyTrackedGridRef*")
        check(_track(self._handle, self._at(column, min(row, last)), tracked), "anchor")
        self._tracked = tracked

    def drop_anchor(self) -> None:
        """Let go of the place."""
        if self._tracked is not None:
            lib.ghostty_tracked_grid_ref_free(self._tracked[0])
            self._tracked = None

    @property
    def anchored(self) -> Place | None:
        """Where the anchored place is now."""
        if self._tracked is None or not lib.ghostty_tracked_grid_ref_has_value(self._tracked[0]):
            return None
        point = ffi.new("GhosttyPointCoordinate*")
        if lib.ghostty_tracked_grid_ref_point(self._tracked[0], lib.GHOSTTY_POINT_TAG_SCREEN, point):
            return None
        return Place(int(point.x), int(point.y))

    # ------------------------------------------------------------ what stands there

    def row(self, row: int) -> Row:
        """What stands in a row."""
        cells = tuple(self._read_cell(column, row) for column in range(self.columns))
        check(lib.ghostty_grid_ref_row(self._refer(0, row), self._row), "row")
        lib.ghostty_row_get(self._row[0], lib.GHOSTTY_ROW_DATA_WRAP, self._flag)
        return Row(cells, bool(self._flag[0]))

    def screen_text(self) -> str:
        """The screen as text."""
        top = self.top
        return "\n".join(self.row(row).text().rstrip() for row in range(top, top + self.rows)).rstrip("\n")

    def _at(self, column: int, row: int) -> Any:
        self._point.tag = lib.GHOSTTY_POINT_TAG_SCREEN
        self._point.value.x, self._point.value.y = column, row
        return self._point[0]

    def _refer(self, column: int, row: int) -> Any:
        check(_grid_ref(self._handle, self._at(column, row), self._reference), f"cell {column},{row}")
        return self._reference

    def _read_cell(self, column: int, row: int) -> Cell:
        reference = self._refer(column, row)
        check(lib.ghostty_grid_ref_cell(reference, self._cell), "cell")
        cell = self._cell[0]
        lib.ghostty_cell_get(cell, lib.GHOSTTY_CELL_DATA_CODEPOINT, self._code)
        lib.ghostty_cell_get(cell, lib.GHOSTTY_CELL_DATA_HAS_STYLING, self._flag)
        code, styled = int(self._code[0]), bool(self._flag[0])
        if not styled and code in _PLAIN:
            return _PLAIN[code]
        lib.ghostty_cell_get(cell, lib.GHOSTTY_CELL_DATA_WIDE, self._wide)
        # Behind a wide character, and where one did not fit at the end of a row.
        second = self._wide[0] in (lib.GHOSTTY_CELL_WIDE_SPACER_TAIL, lib.GHOSTTY_CELL_WIDE_SPACER_HEAD)
        if not styled and (second or not code):
            return _SECOND_HALF if second else _EMPTY
        look, dim, filled = "", False, False
        if styled:
            check(lib.ghostty_grid_ref_style(reference, self._style), "style")
            look, dim, filled = self._read_style()
        if second:
            return Cell("", look, dim, filled)
        return Cell(self._grapheme(reference, code) if code else None, look, dim, filled)

    def _grapheme(self, reference: Any, code: int) -> str:
        failed = lib.ghostty_grid_ref_graphemes(reference, self._codes, _LONGEST_GRAPHEME, self._count)
        if failed or self._count[0] < 2:
            return chr(code)
        return "".join(chr(self._codes[at]) for at in range(self._count[0]))

    def _read_style(self) -> tuple[str, bool, bool]:
        """The SGR parameters of the style that was read last, whether it is dim, whether it has a background."""
        raw = ffi.buffer(self._style)[:]
        known = self._looks.get(raw)
        if known is None:
            known = self._looks[raw] = _described(self._style)
        return known


def _described(style: Any) -> tuple[str, bool, bool]:
    parts = [number for name, number in _FLAGS if getattr(style, name)]
    for color, lead in ((style.fg_color, "38"), (style.bg_color, "48"), (style.underline_color, "58")):
        if color.tag == lib.GHOSTTY_STYLE_COLOR_PALETTE:
            parts.append(f"{lead};5;{color.value.palette}")
        elif color.tag == lib.GHOSTTY_STYLE_COLOR_RGB:
            rgb = color.value.rgb
            parts.append(f"{lead};2;{rgb.r};{rgb.g};{rgb.b}")
    front = style.fg_color
    grey = front.tag == lib.GHOSTTY_STYLE_COLOR_PALETTE and (
        front.value.palette == _BRIGHT_BLACK or front.value.palette in _GREYS
    )
    filled = bool(style.inverse) or style.bg_color.tag != lib.GHOSTTY_STYLE_COLOR_NONE
    return ";".join(parts), bool(style.faint) or grey, filled
