"""What putting an entry back would do, and what stands against it. Looks at the files and changes none.

The rule: what the line left is replaced without asking, what somebody made since is not. Whether something is newer
is known from how the line left it; where nobody noted that, whatever is there counts as newer.
"""

from __future__ import annotations

import os
import stat
from enum import StrEnum
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.text import counted, visible
from safeshell.shell.impact.resolving import Fate
from safeshell.shell.impact.tree import is_inside
from safeshell.shell.undo.file_state import FileState, state_of
from safeshell.shell.undo.kept import Item, KeptFiles, Moves, Way
from safeshell.shell.undo.store import FileUndoStore

_SHOWN: Final = 20
_ATTRIBUTE_FATES: Final = (Fate.MODE, Fate.OWNER)


class StepKind(StrEnum):
    """What is done to one file."""

    MOVE_BACK = "move back"
    MAKE = "put back"
    REPLACE = "put back the former"
    ATTRIBUTES = "set permissions and owner of"
    FOLDER_TIMES = "set the times of"


@frozen
class Step:
    """One thing to do.

    Args:
        kind: which.
        index: the item's.
        item: what is put back.
        newer: why what is there now counts as newer work; "" when it does not.
    """

    kind: StepKind
    index: int
    item: Item
    newer: str = ""


@frozen
class RestorePlan:
    """All of it.

    Args:
        entry: what is put back.
        steps: what can be done at once, in order.
        conflicts: what would overwrite newer work: done only when that is agreed to.
        problems: what can't be done at all, in sentences.
        unchanged: how many files are as they were.
    """

    entry: KeptFiles
    steps: tuple[Step, ...] = ()
    conflicts: tuple[Step, ...] = ()
    problems: tuple[str, ...] = ()
    unchanged: int = 0

    def lines(self) -> list[str]:
        """For a person: what would be done, what not and why."""
        lines = _listed(self.steps)
        lines += [f"not put back: {visible(one.item.path)} {one.newer}" for one in self.conflicts[:_SHOWN]]
        if len(self.conflicts) > _SHOWN:
            lines.append(f"and {len(self.conflicts) - _SHOWN:,} more with newer work in their place")
        lines += [f"can't be put back: {problem}" for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"and {len(self.problems) - _SHOWN:,} more")
        if self.unchanged:
            lines.append(f"{counted(self.unchanged, 'file')} as before already")
        lines += [f"was not kept: {reason}" for reason in self.entry.head.left_out]
        return lines


def plan_restore(store: FileUndoStore, entry: KeptFiles) -> RestorePlan:
    """What putting `entry` back would do now."""
    planner = _Planner(store, entry)
    planner.moves()
    for index, item in enumerate(entry.items):
        planner.item(index, item)
    return RestorePlan(
        entry,
        (*planner.steps, *planner.folders),
        tuple(planner.conflicts),
        tuple(planner.problems),
        planner.unchanged,
    )


