"""Notices a server that is gone without a word (ServerAliveInterval, ServerAliveCountMax), and changes keys by time.

The one idea: whatever arrives is a sign of life; a question goes out when nothing has arrived for one interval, and
after so many intervals without an answer the connection is given up. A question waits for ever, so each is asked in
a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from safeshell.ssh.client.wire import Wire
from safeshell.ssh.resolved import Resolved

_QUESTION: Final = "keepalive@openssh.com"
_BYTES: Final = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def watch(wire: Wire, resolved: Resolved, on_dead: Callable[[], None]) -> None:
    """Watch a connection, in threads, as its configuration says.

    Args:
        wire: the connection.
        resolved: its configuration.
        on_dead: called once when the server does not answer any more.
    """
    interval = int(resolved.one("serveraliveinterval", "0"))
    if interval > 0:
        most = int(resolved.one("serveralivecountmax", "3"))
        threading.Thread(target=_watch, args=(wire, interval, most, on_dead), daemon=True).start()
    limits = resolved.one("rekeylimit").split()
    seconds = _number(limits[1], _SECONDS) if len(limits) == 2 else 0
    if seconds:
        threading.Thread(target=_rekey, args=(wire, seconds), daemon=True).start()


def rekey_bytes(resolved: Resolved) -> int:
    """The bytes after which RekeyLimit wants new keys; 0 for the usual number."""
    limits = resolved.one("rekeylimit").split()
    return _number(limits[0], _BYTES) if limits else 0


def _watch(wire: Wire, interval: int, most: int, on_dead: Callable[[], None]) -> None:
    unanswered, asking = 0, threading.Event()
    due = time.monotonic() + interval
    while wire.is_active():
        time.sleep(max(min(due - time.monotonic(), 1.0), 0.01))
        now = time.monotonic()
        if now < due:
            continue
        if wire.heard + interval > now:
            unanswered, due = 0, wire.heard + interval
            continue
        unanswered += 1
        if unanswered > most:
            on_dead()
            return
        due = now + interval
        if not asking.is_set():
            asking.set()
            threading.Thread(target=_ask, args=(wire, asking), daemon=True).start()


def _ask(wire: Wire, asking: threading.Event) -> None:
    try:
        wire.ask_server(_QUESTION)
    finally:
        asking.clear()


def _number(text: str, units: Mapping[str, int]) -> int:
    digits, unit = (text[:-1], text[-1].lower()) if text[-1:].lower() in units else (text, "")
    return int(digits) * units.get(unit, 1) if digits.isdigit() else 0


def _rekey(wire: Wire, seconds: int) -> None:
    while wire.is_active():
        wire.join(seconds)
        wire.change_keys()
