"""Programs that run a command as somebody else: sudo, doas, su, runuser, pkexec and their like.

Without a command they open a shell, list or check: that is for the packs to judge.
Sources: sudo(8), doas(1), su(1), runuser(1), pkexec(1), setpriv(1), capsh(1), run0(1), sg(1).
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.inner import Unwrapped
from safeshell.shell.script import Assignment
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent, word
from safeshell.shell.wrappers.front import Front, assigned, front, walk
from safeshell.shell.wrappers.shells import SHELLS, fed_script, shell_call

_SUDO: Final = front(
    "-A -B -b -E -e -H -i -K -k -l -N -n -P -S -s -V -v --askpass --background --bell --edit --set-home --login"
    " --remove-timestamp --reset-timestamp --list --no-update --non-interactive --preserve-groups --stdin --shell"
    " --version --validate --help",
    "-C -D -g -p -R -r -t -T -U -u -a -c --close-from --chdir --group --prompt --chroot --role --type"
    " --command-timeout --other-user --user --host --auth-type --login-class",
    attached="--preserve-env",
)
_DOAS: Final = front("-L -n -s", "-C -a -u")
_SU: Final = front(
    "-l -f -m -p -P -T -h -V --login --fast --preserve-environment --pty --no-pty --help --version -",
    "-c -g -G -s -w -C --command --session-command --group --supp-group --shell --whitelist-environment",
    permuted=True,
)
_RUNUSER: Final = front(
    "-l -f -m -p -P -h -V --login --fast --preserve-environment --pty --help --version",
    "-u -c -g -G -s -w --user --command --session-command --group --supp-group --shell --whitelist-environment",
)
_PKEXEC: Final = front("--disable-internal-agent --keep-cwd --version --help", "--user -u")
_SETPRIV: Final = front(
    "-d --dump --clear-groups --keep-groups --init-groups --reset-env --nnp --no-new-privs --list-caps --help"
    " --version -h -V",
    "--ambient-caps --inh-caps --bounding-set --ruid --euid --rgid --egid --reuid --regid --groups --securebits"
    " --pdeathsig --ptracer --selinux-label --apparmor-profile --landlock-access --landlock-rule"
    " --seccomp-filter",
)
_RUN0: Final = front(
    "--pty --pipe --slice-inherit --no-ask-password --lightweight --same-root-dir --help --version -h -V -i"
    " --via-shell",
    "-u -g -D -M -p --unit --property --description --slice --user --group --nice --chdir --setenv --background"
    " --machine --shell-prompt-prefix --area -a",
)
_FAKEROOT: Final = front("-u -h -v --unknown-is-real", "-l -s -i -b --lib --faked")


def _sudo(call: Call) -> Unwrapped | None:
    """`sudo [options] [NAME=value…] [command]`; `-e` edits, `-l`, `-v`, `-K`, `-V` only look or log out."""
    taken = walk(call.words, _SUDO)
    if taken.has("-e", "--edit", "-l", "--list", "-v", "--validate", "-K", "-V", "--version"):
        return PACKS_JUDGE
    return _run(call, taken.readings(), opens_shell=taken.has("-i", "-s", "--login", "--shell"))


def _doas(call: Call) -> Unwrapped | None:
    taken = walk(call.words, _DOAS)
    if taken.has("-C", "-L"):
        return PACKS_JUDGE
    return _run(call, taken.readings(), opens_shell=taken.has("-s"))


def _run(call: Call, readings: list[tuple[Word, ...]], *, opens_shell: bool) -> Unwrapped | None:
    inner = []
    for words in readings:
        count = assigned(words)
        assignments = tuple(assignment_of(one) for one in words[:count])
        command = words[count:]
        if count and command[:1] and command[0].text == "--":
            command = command[1:]
        if len(command) == 1 and opens_shell and " " in command[0].text:
            inner.append(call.runs_text(command))
        elif command:
            inner.append(call.runs(command, assignments=assignments))
    if not inner and opens_shell:
        return fed_script(call)
    return transparent(*inner)


def assignment_of(one: Word) -> Assignment:
    """`NAME=value` or `NAME+=value` as an assignment."""
    name, _, text = one.text.partition("=")
    return Assignment(name.rstrip("+"), word(text, one), name.endswith("+"))


def _su(call: Call) -> Unwrapped | None:
    """`su [options] [-] [user [arguments of the shell]]`: what `-c` says runs; without it the shell reads on."""
    return _as_user(call, _SU)


def _as_user(call: Call, table: Front) -> Unwrapped | None:
    taken = walk(call.words, table)
    commands = list(taken.values("-c", "--command", "--session-command"))
    inner = tuple(call.runs_text([one]) for one in commands)
    shell = taken.value("-s", "--shell")
    if inner and shell is not None and shell.text.rpartition("/")[2] not in SHELLS:
        return judged_too(*inner)
    if inner:
        return transparent(*inner)
    operands = [one for one in taken.operands if one.text != "-"]
    if len(operands) > 1:
        return shell_call(call, operands[1:])
    if taken.has("-h", "--help", "-V", "--version"):
        return PACKS_JUDGE
    return fed_script(call)


def _runuser(call: Call) -> Unwrapped | None:
    """`runuser -u USER [--] command…`, else as su."""
    taken = walk(call.words, _RUNUSER)
    if taken.has("-u", "--user"):
        return transparent(*(call.runs(words) for words in taken.readings()))
    return _as_user(call, _SU)


def _pkexec(call: Call) -> Unwrapped | None:
    return transparent(*(call.runs(words) for words in walk(call.words, _PKEXEC).readings()))


def _setpriv(call: Call) -> Unwrapped | None:
    taken = walk(call.words, _SETPRIV)
    return transparent(*(call.runs(words) for words in taken.readings()))


def _run0(call: Call) -> Unwrapped | None:
    taken = walk(call.words, _RUN0)
    if not taken.operands:
        return fed_script(call)
    return transparent(*(call.runs(words) for words in taken.readings()))


def _gosu(call: Call) -> Unwrapped | None:
    """`gosu USER command…`: no options."""
    words = call.words
    if len(words) < 2 or words[0].text.startswith("-"):
        return PACKS_JUDGE
    return transparent(call.runs(words[1:]))


def _capsh(call: Call) -> Unwrapped | None:
    """`capsh … -- ARGUMENTS OF BASH`; `==` runs capsh again."""
    for at, one in enumerate(call.words):
        if one.text in ("--", "=="):
            program = word("bash" if one.text == "--" else "capsh", one)
            return transparent(call.runs((program, *call.words[at + 1 :])))
    return PACKS_JUDGE


def _sg(call: Call) -> Unwrapped | None:
    """`sg [-] GROUP [-c] COMMAND`: the command is one text."""
    words = [one for one in call.words if one.text not in ("-", "-c", "-l")]
    return transparent(call.runs_text(words[1:])) if len(words) > 1 else PACKS_JUDGE


def _fakeroot(call: Call) -> Unwrapped | None:
    return transparent(*(call.runs(words) for words in walk(call.words, _FAKEROOT).readings()))


WRAPPERS: Final[dict[str, Handler]] = {
    "sudo": _sudo,
    "dzdo": _sudo,
    "please": _sudo,
    "doas": _doas,
    "su": _su,
    "runuser": _runuser,
    "pkexec": _pkexec,
    "setpriv": _setpriv,
    "run0": _run0,
    "gosu": _gosu,
    "su-exec": _gosu,
    "capsh": _capsh,
    "sg": _sg,
    "fakeroot": _fakeroot,
    "pfexec": _pkexec,
}
