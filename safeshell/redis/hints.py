"""Argument hints: what may still follow the words typed so far, by the command's own grammar.

Pure: a command's documented arguments and the words in, the arguments that are left out. The grammar is a
description for people, not a parser's: where words do not fit it there is no hint, and nothing is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from safeshell.frozen import frozen
from safeshell.redis.command_docs import Argument, CommandDocs

_MAX_WORDS = 200


@frozen
class Pending:
    """An argument that may still come.

    Args:
        argument: which.
        again: it has been given, and may be repeated.
        bare: its token has been given, its value has not.
    """

    argument: Argument
    again: bool = False
    bare: bool = False

    @property
    def optional(self) -> bool:
        """Whether the line may end, or go on with something else, without it."""
        return not self.bare and (self.again or self.argument.optional)

    @property
    def token(self) -> str:
        """The word that it begins with; empty when it begins with a value."""
        repeats_bare = self.again and not self.argument.multiple_token
        return "" if self.bare or repeats_bare else self.argument.token

    @property
    def syntax(self) -> str:
        """As a syntax line writes what is left of it."""
        inner = self.argument.inner
        if self.again:
            return f"[{self.token} {inner} ...]" if self.token else f"[{inner} ...]"
        return inner if self.bare else self.argument.syntax


def hint_after(words: Sequence[str], docs: CommandDocs) -> str:
    """What follows `words` (the command's name first), to show behind the cursor; empty for nothing known."""
    if not words or len(words) > _MAX_WORDS:
        return ""
    doc, length = docs.resolve(list(words))
    if doc is None or doc.is_container:
        return "SUBCOMMAND" if doc and len(words) == 1 else ""
    left = remaining(doc.arguments, words[length:])
    return " ".join(pending.syntax for pending in left or ())


def remaining(arguments: Sequence[Argument], words: Sequence[str]) -> tuple[Pending, ...] | None:
    """The arguments that may still follow `words`; None when the words do not fit."""
    pending = tuple(Pending(argument) for argument in arguments)
    taken = 0
    while taken < len(words):
        step = _step(pending, words[taken:])
        if step is None:
            return None
        count, pending = step
        taken += count
    return pending


def next_arguments(arguments: Sequence[Argument], words: Sequence[str]) -> Iterator[Argument]:
    """The arguments that the word after `words` may belong to: up to and with the first that must come."""
    for pending in remaining(arguments, words) or ():
        if pending.token or not pending.argument.token:
            yield pending.argument
        if not pending.optional:
            return


def _step(pending: tuple[Pending, ...], words: Sequence[str]) -> tuple[int, tuple[Pending, ...]] | None:
    """How many of `words` the next argument takes, and what is pending then; None when they fit nowhere.

    An argument known by its token comes before one that would take any word.
    """
    last = next((at for at, one in enumerate(pending) if not one.optional), len(pending) - 1)
    for by_token in (True, False):
        for at in range(last + 1):
            found = _take(pending[at], words) if _begins_with_token(pending[at]) is by_token else None
            if found is None:
                continue
            count, left = found
            # Options may be given in any order, until an argument that has a fixed place is there.
            skipped = pending[:at] if pending[at].argument.optional else ()
            again = (Pending(pending[at].argument, again=True),) if pending[at].argument.multiple else ()
            return count, (*left, *skipped, *again, *pending[at + 1 :])
    return None


def _take(one: Pending, words: Sequence[str]) -> tuple[int, tuple[Pending, ...]] | None:
    """How many of `words` the argument takes, and what of it must still come."""
    argument = one.argument
    offset = 0
    if one.token:
        if words[0].upper() != one.token.upper():
            return None
        if argument.type == "pure-token":
            return 1, ()
        offset = 1
    if offset == len(words):
        return offset, (Pending(argument, bare=True),)
    if argument.type == "oneof":
        found = _take_one_of(argument.arguments, words[offset:])
    elif argument.type == "block":
        found = _take_block(argument.arguments, words[offset:])
    else:
        found = (1, ())
    return (offset + found[0], found[1]) if found else None


def _take_one_of(members: Sequence[Argument], words: Sequence[str]) -> tuple[int, tuple[Pending, ...]] | None:
    for by_token in (True, False):
        for member in members:
            one = Pending(member)
            found = _take(one, words) if _begins_with_token(one) is by_token else None
            if found:
                return found
    return None


def _take_block(members: Sequence[Argument], words: Sequence[str]) -> tuple[int, tuple[Pending, ...]] | None:
    pending = tuple(Pending(member) for member in members)
    taken = 0
    while taken < len(words) and any(not one.optional for one in pending):
        step = _step(pending, words[taken:])
        if step is None:
            return None
        count, pending = step
        taken += count
    return (taken, pending) if taken else None


def _begins_with_token(one: Pending) -> bool:
    if one.token:
        return True
    if one.argument.type == "oneof":
        return any(_begins_with_token(Pending(member)) for member in one.argument.arguments)
    if one.argument.type == "block":
        return bool(one.argument.arguments) and _begins_with_token(Pending(one.argument.arguments[0]))
    return False
