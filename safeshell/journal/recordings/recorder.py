"""Writes a recording to disk while the session goes on: cheap appends of whole lines, at most once a second.

Nothing here raises into the session. When the disk does not take it (full, gone, not ours) the recording ends
with one sentence, and what was written stays readable: whatever was cut off in the middle of a line is removed.
A killed process leaves every line that was written, and the last second is lost.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from safeshell.errors import SafeshellError
from safeshell.journal.recordings.folder import Limits, RecordingFile, RecordingsFolder
from safeshell.journal.recordings.recording import Recording
from safeshell.journal.recordings.session import RecordedSession, header_of


def open_recording(
    state: Path,
    limits: Limits,
    session: RecordedSession,
    *,
    now: datetime,
    at: float,
    told: Callable[[str], object],
) -> Recorder:
    """Begin a recording; old ones whose time is over, or for which there is no room, go first.

    Args:
        state: the state folder.
        limits: how much is kept.
        session: what is recorded.
        now: the present, aware.
        at: the same moment on the steady clock that all later calls count by.
        told: is given a sentence, once, when the recording can't go on.

    Returns:
        The recorder; one that records nothing when none could be begun. Never raises.
    """
    folder = RecordingsFolder(state)
    try:
        folder.prune(limits, now)
        file, descriptor = folder.create(now)
    except (OSError, SafeshellError) as error:
        said = error.message if isinstance(error, SafeshellError) else error.strerror or str(error)
        told(f"This session is not recorded: {said} ({folder.path}).")
        return Recorder.off()
    header = header_of(session, name=file.id, began=now)
    recording = Recording(header, began=at, max_size=limits.max_size)
    recorder = Recorder(file, descriptor, recording, told)
    recorder.flush()
    return recorder


class Recorder:
    """Records one session. `open_recording` makes it; `off` makes one that does nothing.

    No method raises, and after the end (`close`, or a disk that takes no more) every one does nothing.

    Args:
        file: where to; empty and locked.
        descriptor: opens it for appending; closed at the end.
        recording: what to write.
        told: is given a sentence, once, when the recording can't go on.
    """

    def __init__(
        self,
        file: RecordingFile | None,
        descriptor: int,
        recording: Recording | None,
        told: Callable[[str], object],
    ) -> None:
        self._file = file
        self._descriptor = descriptor
        self._recording = recording
        self._told = told
        self._written = 0

    @classmethod
    def off(cls) -> Recorder:
        """A recorder for a session that is not recorded."""
        return cls(None, -1, None, lambda _: None)

    @property
    def id(self) -> str:
        """The recording's name for people, for `safeshell replay` and the journal; empty when there is none."""
        return self._file.id if self._file else ""

    @property
    def path(self) -> Path | None:
        """The recording's file; None when there is none."""
        return self._file.path if self._file else None

    @property
    def is_recording(self) -> bool:
        """Whether what comes now is kept."""
        return self._recording is not None

    def output(self, data: bytes, at: float) -> None:
        """What the terminal is shown; what is typed must not come here.

        Args:
            data: in whatever pieces it comes; characters and sequences may be cut anywhere.
            at: when, in seconds of the steady clock.
        """
        if self._recording:
            self._recording.output(data, at)
            if self._recording.is_due(at):
                self.flush()

    def resized(self, columns: int, rows: int, at: float) -> None:
        """The terminal has another size from now on."""
        if self._recording:
            self._recording.resized(columns, rows, at)
            self.flush_due(at)

    def marker(self, label: str, at: float) -> None:
        """A verdict, a question, an answer (`labels`); it is on its way to the disk when this returns."""
        if self._recording:
            self._recording.marker(label, at)
            self.flush()

    def exited(self, status: int, at: float) -> None:
        """The recorded program has ended with this exit status."""
        if self._recording:
            self._recording.exited(status, at)

    def due_at(self) -> float | None:
        """When `flush_due` has something to do, for a loop that sleeps until then; None for nothing."""
        return self._recording.due_at() if self._recording else None

    def flush_due(self, at: float) -> None:
        """Write what has waited for long enough."""
        if self._recording and self._recording.is_due(at):
            self.flush()

    def flush(self) -> None:
        """Write what there is."""
        if self._recording:
            self._write(self._recording.take())

    def close(self) -> None:
        """End the recording."""
        if self._recording:
            self._write(self._recording.take_last())
        self._end()

    def _write(self, lines: bytes) -> None:
        rest = memoryview(lines)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            self._fail(error)
            return
        self._written += len(lines)

    def _fail(self, error: OSError) -> None:
        # Nothing of a line that is not whole; on a full disk this is allowed, too.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self._written)
        where = self._file.path if self._file else ""
        self._end()
        self._told(f"The recording of this session ends here: {error.strerror or error} ({where}).")

    def _end(self) -> None:
        self._recording = None
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1
