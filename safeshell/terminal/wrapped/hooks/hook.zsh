# safeshell's half inside zsh: every line goes to the guard when Enter is pressed, and waits for its word.
#
# Sourced before the first prompt, behind the person's own files and every plugin; the session's .zshenv has set
# __safeshell_secret, __safeshell_word (what the guard's answers begin with), __safeshell_folder (with the two pipes)
# and __safeshell_names (variables that say where a command would act). Two nets: the widgets that accept a line,
# which keep a refused one for editing; and preexec, for whatever came past them. Nothing here is exported.

typeset -gi __safeshell_sequence=0
typeset -g __safeshell_front= __safeshell_behind= __safeshell_passed= REPLY=
typeset -gA __safeshell_told=()
zmodload zsh/parameter zsh/zle

# __safeshell_ask KIND TEXT OPTIONS: 0 with the answer in REPLY; anything else is no answer, which is no.
__safeshell_ask() {
  emulate -L zsh
  local -a found
  REPLY=
  [[ -p $__safeshell_folder/ask && -p $__safeshell_folder/answer ]] || return 1
  (( __safeshell_sequence += 1 ))
  local id=$$.$__safeshell_sequence
  [[ $1 == (line|net) ]] && __safeshell_facts "$2"
  # One write, so that the guard is woken once.
  print -rN -- "$__safeshell_secret" "$id" "$1" "$$" "$EUID" "$PWD" "$3" "$2" "${found[@]}" . \
    1<>"$__safeshell_folder/ask" 2>/dev/null
  __safeshell_hear $id
}

# No time limit: when the guard ends, so does this terminal.
__safeshell_hear() {
  local line
  while IFS= read -r line; do
    case $line in
      "$__safeshell_word $1 need "*)
        found=() __safeshell_told=()
        __safeshell_facts_of ${=line#"$__safeshell_word $1 need "}
        print -rN -- "$__safeshell_secret" "$1" more "$$" "$EUID" "$PWD" "" "" "${found[@]}" . \
          1<>"$__safeshell_folder/ask" 2>/dev/null
        ;;
      "$__safeshell_word $1 "*) REPLY=${line#"$__safeshell_word $1 "}; return 0 ;;
    esac
  done <"$__safeshell_folder/answer"
  return 1
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
    if [[ $name == [A-Za-z_]* && $name != *[^A-Za-z0-9_]* ]]; then
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

__safeshell_accept() {
  local options=":${(kj.:.)options[(R)on]}"
  # History expansion first, so that the guard and the person see what will run.
  [[ -o banghist && $BUFFER == *'!'* ]] && zle .expand-history
  local text=$PREBUFFER$BUFFER
  __safeshell_passed=
  if [[ -n ${text//[[:space:]]/} ]]; then
    __safeshell_ask line "$text" "$options" || REPLY=lost
    case $REPLY in
      run*) __safeshell_passed=$text ;;
      more*) ;;
      lost) zle -I; print -u2 'safeshell: the guard does not answer; nothing was run. Leave with ^D.'; return 0 ;;
      *) zle -I; zle .redisplay; return 0 ;;
    esac
    [[ $REPLY == *drawn ]] && { zle -I; zle .redisplay }
  fi
  zle __safeshell_own_$WIDGET
}

# What came past the widgets (one that calls .accept-line itself, a script's print -z and an old binding).
__safeshell_preexec() {
  local passed=$__safeshell_passed options=":${(kj.:.)options[(R)on]}"
  __safeshell_passed=
  [[ -n $passed && ( $passed == "$1" || ${passed%%[[:space:]]#} == "${1%%[[:space:]]#}" ) ]] && return
  [[ -n $passed && -z $1 ]] && return   # not in the history, and so without its text; the widget has seen it
  __safeshell_ask net "${1:-$3}" "$options" && [[ $REPLY == run* ]] && return
  kill -INT $$
}

# At every prompt: the guard hears how the last line ended and where we are, and says what the prompt is to show.
__safeshell_precmd() {
  local state=$?
  __safeshell_passed=
  if __safeshell_ask prompt "$state" ''; then
    __safeshell_marker_is "${REPLY#ok}"
  else
    __safeshell_marker_is ' [UNGUARDED]'
  fi
  return $state
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

# Words for the session's own guard; anything else is the program's matter.
safeshell() {
  case ${1-} in
    (unlock|lock) ;;
    (*) $__safeshell_program "$@"; return ;;
  esac
  __safeshell_ask meta "$*" '' || { print -ru2 -- 'safeshell: the guard does not answer'; return 70 }
  case $REPLY in
    ('ok '*) print -r -- "${REPLY#ok }" ;;
    ('fail '*) REPLY=${REPLY#fail }; print -ru2 -- "safeshell: ${REPLY#* }"; return ${REPLY%% *} ;;
  esac
}

() {
  local widget
  for widget in accept-line accept-and-hold accept-line-and-down-history accept-and-infer-next-history; do
    zle -A $widget __safeshell_own_$widget && zle -N $widget __safeshell_accept
  done
}
typeset -ga precmd_functions preexec_functions
precmd_functions+=(__safeshell_precmd)
preexec_functions=(__safeshell_preexec $preexec_functions)
__safeshell_ask hello "zsh $ZSH_VERSION" ''
__safeshell_precmd
