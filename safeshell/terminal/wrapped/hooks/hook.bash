# safeshell's half inside bash: every line goes to the guard when Enter is pressed, and waits for its word.
#
# Sourced at the end of the session's rc file, which has set __safeshell_secret, __safeshell_word (what the guard's
# answers begin with), __safeshell_folder (with the two pipes) and __safeshell_names (variables that say where
# a command would act). Two nets: the Enter key, which keeps a refused line for editing; and PS0, expanded
# between reading a command and running it, for whatever came past the key. Nothing here is exported.

__safeshell_sequence=0
__safeshell_before=          # the lines of an unfinished command
__safeshell_front= __safeshell_behind=
__safeshell_number='\!'        # expanded as a prompt is: the number that the next command has in the history
__safeshell_history=
declare -A __safeshell_told=()

# __safeshell_ask KIND TEXT: 0 with the answer in REPLY; anything else means that there is no answer, which is no.
__safeshell_ask() {
  local IFS=$' \t\n' LC_ALL=C
  local -a found=()
  REPLY=
  [[ -p $__safeshell_folder/ask && -p $__safeshell_folder/answer ]] || return 1
  (( __safeshell_sequence += 1 ))
  local id=$BASHPID.$__safeshell_sequence
  [[ $1 == line || $1 == net ]] && __safeshell_facts "$2" >/dev/null
  # One write, so that the guard is woken once.
  builtin printf '%s\0' "$__safeshell_secret" "$id" "$1" "$$" "$EUID" "$PWD" "$-:$SHELLOPTS:$BASHOPTS" "$2" \
    "${found[@]}" . 1<>"$__safeshell_folder/ask" 2>/dev/null
  __safeshell_hear "$id"
}

# No time limit: when the guard ends, so does this terminal. (A limit makes bash ask the clock for every letter.)
__safeshell_hear() {
  local line
  while IFS= builtin read -r line; do
    case $line in
      "$__safeshell_word $1 need "*)
        found=() __safeshell_told=()
        __safeshell_facts_of ${line#"$__safeshell_word $1 need "} >/dev/null
        builtin printf '%s\0' "$__safeshell_secret" "$1" more "$$" "$EUID" "$PWD" "" "" "${found[@]}" . \
          1<>"$__safeshell_folder/ask" 2>/dev/null
        ;;
      "$__safeshell_word $1 "*) REPLY=${line#"$__safeshell_word $1 "}; return 0 ;;
    esac
  done <"$__safeshell_folder/answer"
  return 1
}

# What the names of a line mean here: variables, aliases, functions. Put into `found` as triples; nothing is run.
__safeshell_facts() {
  local text=$1 name
  __safeshell_told=()
  for name in $__safeshell_names; do
    [[ ${!name+set} ]] && found+=(x "$name" "${!name}")
  done
  set -f
  __safeshell_facts_of ${text//[^A-Za-z0-9_.:+@-]/ }
  [[ $__safeshell_flags == *f* ]] || set +f
}

__safeshell_facts_of() {
  local name
  for name; do
    [[ ${__safeshell_told[$name]+told} || $name == __safeshell_* || $name == safeshell ]] && continue
    __safeshell_told[$name]=1
    [[ ${BASH_ALIASES[$name]+set} ]] && found+=(a "$name" "${BASH_ALIASES[$name]}")
    case $name in
      [A-Za-z_]*)
        [[ $name == *[!A-Za-z0-9_]* ]] || __safeshell_variable "$name" ;;
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

# The Enter key, first half: ask, and say with __safeshell_do what the second half is to do.
__safeshell_enter() {
  local __safeshell_flags=$- status=$?
  builtin bind -m "$1" "\"\\e[777;2~\": redraw-current-line"
  unset -v __safeshell_passed
  local text=$READLINE_LINE
  if [[ $- == *H* && $text == *'!'* ]]; then
    text=$(builtin history -p -- "$text" 2>/dev/null) || text=$READLINE_LINE
  fi
  text=$__safeshell_before$text
  if [[ $text == *[![:space:]]* ]]; then
    __safeshell_ask line "$text" || REPLY=lost
    case $REPLY in
      run*) __safeshell_passed= ;;
      more*) ;;
      lost) builtin printf '%s\n' "safeshell: the guard does not answer; nothing was run. Leave with ^D." >&2; return $status ;;
      *) return $status ;;
    esac
  fi
  __safeshell_before=$text$'\n'
  builtin bind -m "$1" "\"\\e[777;2~\": $2"
  return $status
}

