"""From a line to all that it would do: through every wrapper, into every inner text, down to single commands.

A walk with bounds. It is pure: the session comes in as values, other languages as dialects. What each command
does is the packs' knowledge (`judgement`), what a wrapper runs is the wrappers'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from safeshell.frozen import replace
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Address, Command, Finding, Load, Reading, Span
from safeshell.shell.catalog import Catalog
from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.inner import Inner, InnerCommand, InnerText, InnerWords, Language, Opaque
from safeshell.shell.invocation import Invocation, invoke, program_of
from safeshell.shell.judgement import addresses_of, judged, loads_of, shown, shown_word
from safeshell.shell.plain_line import plain_script
from safeshell.shell.redirections import redirected
from safeshell.shell.script import Assignment, SimpleCommand
from safeshell.shell.tampering import changes_meaning, sets_what_chooses
from safeshell.shell.word import NOWHERE, UNKNOWN, Word
from safeshell.shell.working_directory import WorkingDirectory
from safeshell.shell.wrappers.unwrap import unwrap
from safeshell.shell.wrappers.variables import run_by_variables
from safeshell.shell.written_files import WrittenFiles

MAX_DEPTH: Final = 64
"""How deep commands may stand in commands."""
MAX_COMMANDS: Final = 20_000
"""How many commands one line may come to, wrappers and inner texts included."""

_CONVENTIONAL: Final = frozenset(
    "$EDITOR $VISUAL $PAGER $BROWSER $SHELL $CC $CXX $PYTHON $MAKE $GIT $DIFF $MANPAGER $CARGO $NODE $GO".split()
)
_EXPORTING: Final = ("export", "declare", "typeset", "readonly", "local")
_IN_THIS_SHELL: Final = frozenset(
    "eval trap . source emulate mapfile readarray complete compgen bind".split()
)
"""What runs a text in the shell itself, with its aliases, functions and variables."""


_ADDED: Final = Word(UNKNOWN, source="…", unknowns=("the words that it is given",))
"""What `xargs` and its like put behind a command. It is taken for operands, not for options (docs/limits.md)."""


_SENDER: Final = SimpleCommand((Word(UNKNOWN),))
"""Whatever stands at the other end of a standard input that is no keyboard."""


class WordsDialect(Protocol):
    """A dialect of another language that also reads a command whose words are known."""

    def read(self, line: str) -> Reading:
        """What a line of it would do."""

    def read_argv(self, argv: Sequence[bytes], *, line: str = "", span: Span | None = None) -> Reading:
        """What one command would do."""


class Reader:
    """Walks one line.

    Args:
        catalog: what is known of programs.
        dialects: other languages' own readings, by name.
        fed: what another program sends is the standard input of commands that the line gives no other.
    """

    def __init__(self, catalog: Catalog, dialects: Mapping[str, WordsDialect], *, fed: bool = False) -> None:
        self._catalog = catalog
        self._fed = fed
        self._dialects = dialects
        self.commands: list[Command] = []
        self.unreadable: list[Finding] = []
        self.refused: list[Finding] = []
        self.addresses: dict[Address, None] = {}
        self.loads: list[Load] = []
        self.secrets: list[Span] = []
        self.invocations: list[Invocation] = []
        """What was judged of this machine's own, redirections among them, in order."""
        self._written = WrittenFiles()
        self._count = 0

    def read_text(
        self,
        text: str,
        context: ShellContext,
        *,
        span: Span | None = None,
        exact: bool = True,
        depth: int = 0,
        within: tuple[str, ...] = (),
        elsewhere: bool = False,
    ) -> None:
        """Read a text of shell; the outermost line, or what a wrapper hands to a shell."""
        if depth > MAX_DEPTH:
            self._refuse("shell.too-deep", f"more than {MAX_DEPTH} commands inside of one another", span)
            return
        script = plain_script(text, context) if span is None else None
        if script is None:
            from safeshell.shell.syntax import parse  # the grammar costs more than all the rest of a start

            script = parse(text, context, span=span, exact=exact, depth=depth)
        for problem in script.problems:
            finding = Finding(problem.rule, Severity.HIGH, problem.reason, "", problem.span)
            (self.refused if problem.limit else self.unreadable).append(finding)
        where = WorkingDirectory(context, text if exact else "", span[0] if span else 0, script.shells)
        for command in script.commands:
            self._read_outer(command, where.context_for(command), depth, within, elsewhere=elsewhere)
            if self.refused:
                return

    def _read_outer(
        self,
        command: SimpleCommand,
        context: ShellContext,
        depth: int,
        within: tuple[str, ...],
        *,
        elsewhere: bool,
    ) -> None:
        """One command with its redirections and assignments."""
        for written in redirected(command, context):
            if written.operands[0].known:
                self._written.note(written.operands[0].text)
            found = judged(written, self._catalog.program(written.program), name=f"> {_target(written)}")
            self.commands.append(replace(found, within=within))
            if not elsewhere:
                self.invocations.append(written)
        if not command.words:
            for assignment in command.assignments:
                self._address_variable(assignment)
            if command.assignments:
                harmless = not any(map(changes_meaning, command.assignments))
                self.commands.append(Command("assignment", reads=harmless, span=command.span, within=within))
                for inner in run_by_variables(command):
                    self._read_inner(inner, context, depth + 1, (*within, "assignment"), elsewhere=elsewhere)
            return
        self._read_command(command, context, depth, within, elsewhere=elsewhere)

    def _read_command(
        self,
        command: SimpleCommand,
        context: ShellContext,
        depth: int,
        within: tuple[str, ...],
        *,
        elsewhere: bool,
    ) -> None:
        if self._fed and not command.feeds:
            command = replace(command, feeds=(_SENDER,))
        self._count += 1
        if self._count > MAX_COMMANDS:
            self._refuse("shell.too-many-commands", f"more than {MAX_COMMANDS:,} commands", command.span)
            return
        if depth > MAX_DEPTH:
            self._refuse(
                "shell.too-deep", f"more than {MAX_DEPTH} commands inside of one another", command.span
            )
            return
        for assignment in (*command.assignments, *_exported(command)):
            self._address_variable(assignment)
        first = len(self.commands)
        # `/bin/r* x` runs whichever file there is: its name is as unknown as a variable's value.
        program = "" if command.words[0].glob else program_of(command.words[0])
        unwrapped = unwrap(command, context) if program else None
        transparent = unwrapped is not None and unwrapped.transparent
        self._judge(command, program, context, within, elsewhere=elsewhere, only_passes_on=transparent)
        if unwrapped is not None:
            inside = (*within, program)
            for inner in unwrapped.inner:
                self._read_inner(inner, context, depth + 1, inside, elsewhere=elsewhere)
        if any(map(changes_meaning, command.assignments)):
            self.commands[first:] = (replace(one, reads=False) for one in self.commands[first:])

    def _address_variable(self, assignment: Assignment) -> None:
        if assignment.value.known and assignment.value.text:
            self.addresses[Address("environ", f"{assignment.name}={assignment.value.text}")] = None

    def _read_inner(
        self,
        inner: Inner,
        context: ShellContext,
        depth: int,
        within: tuple[str, ...],
        *,
        elsewhere: bool,
    ) -> None:
        if isinstance(inner, Opaque):
            finding = Finding(inner.rule, inner.severity, inner.reason, inner.instead, inner.span)
            effect = Effect(EffectKind.EXECUTE, Extent.ONE, "code that can't be read")
            self.commands.append(
                Command(within[-1], (effect,), (finding,), span=inner.span, within=within[:-1])
            )
            return
        for address in inner.addresses:
            self.addresses[address] = None
        if isinstance(inner, InnerCommand):
            away = elsewhere or inner.elsewhere
            context = NO_SESSION if away else context
            command = inner.command
            if inner.added:
                command = replace(command, words=(*command.words, _ADDED))
            self._read_command(command, context, depth, within, elsewhere=away)
        elif isinstance(inner, InnerWords):
            self._read_words(inner, within)
        elif inner.language is Language.SHELL:
            away = elsewhere or inner.elsewhere
            if not away and within[-1] not in _IN_THIS_SHELL:
                context = _of_new_shell(context)
            self.read_text(
                inner.text,
                NO_SESSION if away else context,
                span=inner.span,
                exact=inner.exact,
                depth=depth,
                within=within,
                elsewhere=away,
            )
        elif inner.language is Language.REDIS:
            self._read_redis(inner, within)
        else:
            self._read_language(inner, context, depth, within, elsewhere=elsewhere)

    def _judge(
        self,
        command: SimpleCommand,
        program: str,
        context: ShellContext,
        within: tuple[str, ...],
        *,
        elsewhere: bool,
        only_passes_on: bool,
    ) -> None:
        """A command that is judged by the packs; of one that only runs another, what it addresses."""
        if not program:
            self.commands.append(replace(_unknown_program(command), within=within))
            return
        known = self._catalog.program(program)
        invocation = invoke(command, known.spec, context=context, elsewhere=elsewhere)
        if not elsewhere:
            self.invocations.append(invocation)
        ran = self._written.run_by(invocation)
        if ran is not None:
            self.commands.append(replace(ran, within=within))
        self._written.note_output(invocation)
        if not only_passes_on:
            found = judged(invocation, known)
            if sets_what_chooses(command, context):
                found = replace(found, reads=False)
            self.commands.append(replace(found, within=within) if within else found)
        for address in addresses_of(invocation, known.addresses):
            self.addresses[address] = None
        if known.loads and not elsewhere:
            self.loads += loads_of(invocation, known.loads)
        if known.spec.secrets:
            self.secrets += (
                option.value.span
                for option in invocation.given(*known.spec.secrets)
                if option.value is not None
            )

    def _read_words(self, inner: InnerWords, within: tuple[str, ...]) -> None:
        dialect = self._dialects.get(inner.language.value)
        if dialect is None or any(UNKNOWN in word.text for word in inner.words[:1]):
            self._not_read(inner.language, inner.span)
            return
        argv = [word.text.encode("utf-8", "surrogateescape") for word in inner.words]
        self._take(dialect.read_argv(argv), inner.span, exact=False, within=within)

    def _read_redis(self, inner: InnerText, within: tuple[str, ...]) -> None:
        dialect = self._dialects.get(inner.language.value)
        if dialect is None:
            self._not_read(inner.language, inner.span)
            return
        at = 0
        for line in inner.text.split("\n"):
            start = inner.span[0] + at
            place = (start, start + len(line)) if inner.exact else inner.span
            if line.strip():
                self._take(dialect.read(line), place, exact=inner.exact, within=within)
            at += len(line) + 1

    def _read_language(
        self,
        inner: InnerText,
        context: ShellContext,
        depth: int,
        within: tuple[str, ...],
        *,
        elsewhere: bool,
    ) -> None:
        from safeshell.shell.languages import read_in

        found = read_in(inner.language, inner.text, dialect=inner.dialect)
        place, exact = inner.span, inner.exact
        for command in found.commands:
            self.commands.append(_moved(replace(command, within=within), place, exact=exact))
        self.unreadable += (_moved_finding(finding, place, exact=exact) for finding in found.unreadable)
        for one in found.inner:
            own = NOWHERE if isinstance(one, InnerCommand) else one.span
            span = (place[0] + own[0], place[0] + own[1]) if exact and own[0] < own[1] else place
            self._read_inner(
                _placed(one, span, exact=exact),
                context,
                depth + 1,
                within,
                elsewhere=elsewhere or inner.elsewhere,
            )

    def _take(self, reading: Reading, place: Span, *, exact: bool, within: tuple[str, ...]) -> None:
        for command in reading.commands:
            self.commands.append(_moved(replace(command, within=within), place, exact=exact))
        self.unreadable += (_moved_finding(finding, place, exact=exact) for finding in reading.unreadable)
        for address in reading.addresses:
            self.addresses[address] = None
        if reading.redacted != reading.line:
            self.secrets.append(place)

    def _not_read(self, language: Language, span: Span) -> None:
        self.unreadable.append(
            Finding(
                "shell.not-read", Severity.HIGH, f"runs {language.value} that could not be read", "", span
            )
        )

    def _refuse(self, rule: str, reason: str, span: Span | None) -> None:
        self.refused.append(Finding(rule, Severity.HIGH, reason, "say it in parts", span or (0, 0)))


