"""Commands typed on a remote host that open a further shell there: how each is run so that it has the hook. Pure.

The further shell is started by the same first command as the login shell, which asks for the rest: so it does not
matter as whom it runs, in which container, and what files it may read.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Final

_SHELL_OPTIONS: Final = frozenset(("-i", "-l", "--login"))
_LOGIN_OPTIONS: Final = frozenset(("-l", "--login"))
_SUDO_OPTIONS: Final = frozenset(("-E", "-H", "-n", "--preserve-env", "--set-home", "--non-interactive"))

Boot = Callable[[str, bool], tuple[str, ...]]
"""The words that start a shell by its name, as a login shell or not, with the hook."""


def nested_words(typed: Sequence[str], boot: Boot) -> tuple[str, ...]:
    """What is run instead of `typed`, so that the shell it opens has the hook; () where it can't have it.

    Args:
        typed: a command's words.
        boot: makes the words by which a shell of a name (the login shell for "") starts with the hook, as a login
            shell or not.
    """
    match typed:
        case [("bash" | "zsh" | "fish") as shell, *options] if _SHELL_OPTIONS.issuperset(options):
            return boot(shell, not _LOGIN_OPTIONS.isdisjoint(options))
        case ["sudo", *rest]:
            return _by_sudo(rest, boot)
        case ["su", ("-" | "-l" | "--login"), *user] if len(user) <= 1 and not _has_options(user):
            # --session-command, unlike -c, leaves the new shell its terminal (su(1)).
            command = shlex.join(boot("", True))
            return ("su", "-", *(user or ["root"]), "--session-command", f"exec {command}")
        case ["su", *user] if len(user) <= 1 and not _has_options(user):
            command = shlex.join(boot("", False))
            return ("su", *(user or ["root"]), "--session-command", f"exec {command}")
        case [
            "docker" | "podman",
            "exec",
            *options,
            _,
            ("sh" | "bash" | "zsh" | "fish") as shell,
        ] if _is_terminal(options):
            return (*typed[:-1], *boot(shell, False))
        case [("kubectl" | "oc"), "exec", *options, "--", ("sh" | "bash" | "zsh" | "fish") as shell] if (
            _is_terminal(options)
        ):
            return (*typed[:-1], *boot(shell, False))
        case _:
            return ()


def _by_sudo(words: Sequence[str], boot: Boot) -> tuple[str, ...]:
    options: list[str] = []
    rest = list(words)
    while rest and (rest[0] in _SUDO_OPTIONS or (rest[0] == "-u" and len(rest) > 1)):
        taken = 2 if rest[0] == "-u" else 1
        options += rest[:taken]
        del rest[:taken]
    match rest:
        case ["-i" | "--login"] | ["su", "-" | "-l" | "--login"]:
            return ("sudo", *options, "-i", "--", *boot("", True))
        case ["-s" | "--shell"]:
            return ("sudo", *options, "--", *boot("", False))
        case ["su"]:
            return ("sudo", *options, "-H", "--", *boot("", False))
        case [("bash" | "zsh" | "fish") as shell, *more] if _SHELL_OPTIONS.issuperset(more):
            login = not _LOGIN_OPTIONS.isdisjoint(more)
            return ("sudo", *options, "--", *boot(shell, login))
        case _:
            return ()


def _has_options(words: Sequence[str]) -> bool:
    return any(word.startswith("-") for word in words)


def _is_terminal(options: Sequence[str]) -> bool:
    """Whether the options of an `exec` ask for a terminal and for keys."""
    letters = "".join(word[1:] for word in options if word.startswith("-") and not word.startswith("--"))
    return ("t" in letters or "--tty" in options) and (
        "i" in letters or "--interactive" in options or "--stdin" in options
    )
