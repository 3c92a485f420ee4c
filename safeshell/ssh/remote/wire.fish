# The way from a remote fish to the guard: questions go out as escape sequences in what the terminal prints, answers come
# in as what is typed. Nobody reads but what asks: the shell waits, and no program of its has the terminal meanwhile.
# fish's own `read` is a second line editor, so sh asks and reads, with the terminal's echo off.

set -g __safeshell_fresh 1
set -g __safeshell_line

function __safeshell_reaches
    test -c /dev/tty
end

# ID KIND TEXT: asked, with the answer in __safeshell_line.
function __safeshell_say
    # What the kernel holds here goes along with the shell's name.
    if test "$argv[2]" = hello
        set argv[3] "$argv[3] held=$__safeshell_held"
        set -e __safeshell_held
    end
    if test "$argv[2]" = hello; or test "$argv[2]" = prompt -a "$__safeshell_fresh" = 1
        test "$argv[2]" = prompt; and set -g __safeshell_fresh 0
        __safeshell_fields $argv | sh -c 'printf "\033]7717;%s;tx%s\007" "$1" "$(od -An -v -tx1 | tr -d " \n")" >/dev/tty' sh $__safeshell_secret
        set -g __safeshell_line "$__safeshell_word $argv[1] ok $__safeshell_marks"
        return 0
    end
    set -l got (__safeshell_fields $argv | sh -c $__safeshell_asks sh $__safeshell_secret $__safeshell_word $argv[1])
    test -n "$got"; or return 1
    set -l parts (string split -m 1 \x1e -- "$got")
    if set -q parts[2]
        set -g __safeshell_marks $parts[2]
        set -g __safeshell_fresh 1
    end
    set -g __safeshell_line $parts[1]
end

# Every answer that comes is to the question that was put.
function __safeshell_listen
    return 1
end

set -g __safeshell_asks '
b=$(od -An -v -tx1 | tr -d " \n")
exec 3<>/dev/tty
o=$(stty -g <&3)
trap "" INT
stty -echo -icanon min 0 time 100 <&3
printf "\033]7717;%s;qx%s\007" "$1" "$b" >&3
ahead=; line=; got=
while IFS= read -r line <&3; do
  case $line in
    *"$2 $3 wait"*) ahead=$ahead${line%%"$2 $3 "*}; stty min 1 time 0 <&3 ;;
    *"$2 $3 "*) ahead=$ahead${line%%"$2 $3 "*}; got="$2 $3 ${line#*"$2 $3 "}"; break ;;
    *) ahead="$ahead$line
" ;;
  esac
done
stty "$o" <&3
case $got in
  "$2 $3 need "*) ;;
  *) printf "\033]7717;%s;hx%s\007" "$1" "$(printf %s "$ahead" | tr "\n" "\r" | od -An -v -tx1 | tr -d " \n")" >&3 ;;
esac
printf %s "$got"
'

# What runs a shell in a container: that gets the hook as well.
for name in docker podman kubectl oc
    functions -q $name; or eval "function $name --wraps $name
        if test \"\$argv[1]\" = exec; and string match -qr -- '^(ba|z|fi)?sh\$' \$argv[-1]
            __safeshell_nest $name \$argv
        else
            command $name \$argv
        end
    end"
end

# Words for the guard, which is on another machine; there is no program of its here.
function safeshell
    if not contains -- "$argv[1]" unlock lock doctor
        echo 'safeshell: here are only: safeshell unlock, lock, doctor; the rest is asked on your own machine' >&2
        return 2
    end
    if not __safeshell_ask meta "$argv"
        echo 'safeshell: the guard does not answer' >&2
        return 70
    end
    if test "$__safeshell_reply" = 'ok held'
        echo 'Guarded: this very line has waited for the guard.'
    else if test "$__safeshell_reply" = 'ok slipped'
        echo 'Not guarded: this line came past the guard.' >&2
        return 1
    else if string match -q -- 'back *' $__safeshell_reply
        builtin cd (string replace -- 'back ' '' $__safeshell_reply) 2>/dev/null
        echo 'Read-only again.'
    else if string match -q -- 'ok *' $__safeshell_reply
        string replace -- 'ok ' '' $__safeshell_reply
    else
        set -l said (string split -m 2 ' ' -- $__safeshell_reply)
        echo "safeshell: $said[3]" >&2
        return $said[2]
    end
end
