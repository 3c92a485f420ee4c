# Where entries are on this host. Behind touched.sh. `store_at SCRATCH` sets $store, a folder in the scratch folder; an entry is
# a folder in it: by number the things that were kept, `settled` as old as the end of its line, `restored` once put back.
store_at() {
  decode "$1"
  case $path in
    '~') path=${HOME-} ;;
    '~/'*) path=${HOME-}/${path#??} ;;
  esac
  case $path in /?*) ;; *) return 1 ;; esac
  store=${path%/}/undo
  store_real=$store
  real_of "$store" && store_real=$real
  return 0
}
# Whether it is this user's own and closed to others, or can still be made so.
store_safe() {
  if there "$store"; then
    folder "$store" && [ -n "$(find "$store" -prune -user "$(id -u)" ! -perm -020 ! -perm -002)" ]
    return
  fi
  near=${store%/*}
  while [ "$near" ] && ! there "$near"; do near=${near%/*}; done
  [ -d "${near:-/}" ] && [ -w "${near:-/}" ]
}
content() { content=$(cat "$1" && printf .) && content=${content%.}; }
inode() { ls -di "$1" 2>/dev/null | { read -r one rest; printf %s "$one"; }; }
copied() { cp -a "$@" 2>/dev/null || cp -pPR "$@" 2>/dev/null; }
