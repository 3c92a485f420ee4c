"""Walking simple commands: words folded, variables set, functions called, each put out with its surroundings.

How lists, branches and loops are walked is not known here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Final

from safeshell.frozen import frozen, replace
from safeshell.guard.reading import Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.aliases import alias_definitions
from safeshell.shell.constant_output import constant_output
from safeshell.shell.context import ShellContext
from safeshell.shell.folding import Folder
from safeshell.shell.frame import Frame
from safeshell.shell.script import Assignment, Place, Problem, Redirect, SimpleCommand
from safeshell.shell.source_text import LimitMet
from safeshell.shell.tree import (
    Function,
    Node,
    ProcessSubstitution,
    RawAssignment,
    RawRedirect,
    RawWord,
    Sequence,
    Simple,
    Substitution,
)
from safeshell.shell.variable_builtins import assign, change_variables
from safeshell.shell.variables import Value, Variables, value_of
from safeshell.shell.word import Word

_EXTRA_STEPS: Final = 4096
_TESTS: Final = frozenset({"[", "test"})
_CODE_IN_SUBSCRIPT = lazy_pattern(r"\w\[[^\]]*(?:\$\(|`)")
_ZSH_MODIFIERS: Final = frozenset({"noglob", "nocorrect", "-"})
_MAX_FUNCTION: Final = 16_384
"""A longer function of the session is not walked; its call stays a command that nobody knows."""
_DECLARING: Final = frozenset({"declare", "typeset", "local", "export", "readonly"})

ParseBody = Callable[[str, Span], Sequence | None]
"""Parses the body of a function or alias; its commands get the span. None when it can't be read."""


@frozen
class _Uncalled:
    """The body of a function that stands in the script when nothing calls it."""

    names: tuple[str, ...]
    commands: list[SimpleCommand | _Uncalled]


