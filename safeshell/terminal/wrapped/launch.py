"""How each shell is started so that safeshell's hook is in it and nothing of the person's own files is touched.

Plain values: a shell in, its arguments, environment and the session's own files out. The secret stands in those
files alone, never in the environment, and they are taken away as soon as the shell has read them.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.double_start import ACTIVE
from safeshell.terminal.wrapped.shims import Shim, shim_text

_HOOKS: Final = Path(__file__).parent / "hooks"

HOOKED: Final = ("bash", "zsh", "fish")
"""The shells that have a hook."""


@frozen
class Launch:
    """A shell about to be started.

    Args:
        argv: program and arguments.
        environ: its environment.
        hooked: whether it will ask before a line runs.
        secrets: files that hold the session's secret; they may go once the shell has said that it is there.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    hooked: bool
    secrets: tuple[Path, ...] = ()

    def forget(self) -> None:
        """Take the files with the secret away; that they are gone is no error."""
        for file in self.secrets:
            with contextlib.suppress(OSError):
                file.unlink()


def shell_name(program: str) -> str:
    """`bash` for `/usr/bin/bash`, `-bash` and `bash-5.2`."""
    name = program.rpartition("/")[2].removeprefix("-")
    return next((shell for shell in HOOKED if name == shell or name.startswith(f"{shell}-")), name)


def launch(
    argv: Sequence[str],
    environ: Mapping[str, str],
    channel: ShellChannel,
    names: Sequence[str],
    shims: Sequence[Shim] = (),
) -> Launch:
    """Prepare `argv`, a shell, to be started with its hook; other programs are started as they are.

    Args:
        argv: the shell, and options of its own.
        environ: the environment that it is to have.
        channel: where it asks.
        names: variables whose values say where a command would act.
        shims: programs that are a console of our own in it.
    """
    match shell_name(argv[0]):
        case "bash":
            return _bash(argv, environ, channel, names, shim_text("bash", shims))
        case "zsh":
            return _zsh(argv, environ, channel, names, shim_text("zsh", shims))
        case "fish":
            return _fish(argv, environ, channel, names, shim_text("fish", shims))
        case _:
            return Launch(tuple(argv), environ, hooked=False)


def hook_text(shell: str, channel: ShellChannel, names: Sequence[str], terminal: str, *, guard: int) -> str:
    """What a shell that somebody else has started evaluates to have its hook: nothing where it is not interactive.

    Args:
        shell: its kind.
        channel: where it asks.
        names: variables whose values say where a command would act.
        terminal: the name of its terminal, by which shells that it starts know that they are inside.
        guard: the process that answers, for the hook to see that it lives.
    """
    settings = {**_values(channel, names), "guard": str(guard)}
    match shell:
        case "fish":
            text = _fish_settings(settings) + f"set -gx {ACTIVE} {fish_quoted(terminal)}\n"
            return f"if status is-interactive\n{text}{_fish_sources()}end\n"
        case "zsh":
            text = _settings(settings, declare="typeset -g ") + f"export {ACTIVE}={_quoted(terminal)}\n"
            text += _ZSH_LATE.format(hook=_zsh_sources(), more="")
            return f"if [[ -o interactive ]]; then\n{text}fi\n"
        case _:
            text = _settings(settings) + f"export {ACTIVE}={_quoted(terminal)}\n"
            return f"if [[ $- == *i* ]]; then\n{text}{_bash_sources()}fi\n"


def _bash(
    argv: Sequence[str], environ: Mapping[str, str], channel: ShellChannel, names: Sequence[str], more: str
) -> Launch:
    login = any(word in ("-l", "--login") for word in argv[1:])
    words = [word for word in argv[1:] if word not in ("-l", "--login", "-i")]
    text = _settings(_values(channel, names)) + (_BASH_LOGIN if login else _BASH_PLAIN) + more
    file = _written(channel.folder / "rc.bash", text + _bash_sources())
    return Launch((argv[0], "--rcfile", str(file), *words, "-i"), environ, hooked=True, secrets=(file,))


