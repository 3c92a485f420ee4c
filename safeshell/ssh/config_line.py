"""A line of ssh_config as ssh cuts it: a keyword, `=` or blanks, and words with quotes and escapes. Pure.

There are two ways of cutting, and ssh uses both: `cut` takes one word after another (keywords, Match), `split`
takes all of them and knows comments and backslashes (everything else). Source: ssh_config(5), misc.c of OpenSSH.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.frozen import frozen

_BLANK: Final = " \t\r\n"
_STOPS: Final = re.compile(r'[ \t\r\n"=]')


class LineMistake(Exception):
    """What is wrong with a line, as a sentence; whoever reads the file adds where."""


@frozen
class ConfigLine:
    """A line that says something.

    Args:
        keyword: in lower case.
        rest: everything behind it, as written, but for blanks at its ends.
    """

    keyword: str
    rest: str


def read_line(text: str) -> ConfigLine | None:
    """Read one line.

    Returns:
        None for a line that says nothing: an empty one, or a comment.

    Raises:
        LineMistake: there is nothing behind the keyword.
    """
    head, rest = cut(text[:1] + text[1:].rstrip(_BLANK + "\f"))
    if head == "":
        # Blanks before the keyword.
        head, rest = cut(rest)
    if not head or head.startswith("#"):
        return None
    behind = (rest or "").lstrip(_BLANK)
    if not behind:
        raise LineMistake(f"nothing stands behind {head}")
    return ConfigLine(head.lower(), behind)


def cut(text: str | None) -> tuple[str | None, str | None]:
    """The first word, and what stands behind it. A single `=` parts words as blanks do.

    Returns:
        The word is None where there is none, or where its quote is not closed; the rest is None at the end.
    """
    if text is None:
        return None, None
    stop = _STOPS.search(text)
    if stop is None:
        return text, None
    head, sign, behind = text[: stop.start()], stop[0], text[stop.end() :]
    if sign == '"':
        inside, quote, behind = behind.partition('"')
        return (head + inside, behind.lstrip(_BLANK)) if quote else (None, None)
    behind = behind.lstrip(_BLANK)
    if sign != "=" and behind.startswith("="):
        behind = behind[1:].lstrip(_BLANK)
    return head, behind


def split(text: str) -> list[str]:
    r"""All words. Quotes of both kinds hold blanks; `\"`, `\'`, `\\` and `\ ` stand for the second character.

    Raises:
        LineMistake: a quote is not closed.
    """
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in " \t":
            at += 1
        if at >= len(text) or text[at] == "#":
            return words
        word, at = _word(text, at)
        words.append(word)


def _word(text: str, at: int) -> tuple[str, int]:
    taken: list[str] = []
    quote = ""
    while at < len(text):
        char = text[at]
        if char == "\\" and _is_escape(text[at + 1 : at + 2], quote):
            at += 1
            taken.append(text[at])
        elif not quote and char in " \t":
            break
        elif not quote and char in "\"'":
            quote = char
        elif char == quote:
            quote = ""
        else:
            taken.append(char)
        at += 1
    if quote:
        raise LineMistake("a quote is not closed")
    return "".join(taken), at


def _is_escape(following: str, quote: str) -> bool:
    return following != "" and (following in "\"'\\" or (not quote and following == " "))
