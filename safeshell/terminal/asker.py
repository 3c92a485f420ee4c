"""Putting a question to the person at the terminal, and getting the answer from their hands alone.

The conversation only: what is drawn comes from `questions`, what counts as typed from `answer_reader`, the
terminal from `raw_tty`. Whatever goes wrong here is a no.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from safeshell.guard.challenge import Answer, AnswerKind, Question
from safeshell.guard.text import visible
from safeshell.terminal.answer_reader import DEAF, QUIET, AnswerReader, Ending
from safeshell.terminal.capability import understands_escapes
from safeshell.terminal.key_parser import SEQUENCE_WAIT
from safeshell.terminal.line_behind import Behind
from safeshell.terminal.questions import draw, draw_reason
from safeshell.terminal.screen import redrawn
from safeshell.terminal.theme import Theme

if TYPE_CHECKING:
    from safeshell.terminal.raw_tty import RawTty

LEAST_REASON = 4
"""Characters that a reason has at least; fewer is a wrong answer."""
_COUNTDOWN = 10
"""Seconds before the end from which the time left is shown."""
_GOING_ON = 1.0
"""Seconds without a key after which what a question broke off is over; who types on does it sooner."""

LINE_DROPPED = "What is typed up to Enter is dropped, as its beginning was"
"""Said where the rest of a line is waited for in order to drop it."""

_ANSWER_OF: dict[Ending | None, AnswerKind] = {
    Ending.CANCELLED: AnswerKind.CANCELLED,
    Ending.PASTED: AnswerKind.PASTED,
    Ending.TIMED_OUT: AnswerKind.TIMED_OUT,
}


class TerminalAsker:
    """Asks on the controlling terminal, whatever standard input and output are.

    Call it while nothing else reads the terminal and everything printed before is flushed, and from the main
    thread: only there can it put the terminal back when SIGTERM or SIGHUP ends the process.

    Args:
        theme: how the terminal shows things (`theme_for(..., is_tty=True)`).
        environ: the process's environment variables; TERM says whether escape sequences may be sent.
        discard_typeahead: called before asking; drops what the console has read ahead and not used yet.
        shown: told of all that is put on the screen, the answer as it is seen included; for a recording.
    """

    def __init__(
        self,
        theme: Theme,
        *,
        environ: Mapping[str, str] = os.environ,
        discard_typeahead: Callable[[], None] = lambda: None,
        shown: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._theme = theme
        self._escapes = understands_escapes(environ)
        self._discard_typeahead = discard_typeahead
        self._shown = shown

    def ask(self, question: Question) -> Answer:
        """The person's answer. Without a terminal, or when it hangs up: `NO_TERMINAL`."""
        if sys.platform == "win32":
            # There is no /dev/tty, and no promise about paste can be kept on its console yet.
            return Answer(AnswerKind.NO_TERMINAL)
        from safeshell.terminal.raw_tty import RawTty, TtyGone, TtyInterrupted

        self._discard_typeahead()
        tty = RawTty.open(escapes=self._escapes)
        if tty is None:
            return Answer(AnswerKind.NO_TERMINAL)
        try:
            with tty:
                answer, reader = self._converse(tty, question)
                if not answer.agrees:
                    self._drop_rest(tty, reader, question.timeout.total_seconds())
                return answer
        except TtyGone:
            return Answer(AnswerKind.NO_TERMINAL)
        except (TtyInterrupted, KeyboardInterrupt):
            return Answer(AnswerKind.CANCELLED)

    def _converse(self, tty: RawTty, question: Question) -> tuple[Answer, AnswerReader]:
        """The answer, and what has read the last of it."""
        timeout = question.timeout.total_seconds()
        self._show(tty, "\r\n" + _joined(draw(question, self._theme, tty.width)))
        reader = self._read(tty, "> ", timeout, deaf=DEAF)
        if reader.ending in _ANSWER_OF:
            return Answer(_ANSWER_OF[reader.ending]), reader
        if not question.is_right(reader.text):
            return Answer(AnswerKind.WRONG), reader
        if not question.verdict.reason_required:
            return Answer(AnswerKind.CONFIRMED), reader
        self._show(tty, _joined(draw_reason(self._theme, tty.width, least=LEAST_REASON)))
        reader = self._read(tty, "reason> ", timeout, deaf=0)
        if reader.ending in _ANSWER_OF:
            return Answer(_ANSWER_OF[reader.ending]), reader
        reason = " ".join(reader.text.split())
        if len(reason) < LEAST_REASON:
            return Answer(AnswerKind.WRONG), reader
        return Answer(AnswerKind.CONFIRMED, reason), reader

    def _read(self, tty: RawTty, prompt: str, timeout: float, *, deaf: float) -> AnswerReader:
        """A reader that has come to its end. What arrived after that is still in the terminal, whole."""
        reader = AnswerReader(at=time.monotonic(), timeout=timeout, deaf=deaf)
        shown, line_width = "", 0
        while reader.ending is None:
            now = time.monotonic()
            line = self._countdown(reader, now) + prompt if reader.listening else ""
            if line + reader.text != shown:
                shown = line + reader.text
                output, line_width = redrawn(line, self._echo(reader.text), tty.width, line_width)
                self._show(tty, output)
            wait = min(reader.wake_at() - now, 1.0)
            arrived = tty.wait(wait)
            # Time first: a key that came when Enter already counted is the next line's first.
            now = time.monotonic()
            reader.tick(now)
            if arrived and reader.ending is None:
                reader.feed(tty.read(), now)
        self._show(tty, "\r\n")
        return reader

    def _drop_rest(self, tty: RawTty, reader: AnswerReader, at_most: float) -> None:
        """Drop what comes after a no, so that neither a paste's rest nor half a line becomes the next line.

        It ends when a line would begin anew and nothing comes; after `at_most` seconds in any case.
        """
        give_up_at = time.monotonic() + at_most
        told = False
        while (left := give_up_at - time.monotonic()) > 0:
            patience = left if told and reader.behind.is_awaited else _patience(reader)
            if tty.wait(min(patience, left)):
                reader.feed(tty.read(), time.monotonic())
                continue
            reader.tick(time.monotonic())
            if not reader.behind.is_awaited:
                return
            if not told:
                self._show(tty, _joined([self._theme.text(f"{LINE_DROPPED}.")]))
                told = True

    def _countdown(self, reader: AnswerReader, now: float) -> str:
        left = reader.seconds_left(now)
        return f"({int(left) + 1} s left) " if left < _COUNTDOWN else ""

    def _show(self, tty: RawTty, text: str) -> None:
        tty.write(text)
        self._shown(text)

    def _echo(self, text: str) -> str:
        return self._theme.text(visible(text, limit=2000))


def _patience(reader: AnswerReader) -> float:
    """Seconds without a key after which nothing more belongs to what has come."""
    if reader.behind.state is Behind.BROKEN_OFF:
        return _GOING_ON
    return SEQUENCE_WAIT if reader.in_key else QUIET


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
