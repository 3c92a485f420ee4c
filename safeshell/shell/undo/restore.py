"""Putting back what was kept: never over newer work unless told, and then only what could be kept in its turn.

Everything appears whole or not at all under its name; what fails is named and the rest goes on.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Sequence

from safeshell.errors import GuardFailure, SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding, Reading
from safeshell.guard.text import counted, visible
from safeshell.shell.impact.resolving import Hits
from safeshell.shell.undo.contents import keep_by_name, put_copy
from safeshell.shell.undo.file_state import FileState, put_attributes, state_of
from safeshell.shell.undo.keeper import FileKeeper, hit_for
from safeshell.shell.undo.kept import Item, KeptFiles, Way
from safeshell.shell.undo.restore_plan import RestorePlan, Step, StepKind, plan_restore
from safeshell.shell.undo.store import FileUndoStore

_SHOWN = 20


@frozen
class RestoreReport:
    """What became of it.

    Args:
        plan: what was to be done.
        done: how many files were put back, or would be.
        conflicts: files left alone for the newer work in their place.
        failed: what went wrong, in sentences.
        notes: what is not quite as before, in sentences.
        kept_as: the entry that holds what was overwritten; "" when nothing was.
        dry: nothing was changed.
    """

    plan: RestorePlan
    done: int = 0
    conflicts: tuple[bytes, ...] = ()
    failed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept_as: str = ""
    dry: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that was kept is in its place."""
        return not (self.conflicts or self.failed or self.plan.problems)

    def lines(self) -> list[str]:
        """For a person."""
        if self.dry:
            return [*self.plan.lines(), "Nothing was changed."]
        lines = [f"{counted(self.done, 'thing')} put back"]
        newer = {step.item.path: step.newer for step in self.plan.conflicts}
        lines += [
            f"left alone: {visible(path)} {newer.get(path, '')}".rstrip() for path in self.conflicts[:_SHOWN]
        ]
        if len(self.conflicts) > _SHOWN:
            lines.append(f"and {len(self.conflicts) - _SHOWN:,} more left alone")
        failed = (*self.plan.problems, *self.failed)
        lines += [f"not put back: {sentence}" for sentence in failed[:_SHOWN]]
        if len(failed) > _SHOWN:
            lines.append(f"and {len(failed) - _SHOWN:,} more")
        lines += self.notes[:_SHOWN]
        if self.kept_as:
            lines.append(f"What it replaced is kept: safeshell undo {self.kept_as}")
        return lines


class FileRestorer:
    """Puts entries back.

    Args:
        store: where they are.
        keeper: keeps what is overwritten.
    """

    def __init__(self, store: FileUndoStore, keeper: FileKeeper) -> None:
        self._store = store
        self._keeper = keeper

    def plan(self, entry: KeptFiles) -> RestorePlan:
        """What putting `entry` back would do now."""
        return plan_restore(self._store, entry)

    def restore(self, entry: KeptFiles, *, overwrite: bool = False, dry_run: bool = False) -> RestoreReport:
        """Put `entry` back, as far as nothing newer is in the way.

        Args:
            entry: with its items, from `store.load`.
            overwrite: also over newer work, which is kept as an entry of its own first.
            dry_run: only say what would be done.

        Raises:
            GuardFailure: what would be overwritten can't be kept; nothing was changed.
        """
        plan = self.plan(entry)
        steps = list(plan.steps)
        if overwrite:
            steps += plan.conflicts
        conflicts = () if overwrite else tuple(step.item.path for step in plan.conflicts)
        if dry_run:
            return RestoreReport(plan, len(steps), conflicts, dry=True)
        kept_as = self._keep(entry, steps, overwrite=overwrite)
        worker = _Worker(self._store, entry)
        try:
            worker.carry_out(steps)
        finally:
            if kept_as:
                self._keeper.settle(kept_as)
        report = RestoreReport(
            plan, worker.done, conflicts, tuple(worker.failed), tuple(worker.notes), kept_as
        )
        if report.complete:
            try:
                self._store.mark_restored(entry)
            except OSError as error:
                note = f"that it was put back could not be noted ({error.strerror or error})"
                return RestoreReport(plan, worker.done, (), (), (*worker.notes, note), kept_as)
        return report

    def _keep(self, entry: KeptFiles, steps: Sequence[Step], *, overwrite: bool) -> str:
        """Keep what the steps overwrite."""
        replaced = [step.item.path for step in steps if step.kind is StepKind.REPLACE]
        if overwrite:
            replaced += [step.item.path for step in steps if step.newer and step.kind is not StepKind.REPLACE]
        hits = Hits(tuple(map(hit_for, dict.fromkeys(replaced))))
        if not hits.hits:
            return ""
        line = f"undo {entry.head.id}"
        try:
            return self._keeper.keep_hits(hits, line=line, of=entry.head.id)
        except SafeshellError as error:
            raise GuardFailure(
                f"what stands in place of the former files can't be kept ({error.message}); nothing was changed",
                where=f"undo {entry.head.id}",
                todo="Move these files away, then put it back.",
            ) from error


