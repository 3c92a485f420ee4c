"""Shells that a guarded shell starts: how each is started so that it has the hook as well.

The hook asks with the words that were typed; the answer is the words that it runs instead, or none where that shell
can't have the hook (another user's, one with a script to run) and starts as it was typed. The secret goes over in a
file of the session's own folder, which is gone as soon as the new shell has said that it is there.
"""

from __future__ import annotations

import pwd
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.launch import HOOKED, Launch, launch, shell_name
from safeshell.terminal.wrapped.shims import Shim

_SHELL_OPTIONS: Final = frozenset(("-i", "-l", "--login"))
_SUDO_OPTIONS: Final = frozenset(("-E", "-H", "-n", "--preserve-env", "--set-home", "--non-interactive"))
_ROOT: Final = ("-u", "root")


class Nesting:
    """One session's inner shells.

    Args:
        channel: where they ask.
        names: variables whose values say where a command would act.
        environ: what the session was started with.
        shims: programs that are a console of our own in them.
    """

    def __init__(
        self,
        channel: ShellChannel,
        names: Sequence[str],
        environ: Mapping[str, str],
        shims: Sequence[Shim] = (),
    ) -> None:
        self._channel = channel
        self._names = names
        self._environ = environ
        self._shims = shims
        self._launches: list[Launch] = []

    def words_for(self, typed: Sequence[str]) -> tuple[str, ...]:
        """What is run instead of `typed`; () for what was typed."""
        match typed:
            case [("bash" | "zsh" | "fish"), *options] if _SHELL_OPTIONS.issuperset(options):
                return self._hooked(typed)
            case ["sudo", *rest]:
                return self._by_sudo(rest)
            case ["su", *rest] if rest in ([], ["root"]):
                return self._by_su(())
            case ["su", ("-" | "-l" | "--login"), *rest] if rest in ([], ["root"]):
                return self._by_su(("-",))
            case _:
                return ()

    def forget(self) -> None:
        """Take the files away: the shell has read them."""
        while self._launches:
            self._launches.pop().forget()

    def _by_sudo(self, words: Sequence[str]) -> tuple[str, ...]:
        options: list[str] = []
        rest = list(words)
        while rest and (rest[0] in _SUDO_OPTIONS or tuple(rest[:2]) == _ROOT):
            taken = 2 if rest[0] == "-u" else 1
            options += rest[:taken]
            del rest[:taken]
        match rest:
            case ["-i" | "--login"] | ["su", "-" | "-l" | "--login"]:
                how, shell = ["-i"], [_shell_of_root()]
            case ["-s" | "--shell"]:
                how, shell = [], [self._environ.get("SHELL") or _shell_of_root()]
            case ["su"]:
                how, shell = ["-H"], [_shell_of_root()]
            case [("bash" | "zsh" | "fish"), *more] if _SHELL_OPTIONS.issuperset(more):
                how, shell = [], rest
            case _:
                return ()
        hooked = self._hooked(shell)
        return ("sudo", *options, *how, "--", *hooked) if hooked else ()

    def _by_su(self, how: Sequence[str]) -> tuple[str, ...]:
        hooked = self._hooked([_shell_of_root()])
        # --session-command, unlike -c, leaves the new shell its terminal (su(1)).
        return ("su", *how, "root", "--session-command", f"exec {shlex.join(hooked)}") if hooked else ()

    def _hooked(self, argv: Sequence[str]) -> tuple[str, ...]:
        if shell_name(argv[0]) not in HOOKED:
            return ()
        prepared = launch(argv, self._environ, self._channel, self._names, self._shims)
        self._launches.append(prepared)
        added = [
            f"{name}={value}" for name, value in prepared.environ.items() if self._environ.get(name) != value
        ]
        return ("env", *added, *prepared.argv) if added else tuple(prepared.argv)


def _shell_of_root() -> str:
    try:
        return pwd.getpwuid(0).pw_shell or "sh"
    except KeyError:
        return "sh"
