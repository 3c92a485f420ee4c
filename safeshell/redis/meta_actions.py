"""What the meta-commands do. Those that change something on the server go through the guard as any line does.

Everything a person reads leaves by `say`; nothing here reads keys or draws prompts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from safeshell.errors import UsageError
from safeshell.guard.durations import parse_duration, written
from safeshell.guard.effects import Effect, EffectKind, Extent
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Decision
from safeshell.guard.reading import Command, Reading
from safeshell.guard.text import counted, sized, visible
from safeshell.redis.console_session import ConsoleSession
from safeshell.redis.console_settings import ConsoleSettings, changed, shown
from safeshell.redis.flush_care import FlushCare
from safeshell.redis.long_work import LongWork
from safeshell.redis.meta import (
    Meta,
    UndoRequest,
    meta_help,
    parse_meta,
    parse_mode,
    parse_undo,
    parse_unlock,
)

_DEFAULT_LOG_LINES = 10
_MOST_LOG_LINES = 1000
_LISTED = 20


@dataclass(slots=True)
class ConsoleState:
    """What meta-commands may change of the console itself.

    Args:
        here: the session at hand.
        settings: what `:set` has set.
    """

    here: ConsoleSession
    settings: ConsoleSettings


class MetaActions:
    """Does what meta-commands say.

    Args:
        state: of the console.
        say: shows some text, which ends its own lines.
        told: called with what became of a line that went through the guard.
        status: the lines of `:target`.
        log_lines: the last lines of a target in the journal, by its name and how many.
        dumps: where dump files go that were given no name.
        care: is told of dump files.
    """

    def __init__(
        self,
        state: ConsoleState,
        *,
        say: Callable[[str], None],
        told: Callable[[Decision], None],
        status: Callable[[], list[str]],
        log_lines: Callable[[str, int], list[str]],
        dumps: Path,
        care: FlushCare,
    ) -> None:
        self._state = state
        self._say = say
        self._told = told
        self._status = status
        self._log_lines = log_lines
        self._dumps = dumps
        self._care = care

    def run(self, line: str) -> None:
        """Do what `line` says.

        Raises:
            SafeshellError: it could not be done.
        """
        meta, rest = parse_meta(line)
        actions: dict[Meta, Callable[[str], None]] = {
            Meta.HELP: lambda topic: self._say(meta_help(topic)),
            Meta.UNLOCK: self._unlock,
            Meta.LOCK: lambda _: self._say(self._here.lock() + "\n"),
            Meta.MODE: self._mode,
            Meta.UNDO: self._undo,
            Meta.UNLINK: self._unlink,
            Meta.DUMP: self._dump,
            Meta.LOG: self._log,
            Meta.SET: self._set,
            Meta.RECONNECT: self._reconnect,
            Meta.TARGET: lambda _: self._say_lines(self._status()),
            Meta.INFO: lambda _: self._say_lines(self._status()),
        }
        actions[meta](rest)

    @property
    def _here(self) -> ConsoleSession:
        return self._state.here

    def _unlock(self, text: str) -> None:
        duration, reason = parse_unlock(text)
        self._say(self._here.unlock(parse_duration(duration), reason) + "\n")

    def _mode(self, text: str) -> None:
        if text:
            self._here.tighten(parse_mode(text))
        left = self._here.guard.unlocked_for()
        rest = f", read-only again in {written(left)}" if left else ""
        mode = self._here.guard.mode
        self._say(f"The mode is {mode.value}{rest}.\n")
        if mode is Mode.READ_ONLY and self._here.enforced_by:
            self._say(f"It is held by {self._here.enforced_by}.\n")

    def _set(self, text: str) -> None:
        if text:
            self._state.settings = changed(self._state.settings, text.split())
        else:
            self._say(shown(self._state.settings))

    def _log(self, text: str) -> None:
        if text and not (text.isdigit() and 0 < int(text) <= _MOST_LOG_LINES):
            raise UsageError(f"{visible(text, limit=40)!r} is no number of lines", todo="Write :log 20.")
        lines = self._log_lines(self._here.guard.target, int(text or _DEFAULT_LOG_LINES))
        self._say_lines(lines or ["Nothing is in the journal of this target yet."])

    def _reconnect(self, text: str) -> None:
        if text not in ("", "accept"):
            raise UsageError(f"{visible(text, limit=40)} does not belong here", todo=":reconnect [accept]")
        state = self._here.session.state
        if state.in_multi:
            self._say(f"The transaction with {counted(len(state.queued), 'queued command')} is lost.\n")
        self._here.reconnect(accept_change=text == "accept")
        self._say("Connected.\n")

    def _dump(self, text: str) -> None:
        from safeshell.redis.dump_file import DumpFile, dump_path

        words = text.split()
        names = [word for word in words if word != "--all"]
        if len(names) > 1:
            raise UsageError("a file name with blanks can't be used here", todo="Write :dump FILE.")
        state = self._here.session.state
        place = state.address.place
        path = Path(names[0]).expanduser() if names else dump_path(self._dumps, place, now=time.time())
        db = None if "--all" in words else state.db
        what = "every database" if db is None else f"db {db}"
        line = f":dump {visible(text, limit=200)}".rstrip()
        effect = Effect(EffectKind.READ, Extent.EVERYTHING, what)
        reading = Reading("redis", line, line, (Command(":dump", (effect,), reads=True),))

        def run() -> Outcome:
            with LongWork(self._say) as work:
                dump = DumpFile(
                    self._here.session,
                    progress=lambda progress: work.progress(progress.words),
                    should_stop=work.should_stop,
                )
                report = dump.write(path, db=db)
            self._care.last_dump = path
            self._say_lines(report.lines())
            return Outcome(OutcomeKind.DONE)

        self._submit(reading, run)

    def _unlink(self, text: str) -> None:
        from safeshell.redis.tokens import split_line
        from safeshell.redis.unlink import Unlinker
        from safeshell.redis.unlink_request import parse_unlink, unlink_reading

        request = parse_unlink(split_line(text))
        with LongWork(self._say) as work:
            unlinker = Unlinker(
                self._here.session,
                self._here.store,
                keep=self._here.undo is not None,
                progress=lambda progress: work.progress(progress.words),
                should_stop=work.should_stop,
                told=self._tell,
            )
            request = unlinker.resolved(request)
        line = f":unlink {text}"
        reading = unlink_reading(request.pattern, self._here.session.state.db, line=line)
        if request.dry_run:
            command = Command(":unlink --dry-run", (Effect(EffectKind.READ, Extent.MANY),), reads=True)
            reading = Reading("redis", line, line, (command,))

        def run() -> Outcome:
            with work:
                report = unlinker.run(request)
            self._say_lines(report.lines())
            kind = OutcomeKind.INTERRUPTED if report.stopped else OutcomeKind.DONE
            return Outcome(kind, "stopped before the end" if report.stopped else "", report.undo_id)

        self._submit(reading, run)

    def _undo(self, text: str) -> None:
        request = parse_undo(text.split())
        if request.listing:
            self._list_undo()
        elif request.name and Path(request.name).expanduser().is_file():
            self._undo_file(Path(request.name).expanduser(), request)
        else:
            self._undo_entry(request)

    def _undo_entry(self, request: UndoRequest) -> None:
        from safeshell.redis.restore import Restorer
        from safeshell.redis.restore_plan import restore_reading

        restorer = Restorer(self._here.session, self._here.store, told=self._tell)
        plan = restorer.plan(restorer.entry(request.name))
        header = plan.entry.header
        self._say_lines([f"{header.id}: {visible(header.line)}", *(f"  {line}" for line in plan.lines())])
        if request.dry_run:
            self._say_lines([*plan.objections, *plan.limits, "Nothing was changed."])
            return
        if plan.objections and not request.overwrite:
            self._say_lines(["Nothing was put back:", *(f"  {reason}" for reason in plan.objections)])
            self._say(f":undo {header.id} --overwrite goes on all the same.\n")
            return

        def run() -> Outcome:
            report = restorer.carry_out(plan)
            self._say_lines(report.lines())
            kind = OutcomeKind.FAILED if report.failed else OutcomeKind.DONE
            return Outcome(kind, report.failed[0] if report.failed else "", report.undo_id)

        self._submit(restore_reading(plan.entry, objections=plan.objections), run)

    def _undo_file(self, path: Path, request: UndoRequest) -> None:
        from safeshell.redis.dump_file import DumpFile

        with LongWork(self._say) as work:
            dump = DumpFile(
                self._here.session,
                progress=lambda progress: work.progress(progress.words),
                should_stop=work.should_stop,
            )
            summary = dump.check(path)
        line = f":undo {visible(str(path), limit=200)}{' --overwrite' if request.overwrite else ''}"
        self._say(f"{counted(summary.keys, 'key')} are in {visible(str(path), limit=200)}.\n")
        if request.dry_run:
            return
        kind = EffectKind.OVERWRITE if request.overwrite else EffectKind.WRITE
        effect = Effect(kind, Extent.MANY, counted(summary.keys, "key"))
        reading = Reading("redis", line, line, (Command(":undo", (effect,)),))

        def run() -> Outcome:
            with work:
                report = dump.restore(path, overwrite=request.overwrite)
            self._say_lines(report.lines())
            return Outcome(OutcomeKind.FAILED if report.failed else OutcomeKind.DONE)

        self._submit(reading, run)

    def _list_undo(self) -> None:
        store = self._here.store
        entries = store.entries(self._here.session.state.address.place)
        if not entries:
            self._say("Nothing is kept for this server.\n")
        for entry in entries[:_LISTED]:
            made = entry.header.made.astimezone().strftime("%Y-%m-%d %H:%M:%S")
            what = counted(len(entry.keys) + len(entry.inverses), "thing")
            back = ", put back" if entry.restored else ""
            back += "" if store.is_begun_here(entry) else ", another session's"
            line = visible(entry.header.line, limit=80)
            self._say(f"  {entry.header.id}  {made}  {what}, {sized(entry.size)}{back}  {line}\n")
        if len(entries) > _LISTED:
            self._say(f"  … and {len(entries) - _LISTED:,} older\n")

    def _submit(self, reading: Reading, run: Callable[[], Outcome]) -> None:
        guard = self._here.guard
        self._told(guard.submit_judged(guard.judge_reading(reading), run))

    def _tell(self, sentence: str) -> None:
        self._say(f"{visible(sentence, limit=500)}\n")

    def _say_lines(self, lines: list[str]) -> None:
        self._say("".join(f"{line}\n" for line in lines))
