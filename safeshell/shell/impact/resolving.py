"""From the places that a line names to the files that are there now, and what would become of each.

Looks at the file system; measures and keeps nothing. A path is bytes from here on, as the kernel has it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from enum import StrEnum

from safeshell.frozen import frozen, replace
from safeshell.shell.impact.deadline import Deadline, OutOfTime
from safeshell.shell.impact.globs import NotExpanded, expanded
from safeshell.shell.impact.touch import Deed, FileTouch, Place
from safeshell.shell.impact.tree import is_inside, walk


class Fate(StrEnum):
    """What becomes of a file."""

    GONE = "gone"
    REPLACED = "replaced"
    WRITTEN = "written"
    MOVED = "moved"
    MODE = "mode"
    OWNER = "owner"


@frozen
class Hit:
    """A file that is there and that the line changes.

    Args:
        path: absolute, without a slash at the end.
        fate: what becomes of it.
        recursive: and of all below it.
        other: where it is moved to.
        sure: False when only some of what lies there may be hit, or none.
        follows: links are followed on the way down.
        again: what is moved may be changed once more by the line, where it is then.
    """

    path: bytes
    fate: Fate
    recursive: bool = False
    other: bytes = b""
    sure: bool = True
    follows: bool = False
    again: bool = False


@frozen
class Hits:
    """All files that a line changes.

    Args:
        hits: in the line's order, each path and fate once.
        unknown: why some could not be told.
        complete: False when time was over before all were found.
        led: folders that a link leads to, with the names that were typed for them.
    """

    hits: tuple[Hit, ...] = ()
    unknown: tuple[str, ...] = ()
    complete: bool = True
    led: tuple[tuple[bytes, bytes], ...] = ()


_FATES = {
    Deed.DELETE: Fate.GONE,
    Deed.REPLACE: Fate.REPLACED,
    Deed.WRITE: Fate.WRITTEN,
    Deed.MODE: Fate.MODE,
    Deed.OWNER: Fate.OWNER,
}


def resolve(touches: Sequence[FileTouch], deadline: Deadline) -> Hits:
    """The files that `touches` would change now. Never raises for what can't be looked at."""
    hits: dict[Hit, None] = {}
    unknown: dict[str, None] = {}
    resolver = _Resolver(deadline, unknown)
    try:
        for touch in touches:
            for hit in resolver.of(touch):
                if hit.fate is Fate.MOVED and _touched_again(hit.other, touch, touches):
                    hit = replace(hit, again=True)
                hits[hit] = None
    except OutOfTime:
        return Hits(tuple(hits), tuple(unknown), complete=False, led=tuple(resolver.led.items()))
    return Hits(tuple(hits), tuple(unknown), led=tuple(resolver.led.items()))


