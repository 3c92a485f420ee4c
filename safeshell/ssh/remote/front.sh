# What is in front in a shell's terminal. Standard input: the shell's process number. Prints of each process of the
# foreground group its number and its words, with the byte 0x1f behind each, a line a process. Source: proc(5).
read -r shell || exit 0
case $shell in "" | *[!0-9]*) exit 0 ;; esac
[ -r "/proc/$shell/stat" ] || exit 0
fields() { IFS= read -r line <"$1" 2>/dev/null && set -- ${line##*) } && group=$3 front=$6; }
fields "/proc/$shell/stat" || exit 0
wanted=$front
[ "$wanted" -gt 0 ] || exit 0
for stat in /proc/[0-9]*/stat; do
  fields "$stat" || continue
  [ "$group" = "$wanted" ] || continue
  number=${stat#/proc/}
  number=${number%/stat}
  printf '%s\037' "$number"
  tr '\000\n' '\037 ' <"/proc/$number/cmdline" 2>/dev/null
  echo
done
