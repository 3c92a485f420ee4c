"""What recording a session costs: per MiB of output while it is kept, and past the limit; and searching it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from safeshell.journal.recordings.cast import read_cast
from safeshell.journal.recordings.folder import Limits
from safeshell.journal.recordings.lines import text_lines
from safeshell.journal.recordings.recorder import open_recording
from safeshell.journal.recordings.session import RecordedSession
from safeshell.terminal.replaying.harmless import HarmlessOutput

_LINE = "\x1b[32m2026-11-23 09:12:33\x1b[0m INFO request für /home handled in 12 ms by worker 3\r\n".encode()
_MIB = 200
_READ = 4096  # what a read from a pseudo-terminal gives on Linux
_ROUNDS = 3


def measure() -> Iterator[str]:
    data = (_LINE * ((_MIB << 20) // len(_LINE) + 1))[: _MIB << 20]
    pieces = [data[place : place + _READ] for place in range(0, len(data), _READ)]
    with tempfile.TemporaryDirectory() as folder:
        for name, limit in (("kept", 10**12), ("limit of 100 MB", 100_000_000)):
            best = min(_recorded(Path(folder) / name, pieces, limit) for _ in range(_ROUNDS))
            yield f"{_MIB} MiB of output, {name}: {best / _MIB * 1000:.2f} ms a MiB"
        (path, *_) = (Path(folder) / "limit of 100 MB" / "recordings").iterdir()
        start = time.perf_counter()
        cast = read_cast(path)
        read = time.perf_counter()
        lines = sum(1 for _ in text_lines(cast.events))
        searched = time.perf_counter()
        output = HarmlessOutput()
        for event in cast.events:
            output.feed(event.data)
        filtered = time.perf_counter()
        yield (
            f"100 MB recording: read in {read - start:.2f} s, {lines:,} lines searched in {searched - read:.2f} s, "
            f"filtered for playing in {filtered - searched:.2f} s"
        )


def _recorded(state: Path, pieces: list[bytes], limit: int) -> float:
    """Seconds that the session's loop spends on recording."""
    session = RecordedSession("shell", "web", "production", "guarded", 120, 40)
    limits = Limits(max_size=limit, total_size=limit)
    began = time.perf_counter()
    recorder = open_recording(
        state, limits, session, now=datetime.now(UTC), at=time.monotonic(), told=lambda said: print(said)
    )
    for piece in pieces:
        recorder.output(piece, time.monotonic())
    recorder.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    for row in measure():
        print(row)
