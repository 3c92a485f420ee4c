"""Keeping what a line destroys of files before it runs, and noting afterwards how it left them.

The store decides where, the gatherer what. Whatever was promised before the question is kept, or the line does not
run; what was not promised is kept where it can be.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import Final

from safeshell.errors import GuardFailure
from safeshell.frozen import frozen, replace
from safeshell.guard.durations import written
from safeshell.guard.effects import Severity
from safeshell.guard.interfaces import Outcome, Run
from safeshell.guard.reading import Reading
from safeshell.guard.text import visible
from safeshell.shell.impact.deadline import Deadline, OutOfTime
from safeshell.shell.impact.resolving import Fate, Hit, Hits, resolve
from safeshell.shell.impact.touches import file_touches_of
from safeshell.shell.undo.contents import keep_apart, keep_by_name
from safeshell.shell.undo.file_state import FileState, attributes_of, state_from, state_of
from safeshell.shell.undo.gathering import Found, Gathered, Gatherer, Limits
from safeshell.shell.undo.kept import Item, Moves, Way
from safeshell.shell.undo.store import EntryWriter, FileUndoStore

_SECONDS: Final = 20.0
_SETTLING_SECONDS: Final = 5.0


@frozen
class Forecast:
    """Whether there will be a way back from a line.

    Args:
        promised: what it destroys is going to be kept, as far as can be told.
        whole: nothing at all of it is left out.
        words: a sentence for a person; "" when there is nothing to keep.
    """

    promised: bool
    words: str = ""
    whole: bool = False


class FileKeeper:
    """Keeps for one session.

    Args:
        store: where.
        session: its name, for `store.last`.
        target: the target's name.
        limits: how much of one line is kept; `limits_of(settings.undo…)` makes them.
        told: called with a sentence when something could not be kept that was not promised.
        seconds: how long keeping may take.
    """

    def __init__(
        self,
        store: FileUndoStore,
        *,
        session: str,
        target: str,
        limits: Limits | None = None,
        told: Callable[[str], None] = lambda _: None,
        seconds: float = _SECONDS,
    ) -> None:
        self._store = store
        self._session = session
        self._target = target
        self._limits = limits or Limits(held=store.budget)
        self._told = told
        self._seconds = seconds
        self._asked: Reading | None = None
        self._promised = False
        self._failed: dict[str, str] = {}
        """The lines that did not run for want of room, and why: asked about again, they are told so."""

    def forecast(self, reading: Reading, hits: Hits, deadline: Deadline) -> Forecast:
        """Whether what `reading`'s line destroys is going to be kept; said before the question is asked.

        Args:
            reading: the line.
            hits: the files it would change.
            deadline: when to stop looking.
        """
        self._asked = reading
        failed = self._failed.pop(reading.line, "")
        if failed:
            made = Forecast(
                promised=False, words=f"no way back: keeping it for undo has just failed ({failed})"
            )
        else:
            made = self._forecast(hits, deadline)
        self._promised = made.promised
        return made

    def _forecast(self, hits: Hits, deadline: Deadline) -> Forecast:
        try:
            gathered = self._gathered(hits, deadline)
        except OutOfTime:
            return Forecast(promised=False, words="whether it can be kept for undo took too long to find out")
        if gathered.refused:
            return Forecast(promised=False, words=f"no way back, it is not kept for undo: {gathered.refused}")
        if not hits.complete:
            return Forecast(
                promised=False, words="not all of it was found in time; what can be is kept for undo"
            )
        if not gathered.found:
            return Forecast(promised=False)
        time = _time(self._store)
        words = f"kept first, for {time}: safeshell undo puts it back"
        if not gathered.held:
            words = f"safeshell undo takes it back, for {time}"
        left_out = (*gathered.left_out, *(f"{reason}, so nothing is kept of it" for reason in hits.unknown))
        if left_out:
            words = f"{words}, but for this: {'; '.join(left_out)}"
        return Forecast(promised=True, words=words, whole=not left_out)

    def run_kept(self, reading: Reading, run: Run) -> Outcome:
        """Keep what the line destroys, run it, and note how it left the files.

        Where somebody else runs the line later (`run` does nothing), `settle` is to be called when it has ended.

        Raises:
            GuardFailure: what was promised can't be kept; the line did not run.
        """
        undo_id = self.keep(reading)
        if not undo_id:
            return run()
        try:
            outcome = run()
        finally:
            self.settle(undo_id)
        return replace(outcome, undo_id=undo_id)

    def keep(self, reading: Reading) -> str:
        """Keep what the line destroys; the entry's name, "" when there was nothing to keep or it could not be.

        Lines that were asked about are kept, and those that are grave by themselves.

        Raises:
            GuardFailure: what was promised can't be kept.
        """
        asked = self._asked is not None and self._asked == reading
        promised = asked and self._promised
        self._asked = None
        touches = file_touches_of(reading.touches)
        if not touches or not (asked or reading.severity >= Severity.MEDIUM):
            return ""
        deadline = Deadline(self._seconds)
        try:
            return self._kept(resolve(touches, deadline), reading.redacted, deadline)
        except _NotKept as error:
            reason = str(error)
        except OutOfTime:
            reason = "it takes too long"
        except OSError as error:
            reason = error.strerror or type(error).__name__
        if promised:
            self._failed[reading.line] = reason
            raise GuardFailure(
                f"what the line destroys can't be kept for undo ({reason}); the line did not run",
                where=str(self._store.folder),
                todo="Type it again to be asked knowing that; or make room there and then type it again.",
            )
        self._told(f"Nothing is kept for undo: {reason}.")
        return ""

    def keep_hits(self, hits: Hits, *, line: str, of: str = "") -> str:
        """Keep some files; the entry's name, "" when there was nothing to keep.

        Args:
            hits: the files, and what is about to become of them.
            line: in words, for the list.
            of: the entry that is about to be put back.

        Raises:
            GuardFailure: they can't be kept.
        """
        deadline = Deadline(self._seconds)
        try:
            return self._kept(hits, line, deadline, of=of)
        except (_NotKept, OutOfTime, OSError) as error:
            reason = str(error) or "it takes too long"
            raise GuardFailure(
                f"it can't be kept for undo ({reason})", where=str(self._store.folder)
            ) from error

    def settle(self, undo_id: str) -> None:
        """Note how the line left the files of an entry: what differs from that later on is newer work.

        Call it when the line has ended. Nothing goes wrong when it is not: more is then taken for newer work. As
        long as nothing has changed yet, nothing is noted.
        """
        if not undo_id:
            return
        with contextlib.suppress(GuardFailure, OSError, ValueError):
            entry = self._store.load(undo_id)
            deadline = Deadline(_SETTLING_SECONDS)
            with contextlib.suppress(OutOfTime):
                states = _states_after(entry.items, deadline)
                if any(
                    now is None or not now.untouched(one.state)
                    for now, one in zip(states, entry.items, strict=True)
                ):
                    self._store.note_after(undo_id, states)

    def _gathered(self, hits: Hits, deadline: Deadline) -> Gathered:
        own = os.fsencode(self._store.folder)
        return Gatherer(self._limits, _device_of(own), own).gather(hits.hits, deadline)

    def _kept(self, hits: Hits, line: str, deadline: Deadline, *, of: str = "") -> str:
        gathered = self._gathered(hits, deadline)
        if gathered.refused:
            raise _NotKept(gathered.refused)
        if not gathered.found:
            return ""
        needed = gathered.held
        writer = self._store.begin(
            session=self._session, target=self._target, line=line, needed=needed, of=of
        )
        with writer:
            items, failed = _Collector(writer, deadline).items(gathered.found)
            if not items:
                return ""
            for sentence in failed[:3]:
                self._told(f"Not kept for undo: {sentence}.")
            left_out = [*gathered.left_out, *failed, *hits.unknown]
            return writer.commit(items, held=needed, left_out=left_out)


class _NotKept(Exception):
    """There is too much; its text says why."""


class _Collector:
    """Puts the files of one entry into its folder."""

    def __init__(self, writer: EntryWriter, deadline: Deadline) -> None:
        self._writer = writer
        self._deadline = deadline
        self._items: list[Item] = []
        self._by_file: dict[tuple[int, int], int] = {}
        self._numbers = 0

    def items(self, found: Sequence[Found]) -> tuple[list[Item], list[str]]:
        """The items, and what could not be kept.

        Raises:
            OSError: the disk would not take it.
            OutOfTime: it takes too long.
        """
        failed: list[str] = []
        for count, one in enumerate(found):
            if count % 64 == 0:
                self._deadline.check()
            try:
                self._items.append(self._item(one))
            except FileNotFoundError:
                continue  # whoever removed it did so before the line
            except PermissionError:
                failed.append(f"{visible(one.path)} can't be read")
        return self._items, failed

    def _item(self, one: Found) -> Item:
        state = state_from(one.path, one.state)
        if not one.has_content:
            if one.fate is Fate.OWNER:
                state = replace(state, attributes=attributes_of(one.path))
            return Item(one.path, one.fate, state, other=one.other, turn=one.turn)
        file = (state.device, state.inode)
        twin = self._by_file.get(file, -1)
        if twin >= 0:
            first = self._items[twin]
            return Item(one.path, one.fate, first.state, first.way, first.data, twin, one.other, one.turn)
        kept = self._writer.data_path(self._numbers)
        if not one.apart and keep_by_name(one.path, kept):
            way = Way.LINK
            now = os.lstat(kept)
            state = replace(state_from(kept, now), names=now.st_nlink - 1)
        else:
            way = keep_apart(one.path, kept, one.state, self._deadline)
            state = replace(state, attributes=attributes_of(one.path))
        item = Item(one.path, one.fate, state, way, self._numbers, other=one.other, turn=one.turn)
        self._numbers += 1
        if state.names > 1:
            self._by_file[file] = len(self._items)
        return item


def limits_of(max_size: int, total_size: int) -> Limits:
    """The limits that the settings mean: `max_size` is copied, up to `total_size` is held by a further name."""
    return Limits(copied=max_size, held=max(total_size, max_size))


def _states_after(items: Sequence[Item], deadline: Deadline) -> list[FileState | None]:
    """How the files are now; what lay in a folder that is gone is gone with it."""
    states: list[FileState | None] = []
    moves = Moves(items)
    gone: set[bytes] = set()
    for count, item in enumerate(items):
        if count % 256 == 0:
            deadline.check()
        path = moves.place_of(item.path)
        state = None
        if os.path.dirname(path) not in gone:  # noqa: PTH120 - bytes
            with contextlib.suppress(OSError):
                state = state_of(path)
        if state is None and item.state.is_folder:
            gone.add(path)
        states.append(state)
    return states


def _device_of(folder: bytes) -> int | None:
    """The file system on which `folder` is, or would be made."""
    while folder:
        try:
            return os.stat(folder).st_dev  # noqa: PTH116 - bytes
        except OSError:
            above = os.path.dirname(folder)  # noqa: PTH120 - bytes
            if above == folder:
                return None
            folder = above
    return None


def _time(store: FileUndoStore) -> str:
    days = store.keep_for.days
    return f"{days} days" if days > 1 else written(store.keep_for)


def hit_for(path: bytes) -> Hit:
    """A file that is about to be written over, for `keep_hits`."""
    return Hit(path, Fate.WRITTEN)
