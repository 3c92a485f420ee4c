"""A command taken apart once more, by a check's own table of options; and words that settle what they are.

What a program's options mean is not known here.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation, ProgramSpec, invoke
from safeshell.shell.names_of_things import stands_for_names
from safeshell.shell.script import SimpleCommand
from safeshell.shell.word import UNKNOWN, Word


def spec(
    values: str = "",
    *,
    abbreviations: bool = False,
    single_dash: bool = False,
    first_is_options: bool = False,
    stop_at_operand: bool = False,
) -> ProgramSpec:
    """How a program reads its words.

    Args:
        values: the options that take a value, separated by spaces.
        abbreviations: long options may be cut short.
        single_dash: `-long` is one option.
        first_is_options: the first word is options without a dash.
        stop_at_operand: nothing behind the first operand is an option.
    """
    return ProgramSpec(
        frozenset(values.split()),
        abbreviations=abbreviations,
        single_dash=single_dash,
        first_is_options=first_is_options,
        stop_at_operand=stop_at_operand,
    )


def retaken(invocation: Invocation, own: ProgramSpec, *, skip: int = 0) -> Invocation:
    """The same command by another table.

    Args:
        invocation: as the engine took it apart.
        own: the check's own table.
        skip: so many words behind the program are left out (`git config …`).
    """
    command = invocation.command
    words = command.words
    if not words:
        return invocation
    if skip:
        command = SimpleCommand(
            (words[0], *words[1 + skip :]), command.assignments, command.redirects, command.span
        )
    return invoke(command, own, context=invocation.context, elsewhere=invocation.elsewhere)


def given_text(word: Word | None) -> str:
    """The text of a word that is wholly known; "" for none or an unknown one."""
    return "" if word is None or UNKNOWN in word.text else word.text


def may_be_option(word: Word) -> bool:
    """Whether the running shell may make an option, or several words, of it."""
    return word.text == UNKNOWN or (word.splits and word.text.startswith(UNKNOWN))


def may_only_be_option(word: Word) -> bool:
    """As `may_be_option`, for programs to which any operand is harmless: `$FILE` then is none."""
    return may_be_option(word) and not stands_for_names(word)


def has_stdin(invocation: Invocation) -> bool:
    """Whether something is piped or redirected into the command."""
    command = invocation.command
    return bool(command.feeds) or any(one.operator.startswith("<") for one in command.redirects)


def words(text: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(text.split())
