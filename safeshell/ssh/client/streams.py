"""Carries a session between its channel and our own stdin, stdout and stderr; each direction is a thread.

The one idea: stdout and stderr are never mixed and no byte is changed; a direction that is slow waits alone, and the
channel's window makes the far side wait for it.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable
from typing import Final

import paramiko

from safeshell.ssh.client.escapes import Escape, Escapes
from safeshell.ssh.client.relaying import SENT_AT_ONCE

_PIECE: Final = 1 << 17


class Streams:
    """The three directions of one channel.

    Args:
        channel: the session's.
        input_from: what is sent; None sends nothing, and says so at once.
        escapes: reads what a person types; None where nothing is an escape.
        on_escape: called with each escape, in the thread that reads.
        on_no_reader: called when nobody reads our stdout any more.
    """

    def __init__(
        self,
        channel: paramiko.Channel,
        *,
        input_from: int | None,
        escapes: Escapes | None,
        on_escape: Callable[[Escape], None],
        on_no_reader: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._input = input_from
        self._escapes = escapes
        self._on_escape = on_escape
        self._on_no_reader = on_no_reader
        self._stop_reading, self._stop_writing = os.pipe()
        self._waiting = select.poll()
        for descriptor in (self._stop_reading, *(() if input_from is None else (input_from,))):
            self._waiting.register(descriptor, select.POLLIN)
        self._outputs = [
            threading.Thread(target=self._carry_out, args=(channel.recv, 1), daemon=True),
            threading.Thread(target=self._carry_out, args=(channel.recv_stderr, 2), daemon=True),
        ]
        self._inward = threading.Thread(target=self._carry_in, daemon=True)
        self._resumed = threading.Event()
        self._resumed.set()

    def start(self) -> None:
        """Begin."""
        for thread in (*self._outputs, self._inward):
            thread.start()

    def wait_for_outputs(self) -> None:
        """Wait until everything that the far side said is written."""
        for thread in self._outputs:
            thread.join()

    def stop_input(self) -> None:
        """Read stdin no more."""
        os.write(self._stop_writing, b"!")

    def pause_input(self) -> None:
        """Leave stdin alone until `resume_input`; called in the thread that reads it."""
        self._resumed.clear()

    def resume_input(self) -> None:
        """Read it again."""
        self._resumed.set()

    def _carry_out(self, receive: Callable[[int], bytes], descriptor: int) -> None:
        taken = True
        with contextlib.suppress(OSError):
            while data := receive(_PIECE):
                # What nobody reads is thrown away here, or the far side would wait for ever.
                if taken and not _write_all(descriptor, data):
                    taken = False
                    if descriptor == 1:
                        self._on_no_reader()

    def _carry_in(self) -> None:
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            if self._input is not None:
                while data := self._read():
                    self._send(data)
                    self._resumed.wait()
            if not self._channel.closed:
                self._channel.shutdown_write()

    def _send(self, data: bytes) -> None:
        if self._escapes is None:
            self._channel.sendall(data)
            return
        for step in self._escapes.feed(data):
            if isinstance(step, bytes):
                self._channel.sendall(step)
            else:
                self._on_escape(step)

    def _read(self) -> bytes:
        assert self._input is not None
        while True:
            if any(descriptor == self._stop_reading for descriptor, _ in self._waiting.poll()):
                raise EOFError
            try:
                return os.read(self._input, SENT_AT_ONCE)
            except BlockingIOError:
                continue


def _write_all(descriptor: int, data: bytes) -> bool:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        except OSError:
            return False
    return True