# What came past the key (a macro, edit-and-execute-command, a completion plugin): bash has read it, and waits for PS0.
# This runs in a child; what it refuses is cancelled by interrupting the shell, which drops the command it has read.
__safeshell_net() {
  local __safeshell_flags=$- entry=
  # Where the history's number is what it was at the prompt, the command is not in it: nobody can say what it is.
  if [[ -o history && ${__safeshell_number@P} != "$__safeshell_history" ]]; then
    entry=$(HISTTIMEFORMAT= builtin history 1)
    entry=${entry#"${entry%%[![:space:]]*}"}
    entry=${entry#"${entry%%[!0-9]*}"}
    entry=${entry#\*}
    entry=${entry#"${entry%%[![:space:]]*}"}
  fi
  __safeshell_ask net "$entry" && [[ $REPLY == run* ]] && return
  builtin kill -INT $$
}

# At every prompt: the guard hears how the last line ended and where we are, and says what the prompt is to show.
__safeshell_prompt() {
  local status=$? __safeshell_flags=$-
  unset -v __safeshell_passed
  __safeshell_before=
  if __safeshell_ask prompt "$status"; then
    __safeshell_marker_is "${REPLY#ok}"
  else
    __safeshell_marker_is ' [UNGUARDED]'
  fi
  [[ $PS0 == *__safeshell_net* ]] || PS0=$PS0'${__safeshell_passed-$(__safeshell_net)}'
  __safeshell_history=${__safeshell_number@P}
  return $status
}

# A prompt that is made anew each time (starship, PROMPT_COMMAND) has no marks of ours; a plain one has the last.
__safeshell_marker_is() {
  local front=${1%%$'\x1f'*} behind=
  [[ $1 == *$'\x1f'* ]] && behind=${1#*$'\x1f'}
  front=${front# }
  [[ $front ]] && front+=' '
  [[ $__safeshell_front && $PS1 == "$__safeshell_front"* ]] && PS1=${PS1#"$__safeshell_front"}
  [[ $__safeshell_behind && $PS1 == *"$__safeshell_behind" ]] && PS1=${PS1%"$__safeshell_behind"}
  __safeshell_front=$front __safeshell_behind=$behind
  PS1=$front$PS1$behind
}

# The editor's keys that would run a text unseen: the text comes back to the line instead, and goes through Enter.
__safeshell_edit() {
  local file
  file=$(command mktemp "${TMPDIR:-/tmp}/safeshell-line.XXXXXX") || return
  builtin printf '%s\n' "$READLINE_LINE" >"$file"
  ${VISUAL:-${EDITOR:-vi}} "$file" </dev/tty >/dev/tty
  READLINE_LINE=$(<"$file"); READLINE_POINT=${#READLINE_LINE}
  command rm -f -- "$file"
}

__safeshell_bind() {
  local map
  for map in emacs-standard emacs-meta vi-insert vi-command; do
    [[ $map == emacs-meta ]] && continue
    builtin bind -m $map '"\e[777;2~": redraw-current-line'
    builtin bind -m $map -x "\"\\e[777;1~\": __safeshell_enter $map accept-line"
    builtin bind -m $map '"\C-m": "\e[777;1~\e[777;2~"'
    builtin bind -m $map '"\C-j": "\e[777;1~\e[777;2~"'
  done
  builtin bind -m emacs-standard -x '"\e[777;3~": __safeshell_enter emacs-standard operate-and-get-next'
  builtin bind -m emacs-standard '"\C-o": "\e[777;3~\e[777;2~"'
  builtin bind -m emacs-standard -x '"\C-x\C-e": __safeshell_edit'
  builtin bind -m vi-command -x '"v": __safeshell_edit'
}

# Words for the session's own guard; anything else is the program's matter.
safeshell() {
  case ${1-} in
    unlock|lock) ;;
    *) "$__safeshell_program" "$@"; return ;;
  esac
  local __safeshell_flags=$- IFS=' '
  __safeshell_ask meta "$*" || { builtin printf '%s\n' 'safeshell: the guard does not answer' >&2; return 70; }
  case $REPLY in
    'ok '*) builtin printf '%s\n' "${REPLY#ok }" ;;
    'fail '*) REPLY=${REPLY#fail }; builtin printf 'safeshell: %s\n' "${REPLY#* }" >&2; return "${REPLY%% *}" ;;
  esac
}

__safeshell_bind 2>/dev/null
if [[ ${PROMPT_COMMAND@a} == *a* ]] || (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 )); then
  PROMPT_COMMAND+=(__safeshell_prompt)
else
  PROMPT_COMMAND=${PROMPT_COMMAND:+${PROMPT_COMMAND%;}$'\n'}__safeshell_prompt
fi
__safeshell_flags=$-
__safeshell_ask hello "bash $BASH_VERSION"
