"""From the words of a command to what is known of it: renamed, in the table, told by the server, or unknown."""

from __future__ import annotations

from collections.abc import Sequence

from safeshell.redis.arguments import upper
from safeshell.redis.facts import EMPTY, ServerFacts
from safeshell.redis.table import CommandInfo, command_info, is_container


def resolve(argv: Sequence[bytes], facts: ServerFacts = EMPTY) -> CommandInfo | None:
    """What is known of the command that `argv` calls.

    What the server told of a name comes before the table, since a name can be another command there
    (`rename-command`). A container whose subcommand is missing comes as itself.

    Args:
        argv: the words as they are sent.
        facts: what the server told.

    Returns:
        The command under its real name; None when neither table nor server knows it, or its subcommand.
    """
    if not argv or len(argv[0]) > 128:
        return None
    typed = upper(argv[0])
    name = real_name(typed, facts)
    if len(argv) > 1 and len(argv[1]) <= 128 and (is_container(name) or _has_live_parts(typed, facts)):
        below = upper(argv[1])
        found = command_info(f"{name} {below}") or facts.live.get(f"{typed} {below}")
        if found:
            return found
        whole = _whole(typed, name, facts)
        return whole if whole and not whole.container and name != "COMMAND" else None
    return _whole(typed, name, facts)


def real_name(typed: str, facts: ServerFacts) -> str:
    """The name that `typed` (upper case) stands for on this server, upper case."""
    if typed in facts.renamed:
        return facts.renamed[typed]
    told = facts.live.get(typed)
    return told.name if told else typed


def _whole(typed: str, name: str, facts: ServerFacts) -> CommandInfo | None:
    return command_info(name) or facts.live.get(typed)


def _has_live_parts(typed: str, facts: ServerFacts) -> bool:
    told = facts.live.get(typed)
    return told is not None and told.container
