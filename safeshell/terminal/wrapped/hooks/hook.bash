# safeshell's half inside bash: every line goes to the guard when Enter is pressed, and waits for its word.
#
# Sourced at the end of the session's rc file, behind the way to the guard (pipes.bash, or what a remote shell has
# instead: __safeshell_reaches, __safeshell_put, __safeshell_hear). That file has set __safeshell_secret,
# __safeshell_word (what the guard's answers begin with), __safeshell_names (variables that say where a command would
# act) and __safeshell_program. Two nets: the Enter key, which keeps a refused line for editing; and PS0,
# expanded between reading a command and running it, for whatever came past the key. Nothing here is exported.
# Up to the middle this is for every bash; old ones have one net only, in old.bash.

__safeshell_sequence=0
__safeshell_front= __safeshell_behind=
__safeshell_options=$-:$SHELLOPTS:${BASHOPTS-}

# __safeshell_ask KIND TEXT: 0 with the answer in __safeshell_reply; anything else is no answer, which is no.
__safeshell_ask() {
  local IFS=$' \t\n' LC_ALL=C id
  local -a found
  found=()
  __safeshell_reply=
  __safeshell_reaches || return 1
  __safeshell_sequence=$((__safeshell_sequence + 1))
  id=${BASHPID:-$$}.$__safeshell_sequence
  case $1 in
    line|net) __safeshell_facts "$2" >/dev/null ;;
    meta) [[ $2 == unlock* ]] && __safeshell_leaving ;;
    hello) [[ ${HISTFILE-} ]] && found=(v HISTFILE "$HISTFILE") ;;
  esac
  __safeshell_put "$id" "$1" "$$" "$EUID" "$PWD" "$__safeshell_options" "$2" ${found[@]+"${found[@]}"} .
  __safeshell_hear "$id"
}

# __safeshell_more ID NAMES: the guard wants to know what these names mean before it answers.
__safeshell_more() {
  found=() __safeshell_told=()
  __safeshell_facts_of $2 >/dev/null
  __safeshell_put "$1" more "$$" "$EUID" "$PWD" "" "" ${found[@]+"${found[@]}"} .
}

