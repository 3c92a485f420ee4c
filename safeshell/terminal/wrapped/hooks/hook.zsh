# safeshell's half inside zsh: every line goes to the guard when Enter is pressed, and waits for its word.
#
# Sourced before the first prompt, behind the person's own files, every plugin, and the way to the guard (pipes.zsh, or
# what a remote shell has instead: __safeshell_reaches, __safeshell_put, __safeshell_hear, __safeshell_traps); the
# session's .zshenv has set __safeshell_secret, __safeshell_word (what the guard's answers begin with) and
# __safeshell_names (variables that say where a command would act). Two nets: the widgets that accept a line,
# which keep a refused one for editing; and preexec, for whatever came past them. Nothing here is exported.

typeset -gi __safeshell_sequence=0
typeset -g __safeshell_front= __safeshell_behind= __safeshell_passed= __safeshell_state= __safeshell_interrupt=
typeset -gA __safeshell_told=()
zmodload zsh/parameter zsh/zle

# __safeshell_ask KIND TEXT: 0 with the answer in __safeshell_reply; anything else is no answer, which is no.
__safeshell_ask() {
  emulate -L zsh
  setopt no_xtrace 2>/dev/null
  local -a found
  local IFS=$' \t\n'
  __safeshell_reply=
  __safeshell_reaches || return 1
  (( __safeshell_sequence += 1 ))
  local id=$$.$__safeshell_sequence
  case $1 in
    (line|net) __safeshell_facts "$2" ;;
    (meta) [[ $2 == unlock* ]] && __safeshell_leaving ;;
    (hello) [[ -n $HISTFILE ]] && found=(v HISTFILE "$HISTFILE") ;;
  esac
  __safeshell_put "$id" "$1" "$$" "$EUID" "$PWD" "$__safeshell_state" "$2" "${found[@]}" .
  __safeshell_hear $id
}

# __safeshell_more ID NAMES: the guard wants to know what these names mean before it answers.
__safeshell_more() {
  found=() __safeshell_told=()
  __safeshell_facts_of ${=2}
  __safeshell_put "$1" more "$$" "$EUID" "$PWD" "" "" "${found[@]}" .
}

# What the names of a line mean here: variables, aliases, functions. Put into `found` as triples; nothing is run.
__safeshell_facts() {
  local name
  __safeshell_told=()
  for name in ${=__safeshell_names}; do
    (( ${+parameters[$name]} )) && found+=(x "$name" "${(P)name}")
  done
  __safeshell_facts_of ${=1//[^A-Za-z0-9_.:+@-]/ }
}

__safeshell_facts_of() {
  local name
  for name; do
    [[ -n ${__safeshell_told[$name]} || $name == __safeshell_* || $name == safeshell ]] && continue
    __safeshell_told[$name]=1
    (( ${+aliases[$name]} )) && found+=(a "$name" "${aliases[$name]}")
    (( ${+galiases[$name]} )) && found+=(g "$name" "${galiases[$name]}")
    # To look at a random number takes it away.
    if [[ $name == [A-Za-z_]* && $name != *[^A-Za-z0-9_]* && $name != RANDOM ]]; then
      # Of a list only that it is there, since its words are several.
      case ${parameters[$name]} in
        '') found+=(u "$name" "") ;;
        scalar*|integer*|float*) found+=(v "$name" "${(P)name}") ;;
      esac
    fi
    (( ${+functions[$name]} )) && found+=(f "$name" "$name () { ${functions[$name]}
}")
  done
}

