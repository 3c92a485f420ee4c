"""What comes behind a question that ended with a no, and is dropped: is it whole lines? Sans-I/O.

The one idea: a line is dropped whole. Of a line whose first keys are gone the others must go too, up to Enter, or
XDEL would become DEL.
"""

from __future__ import annotations

from enum import Enum, auto

from safeshell.terminal.key_parser import Key, KeyKind


class Behind(Enum):
    """What has been dropped of a line whose end has not come."""

    NOTHING = auto()
    """Whatever comes next is a line from its beginning."""
    BROKEN_OFF = auto()
    """An answer in the making, or pasted text: perhaps all there was, perhaps the hands go on."""
    LINE = auto()
    """The beginning of a line, pressed by hand: the rest of it will come."""
    PASTE = auto()
    """The beginning of a bracketed paste: its end will come."""


_STARTS_A_LINE = (KeyKind.TEXT, KeyKind.EDIT)
_ENDS_A_LINE = (KeyKind.ENTER, KeyKind.INTERRUPT, KeyKind.ERASE_ALL)


class LineBehind:
    """Takes keys that are dropped, and knows what they leave unfinished."""

    def __init__(self) -> None:
        self.state = Behind.NOTHING

    @property
    def is_awaited(self) -> bool:
        """Whether the rest of what has come is sure to come."""
        return self.state in (Behind.LINE, Behind.PASTE)

    def break_off(self) -> None:
        """The question has ended in the middle of what was being typed or pasted."""
        self.state = Behind.BROKEN_OFF

    def press(self, key: Key, *, same_burst: bool = False) -> None:
        """One more key.

        Args:
            key: what it is. Erasing does not undo a beginning: who can't see what they type does not erase it all.
            same_burst: it came in one burst with what broke off, and is more of that.
        """
        if self.state is Behind.PASTE:
            # All of a bracketed paste is one piece; a ^C in it is pressed by somebody who waits for it in vain.
            if key.kind in (KeyKind.PASTE_END, KeyKind.INTERRUPT):
                self.state = Behind.BROKEN_OFF
        elif key.kind is KeyKind.PASTE_START:
            self.state = Behind.PASTE
        elif key.kind in _ENDS_A_LINE:
            self.state = Behind.NOTHING
        elif key.kind in _STARTS_A_LINE and not (same_burst and self.state is Behind.BROKEN_OFF):
            self.state = Behind.LINE
