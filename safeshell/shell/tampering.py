"""What changes the meaning of commands without being one: variables that choose programs, text that is run later.

A proof that a command only reads believes its name. Behind `PATH=/x`, `BASH_CMDS[ls]=…` or with `LD_PRELOAD` in
front it can't be believed. Pure.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.script import Assignment, SimpleCommand
from safeshell.shell.word import Word

_CHOOSING: Final = frozenset(
    "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV ENV PATH PROMPT_COMMAND PERL5OPT PERL5LIB"
    " PYTHONSTARTUP PYTHONPATH RUBYOPT NODE_OPTIONS LESSOPEN LESSCLOSE SSH_ASKPASS GIT_SSH BASH_CMDS BASH_ALIASES"
    " FPATH fpath path ZDOTDIR commands aliases".split()
)
_CHOOSING_ENDS: Final = ("_COMMAND", "_ASKPASS", "_PRELOAD")
_VIEWER_ENDS: Final = ("PAGER", "EDITOR", "VISUAL", "BROWSER")
_VIEWERS: Final = ("", "cat", "less", "more", "head", "true", ":")
_SETTING: Final = frozenset(("read", "mapfile", "readarray", "getopts", "printf"))
_CODE_IN_PATTERN: Final = lazy_pattern(r"\([^()]*(?:e[:'{\[]|\+\w)")


def changes_meaning(assignment: Assignment) -> bool:
    """Whether a variable set so may make another program run, or text of it be run as code.

    `x='a[$(cmd)]'` runs `cmd` when x is used in arithmetic (bash(1), ARITHMETIC EVALUATION), `${x@P}` and prompts
    run what stands in them.
    """
    name, value = assignment.name.partition("[")[0], assignment.value
    if name.endswith(_VIEWER_ENDS):
        return value.text.partition(" ")[0] not in _VIEWERS
    return name in _CHOOSING or name.endswith(_CHOOSING_ENDS) or holds_code(value.text)


def sets_what_chooses(command: SimpleCommand) -> bool:
    """Whether a builtin puts something unseen into such a variable: `read PATH`, `printf -v PATH`."""
    words = command.words
    return words[0].text in _SETTING and any(word.text.partition("=")[0] in _CHOOSING for word in words[1:])


def holds_code(text: str) -> bool:
    """Whether a text that is known holds a command substitution that nothing has run yet."""
    return "$(" in text or "`" in text


def is_rewritten(word: Word, context: ShellContext) -> bool:
    """Whether the shell makes something of the word that may run code or put other words there.

    History (`!!`), the prompt expansion `${x@P}`, and zsh's patterns with code for each file, `*(e:'…':)`.
    """
    if any(expansion.startswith("!") or "@P}" in expansion for expansion in word.unknowns):
        return True
    return word.glob and context.shell == "zsh" and _CODE_IN_PATTERN.search(word.source) is not None
