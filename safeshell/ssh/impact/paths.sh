# How much the touches of a line hit. Behind touched.sh. Standard input: what `touched` reads. Prints lines of a word and a
# number: `alone` and `below`, how many files and folders are hit by their names and with all below; `kib`, what they take;
# `more`, how many copies may write over files that nobody has looked for; and `over` where time was. `end` ends it.
hits() {
  fate=$1; shift
  case $flags in *R*) [ "$fate" = g ] && fate=G ;; esac
  case $pass$fate in
    belowG|alone[grw]) printf '%s\0' "$@" ;;
    morea) printf '.\0' ;;
  esac
}
moved() { :; }
asked=$(cat)
exec 3>&1
if command -v timeout >/dev/null 2>&1; then soon="timeout 1"; else soon=; fi
named() { pass=$1; printf '%s\n' "$asked" | touched; }
counted() { echo "$1" $(LC_ALL=C tr -dc '\000' | wc -c); }
all_below() {
  $soon xargs -0 sh -c '[ $# -gt 0 ] || exit 0; find "$@" -print0 2>/dev/null; :' sh || echo over 0 >&3
}
sizes() {
  LC_ALL=C $soon xargs -0 sh -c '[ $# -gt 0 ] || exit 0; du -skc "$@" 2>/dev/null | tail -n 1' sh || echo over 0 >&3
}
summed() {
  sum=0
  while read -r one name; do [ "$name" = total ] && sum=$((sum + one)); done
  echo kib "$sum"
}
{
  named more | counted more
  named alone | counted alone
  named below | all_below | counted below
} &
{ named alone; named below; } | sizes | summed &
wait
echo end
