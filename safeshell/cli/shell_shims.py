"""What our consoles would do with the words of the programs that they stand for in a wrapped shell."""

from __future__ import annotations

from collections.abc import Sequence

from safeshell.config.settings import Settings
from safeshell.errors import UsageError
from safeshell.terminal.wrapped.shims import ConsoleUse, Shim


def redis_shim(settings: Settings) -> Shim:
    """`redis-cli`, and the Redis console in its place.

    Args:
        settings: the configuration; a word may be the name of one of its targets.
    """

    def use(words: Sequence[str]) -> ConsoleUse:
        # Only when somebody types it: a wrapped shell starts without the console.
        from safeshell.redis.chosen_options import Action
        from safeshell.redis.options import parse_with_place

        if any(word in _ABOUT_ITSELF for word in words):
            return ConsoleUse.NOT_OURS
        try:
            options = parse_with_place(words, settings.targets)
        except (UsageError, SystemExit):
            return ConsoleUse.NOT_OURS
        if options.action in (Action.PIPE, Action.PRINT_ACL):
            return ConsoleUse.NOT_OURS
        command = options.words[1:] if _is_place(options.words, settings) else options.words
        is_session = options.action is Action.COMMANDS and not command
        return ConsoleUse.SESSION if is_session else ConsoleUse.COMMAND

    return Shim("redis-cli", "redis", use)


def ssh_shim() -> Shim:
    """`ssh`, and the SSH client in its place."""

    def use(words: Sequence[str]) -> ConsoleUse:
        from safeshell.ssh.options import read_call

        try:
            call = read_call(words)
        except UsageError:
            return ConsoleUse.NOT_OURS
        if not call.destination or any(call.has(letter) for letter in "GNOWfs"):
            return ConsoleUse.NOT_OURS
        return ConsoleUse.COMMAND if call.command or call.has("T") else ConsoleUse.SESSION

    return Shim("ssh", "ssh", use)


_ABOUT_ITSELF = ("--help", "--version", "-v")


def _is_place(words: Sequence[str], settings: Settings) -> bool:
    return bool(words) and (words[0] in settings.targets or "://" in words[0])