# What the names of a line mean here: variables, aliases, functions. Put into `found` as triples; nothing is run.
__safeshell_facts() {
  local text=$1 name
  __safeshell_told=()
  for name in $__safeshell_names; do
    [[ ${!name+set} ]] && found+=(x "$name" "${!name}")
  done
  __safeshell_facts_of ${text//[^A-Za-z0-9_.:+@-]/ }
}

# A shell that may write is about to be opened in front of this one: it gets what is exported, and the history.
__safeshell_leaving() {
  local name
  for name in $(builtin compgen -e); do found+=(x "$name" "${!name-}"); done
  [[ -o history ]] && builtin history -a 2>/dev/null
}

# The answer to the greeting: in a session that the kernel holds, a copy of the history that may be written.
__safeshell_greet() {
  local __safeshell_reply
  __safeshell_ask hello "bash $BASH_VERSION"
  [[ $__safeshell_reply == 'ok /'* ]] && HISTFILE=${__safeshell_reply#ok }
  return 0
}

# A prompt that is made anew each time (starship, PROMPT_COMMAND) has no marks of ours; a plain one has the last.
__safeshell_marker_is() {
  local front=${1%%$'\x1f'*} behind=
  [[ $1 == *$'\x1f'* ]] && behind=${1#*$'\x1f'}
  front=${front# }
  [[ $front ]] && front+=' '
  PS1=${PS1-}
  [[ $__safeshell_front && $PS1 == "$__safeshell_front"* ]] && PS1=${PS1#"$__safeshell_front"}
  [[ $__safeshell_behind && $PS1 == *"$__safeshell_behind" ]] && PS1=${PS1%"$__safeshell_behind"}
  __safeshell_front=$front __safeshell_behind=$behind
  PS1=$front$PS1$behind
}

# Behind everything else that makes a prompt, so that nothing paints over the marks; bash-preexec has to stay last.
__safeshell_last_at_prompt() {
  local last=
  if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501 )); then
    [[ ${PROMPT_COMMAND-} == *__safeshell_prompt* ]] ||
      PROMPT_COMMAND=${PROMPT_COMMAND:+${PROMPT_COMMAND%;}$'\n'}__safeshell_prompt
    return 0
  fi
  local -a all=("${PROMPT_COMMAND[@]}")
  [[ ${all[*]: -1} == __bp_interactive_mode ]] && { last=${all[*]: -1}; builtin unset -v 'all[-1]'; }
  [[ ${all[*]: -1} == __safeshell_prompt ]] && return
  local one
  PROMPT_COMMAND=()
  for one in "${all[@]}"; do [[ $one == __safeshell_prompt ]] || PROMPT_COMMAND+=("$one"); done
  PROMPT_COMMAND+=(__safeshell_prompt $last)
}

# A shell inside of this one gets the hook as well: the guard prepares it and says how it is started.
__safeshell_nest() {
  local IFS=$'\x1f' __safeshell_reply words
  if [[ -t 0 && -t 1 ]] && __safeshell_ask nest "$*" && [[ $__safeshell_reply == 'ok '?* ]]; then
    IFS=$'\x1f' builtin read -r -a words <<<"${__safeshell_reply#ok }"
    command "${words[@]}"
  else
    command "$@"
  fi
}

for __safeshell_shell in bash zsh fish sudo su; do
  builtin declare -F "$__safeshell_shell" >/dev/null ||
    builtin eval "$__safeshell_shell() { __safeshell_nest $__safeshell_shell \"\$@\"; }"
done
builtin unset -v __safeshell_shell

if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404 )) || [[ ${__safeshell_old-} ]]; then
  builtin . "${BASH_SOURCE[0]%/*}/old.bash"
  return
fi

# From here on bash 4.4 or later.

__safeshell_before=            # the lines of an unfinished command
__safeshell_many=0             # 1 while what was let through is of several lines, whose commands come one by one
__safeshell_number='\!'        # expanded as a prompt is: the number that the next command has in the history
__safeshell_history=           # that number at the prompt
__safeshell_interrupt=         # the person's own trap on SIGINT, put aside while the prompt waits
__safeshell_passed=0           # 1 from the key's yes to the command
declare -a __safeshell_seen=([1]='') __safeshell_none=()
declare -A __safeshell_told=()
# The first part makes a child only where the key has not let the line through; the second sets that back.
__safeshell_ps0='${__safeshell_seen[__safeshell_passed]-$(__safeshell_net)}'
__safeshell_ps0+='${__safeshell_none[__safeshell_passed=__safeshell_many]-}'

__safeshell_facts_of() {
  local name
  for name; do
    [[ ${__safeshell_told[$name]+told} || $name == __safeshell_* || $name == safeshell ]] && continue
    __safeshell_told[$name]=1
    [[ ${BASH_ALIASES[$name]+set} ]] && found+=(a "$name" "${BASH_ALIASES[$name]}")
    case $name in
      [A-Za-z_]*)
        # To look at a random number takes it away.
        [[ $name == *[!A-Za-z0-9_]* || $name == *RANDOM ]] || __safeshell_variable "$name" ;;
    esac
    builtin declare -F -- "$name" && found+=(f "$name" "$(builtin declare -f -- "$name")")
  done
}

# A variable's value; of a list of several only that it is there, since "$x" and "${x[@]}" differ.
__safeshell_variable() {
  local -n __safeshell_meant=$1
  local indices=${!__safeshell_meant[*]}
  if [[ ! $indices ]]; then
    found+=(u "$1" '')
  elif [[ $indices == 0 ]]; then
    found+=(v "$1" "$__safeshell_meant")
  fi
}