class CommandWalk(ABC):
    """Walks simple commands.

    Args:
        context: the session.
        parse_body: for bodies that are not part of the line.
        words: how many words were parsed, which bounds what expansions may add.
    """

    def __init__(self, context: ShellContext, parse_body: ParseBody, words: int) -> None:
        self.variables = Variables(context)
        self.problems: list[Problem] = []
        self.names: dict[str, None] = {}
        self.frame = Frame()
        self.folder = Folder(self.variables, self)
        self.functions: dict[str, Node] = {}
        self._context = context
        self._zsh = context.shell == "zsh"
        self._parse_body = parse_body
        self._steps_left = 2 * words + _EXTRA_STEPS
        self._out: list[SimpleCommand | _Uncalled] = []
        self._called: set[str] = set()
        self._active: list[str] = []
        self.shells = [0]
        self._writers: list[ProcessSubstitution] = []

    @abstractmethod
    def walk(self, node: Node) -> None:
        """Walk any node."""

    def walked(self) -> tuple[SimpleCommand, ...]:
        """All commands so far, in order."""
        found: list[SimpleCommand] = []
        self._flatten(self._out, found)
        return tuple(found)

    def _flatten(self, items: list[SimpleCommand | _Uncalled], found: list[SimpleCommand]) -> None:
        for item in items:
            if isinstance(item, SimpleCommand):
                found.append(item)
            elif self._called.isdisjoint(item.names):
                self._flatten(item.commands, found)

    def within(self, frame: Frame, node: Node) -> None:
        """Walk a node in other surroundings."""
        outer, self.frame = self.frame, frame
        self.walk(node)
        self.frame = outer

    def in_subshell(self, frame: Frame, node: Node) -> None:
        """Walk a node whose variables are gone afterwards."""
        self.variables.open()
        self.within(frame, node)
        self.variables.close_subshell()

    def new_shell(self) -> int:
        """The number of one more shell, made by the one of now."""
        self.shells.append(self.frame.shell)
        return len(self.shells) - 1

    @property
    def reached(self) -> int:
        """How many commands there are so far."""
        return len(self._out)

    def direct(self, start: int) -> tuple[SimpleCommand, ...]:
        """The commands since `start` that are not nested in words."""
        depth = self.frame.places.count(Place.SUBSTITUTION)
        return tuple(
            item
            for item in self._out[start:]
            if isinstance(item, SimpleCommand) and item.places.count(Place.SUBSTITUTION) == depth
        )

    # What is nested in words

    def substitute(self, part: Substitution) -> Value | None:
        """Walk a command substitution; its output when that is constant."""
        start = len(self._out)
        frame = self.frame
        shell = frame.shell if part.same_shell else self.new_shell()
        inner = Frame((*frame.places, Place.SUBSTITUTION), (), frame.feeds, frame.function, shell)
        self.in_subshell(replace(inner, forks=frame.forks), part.body)
        ran = tuple(item for item in self._out[start:] if isinstance(item, SimpleCommand))
        return constant_output(ran, self._working_directory) if len(ran) == 1 else None

    def _working_directory(self) -> str:
        return self.variables.get("PWD", "$PWD").text

    def process(self, part: ProcessSubstitution) -> None:
        """Walk a process substitution; one that reads what its command writes comes after that command."""
        if part.reads:
            self._writers.append(part)
            return
        frame = self.frame.at(Place.SUBSTITUTION)
        inner = Frame(frame.places, (), (), frame.function, self.new_shell(), forks=frame.forks)
        self.in_subshell(inner, part.body)

    def finish_writers(self, start: int) -> None:
        """Walk the process substitutions that the commands since `start` write to."""
        writers, self._writers = self._writers, []
        if not writers:
            return
        feeds = self.direct(start)
        frame = self.frame.at(Place.SUBSTITUTION)
        for part in writers:
            inner = Frame(frame.places, (), feeds, frame.function, self.new_shell(), forks=frame.forks)
            self.in_subshell(inner, part.body)

    # Simple commands

    def simple(self, node: Simple) -> None:
        """Walk a simple command: what is nested in it, then itself, or the function that it calls."""
        self._step()
        start = len(self._out)
        arrays = dict(node.arrays)
        words = self._words(node)
        assignments = tuple(self._assignment(one, sets=not words) for one in node.assignments)
        redirects = tuple(self.redirect(one) for one in node.redirects)
        if words:
            if self._zsh and words[0].text in _ZSH_MODIFIERS and len(words) > 1:
                words = _without_modifiers(words)
            name = words[0].text
            if words[0].known:
                self.names[name] = None
            if self._call(name, words, assignments, redirects, node.span):
                return
            if name in _TESTS:
                self.evaluated(word.text for word in words)
                words = ()
            elif name == "alias":
                self._list_aliases(words, node.span)
            else:
                change_variables(words, self.variables)
                self._set_arrays(node, arrays)
        if words or assignments or redirects:
            self.emit(words, assignments, redirects, node.span)
        if self._writers:
            self.finish_writers(start)

    def _step(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            reason = "functions and loops make too many commands of the line"
            raise LimitMet(Problem("shell.too-many-expansions", reason, limit=True))

    def _words(self, node: Simple) -> tuple[Word, ...]:
        folder = self.folder
        words: list[Word] = []
        declares = False
        for index, raw in enumerate(node.words):
            if raw.parts is None:
                words.append(Word(raw.source, raw.span, raw.source))
                declares = declares or (index == 0 and raw.source in _DECLARING)
            elif declares and "=" in raw.source:
                words.append(folder.one(raw, assignment=True))
            else:
                words.extend(folder.words(raw))
        self._steps_left -= max(0, len(words) - len(node.words))
        if self._steps_left < 0:
            self._step()
        return tuple(words)

    def _set_arrays(self, node: Simple, arrays: dict[int, tuple[RawWord, ...]]) -> None:
        for index, elements in arrays.items():
            name, _, _ = node.words[index].source.partition("=")
            self._assign_array(name.rstrip("+"), elements, appends=name.endswith("+"))

    def emit(
        self,
        words: tuple[Word, ...],
        assignments: tuple[Assignment, ...],
        redirects: tuple[Redirect, ...],
        span: Span,
    ) -> None:
        """Put out a command with its surroundings."""
        frame = self.frame
        if frame.redirects:
            redirects = (*redirects, *frame.redirects)
        if frame.assignments:
            assignments = (*frame.assignments, *assignments)
        self._out.append(
            SimpleCommand(
                words, assignments, redirects, span, frame.feeds, frame.places, frame.function, frame.shell
            )
        )

    def _assignment(self, raw: RawAssignment, *, sets: bool) -> Assignment:
        if raw.subscript:
            self.folder.text(raw.subscript)
        if raw.elements is not None:
            text = self._assign_array(raw.name, raw.elements, appends=raw.appends, sets=sets)
            return Assignment(raw.name, Word(text, raw.value.span, raw.value.source), raw.appends)
        word = self.folder.one(raw.value, assignment=True)
        if sets and raw.subscript is not None:
            self.variables.lose((raw.name,))
        elif sets:
            assign(self.variables, raw.name, value_of(word), appends=raw.appends)
        return Assignment(raw.name, word, raw.appends)

    def _assign_array(
        self, name: str, elements: tuple[RawWord, ...], *, appends: bool = False, sets: bool = True
    ) -> str:
        words = [word for raw in elements for word in self.folder.words(raw)]
        text = " ".join(word.text for word in words)
        if not sets:
            return text
        if any(word.splits or word.source.startswith("[") for word in words):
            self.variables.lose((name,))
        else:
            values = tuple(value_of(word) for word in words)
            value = Value(values[0].text if values else "", elements=values)
            assign(self.variables, name, value, appends=appends)
        return text

    def redirect(self, raw: RawRedirect) -> Redirect:
        """A redirection with its target folded."""
        if raw.here is not None:
            here = raw.here.word
            word = self.folder.one(here) if here is not None else Word("")
        elif raw.target is None:
            word = Word("")
        else:
            word = self.folder.one(raw.target, assignment=raw.operator == "<<<")
        return Redirect(raw.operator, word, raw.descriptor, raw.span)

    def evaluated(self, texts: Iterable[str]) -> None:
        """Note where a test or arithmetic is given a subscript with a command in it, which the shell then runs."""
        for text in texts:
            if "[" in text and _CODE_IN_SUBSCRIPT.search(text):
                reason = "a test or arithmetic would run the command that stands in a subscript as text"
                self.problems.append(Problem("shell.evaluated-code", reason))
                return

    # Functions and aliases

    def function(self, node: Function) -> None:
        """Walk a definition; its commands are put out here when nothing calls it."""
        for name in node.names:
            self.functions[name] = node.body
            self._called.discard(name)
        if not node.names:
            self.walk(node.body)
            return
        name = node.names[0]
        frame = Frame((*self.frame.places, Place.FUNCTION), (), (), name, self.new_shell())
        outer, self._out = self._out, []
        positional, self.variables.positional = self.variables.positional, None
        self._active.append(name)
        self.in_subshell(frame, node.body)
        self._active.pop()
        self.variables.positional = positional
        outer.append(_Uncalled(node.names, self._out))
        self._out = outer

    def _call(
        self,
        name: str,
        words: tuple[Word, ...],
        assignments: tuple[Assignment, ...],
        redirects: tuple[Redirect, ...],
        span: Span,
    ) -> bool:
        """Walk the body of the function that `name` calls; False when it calls none that can be walked."""
        if name in self._active:
            self._called.add(name)
            if self.frame.forks:
                self._fork_bomb(name, span)
            return False
        body = self.functions.get(name) or self._body_of_session(name, span)
        if body is None:
            return False
        self._called.add(name)
        frame = self.frame
        inner = Frame(
            frame.places,
            (*redirects, *frame.redirects),
            frame.feeds,
            name,
            frame.shell,
            (*frame.assignments, *assignments),
        )
        variables = self.variables
        known = not any(word.splits for word in words[1:])
        start, outer = len(self._out), variables.positional
        variables.open_function()
        for one in assignments:
            variables.declare_local(one.name)
            assign(variables, one.name, value_of(one.value), appends=one.appends)
        variables.positional = tuple(value_of(word) for word in words[1:]) if known else None
        self._active.append(name)
        self.within(inner, body)
        self._active.pop()
        variables.positional = outer
        variables.close_function()
        self.finish_writers(start)
        return True

    def _body_of_session(self, name: str, span: Span) -> Node | None:
        """The body of one of the session's functions; None when it has none that can be read."""
        text = self._context.functions.get(name)
        if text is None or len(text) > _MAX_FUNCTION:
            return None
        parsed = self._parse_body(text, span)
        if parsed is not None:
            self.functions[name] = _body_of(parsed)
        return self.functions.get(name)

    def _fork_bomb(self, name: str, span: Span) -> None:
        reason = f"`{name}` starts itself again and again without end, until the machine stands still (a fork bomb)"
        if not any(problem.rule == "shell.fork-bomb" for problem in self.problems):
            self.problems.append(Problem("shell.fork-bomb", reason, span))

    def _list_aliases(self, words: tuple[Word, ...], span: Span) -> None:
        """An alias is not in force on its own line; what it would run is listed as a function's body is."""
        for name, body in alias_definitions([word.text for word in words[1:]]).items():
            frame = Frame((*self.frame.places, Place.FUNCTION), (), (), name, self.new_shell())
            parsed = self._parse_body(body, span) if name not in self._active else None
            if parsed is not None:
                self._active.append(name)
                self.in_subshell(frame, parsed)
                self._active.pop()


def _body_of(parsed: Sequence) -> Node:
    """The body in a session's text of a function, which may be the whole definition."""
    if len(parsed.items) == 1 and isinstance(parsed.items[0], Function):
        return parsed.items[0].body
    return parsed


def _without_modifiers(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The command after zsh's `noglob` and `nocorrect`."""
    literal = False
    while len(words) > 1 and words[0].text in _ZSH_MODIFIERS:
        literal = literal or words[0].text == "noglob"
        words = words[1:]
    return tuple(replace(word, glob=False) for word in words) if literal else words
