"""The window dressed in its environment's colours for as long as the session lasts; put off on every way out.

What is sent is `window_colors`' matter. The terminal is asked first, and answers while the shell starts.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping
from typing import Final

from safeshell.guard.environment import Environment
from safeshell.terminal.theme import Theme
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal
from safeshell.terminal.wrapped.window_colors import (
    BACKGROUND_OFF,
    QUESTION,
    BackgroundAnswer,
    background_on,
    may_be_colored,
    tab_off,
    tab_on,
)

_PATIENCE: Final = 1.0
"""Seconds for a terminal's answer; those that know no answer say at least that, and at once."""


class WindowDress:
    """Dresses one terminal. From the beginning the terminal knows how to take off what it may come to wear.

    Args:
        terminal: the person's.
        environment: the session's.
        theme: the terminal's looks; without colours nothing is done.
        environ: the process's environment variables.
        tint: whether the background is to have the environment's colour.
        tab: whether the tab is.
    """

    def __init__(
        self,
        terminal: OuterTerminal,
        environment: Environment,
        theme: Theme,
        environ: Mapping[str, str],
        *,
        tint: bool,
        tab: bool,
    ) -> None:
        may = may_be_colored(environ, theme.depth)
        self._terminal = terminal
        self._environment = environment
        self._tints = tint and may
        self._tab = tab_on(environment, environ) if tab and may else b""
        self._tab_off = tab_off(environ) if self._tab else b""
        terminal.undress = (BACKGROUND_OFF if self._tints else b"") + self._tab_off

    def ask(self) -> None:
        """Ask the terminal for its background, if that is to change; the answer is waited for by `put_on`."""
        if self._tints:
            self._terminal.make_raw()
            self._terminal.write(QUESTION)

    def put_on(self) -> bytes:
        """Dress the window; what the person has typed meanwhile."""
        answer = self._answer() if self._tints else BackgroundAnswer()
        background = answer.background
        tint = background_on(self._environment, background) if background else b""
        self._terminal.undress = (BACKGROUND_OFF if tint else b"") + self._tab_off
        self._terminal.wear(tint + self._tab)
        return answer.typed

    def _answer(self) -> BackgroundAnswer:
        answer = BackgroundAnswer()
        give_up_at = time.monotonic() + _PATIENCE
        device = self._terminal.device
        while not answer.is_over:
            left = give_up_at - time.monotonic()
            if left <= 0 or not select.select([device], [], [], left)[0]:
                break
            try:
                data = os.read(device, 4096)
            except OSError:
                break
            if not data:
                break
            answer.feed(data)
        return answer
