# What becomes of an entry. Behind touched.sh and store.sh. Standard input, a line each: `settle` (its line has ended), `plan`
# (what putting it back would do), `restore` or `forget`; the scratch folder; the entry; the name of another entry, for what is
# replaced; 1 to go over newer work. `plan` and `restore` print triples, each part with a NUL behind it: a word, a path, a number.
# What the line left is replaced, what somebody has changed since is not: a file that changed after `settled` is newer.
umask 077
IFS= read -r what; IFS= read -r scratch; IFS= read -r id; IFS= read -r other; IFS= read -r force
left= vacated= new_number=0
tell() { printf '%s\0%s\0%s\0' "$1" "$2" "${3:-0}"; }
leave() { left=1; tell "$@"; }
many() { find "$1" -print0 2>/dev/null | LC_ALL=C tr -dc '\000' | wc -c; }
free() {
  there "$1" || return 0
  [ "$what" = plan ] && case $vacated in *"//$1//"*) return 0 ;; esac
  return 1
}
newer() {
  [ "$force" = 1 ] && return 1
  [ -e "$entry/settled" ] || return 0
  [ -n "$(find "$1" -prune -cnewer "$entry/settled" 2>/dev/null)" ]
}
same() {
  if [ -L "$1" ] || [ -L "$2" ]; then
    [ -L "$1" ] && [ -L "$2" ] && [ "$(readlink "$1" && printf .)" = "$(readlink "$2" && printf .)" ]
  elif [ -p "$1" ] || [ -p "$2" ]; then
    [ -p "$1" ] && [ -p "$2" ]
  else
    [ "$1" -ef "$2" ] || { [ -f "$1" ] && [ -f "$2" ] && cmp -s "$1" "$2"; }
  fi
}
parents() {
  [ -d "${1%/*}/" ] && return 0
  mkdir -p "${1%/*}" 2>/dev/null || return 1
  tell parent "${1%/*}"
}

# Takes what is at a path into the other entry; `copied` leaves it where it is.
aside() {
  if [ $new_number = 0 ]; then mkdir "$store/.$other.partial" || return 1; fi
  new_number=$((new_number + 1))
  mkdir "$store/.$other.partial/$new_number" "$store/.$other.partial/$new_number/data" &&
    echo "$1" >"$store/.$other.partial/$new_number/kind" &&
    printf %s "${2%/*}" >"$store/.$other.partial/$new_number/path" || return 1
  if [ "$1" = copy ]; then
    copied "$2" "$store/.$other.partial/$new_number/data/"
  else
    mv -f "$2" "$store/.$other.partial/$new_number/data/" 2>/dev/null </dev/null
  fi
}

# One thing under its name, whole or not at all.
made() {
  number=1; folder "$1" && number=$(many "$1")
  if [ "$what" = plan ]; then tell made "$2" $number; return; fi
  parents "$2" || { leave failed "$2"; return; }
  new=${2%/*}/.safeshell-$id-$$
  rm -rf "$new"
  { [ "$kind" = link ] && cp -al "$1" "$new" 2>/dev/null; } || { rm -rf "$new"; copied "$1" "$new"; } ||
    { rm -rf "$new"; leave failed "$2"; return; }
  if there "$2"; then rm -rf "$new"; leave newer "$2"; return; fi
  if mv -f "$new" "$2" 2>/dev/null </dev/null; then tell made "$2" $number; else rm -rf "$new"; leave failed "$2"; fi
}

# KEPT THERE: something else is there now.
replaced() {
  if newer "$2"; then leave newer "$2"; return; fi
  if [ "$what" = plan ]; then tell replaced "$2" 1; return; fi
  if [ "$kind" = copy ] && [ -f "$1" ] && [ ! -L "$1" ] && [ -f "$2" ] && [ ! -L "$2" ] && [ -w "$2" ]; then
    # The very file, whose other names and whose readers keep showing it.
    aside copy "$2" && cat "$1" 2>/dev/null >"$2" || { leave failed "$2"; return; }
    touch -r "$1" "$2" 2>/dev/null
    tell replaced "$2" 1
    return
  fi
  aside link "$2" || { leave failed "$2"; return; }
  made "$1" "$2"
}

one() {
  if free "$2"; then made "$1" "$2"
  elif folder "$1" && folder "$2"; then merged "$1" "$2"
  elif same "$1" "$2"; then tell same "$2" 1
  elif folder "$2"; then leave folder "$2"
  else replaced "$1" "$2"
  fi
}
merged() {
  for kept in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    there "$kept" && one "$kept" "$2/${kept##*/}"
  done
}

