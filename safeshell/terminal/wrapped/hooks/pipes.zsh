# The way from zsh to a guard on the same machine: two pipes with names in __safeshell_folder.

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