class _Resolver:
    def __init__(self, deadline: Deadline, unknown: dict[str, None]) -> None:
        self._deadline = deadline
        self._unknown = unknown
        self._real: dict[bytes, bytes] = {}
        self._moved: dict[bytes, bytes] = {}
        """Where earlier parts of the line move things to, and from where."""
        self.led: dict[bytes, bytes] = {}

    def of(self, touch: FileTouch) -> Iterator[Hit]:
        """The hits of one touch."""
        places = [path for place in touch.places for path in self._paths(place, touch)]
        if touch.target is None:
            for path in places:
                yield from self._plain(touch, path)
            return
        targets = self._paths(touch.target, touch, must_exist=False)
        if not targets:
            return
        if len(targets) > 1:  # `mv *`: the last name is the target
            places += targets[:-1]
        # `cp -r a/. b` copies what is in `a`, and no `a`.
        inner = {
            path for place in touch.places if _is_inner(place.path) for path in self._paths(place, touch)
        }
        for source in places:
            name = b"" if source in inner else os.path.basename(source)  # noqa: PTH119 - bytes
            yield from self._carried(touch, source, targets[-1], name)

    def _paths(self, place: Place, touch: FileTouch, *, must_exist: bool = True) -> list[bytes]:
        if place.unknown:
            self._unknown[place.unknown] = None
            return []
        try:
            if place.glob:
                found = expanded(
                    place.path,
                    self._deadline,
                    shell=touch.shell,
                    options=touch.options,
                    mixed=place.mixed,
                )
            else:
                found = [os.fsencode(place.path)]
        except UnicodeEncodeError:
            return []  # half a character of two: no file has such a name
        except NotExpanded as reason:
            self._unknown[f"{reason} is not followed"] = None
            return []
        except ValueError:
            return []
        folder = os.fsencode(place.folder)
        # `**` also means the folder in front of it, but where nothing is typed there.
        paths = [self._canonical(path, folder) for path in found if not (place.glob and path == folder)]
        if not must_exist:
            return paths
        return [path for path in paths if path in self._moved or os.path.lexists(path)]

    def _canonical(self, path: bytes, folder: bytes) -> bytes:
        """One spelling for each file: every link but the last followed, and that with a slash behind it."""
        slash = path.endswith(b"/")
        while len(path) > 1 and path.endswith((b"/", b"/.")):
            path = path[:-1]
        if path == b"/" or path.endswith(b"/..") or (slash and os.path.islink(path)):  # noqa: PTH114 - bytes
            return os.path.realpath(path)
        parent, name = os.path.split(path)
        real = self._real.get(parent)
        if real is None:
            real = self._real[parent] = os.path.realpath(parent)
            typed = os.path.realpath(folder) + parent[len(folder.rstrip(b"/")) :] if folder else parent
            if real != os.path.normpath(typed):
                self.led[parent] = real
        return os.path.join(real, name)  # noqa: PTH118 - bytes

    def _plain(self, touch: FileTouch, path: bytes) -> Iterator[Hit]:
        self._deadline.check()
        state = _state(path)
        if state is None:
            return
        fate = _FATES[touch.deed]
        is_link = stat.S_ISLNK(state.st_mode)
        if fate is Fate.WRITTEN or (fate in (Fate.MODE, Fate.OWNER) and is_link):
            # These go through a link to what it names.
            real = os.path.realpath(path)
            state = _state(real)
            if state is None or (fate is Fate.WRITTEN and not stat.S_ISREG(state.st_mode)):
                return
            if fate is Fate.OWNER and is_link:
                yield Hit(path, fate, sure=touch.sure)
            path = real
        if fate is Fate.GONE and stat.S_ISDIR(state.st_mode) and not touch.recursive and not _is_empty(path):
            return
        recursive = touch.recursive and stat.S_ISDIR(state.st_mode)
        yield Hit(path, fate, recursive, sure=touch.sure, follows=touch.follows and recursive)

    def _carried(self, touch: FileTouch, source: bytes, target: bytes, name: bytes) -> Iterator[Hit]:
        self._deadline.check()
        into = touch.into
        if into is None:
            into = os.path.isdir(target) and not (touch.links and os.path.islink(target))  # noqa: PTH112, PTH114
        final = os.path.join(target, name) if into and name else target  # noqa: PTH118 - bytes
        origin = self._moved.get(source, source)
        state, there = _state(origin), _state(final)
        if touch.deed is Deed.COPY:
            yield from self._copied(touch, source, final)
            return
        if there is not None and not _can_replace(state, there, final):
            return
        if there is not None and not (state and _same_file(state, there)):
            yield Hit(final, Fate.REPLACED, sure=touch.sure)
        if touch.deed is Deed.MOVE and state is not None:
            # Two names of one file: mv only takes one of them away.
            twin = there is not None and _same_file(state, there)
            if not twin and _device(os.path.dirname(final)) == state.st_dev:  # noqa: PTH120 - bytes
                self._moved[final] = origin
                yield Hit(origin, Fate.MOVED, other=final, sure=touch.sure)
            else:
                yield Hit(origin, Fate.GONE, recursive=stat.S_ISDIR(state.st_mode), sure=touch.sure)

    def _copied(self, touch: FileTouch, source: bytes, final: bytes) -> Iterator[Hit]:
        """The files at `final` that a copy of `source` overwrites."""
        state = _state(source)
        if state is None or not os.path.lexists(final):
            return
        if not stat.S_ISDIR(state.st_mode):
            yield from self._overwritten(touch, final)
            return
        if not touch.recursive:
            return
        for path, one in walk(source, self._deadline):
            if one is not None and not stat.S_ISDIR(one.st_mode):
                yield from self._overwritten(touch, final + path[len(source) :])

    def _overwritten(self, touch: FileTouch, path: bytes) -> Iterator[Hit]:
        real = os.path.realpath(path)
        state = _state(real)
        if state is not None and stat.S_ISREG(state.st_mode):
            yield Hit(real, Fate.WRITTEN, sure=touch.sure)


def _can_replace(source: os.stat_result | None, there: os.stat_result, path: bytes) -> bool:
    """Whether what is at a target can lose its name to a source: an empty folder to a folder, a file to a file."""
    if source is not None and stat.S_ISDIR(source.st_mode):
        return stat.S_ISDIR(there.st_mode) and _is_empty(path)
    return not stat.S_ISDIR(there.st_mode)


def _same_file(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _touched_again(path: bytes, own: FileTouch, touches: Sequence[FileTouch]) -> bool:
    """Whether another part of the line names something at, above or below `path`, or something unknown."""
    for touch in touches:
        if touch is own:
            continue
        for place in (*touch.places, *((touch.target,) if touch.target else ())):
            named = _encoded(_before_signs(place) if place.glob else place.path.rstrip("/"))
            if place.unknown or is_inside(named, path) or is_inside(path, named):
                return True
    return False


def _is_inner(path: str) -> bool:
    return path.rstrip("/").endswith(("/.", "/.."))


def _encoded(text: str) -> bytes:
    try:
        return os.fsencode(text) or b"/"
    except UnicodeEncodeError:  # half a character of two: no file has such a name
        return b"/"


def _before_signs(place: Place) -> str:
    """The folder in which a pattern begins."""
    signs = [at for at in map(place.path.find, "*?[") if at >= 0]
    return place.path[: min(signs, default=len(place.path))].rpartition("/")[0]


def _state(path: bytes) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None


def _device(folder: bytes) -> int | None:
    try:
        return os.stat(folder or b"/").st_dev  # noqa: PTH116 - bytes
    except OSError:
        return None


def _is_empty(folder: bytes) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return False