# The Enter key, first half: ask, and bind the second half to what is to become of the line.
# The third word is $_, which is what it was again when this has run.
__safeshell_enter() {
  { local - __safeshell_reply status=$? __safeshell_options=$-:$SHELLOPTS:$BASHOPTS; set -f +eux; } 2>/dev/null
  # Behind `read -e` in a function or a file: that is no command.
  if (( ${#FUNCNAME[@]} > 1 )); then builtin bind -m "$1" "\"\\e[777;2~\": accept-line"; return 0; fi
  builtin bind -m "$1" '"\e[777;2~": redraw-current-line'
  __safeshell_passed=0 __safeshell_many=0
  local text=$READLINE_LINE judged=1 signs=${histchars-'!^'}
  if [[ -o histexpand && ( $text == *"${signs:0:1}"* || $text == "${signs:1:1}"* ) ]]; then
    if ! text=$(__safeshell_expanded "$text" 2>/dev/null); then
      # bash says what is wrong with it, and runs nothing.
      builtin bind -m "$1" "\"\\e[777;2~\": $2"
      return 0
    fi
    # What is quoted by an earlier line is seen by the shell alone: the second net reads it from the history.
    [[ $__safeshell_before ]] && judged=0
  fi
  text=$__safeshell_before$text
  if [[ $text == *[![:space:]]* ]]; then
    __safeshell_ask line "$text" || __safeshell_reply=lost
    case $__safeshell_reply in
      run*) __safeshell_let_through "$text" "$judged" ;;
      more*) ;;
      lost)
        if __safeshell_is_leaving "$text"; then
          __safeshell_let_through "$text" 1
        else
          builtin printf '%s\n' "safeshell: the guard does not answer; nothing was run. Leave with exit or ^D." >&2
          return 0
        fi ;;
      *) return 0 ;;
    esac
  fi
  __safeshell_before=$text$'\n'
  builtin bind -m "$1" "\"\\e[777;2~\": $2"
  return 0
}

# A shell whose guard is gone can be left; nothing else is done in it.
__safeshell_is_leaving() {
  [[ $1 =~ ^[[:blank:]]*(exit|logout)([[:blank:]]+[0-9]+)?[[:blank:]]*$ ]]
}

__safeshell_let_through() {
  __safeshell_passed=$2
  [[ $1 == *$'\n'* ]] && __safeshell_many=1
  if [[ $__safeshell_interrupt ]]; then
    builtin eval "$__safeshell_interrupt"
    __safeshell_interrupt=
  fi
  __safeshell_hold
  __safeshell_last_at_prompt
}

