"""The person's terminal while a shell waits: where a session asks, refuses and tells, and what it paints back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

from safeshell.guard.challenge import Answer, Question
from safeshell.guard.pipeline import Admission
from safeshell.guard.verdict import Verdict
from safeshell.journal.recordings.labels import question_label
from safeshell.terminal.asker import TerminalAsker
from safeshell.terminal.theme import Style, Theme
from safeshell.terminal.verdict_text import refusal_lines
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal, window_size

_STUCK_AFTER = 5.0
"""Seconds after which a terminal that takes no output is given up."""


class SessionScreen:
    """The person's terminal while a shell waits: asks, and tells refusals below the line that they are about.

    Args:
        terminal: raw already.
        theme: its looks.
        environ: the process's environment variables.
    """

    def __init__(self, terminal: OuterTerminal, theme: Theme, environ: Mapping[str, str]) -> None:
        self.drawn = 0
        """How often something has been drawn."""
        self.shown: Callable[[bytes], None] = lambda _: None
        """Told of what is printed here, questions and the answers' echo included."""
        self.before_drawing: Callable[[], None] = lambda: None
        """Called before something is drawn."""
        self.marked: Callable[[str], None] = lambda _: None
        """Told that a question is about to be asked, in a recording's words."""
        self._terminal = terminal
        self._theme = theme
        self._asker = TerminalAsker(theme, environ=environ, shown=self._has_shown)

    def ask(self, question: Question) -> Answer:
        """The person's answer."""
        self.before_drawing()
        self.drawn += 1
        self.marked(question_label(question))
        return self._asker.ask(question)

    def refused(self, verdict: Verdict, admission: Admission) -> None:
        """Why a line did not run."""
        width = window_size(self._terminal.device).columns
        self._tell(refusal_lines(verdict, admission.answer, theme=self._theme, width=width))

    def told(self, text: str) -> None:
        """A sentence."""
        self._tell([self._theme.paint(f"safeshell: {line}", Style.WARNING) for line in text.split("\n")])

    def noted(self, text: str) -> None:
        """A sentence between a line's output and the next prompt."""
        self.print(f"{self._theme.paint(text, Style.QUIET)}\r\n")

    def _has_shown(self, text: str) -> None:
        self.shown(text.encode("utf-8", "backslashreplace"))

    def print(self, text: str) -> None:
        """Something of our own that takes no room, at once."""
        self._write(text.encode("utf-8", "backslashreplace"))

    def _write(self, data: bytes) -> None:
        self.shown(data)
        give_up_at = time.monotonic() + _STUCK_AFTER
        while data and time.monotonic() < give_up_at:
            try:
                data = data[os.write(self._terminal.device, data) :]
            except BlockingIOError:
                time.sleep(0.005)
            except OSError:
                return

    def paint(self, data: bytes) -> None:
        """Bytes that move the cursor and draw what was there, at once."""
        self._write(data)

    def _tell(self, lines: Sequence[str]) -> None:
        self.before_drawing()
        self.drawn += 1
        self.print("".join(f"\r\n{line}" for line in lines) + "\r\n")
