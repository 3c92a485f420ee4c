"""Many lines judged as one: a paste, a script. The sum of their readings, and what they add up to.

Ordinary lines are counted, not kept: a hundred thousand SETs are one command of the reading. The state that
lines leave behind for the next (SELECT, MULTI, RESET) is followed here, as far as reading needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from safeshell.frozen import frozen
from safeshell.guard.effects import EffectKind
from safeshell.guard.reading import Command, Finding, Reading, Span
from safeshell.redis.arguments import integer, shown, upper
from safeshell.redis.deletions import MANY, many_deletions
from safeshell.redis.plain_lines import Plan, plan_for
from safeshell.redis.redact import redact_tokens
from safeshell.redis.resolving import real_name
from safeshell.redis.tokens import InvalidRepeat, UnbalancedQuotes, split_line, split_repeat, split_spans

if TYPE_CHECKING:
    from safeshell.redis.dialect import RedisDialect

_PLAIN_CHARACTERS: Final = bytes(range(33, 127)).translate(None, b"\"'")


@frozen
class PlainChunk:
    """A part of a script with ordinary lines only.

    Args:
        argvs: the words of each line, none of them empty.
        reading: the lines judged as one; its severity is low at most.
    """

    argvs: list[list[bytes]]
    reading: Reading


@dataclass(slots=True)
class _Tally:
    """Lines of one plan: how many, and where the first of them stands."""

    count: int
    first: int
    lines: list[int] = field(default_factory=list)


def read_batch(dialect: RedisDialect, lines: Sequence[str]) -> Reading:
    """As `RedisDialect.read_batch`."""
    return _Batch(dialect, lines).read()


def read_plain_chunk(dialect: RedisDialect, lines: Sequence[bytes]) -> PlainChunk | None:
    """The words of every line and one reading of them all, when each is ordinary: it reads, or changes one key.

    Much faster than line by line; for scripts. Lines that delete are not ordinary.

    Args:
        dialect: the session's.
        lines: of a script, without line ends; blank ones are left out.

    Returns:
        None when a line is not ordinary; read those by `RedisDialect.read`.
    """
    text = b"\n".join(lines)
    # What is left of plain text without its plain characters is blanks and line feeds alone.
    if text.translate(None, _PLAIN_CHARACTERS).strip(b" \n") or b"://" in text:
        return None
    argvs: list[list[bytes]] = []
    plans: dict[bytes, tuple[Plan, _Tally]] = {}
    for line in lines:
        words = line.split()
        if not words:
            continue
        known = plans.get(words[0])
        if known is None:
            first = words[0].decode("ascii")
            plan = plan_for(first)
            if plan is None or plan.kind is EffectKind.DELETE or not dialect.plans_hold_for(first):
                return None
            known = plans[words[0]] = (plan, _Tally(0, len(argvs)))
        if not known[0].fits(len(words)):
            return None
        known[1].count += 1
        argvs.append(words)
    whole = text.decode("ascii")
    commands = tuple(plan.commands(tally.count, 0, len(whole)) for plan, tally in plans.values())
    return PlainChunk(argvs, Reading(dialect.name, whole, whole, commands))


class _Batch:
    def __init__(self, dialect: RedisDialect, lines: Sequence[str]) -> None:
        self.dialect = dialect
        self.lines = lines
        self.context = dialect.context
        self.plain: dict[bytes | str, tuple[Plan, _Tally]] = {}
        self.found: list[tuple[int, Command]] = []
        self.unreadable: list[Finding] = []
        self.redacted: dict[int, str] = {}
        self._measured = (0, 0)

    def read(self) -> Reading:
        for at, line in enumerate(self.lines):
            if "://" in line or "\n" in line:
                self._read_closely(at, line)
                continue
            try:
                words: Sequence[bytes | str] = _words(line)
            except UnbalancedQuotes:
                self._read_closely(at, line)
                continue
            if words and not self._counted(at, words):
                self._read_closely(at, line)
        return self._summed()

    def _counted(self, at: int, words: Sequence[bytes | str]) -> bool:
        """Whether the line is an ordinary one, which is counted now."""
        known = self.plain.get(words[0]) or self._plan(words[0], at)
        if not known or not known[0].fits(len(words)):
            return False
        plan, tally = known
        tally.count += 1
        if plan.kind is EffectKind.DELETE:
            tally.lines.append(at)
        elif tally.count == 1:
            tally.first = at
        return True

    def _plan(self, typed: bytes | str, at: int) -> tuple[Plan, _Tally] | None:
        word = typed if isinstance(typed, str) else typed.decode("latin-1")
        plan = plan_for(word)
        if plan is None or not self.dialect.plans_hold_for(word):
            return None
        known = self.plain[typed] = (plan, _Tally(0, at))
        return known

    def _read_closely(self, at: int, line: str) -> None:
        start = self._start(at)
        try:
            tokens = [] if "\n" in line else split_spans(line)
        except UnbalancedQuotes:
            tokens = []
        if tokens:
            redacted = redact_tokens(line, tokens, renamed=self.context.facts.renamed)
            reading = self.dialect.read_tokens(line, redacted, tokens, self.context, start=start)
            self._follow([token.value for token in tokens])
        else:
            reading = _shifted(self.dialect.read(line), start)
        if reading.redacted != line:
            self.redacted[at] = reading.redacted
        self.found += [(at, command) for command in reading.commands]
        self.unreadable += reading.unreadable

    def _follow(self, words: Sequence[bytes]) -> None:
        """What this line leaves behind for the next ones."""
        try:
            argv = split_repeat(words).argv
        except InvalidRepeat:
            return
        context = self.context
        match real_name(upper(argv[0]), context.facts):
            case "SELECT" if len(argv) == 2 and (db := integer(argv[1])) is not None:
                self.context = replace(context, db=db)
            case "RESET":
                self.context = replace(context, db=0, in_multi=False, queued=())
            case "MULTI":
                # What is queued from here on is judged where it stands; EXEC adds nothing to it.
                self.context = replace(
                    context, in_multi=True, queued=context.queued if context.in_multi else ()
                )
            case "EXEC" | "DISCARD":
                self.context = replace(context, in_multi=False, queued=())

    def _summed(self) -> Reading:
        few = sum(len(tally.lines) for _, tally in self.plain.values()) < MANY
        more = 0
        for plan, tally in self.plain.values():
            if tally.lines and few:
                self.found += [(at, self._single(plan, at)) for at in tally.lines]
            elif tally.count == 1:
                self.found.append((tally.first, self._single(plan, tally.first)))
            elif tally.count:
                first = tally.lines[0] if tally.lines else tally.first
                self.found.append((first, plan.commands(tally.count, *self._span(first))))
                more += len(tally.lines)
        self.found.sort(key=lambda found: found[0])
        commands = self._with_deletions([command for _, command in self.found], more)
        text = "\n".join(self.lines)
        redacted = text
        if self.redacted:
            redacted = "\n".join(self.redacted.get(at, line) for at, line in enumerate(self.lines))
        return Reading(self.dialect.name, text, redacted, tuple(commands), tuple(self.unreadable))

    def _with_deletions(self, commands: list[Command], more: int) -> list[Command]:
        effect, remark = many_deletions(commands, more)
        if not effect or not remark:
            return commands
        at = next(
            n
            for n, command in enumerate(commands)
            if any(e.kind is EffectKind.DELETE for e in command.effects)
        )
        first = commands[at]
        finding = Finding(remark.rule, remark.severity, remark.reason, remark.instead, first.span)
        commands[at] = replace(first, effects=(*first.effects, effect), findings=(*first.findings, finding))
        return commands

    def _single(self, plan: Plan, at: int) -> Command:
        if plan.remarked:
            return _shifted(self.dialect.read(self.lines[at]), self._start(at)).commands[0]
        return plan.command(shown(split_line(self.lines[at])[1]), *self._span(at))

    def _span(self, at: int) -> Span:
        start = self._start(at)
        line = self.lines[at]
        return start + len(line) - len(line.lstrip()), start + len(line.rstrip())

    def _start(self, at: int) -> int:
        """Where a line starts in the whole text; counted on from the last one asked for."""
        line, start = self._measured if self._measured[0] <= at else (0, 0)
        start += sum(map(len, self.lines[line:at])) + at - line
        self._measured = (at, start)
        return start


def _words(line: str) -> Sequence[bytes | str]:
    """The words of a line: as text, which is quicker, when nothing in it is quoted."""
    if line.isascii() and line.isprintable() and '"' not in line and "'" not in line:
        return line.split()
    return split_line(line)


def _shifted(reading: Reading, by: int) -> Reading:
    commands = [
        replace(
            command,
            span=_moved(command.span, by),
            findings=tuple(replace(finding, span=_moved(finding.span, by)) for finding in command.findings),
        )
        for command in reading.commands
    ]
    unreadable = [replace(finding, span=_moved(finding.span, by)) for finding in reading.unreadable]
    return replace(reading, commands=tuple(commands), unreadable=tuple(unreadable))


def _moved(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by
