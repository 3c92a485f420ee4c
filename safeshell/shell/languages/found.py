"""What a language's reading found in a text: commands, what nobody can read, and what the text runs in turn.

Plain values, and the few short ways to make them. Spans are positions in the text; the reader shifts them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity, severity_of
from safeshell.guard.reading import Command, Finding, Span
from safeshell.guard.text import visible
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import NO_SESSION
from safeshell.shell.inner import Inner, InnerCommand, InnerText, Language
from safeshell.shell.paths import belongs_to
from safeshell.shell.script import SimpleCommand
from safeshell.shell.word import UNKNOWN, Word

_OF_THAT_NAME: Final = lazy_pattern(r"\bthe (\w+) \{\}")

MAX_CHARACTERS: Final = 262_144
"""A longer text is not read."""


@frozen
class Found:
    """All that a language knows of one text.

    Args:
        commands: what it does, in order; each says by itself whether it is proven to read.
        unreadable: what could not be understood; the text is then not proven to read.
        inner: what it runs in turn: shell lines, SQL, programs.
    """

    commands: tuple[Command, ...] = ()
    unreadable: tuple[Finding, ...] = ()
    inner: tuple[Inner, ...] = ()

    @property
    def reads(self) -> bool:
        """Whether the text by itself is proven to change nothing; what it runs in turn is judged apart."""
        return not self.unreadable and all(command.reads for command in self.commands)

    @classmethod
    def joined(cls, several: Iterable[Found]) -> Found:
        """All of them, one after the other."""
        found = list(several)
        return cls(
            tuple(command for one in found for command in one.commands),
            tuple(finding for one in found for finding in one.unreadable),
            tuple(inner for one in found for inner in one.inner),
        )

    def told_at(self, span: Span) -> Found:
        """The same, said of another place: what stands in a string is told where the string stands."""
        return Found(
            tuple(
                replace(
                    command, span=span, findings=tuple(replace(one, span=span) for one in command.findings)
                )
                for command in self.commands
            ),
            tuple(replace(one, span=span) for one in self.unreadable),
            tuple(
                replace(one, span=span, exact=False) if isinstance(one, InnerText) else one
                for one in self.inner
            ),
        )

    def __add__(self, other: Found) -> Found:
        """Both, one after the other."""
        return Found(
            self.commands + other.commands, self.unreadable + other.unreadable, self.inner + other.inner
        )


_GRAVE: Final = ("@in-system", "@system", "@root", "@home", "@dotfile", "@device")

NOTHING: Final = Found()
"""A text without a command."""


@frozen
class Deed:
    """One kind of deed as a table's row knows it: what it does, and the words for it.

    Args:
        rule: the finding's id.
        kind: what is done.
        extent: to how much.
        reason: what happens, a plain sentence without a full stop; `{}` is the thing it is done to.
        instead: what to do instead.
        severity: raises what follows from the effect.
        reversible: an inverse command puts it back.
    """

    rule: str
    kind: EffectKind
    extent: Extent
    reason: str
    instead: str = ""
    severity: Severity = Severity.NONE
    reversible: bool = False

    def command(self, name: str, thing: str = "", span: Span = (0, 0)) -> Command:
        """The command `name` that does it to `thing`."""
        # As with a redirection: writing a file of one's own is everyday work, whatever was in it.
        everyday = bool(thing) and self.rule.endswith(".write-file") and not _is_grave(thing)
        thing = shown(thing)
        effect = Effect(EffectKind.WRITE if everyday else self.kind, self.extent, thing, self.reversible)
        severity = max(self.severity, severity_of(effect))
        finding = Finding(self.rule, severity, self._reason(thing), self.instead, span)
        return Command(name, (effect,), (finding,), span=span, objects=(thing,) if thing else ())

    def _reason(self, thing: str) -> str:
        """The sentence with its thing; `the file {}` is `a file` when nobody knows which."""
        if thing:
            return self.reason.replace("{}", thing)
        some = _OF_THAT_NAME.sub(
            lambda found: f"{'an' if found[1][0] in 'aeiou' else 'a'} {found[1]}", self.reason
        )
        return some.replace("{}", "it")


def _is_grave(path: str) -> bool:
    """Whether a file belongs to the system, to a user's settings, or is a device."""
    word = Word(path)
    return any(belongs_to(word, kind, NO_SESSION) for kind in _GRAVE)


def reading(name: str, span: Span = (0, 0), thing: str = "") -> Command:
    """A command that is proven to change nothing."""
    effect = Effect(EffectKind.READ, Extent.ONE, shown(thing))
    return Command(name, (effect,), reads=True, span=span)


def unproven(name: str, span: Span = (0, 0)) -> Command:
    """A command of which nothing is known: no alarm, no proof."""
    return Command(name, span=span)


def unreadable(rule: str, severity: Severity, reason: str, span: Span, instead: str = "") -> Found:
    """A text, or a part of one, that nobody can read."""
    return Found(unreadable=(Finding(rule, severity, reason, instead, span),))


def shown(text: str) -> str:
    """A name out of a text, safe to show; a part that only the running shell knows is `…`."""
    return visible(text.replace(UNKNOWN, "…"), limit=80)


def shell_text(text: str, span: Span, *, exact: bool = False) -> InnerText:
    """A line that the text hands to a shell."""
    return InnerText(text, Language.SHELL, span, exact)


def program(words: Iterable[str], span: Span) -> InnerCommand:
    """A program that the text starts with these words, without a shell."""
    return InnerCommand(SimpleCommand(tuple(Word(word, span, word) for word in words), span=span))


def words(text: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(text.split())
