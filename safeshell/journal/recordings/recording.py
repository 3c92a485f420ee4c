"""A recording as it comes about: output, sizes and markers with their moments in, lines of asciicast v3 out.

Sans-I/O: no file and no clock in it. What must never come in is what a person types: only output is recorded, so
a password at a prompt that does not echo leaves no trace. Whole lines only ever go out, in order, each with an
end; what does not fit the limit is left out, and a marker says so.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from typing import Final

from safeshell.guard.text import sized, visible
from safeshell.journal.recordings.labels import LONGEST, VERDICT_WORDS
from safeshell.journal.recordings.session import OWN_KEY

FLUSH_SECONDS: Final = 1.0
"""The longest that anything waits to be written."""
FLUSH_BYTES: Final = 64 << 10
"""As much as this is written at once."""
MARKERS_ROOM: Final = 1 << 20
"""How much markers may take beyond a recording's limit."""

_FRAME_SECONDS: Final = 1 / 60
"""Output that comes within this time is one event; no screen shows more."""
_FRAME_BYTES: Final = 32 << 10


class Recording:
    """One recording.

    Moments are seconds of a steady clock; one that goes backwards counts as standing still.

    Args:
        header: the first line (`session.header_of`).
        began: the moment from which time counts.
        max_size: bytes that its lines may take; past them only markers are kept.
    """

    def __init__(self, header: Mapping[str, object], *, began: float, max_size: int) -> None:
        self._began = began
        self._max_size = max_size
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._frame: list[bytes] = []
        self._frame_size = 0
        self._frame_at = began
        self._millis = 0
        self._lines = [f"{json.dumps(header)}\n"]
        self._waiting = len(self._lines[0])
        self._waits_since = began
        self._size = self._waiting
        self._is_full = False
        self._verdicts: dict[str, int] = {}

    def output(self, data: bytes, at: float) -> None:
        """What the terminal is shown, in whatever pieces it comes."""
        if self._is_full:
            return
        if not self._frame:
            self._frame_at = at
        elif at - self._frame_at >= _FRAME_SECONDS:
            self._end_frame()
            self._frame_at = at
        self._frame.append(data)
        self._frame_size += len(data)
        if self._frame_size >= _FRAME_BYTES:
            self._end_frame()

    def resized(self, columns: int, rows: int, at: float) -> None:
        """The terminal has another size from now on."""
        self._end_frame()
        self._add("r", f"{max(1, columns)}x{max(1, rows)}", at)

    def marker(self, label: str, at: float) -> None:
        """Something that a viewer wants to find: a verdict, a question, an answer.

        Args:
            label: one line of text; what is not safe to show is written out, and it is cut at 600 characters.
            at: when.
        """
        self._end_frame()
        word = label.partition(":")[0].partition(" ")[0]
        if word in VERDICT_WORDS:
            self._verdicts[word] = self._verdicts.get(word, 0) + 1
        self._add("m", visible(label, limit=LONGEST), at, room=MARKERS_ROOM)

    def exited(self, status: int, at: float) -> None:
        """The recorded program has ended.

        Args:
            status: its exit status; for one ended by a signal 128 and the signal's number.
            at: when.
        """
        self._end_frame()
        self._add("x", str(status), at, room=MARKERS_ROOM)

    def due_at(self) -> float | None:
        """The moment by which what waits wants to be taken; None when nothing waits."""
        if self._waiting:
            return self._waits_since + FLUSH_SECONDS
        return self._frame_at + FLUSH_SECONDS if self._frame else None

    def is_due(self, at: float) -> bool:
        """Whether what waits should be taken now: because of its size, or because it waits for long."""
        if self._waiting >= FLUSH_BYTES:
            return True
        due = self.due_at()
        return due is not None and at >= due

    def take(self) -> bytes:
        """The lines that are complete by now; they are the caller's to write."""
        self._end_frame()
        taken = "".join(self._lines)
        self._lines.clear()
        self._waiting = 0
        return taken.encode("ascii")

    def take_last(self) -> bytes:
        """The last lines of all; bytes that never became a character are among them as U+FFFD.

        The very last is a comment that says how long the recording is and which verdicts are in it, so that a
        list of recordings need not read them.
        """
        self._end_frame(final=True)
        told = {"duration": self._millis / 1000, "verdicts": self._verdicts}
        self._lines.append(f"# {OWN_KEY} {json.dumps(told)}\n")
        return self.take()

    def _end_frame(self, *, final: bool = False) -> None:
        if not self._frame and not final:
            return
        text = self._decoder.decode(b"".join(self._frame), final)
        self._frame.clear()
        self._frame_size = 0
        if text:
            self._add("o", text, self._frame_at)

    def _add(self, code: str, data: str, at: float, *, room: int = 0) -> None:
        """Append an event, if it fits the limit and `room` beyond it."""
        if self._is_full and not room:
            return
        # Rounded against the beginning, not against the event before: errors do not add up.
        millis = max(round((at - self._began) * 1000), self._millis)
        seconds, thousandths = divmod(millis - self._millis, 1000)
        line = f'[{seconds}.{thousandths:03d}, "{code}", {json.dumps(data)}]\n'
        if self._size + len(line) > self._max_size + room:
            if not self._is_full:
                self._is_full = True
                limit = sized(self._max_size)
                self._add(
                    "m", f"cut: the limit of {limit} is reached; only markers from here on", at, room=1 << 16
                )
            return
        self._millis = millis
        if not self._waiting:
            self._waits_since = at
        self._lines.append(line)
        self._waiting += len(line)
        self._size += len(line)
