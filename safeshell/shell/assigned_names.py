"""Which variables a part of a line may set: what a loop makes unknown before its second turn.

Read off the tree, nothing is folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from safeshell.shell.aliases import constant_text
from safeshell.shell.tree import (
    AndOr,
    Background,
    Case,
    Evaluated,
    For,
    Function,
    If,
    Node,
    Parameter,
    Part,
    Pipeline,
    RawWord,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    While,
)

SETTING: Final = frozenset(
    {
        "declare",
        "export",
        "getopts",
        "let",
        "local",
        "mapfile",
        "printf",
        "read",
        "readarray",
        "readonly",
        "set",
        "typeset",
        "unset",
        "vared",
    }
)
"""Programs of the shell itself that set the variables named by their words."""
CLOUDING: Final = frozenset({"eval", "source", "."})
"""Programs of the shell itself after which any variable may have changed."""
EVERYTHING: Final = "*"
"""Among the names: any variable may be set."""


def assigned_names(node: Node, functions: Mapping[str, Node]) -> set[str]:
    """The names of variables that `node` may set in its own shell; `EVERYTHING` among them for any.

    Args:
        node: the part of the line.
        functions: bodies by name, for those that it calls.
    """
    found: set[str] = set()
    _collect(node, functions, found, set())
    return found


def _collect(node: Node, functions: Mapping[str, Node], found: set[str], called: set[str]) -> None:
    if isinstance(node, Simple):
        _of_simple(node, functions, found, called)
        return
    if isinstance(node, (Subshell, Background, Function)):
        return
    if isinstance(node, For):
        found.update(node.names)
    elif isinstance(node, Evaluated):
        found.update(node.sets)
    for child in _children(node):
        _collect(child, functions, found, called)


def _of_simple(node: Simple, functions: Mapping[str, Node], found: set[str], called: set[str]) -> None:
    if not node.words:
        found.update(assignment.name for assignment in node.assignments)
    for word in node.words:
        found.update(_defaulted(word.parts or ()))
    if not node.words:
        return
    name = constant_text(node.words[0])
    if name is None or name in CLOUDING:
        found.add(EVERYTHING)
    elif name in SETTING:
        found.update(_named(node.words[1:]))
    elif name in functions and name not in called:
        called.add(name)
        _collect(functions[name], functions, found, called)


def _named(words: Iterable[RawWord]) -> Iterator[str]:
    for word in words:
        text = constant_text(word)
        if text is None:
            text = word.source
        yield text.partition("=")[0].rstrip("+")


def _defaulted(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Parameter) and part.operator in ("=", ":="):
            yield part.name


def _children(node: Node) -> Iterable[Node]:
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, AndOr):
        return (node.first, *(item for _, item in node.rest))
    if isinstance(node, Pipeline):
        return node.parts
    if isinstance(node, Redirected):
        return (node.body,)
    if isinstance(node, If):
        return (*(part for branch in node.branches for part in branch), node.otherwise)
    if isinstance(node, While):
        return (node.condition, node.body)
    if isinstance(node, For):
        return (node.body,)
    if isinstance(node, Case):
        return tuple(body for _, body in node.branches)
    return ()
