"""From the words of one command to its meaning: look it up, find its keys, apply the rule of its family.

The join of table, server and rules; pure. Nothing here knows lines, spans or terminals.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.arguments import shown, upper
from safeshell.redis.keys import keys_of
from safeshell.redis.meaning import Call, Context, Meaning, Rule, Rules, by_class, not_understood
from safeshell.redis.resolving import resolve
from safeshell.redis.table import CommandInfo, is_container

MAX_WORDS = 1024 * 1024
"""The server's own limit of words of one command (src/networking.c)."""


@frozen
class Understood:
    """A command and what it means.

    Args:
        name: its full name; the typed word, made safe to show, when nothing knows it.
        meaning: what it does.
        objects: the keys it names, safe to show.
        info: what is known of it, None for an unknown one.
    """

    name: str
    meaning: Meaning
    objects: tuple[str, ...] = ()
    info: CommandInfo | None = None


def understand(argv: Sequence[bytes], context: Context) -> Understood:
    """What the command `argv` means; never raises.

    Args:
        argv: the words as they are sent, at least one.
        context: the session.
    """
    if len(argv) > MAX_WORDS:
        return Understood(
            visible(argv[0], limit=40),
            not_understood(
                f"more than {MAX_WORDS:,} words, which no server takes",
                rule="redis.too-many-words",
                instead="split it into several commands",
            ),
        )
    info = resolve(argv, context.facts)
    if info is None or (info.container and len(argv) > 1):
        return _unknown(argv)
    if info.container:
        return Understood(
            info.name,
            not_understood(
                f"{info.name} needs a subcommand", rule="redis.incomplete", instead=f"{info.name} HELP"
            ),
            info=info,
        )
    call = Call(info, argv, keys_of(info, argv), context)
    rule = rule_for(info)
    meaning = rule(call) if rule else by_class(call)
    return Understood(info.name, meaning, tuple(shown(named.key) for named in call.keys), info)


def _unknown(argv: Sequence[bytes]) -> Understood:
    word = visible(argv[0], limit=40)
    if not argv[0] or any(byte <= 32 or byte == 127 for byte in argv[0]):
        return Understood(
            word,
            not_understood(
                f"the command's name is one word with blanks or control characters in it: {word!r}",
                rule="redis.command-word",
                instead="write the command and its arguments as separate words",
            ),
        )
    if len(argv) > 1 and is_container(upper(argv[0])):
        sub = visible(argv[1], limit=40)
        return Understood(
            f"{upper(argv[0])} {sub.upper()}",
            not_understood(f"{upper(argv[0])} has no subcommand {sub} that is known here", at=1),
        )
    return Understood(
        word.upper(), not_understood(f"nothing is known of the command {word}, so it may do anything")
    )


@cache
def rule_for(info: CommandInfo) -> Rule | None:
    """The rule that reads the arguments of a command; None when its class says all.

    Each family is loaded when its first command is read: a session that only gets and sets needs few of them.
    """
    if not info.rules:
        return None
    family: Rules = import_module(f"safeshell.redis.rules_{info.rules}").RULES
    return family[info.name]
