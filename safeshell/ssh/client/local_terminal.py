"""The terminal on standard input: its size, its settings, and raw mode while the remote one is in charge."""

from __future__ import annotations

import contextlib
import os
import termios
from typing import Final

from safeshell.ssh.client.tty_modes import Attributes

_IUCLC: Final = getattr(termios, "IUCLC", 0)


class LocalTerminal:
    """A terminal.

    Args:
        descriptor: an open file of it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._former = termios.tcgetattr(descriptor)

    @property
    def attributes(self) -> Attributes:
        """The settings before raw mode."""
        return self._former

    def size(self) -> tuple[int, int]:
        """Columns and rows now; 0 where it does not say."""
        try:
            rows, columns = termios.tcgetwinsize(self._descriptor)
        except termios.error:
            return 0, 0
        return columns, rows

    def make_raw(self) -> None:
        """Every key goes through as it is, as ssh has it."""
        raw = list(self._former)
        raw[0] |= termios.IGNPAR
        raw[0] &= ~(
            termios.ISTRIP | termios.INLCR | termios.IGNCR | termios.ICRNL | termios.IXON | termios.IXANY
            | termios.IXOFF | _IUCLC
        )  # fmt: skip
        raw[1] &= ~termios.OPOST
        raw[3] &= ~(
            termios.ISIG | termios.ICANON | termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL
            | termios.IEXTEN
        )  # fmt: skip
        raw[6] = list(self._former[6])
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, raw)

    def put_back(self) -> None:
        """As it was; where it hung up, its settings went with it."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._former)

    @classmethod
    def of(cls, descriptor: int) -> LocalTerminal | None:
        """The terminal behind a descriptor; None when it is none."""
        try:
            return cls(descriptor) if os.isatty(descriptor) else None
        except termios.error:
            return None
