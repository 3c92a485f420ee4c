"""What the shell itself runs for a word: eval, exec, command, builtin, source, trap and their kin.

Sources: bash(1) SHELL BUILTIN COMMANDS, zshbuiltins(1), zshmisc(1) PRECOMMAND MODIFIERS.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Severity
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Language, Opaque, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import (
    PACKS_JUDGE,
    Call,
    Handler,
    hides_all,
    joined,
    judged_too,
    transparent,
)
from safeshell.shell.wrappers.front import front, walk
from safeshell.shell.wrappers.shells import fed_script, printing_program, unread_script
from safeshell.shell.wrappers.standard_input import substituted

_EXEC: Final = front("-c -l", "-a")
_COMMAND: Final = front("-p -v -V")
_SETTINGS: Final = lazy_pattern(
    r"(?:command\s+|\S*/)?(?:"
    r"ssh-agent|keychain|dircolors|gdircolors|lesspipe(?:\.sh)?|resize|tset|gpg-agent|opam\s+(?:config\s+)?env"
    r"|(?:py|rb|nod|pl|php|go|j|lua|tf|jenv|swift)env\s+(?:init|virtualenv-init|hook)|jenv\s+init|brew\s+shellenv"
    r"|direnv\s+(?:hook|export)|starship\s+init|zoxide\s+init|atuin\s+init|fzf\s+--(?:bash|zsh|fish)"
    r"|mise\s+(?:activate|env|hook-env)|rtx\s+activate|asdf\s+exec|fnm\s+env|nodenv\s+init|volta\s+setup"
    r"|minikube\s+(?:-p\s+\S+\s+)?(?:docker|podman)-env|docker-machine\s+env|podman\s+machine\s+env"
    r"|conda\s+(?:shell\.\w+\s+)?(?:hook|activate)|(?:micro)?mamba\s+shell\s+hook|/?\S*conda\s+shell\.\w+\s+hook"
    r"|thefuck\s+--alias|register-python-argcomplete|\S+\s+completion(?:s)?(?:\s+\w+)?|\S+\s+completion-script\s+\w+"
    r"|op\s+signin|bw\s+unlock|luarocks\s+path|vault\s+print|assume|aws\s+configure\s+export-credentials"
    r"|tmuxifier\s+init|pip3?\s+completion|npm\s+completion|kubectl\s+completion|helm\s+completion|navi\s+widget"
    r"|mcfly\s+init|oh-my-posh\s+init|hub\s+alias|glab\s+completion|gh\s+completion|perl\s+-I\S*\s+-Mlocal::lib"
    r"|swiftenv\s+init|chruby|scmpuff\s+init|stack\s+--bash-completion-script|locale|tput|setupcon|sheldon\s+source"
    r"|grunt\s+--completion|antibody\s+init|rbenv\s+init|complete"
    r")(?:\s+[^;|&`$()<>]*)?(?:\s*2>\s*/dev/null)?\s*"
)
"""Programs that print settings made for `eval "$(…)"`: agents, version managers, completions."""


def _eval(call: Call) -> Unwrapped | None:
    """The words, joined by blanks, parsed again."""
    words = call.words[1:] if call.words[:1] and call.words[0].text == "--" else call.words
    if not words:
        return PACKS_JUDGE
    text, span, _ = joined(words)
    if not hides_all(text):
        return transparent(call.runs_text(words))
    sources = [source for one in words for source in one.unknowns]
    if sources and all(_prints_settings(source) for source in sources):
        return PACKS_JUDGE
    for one in words:
        program = printing_program(one)
        if program:
            return transparent(unread_script(program, span))
    return transparent(
        Opaque(
            "shell.eval-unknown",
            "runs a text that only the running shell knows",
            Severity.HIGH,
            "print the text first, with `echo`, then type it",
            span,
        )
    )


def _prints_settings(source: str) -> bool:
    inside = source[2:-1] if source.startswith("$(") else source.strip("`")
    return inside != source and _SETTINGS.fullmatch(inside.strip()) is not None


def _exec(call: Call) -> Unwrapped | None:
    """`exec [-cl] [-a NAME] command`; with redirections alone it changes the shell's own."""
    taken = walk(call.words, _EXEC)
    return transparent(*(call.runs(words) for words in taken.readings()))


def _command(call: Call) -> Unwrapped | None:
    """`command [-p] name…`; `-v` and `-V` only look."""
    taken = walk(call.words, _COMMAND)
    if taken.has("-v", "-V"):
        return PACKS_JUDGE
    return transparent(*(call.runs(words) for words in taken.readings()))


def _next_word(call: Call) -> Unwrapped | None:
    """`builtin cd x`, `noglob rm x`: the words behind it as they stand."""
    words = call.words[1:] if call.words[:1] and call.words[0].text == "--" else call.words
    if not words or words[0].text.startswith("-"):
        return PACKS_JUDGE
    return transparent(call.runs(words))


def _source(call: Call) -> Unwrapped | None:
    """`. FILE`: a file is not read, what a program prints into it is unread code."""
    words = call.words[1:] if call.words[:1] and call.words[0].text == "--" else call.words
    if not words:
        return PACKS_JUDGE
    printed = substituted(words[0])
    if printed:
        if _SETTINGS.fullmatch(printed.strip()) is not None:
            return PACKS_JUDGE
        return transparent(unread_script(printed.split()[0] if printed.split() else "", words[0].span))
    if words[0].text in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-"):
        return fed_script(call)
    return PACKS_JUDGE


def _trap(call: Call) -> Unwrapped | None:
    """`trap TEXT SIGNAL…`: the text runs later, in this shell."""
    words = call.words[1:] if call.words[:1] and call.words[0].text == "--" else call.words
    if len(words) < 2 or words[0].text in ("-", "") or words[0].text.startswith("-"):
        return PACKS_JUDGE
    if words[0].text.isdigit():
        return PACKS_JUDGE
    return transparent(call.runs_text(words[:1]))


def _emulate(call: Call) -> Unwrapped | None:
    """Zsh's `emulate sh -c TEXT`."""
    for at, one in enumerate(call.words):
        if one.text == "-c" and call.words[at + 1 :]:
            return transparent(call.runs_text(call.words[at + 1 : at + 2]))
    return PACKS_JUDGE


def _callback(call: Call) -> Unwrapped | None:
    """`mapfile -C TEXT`, `complete -C TEXT`, `bind -x KEY:TEXT`: a text that runs when something happens."""
    option = "-x" if call.name == "bind" else "-C"
    for at, one in enumerate(call.words[:-1]):
        if one.text == option:
            given = call.words[at + 1]
            if call.name == "bind":
                given = _bound(given)
            return judged_too(call.runs_text([given], language=Language.SHELL)) if given.text else PACKS_JUDGE
    return PACKS_JUDGE


def _bound(given: Word) -> Word:
    text = given.text.partition('":')[2].strip().strip("\"'")
    return Word(text, given.span, given.source, unknowns=given.unknowns)


WRAPPERS: Final[dict[str, Handler]] = {
    "eval": _eval,
    "exec": _exec,
    "command": _command,
    "builtin": _next_word,
    "noglob": _next_word,
    "nocorrect": _next_word,
    "source": _source,
    ".": _source,
    "trap": _trap,
    "emulate": _emulate,
    "mapfile": _callback,
    "readarray": _callback,
    "complete": _callback,
    "compgen": _callback,
    "bind": _callback,
}
