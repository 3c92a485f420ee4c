"""What is typed behind the end of a question, when it is dropped: in the middle of a line, or not? Sans-I/O.

The one idea: a line is dropped whole. Of a line whose first keys are gone the others must go too, up to Enter, or
XDEL would become DEL.
"""

from __future__ import annotations

from safeshell.terminal.key_parser import Key, KeyKind


class LineBehind:
    """Takes keys that are dropped, and knows what of an unfinished line is among them."""

    def __init__(self) -> None:
        self.touched = False
        """Whether a key has been pressed that belongs to a line, Enter included."""
        self._text = ""
        self._in_paste = False

    @property
    def unfinished(self) -> bool:
        """Whether the keys so far end in the middle of a typed line."""
        return bool(self._text)

    def press(self, key: Key) -> None:
        """One more key.

        What is in a bracketed paste comes and goes as one piece, and is no beginning of anything.
        """
        match key.kind:
            case KeyKind.PASTE_START:
                self._in_paste = True
            case KeyKind.PASTE_END:
                self._in_paste = False
            case KeyKind.CANCEL:
                self._in_paste, self.touched, self._text = False, True, ""
            case _ if self._in_paste:
                pass
            case KeyKind.TEXT:
                self.touched, self._text = True, self._text + key.text
            case KeyKind.ENTER | KeyKind.ERASE_ALL:
                self.touched, self._text = True, ""
            case KeyKind.ERASE:
                self._text = self._text[:-1]
            case _:
                pass
