# The way from a remote zsh to the guard: questions go out as escape sequences in what the terminal prints, answers come
# in as what is typed. Nobody reads but what asks: the shell waits, and no program of its has the terminal meanwhile.

zmodload zsh/system
typeset -g __safeshell_fresh=1 __safeshell_question= __safeshell_kind=

__safeshell_reaches() {
  [[ -c /dev/tty ]]
}

__safeshell_put() {
  local field
  typeset -g __safeshell_kind=$2 __safeshell_question=
  if [[ $2 == hello ]]; then
    # What the kernel holds here goes along with the shell's name.
    argv[7]="$7 held=$__safeshell_held"
    unset __safeshell_held
  fi
  for field; do
    __safeshell_coded "$field"
    __safeshell_question+=$__safeshell_code'\z'
  done
}

__safeshell_coded() {
  typeset -g __safeshell_code=${1//\\/\\\\}
  __safeshell_code=${__safeshell_code//$'\n'/\\n}
  __safeshell_code=${__safeshell_code//$'\r'/\\r}
  __safeshell_code=${__safeshell_code//$'\t'/\\t}
  __safeshell_code=${__safeshell_code//$'\e'/\\e}
  __safeshell_code=${__safeshell_code//$'\a'/\\a}
}

# __safeshell_hear ID: the answer to the question that was put.
__safeshell_hear() {
  emulate -L zsh
  setopt no_multibyte
  local fd part all= ahead= mode= state=1 limit=10 head=$'\e]7717;'$__safeshell_secret';'
  sysopen -rw -o cloexec -u fd /dev/tty || return 1
  if [[ $__safeshell_kind == hello || ( $__safeshell_kind == prompt && $__safeshell_fresh == 1 ) ]]; then
    [[ $__safeshell_kind == prompt ]] && typeset -g __safeshell_fresh=0
    print -rn -u $fd -- ${head}te$__safeshell_question$'\a'
    exec {fd}>&-
    typeset -g __safeshell_reply="ok $__safeshell_marks"
    return 0
  fi
  # ^C that was pressed in the meantime would leave the answer to whoever reads next.
  trap '' INT
  # Outside of the line editor the terminal echoes, and keeps a line until it ends.
  if ! zle; then
    mode=$(command stty -g <&$fd)
    command stty -echo -icanon min 1 time 0 <&$fd
  fi
  print -rn -u $fd -- ${head}qe$__safeshell_question$'\a'
  while (( state == 1 )) && sysread -i $fd ${limit:+-t} $limit part; do
    all+=$part
    # The line editor has the terminal exchange the two ends of a line.
    while [[ $all == *[$'\r\n']* ]]; do
      part=${all%%[$'\r\n']*}
      all=${all#*[$'\r\n']}
      if [[ $part != *"$__safeshell_word $1 "* ]]; then
        ahead+=$part$'\r'
        continue
      fi
      ahead+=${part%%"$__safeshell_word $1 "*}
      part=${part#*"$__safeshell_word $1 "}
      case $part in
        (wait) limit= ;;
        ('need '*)
          __safeshell_more $1 "${part#need }"
          print -rn -u $fd -- ${head}qe$__safeshell_question$'\a' ;;
        (*)
          typeset -g __safeshell_reply=${part%%$'\x1e'*} __safeshell_fresh=1
          [[ $part == *$'\x1e'* ]] && typeset -g __safeshell_marks=${part#*$'\x1e'}
          state=0 ;;
      esac
    done
  done
  [[ -z $mode ]] || command stty $mode <&$fd
  __safeshell_coded "$ahead$all"
  print -rn -u $fd -- ${head}he$__safeshell_code$'\a'
  exec {fd}>&-
  return $state
}

# Into `traps`, what is trapped: only a file shows it, since a child has no traps. A file in memory.
__safeshell_traps() {
  local folder
  folder=$(command mktemp -d /dev/shm/safeshell.XXXXXX) || return
  trap >|$folder/trap && traps=("${(@f)$(<$folder/trap)}")
  command rm -rf -- $folder
}

# What runs a shell in a container: that gets the hook as well.
() {
  local name
  for name in docker podman kubectl oc; do
    (( ${+functions[$name]} )) || functions[$name]="
      if [[ \$1 == exec && \${@[-1]} == (|ba|z|fi)sh ]]; then __safeshell_nest $name \"\$@\"
      else command $name \"\$@\"; fi"
  done
}

# Words for the guard, which is on another machine; there is no program of its here.
safeshell() {
  local __safeshell_reply
  case ${1-} in
    (unlock|lock|doctor) ;;
    (*) print -ru2 -- 'safeshell: here are only: safeshell unlock, lock, doctor; the rest is asked on your own machine'
        return 2 ;;
  esac
  __safeshell_ask meta "${(j: :)@}" || { print -ru2 -- 'safeshell: the guard does not answer'; return 70 }
  case $__safeshell_reply in
    ('ok held') print -r -- 'Guarded: this very line has waited for the guard.' ;;
    ('ok slipped') print -ru2 -- 'Not guarded: this line came past the guard.'; return 1 ;;
    ('ok '*) print -r -- "${__safeshell_reply#ok }" ;;
    ('back '*)
      builtin cd -q -- "${__safeshell_reply#back }" 2>/dev/null
      print -r -- 'Read-only again.' ;;
    ('fail '*) __safeshell_reply=${__safeshell_reply#fail }
      print -ru2 -- "safeshell: ${__safeshell_reply#* }"
      return ${__safeshell_reply%% *} ;;
  esac
}