def _of_new_shell(context: ShellContext) -> ShellContext:
    """What a shell that is started by this one knows of it: the exported variables."""
    if not (context.aliases or context.functions or context.variables):
        return context
    exported = {name: value for name, value in context.variables.items() if name in context.exported}
    return replace(context, aliases={}, functions={}, variables=exported)


def _exported(command: SimpleCommand) -> Iterator[Assignment]:
    """What `export NAME=value` and its like hand to all that runs later."""
    if command.words[0].text in _EXPORTING:
        for word in command.words[1:]:
            name, equals, value = word.text.partition("=")
            if equals and name.isidentifier():
                yield Assignment(name, Word(value))


def _unknown_program(command: SimpleCommand) -> Command:
    """A command whose program only the running shell knows."""
    word = command.words[0]
    name = shown(word.source or word.text, limit=60)
    if word.source.strip('"').replace("{", "").replace("}", "") in _CONVENTIONAL:
        return Command(name, span=command.span)
    finding = Finding(
        "shell.unknown-command",
        Severity.HIGH,
        f"runs whatever {name} turns out to be",
        "write the command out",
        word.span,
    )
    effect = Effect(EffectKind.EXECUTE, Extent.ONE, name)
    return Command(name, (effect,), (finding,), span=command.span)


def _target(written: Invocation) -> str:
    return shown_word(written.operands[0], limit=60)


