"""What a remote host is handed so that its shell has the hook: texts that live in its memory, nowhere else. Pure.

Two steps, since nobody knows beforehand what shell answers: a short first command (`boot_command`) that says what
there is, and then the shell's own files with the hook behind them (`payload`), typed to it while the terminal's echo
is off. Where the first is not understood, or the second does not come, the shell starts as ever.
"""

from __future__ import annotations

import base64
import gzip
import shlex
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.confinement.syscall_numbers import MACHINES
from safeshell.terminal.confinement.write_filter import read_only_filter
from safeshell.terminal.wrapped.launch import HOOKED, fish_quoted, shell_name

_END: Final = "\n"


@frozen
class HookSettings:
    """What a remote hook is told.

    Args:
        secret: what its messages begin with.
        word: what the answers begin with.
        names: variables whose values say where a command would act.
        marks: what its first prompt shows.
        held: whether the host's kernel is to keep the shell from writing, where it can.
        folder: where the shell starts; "" for where it would.
    """

    secret: str
    word: str
    names: tuple[str, ...]
    marks: str
    held: bool = False
    folder: str = ""

    def values(self) -> Mapping[str, str]:
        """By the names that the hook knows them by."""
        return {
            "secret": self.secret,
            "word": self.word,
            "names": " ".join(self.names),
            "marks": self.marks,
            "program": "safeshell",
        }


def boot_command(token: str, *, shell: str = "", login: bool = True) -> str:
    """The first command for a remote host, as any shell understands it.

    Args:
        token: with it the command asks, once.
        shell: the shell to be started; the login shell without one.
        login: whether that is a login shell.
    """
    return f"exec {shlex.join(boot_words(token, shell=shell, login=login))}"


def boot_words(token: str, *, shell: str = "", login: bool = True) -> tuple[str, ...]:
    """The same as words."""
    return ("sh", "-c", _boot(), "sh", token, shell, *(("login",) if login else ()))


def payload(shell: str, tools: str, settings: HookSettings, *, login: bool = True) -> bytes:
    """What is typed to the first command: how the shell is started with its hook; nothing but a go for others.

    Each of its lines is harmless, should a shell come to read it.

    Args:
        shell: what it has said that it would start.
        tools: what it has, in the letters of `wire.Booted`.
        settings: the hook's.
        login: whether the shell is a login shell.
    """
    go = b":\n"
    if shell_name(shell) not in HOOKED or "b" not in tools:
        return go + b":\n"
    # fish writes all the time, and complains of every file that it can't write.
    held = settings.held and shell_name(shell) != "fish"
    text = _before(settings, held=held) + _start(shell_name(shell), settings, login=login)
    coded = text.encode("utf-8", "surrogateescape")
    if "z" in tools:
        return go + b": z" + base64.b64encode(gzip.compress(coded, 6, mtime=0)) + b"\n"
    return go + b": b" + base64.b64encode(coded) + b"\n"


def _before(settings: HookSettings, *, held: bool) -> str:
    """What they are started with: `hold FOLDER WORDS…` runs WORDS in this process's place, held if it can be."""
    moved = f"cd -- {shlex.quote(settings.folder)} 2>/dev/null\n" if settings.folder else ""
    if not held:
        return moved + 'hold() { shift; exec "$@"; }\n'
    return (
        moved
        + "hold() {\n"
        + "if command -v python3 >/dev/null 2>&1 && python3 -c 'import ctypes' 2>/dev/null; then\n"
        + f'exec python3 -S -c {shlex.quote(_hold())} "$@"\nfi\n'
        + 'shift; exec "$@"\n}\n'
    )


def _start(shell: str, settings: HookSettings, *, login: bool) -> str:
    match shell:
        case "bash":
            return _bash(settings, login=login)
        case "zsh":
            return _zsh(settings, login=login)
        case _:
            return _fish(settings, login=login)


# bash takes no rc file as a login shell: the rc file reads what a login shell would (bash(1), INVOCATION).
_BASH_LOGIN: Final = """\
[[ -r /etc/profile ]] && . /etc/profile
for __safeshell_file in ~/.bash_profile ~/.bash_login ~/.profile; do
  if [[ -r $__safeshell_file ]]; then . "$__safeshell_file"; break; fi
done
builtin unset -v __safeshell_file
logout() { builtin exit "$@"; }
[[ -r ~/.bash_logout ]] && builtin trap '. ~/.bash_logout' EXIT
"""
_BASH_PLAIN: Final = """\
[[ -r /etc/bash.bashrc ]] && . /etc/bash.bashrc
[[ -r ~/.bashrc ]] && . ~/.bashrc
"""


