"""What is known of variables while a line is walked: values set by the line itself, then the session's.

A value set where it may not be set (a branch, a loop) is unknown afterwards; what a subshell sets is gone with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from safeshell.frozen import frozen
from safeshell.shell.context import ShellContext
from safeshell.shell.word import UNKNOWN, Word

_MAX_UNKNOWNS: Final = 64
MAX_VALUE: Final = 16_384
"""The longest value that is kept, in characters; a longer one counts as unknown."""

_DEFAULT_IFS: Final = " \t\n"


@frozen
class Value:
    """What a variable or an expansion is known to be.

    Args:
        text: with one `UNKNOWN` for each unknown part.
        unknowns: the expansions behind these, as typed.
        empties: expansions that are known to be empty and that the text has lost, as typed.
        glob: the text stands for any of the file names that match it.
        elements: of an array; `text` is then its first.
    """

    text: str
    unknowns: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()
    glob: bool = False
    elements: tuple[Value, ...] | None = None

    @property
    def known(self) -> bool:
        """Whether nothing of it is left to the running shell."""
        return UNKNOWN not in self.text and not self.glob


def unknown(source: str) -> Value:
    """A value of which nothing is known; `source` is the expansion as typed."""
    return Value(UNKNOWN, (source,))


def value_of(word: Word) -> Value:
    """The value that a folded word would give a variable."""
    return Value(word.text, word.unknowns, word.empties, word.glob)


class _Scope:
    __slots__ = ("forgets", "parent", "values")

    def __init__(self, parent: _Scope | None) -> None:
        self.parent = parent
        self.values: dict[str, Value] = {}
        self.forgets = False


class Variables:
    """The variables of a session, and how a line changes them.

    Args:
        context: the session in which the line would run.
    """

    def __init__(self, context: ShellContext) -> None:
        self.context = context
        self.positional: tuple[Value, ...] | None = None
        self.used: dict[str, None] = {}
        self._scope = _Scope(None)
        self._locals: list[set[str]] = []

    def get(self, name: str, source: str) -> Value:
        """The value of `name`; an unknown or empty one refers to `source`, the expansion as typed."""
        scope: _Scope | None = self._scope
        while scope is not None:
            found = scope.values.get(name)
            if found is not None:
                return _referring(found, source)
            if scope.forgets:
                return unknown(source)
            scope = scope.parent
        return self._of_session(name, source)

    def _of_session(self, name: str, source: str) -> Value:
        context = self.context
        if name == "IFS" and name not in context.variables:
            return Value(_DEFAULT_IFS)
        if not name.isdigit():
            self.used[name] = None
        if name in context.unset:
            return Value("", empties=(source,))
        text = context.variables.get(name)
        if text is not None:
            return Value(text, empties=() if text else (source,))
        if name == "HOME":
            return Value(context.home or "~")
        if name == "PWD":
            return Value(context.cwd or ".")
        return unknown(source)

    def set(self, name: str, value: Value) -> None:
        """Note that the line sets `name`."""
        if len(value.text) > MAX_VALUE or len(value.unknowns) + len(value.empties) > _MAX_UNKNOWNS:
            value = unknown(f"${name}")
        self._scope.values[name] = value

    def lose(self, names: Iterable[str]) -> None:
        """Note that nothing is known of `names` any more."""
        for name in names:
            self._scope.values[name] = unknown(f"${name}")

    def lose_all(self) -> None:
        """Note that any variable may have changed, as after `source` and `eval`."""
        self._scope.values.clear()
        self._scope.forgets = True
        self.positional = None

    def open(self) -> None:
        """Begin a part that may not run, or that runs in a shell of its own."""
        self._scope = _Scope(self._scope)

    def close_subshell(self) -> None:
        """End a part whose variables are gone with its shell."""
        self._scope = self._scope.parent or self._scope

    def close_branch(self) -> None:
        """End a part that may or may not have run: what it set is unknown now."""
        ended, self._scope = self._scope, self._scope.parent or self._scope
        if ended.forgets:
            self.lose_all()
        self.lose(ended.values)

    def open_function(self) -> None:
        """Begin a function's body; `declare_local` notes what is gone when it ends."""
        self.open()
        self._locals.append(set())

    def declare_local(self, name: str) -> None:
        """Note that `name` belongs to the present function."""
        if self._locals:
            self._locals[-1].add(name)

    def close_function(self) -> None:
        """End a function's body: what it set stays, but for its local variables."""
        ended, self._scope = self._scope, self._scope.parent or self._scope
        if ended.forgets:
            self.lose_all()
        own = self._locals.pop()
        self._scope.values.update((name, value) for name, value in ended.values.items() if name not in own)


def _referring(value: Value, source: str) -> Value:
    """The value as this expansion yields it."""
    if value.text == UNKNOWN and not value.glob and value.elements is None:
        return unknown(source)
    if not value.text and value.elements is None:
        return Value("", empties=(source,))
    return value
