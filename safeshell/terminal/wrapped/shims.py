"""Programs whose name, typed at the prompt of a wrapped shell, means a console of our own: `redis-cli`.

A function of the shell, and of it alone: scripts find the program on PATH. The one idea: such a line is asked about
by the console, which sees the server, or by the guard of the shell, never by both and never by neither. A line that
is this one command is left to the console; whatever else holds the name was judged whole at Enter, and runs the
program itself. The function asks which it is each time that it runs.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.terminal.wrapped.messages import BETWEEN_WORDS, Facts

# Bare words, quoted ones, and plain variables: nothing in them runs anything, pipes or redirects (bash(1), QUOTING).
_ONE_COMMAND: Final = lazy_pattern(
    r"[ \t]*(?P<name>[a-z][a-z-]*)"
    r"""(?:[ \t]+(?:[A-Za-z0-9_./:=,@%+*?-]|'[^'\\!\n]*'|"[^"\\$`!\n]*"|\$[A-Za-z_]\w*)+)*[ \t]*"""
)
_VARIABLE: Final = lazy_pattern(r"\$([A-Za-z_]\w*)")
_AT_TERMINAL: Final = "tty"


class ConsoleUse(Enum):
    """What our console would do with a program's words."""

    NOT_OURS = auto()
    """It does not take them: they stay the program's."""
    SESSION = auto()
    """It opens, and lines are typed to it."""
    COMMAND = auto()
    """It runs one command, or does one job."""


@frozen
class Shim:
    """One program, and our console in its place.

    Args:
        name: what is typed.
        console: our command, `redis`.
        use: what the console would do with the words behind the name.
    """

    name: str
    console: str
    use: Callable[[Sequence[str]], ConsoleUse]


@frozen
class ShimCall:
    """A shim's function runs.

    Args:
        at_terminal: whether its input and output are the terminal.
        words: the name and what is behind it, exactly; () where they did not come over whole.
    """

    at_terminal: bool
    words: tuple[str, ...]

    @property
    def line(self) -> str:
        """A line that means the program itself with these words."""
        return shlex.join(("command", *self.words))


def call_of(text: str) -> ShimCall:
    """What a shim's function says: where it runs, how many words there are, the words."""
    where, _, rest = text.partition(BETWEEN_WORDS)
    count, _, rest = rest.partition(BETWEEN_WORDS)
    words = tuple(rest.split(BETWEEN_WORDS))
    return ShimCall(where == _AT_TERMINAL, words if count == str(len(words)) else ())


def left_to_console(text: str, facts: Facts, shims: Sequence[Shim], *, only_sessions: bool) -> Shim | None:
    """The shim that `text` is a single call of and nothing else; None for a line that has to be judged here.

    Args:
        text: the line.
        facts: what its words mean in the shell; a name that the person has defined is theirs.
        shims: those that the shell has.
        only_sessions: whether what would run a single command is judged here all the same.
    """
    found = _ONE_COMMAND.fullmatch(text)
    if found is None or facts.aliases:
        return None
    shim = next((one for one in shims if one.name == found["name"] and one.name in facts.shims), None)
    if shim is None:
        return None
    words = [_valued(word, facts) for word in shlex.split(text)[1:]]
    use = ConsoleUse.NOT_OURS if None in words else shim.use([word for word in words if word is not None])
    return None if use is ConsoleUse.NOT_OURS or (only_sessions and use is ConsoleUse.COMMAND) else shim


def _valued(word: str, facts: Facts) -> str | None:
    """The word with its variables' values, near enough to tell options from commands; None with an unknown one."""
    unknown = False

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        unknown = unknown or found[1] not in facts.variables
        return facts.variables.get(found[1], "")

    valued = _VARIABLE.sub(value, word)
    return None if unknown else valued


def shim_text(shell: str, shims: Sequence[Shim]) -> str:
    """What defines the shims in a shell of this kind, where the person has not defined something else."""
    if not shims:
        return ""
    opening, each = _TEXTS[shell]
    return opening + "".join(each.format(name=shim.name) for shim in shims)


# The answer is `ok` with the words of our console, `run` for the program itself, `done` where the console has run
# already, or a no. Only the shell asks: what is left to a console runs in it, and children that ask at the same time
# would read each other's answers.
_BASH: Final = (
    r"""
__safeshell_shim() {
  local IFS=$'\x1f' __safeshell_reply where=elsewhere
  local -a words
  if (( BASH_SUBSHELL )); then command "$@"; return; fi
  [[ -t 0 && -t 1 ]] && where=tty
  __safeshell_ask shim "$where"$'\x1f'"$#"$'\x1f'"$*" || __safeshell_reply=no
  case $__safeshell_reply in
    'ok '?*) IFS=$'\x1f' builtin read -r -a words <<<"${__safeshell_reply#ok }"; command "${words[@]}" "${@:2}" ;;
    run*) command "$@" ;;
    'done '*) return "${__safeshell_reply#done }" ;;
    'fail '*) builtin printf 'safeshell: %s\n' "${__safeshell_reply#fail * }" >&2; return 70 ;;
    *) return 77 ;;
  esac
}
""",
    r"""builtin declare -F {name} >/dev/null || builtin eval 'function {name} {{ __safeshell_shim {name} "$@"; }}'
""",
)
_ZSH: Final = (
    r"""
__safeshell_shim() {
  local __safeshell_reply where=elsewhere
  if (( ZSH_SUBSHELL )); then command "$@"; return; fi
  [[ -t 0 && -t 1 ]] && where=tty
  __safeshell_ask shim "$where"$'\x1f'"$#"$'\x1f'"${(pj:\x1f:)@}" || __safeshell_reply=no
  case $__safeshell_reply in
    ('ok '?*) command "${(@ps:\x1f:)${__safeshell_reply#ok }}" "${@:2}" ;;
    (run*) command "$@" ;;
    ('done '*) return ${__safeshell_reply#done } ;;
    ('fail '*) print -ru2 -- "safeshell: ${__safeshell_reply#fail * }"; return 70 ;;
    (*) return 77 ;;
  esac
}
""",
    r"""(( ${{+functions[{name}]}} )) || functions[{name}]='__safeshell_shim {name} "$@"'
""",
)
_FISH: Final = (
    r"""
function __safeshell_shim
    set -l where elsewhere
    isatty stdin; and isatty stdout; and set where tty
    __safeshell_ask shim (string join \x1f -- $where (count $argv) $argv | string collect)
    or set -g __safeshell_reply no
    switch $__safeshell_reply
        case 'ok ?*'
            set -l words (string split \x1f -- (string replace -- 'ok ' '' $__safeshell_reply))
            command $words $argv[2..]
        case 'run*'
            command $argv
        case 'done *'
            return (string replace -- 'done ' '' $__safeshell_reply)
        case 'fail *'
            string replace -r -- '^fail \d+ ' 'safeshell: ' $__safeshell_reply >&2
            return 70
        case '*'
            return 77
    end
end
""",
    r"""functions -q {name}; or function {name} --wraps {name}; __safeshell_shim {name} $argv; end
""",
)
_TEXTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
