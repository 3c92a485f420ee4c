"""The words behind `safeshell ssh`, read as `ssh` reads its own. Pure.

The one idea: options are kept as they were typed and handed on; what is decided here is only where the destination
and the command begin, which ssh decides by getopt(3) with one string of letters. Source: ssh(1), ssh.c of OpenSSH.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.text import visible

_ALONE: Final = frozenset("1246AaCfGgKkMNnqsTtVvXxYy")
WITH_VALUE: Final = frozenset("BbcDEeFIiJLlmOoPpQRSWw")
"""Options that have a value."""

NO_CONNECTION: Final = 255
"""What ssh ends with when it could not do its own part (ssh(1), EXIT STATUS)."""


@frozen
class SshCall:
    """A call of `ssh`.

    Args:
        options: letters and values as they were typed, in order: `("p", "2222")`, `("v", "")`.
        destination: `host`, `user@host`, or `ssh://user@host:port`; "" where an option needs none (-V, -Q).
        command: the words behind the destination; () for a login shell.
    """

    options: tuple[tuple[str, str], ...] = ()
    destination: str = ""
    command: tuple[str, ...] = ()

    def has(self, letter: str) -> bool:
        """Whether the option was given."""
        return any(one == letter for one, _ in self.options)

    def count(self, letter: str) -> int:
        """How often the option was given: `-tt` is two."""
        return sum(one == letter for one, _ in self.options)

    def values(self, letter: str) -> tuple[str, ...]:
        """What the option was given, each time."""
        return tuple(value for one, value in self.options if one == letter)

    @property
    def command_line(self) -> str:
        """What the remote shell is given to read: ssh joins its words with blanks."""
        return " ".join(self.command)

    def words(self) -> tuple[str, ...]:
        """The options again, as words for a program that reads them as ssh does."""
        return tuple(word for letter, value in self.options for word in _words_of(letter, value))


def read_call(words: Sequence[str]) -> SshCall:
    """Read the words behind `ssh`.

    Raises:
        UsageError: an option that ssh does not have, one without its value, or no destination.
    """
    options: list[tuple[str, str]] = []
    rest = _take_options(list(words), options)
    destination = rest.pop(0) if rest else ""
    # ssh takes options behind the destination too, up to the command.
    command = _take_options(rest, options)
    call = SshCall(tuple(options), destination, tuple(command))
    if not destination and not (call.has("V") or call.has("Q")):
        raise UsageError(
            "the host is missing",
            where="safeshell ssh",
            todo="safeshell ssh [options] [user@]HOST [COMMAND…]; safeshell ssh --help shows examples.",
        )
    if destination.startswith("-"):
        raise UsageError(f"{visible(destination)} is no host", where="safeshell ssh")
    return call


def _take_options(words: list[str], options: list[tuple[str, str]]) -> list[str]:
    while words and words[0].startswith("-") and words[0] != "-":
        word = words.pop(0)
        if word == "--":
            break
        cluster = word[1:]
        while cluster:
            letter, cluster = cluster[0], cluster[1:]
            if letter in _ALONE:
                options.append((letter, ""))
            elif letter in WITH_VALUE:
                if not cluster and not words:
                    raise UsageError(f"-{letter} needs a value", where="safeshell ssh")
                options.append((letter, cluster or words.pop(0)))
                cluster = ""
            else:
                raise UsageError(
                    f"there is no option {visible(f'-{letter}')}",
                    where=f"safeshell ssh {visible(word)}",
                    todo="The options are those of ssh(1); safeshell ssh --help lists those of safeshell.",
                )
    return words


def _words_of(letter: str, value: str) -> tuple[str, ...]:
    return (f"-{letter}", value) if letter in WITH_VALUE else (f"-{letter}",)
