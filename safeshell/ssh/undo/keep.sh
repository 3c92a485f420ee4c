# Keeps what the touches of a line destroy. Behind touched.sh and store.sh. Standard input, a line each: `look` or `keep`; the
# scratch folder; the entry's name; KiB that may be copied; KiB that may be held; how many files; days that entries stay; 1 where
# contents have to be kept apart from the files themselves; then what `touched` reads. Prints words, some with a number: `kib`,
# `files`, `kept` (things in the entry); what stands against it; `end` last.
# What a line takes a name from is kept by a further name, where that can be; what it writes to is copied.
umask 077
IFS= read -r what; IFS= read -r scratch; IFS= read -r id; IFS= read -r most_copied
IFS= read -r most_held; IFS= read -r most_files; IFS= read -r days; IFS= read -r apart
asked=$(cat)
if [ "$what" = keep ]; then limit=20; else limit=1; fi
if command -v timeout >/dev/null 2>&1; then soon="timeout $limit"; else soon=; fi
named() { pass=$1; printf '%s\n' "$asked" | touched; }
device() { stat -c %d "$1" 2>/dev/null || stat -f %d "$1" 2>/dev/null || echo "$2"; }

# One folder's, FATE PATH…
hits() {
  real_of "${2%/*}" || return
  case $real/ in /dev/shm/*) ;; /proc/*|/sys/*|/dev/*) return ;; esac
  case $pass in
    all) shift; printf '%s\0' "$@" ;;
    check) check "$@" ;;
    keep) keep "$@" ;;
  esac
}

moved() {
  again=
  case $flags in *A*) again=1; hits g "$1" ;; esac
  case $pass in
    check) real_of "${1%/*}"; [ -w "${real:-/}" ] || echo closed; echo moved ;;
    keep)
      new_item moved
      # It may be changed once more where it is then: its contents are an item of their own.
      [ "$again" ] && : >"$item/again"
      printf %s "$1" >"$item/from" && printf %s "$2" >"$item/to" && inode "$1" >"$item/inode" || fail ;;
  esac
}

check() {
  fate=$1; shift
  [ $# -gt 3000 ] && echo names
  case $fate in w|a) echo apart ;; esac
  [ "$(device "${real:-/}" 1)" = "$(device "${near:-/}" 2)" ] || echo apart
  for path; do
    [ "$path" = / ] && echo inside
    case $store_real/ in "$real/${path##*/}"/*) echo inside ;; esac
    case $real/${path##*/}/ in "$store_real"/*) echo inside ;; esac
    if [ "$fate" = w ] && [ -w "$path" ]; then continue; fi
    [ -w "${real:-/}" ] || echo closed
    [ -L "$path" ] || [ -r "$path" ] || { [ -O "$path" ] && case $fate in [gr]) ;; *) false ;; esac; } || echo unread
  done
  # What is another's comes back as this user's own.
  [ "$(id -u)" = 0 ] || [ -z "$($soon find "$@" ! -user "$(id -u)" 2>/dev/null | head -n 1)" ] || echo owners
}

fail() { echo failed; exit 0; }

new_item() {
  number=$((number + 1)); item=$partial/$number
  mkdir "$item" && echo "$1" >"$item/kind" || fail
}

keep() {
  fate=$1; shift
  new_item copy
  printf %s "$real" >"$item/path" || fail
  case $apart$fate in
    0[gr]) mkdir "$item/data" && by_name "$@" && { echo link >"$item/kind"; return; }; rm -rf "$item/data" ;;
  esac
  [ "$kib" -le "$most_copied" ] || { echo size; exit 0; }
  mkdir "$item/data" || fail
  for path; do
    there "$item/data/${path##*/}" || copied "$path" "$item/data/" || fail
  done
}

by_name() {
  cp -al "$@" "$item/data/" 2>/dev/null && return
  rm -rf "$item/data"; mkdir "$item/data" || fail
  for path; do
    there "$item/data/${path##*/}" || cp -al "$path" "$item/data/" 2>/dev/null || return 1
  done
}

# Entries past their time go, and the oldest until there is room.
prune() {
  find "$store" -mindepth 1 -maxdepth 1 -name '.??????.partial' -mtime +0 -exec rm -rf {} +
  find "$store" -mindepth 1 -maxdepth 1 -name '??????' -mtime "+$days" -exec rm -rf {} +
  held=$(du -sk "$store" | { read -r one rest; echo "$one"; })
  for old in $(ls -tr "$store"); do
    [ $((held + kib)) -gt "$most_held" ] || break
    case $old in
      ??????)
        size=$(du -sk "$store/$old" | { read -r one rest; echo "$one"; })
        rm -rf "${store:?}/$old"; held=$((held - size)) ;;
    esac
  done
}

kept() {
  mkdir -p "${store%/*}" && { [ -d "$store" ] || mkdir "$store"; } && store_safe || { echo scratch; return; }
  prune 2>/dev/null
  partial=$store/.$id.partial
  mkdir "$partial" || { echo scratch; return; }
  number=0
  said=$(named keep)
  number=$(ls "$partial" | wc -l)
  case $said in
    *failed*|*size*) rm -rf "$partial"; echo "$said" ;;
    *) if [ "$number" -gt 0 ] && mv "$partial" "$store/$id"; then echo kept $number; else rm -rf "$partial"; fi ;;
  esac
}

store_at "$scratch" && store_safe || { echo scratch; echo end; exit 0; }
near=$store
while [ "$near" ] && ! there "$near"; do near=${near%/*}; done
against=$(named check | sort | uniq -c | while read -r many word; do echo "$word $many"; done)
[ "$against" ] && printf '%s\n' "$against"
stop=
measured=$({
  named all | {
    $soon xargs -0 sh -c '[ $# -gt 0 ] || exit 0; find "$@" -print0 2>/dev/null; :' sh || echo over >&3
  } | LC_ALL=C tr -dc '\000' | wc -c
} 3>&1)
case $measured in *over*) echo over; stop=1; measured=0 ;; *) echo files $measured ;; esac
kib=$({
  named all | {
    LC_ALL=C $soon xargs -0 sh -c '[ $# -gt 0 ] || exit 0; du -skc "$@" 2>/dev/null | tail -n 1' sh || echo over >&3
  } | { sum=0; while read -r one name; do [ "$name" = total ] && sum=$((sum + one)); done; echo $sum; }
} 3>&1)
case $kib in *over*) echo over; stop=1; kib=0 ;; esac
echo kib $kib
case $against in *apart*) bound=$most_copied ;; *) bound=$most_held ;; esac
[ "$apart" = 1 ] && bound=$most_copied
case $against in *closed*|*inside*|*names*|*unread*) stop=1 ;; esac
[ "$measured" -gt "$most_files" ] && { echo many; stop=1; }
[ "$kib" -gt "$bound" ] && { echo size; stop=1; }
free=$(df -Pk "${near:-/}" 2>/dev/null | tail -n 1 | { read -r name all used free rest; echo "$free"; })
if [ "$bound" = "$most_copied" ] && [ "${free:-0}" -lt $((kib + 1024)) ]; then echo room; stop=1; fi
[ "$what" = keep ] && [ -z "$stop" ] && kept
echo end
