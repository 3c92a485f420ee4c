"""Aliases that a text itself defines: `alias name='body'`.

Which of them are in force is the grammar's business: bash reads a line as a whole before it runs any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from safeshell.shell.tree import Literal, Node, RawWord, Simple


def constant_text(word: RawWord) -> str | None:
    """What the word is when only quotes have to be taken off; None when it needs more."""
    if word.parts is None:
        return word.source
    pieces = [part.text for part in word.parts if isinstance(part, Literal)]
    return "".join(pieces) if len(pieces) == len(word.parts) else None


def alias_definitions(texts: Sequence[str]) -> Mapping[str, str]:
    """The bodies by name that `alias` with these arguments defines.

    Global and suffix aliases of zsh get the names `-g NAME` and `-s NAME`, as in a session's context.
    """
    prefix = ""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, body = text.partition("=")
        if sign and name:
            found[prefix + name] = body
        elif text in ("-g", "-s"):
            prefix = text + " "
    return found


def defined_aliases(items: Iterable[Node]) -> dict[str, str]:
    """The aliases that the commands of a line define for the lines after it."""
    found: dict[str, str] = {}
    for node in items:
        if isinstance(node, Simple) and node.words and node.words[0].source == "alias":
            texts = [constant_text(word) for word in node.words[1:]]
            found.update(alias_definitions([text for text in texts if text is not None]))
    return found
