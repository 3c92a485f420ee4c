"""What plain typing alone makes of a line: a second witness beside the screen. Never shown, never recorded.

It follows printable characters and the erasing keys; with any other key it knows nothing any more.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from typing import Final

from safeshell.terminal.tracking.input_tokens import Token, TokenKind

_DECODER: Final = getincrementaldecoder("utf-8")
_ERASE: Final = (b"\x7f", b"\x08")
_ERASE_ALL: Final = b"\x15"
_ERASE_WORD: Final = b"\x17"
_PART: Final = 3
_BLANKS: Final = re.compile(r"\s+")


class TypedText:
    """What was typed since the line began."""

    def __init__(self) -> None:
        self._text = ""
        self._sure = True
        self._decoder = _DECODER("replace")

    @property
    def text(self) -> str | None:
        """The line as plain typing makes it; None when other keys had a say in it."""
        return self._text if self._sure else None

    @property
    def anything(self) -> bool:
        """Whether a key that may have put text on the line was pressed."""
        return bool(self._text) or not self._sure

    def unknown_before(self) -> None:
        """Something stood on the line before the first key."""
        self._sure = False

    def note(self, token: Token, *, pasted: bool) -> None:
        """Take one more key; `pasted` for what stands in an announced paste."""
        match token.kind:
            case TokenKind.TEXT:
                self._text += self._decoder.decode(token.data)
            case TokenKind.ENTER if pasted:
                self._text += "\n"
            case TokenKind.PASTE_BEGIN | TokenKind.PASTE_END | TokenKind.REPORT:
                pass
            case TokenKind.KEY if token.data in _ERASE:
                self._text = self._text[:-1]
            case TokenKind.KEY if token.data == _ERASE_ALL:
                self._text = ""
            case TokenKind.KEY if token.data == _ERASE_WORD and self._text.replace(" ", "").isalnum():
                self._text = self._text.rstrip(" ").rpartition(" ")[0]
                self._text += " " if self._text else ""
            case _:
                self._sure = False

    def agrees_with(self, shown: str) -> bool:
        """Whether the screen shows what was typed; blanks are not compared, editors indent and strip them."""
        return not self._sure or _BLANKS.sub("", self._text) == _BLANKS.sub("", shown)

    def partly_in(self, shown: str) -> bool:
        """Whether the screen shows any of what was typed; else it may be a secret."""
        typed, seen = _BLANKS.sub("", self._text), _BLANKS.sub("", shown)
        if len(typed) < _PART:
            return bool(typed) and typed in seen
        return any(typed[at : at + _PART] in seen for at in range(len(typed) - _PART + 1))
