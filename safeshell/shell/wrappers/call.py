"""A command that may be a wrapper, and the ways to say what it runs.

Every family of wrappers is made of functions `Call -> Unwrapped | None`. Here is what they share: the command in
hand, and building what is inside of it. No program is known here by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from safeshell.frozen import frozen, replace
from safeshell.guard.effects import Severity
from safeshell.guard.reading import Address, Span
from safeshell.shell.context import ShellContext
from safeshell.shell.inner import Inner, InnerCommand, InnerText, Language, Opaque, Unwrapped
from safeshell.shell.script import Assignment, SimpleCommand
from safeshell.shell.word import NOWHERE, UNKNOWN, Word

PACKS_JUDGE: Final[Unwrapped | None] = None
"""The answer of a wrapper that runs nothing this time: the command is judged by the packs alone."""


@frozen
class Call:
    """A command whose program is a wrapper.

    Args:
        command: the whole command.
        name: the basename of its program, versions cut off: `python` for `/usr/bin/python3.11`.
        words: all words after the program.
        context: what is known of its shell.
    """

    command: SimpleCommand
    name: str
    words: tuple[Word, ...]
    context: ShellContext

    def over(self, words: Iterable[Word]) -> Call:
        """The same call with other words after the program."""
        return replace(self, words=tuple(words))

    def runs(
        self,
        words: Iterable[Word],
        *,
        added: bool = False,
        elsewhere: bool = False,
        addresses: tuple[Address, ...] = (),
        assignments: tuple[Assignment, ...] = (),
    ) -> InnerCommand:
        """The words as a command that is run as it stands, with this one's assignments, redirections and feeds."""
        words = tuple(words)
        start = words[0].span[0] if words and words[0].span != NOWHERE else self.command.span[0]
        end = self.command.span[1]
        command = replace(
            self.command,
            words=words,
            assignments=self.command.assignments + assignments,
            span=(start, end) if start < end else self.command.span,
        )
        return InnerCommand(command, added, elsewhere, addresses)

    def runs_text(
        self,
        words: Iterable[Word],
        *,
        language: Language = Language.SHELL,
        elsewhere: bool = False,
        addresses: tuple[Address, ...] = (),
        dialect: str = "",
    ) -> Inner:
        """The words as a text that an interpreter parses; a text of which nothing is known is `Opaque`."""
        text, span, exact = joined(tuple(words))
        if hides_all(text):
            return unseen(language, self.command.span if span == NOWHERE else span)
        return InnerText(text, language, span, exact, elsewhere, addresses, dialect)


Handler = Callable[[Call], Unwrapped | None]
"""What a family knows of one program: what it runs; None when it runs nothing and the packs are to judge."""


def word(text: str, like: Word | None = None) -> Word:
    """A word that nobody typed in this form, standing where `like` does."""
    if like is None:
        return Word(text, source=text)
    return Word(text, like.span, text, unknowns=like.unknowns if UNKNOWN in text else ())


def part(whole: Word, text: str) -> Word:
    """The end of a word as a word of its own: the value in `--opt=value`, with its place where that is certain."""
    if whole.source.endswith(text) and whole.span != NOWHERE and text:
        span = (whole.span[1] - len(text), whole.span[1])
        return Word(text, span, text, whole.glob, whole.splits, whole.empties, whole.unknowns)
    return Word(text, whole.span, whole.source, whole.glob, whole.splits, whole.empties, whole.unknowns)


def value_of(given: Word, text: str) -> Word:
    """The value `text` at the end of the word `given`, its quotes kept in `source`: `--command='rm x'`."""
    quoted = given.source[len(given.text) - len(text) :]
    for quote in "'\"":
        if quoted == f"{quote}{text}{quote}" and given.span != NOWHERE:
            span = (given.span[1] - len(quoted), given.span[1])
            return Word(text, span, quoted, given.glob, given.splits, given.empties, given.unknowns)
    return part(given, text)


def joined(words: tuple[Word, ...]) -> tuple[str, Span, bool]:
    """The words as one text, blanks between them; its place; whether each character stands in its place."""
    if not words:
        return "", NOWHERE, False
    if len(words) == 1:
        return _placed(words[0])
    text = " ".join(one.text for one in words)
    places = [one.span for one in words]
    if NOWHERE in places:
        return text, NOWHERE, False
    side_by_side = all(left[1] + 1 == right[0] for left, right in pairwise(places))
    plain = all(one.source == one.text for one in words)
    return text, (places[0][0], places[-1][1]), side_by_side and plain


def _placed(one: Word) -> tuple[str, Span, bool]:
    start, end = one.span
    source = one.source
    if one.span == NOWHERE:
        return one.text, NOWHERE, False
    if source == one.text:
        return one.text, one.span, end - start == len(source)
    inside = source[1:-1]
    if inside == one.text and source[:1] in ("'", '"') and end - start == len(source):
        return one.text, (start + 1, end - 1), True
    return one.text, one.span, False


def hides_all(text: str) -> bool:
    """Whether a text is all unknown: nothing of what it does can be seen."""
    return UNKNOWN in text and not text.strip(UNKNOWN + " \t\n;\"'")


def unseen(language: Language, span: Span, *, severity: Severity = Severity.HIGH) -> Opaque:
    """Code that only the running shell knows."""
    if language is Language.SHELL:
        return Opaque(
            "shell.unknown-text",
            "runs a text that only the running shell knows",
            severity,
            "write the command out",
            span,
        )
    return Opaque(
        f"{language.value}.unknown-text",
        f"runs {language.value} that only the running shell knows",
        severity,
        "write it out",
        span,
    )


def transparent(*inner: Inner) -> Unwrapped | None:
    """A wrapper that changes nothing by itself; None when nothing is inside of it."""
    return Unwrapped(inner) if inner else None


def same_as(program: str) -> Handler:
    """Another name of a program: `kubecolor` is `kubectl`, `gitlab-psql` is `psql`."""

    def handler(call: Call) -> Unwrapped | None:
        return transparent(call.runs((word(program, call.command.words[0]), *call.words)))

    return handler


def judged_too(*inner: Inner) -> Unwrapped | None:
    """A command that runs something and has still to be judged by the packs; None when nothing is inside of it."""
    return Unwrapped(inner, transparent=False) if inner else None