def _placed(inner: Inner, span: Span, *, exact: bool) -> Inner:
    """What an inner text runs, at its place in the outermost line."""
    if isinstance(inner, InnerCommand):
        return replace(inner, command=replace(inner.command, span=span))
    if isinstance(inner, InnerText):
        return replace(inner, span=span, exact=exact and inner.exact)
    return replace(inner, span=span)


def _moved(command: Command, place: Span, *, exact: bool) -> Command:
    return replace(
        command,
        effects=tuple(replace(effect, object=_readable(effect.object)) for effect in command.effects),
        findings=tuple(_moved_finding(finding, place, exact=exact) for finding in command.findings),
        span=_moved_span(command.span, place, exact=exact),
        objects=tuple(map(_readable, command.objects)),
    )


def _moved_finding(finding: Finding, place: Span, *, exact: bool) -> Finding:
    span = _moved_span(finding.span, place, exact=exact)
    return replace(finding, reason=_readable(finding.reason), span=span)


def _readable(text: str) -> str:
    """A text of another language's reading, where what only the shell knows stands as its sign."""
    return text.replace(UNKNOWN, "…")


def _moved_span(span: Span, place: Span, *, exact: bool) -> Span:
    if place[0] > place[1]:  # the text of a quote that is never closed
        return (place[1], place[1])
    if not exact or span[0] >= span[1]:
        return place
    return (min(place[0] + span[0], place[1]), min(place[0] + span[1], place[1]))
