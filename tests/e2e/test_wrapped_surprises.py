"""What people do to their shell behind the guard's back, and keys at the wrong moment: a refused line never runs."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.e2e.guarded_shell import CONTROL_C, ShellPerson, victim_in
from tests.e2e.shell_plugins import FISH_THEME, OH_MY_ZSH, PREEXEC, STARSHIP
from tests.e2e.submitting import RM

TURNS = 30
"""How often ^C is pressed while a line is asked about; more of them were tried by hand."""
SHELLS = ("bash", "zsh", "fish")
CHANGES = {
    "bash": r"""
PROMPT_COMMAND=
unset PROMPT_COMMAND
PROMPT_COMMAND=('PS1="\$ "')
PS0=
PS1='$ '
set -o vi
set -o emacs
set +o history
set -o history
HISTCONTROL=ignorespace
set -o noclobber
set -eu
set +eu
set -f
IFS=:
set -x
set +x
set -o posix
set +o posix
shopt -s extglob nullglob
set +H
trap '' INT
trap - INT
alias bind=true builtin=true local=true
unset PS1; PS1='$ '
LC_ALL=C
HISTFILE=/dev/null
TMOUT=
BASH_ENV=/nowhere
cd /tmp && cd -
shopt -u promptvars
readonly REPLY
shopt -s failglob
shopt -s nocasematch
""",
    "zsh": r"""
precmd_functions=()
preexec_functions=()
PROMPT='$ '
bindkey -v
bindkey -e
setopt ksh_arrays
unsetopt ksh_arrays
setopt hist_ignore_space
setopt noclobber
set -u
set +u
setopt no_glob
IFS=:
set -x
set +x
setopt sh_word_split
setopt null_glob
TRAPINT() { return 130 }
unfunction TRAPINT
trap - INT
unsetopt bang_hist
alias -g G='| cat'
emulate sh
emulate zsh
setopt prompt_cr; PROMPT='$ '
setopt err_return
unsetopt err_return
setopt extended_glob
typeset -r REPLY
""",
    "fish": r"""
function fish_prompt; printf '$ '; end
fish_vi_key_bindings
fish_default_key_bindings
set -g IFS :
bind \r execute
bind \n 'commandline -f execute'
bind -e \r
set -e fish_greeting
fish_hybrid_key_bindings
fish_default_key_bindings
function fish_title; echo t; end
bind -e -a
set -g name x line y text z
""",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_whatever_is_changed_the_next_line_is_asked_about(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    with ShellPerson(shell, tmp_path) as person:
        for change in CHANGES[shell].strip("\n").split("\n"):
            person.does(change)
            person.asks(f"{RM}\r")
            person.says_no()
            person.has(RM)
            person.drops()
            assert victim.exists(), f"behind {change!r} it was deleted all the same"
        assert "GUARDED" in person.cursor_line


@pytest.mark.parametrize("shell", SHELLS)
def test_lines_typed_ahead_run_in_order(shell: str, tmp_path: Path) -> None:
    with ShellPerson(shell, tmp_path) as person:
        person.runs(
            "echo on''e\recho tw''o\recho thre''e\r",
            r"one\r?\n(.*\r?\n)*(.*\r)?two\r?\n(.*\r?\n)*(.*\r)?three",
        )


@pytest.mark.parametrize("shell", SHELLS)
def test_what_was_typed_behind_a_refused_line_is_forgotten(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    with ShellPerson(shell, tmp_path) as person:
        person.asks(f"{RM}\recho AFTER >after\recho HALF")
        person.says_no()

        person.keeps(RM)
        assert victim.exists()
        assert not (tmp_path / "after").exists()
        assert "HALF" not in person.text


@pytest.mark.parametrize("shell", SHELLS)
def test_what_was_typed_behind_a_line_that_is_asked_about_is_no_answer(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    host = (Path("/proc/sys/kernel/hostname").read_text()).strip()
    with ShellPerson(shell, tmp_path) as person:
        person.asks(f"{RM}\r{host}\r")
        person.look(0.2)
        assert victim.exists()
        person.press(CONTROL_C)
        person.keeps(RM)
        assert victim.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_refused_line_never_runs_whenever_control_c_is_pressed(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    chance = random.Random(20)
    with ShellPerson(shell, tmp_path) as person:
        for turn in range(TURNS):
            person.press(f"{RM}\r")
            until = time.monotonic() + chance.random() * (0.03 if turn % 3 else 0.15)
            person.look(max(until - time.monotonic(), 0.0))
            person.drops(patience=0.15)
            assert victim.exists(), f"turn {turn}: it was deleted"
        person.does("true")
        person.asks(f"{RM}\r")
        person.says_no()
        assert victim.exists()


def test_preexec_and_precmd_of_plugins_hear_of_each_line_that_runs(tmp_path: Path) -> None:
    with ShellPerson("bash", tmp_path, rc=PREEXEC) as person:
        person.does("echo told")
        person.runs('echo "<$preexec_said>"\r', '<echo "<.preexec_said>">')
        person.asks(f"{RM} no-such\r")
        person.says_no()
        person.drops()
        person.runs("(exit 3); echo e''nd\r", "end")
        person.runs('(exit 3)\recho "<$precmd_said>"\r', "<3>")


def test_a_prompt_that_is_made_anew_keeps_its_status_and_the_badge(tmp_path: Path) -> None:
    with ShellPerson("bash", tmp_path, rc=STARSHIP) as person:
        person.press("(exit 3)\r")
        person.sees("GUARDED [3] $")
        person.runs('echo "<${#STARSHIP_TIME}>"\r', "<2>")


def test_a_wrapped_accept_line_and_a_theme_keep_their_part(tmp_path: Path) -> None:
    with ShellPerson("zsh", tmp_path, rc=OH_MY_ZSH) as person:
        person.press("(exit 3)\r")
        person.sees("GUARDED [3] $")
        person.runs('echo "<$accepted> <$preexec_said>"\r', '<2> <echo "<.accepted> <.preexec_said>">')


def test_a_function_of_ones_own_on_enter_runs_once_the_line_may(tmp_path: Path) -> None:
    with ShellPerson("fish", tmp_path, rc=FISH_THEME) as person:
        person.does("true")
        person.runs('echo "<$accepted>"\r', "<yes>")


def test_a_program_that_reads_a_line_with_the_shells_editor_is_not_judged(tmp_path: Path) -> None:
    with ShellPerson("bash", tmp_path, rc="ask() { read -e -p 'what? ' got; echo \"<$got>\"; }\n") as person:
        person.press("ask\r")
        person.sees("what?")
        person.runs(f"{RM}\r", f"<{RM}>")
