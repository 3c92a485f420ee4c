# The way from a remote bash to the guard: questions go out as escape sequences in what the terminal prints, answers come
# in as what is typed. Nobody reads but what asks: the shell waits, and no program of its has the terminal meanwhile.

__safeshell_fresh=1      # 1 while what the prompt is to show came with an answer since the last prompt
__safeshell_question= __safeshell_kind=

__safeshell_reaches() {
  [[ -c /dev/tty ]]
}

# Makes the question of these fields; asking is the same as reading the answer.
__safeshell_put() {
  local field LC_ALL=C
  __safeshell_kind=$2 __safeshell_question=
  if [[ $2 == hello ]]; then
    # What the kernel holds here goes along with the shell's name.
    set -- "${@:1:6}" "$7 held=${__safeshell_held-}" "${@:8}"
    builtin unset -v __safeshell_held
  fi
  for field; do
    __safeshell_coded "$field"
    __safeshell_question+=$__safeshell_code'\z'
  done
}

__safeshell_coded() {
  __safeshell_code=${1//\\/\\\\}
  __safeshell_code=${__safeshell_code//$'\n'/\\n}
  __safeshell_code=${__safeshell_code//$'\r'/\\r}
  __safeshell_code=${__safeshell_code//$'\t'/\\t}
  __safeshell_code=${__safeshell_code//$'\e'/\\e}
  __safeshell_code=${__safeshell_code//$'\a'/\\a}
}

# __safeshell_send KIND CODED
__safeshell_send() {
  builtin printf '\e]7717;%s;%se%s\a' "$__safeshell_secret" "$1" "$2" >/dev/tty
}

# The answer to the question that was put. `read` sets the terminal's mode before it prints its own prompt, which is
# the question: so no answer can come before its echo is off.
__safeshell_hear() {
  local LC_ALL=C IFS= part ahead= own= mode= status=1 told=
  local -a limit
  limit=(-t 10)
  if [[ $__safeshell_kind == hello || ( $__safeshell_kind == prompt && $__safeshell_fresh == 1 ) ]]; then
    [[ $__safeshell_kind == prompt ]] && __safeshell_fresh=0
    __safeshell_send t "$__safeshell_question"
    __safeshell_reply="ok $__safeshell_marks"
    return 0
  fi
  # Outside of the line editor the terminal echoes between one `read` and the next, and keeps a line until it ends.
  if [[ $__safeshell_kind != line && $__safeshell_kind != prompt ]]; then
    own=$(builtin trap -p INT)
    mode=$(command stty -g </dev/tty)
    command stty -echo -icanon min 1 time 0 </dev/tty
  fi
  # ^C that was pressed in the meantime would leave the answer to whoever reads next.
  builtin trap '' INT
  told=$'\e]7717;'$__safeshell_secret';qe'$__safeshell_question$'\a'
  while builtin read -rs ${limit[@]+"${limit[@]}"} -p "$told" part; do
    told=
    case $part in
      *"$__safeshell_word $1 "*)
        ahead+=${part%%"$__safeshell_word $1 "*}
        part=${part#*"$__safeshell_word $1 "}
        case $part in
          wait) limit=() ;;
          'need '*)
            IFS=' '
            __safeshell_more "$1" "${part#need }"
            IFS=
            told=$'\e]7717;'$__safeshell_secret';qe'$__safeshell_question$'\a' ;;
          *)
            __safeshell_reply=${part%%$'\x1e'*}
            [[ $part == *$'\x1e'* ]] && __safeshell_marks=${part#*$'\x1e'}
            __safeshell_fresh=1 status=0
            break ;;
        esac ;;
      *) ahead+=$part$'\r' ;;
    esac
  done </dev/tty 2>/dev/tty
  [[ $mode ]] && command stty "$mode" </dev/tty
  builtin trap - INT
  [[ $own ]] && builtin eval "$own"
  __safeshell_coded "$ahead"
  __safeshell_send h "$__safeshell_code"
  return $status
}

# What runs a shell in a container: that gets the hook as well.
for __safeshell_shell in docker podman kubectl oc; do
  builtin declare -F "$__safeshell_shell" >/dev/null || builtin eval "$__safeshell_shell() {
    if [[ \${1-} == exec && \${@: -1} =~ ^(ba|z|fi)?sh\$ ]]; then __safeshell_nest $__safeshell_shell \"\$@\"
    else command $__safeshell_shell \"\$@\"; fi; }"
done
builtin unset -v __safeshell_shell

# Words for the guard, which is on another machine; there is no program of its here.
safeshell() {
  local IFS=' ' __safeshell_reply
  case ${1-} in
    unlock|lock|doctor) ;;
    *) builtin printf '%s\n' "safeshell: here are only: safeshell unlock, lock, doctor; the rest is asked on your own machine" >&2
       return 2 ;;
  esac
  __safeshell_ask meta "$*" || { builtin printf '%s\n' 'safeshell: the guard does not answer' >&2; return 70; }
  case $__safeshell_reply in
    'ok held') builtin printf '%s\n' 'Guarded: this very line has waited for the guard.' ;;
    'ok slipped') builtin printf '%s\n' 'Not guarded: this line came past the guard.' >&2; return 1 ;;
    'ok '*) builtin printf '%s\n' "${__safeshell_reply#ok }" ;;
    'back '*)
      builtin cd -- "${__safeshell_reply#back }" 2>/dev/null
      builtin printf '%s\n' 'Read-only again.' ;;
    'fail '*) __safeshell_reply=${__safeshell_reply#fail }
      builtin printf 'safeshell: %s\n' "${__safeshell_reply#* }" >&2
      return "${__safeshell_reply%% *}" ;;
  esac
}
