"""What is allowed leaves no trace of the guard: the same keys in a bare shell and in a guarded one, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.guarded_shell import HISTORY, ShellPerson

PROBE = {
    "bash": 'echo "$? <$_> ${PIPESTATUS[*]} $- $#" >>said',
    "zsh": 'echo "$? <$_> $pipestatus $- $#" >>said',
    "fish": 'echo "$status $pipestatus" >>said',
}
NEXT = " ⏎ "
"""Stands for Enter within a command of several lines."""

LINES = {
    "bash": r"""
true a b
false
(exit 3)
false | true | (exit 4)
nothing-of-this-name 2>/dev/null
REPLY=mine line=x text=y name=z status=7 id=9
echo "$REPLY $line $text $name $status $id" >>said
[[ abc =~ b(.) ]]
echo "${BASH_REMATCH[*]}" >>said
set -- one two
shift
RANDOM=42
echo $RANDOM $RANDOM >>said
SECONDS=0
echo $SECONDS $BASH_SUBSHELL >>said
x=(1 2 3)
echo "${x[@]}" >>said
cd /
cd - >/dev/null
echo "$OLDPWD" >>said
!!
^said^said^
!nothing-like-this
echo one two
echo !$ >>said
for i in 1 2 ⏎ do ⏎ echo $i >>said ⏎ done
cat >>said <<E ⏎ body !! ⏎ E
echo "a ⏎ b" >>said
HISTCONTROL=ignorespace
 echo hidden >>said
echo again
echo again
set +o history
echo unseen >>said
set -o history
set -u
echo ${x[1]} >>said
set +u
set -f
echo * >>said
set +f
IFS=:
v=a:b; echo $v >>said
unset IFS
set -o noclobber
echo over >|said2
set +o noclobber
trap 'echo trapped >>said' INT
trap -p INT >>said
trap - INT
trap 'echo err >>said' ERR
false
trap - ERR
shopt -s nullglob failglob nocasematch
echo ok >>said
shopt -u nullglob failglob nocasematch
alias ll='echo listed >>said'
ll
f() { echo called $1 >>said; return 5; }
f x
type f >>said
set -o vi
echo in vi >>said
set -o emacs
umask >>said
ulimit -n >>said
jobs >>said
bash -c 'exit 6'
sh -c 'kill -9 $$'
echo $LINENO >/dev/null
{ echo a; echo b; } >>said
echo $(echo sub) >>said
read -r got <said
echo "$got" >>said
eval 'echo evaluated >>said'
true &
wait
PROMPT_COMMAND=
echo still >>said
PS1='$ '
PS0=
echo still >>said
bind '"\C-m": accept-line'
echo bound >>said
""",
    "zsh": r"""
true a b
false
(exit 3)
false | true | (exit 4)
nothing-of-this-name 2>/dev/null
REPLY=mine line=x text=y name=z state=7 id=9
echo "$REPLY $line $text $name $state $id" >>said
[[ abc =~ "b(.)" ]]
echo "$match $MATCH" >>said
set -- one two
shift
RANDOM=42
echo $RANDOM $RANDOM >>said
SECONDS=0
x=(1 2 3)
echo "${x[@]} $x[2]" >>said
cd /
cd - >/dev/null
echo "$OLDPWD" >>said
echo one two
echo !$ >>said
for i in 1 2 ⏎ do ⏎ echo $i >>said ⏎ done
cat >>said <<E ⏎ body ⏎ E
echo "a ⏎ b" >>said
setopt hist_ignore_space
 echo hidden >>said
echo again
echo again
set -u
echo ${x[1]} >>said
set +u
setopt ksh_arrays sh_word_split
echo ${x[0]} >>said
unsetopt ksh_arrays sh_word_split
IFS=:
v=a:b; echo ${=v} >>said
unset IFS
IFS=$' \t\n'
setopt noclobber
echo over >|said2
unsetopt noclobber
trap 'echo trapped >>said' INT
trap >>said
trap - INT
TRAPINT() { echo trapped; return 130 }
which TRAPINT >>said
unfunction TRAPINT
alias ll='echo listed >>said'
ll
alias -g G='| cat >>said'
echo global G
f() { echo called $1 >>said; return 5; }
f x
which f >>said
bindkey -v
echo in vi >>said
bindkey -e
umask >>said
jobs >>said
bash -c 'exit 6'
sh -c 'kill -9 $$'
{ echo a; echo b; } >>said
read -r got <said
echo "$got" >>said
eval 'echo evaluated >>said'
true &
wait
precmd_functions=()
echo still >>said
PROMPT='$ '
preexec_functions=()
echo still >>said
setopt extended_glob null_glob
echo *(.N) >>said
""",
    "fish": r"""
true a b
false
sh -c 'exit 3'
false | true | sh -c 'exit 4'
set -g line x; set -g text y; set -g name z
echo "$line $text $name" >>said
set x 1 2 3
echo $x[2] (count $x) >>said
cd /
cd -
echo "$PWD" >>said
echo one two
for i in 1 2 ⏎ echo $i >>said ⏎ end
begin ⏎ echo in >>said ⏎ end
echo "a ⏎ b" >>said
 echo hidden >>said
echo again
echo again
alias ll 'echo listed >>said'
ll
function f; echo called $argv >>said; return 5; end
f x
fish_vi_key_bindings
echo in vi >>said
fish_default_key_bindings
umask >>said
jobs >>said
bash -c 'exit 6'
echo (echo sub) >>said
read got <said
echo "$got" >>said
eval 'echo evaluated >>said'
echo $history[2] >>said
if true ⏎ echo yes >>said ⏎ end
set -e x
echo (count $x) >>said
""",
}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_allowed_lines_leave_the_same_state_output_and_history(shell: str, tmp_path: Path) -> None:
    bare = transcript(shell, tmp_path, guarded=False)
    guarded = transcript(shell, tmp_path, guarded=True)

    assert guarded.said == bare.said
    assert guarded.history == bare.history
    assert guarded.status == bare.status == 7


@dataclass(frozen=True)
class Transcript:
    """What the lines have written, the history that they leave, and the session's exit status."""

    said: list[str]
    history: list[str]
    status: int


def transcript(shell: str, folder: Path, *, guarded: bool) -> Transcript:
    """Run all lines, each followed by the probe."""
    # The same home for both: what they write has its name in it.
    home, apart = folder / "home", folder / f"home-{guarded}"
    home.mkdir()
    with ShellPerson(shell, home, guarded=guarded) as person:
        for line in LINES[shell].strip("\n").split("\n"):
            typed(person, line)
            typed(person, PROBE[shell])
        person.press("exit 7\r")
        status = person.ended()
    said, history = (home / "said").read_text(), (home / HISTORY[shell]).read_text()
    home.rename(apart)
    entries = history.split("\n- cmd: ")
    if shell == "fish":
        # fish writes an entry again now and then, and when: only the last of each is kept.
        entries = [entry.partition("\n  when: ")[0] for entry in entries]
        entries = list(dict.fromkeys(reversed(entries)))
    return Transcript(said.split("\n"), entries, status)


def typed(person: ShellPerson, line: str) -> None:
    """Submit a line, each of its own lines at the prompt for it, and wait for the next prompt."""
    for part in line.split(NEXT):
        person.press(part)
        person.wait_until(lambda: person.left[-10:].endswith(part[-10:]), "the echo")  # noqa: B023 - at once
        since = len(person.output)
        person.press("\r")
        person.wait_until(lambda: b"\n" in person.output[since:], "the end of the line")  # noqa: B023 - at once
    person.wait_until(lambda: person.left.endswith("$ "), "the prompt")
