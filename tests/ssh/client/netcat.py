"""A ProxyCommand: carries stdin and stdout to a host and port, and says so on stderr."""

from __future__ import annotations

import os
import socket
import sys
import threading

print("by the way", file=sys.stderr)
stream = socket.create_connection((sys.argv[1], int(sys.argv[2])))


def up() -> None:
    while data := os.read(0, 1 << 16):
        stream.sendall(data)
    stream.shutdown(socket.SHUT_WR)


threading.Thread(target=up, daemon=True).start()
while data := stream.recv(1 << 16):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
