# What stands at a path: standard input has a number of bytes, a line end, and the path. Prints "f" or "d", a line end,
# and the content of a regular file of no more bytes, or the names in a folder, each with a NUL behind it.
IFS= read -r most || exit 0
path=$(cat; printf .)
path=${path%.}
if [ -d "$path" ] && [ -r "$path" ]; then
  printf 'd\n'
  for name in "$path"/* "$path"/.*; do
    [ -e "$name" ] && printf '%s\0' "${name##*/}"
  done
  exit 0
fi
[ -f "$path" ] && [ -r "$path" ] || exit 0
size=$(wc -c <"$path") || exit 0
[ "$size" -le "$most" ] || exit 0
printf 'f\n'
cat <"$path"
