"""HELP: what the server says of a command or a group, in redis-cli's form, and how this console is used.

Pure: topics in, lines out; with a word on what the guard takes a command for.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from safeshell.guard.text import visible
from safeshell.redis.command_docs import CommandDoc, CommandDocs
from safeshell.redis.table import EffectClass, UndoClass, command_info

_INTRODUCTION = """\
To get help about Redis commands type:
      "help @<group>" to get a list of commands in <group>
      "help <command>" for help on <command>
      "help <tab>" to get a list of possible help topics
      ":help" for what this console adds: unlock, undo, log, settings
      "quit" to exit
"""

_KEPT = (UndoClass.DUMP, UndoClass.DUMP_UNPROVEN, UndoClass.SAVED_STATE, UndoClass.INVERSE)
_EFFECTS = {
    EffectClass.READ: "only reads",
    EffectClass.WRITE_KEY: "changes keys",
    EffectClass.DELETE_KEYS: "deletes",
    EffectClass.DELETE_ALL: "deletes everything",
    EffectClass.SERVER_CONFIG: "changes the server's settings or users",
    EffectClass.CONNECTION: "is about this connection only",
    EffectClass.REPLICATION: "changes who replicates whom, or publishes",
    EffectClass.AVAILABILITY: "can take the server out of service, or slow it down",
    EffectClass.SCRIPT: "runs code",
}


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


def what_the_guard_knows(name: str) -> str:
    """What the embedded table says that a command does, its arguments apart; empty for a command it lacks."""
    info = command_info(name)
    if info is None or info.container:
        return ""
    kept = "; what it changes is kept for :undo" if info.undo in _KEPT else ""
    return _EFFECTS.get(info.effect, "") + kept


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