# Whether a line may run; the person is asked meanwhile. Without options of the person's own.
__safeshell_judge() {
  local __safeshell_reply
  emulate -L zsh
  setopt no_xtrace 2>/dev/null
  __safeshell_ask line "$1" || __safeshell_reply=lost
  case $__safeshell_reply in
    run*)
      typeset -g __safeshell_passed=$1
      __safeshell_stay ;;
    more*) ;;
    lost)
      # A shell whose guard is gone can be left; nothing else is done in it.
      local -a words=(${(z)1})
      if [[ ${#words} -le 2 && ${words[1]} == (exit|logout) && ${words[2]:-0} != *[^0-9]* ]]; then
        typeset -g __safeshell_passed=$1
        return 0
      fi
      zle -I
      print -u2 'safeshell: the guard does not answer; nothing was run. Leave with exit or ^D.'
      return 1 ;;
    *)
      zle -I
      # Lines of an unfinished command come back as one text, to be edited as a whole.
      if [[ -n $PREBUFFER ]]; then zle .push-line-or-edit; else zle .redisplay; fi
      return 1 ;;
  esac
  [[ $__safeshell_reply == *drawn ]] && { zle -I; zle .redisplay }
  return 0
}

__safeshell_accept() {
  __safeshell_state=":${(kj.:.)options[(R)on]}"
  # History expansion first, so that the guard and the person see what will run.
  [[ -o banghist && ( $BUFFER == *"${histchars[1]}"* || $BUFFER == "${histchars[2]}"* ) ]] && zle .expand-history
  __safeshell_passed=
  local __safeshell_text=$PREBUFFER$BUFFER
  if [[ -n ${__safeshell_text//[[:space:]]/} ]]; then
    __safeshell_judge "$__safeshell_text" || return 0
    if [[ -n $__safeshell_passed && -n $__safeshell_interrupt ]]; then
      eval "$__safeshell_interrupt"
      __safeshell_interrupt=
    fi
  fi
  zle __safeshell_own_$1
}

# What came past the widgets (one that calls .accept-line itself, a key bound to it): refused, it comes back as the
# next line. A paste of several lines was judged as one, and comes here a command at a time.
__safeshell_preexec() {
  local __safeshell_reply
  [[ -n $__safeshell_passed && $__safeshell_passed == *"$1"* ]] && return
  __safeshell_state=":${(kj.:.)options[(R)on]}"
  __safeshell_ask net "${1:-$3}" && [[ $__safeshell_reply == run* ]] && return
  print -rz -- "${1:-$3}"
  __safeshell_put_interrupt_aside
  kill -INT $$
}

# A trapped interrupt would not drop a command that the second net refuses: it is put aside until a line may run.
__safeshell_put_interrupt_aside() {
  local line
  if (( ${+functions[TRAPINT]} )); then
    __safeshell_interrupt="TRAPINT() { ${functions[TRAPINT]} }"
    unfunction TRAPINT
    return
  fi
  local -a traps=()
  __safeshell_traps
  (( ${#traps} )) && [[ -n ${(M)traps:#trap -- * INT} ]] || return
  __safeshell_interrupt=${(F)traps}
  trap - INT
} 2>/dev/null

# At every prompt: the guard hears how the last line ended and where we are, and says what the prompt is to show.
__safeshell_precmd() {
  local state=$? __safeshell_reply
  emulate -L zsh
  setopt no_xtrace 2>/dev/null
  typeset -g __safeshell_passed=
  if __safeshell_ask prompt "$state"; then
    [[ $__safeshell_reply == leave ]] && exit 0
    __safeshell_marker_is "${__safeshell_reply#ok}"
  else
    __safeshell_marker_is ' [UNGUARDED]'
  fi
  __safeshell_stay
  return $state
}

# Behind every other function that makes a prompt, and before all that is told of a command.
__safeshell_stay() {
  [[ ${precmd_functions[-1]} == __safeshell_precmd ]] ||
    precmd_functions=(${precmd_functions:#__safeshell_precmd} __safeshell_precmd)
  [[ ${preexec_functions[1]} == __safeshell_preexec ]] ||
    preexec_functions=(__safeshell_preexec ${preexec_functions:#__safeshell_preexec})
}

# A shell that may write is about to be opened in front of this one: it gets what is exported, and the history.
__safeshell_leaving() {
  local name
  for name in ${(k)parameters[(R)*export*]}; do found+=(x "$name" "${(P)name}"); done
  [[ -n $HISTFILE ]] && fc -AI 2>/dev/null
}

# The answer to the greeting: in a session that the kernel holds, a copy of the history that may be written.
__safeshell_greet() {
  local __safeshell_reply
  __safeshell_ask hello "zsh $ZSH_VERSION"
  [[ $__safeshell_reply == 'ok /'* ]] || return 0
  HISTFILE=${__safeshell_reply#ok }
  fc -RI
}

# A prompt that is made anew each time (starship, powerlevel10k) has no marks of ours; a plain one has the last.
__safeshell_marker_is() {
  local front=${1%%$'\x1f'*} behind=
  [[ $1 == *$'\x1f'* ]] && behind=${1#*$'\x1f'}
  front=${front# }
  [[ -n $front ]] && front+=' '
  [[ -n $__safeshell_front && $PROMPT == "$__safeshell_front"* ]] && PROMPT=${PROMPT#"$__safeshell_front"}
  [[ -n $__safeshell_behind && $PROMPT == *"$__safeshell_behind" ]] && PROMPT=${PROMPT%"$__safeshell_behind"}
  typeset -g __safeshell_front=$front __safeshell_behind=$behind
  PROMPT=$front$PROMPT$behind
}

# A shell inside of this one gets the hook as well: the guard prepares it and says how it is started.
__safeshell_nest() {
  local __safeshell_reply
  if [[ -t 0 && -t 1 ]] && __safeshell_ask nest "${(pj:\x1f:)@}" && [[ $__safeshell_reply == 'ok '?* ]]; then
    command "${(@ps:\x1f:)${__safeshell_reply#ok }}"
  else
    command "$@"
  fi
}

# `fc` and `r` run what their editor leaves behind, past widgets and preexec: the guard is asked as a part of that editor.
__safeshell_fc() {
  local __safeshell_editor=${FCEDIT:-${EDITOR:-vi}} word
  local -a __safeshell_changes=() rest=()
  while (( $# )); do
    case $1 in
      (-e) __safeshell_editor=$2; shift ;;
      (-s) __safeshell_editor=- ;;
      (-*[lRWAIPpa]*) builtin fc "$@"; return ;;
      (*=*) __safeshell_changes+=("$1") ;;
      (*) rest+=("$1") ;;
    esac
    shift
  done
  builtin fc -e __safeshell_fc_edit "${rest[@]}"
}

__safeshell_fc_edit() {
  local __safeshell_reply text change
  if [[ $__safeshell_editor == - ]]; then
    text=$(<"$1")
    for change in "${__safeshell_changes[@]}"; do text=${text//"${change%%=*}"/"${change#*=}"}; done
    print -r -- "$text" >|"$1"
  else
    eval "$__safeshell_editor \"\$1\"" || return
  fi
  __safeshell_ask net "$(<"$1")" && [[ $__safeshell_reply == run* ]]
}

() {
  local widget name
  for widget in accept-line accept-and-hold accept-line-and-down-history accept-and-infer-next-history; do
    # A function each: inside of a wrapper $WIDGET is the wrapper's name.
    functions[__safeshell_$widget]="__safeshell_accept $widget"
    zle -A $widget __safeshell_own_$widget && zle -N $widget __safeshell_$widget
  done
  for name in bash zsh fish sudo su; do
    (( ${+functions[$name]} )) || functions[$name]="__safeshell_nest $name \"\$@\""
  done
  (( ${+functions[fc]} )) || functions[fc]='__safeshell_fc "$@"'
  (( ${+functions[r]} + ${+aliases[r]} )) || functions[r]='__safeshell_fc -s "$@"'
}
typeset -ga precmd_functions preexec_functions
__safeshell_stay
__safeshell_greet
__safeshell_precmd
