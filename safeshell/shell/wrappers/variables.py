"""Variables whose value is a command that some program will run: `GIT_SSH_COMMAND='sh -c …' git fetch`.

Sources: git(1), man(1), less(1), bash(1), rsync(1), sudo(8), kubectl edit, systemd(1), psql(1).
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Severity
from safeshell.shell.inner import Inner, InnerText, Language, Opaque, Unwrapped
from safeshell.shell.invocation import program_of
from safeshell.shell.script import Assignment, SimpleCommand
from safeshell.shell.word import NOWHERE, Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, hides_all, joined, judged_too, value_of

_RUN: Final = frozenset(
    "GIT_SSH_COMMAND GIT_SSH GIT_PAGER PAGER EDITOR VISUAL GIT_EDITOR GIT_SEQUENCE_EDITOR"
    " GIT_EXTERNAL_DIFF GIT_ASKPASS"
    " SSH_ASKPASS SUDO_ASKPASS MANPAGER LESSOPEN LESSCLOSE PROMPT_COMMAND RSYNC_RSH CVS_RSH SVN_SSH"
    " HGEDITOR KUBE_EDITOR"
    " SUDO_EDITOR SYSTEMD_EDITOR SYSTEMD_PAGER FCEDIT BROWSER FZF_DEFAULT_COMMAND PSQL_EDITOR PSQL_PAGER MYSQL_PAGER"
    " GH_PAGER GH_EDITOR GH_BROWSER GLAB_PAGER GLAB_EDITOR DELTA_PAGER BAT_PAGER DPKG_PAGER"
    " GIT_PROXY_COMMAND KUBECTL_EXTERNAL_DIFF AWS_PAGER TAR_RSH DEBUGGER_COMMAND BASH_COMMAND_HOOK".split()
)
_FIXED: Final = frozenset(
    {"cat", "less", "more", "vi", "vim", "nano", "emacs", "true", "echo", "code --wait", "ssh", ""}
)


_STARTED_BY: Final = {
    "BASH_ENV": frozenset({"bash", "sh", "rbash"}),
    "ENV": frozenset({"sh", "dash", "ksh", "mksh", "ash", "bash", "posh", "lksh"}),
    "ZDOTDIR": frozenset({"zsh"}),
}
"""Which shells run a file, or one in a directory, that a variable names, before anything else."""


def run_by_variables(command: SimpleCommand) -> tuple[Inner, ...]:
    """What the assignments in front of a command make it run."""
    found = (_carried(one.name, one.value) or _started(one, command) for one in command.assignments)
    return tuple(inner for inner in found if inner is not None)


def _started(one: Assignment, command: SimpleCommand) -> Inner | None:
    """The start-up file of a shell; `ENV=production sh x` names no file."""
    shells = _STARTED_BY.get(one.name)
    if not shells or not command.words or program_of(command.words[0]) not in shells or not one.value.text:
        return None
    if one.name == "ENV" and "/" not in one.value.text and one.value.known:
        return None
    reason = f"has the shell run the file that {one.name} names, which was not read"
    return Opaque(
        "shell.start-up-file",
        reason,
        Severity.MEDIUM,
        f"leave {one.name} out, or read the file",
        command.span,
    )


def _carried(name: str, value: Word) -> Inner | None:
    """The command in a variable's value; None when the variable holds none, or one that everybody uses."""
    if name not in _RUN or value.text in _FIXED or hides_all(value.text):
        return None
    text, span, exact = joined((value,))
    if name in ("LESSOPEN", "LESSCLOSE"):
        stripped = text.lstrip("|-")
        span = (span[0] + len(text) - len(stripped), span[1]) if exact and span != NOWHERE else span
        text = stripped.replace("%s", "file")
        exact = exact and text == stripped
    return InnerText(text, Language.SHELL, span, exact)


def _export(call: Call) -> Unwrapped | None:
    """`export NAME=VALUE`: the value runs when the variable is used."""
    inner = []
    for one in call.words:
        name, equals, text = one.text.partition("=")
        if equals and name in _RUN:
            carried = _carried(name, value_of(one, text))
            inner += [carried] if carried is not None else []
    return judged_too(*inner) if inner else PACKS_JUDGE


WRAPPERS: Final[dict[str, Handler]] = dict.fromkeys(
    ("export", "declare", "typeset", "readonly", "local", "setenv"), _export
)
