"""What changes the meaning of commands without being one: variables that choose programs, text that is run later.

A proof that a command only reads believes its name. Behind `PATH=/x`, `BASH_CMDS[ls]=…` or with `LD_PRELOAD` in
front it can't be believed. Pure.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.script import Assignment, SimpleCommand
from safeshell.shell.word import Word

_CHOOSING: Final = frozenset(
    "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV ENV PATH PROMPT_COMMAND PERL5OPT PERL5LIB"
    " PYTHONSTARTUP PYTHONPATH RUBYOPT NODE_OPTIONS LESSOPEN LESSCLOSE SSH_ASKPASS GIT_SSH BASH_CMDS BASH_ALIASES"
    " FPATH fpath path ZDOTDIR commands aliases BASH_LOADABLES_PATH HOME XDG_CONFIG_HOME"
    " functions galiases saliases NULLCMD READNULLCMD fish_function_path fish_complete_path fish_user_paths"
    # Settings and start-up files of one program, or a program that it runs.
    " PYTHONHOME PYTHONUSERBASE PYTHONINSPECT PERL5DB RUBYLIB LUA_INIT LUA_PATH LUA_CPATH GCONV_PATH"
    " OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES RIPGREP_CONFIG_PATH ACKRC ACK_OPTIONS BAT_CONFIG_PATH"
    " BAT_OPTS FZF_DEFAULT_OPTS FZF_DEFAULT_OPTS_FILE HGRCPATH PSQLRC RSYNC_CONNECT_PROG LESSKEY"
    " LESSKEYIN LESSKEY_CONTENT LESSKEY_SYSTEM LESSKEYIN_SYSTEM LESS_TERMCAP MANOPT PERLDOC TAR_OPTIONS"
    " CURL_HOME WGETRC SYSTEM_WGETRC LIBMYSQL_PLUGINS MYSQL_HOME MAKEFILES TF_LOG_PATH"
    " TF_REATTACH_PROVIDERS CARGO_BUILD_RUSTC RUSTC GIT_EXEC_PATH GIT_ALLOW_PROTOCOL GIT_EXTERNAL_DIFF"
    " GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_PARAMETERS KUBECTL_EXTERNAL_DIFF SSLKEYLOGFILE"
    " PIP_LOG MALLOC_TRACE".split()
)
_CHOOSING_ENDS: Final = ("COMMAND", "_ASKPASS", "_PRELOAD", "_RSH", "_SSH", "_WRAPPER", "_functions")
_CHOOSING_STARTS: Final = ("LD_", "DYLD_", "TF_CLI_ARGS", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_OPTIONS_ENDS: Final = ("_OPTS", "_OPTIONS", "FLAGS")
_RISKY_OPTIONS: Final = lazy_pattern(
    r"agent(?:lib|path)?[:=]|-XX:On|[Ff]ile=|exec\b|-mod=mod|eval|bootclasspath"
)
_COMPILERS: Final = lazy_pattern(r"(?:[\w-]+-)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+)?|")
_LESS_THAT_WRITES: Final = lazy_pattern(r"\+|(?:^|\s)-?[A-Za-z#]*[oOkT]|--(?:log|LOG|lesskey|cmd)")
_TRACE: Final = ("GIT_TRACE", "GIT_TRACE2")
_VIEWER_ENDS: Final = ("PAGER", "EDITOR", "VISUAL", "BROWSER")
_VIEWERS: Final = ("", "cat", "less", "more", "head", "true", ":")
_SETTING: Final = frozenset(("read", "mapfile", "readarray", "getopts", "printf"))
_NAMING: Final = frozenset(("declare", "typeset", "local", "nameref"))
_EVALUATED: Final = lazy_pattern(r"\$\{\([^)]*[e%]")
_DEFAULTED: Final = lazy_pattern(r"\$\{(\w+):?=")
_CODE_IN_PATTERN: Final = lazy_pattern(r"\([^()]*(?:e[:'{\[]|\+\w)")


def changes_meaning(assignment: Assignment) -> bool:
    """Whether a variable set so may make another program run, or text of it be run as code.

    `x='a[$(cmd)]'` runs `cmd` when x is used in arithmetic (bash(1), ARITHMETIC EVALUATION), `${x@P}` and prompts
    run what stands in them.
    """
    name, value = assignment.name.partition("[")[0], assignment.value
    if name.endswith(_VIEWER_ENDS):
        return value.text.partition(" ")[0] not in _VIEWERS
    return (
        name in _CHOOSING
        or name.endswith(_CHOOSING_ENDS)
        or name.startswith(_CHOOSING_STARTS)
        or holds_code(value.text)
        or _sets_options(name, value.text)
    )


def _sets_options(name: str, text: str) -> bool:
    """Whether a variable hands over options, a compiler or a log that write or run: `LESS=-of`, `GIT_TRACE=/f`."""
    if name == "LESS":
        return _LESS_THAT_WRITES.search(text) is not None
    if name in ("CC", "CXX"):
        return _COMPILERS.fullmatch(text) is None
    if name.startswith(_TRACE):
        return text.startswith("/")
    return name.endswith(_OPTIONS_ENDS) and _RISKY_OPTIONS.search(text) is not None


def sets_what_chooses(command: SimpleCommand, context: ShellContext = NO_SESSION) -> bool:
    """Whether a builtin puts something unseen into such a variable, or names a function anew.

    `read PATH`, `printf -v PATH`; fish's `set -U` (kept for good), `alias ls rm`, `read -p COMMAND`.
    """
    words = command.words
    name, rest = words[0].text, [word.text for word in words[1:]]
    if name == "set" and (
        any(text in _CHOOSING or text.endswith(_CHOOSING_ENDS) or text.startswith("LD_") for text in rest)
        or any((text.startswith("-") and "U" in text) or text == "--universal" for text in rest[:1])
    ):
        return True
    if name == "functions" and any(text[:2] in ("-c", "-e", "--") for text in rest[:1]):
        return True
    if context.shell == "fish" and (
        (name == "alias" and len(rest) > 1)
        or (name == "read" and any(text.startswith(("-p", "--prompt")) for text in rest))
    ):
        return True
    if words[0].text in _NAMING and any(word.text.partition("=")[2] in _CHOOSING for word in words[1:]):
        # A name for such a variable: `declare -n r=PATH`.
        return True
    if any(found in _CHOOSING for word in words for found in _DEFAULTED.findall(word.source)):
        return True
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
    if context.shell == "zsh" and any(_EVALUATED.match(expansion) for expansion in word.unknowns):
        return True
    return word.glob and context.shell == "zsh" and _CODE_IN_PATTERN.search(word.source) is not None
