# The hook's second half for bash before 4.4 (macOS ships 3.2), which has no PS0 and no keys that see the line.
#
# One net only: a trap on DEBUG, which skips a command when extdebug is on. Before a line's first command the whole
# line is asked about, as the history has it; refused, all of its commands are skipped, and the line stands in the
# history. A trap can't hold the redirection of a group (`{ …; } >file` empties the file first), and without the
# history it sees single commands only: the prompt does not say GUARDED then.

__safeshell_verdict=       # of the line that runs: run, no; empty before its first command
__safeshell_busy=1         # a prompt is being made: nothing of the person's runs
__safeshell_history=       # the history's number at the prompt
__safeshell_told=()

__safeshell_facts_of() {
  local name value
  for name; do
    [[ $name == __safeshell_* || $name == safeshell || " ${__safeshell_told[*]-} " == *" $name "* ]] && continue
    __safeshell_told+=("$name")
    if value=$(builtin alias -- "$name" 2>/dev/null); then
      builtin eval "value=${value#*=}"
      found+=(a "$name" "$value")
    fi
    if [[ $name == [A-Za-z_]* && $name != *[!A-Za-z0-9_]* && $name != RANDOM ]]; then
      value=$(builtin declare -p "$name" 2>/dev/null)
      case $value in
        'declare -a'*|'declare -A'*) ;;
        *) if [[ ${!name+set} ]]; then found+=(v "$name" "${!name}"); else found+=(u "$name" ''); fi ;;
      esac
    fi
    if builtin declare -F -- "$name" >/dev/null; then
      value=$(builtin declare -f -- "$name")
      found+=(f "$name" "$value")
    fi
  done
}

# Before every simple command; what it returns says whether that runs. The word is $_, left as it was.
__safeshell_debug() {
  local __safeshell_reply entry
  [[ $__safeshell_busy || $BASH_COMMAND == __safeshell_* || ${COMP_LINE+x} || ${READLINE_LINE+x} ]] && return 0
  if [[ ! $__safeshell_verdict ]]; then
    __safeshell_options=$-:$SHELLOPTS:${BASHOPTS-}
    entry=$(HISTTIMEFORMAT= builtin history 1)
    entry=${entry#"${entry%%[! ]*}"}
    if [[ -o history && ${entry%%[!0-9]*} != "$__safeshell_history" ]]; then
      entry=${entry#"${entry%%[!0-9]*}"}
      entry=${entry#\*}
      __safeshell_judge line "${entry#"${entry%%[! ]*}"}"
    else
      __safeshell_judge command "$BASH_COMMAND"
      [[ $__safeshell_verdict == run ]] && { __safeshell_verdict=; return 0; }
    fi
  fi
  [[ $__safeshell_verdict == run ]]
}

# The sides of a pipe may get here at once, and one pipe brings the answers: the first one asks for all of a line.
__safeshell_judge() {
  local __safeshell_reply said=$__safeshell_folder/said.$$
  __safeshell_verdict=no
  until command mkdir "$said" 2>/dev/null; do
    [[ -e $said/run ]] && { __safeshell_verdict=run; return; }
    [[ -e $said/no ]] && return
    command sleep 0.05
  done
  __safeshell_ask net "$2" && [[ $__safeshell_reply == run* ]] && __safeshell_verdict=run
  if [[ $1 == line ]]; then builtin printf '' >|"$said/$__safeshell_verdict"; else command rmdir "$said"; fi
}

__safeshell_begin() {
  local status=$?
  __safeshell_busy=1
  return $status
}

__safeshell_prompt() {
  local status=$? __safeshell_reply
  __safeshell_options=$-:$SHELLOPTS:${BASHOPTS-}
  __safeshell_verdict=
  [[ -d $__safeshell_folder/said.$$ ]] && command rm -rf "$__safeshell_folder/said.$$"
  builtin shopt -s extdebug
  __safeshell_trap
  if ! __safeshell_ask prompt "$status"; then
    __safeshell_reply=' [UNGUARDED]'
  elif [[ $__safeshell_reply == leave ]]; then
    builtin exit 0 2>/dev/null
  elif ! [[ -o history ]]; then
    __safeshell_reply=${__safeshell_reply//GUARDED/UNGUARDED}
  fi
  __safeshell_marker_is "${__safeshell_reply#ok}"
  __safeshell_reply=$(HISTTIMEFORMAT= builtin history 1)
  __safeshell_reply=${__safeshell_reply#"${__safeshell_reply%%[! ]*}"}
  __safeshell_history=${__safeshell_reply%%[!0-9]*}
  __safeshell_busy=
  return $status
}

# Ours is the last word of the trap, since its status counts.
__safeshell_trap() {
  local own=
  own=$(builtin trap -p DEBUG)
  [[ $own == *__safeshell_debug* ]] && return
  own=${own#*trap -- }
  builtin eval "own=${own%DEBUG}"
  [[ $own ]] && own="[[ \$__safeshell_busy ]] || { $own"$'\n'"}"$'\n'
  builtin trap "${own}__safeshell_debug \"\$_\"" DEBUG
}

PROMPT_COMMAND=__safeshell_begin${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
__safeshell_last_at_prompt
__safeshell_greet
builtin shopt -s extdebug
__safeshell_trap