class _Planner:
    def __init__(self, store: FileUndoStore, entry: KeptFiles) -> None:
        self._store = store
        self._entry = entry
        self.steps: list[Step] = []
        self.folders: list[Step] = []
        self.conflicts: list[Step] = []
        self.problems: list[str] = []
        self.unchanged = 0
        self._vacated: set[bytes] = set()
        self._moved: set[int] = set()
        self._moves = Moves(entry.items)
        self._blocked: list[bytes] = []

    def moves(self) -> None:
        """What was moved and is still there goes back the way it came, the last first."""
        moved = [(index, item) for index, item in enumerate(self._entry.items) if item.other]
        for index, item in sorted(moved, key=lambda one: one[1].turn, reverse=True):
            there = self._state(self._moves.place_of(item.path))
            if there is None or not _same_file(there, item.state):
                continue
            now = self._state(item.path)
            self._moved.add(index)
            if now is None or self._will_be_free(item.path):
                self.steps.append(Step(StepKind.MOVE_BACK, index, item))
                self._vacated.add(item.other)
                self._vacated.discard(item.path)
            else:
                self.conflicts.append(Step(StepKind.MOVE_BACK, index, item, "is there again"))
                self._blocked.append(item.path)

    def item(self, index: int, item: Item) -> None:
        """One file."""
        if index in self._moved:
            return
        after = self._after(index)
        alone = after is not None and after.untouched(item.state)
        if alone and not item.state.is_folder:
            self.unchanged += 1  # the line has left it alone, and what became of it since is not its doing
            return
        if any(is_inside(item.path, folder) and item.path != folder for folder in self._blocked):
            self.problems.append(f"{visible(item.path)}: its folder is something else now")
            return
        try:
            place = self._moves.place_of(item.path)
            stays = place == item.path
            now = None if stays and self._will_be_free(place) else state_of(place)
        except OSError as error:
            self.problems.append(f"{visible(item.path)}: {error.strerror or 'it cannot be looked at'}")
            return
        if item.fate in _ATTRIBUTE_FATES:
            self._attributes(index, item, now)
        elif now is None:
            self._missing(index, item)
        else:
            self._present(index, item, now)

    def _will_be_free(self, path: bytes) -> bool:
        """Whether what is at `path` goes back to where it came from."""
        return any(is_inside(path, place) for place in self._vacated)

    def _missing(self, index: int, item: Item) -> None:
        if item.fate is Fate.MOVED:
            self.problems.append(
                f"{visible(item.path)}: what was moved to {visible(item.other)} is not there"
            )
        elif stat.S_ISSOCK(item.state.mode):
            self.problems.append(f"{visible(item.path)}: a socket is made by what listens there")
        elif item.state.is_file and not self._has_data(item):
            self.problems.append(f"{visible(item.path)}: what was kept of it is gone")
        else:
            self.steps.append(Step(StepKind.MAKE, index, item))
            if item.state.is_folder:
                self.folders.insert(0, Step(StepKind.ATTRIBUTES, index, item))

    def _present(self, index: int, item: Item, now: FileState) -> None:
        before, after = item.state, self._after(index)
        if before.is_folder and now.is_folder:
            self._standing_folder(index, item, now)
            return
        if item.way is Way.LINK and self._is_kept_one(item, now):
            self._attributes(index, item, now)
            return
        if now.untouched(before) or (now.same(before) and self._holds_same(item, now)):
            self.unchanged += 1
            return
        if now.is_folder:
            self.problems.append(f"{visible(item.path)}: a folder has its name now; move it away first")
            return
        if after is None and self._holds_same(item, now):
            self._attributes(index, item, now)
            return
        if item.state.is_file and not self._has_data(item):
            self.problems.append(f"{visible(item.path)}: what was kept of it is gone")
            return
        left_so = after is not None and not after.untouched(before) and _unchanged_since(after, now)
        step = Step(StepKind.REPLACE, index, item, "" if left_so else self._newer(after))
        if before.is_folder and left_so:
            self.steps.append(step)
            self.folders.insert(0, Step(StepKind.ATTRIBUTES, index, item))
        elif before.is_folder:
            self._blocked.append(item.path)
            self.problems.append(f"{visible(item.path)}: it was a folder and is none now; move it away first")
        elif left_so:
            self.steps.append(step)
        else:
            self.conflicts.append(step)

    def _standing_folder(self, index: int, item: Item, now: FileState) -> None:
        """A folder that is there: what it holds has items of its own."""
        after = self._after(index)
        if not now.same_attributes(item.state):
            self._attributes(index, item, now)
        elif after is not None and after.mtime == now.mtime and now.mtime != item.state.mtime:
            self.folders.insert(0, Step(StepKind.FOLDER_TIMES, index, item))
        else:
            self.unchanged += 1

    def _attributes(self, index: int, item: Item, now: FileState | None) -> None:
        """Only permissions and owner are put back, and only on the file whose they were."""
        if now is None:
            self.problems.append(f"{visible(item.path)} is not there any more")
        elif now.same_attributes(item.state):
            self.unchanged += 1
        elif not _same_file(now, item.state) and item.fate in _ATTRIBUTE_FATES:
            step = Step(StepKind.ATTRIBUTES, index, item, "is another file now")
            self.conflicts.append(step)
        else:
            after = self._after(index)
            since = after is not None and not after.same_attributes(now)
            newer = "has been given other permissions since" if since else ""
            step = Step(StepKind.ATTRIBUTES, index, item, newer)
            (self.conflicts if since else self.steps).append(step)

    def _newer(self, after: FileState | None) -> str:
        if self._entry.after is None:
            return "is there, and it was not noted how the line left it"
        return "has come back since" if after is None else "has changed since"

    def _after(self, index: int) -> FileState | None:
        return self._entry.after[index] if self._entry.after is not None else None

    def _state(self, path: bytes) -> FileState | None:
        try:
            return state_of(path)
        except OSError:
            return None

    def _data(self, item: Item) -> bytes:
        return self._store.data_path(self._entry.head.id, item.data)

    def _has_data(self, item: Item) -> bool:
        return item.way is not Way.NOTHING and os.path.lexists(self._data(item))

    def _is_kept_one(self, item: Item, now: FileState) -> bool:
        """Whether the file that is there is the one that is kept under a further name."""
        kept = self._state(self._data(item))
        return kept is not None and _same_file(kept, now)

    def _holds_same(self, item: Item, now: FileState) -> bool:
        """Whether the file that has come back holds what the former one did."""
        if now.is_link and item.state.is_link:
            return now.target == item.state.target
        if not (now.is_file and item.state.is_file and now.size == item.state.size and self._has_data(item)):
            return False
        try:
            with open(self._data(item), "rb") as kept, open(item.path, "rb") as there:  # noqa: PTH123 - bytes
                while True:
                    one = kept.read(1 << 20)
                    if one != there.read(1 << 20):
                        return False
                    if not one:
                        return True
        except OSError:
            return False


def _same_file(one: FileState, other: FileState) -> bool:
    return (one.device, one.inode, stat.S_IFMT(one.mode)) == (
        other.device,
        other.inode,
        stat.S_IFMT(other.mode),
    )


def _unchanged_since(after: FileState, now: FileState) -> bool:
    return after.same(now) and after.inode == now.inode


def _listed(steps: tuple[Step, ...]) -> list[str]:
    """The steps: one by one while they are few, else those on top of each tree and how many lie below."""
    shown: list[str] = []
    below: dict[bytes, int] = {}
    tops: dict[bytes, StepKind] = {}
    for step in steps:
        path, kind = step.item.path, step.kind
        if kind is StepKind.FOLDER_TIMES or (kind is StepKind.ATTRIBUTES and tops.get(path) is StepKind.MAKE):
            continue
        above = os.path.dirname(path)  # noqa: PTH120 - bytes
        while above not in tops and len(above) > 1:
            above = os.path.dirname(above)  # noqa: PTH120 - bytes
        if above in tops and tops[above] is kind:
            below[above] = below.get(above, 0) + 1
            continue
        tops[path] = kind
    for path, kind in tops.items():
        more = f" with {counted(below[path], 'thing')} below it" if path in below else ""
        shown.append(f"{kind} {visible(path)}{more}")
        if len(shown) >= _SHOWN:
            break
    if len(tops) > _SHOWN:
        shown.append(f"and {len(tops) - _SHOWN:,} more")
    return shown
