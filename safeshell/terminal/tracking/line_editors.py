"""How each line editor draws the line that is edited: what of it to take, and what not. Plain values.

Facts: the sources and manuals of GNU readline 8, linenoise, libedit, reline, Python's pyrepl, prompt_toolkit, Node's
readline, and what they were seen to draw.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from safeshell.frozen import frozen


class Hints(Enum):
    """Where an editor puts text of its own behind what was typed, in grey."""

    NONE = auto()
    AT_CURSOR = auto()
    ANYWHERE = auto()


@frozen
class LineEditor:
    """A line editor.

    Args:
        name: what it is called.
        hints: where grey text is no part of the line.
        right_prompt: text may stand at the right of the line, behind cells that were never written.
        below: rows below the line belong to it; else they do only where they begin with a continuation prompt.
        blocks: Enter on an unfinished statement adds a row to the same edit, and every row can be edited until
        the end.
        sideways: a line longer than its row is scrolled sideways, so that the screen shows a part of it.
        canonical: the terminal's own line editing, without any editor of the program's.
        wraps_itself: a full row is continued in the next one by the editor, and the terminal knows nothing of it.
        wrap_mark: what it then puts into the last column.
        takes_line_feed: ^J is Enter.
        one_line: there is never a line feed in what it edits.
    """

    name: str
    hints: Hints = Hints.NONE
    right_prompt: bool = False
    below: bool = False
    blocks: bool = False
    sideways: bool = False
    canonical: bool = False
    wraps_itself: bool = False
    wrap_mark: str = ""
    takes_line_feed: bool = True
    one_line: bool = False


KERNEL: Final = LineEditor("kernel", below=True, canonical=True, one_line=True)
READLINE: Final = LineEditor("readline", below=True)
LIBEDIT: Final = LineEditor("libedit", below=True, wraps_itself=True, one_line=True)
LINENOISE: Final = LineEditor("linenoise", Hints.ANYWHERE, below=True, takes_line_feed=False, one_line=True)
RELINE: Final = LineEditor("reline", Hints.AT_CURSOR, blocks=True, wraps_itself=True)
PYREPL: Final = LineEditor("pyrepl", Hints.AT_CURSOR, blocks=True, wraps_itself=True, wrap_mark="\\")
PROMPT_TOOLKIT: Final = LineEditor(
    "prompt_toolkit", Hints.AT_CURSOR, right_prompt=True, blocks=True, wraps_itself=True
)
NODE: Final = LineEditor("node", Hints.AT_CURSOR)
SHELL: Final = LineEditor("shell", Hints.AT_CURSOR, right_prompt=True)
"""zsh and fish, which list completions below the line."""
SIDEWAYS: Final = LineEditor("sideways", sideways=True, below=True, one_line=True)
"""ksh, and libedit where it is told to."""
