# What a host is doing now: a key, a tab and a value a line. Standard input: names of units, one a line.
say() { printf '%s\t%s\n' "$1" "$2"; }
if command -v timeout >/dev/null 2>&1; then soon="timeout 0.7"; else soon=; fi
say name "$(uname -n)"
if [ -r /proc/uptime ]; then read -r up rest </proc/uptime && say uptime "${up%%.*}"; fi
if [ -r /proc/loadavg ]; then read -r one five fifteen rest </proc/loadavg && say load "$one $five $fifteen"; fi
say processors "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
who 2>/dev/null | head -n 50 | while read -r user rest; do say user "$user $rest"; done
if command -v ss >/dev/null 2>&1; then
  $soon ss -Hltn 2>/dev/null | head -n 500 | while read -r a b c local rest; do say port "${local##*:}"; done
  $soon ss -Htn state established 2>/dev/null | head -n 5000 | while read -r a b local rest; do say open "${local##*:}"; done
elif [ -r /proc/net/tcp ]; then
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | head -n 5000 | while read -r a local b state rest; do
    case $state in
      0A) say hexport "${local##*:}" ;;
      01) say hexopen "${local##*:}" ;;
    esac
  done
fi
$soon ps -e -o pid= -o ppid= -o pgid= -o uid= -o etimes= -o args= 2>/dev/null | head -n 5000 |
  while read -r line; do say process "$line"; done
$soon ps -e -o pid= -o comm= 2>/dev/null | head -n 5000 | while read -r line; do say called "$line"; done
if command -v redis-cli >/dev/null 2>&1; then
  $soon redis-cli -h 127.0.0.1 --no-auth-warning info replication 2>/dev/null | tr -d '\r' |
    while IFS=: read -r key value; do
      case $key in role|connected_slaves) say "redis_$key" "$value" ;; esac
    done
fi
if command -v systemctl >/dev/null 2>&1; then
  say services "$($soon systemctl list-units --type=service --state=running --no-legend --plain 2>/dev/null | wc -l)"
  while IFS= read -r unit; do
    $soon systemctl list-dependencies --reverse --plain --no-pager -- "$unit" 2>/dev/null | head -n 200 | tail -n +2 |
      while read -r other rest; do say needs "$unit $other"; done
    say state "$unit $($soon systemctl is-active -- "$unit" 2>/dev/null)"
  done
fi
