"""A line's syntax tree: what the grammars of bash, zsh and fish make of a text, and what execution order walks.

Values only. Nothing is folded here: words keep their parts. Spans are those of the outermost line.
"""

from __future__ import annotations

from safeshell.frozen import frozen
from safeshell.guard.reading import Span


@frozen
class Literal:
    """Characters that stand for themselves, quotes and backslashes taken off.

    Args:
        text: the characters.
        quoted: whether a quote or backslash protected them.
        glob: whether some of them are active pattern characters.
    """

    text: str
    quoted: bool = False
    glob: bool = False


@frozen
class Parameter:
    """`$x`, `${x…}`.

    Args:
        name: `x`, `1`, `@`, `?`; "" when the form is not understood.
        source: as typed.
        quoted: inside double quotes.
        prefix: `#` for a length, `!` for indirection, "" else.
        subscript: the parts between brackets; None without brackets.
        operator: `:-`, `%%`, `/`, `:`, …; "" without one.
        argument: what follows the operator.
    """

    name: str
    source: str
    quoted: bool = False
    prefix: str = ""
    subscript: tuple[Part, ...] | None = None
    operator: str = ""
    argument: tuple[Part, ...] = ()


@frozen
class Substitution:
    """`$(…)`, backticks, fish's `(…)`: replaced by the output of its commands.

    Args:
        body: the commands.
        source: as typed.
        quoted: inside double quotes.
        same_shell: it runs in the shell itself, as `${ …; }`.
    """

    body: Sequence
    source: str
    quoted: bool = False
    same_shell: bool = False


@frozen
class ProcessSubstitution:
    """`<(…)`, `>(…)`, zsh's `=(…)`: replaced by a file name.

    Args:
        body: the commands.
        source: as typed.
        reads: its commands read what is written to that file, as for `>(…)`.
    """

    body: Sequence
    source: str
    reads: bool = False


@frozen
class Unknowable:
    """A part that is not computed: arithmetic, `!!`, a zsh expansion; what is nested in it still runs.

    Args:
        source: as typed.
        quoted: it can't become several words.
        parts: what stands in it.
        number: the result is a number.
    """

    source: str
    quoted: bool = False
    parts: tuple[Part, ...] = ()
    number: bool = False


Part = Literal | Parameter | Substitution | ProcessSubstitution | Unknowable


@frozen
class RawWord:
    """A word as typed.

    Args:
        span: where it stands in the outermost line.
        source: as typed.
        parts: None when `source` stands for itself.
    """

    span: Span
    source: str
    parts: tuple[Part, ...] | None = None


@frozen
class RawAssignment:
    """`NAME=value` in front of a command.

    Args:
        name: without a subscript.
        value: the word after the sign.
        appends: `+=`.
        elements: the words of `NAME=(…)`; None for a plain value.
        subscript: the parts between brackets of `NAME[…]=`; None without.
    """

    name: str
    value: RawWord
    appends: bool = False
    elements: tuple[RawWord, ...] | None = None
    subscript: tuple[Part, ...] | None = None


class HereText:
    """A here-document's body, which is read after the command that wants it."""

    __slots__ = ("delimiter", "quoted", "strips", "word")

    def __init__(self, delimiter: str, *, quoted: bool, strips: bool) -> None:
        self.delimiter = delimiter
        self.quoted = quoted
        self.strips = strips
        self.word: RawWord | None = None


@frozen
class RawRedirect:
    """A redirection as typed.

    Args:
        span: where it stands.
        operator: in bash's form.
        target: None for a here-document.
        descriptor: the number in front.
        here: a here-document's body.
    """

    span: Span
    operator: str
    target: RawWord | None
    descriptor: int | None = None
    here: HereText | None = None


@frozen
class Simple:
    """One simple command.

    Args:
        span: from its first to its last character.
        words, assignments, redirects: in order.
        arrays: elements of the arrays that its words assign (`declare -a x=(…)`), by the index of the word.
    """

    span: Span
    words: tuple[RawWord, ...] = ()
    assignments: tuple[RawAssignment, ...] = ()
    redirects: tuple[RawRedirect, ...] = ()
    arrays: tuple[tuple[int, tuple[RawWord, ...]], ...] = ()


@frozen
class Pipeline:
    """Two or more commands joined by `|`."""

    parts: tuple[Node, ...]


@frozen
class AndOr:
    """Commands joined by `&&` and `||`, which group from the left."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@frozen
class Background:
    """A command that is not waited for."""

    body: Node


@frozen
class Sequence:
    """Commands one after the other."""

    items: tuple[Node, ...]


@frozen
class Redirected:
    """A compound command with redirections of its own."""

    body: Node
    redirects: tuple[RawRedirect, ...]


@frozen
class Subshell:
    """`( … )`."""

    body: Sequence


@frozen
class If:
    """`if`: conditions with their branches; `otherwise` may be empty."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence


@frozen
class While:
    """`while`, `until`; zsh's `repeat` has no condition."""

    condition: Sequence
    body: Sequence


@frozen
class For:
    """`for`, `select`, `foreach`.

    Args:
        names: the loop's variables.
        values: None for the positional parameters.
        body: what is repeated.
    """

    names: tuple[str, ...]
    values: tuple[RawWord, ...] | None
    body: Sequence


@frozen
class Case:
    """`case`, fish's `switch`."""

    subject: RawWord
    branches: tuple[tuple[tuple[RawWord, ...], Sequence], ...]


@frozen
class Function:
    """A definition.

    Args:
        span: where it stands.
        names: usually one; zsh's functions without a name have none.
        body: a compound command.
    """

    span: Span
    names: tuple[str, ...]
    body: Node


@frozen
class Evaluated:
    """`[[ … ]]`, `(( … ))`: no command, but substitutions inside of it run.

    Args:
        parts: what stands in it.
        sets: names of variables that it assigns.
    """

    parts: tuple[Part, ...]
    sets: tuple[str, ...] = ()


Node = (
    Simple
    | Pipeline
    | AndOr
    | Background
    | Sequence
    | Redirected
    | Subshell
    | If
    | While
    | For
    | Case
    | Function
    | Evaluated
)

NOTHING = Sequence(())
"""No commands at all."""
