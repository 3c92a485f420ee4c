"""One word of a shell command, after what the shell does to it, as far as that can be known.

Plain values between the parser, the wrappers and the packs. Nothing here parses.
"""

from __future__ import annotations

from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Span

UNKNOWN: Final = "\ufffc"
"""Stands in a folded text for a part that only the running shell knows. Typed by a person, it means the same."""

NOWHERE: Span = (0, 0)


@frozen
class Word:
    """One word, folded.

    Args:
        text: what the command gets; each unknown part is one `UNKNOWN`.
        span: where it stands in the outermost line, in characters.
        source: as typed.
        glob: some of its `*`, `?`, `[` are active: the shell replaces the word by the files it matches.
        splits: an unknown part is unquoted, so the word may become none or several.
        empties: expansions that are known to be empty and that the text has lost, as typed: `$DIR`.
        unknowns: the expansions behind each `UNKNOWN`, as typed, in order: `$DIR`, `$(date)`.
    """

    text: str
    span: Span = NOWHERE
    source: str = ""
    glob: bool = False
    splits: bool = False
    empties: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether nothing of it is left to the running shell, but for file names."""
        return UNKNOWN not in self.text
