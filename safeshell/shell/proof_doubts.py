"""What takes a proof back although its pattern fits: what a pack says in one place and a command means in another.

An option given as off (`--dry-run=false`), an option that hides as another one's value (`rg -o --pre=x` where the
pack believes that `-o` takes one), and a verb that changes in front of the one that reads. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from safeshell.shell.invocation import Invocation, Option
from safeshell.shell.word import UNKNOWN, Word

_OFF: Final = frozenset(("false", "none", "no", "n", "off", "f", "0"))
_CHANGING: Final = frozenset(
    "add create delete remove rm set unset run exec execute push pull apply deploy update upgrade put send start"
    " stop restart ingest import install uninstall switch use login logout serve connect ssh shell edit configure"
    " init submit restore reset set-context loadSampleData createAlert channel:create link promote rollback"
    " publish".split()
)


def turned_off(invocation: Invocation, asked: Sequence[str]) -> bool:
    """Whether one of the options that a proof stands on is given as off: `--dry-run=false`, `--no-noop`.

    Args:
        invocation: the command.
        asked: the names of the options, without values.
    """
    for option in invocation.options:
        off = "--" + option.name[5:] if option.name.startswith("--no-") else ""
        if off in asked:
            return True
        value = option.value
        if value is not None and value.text.lower() in _OFF and option.name[1:2] != "":
            long = option.name.startswith("--") or invocation.spec.single_dash
            if long and any(invocation.means(option, name) for name in asked):
                return True
    return False


def hidden_options(invocation: Invocation) -> Iterator[Option]:
    """The options that may be typed as another one's value: `-d -o f`, should `-d` take none after all."""
    for option in invocation.options:
        text = option.value.text if option.value else ""
        if len(text) < 2 or text[0] != "-" or text[1].isdigit() or text[1] == UNKNOWN:
            continue
        name = text.partition("=")[0]
        if text.startswith("--") or invocation.spec.single_dash:
            yield Option(name)
        else:
            yield from (Option("-" + letter) for letter in name[1:])


def changes_before(words: Sequence[Word]) -> bool:
    """Whether a verb that changes stands in front of the last of a command's own words: `check execute list`."""
    return any(word.text in _CHANGING for word in words[:-1])