__safeshell_hold() {
  if ! builtin shopt -q promptvars; then
    PS0=${PS0-}
    PS0=${PS0//"$__safeshell_ps0"}
    [[ $PS0 ]] || builtin unset -v PS0   # bash 5.2 shows rubbish for an empty one
  elif [[ ${PS0-} != *"$__safeshell_ps0"* ]]; then
    PS0=${PS0-}$__safeshell_ps0
  fi
}

# The line with its history expanded. `history -p` takes the newest entry for its own line and drops it first, and
# `history -s` does the same once: pushed again, the newest entry is where it was.
__safeshell_expanded() {
  local newest number=${__safeshell_number@P}
  newest=$(__safeshell_newest)
  if [[ $newest ]]; then
    builtin history -s -- "$newest"
    [[ ${__safeshell_number@P} == "$number" ]] || builtin history -d "$number"
  fi
  builtin history -p -- "$1"
}

__safeshell_newest() {
  local entry
  entry=$(HISTTIMEFORMAT= builtin history 1)
  entry=${entry#"${entry%%[![:space:]]*}"}
  entry=${entry#"${entry%%[!0-9]*}"}
  entry=${entry#\*}
  builtin printf '%s' "${entry#"${entry%%[![:space:]]*}"}"
}

# What came past the key (a macro, a completion plugin, a key bound anew): bash has read it, and waits for PS0.
# This runs in a child; what it refuses is cancelled by interrupting the shell, which drops the command it has read.
__safeshell_net() {
  { local - __safeshell_reply entry= __safeshell_options=$-:$SHELLOPTS:$BASHOPTS; set -f +eux; } 2>/dev/null
  # Where the history's number is what it was at the prompt, the command is not in it: nobody can say what it is.
  [[ -o history && ${__safeshell_number@P} != "$__safeshell_history" ]] && entry=$(__safeshell_newest)
  __safeshell_ask net "$entry" && [[ $__safeshell_reply == run* ]] && return
  builtin kill -INT $$
}

# At every prompt: the guard hears how the last line ended and where we are, and says what the prompt is to show.
__safeshell_prompt() {
  { local - __safeshell_reply status=$? __safeshell_options=$-:$SHELLOPTS:$BASHOPTS; set -f +eux; } 2>/dev/null
  __safeshell_before=
  __safeshell_passed=0 __safeshell_many=0
  __safeshell_ask prompt "$status" || __safeshell_reply=' [UNGUARDED]'
  [[ $__safeshell_reply == leave ]] && builtin exit 0 2>/dev/null
  # Without this option PS0 is no more than a text, and there is no second net.
  builtin shopt -q promptvars || __safeshell_reply=${__safeshell_reply//GUARDED/UNGUARDED}
  __safeshell_marker_is "${__safeshell_reply#ok}"
  __safeshell_hold
  __safeshell_history=${__safeshell_number@P}
  __safeshell_put_interrupt_aside
  # A non-zero status of ours would set off the person's trap on ERR; later ones put $? back by themselves.
  (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501 )) && return $status
  return 0
}

# A trapped interrupt would not drop a command that the second net refuses.
__safeshell_put_interrupt_aside() {
  local trap
  trap=$(builtin trap -p INT)
  if [[ $trap ]]; then
    __safeshell_interrupt=$trap
    builtin trap - INT
  fi
}

# The editor's keys that would run a text unseen: the text comes back to the line instead, and goes through Enter.
__safeshell_edit() {
  local file
  file=$(command mktemp "${TMPDIR:-/tmp}/safeshell-line.XXXXXX") || return
  builtin printf '%s\n' "$READLINE_LINE" >|"$file"
  ${VISUAL:-${EDITOR:-vi}} "$file" </dev/tty >/dev/tty
  READLINE_LINE=$(<"$file"); READLINE_POINT=${#READLINE_LINE}
  command rm -f -- "$file"
}

# `fc` runs what its editor leaves behind, past key and net alike: the guard is asked as a part of that editor.
fc() {
  local __safeshell_editor=${FCEDIT:-${EDITOR:-vi}} __safeshell_changes=() word
  local -a rest=()
  case ${1-} in
    -e) __safeshell_editor=${2-} ;;
    -e*) __safeshell_editor=${1#-e} ;;
    -s|-[!elnr]*) ;;
    -*l*) builtin fc "$@"; return ;;
  esac
  if [[ ${1-} == -s || $__safeshell_editor == - ]]; then
    __safeshell_editor=
    for word in "${@:2}"; do
      case $word in
        -) ;;
        *=*) __safeshell_changes+=("$word") ;;
        *) rest+=("$word") ;;
      esac
    done
    builtin fc -e __safeshell_fc_edit "${rest[@]:--1}" "${rest[@]:--1}"
    return
  fi
  case ${1-} in -e) set -- "${@:3}" ;; -e*) set -- "${@:2}" ;; esac
  builtin fc -e __safeshell_fc_edit "$@"
}

__safeshell_fc_edit() {
  local __safeshell_reply text change __safeshell_options=$-:$SHELLOPTS:$BASHOPTS
  if [[ $__safeshell_editor ]]; then
    builtin eval "$__safeshell_editor \"\$1\"" || return
  else
    text=$(<"$1")
    for change in "${__safeshell_changes[@]}"; do text=${text//"${change%%=*}"/"${change#*=}"}; done
    builtin printf '%s\n' "$text" >|"$1"
  fi
  text=$(<"$1")
  __safeshell_ask net "$text" && [[ $__safeshell_reply == run* ]]
}

__safeshell_bind() {
  local map macros
  macros=$(builtin bind -s)
  for map in emacs-standard vi-insert vi-command; do
    builtin bind -m $map '"\e[777;2~": redraw-current-line'
    builtin bind -m $map -x "\"\\e[777;1~\": __safeshell_enter $map accept-line \"\$_\""
    # A macro of the person's own on Enter ends in the other key, or is held by the second net.
    [[ $macros == *'"\C-m": '* ]] || builtin bind -m $map '"\C-m": "\e[777;1~\e[777;2~"'
    [[ $macros == *'"\C-j": '* ]] || builtin bind -m $map '"\C-j": "\e[777;1~\e[777;2~"'
  done
  builtin bind -m emacs-standard -x '"\e[777;3~": __safeshell_enter emacs-standard operate-and-get-next "$_"'
  builtin bind -m emacs-standard '"\C-o": "\e[777;3~\e[777;2~"'
  builtin bind -m emacs-standard -x '"\C-x\C-e": __safeshell_edit'
  builtin bind -m vi-command -x '"v": __safeshell_edit'
}

__safeshell_bind 2>/dev/null
__safeshell_last_at_prompt
__safeshell_greet
