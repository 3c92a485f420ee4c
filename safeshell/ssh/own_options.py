"""The long options that `safeshell ssh` has besides ssh's, which has none. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from safeshell.config.settings import TransportChoice
from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.text import visible


@frozen
class OwnOptions:
    """What was said to safeshell.

    Args:
        transport: what is to make the connection; None for what the configuration says.
        plain: whether the remote shell is to be left as it is.
        check: whether the ways of submitting a line are to be tried there.
        yes_i_mean: the target, named beforehand for a script.
        unlock: whether read-only is left for this one command.
        reason: why.
        help: whether help is wanted.
    """

    transport: TransportChoice | None = None
    plain: bool = False
    check: bool = False
    yes_i_mean: str | None = None
    unlock: bool = False
    reason: str = ""
    help: bool = False


_FLAGS = ("--plain", "--check", "--unlock", "--help")
_VALUES = ("--transport", "--yes-i-mean", "--reason")


def split_options(words: Sequence[str]) -> tuple[OwnOptions, list[str]]:
    """Our options, and the words that are ssh's: ours stand before the host, anywhere among ssh's own.

    Raises:
        UsageError: an option that nobody has, or one without its value.
    """
    flags: set[str] = set()
    values: dict[str, str] = {}
    rest = list(words)
    theirs: list[str] = []
    while rest and rest[0].startswith("-") and rest[0] != "--":
        word = rest.pop(0)
        if not word.startswith("--"):
            theirs.append(word)
            if _takes_next(word) and rest:
                theirs.append(rest.pop(0))
            continue
        name, equals, value = word.partition("=")
        if name in _FLAGS and not equals:
            flags.add(name)
        elif name in _VALUES:
            if not equals and not rest:
                raise UsageError(f"{name} needs a value", where="safeshell ssh")
            values[name] = value if equals else rest.pop(0)
        else:
            raise UsageError(
                f"there is no option {visible(word)}",
                where="safeshell ssh",
                todo=f"Besides ssh's own there are {', '.join((*_FLAGS, *_VALUES))}.",
            )
    return _options(flags, values), [*theirs, *rest]


def _options(flags: set[str], values: dict[str, str]) -> OwnOptions:
    chosen = values.get("--transport")
    try:
        transport = TransportChoice(chosen) if chosen is not None else None
    except ValueError:
        raise UsageError(
            f"{visible(chosen or '')!r} is no transport",
            where="--transport",
            todo=f"There are {', '.join(TransportChoice)}.",
        ) from None
    return OwnOptions(
        transport,
        plain="--plain" in flags,
        check="--check" in flags,
        yes_i_mean=values.get("--yes-i-mean"),
        unlock="--unlock" in flags,
        reason=values.get("--reason", ""),
        help="--help" in flags,
    )


def _takes_next(word: str) -> bool:
    """Whether ssh would take the next word for the value of the last option in `word`."""
    from safeshell.ssh.options import WITH_VALUE

    for at, letter in enumerate(word[1:], 2):
        if letter in WITH_VALUE:
            return at == len(word)
    return False
