"""Shells as people have them: plain, and with what is put around a prompt and the Enter key.

Where a plugin is no Debian package a stand-in does what it does: bash-preexec's trap on DEBUG between two prompt
commands, starship's prompt made anew and PS0, oh-my-zsh's wrapped accept-line, powerlevel10k's prompt in precmd.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# What bash-preexec does, from its manual: preexec runs before a command line that a person entered, told by the
# trap on DEBUG being reached for the first time behind the last of the prompt's commands; not in a key's function.
PREEXEC = r"""
__bp_interactive=
__bp_precmd() { __bp_last=$?; precmd_said=$__bp_last; }
__bp_interactive_mode() { __bp_interactive=on; }
__bp_in_prompt_command() {
  local one
  for one in "${PROMPT_COMMAND[@]}"; do [[ $1 == "$one" ]] && return 0; done
  return 1
}
__bp_debug() {
  [[ -n ${COMP_POINT:-} || -n ${READLINE_POINT:-} ]] && return
  [[ -n $__bp_interactive ]] || return
  (( BASH_SUBSHELL )) || __bp_interactive=
  if __bp_in_prompt_command "$BASH_COMMAND"; then __bp_interactive=; return; fi
  preexec_said=$(HISTTIMEFORMAT= builtin history 1 | sed '1 s/^ *[0-9][0-9]*[* ] //')
}
trap '__bp_debug "$_"' DEBUG
__bp_install() { PROMPT_COMMAND=(__bp_precmd "${PROMPT_COMMAND[@]:1}" __bp_interactive_mode); }
PROMPT_COMMAND=(__bp_install "${PROMPT_COMMAND[@]}")
"""

STARSHIP = r"""
STARSHIP_TIME=1
starship_started() { printf %s 42; }
starship_precmd() { local status=$?; PS1="[$status] \$ "; }
PROMPT_COMMAND=starship_precmd
PS0='${STARSHIP_TIME:$((STARSHIP_TIME="$(starship_started)",0)):0}'
"""

PLUGINS = """
source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh
source /usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh
"""

OH_MY_ZSH = r"""
wrapped-accept-line() { accepted=$(( ${accepted:-0} + 1 )); zle .accept-line }
zle -N accept-line wrapped-accept-line
autoload -Uz add-zsh-hook
theme_precmd() { PROMPT="[$?] $ " }
add-zsh-hook precmd theme_precmd
theme_preexec() { preexec_said=$1 }
add-zsh-hook preexec theme_preexec
"""

FISH_THEME = r"""
function fish_prompt
    set -l state $status
    printf '[%s]\n$ ' $state
end
function transient; set -g accepted yes; commandline -f execute; end
bind \r transient
"""


@dataclass(frozen=True)
class Form:
    """A shell and what is in its rc file."""

    shell: str
    name: str
    lines: str = ""
    vi: bool = False

    def rc(self, home: Path) -> str:
        """The lines of the rc file."""
        return self.lines.replace("~/", f"{home}/")


FORMS = (
    Form("bash", "plain"),
    Form("bash", "bash-preexec", PREEXEC),
    Form("bash", "starship", STARSHIP),
    Form("bash", "vi", "set -o vi\n", vi=True),
    Form("zsh", "plain"),
    Form("zsh", "autosuggestions and highlighting", PLUGINS),
    Form("zsh", "oh-my-zsh and a theme", OH_MY_ZSH),
    Form("zsh", "vi", "bindkey -v\n", vi=True),
    Form("fish", "plain"),
    Form("fish", "theme and transient prompt", FISH_THEME),
    Form("fish", "vi", "fish_vi_key_bindings\n", vi=True),
)
