# Which files of this host the touches of a line are. A script in front of another one, which gives `hits` and `moved` their
# meaning. `touched` reads from standard input: per touch `d DEED FLAGS`; then its places, `p PATH` and `g PATTERN`; where they
# go, `t PATH`; and a dot. In a path a line end is written \n and a backslash \\.
# Deeds: g gone, r another file gets the name, w written to, m moved, c copied over, u put in place of what is there.
# Flags: R with all below, i into the target as a folder, I never into it, L a link as the target is no folder, - nothing.
real= real_asked=.
decode() { path=$(printf '%bx' "$1"); path=${path%x}; }
there() { [ -e "$1" ] || [ -L "$1" ]; }
folder() { [ -d "$1" ] && [ ! -L "$1" ]; }
empty() { set -- "$1"/* "$1"/.[!.]* "$1"/..?*; there "$1" || there "$2" || there "$3" && return 1; return 0; }

# A folder with every link followed, in $real.
real_of() {
  [ "$1" = "$real_asked" ] && return 0
  real=$(cd -P "${1:-/}" 2>/dev/null && pwd -P && printf .) || { real_asked=.; return 1; }
  real=${real%??}; real=${real%/}; real_asked=$1
}

# The spelling of $path that every name for it has: in $path.
spelled() {
  slash=
  while :; do
    case $path in
      ?*/) path=${path%/}; slash=1 ;;
      ?*/.) path=${path%/.} ;;
      *) break ;;
    esac
  done
  case $path in
    /|*/..|*/.) real_of "$path" || return 1; path=${real:-/} ;;
    *)
      if [ "$slash" ] && [ -L "$path" ] && [ -d "$path" ]; then real_of "$path"; path=${real:-/}; return; fi
      real_of "${path%/*}" || return 1
      path=$real/${path##*/} ;;
  esac
}

# What $path leads to, for what writes through links.
led() {
  turns=0
  while [ -L "$path" ]; do
    turns=$((turns + 1)); [ "$turns" -gt 40 ] && return 1
    to=$(readlink "$path" && printf .) || return 1
    to=${to%??}
    case $to in /*) path=$to ;; *) path=${path%/*}/$to ;; esac
    spelled || return 1
  done
}

touched() {
  unset IFS
  while IFS= read -r line; do
    rest=${line#* }
    case $line in
      'd '*) deed=${rest%% *}; flags=${rest#* }; target=; set -- ;;
      'p '*)
        decode "$rest"; inner=
        # What is in a folder is carried, and not the folder.
        case $deed$path in [mcu]*/.|[mcu]*/..) inner=/. ;; esac
        spelled && { [ "$deed" = u ] || there "$path"; } && set -- "$@" "$path$inner" ;;
      'g '*)
        decode "$rest"; before=$#
        IFS=; set -- $path "$@"; unset IFS
        [ $# -eq $((before + 1)) ] && { there "$1" || shift; } ;;
      't '*) decode "$rest"; target=$path ;;
      .)
        [ $# -gt 0 ] || continue
        case $deed in
          m|c|u) for source; do carried "$source"; done ;;
          w) for path; do written; done ;;
          *) plain "$@" ;;
        esac ;;
    esac
  done
}

written() {
  spelled && led && [ -f "$path" ] && hits w "$path"
}

# Those that go by their names: one call for all of a folder.
plain() {
  above=${1%/*}; mixed=
  for path; do
    [ "${path%/*}" = "$above" ] || mixed=1
    case $flags in *R*) ;; *) folder "$path" && ! { [ "$deed" = g ] && empty "$path"; } && mixed=1 ;; esac
    case $path in */|*/.|*/..) mixed=1 ;; esac
  done
  if [ -z "$mixed" ]; then hits "$deed" "$@"; return; fi
  for path; do
    case $flags in *R*) ;; *) folder "$path" && ! { [ "$deed" = g ] && empty "$path"; } && continue ;; esac
    spelled && there "$path" && hits "$deed" "$path"
  done
}

is_into() {
  case $flags in
    *i*) return 0 ;;
    *I*) return 1 ;;
    *L*) folder "$target" ;;
    *) [ -d "$target" ] ;;
  esac
}

# One thing that is moved, copied or put to the target.
carried() {
  source=$1; path=$target
  into=
  case $source in */.) source=${source%/.} ;; *) into=1 ;; esac
  # A name for it in the target, where that is a folder.
  [ "$into" ] && is_into && path=${target%/}/${source##*/}
  spelled || return
  final=$path
  [ "$source" -ef "$final" ] && return
  if [ "$deed" = c ]; then
    there "$final" || return
    if [ -d "$source" ]; then
      case $flags in *R*) folder "$final" && hits a "$final" ;; esac
    else
      written
    fi
    return
  fi
  if there "$final"; then
    if [ -d "$source" ] && [ ! -L "$source" ]; then
      folder "$final" && empty "$final" || return
    elif folder "$final"; then
      return
    fi
    hits r "$final"
  fi
  [ "$deed" = m ] && path=$source && spelled && moved "$path" "$final"
}
