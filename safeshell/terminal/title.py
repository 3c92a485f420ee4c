"""The window's title: set for the session, put back on every way out.

The old title is kept by the terminal itself (xterm's title stack), since asking a terminal for its title is
answered as typed input or not at all. Where there is no stack the title is left empty rather than stale.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from safeshell.guard.text import visible
from safeshell.terminal.capability import has_title

_LONGEST = 120
# xterm's control sequences: CSI 22;0 t and 23;0 t push and pop icon name and title, OSC 0 sets both.
_PUSH = "\x1b[22;0t"
_POP = "\x1b]0;\x07\x1b[23;0t"


class WindowTitle:
    """The title of the window that a session runs in.

    Use it as a context manager; it also restores at interpreter exit. Whoever handles a deadly signal calls
    `restore`, which may be called at any time and any number of times.

    Args:
        write: writes to the terminal at once (unbuffered or flushed).
        environ: the process's environment variables.
        is_tty: whether `write` reaches a terminal; nothing is written otherwise.
    """

    def __init__(self, write: Callable[[str], object], environ: Mapping[str, str], *, is_tty: bool) -> None:
        self._write = write
        self._enabled = has_title(environ, is_tty=is_tty)
        self._pushed = False

    def set(self, title: str) -> None:
        """Show `title`, from any source: it is cut and made safe first."""
        if not self._enabled:
            return
        if not self._pushed:
            self._pushed = True
            atexit.register(self.restore)
            self._write(_PUSH)
        self._write(f"\x1b]0;{visible(title, limit=_LONGEST)}\x07")

    def restore(self) -> None:
        """Put the former title back; nothing when none was set. A terminal that is gone is no error."""
        if not self._pushed:
            return
        self._pushed = False
        atexit.unregister(self.restore)
        try:
            self._write(_POP)
        except (OSError, ValueError):
            # The window is closed, or the stream is; there is no title left to put back.
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.restore()
