# What lies at paths. Standard input: per path a line of two letters (g for a pattern, p for a path; r for all below,
# n for the path alone), then the path, its line ends and backslashes written as \n and \\. Prints of each file that is
# there: the path's number, what it is, how many entries, how many KiB, and whether time was over; and last "end".
if command -v timeout >/dev/null 2>&1; then soon="timeout 1"; else soon=; fi
number=0
one() {
  if [ -L "$1" ]; then echo "$number l 1 0 0"; return; fi
  [ -e "$1" ] || return
  if [ -d "$1" ] && [ "$below" = r ]; then
    count=$($soon find "$1" -xdev -print0 2>/dev/null | tr -dc '\000' | wc -c)
    size=$($soon du -skx -- "$1" 2>/dev/null) || { echo "$number d $count 0 1"; return; }
    echo "$number d $count ${size%%[!0-9]*} 0"
  elif [ -d "$1" ]; then
    echo "$number e 1 0 0"
  else
    size=$(wc -c <"$1" 2>/dev/null) || size=0
    echo "$number f 1 $(( (size + 1023) / 1024 )) 0"
  fi
}
while IFS= read -r kind && IFS= read -r coded; do
  number=$((number + 1))
  below=${kind#?}
  path=$(printf '%bx' "$coded")
  path=${path%x}
  case $path in /*) ;; *) continue ;; esac
  case $kind in
    g*)
      IFS=
      for file in $path; do one "$file"; done
      unset IFS ;;
    *) one "$path" ;;
  esac
done
echo end
