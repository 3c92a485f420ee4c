# The way from zsh to a guard on the same machine: two pipes with names in __safeshell_folder; and the words for it.

__safeshell_reaches() {
  [[ -p $__safeshell_folder/ask && -p $__safeshell_folder/answer ]] || return 1
  # Where the guard is not the terminal's owner (`safeshell init`) it may end before the shell does.
  [[ -z $__safeshell_guard ]] || kill -0 $__safeshell_guard 2>/dev/null
}

# One write, so that the guard is woken once.
__safeshell_put() {
  print -rN -- "$__safeshell_secret" "$@" 1<>"$__safeshell_folder/ask" 2>/dev/null
}

# No time limit: when the guard ends, so does this terminal.
__safeshell_hear() {
  local line
  while IFS= read -r line; do
    case $line in
      "$__safeshell_word $1 need "*) __safeshell_more $1 "${line#"$__safeshell_word $1 need "}" ;;
      "$__safeshell_word $1 "*) __safeshell_reply=${line#"$__safeshell_word $1 "}; return 0 ;;
    esac
  done <"$__safeshell_folder/answer"
  return 1
}

# Into `traps`, what is trapped: only a file shows it, since a child has no traps.
__safeshell_traps() {
  trap >|"$__safeshell_folder/trap.$$" || return
  traps=("${(@f)$(<"$__safeshell_folder/trap.$$")}")
  command rm -f -- "$__safeshell_folder/trap.$$"
}

# Words for the session's own guard; anything else is the program's matter.
safeshell() {
  local __safeshell_reply
  case ${1-} in
    (unlock|lock) ;;
    (doctor)
      # What is found out about this very line is the program's to tell, among the rest.
      __safeshell_ask meta doctor || __safeshell_reply=lost
      SAFESHELL_PROBE=$__safeshell_reply command $__safeshell_program "$@"
      return ;;
    (*) command $__safeshell_program "$@"; return ;;
  esac
  __safeshell_ask meta "${(j: :)@}" || { print -ru2 -- 'safeshell: the guard does not answer'; return 70 }
  case $__safeshell_reply in
    ('ok '*) print -r -- "${__safeshell_reply#ok }" ;;
    ('back '*)
      builtin cd -q -- "${__safeshell_reply#back }" 2>/dev/null
      [[ -n $HISTFILE ]] && fc -RI
      print -r -- 'Read-only again.' ;;
    ('fail '*) __safeshell_reply=${__safeshell_reply#fail }; print -ru2 -- "safeshell: ${__safeshell_reply#* }"; return ${__safeshell_reply%% *} ;;
  esac
}
