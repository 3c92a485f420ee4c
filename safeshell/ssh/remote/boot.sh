# The first thing that runs on a remote host: asks how the shell is to be started, and starts it so; or as ever.
# Words: a token that counts once; a shell (the login shell without one); anything for a login shell.
# Handed over as one line inside of single quotes, to whatever shell the host gives: no single quote stands here, no two
# backslashes, no exclamation mark; each line ends so that the next may follow it behind a blank.
s=${2:-${SHELL:-/bin/sh}}; l=${3:+-l}; p=; t=; a=;
case $s in */*) ;; *) f=$(command -v "$s" 2>/dev/null) && s=$f ;; esac;
command -v base64 >/dev/null 2>&1 && { t=b; command -v gzip >/dev/null 2>&1 && t=bz; };
if [ -t 0 ] && [ -t 1 ] && o=$(stty -g 2>/dev/null) && stty -echo -icanon min 0 time 20 2>/dev/null; then
  printf "\033]7717;%s;be%s;%s;%s\007" "$1" "${s##*/}" "$(uname -n)" "$t";
  while IFS= read -r g; do
    case $g in *:) stty min 1 time 0; IFS= read -r p; a=$a${g%:}; break ;; esac;
    a=$(printf "%s\r." "$a$g"); a=${a%.};
  done;
  stty "$o";
  [ -z "$a" ] || printf "\033]7717;%s;hx%s\007" "$1" "$(printf %s "$a" | od -An -v -tx1 | tr -d " \n")";
fi;
case $p in
  ": z"*) p=$(printf %s "${p#: z}" | base64 -d | gzip -dc) && eval "$p" ;;
  ": b"*) p=$(printf %s "${p#: b}" | base64 -d) && eval "$p" ;;
esac;
exec "$s" $l
