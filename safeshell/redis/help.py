"""HELP: what the server says of a command or a group, in redis-cli's form, and how this console is used.

Pure: topics in, lines out. What the guard thinks of a command is added by the caller, who has the table.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from safeshell.guard.text import visible
from safeshell.redis.command_docs import CommandDoc, CommandDocs

_INTRODUCTION = """\
To get help about Redis commands type:
      "help @<group>" to get a list of commands in <group>
      "help <command>" for help on <command>
      "help <tab>" to get a list of possible help topics
      ":help" for what this console adds: unlock, undo, log, settings
      "quit" to exit
"""


def help_text(topic: Sequence[str], docs: CommandDocs, *, judged: Callable[[str], str] = lambda _: "") -> str:
    """The answer to `HELP topic…`.

    Args:
        topic: the words after HELP.
        docs: what the server says of its commands.
        judged: what the guard says of a command by its name, one line; empty for nothing.
    """
    if not topic:
        return _INTRODUCTION
    if topic[0].startswith("@"):
        return _group(topic[0][1:].lower(), docs)
    wanted = " ".join(topic).upper()
    found = [doc for name, doc in docs.by_name.items() if name == wanted or name.startswith(wanted + " ")]
    if not found:
        return _nothing(" ".join(topic), docs)
    parts = []
    for doc in found:
        parts.append(_entry(doc, group=True))
        if said := judged(doc.name):
            parts.append(f"  guard: {said}\n")
        parts.append("\n")
    return "\n" + "".join(parts)


def _group(group: str, docs: CommandDocs) -> str:
    found = [doc for doc in docs.by_name.values() if doc.group == group and not doc.is_container]
    if not found:
        near = difflib.get_close_matches(group, docs.groups, n=1)
        hint = (
            f"Did you mean @{near[0]}?" if near else f"There are {', '.join('@' + g for g in docs.groups)}."
        )
        return f"There is no group @{visible(group)}. {hint}\n"
    return "\n" + "\n".join(_entry(doc, group=False) for doc in found) + "\n"


def _entry(doc: CommandDoc, *, group: bool) -> str:
    lines = [
        doc.syntax,
        f"summary: {doc.summary}" if doc.summary else "",
        f"since: {doc.since}" if doc.since else "",
    ]
    if group and doc.group:
        lines.append(f"group: {doc.group}")
    if group and doc.complexity:
        lines.append(f"complexity: {doc.complexity}")
    if doc.replaced_by:
        lines.append(f"deprecated: use {doc.replaced_by}")
    return "".join(f"  {line}\n" for line in lines if line)


def _nothing(topic: str, docs: CommandDocs) -> str:
    near = difflib.get_close_matches(topic.upper(), docs.by_name, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no command {visible(topic, limit=60)}.{hint}\n"
