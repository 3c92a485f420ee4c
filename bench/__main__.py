"""One command for all measurements: `python -m bench [redis] [verdicts] [shell] [recording] [wrapped] [ssh]`.

Needs redis-server, redis-cli and the `bench` extra (iredis). Every figure is a median; rivals are measured in
turn, in the same run, so that a busy machine slows them all alike.
"""

from __future__ import annotations

import sys

from bench import recording, redis_console, shell, ssh, verdicts, wrapped

PARTS = {
    "redis": redis_console.measure,
    "verdicts": verdicts.measure,
    "shell": shell.measure,
    "recording": recording.measure,
    "wrapped": wrapped.measure,
    "ssh": ssh.measure,
}


def main() -> int:
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"no measurement {unknown[0]!r}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"\n== {name}")
        for line in PARTS[name]():
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