moved_back() {
  content "$item/from" && from=$content && content "$item/to" && to=$content || return
  content "$item/inode"; id_before=$content; id_after=$content
  [ -e "$item/after" ] && { content "$item/after"; id_after=$content; }
  now=$(inode "$to")
  if [ -z "$now" ] || { [ "$now" != "$id_before" ] && [ "$now" != "$id_after" ]; }; then
    there "$from" || [ -e "$item/again" ] || leave away "$from"
    return
  fi
  if ! free "$from"; then
    if [ "$force" != 1 ] || folder "$from"; then leave again "$from"; return; fi
    [ "$what" = plan ] || aside link "$from" || { leave failed "$from"; return; }
  fi
  vacated="$vacated//$to//"
  if [ "$what" = restore ]; then
    parents "$from" && mv -f "$to" "$from" 2>/dev/null </dev/null || { leave failed "$from"; return; }
  fi
  tell moved "$from" 1
}

item_back() {
  content "$item/path" || { leave gone "$item"; return; }
  if [ ! -d "$item/data" ]; then leave gone "$content"; return; fi
  # Paths are kept with every link followed: one that leads elsewhere now is somebody's doing since.
  if real_of "$content" && [ "$real" != "${content%/}" ]; then leave led "$content"; return; fi
  merged "$item/data" "${content%/}"
}

all_back() {
  last=0
  while [ -d "$entry/$((last + 1))" ]; do last=$((last + 1)); done
  number=$last
  at=$last
  while [ $at -gt 0 ]; do
    item=$entry/$at; content "$item/kind"
    case $content in moved*) moved_back ;; esac
    at=$((at - 1))
  done
  for at in $(in_order); do
    item=$entry/$at; content "$item/kind"; kind=${content%?}
    item_back
  done
}
# Folders before what they hold.
in_order() {
  at=0
  while [ $at -lt $last ]; do
    at=$((at + 1))
    [ -f "$entry/$at/path" ] && content "$entry/$at/path" && echo "${#content} $at"
  done | sort -n | while read -r long at; do echo "$at"; done
}

settle() {
  for item in "$entry"/*; do
    [ -f "$item/to" ] && { content "$item/to"; inode "$content" >"$item/after"; }
  done
  : >"$entry/settled"
}

finish() {
  if [ -z "$left" ]; then
    # What is held by a further name lives again: it is let go, so that later work does not change what is kept.
    for item in "$entry"/*; do
      [ -f "$item/kind" ] && content "$item/kind" && [ "${content%?}" = link ] && rm -rf "$item/data"
    done
    : >"$entry/restored"
  fi
  [ $new_number -gt 0 ] || return
  : >"$store/.$other.partial/settled"
  mv "$store/.$other.partial" "$store/$other" && tell kept "" $new_number
}

store_at "$scratch" && store_safe || { tell scratch ""; tell end ""; exit 0; }
entry=$store/$id
case $id in ??????) ;; *) exit 0 ;; esac
[ -d "$entry" ] || { tell none ""; tell end ""; exit 0; }
case $what in
  settle) settle ;;
  plan) all_back ;;
  restore) all_back; finish ;;
  forget) rm -rf "${entry:?}" ;;
esac
tell end ""
