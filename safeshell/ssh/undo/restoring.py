"""Putting back on a host what was kept there: never over newer work unless told, and then that is kept in its turn.

`back.sh` does it; here its words become a plan and a report for people. What the host says is somebody else's text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.frozen import field, frozen, replace
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding, Reading
from safeshell.guard.text import counted, visible
from safeshell.ssh.side_channel import Runner
from safeshell.ssh.undo.entries import HostEntry, HostUndoStore, NoSuchHostUndo
from safeshell.ssh.undo.programs import Said, coded, lines, putting_back, triples

_SECONDS: Final = 600.0
"""A password may have to be typed, and much be copied."""
_SHOWN: Final = 20
_STEPS: Final[Mapping[str, str]] = {
    "made": "put back",
    "replaced": "put back the former",
    "moved": "move back",
}
_CONFLICTS: Final[Mapping[str, str]] = {
    "newer": "is there, and has changed since",
    "again": "is there again",
}
_PROBLEMS: Final[Mapping[str, str]] = {
    "folder": "a folder has its name now; move it away first",
    "led": "its folder is reached through a link now",
    "gone": "what was kept of it is gone",
    "away": "what was moved away is not there",
    "failed": "it could not be put back there, for want of rights or room",
}


@frozen
class HostReport:
    """What putting an entry back does, or has done.

    Args:
        entry: which.
        steps: what is put back.
        conflicts: what is left alone for the newer work in its place.
        problems: what can't be put back at all.
        notes: what is not quite as before, in sentences.
        unchanged: how many are as they were.
        kept_as: the entry that holds what was replaced; "" when nothing was.
    """

    entry: HostEntry
    steps: tuple[Said, ...] = ()
    conflicts: tuple[Said, ...] = ()
    problems: tuple[Said, ...] = ()
    notes: tuple[str, ...] = field(default=())
    unchanged: int = 0
    kept_as: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything that was kept is in its place."""
        return not (self.conflicts or self.problems)

    def lines(self) -> list[str]:
        """For a person."""
        shown = [f"{_STEPS[one.word]} {visible(one.path)}{_with(one)}" for one in self.steps[:_SHOWN]]
        shown += _more(self.steps)
        shown += [
            f"not put back: {visible(one.path)} {_CONFLICTS[one.word]}" for one in self.conflicts[:_SHOWN]
        ]
        shown += _more(self.conflicts)
        shown += [
            f"can't be put back: {visible(one.path)}: {_PROBLEMS[one.word]}" for one in self.problems[:_SHOWN]
        ]
        shown += [*_more(self.problems), *self.notes[:_SHOWN]]
        if self.unchanged:
            shown.append(f"{counted(self.unchanged, 'file')} as before already")
        if self.kept_as:
            shown.append(f"What it replaced is kept there: safeshell undo {self.kept_as}")
        return shown


class HostRestorer:
    """Puts the entries of one host back.

    Args:
        runner: runs programs there.
        store: remembers what is kept there.
    """

    def __init__(self, runner: Runner, store: HostUndoStore) -> None:
        self._runner = runner
        self._store = store

    def plan(self, entry: HostEntry, *, overwrite: bool = False) -> HostReport:
        """What putting `entry` back would do now; nothing is changed.

        Raises:
            SafeshellError: the host can't be reached, or has nothing of it.
        """
        return self._ask("plan", entry, "", overwrite=overwrite)

    def restore(self, entry: HostEntry, *, overwrite: bool = False) -> HostReport:
        """Put `entry` back, as far as nothing newer is in the way.

        Args:
            entry: which.
            overwrite: also over newer work, which is kept as an entry of its own first.

        Raises:
            SafeshellError: the host can't be reached, or has nothing of it.
        """
        other = self._store.new_id()
        report = self._ask("restore", entry, other, overwrite=overwrite)
        try:
            if report.kept_as:
                kept = self._store.made(other, entry.target, f"undo {entry.id}", entry.way)
                self._store.add(replace(kept, of=entry.id, count=1))
            if report.complete:
                self._store.mark_restored(entry)
        except OSError as error:
            note = f"that it was put back could not be noted here ({error.strerror or error})"
            return replace(report, notes=(*report.notes, note))
        return report

    def _ask(self, what: str, entry: HostEntry, other: str, *, overwrite: bool) -> HostReport:
        data = lines(what, coded(entry.way.scratch), entry.id, other, int(overwrite))
        said = list(triples(self._runner.run(putting_back(), data, _SECONDS)))
        words = {one.word for one in said}
        if "none" in words:
            self._store.forget(entry.id)
            raise NoSuchHostUndo(
                "the host has nothing of it any more",
                where=f"undo {entry.id}, {visible(entry.way.address)}",
                todo="It may be past its time there, or the scratch folder was emptied.",
            )
        if "scratch" in words or "end" not in words:
            raise SafeshellError(
                "the scratch folder there can't be used" if "scratch" in words else "the host broke off",
                where=visible(entry.way.address),
                todo="Look there before you try again.",
            )
        return _report(entry, said, other)


def _report(entry: HostEntry, said: Sequence[Said], other: str) -> HostReport:
    return HostReport(
        entry,
        tuple(one for one in said if one.word in _STEPS),
        tuple(one for one in said if one.word in _CONFLICTS),
        tuple(one for one in said if one.word in _PROBLEMS),
        tuple(
            f"the folder {visible(one.path)} was gone; it is there again, with usual permissions"
            for one in said
            if one.word == "parent"
        ),
        sum(one.number for one in said if one.word == "same"),
        other if any(one.word == "kept" for one in said) else "",
    )


def host_restore_reading(plan: HostReport, *, newer: int) -> Reading:
    """What carrying out a plan does, as the guard judges it.

    Args:
        plan: what is put back.
        newer: over how many files with newer work; that is worth a question, be it one only.
    """
    many = sum(one.number for one in plan.steps)
    kind = EffectKind.OVERWRITE if newer else EffectKind.WRITE
    extent = Extent.MANY if many > 1 else Extent.ONE
    effect = Effect(kind, extent, counted(many, "file"), reversible=True)
    line = f"undo {plan.entry.id}"
    span = (0, len(line))
    reason = f"{counted(newer, 'file')} of them newer than what was kept"
    advice = "look first: safeshell undo --dry-run"
    findings = (Finding("undo.newer-work", Severity.MEDIUM, reason, advice, span),) if newer else ()
    command = Command("undo", (effect,), findings, span=span, objects=(plan.entry.id,))
    return Reading("shell", line, line, (command,))


def _with(one: Said) -> str:
    return f" with {counted(one.number - 1, 'thing')} below it" if one.number > 1 else ""


def _more(some: Sequence[Said]) -> list[str]:
    return [f"and {len(some) - _SHOWN:,} more"] if len(some) > _SHOWN else []