def _bash(settings: HookSettings, *, login: bool) -> str:
    values = "".join(f"__safeshell_{name}={shlex.quote(text)}\n" for name, text in settings.values().items())
    # Before bash 4.4 nothing stands between a command and its start: its lines are read from the screen.
    text = (
        (_BASH_LOGIN if login else _BASH_PLAIN)
        + "if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )); then\n"
        + values
        + _remote("wire.bash")
        + _hook("hook.bash")
        + "fi\n"
    )
    return (
        f"export __safeshell_text={shlex.quote(text)}\n"
        'hold "" "$s" --norc -c \'t=$__safeshell_text; unset __safeshell_text; '
        'exec "$0" --rcfile <(builtin printf %s "$t") -i\' "$s"\n'
    )


def _zsh(settings: HookSettings, *, login: bool) -> str:
    values = "".join(
        f"typeset -g __safeshell_{name}={shlex.quote(text)}\n" for name, text in settings.values().items()
    )
    hook = (
        "__safeshell_install() {\n"
        "local last=${precmd_functions[-1]}\n"
        "precmd_functions=(${precmd_functions:#__safeshell_install})\n"
        "unfunction __safeshell_install\n"
        'eval "$__safeshell_text"\n'
        "unset __safeshell_text\n"
        "[[ $last == __safeshell_install ]] || { zmodload zsh/sched && sched +0 __safeshell_precmd }\n"
        "}\n"
        "typeset -ga precmd_functions\n"
        "precmd_functions+=(__safeshell_install)\n"
    )
    text = (
        "command rm -rf -- $ZDOTDIR\n"
        "if [[ -n $__safeshell_zdotdir ]]; then export ZDOTDIR=$__safeshell_zdotdir; else unset ZDOTDIR; fi\n"
        "unset __safeshell_zdotdir\n"
        "[[ -r ${ZDOTDIR:-$HOME}/.zshenv ]] && source ${ZDOTDIR:-$HOME}/.zshenv\n"
        + values
        + f"typeset -g __safeshell_text={shlex.quote(_remote('wire.zsh') + _hook('hook.zsh'))}\n"
        + hook
    )
    # zsh reads its first file from a folder: one in memory, which that file takes away.
    return (
        'f=; for d in "${XDG_RUNTIME_DIR:-/dev/shm}" /dev/shm; do '
        'case $(df -P "$d" 2>/dev/null | tail -n 1) in tmpfs*|none*|shm*) '
        'f=$(umask 077; mktemp -d "$d/safeshell.XXXXXX" 2>/dev/null) && break ;; esac; done\n'
        f'if [ -n "$f" ]; then\nprintf %s {shlex.quote(text)} >"$f/.zshenv"\n'
        'export __safeshell_zdotdir="${ZDOTDIR-}"\n'
        # Held, zsh can empty the folder, and not take it away.
        '(sleep 9; rm -rf "$f") </dev/null >/dev/null 2>&1 &\n'
        f'export ZDOTDIR="$f"; hold "$f" "$s" -i{"l" if login else ""}\nfi\n'
    )


def _fish(settings: HookSettings, *, login: bool) -> str:
    values = "".join(
        f"set -g __safeshell_{name} {fish_quoted(text)}\n" for name, text in settings.values().items()
    )
    text = values + _remote("wire.fish") + _hook("hook.fish")
    # By a pipe: a program's words and its first environment can be looked at for as long as it runs.
    return (
        "exec 8<&0\n"
        f"printf %s {shlex.quote(text)} | {{ exec 9<&0 0<&8 8<&-; "
        f'hold "" "$s" -i{"l" if login else ""} -C "command cat <&9 | source -"; }}\n'
        "exit $?\n"
    )


@cache
def _boot() -> str:
    return " ".join(_lines(files("safeshell.ssh").joinpath("remote/boot.sh").read_text("utf-8")))


@cache
def _hold() -> str:
    filters = {
        machine.name: base64.b64encode(
            read_only_filter(machine, network=True, unix_sockets=True, truncation=False)
        ).decode()
        for machine in MACHINES
    }
    text = files("safeshell.ssh").joinpath("remote/hold.python").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join(lines).replace("FILTERS = {}", f"FILTERS = {filters!r}") + "\n"


@cache
def _remote(name: str) -> str:
    return _END.join(_lines(files("safeshell.ssh").joinpath("remote", name).read_text("utf-8"))) + _END


@cache
def _hook(name: str) -> str:
    text = files("safeshell.terminal").joinpath("wrapped/hooks", name).read_text("utf-8")
    return _END.join(_lines(text)) + _END


def _lines(text: str) -> list[str]:
    """The lines of a script, without blanks in front and without those that say nothing to a machine."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
