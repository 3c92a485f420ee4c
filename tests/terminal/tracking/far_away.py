"""`python far_away.py SECONDS PROGRAM…`: a program in a terminal of its own, so far away that every byte takes
half of that each way, as over a slow ssh."""

from __future__ import annotations

import heapq
import os
import pty
import select
import sys
import time
import tty


def main() -> None:
    delay, argv = float(sys.argv[1]) / 2, sys.argv[2:]
    pid, far = pty.fork()
    if pid == 0:
        os.execvp(argv[0], argv)
    tty.setraw(0)
    on_the_way: list[tuple[float, int, int, bytes]] = []
    count = 0
    while True:
        now = time.monotonic()
        while on_the_way and on_the_way[0][0] <= now:
            _, _, to, data = heapq.heappop(on_the_way)
            os.write(to, data)
        wait = max(0.0, on_the_way[0][0] - now) if on_the_way else None
        for ready in select.select([0, far], [], [], wait)[0]:
            try:
                data = os.read(ready, 65536)
            except OSError:
                return
            if not data:
                return
            count += 1
            heapq.heappush(on_the_way, (time.monotonic() + delay, count, far if ready == 0 else 1, data))


if __name__ == "__main__":
    main()
