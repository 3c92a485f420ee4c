"""Keeping on a host what a line destroys there, before it runs, and noting that it has ended.

The same promise as for files of this machine: what was promised before the question is kept, or the line does not
run. What is looked for and copied is `keep.sh`'s matter; here is when, how much, and what people are told of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Final

from safeshell.errors import GuardFailure, SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.durations import written
from safeshell.guard.effects import Severity
from safeshell.guard.interfaces import Outcome, Run
from safeshell.guard.reading import Reading
from safeshell.guard.text import sized
from safeshell.shell.impact.touch import Deed, FileTouch
from safeshell.shell.impact.touches import file_touches_of
from safeshell.shell.undo.keeper import Forecast
from safeshell.ssh.impact.measuring import numbers_said
from safeshell.ssh.impact.touch_lines import TouchLines, touch_lines
from safeshell.ssh.side_channel import Runner
from safeshell.ssh.undo.entries import HostUndoStore, Way
from safeshell.ssh.undo.programs import coded, keeping, lines, putting_back

_LOOKING: Final = 2.5
_KEEPING: Final = 60.0
_SETTLING: Final = 5.0
_MOST_FILES: Final = 50_000
_WRITING: Final = (Deed.WRITE, Deed.COPY)
_UNKEPT: Final = (Deed.MODE, Deed.OWNER)
_AGAINST: Final[Mapping[str, str]] = {
    "scratch": "the scratch folder there can't be used: it has to be yours, and closed to others",
    "inside": "safeshell's own undo data lies in it",
    "closed": "a folder of it can't be written by the user who is connected",
    "unread": "it can't be read by the user who is connected",
    "names": "there are too many names",
    "many": f"more than {_MOST_FILES:,} files",
    "room": "there is no room for it in the scratch folder",
    "over": "finding it takes too long",
    "failed": "the host could not copy it",
}


@frozen
class HostLimits:
    """How much is kept of one line on a host.

    Args:
        copied: bytes that are copied.
        held: bytes that all entries there may hold.
    """

    copied: int
    held: int


class HostKeeper:
    """Keeps for one session.

    Args:
        runner: runs programs on the host.
        store: remembers what is kept there.
        way: how the host is reached again, and its scratch folder.
        target: the target's name.
        limits: how much is kept.
        told: called with a sentence when something could not be kept that was not promised.
    """

    def __init__(
        self,
        runner: Runner,
        store: HostUndoStore,
        way: Way,
        *,
        target: str,
        limits: HostLimits,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._runner = runner
        self._store = store
        self._way = way
        self._target = target
        self._limits = limits
        self._told = told
        self._asked: Reading | None = None
        self._promised = False
        self._failed: dict[str, str] = {}
        """The lines that did not run for want of room, and why: asked about again, they are told so."""

    def forecast(self, reading: Reading) -> Forecast:
        """Whether what `reading`'s line destroys is going to be kept; said before the question is asked."""
        self._asked = reading
        failed = self._failed.pop(reading.line, "")
        if failed:
            made = Forecast(
                promised=False, words=f"no way back: keeping it for undo has just failed ({failed})"
            )
        else:
            made = self._forecast(reading)
        self._promised = made.promised
        return made

    def _forecast(self, reading: Reading) -> Forecast:
        touches = file_touches_of(reading.touches)
        asked = touch_lines(touches)
        if not asked.data:
            return Forecast(promised=False, words="no way back: nothing of it is kept on that host")
        try:
            found = self._run("look", "", asked, _LOOKING, apart=_is_apart(touches))
        except SafeshellError as error:
            return Forecast(promised=False, words=f"no way back, it is not kept for undo: {error.message}")
        reason = self._reason(found)
        if reason:
            return Forecast(promised=False, words=f"no way back, it is not kept for undo: {reason}")
        if not (found.get("files") or found.get("moved")):
            return Forecast(promised=False)
        time = self._time()
        words = f"kept on that host first, for {time}: safeshell undo puts it back"
        left_out = [f"{reason}, so nothing is kept of it" for reason in asked.unknown]
        if any(touch.deed in _UNKEPT for touch in touches):
            left_out.append("permissions and owners are not kept there")
        if "owners" in found:
            left_out.append("what belongs to others comes back as yours")
        if left_out:
            words = f"{words}, but for this: {'; '.join(left_out)}"
        return Forecast(promised=True, words=words, whole=not left_out)

    def run_kept(self, reading: Reading, run: Run) -> Outcome:
        """Keep what the line destroys, and run it; `settle` is to be called when it has ended.

        Raises:
            GuardFailure: what was promised can't be kept; the line did not run.
        """
        undo_id = self.keep(reading)
        outcome = run()
        return replace(outcome, undo_id=undo_id) if undo_id else outcome

    def keep(self, reading: Reading) -> str:
        """Keep what the line destroys; the entry's name, "" when there was nothing to keep or it could not be.

        Lines that were asked about are kept, and those that are grave by themselves.

        Raises:
            GuardFailure: what was promised can't be kept.
        """
        is_asked = self._asked is not None and self._asked == reading
        promised = is_asked and self._promised
        self._asked = None
        if not (is_asked or reading.severity >= Severity.MEDIUM):
            return ""
        touches = file_touches_of(reading.touches)
        asked = touch_lines(touches)
        if not asked.data:
            return ""
        undo_id = self._store.new_id()
        try:
            found = self._run("keep", undo_id, asked, _KEEPING, apart=_is_apart(touches))
            reason = self._reason(found) if not found.get("kept") else ""
        except SafeshellError as error:
            found, reason = {}, error.message
        if reason:
            return self._not_kept(reading, reason, promised=promised)
        if not found.get("kept"):
            return ""
        entry = self._store.made(undo_id, self._target, reading.redacted, self._way)
        entry = replace(entry, count=found.get("files", 0), held=found.get("kib", 0) << 10)
        try:
            self._store.add(entry)
        except OSError as error:
            reason = f"it can't be noted here: {error.strerror or error}"
            return self._not_kept(reading, reason, promised=promised)
        return undo_id

    def settle(self, undo_id: str) -> None:
        """Note there that the line has ended: what changes from now on is newer work.

        Nothing goes wrong when that fails: more is then taken for newer work.
        """
        if not undo_id:
            return
        data = lines("settle", coded(self._way.scratch), undo_id, "", "")
        with contextlib.suppress(SafeshellError):
            self._runner.run(putting_back(), data, _SETTLING)

    def _run(
        self, what: str, undo_id: str, asked: TouchLines, seconds: float, *, apart: bool
    ) -> dict[str, int]:
        head = lines(
            what,
            coded(self._way.scratch),
            undo_id,
            self._limits.copied >> 10,
            self._limits.held >> 10,
            _MOST_FILES,
            self._store.keep_for.days,
            int(apart),
        )
        found = numbers_said(self._runner.run(keeping(), head + asked.data, seconds))
        if "end" not in found:
            raise GuardFailure("the host did not say whether it can be kept")
        return found

    def _reason(self, found: Mapping[str, int]) -> str:
        """Why it is not kept; "" where nothing stands against it."""
        if "size" in found:
            return f"{sized(found.get('kib', 0) << 10)} is more than is kept of one line there"
        return next((words for word, words in _AGAINST.items() if word in found), "")

    def _not_kept(self, reading: Reading, reason: str, *, promised: bool) -> str:
        if promised:
            self._failed[reading.line] = reason
            raise GuardFailure(
                f"what the line destroys can't be kept for undo ({reason}); the line did not run",
                where=self._way.address,
                todo="Type it again to be asked knowing that; or make room there and then type it again.",
            )
        self._told(f"Nothing is kept for undo: {reason}.")
        return ""

    def _time(self) -> str:
        days = self._store.keep_for.days
        return f"{days} days" if days > 1 else written(self._store.keep_for)


def _is_apart(touches: list[FileTouch]) -> bool:
    """Whether the line writes to files themselves: a further name of one that it also removes is no copy then."""
    return any(touch.deed in _WRITING for touch in touches)
