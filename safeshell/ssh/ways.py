"""The ways of submitting a line to a shell that `--check` tries on a host: keys, and what they would print. Data.

Each would print one word, and is answered no: a word on the screen was printed by a line that came past the guard.
"""

from __future__ import annotations

from typing import Final

from safeshell.frozen import frozen

MARK: Final = "safeshell-way"
"""Stands in every line that is tried."""

_ALL: Final = ("bash", "zsh", "fish")
_SH: Final = ("bash", "zsh")
_UP: Final = "\x1b[A"


@frozen
class Way:
    """One way.

    Args:
        name: what a person calls it.
        keys: what is pressed; `{line}` is the line that is tried.
        shells: those that have it.
        before: lines that are run first, and may.
    """

    name: str
    keys: str
    shells: tuple[str, ...] = _ALL
    before: tuple[str, ...] = ()


WAYS: Final = (
    Way("Enter", "{line}\r"),
    Way("Control-J", "{line}\n"),
    Way("pasted", "\x1b[200~{line}\x1b[201~\r"),
    Way("pasted without brackets", "true\r{line}\r"),
    Way("behind a line that runs", "true; {line}\r"),
    Way("in the background", "{line} &\r"),
    Way("in a group", "{{ {line}; }}\r", _SH),
    Way("in a subshell", "({line})\r", _SH),
    Way("in a substitution", "echo $({line})\r", _SH),
    Way("over two lines", "echo a \\\r&& {line}\r", _SH),
    Way("in a loop of three lines", "for i in 1\rdo {line}\rdone\r", ("bash",)),
    Way("recalled from the history", f"{_UP}\r", _ALL, ("{seed}",)),
    Way("by a history sign", "!-1\r", ("bash",), ("{seed}",)),
    Way("searched in the history", "\x12{mark}\r", _SH, ("{seed}",)),
    Way("by an alias", "safeshell_a\r", _SH, ("alias safeshell_a='{line}'",)),
    Way("by a function", "safeshell_f\r", _SH, ("safeshell_f() {{ {line}; }}",)),
    Way("by a variable", "eval $SAFESHELL_V\r", _SH, ("SAFESHELL_V='{line}'",)),
    Way("by another shell's words", "sh -c '{line}'\r"),
    Way("Control-O", "{line}\x0f", ("bash",)),
    Way("by fc", "fc -s\r", ("bash",), ("{seed}",)),
)


def ways_of(shell: str) -> tuple[Way, ...]:
    """Those that a kind of shell has."""
    return tuple(way for way in WAYS if shell in way.shells)