def _zsh(
    argv: Sequence[str], environ: Mapping[str, str], channel: ShellChannel, names: Sequence[str], more: str
) -> Launch:
    folder = channel.folder / "zdot"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = _written(
        folder / ".zshenv",
        _ZSH_GIVES_BACK.format(former=_quoted(environ["ZDOTDIR"]) if "ZDOTDIR" in environ else "")
        + "if [[ -o interactive ]]; then\n"
        + _settings(_values(channel, names), declare="typeset -g ")
        + _ZSH_LATE.format(hook=_zsh_sources(), more=more)
        + "fi\n",
    )
    return Launch(
        (*argv, "-i") if "-i" not in argv[1:] else tuple(argv),
        {**environ, "ZDOTDIR": str(folder)},
        hooked=True,
        secrets=(file,),
    )


def _fish(
    argv: Sequence[str], environ: Mapping[str, str], channel: ShellChannel, names: Sequence[str], more: str
) -> Launch:
    text = _fish_settings(_values(channel, names)) + more + _fish_sources()
    file = _written(channel.folder / "rc.fish", text)
    words = (argv[0], *argv[1:], "-i", "-C", f"source {fish_quoted(str(file))}")
    return Launch(words, environ, hooked=True, secrets=(file,))


_BASH_PLAIN: Final = """\
[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -r ~/.bashrc ] && . ~/.bashrc
"""
# What bash itself would read as a login shell, which takes no rc file (bash(1), INVOCATION).
_BASH_LOGIN: Final = """\
[ -r /etc/profile ] && . /etc/profile
for __safeshell_file in ~/.bash_profile ~/.bash_login ~/.profile; do
  if [ -r "$__safeshell_file" ]; then . "$__safeshell_file"; break; fi
done
unset -v __safeshell_file
"""
# The person's own ZDOTDIR comes back first, so that everything of theirs is read as ever (zsh(1), FILES).
_ZSH_GIVES_BACK: Final = """\
() {{
  local former={former}
  if [[ -n $former ]]; then export ZDOTDIR=$former; else unset ZDOTDIR; fi
}}
[[ -r ${{ZDOTDIR:-$HOME}}/.zshenv ]] && source ${{ZDOTDIR:-$HOME}}/.zshenv
"""
# The hook goes in before the first prompt, behind every plugin that wraps the same widgets.
_ZSH_LATE: Final = """\
__safeshell_install() {{
  local last=${{precmd_functions[-1]}}
  precmd_functions=(${{precmd_functions:#__safeshell_install}})
  unfunction __safeshell_install
  {more}
  {hook}
  # A theme's function that comes behind this one would make the first prompt anew: this runs behind all of them.
  [[ $last == __safeshell_install ]] || {{ zmodload zsh/sched && sched +0 __safeshell_precmd }}
}}
typeset -ga precmd_functions
precmd_functions+=(__safeshell_install)
"""


def _fish_settings(values: Mapping[str, str]) -> str:
    return "".join(f"set -g __safeshell_{name} {fish_quoted(value)}\n" for name, value in values.items())


def _settings(values: Mapping[str, str], *, declare: str = "") -> str:
    return "".join(f"{declare}__safeshell_{name}={_quoted(value)}\n" for name, value in values.items())


def _values(channel: ShellChannel, names: Sequence[str]) -> dict[str, str]:
    return {
        "secret": channel.secret,
        "word": channel.word,
        "folder": str(channel.folder),
        "names": " ".join(names),
        "program": _own_program(),
    }


def _own_program() -> str:
    """The program that this process runs, as a shell can call it; `python -m` is no file that it could."""
    for file in (Path(sys.argv[0]).absolute(), Path(sys.executable).with_name("safeshell")):
        if os.access(file, os.X_OK):
            return str(file)
    return "safeshell"


def _bash_sources() -> str:
    return "".join(f"builtin . {_quoted(str(_HOOKS / name))}\n" for name in ("pipes.bash", "hook.bash"))


def _zsh_sources() -> str:
    return "; ".join(f"source {_quoted(str(_HOOKS / name))}" for name in ("pipes.zsh", "hook.zsh"))


def _fish_sources() -> str:
    return "".join(f"source {fish_quoted(str(_HOOKS / name))}\n" for name in ("pipes.fish", "hook.fish"))


def _written(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def _quoted(text: str) -> str:
    return shlex.quote(text)


def fish_quoted(text: str) -> str:
    """`text` as one word of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
