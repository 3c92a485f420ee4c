"""A printed text in sections: a heading and words as comments, and what is to be pasted as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from safeshell.frozen import frozen
from safeshell.terminal.screen import wrapped

_WIDTH = 100


@frozen
class Section:
    """One part of a text.

    Args:
        title: where it goes, or what it does.
        words: what there is to know about it, a paragraph a line; "" for nothing.
        lines: what is pasted; () where the section is only to be read.
        examples: lines that are not pasted with the others; shown as comments.
    """

    title: str
    words: str = ""
    lines: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


def heading(title: str, comment: str) -> str:
    """A section's first line.

    Args:
        title: its title.
        comment: what begins a comment there.
    """
    return f"{comment} === {title} ".ljust(_WIDTH, "=")


def printed(sections: Sequence[Section], comment: str) -> str:
    """The sections as one text, in which everything but the lines to be pasted is a comment.

    Args:
        sections: in order.
        comment: what begins a comment there, `#` or `--`.
    """
    return "\n".join("".join(f"{line}\n" for line in _lines(one, comment)) for one in sections)


def _lines(section: Section, comment: str) -> list[str]:
    lines = [heading(section.title, comment)]
    for paragraph in section.words.split("\n") if section.words else ():
        lines += [f"{comment} {line}" for line in wrapped(paragraph, _WIDTH - len(comment) - 1)]
    lines += [f"{comment}   {example}".rstrip() for example in section.examples]
    return [*lines, *section.lines]
