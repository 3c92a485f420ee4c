"""The terminal that the person looks at: made raw for the session, and put back on every way out.

Nothing here knows what runs inside. Being killed without a word (SIGKILL) is the watchdog's matter, which uses
`TerminalState` from another process. POSIX only. Facts: termios(3), tty_ioctl(4), xterm's control sequences.
"""

from __future__ import annotations

import contextlib
import os
import termios
from typing import Final

from safeshell.frozen import frozen

_RESET_MODES: Final = (
    b"\x1b[?1049l"  # leave the alternate screen: a full-screen program may have been killed with the rest
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1005l"  # mouse
    b"\x1b[?1004l"  # focus reports
    b"\x1b[?2004l"  # bracketed paste
    b"\x1b[<u"  # kitty's keyboard protocol: one level less
    b"\x1b[>4;0m"  # xterm's modifyOtherKeys
    b"\x1b[?1l\x1b>"  # cursor and keypad keys
    b"\x1b[?25h\x1b[0m"  # the cursor is seen, and nothing is coloured
)
"""What a terminal that was left in the middle of something wants to hear."""


@frozen
class WindowSize:
    """A window's size: in cells, and in pixels where the terminal says (0 where not; sixel and kitty use them)."""

    rows: int
    columns: int
    x_pixels: int = 0
    y_pixels: int = 0

    @property
    def packed(self) -> bytes:
        """`struct winsize`, as TIOCSWINSZ takes it."""
        import struct

        return struct.pack("HHHH", self.rows, self.columns, self.x_pixels, self.y_pixels)


def window_size(device: int) -> WindowSize:
    """The size of the window that `device` is; 24 × 80 where it does not say."""
    import fcntl
    import struct

    try:
        raw = fcntl.ioctl(device, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return WindowSize(24, 80)
    rows, columns, x_pixels, y_pixels = struct.unpack("HHHH", raw)
    return WindowSize(rows or 24, columns or 80, x_pixels, y_pixels)


class OuterTerminal:
    """The person's terminal.

    Args:
        device: an open descriptor of it, for reading and writing.
        escapes: whether it may be sent escape sequences.

    Raises:
        OSError, termios.error: it is no terminal.
    """

    def __init__(self, device: int, *, escapes: bool) -> None:
        self.device = device
        self.escapes = escapes
        self.undress = b""
        """Takes off what the window may wear; must be told before another process is to know it."""
        self._worn = b""
        self.former = termios.tcgetattr(device)
        self._is_raw = False

    def make_raw(self) -> None:
        """Every key comes at once and as it is, and nothing is echoed; output is not touched.

        Raises:
            termios.error: the terminal hung up.
        """
        raw = list(self.former)
        raw[0] &= ~(
            termios.IGNBRK | termios.BRKINT | termios.PARMRK | termios.ISTRIP | termios.INLCR
            | termios.IGNCR | termios.ICRNL | termios.IXON | termios.IXOFF
        )  # fmt: skip
        raw[1] &= ~termios.OPOST
        raw[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
        raw[6] = list(raw[6])
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        # TCSANOW: the draining variants wait for ever on a terminal that ^S has stopped.
        termios.tcsetattr(self.device, termios.TCSANOW, raw)
        self._is_raw = True
        self.write(self._worn)

    def wear(self, dress: bytes) -> None:
        """Dress the window for as long as the terminal is raw, every time that it is."""
        self._worn = dress
        self.write(dress)

    def write(self, data: bytes) -> None:
        """Print something short of our own; a terminal that is gone or takes nothing is no error."""
        if data:
            with contextlib.suppress(OSError):
                os.write(self.device, data)

    def forget_typed(self) -> None:
        """Throw away what the person has typed and nobody has read."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self.device, termios.TCIFLUSH)

    def put_back(self) -> None:
        """Give the terminal back as it was; a terminal that is gone is no error. May be called again."""
        if self._is_raw:
            self._is_raw = False
            # Not TCSAFLUSH: what the person has typed ahead is for whoever reads next.
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.device, termios.TCSANOW, self.former)
            self.write(self.undress)

    def put_back_after_crash(self) -> None:
        """Give back a terminal that was left in the middle of anything."""
        self._is_raw = True
        self.put_back()
        if self.escapes:
            self.write(_RESET_MODES + b"\r\n")