class _Worker:
    """Carries the steps out."""

    def __init__(self, store: FileUndoStore, entry: KeptFiles) -> None:
        self._store = store
        self._entry = entry
        self.done = 0
        self.failed: list[str] = []
        self.notes: list[str] = []
        self._real: set[bytes] = set()

    def carry_out(self, steps: Sequence[Step]) -> None:
        """All of them; folders get their times last, the deepest first."""
        late = (StepKind.ATTRIBUTES, StepKind.FOLDER_TIMES)
        for step in (one for one in steps if one.kind not in late):
            self._one(step)
        last = [one for one in steps if one.kind in late]
        for step in sorted(last, key=lambda one: one.item.path.count(b"/"), reverse=True):
            self._one(step)

    def _one(self, step: Step) -> None:
        path = step.item.path
        try:
            self._check_folder(os.path.dirname(path))  # noqa: PTH120 - bytes
            match step.kind:
                case StepKind.MOVE_BACK:
                    self._move_back(step.item)
                case StepKind.MAKE:
                    self._make(step.item)
                case StepKind.REPLACE:
                    self._replace(step.item)
                case StepKind.ATTRIBUTES:
                    self._note(path, put_attributes(path, _without_contents(step.item.state, path)))
                    if step.item.state.is_folder:
                        return  # it was counted when it was made
                case StepKind.FOLDER_TIMES:
                    os.utime(path, ns=(step.item.state.atime, step.item.state.mtime), follow_symlinks=False)
                    return
            self.done += 1
        except FileExistsError:
            self.failed.append(f"{visible(path)}: something has come to stand there meanwhile")
        except OSError as error:
            self.failed.append(f"{visible(path)}: {error.strerror or type(error).__name__}")

    def _check_folder(self, folder: bytes) -> None:
        """Paths are kept with every link followed: one that leads elsewhere now is somebody's doing since."""
        if folder in self._real:
            return
        if os.path.realpath(folder) != folder:
            raise OSError(errno.ELOOP, "its folder is reached through a link now")
        self._real.add(folder)

    def _move_back(self, item: Item) -> None:
        self._make_parents(item.path)
        if os.path.lexists(item.path):
            self._set_aside(item.path)
        if item.state.is_folder or item.state.is_link:
            os.rename(item.other, item.path)  # noqa: PTH104 - bytes
        else:
            os.link(item.other, item.path, follow_symlinks=False)  # unlike rename, never over anything
            os.unlink(item.other)  # noqa: PTH108 - bytes

    def _set_aside(self, path: bytes) -> None:
        """Take away a file that was kept before; only ever a file."""
        if stat.S_ISDIR(os.lstat(path).st_mode):
            raise OSError(errno.EISDIR, "a folder has its name now; move it away first")
        os.unlink(path)  # noqa: PTH108 - bytes

    def _make(self, item: Item) -> None:
        """Something that is not there."""
        path, state = item.path, item.state
        self._make_parents(path)
        if state.is_folder:
            os.mkdir(path, 0o700)  # noqa: PTH102 - bytes
        elif state.is_file:
            self._make_file(item, replace_it=False)
        elif state.is_link:
            os.symlink(state.target, path)  # noqa: PTH211 - bytes
            self._note(path, put_attributes(path, state))
        else:
            self._make_special(path, state)

    def _make_special(self, path: bytes, state: FileState) -> None:
        if stat.S_ISFIFO(state.mode):
            os.mkfifo(path, stat.S_IMODE(state.mode))
        else:
            os.mknod(path, state.mode, state.rdev)
        self._note(path, put_attributes(path, state))

    def _replace(self, item: Item) -> None:
        """Something that is there, and is kept by now."""
        path, state = item.path, item.state
        if state.is_file:
            now = state_of(path)
            same = now is not None and (now.device, now.inode) == (state.device, state.inode)
            if now is not None and same and now.names > 1 and item.way is not Way.LINK:
                self._write_over(item)
            else:
                self._make_file(item, replace_it=True)
            return
        self._set_aside(path)
        self._make(item)

    def _write_over(self, item: Item) -> None:
        """The very file, with more names than one, gets its former contents: all its names keep showing it."""
        target = os.open(item.path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            put_copy(self._data(item), target)
        finally:
            os.close(target)
        self._note(item.path, put_attributes(item.path, item.state))

    def _make_file(self, item: Item, *, replace_it: bool) -> None:
        """A file whose contents are kept, under its name at once and whole."""
        new = item.path + b".safeshell-%s" % os.urandom(4).hex().encode()
        new = os.path.join(os.path.dirname(item.path), os.path.basename(new)[-200:])  # noqa: PTH118, PTH119, PTH120
        try:
            if not self._named_again(item, new):
                target = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                try:
                    put_copy(self._data(item), target)
                finally:
                    os.close(target)
            self._note(item.path, put_attributes(new, item.state))
            if replace_it:
                os.rename(new, item.path)  # noqa: PTH104 - bytes
            else:
                _named_so(new, item.path)
            if item.state.names > 1 and os.lstat(item.path).st_nlink == 1:
                self.notes.append(
                    f"{visible(item.path)} was one file with another name, and is one by itself now"
                )
        finally:
            with contextlib.suppress(OSError):
                os.unlink(new)  # noqa: PTH108 - bytes

    def _named_again(self, item: Item, new: bytes) -> bool:
        """Give the file that is kept, or one that is the same file by another name, the name `new`."""
        if item.way is Way.LINK:
            kept = state_of(self._data(item))
            if kept is not None and not kept.same_content(item.state):
                self.notes.append(
                    f"{visible(item.path)} was written to once more after it was kept; it is so now"
                )
            return keep_by_name(self._data(item), new)
        if item.twin >= 0:
            twin = self._entry.items[item.twin]
            there = state_of(twin.path)
            if there is not None and there.is_file and there.same_content(item.state):
                return keep_by_name(twin.path, new)
        return False

    def _make_parents(self, path: bytes) -> None:
        parent = os.path.dirname(path)  # noqa: PTH120 - bytes
        if not os.path.lexists(parent):
            self.notes.append(
                f"the folder {visible(parent)} was gone; it is there again, with usual permissions"
            )
            os.makedirs(parent, exist_ok=True)  # noqa: PTH103 - bytes

    def _data(self, item: Item) -> bytes:
        return self._store.data_path(self._entry.head.id, item.data)

    def _note(self, path: bytes, failed: list[str]) -> None:
        if failed:
            self.notes.append(f"{visible(path)} is back, but {' and '.join(failed)} could not be put back")


def restore_reading(plan: RestorePlan, *, overwrite: bool) -> Reading:
    """What putting an entry back does, as the guard judges it.

    Args:
        plan: what is put back where.
        overwrite: also over newer work; that is worth a question, be it one file only.
    """
    head = plan.entry.head
    newer = len(plan.conflicts) if overwrite else 0
    count = len(plan.steps) + newer
    kind = EffectKind.OVERWRITE if newer else EffectKind.WRITE
    extent = Extent.MANY if count > 1 else Extent.ONE
    effect = Effect(kind, extent, counted(count, "file"), reversible=True)
    line = f"undo {head.id}"
    span = (0, len(line))
    reason = f"{counted(newer, 'file')} of them newer than what was kept"
    advice = "look first: safeshell undo --dry-run"
    findings = (Finding("undo.newer-work", Severity.MEDIUM, reason, advice, span),) if newer else ()
    return Reading(
        "shell", line, line, (Command("undo", (effect,), findings, span=span, objects=(head.id,)),)
    )


def _named_so(new: bytes, path: bytes) -> None:
    """Give a finished file its name, unless another has come to bear it."""
    try:
        os.link(new, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without further names
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "it exists") from None
        os.rename(new, path)  # noqa: PTH104 - bytes


def _without_contents(state: FileState, path: bytes) -> FileState:
    """The state with the times that the file has now, where only its permissions are put back."""
    if state.is_folder:
        return state
    now = state_of(path)
    if now is None:
        return state
    return replace(state, mtime=now.mtime, atime=now.atime)
