"""Where the docs for completion, hints and HELP come from: the server at hand, asked once, never while keys wait.

A short connection of its own in a thread of its own fetches COMMAND DOCS when somebody first types; until then,
and for servers that have none, there are the names of the embedded table.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from safeshell.errors import SafeshellError
from safeshell.frozen import replace
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.command_docs import CommandDocs, names_only, parse_docs
from safeshell.redis.connection import Connection
from safeshell.redis.table import command_names, is_container

_SECONDS = 5.0


class DocsSource:
    """The docs of one server.

    Args:
        address: of the server at hand.
        changed: called, from another thread, when they have come.
    """

    def __init__(self, address: Callable[[], ServerAddress], *, changed: Callable[[], None]) -> None:
        self._address = address
        self._changed = changed
        self._fetched: CommandDocs | None = None
        self._names: CommandDocs | None = None
        self._thread: threading.Thread | None = None

    def now(self) -> CommandDocs:
        """What is known at this moment; asks the server in the background when it has not been asked yet."""
        if self._fetched is not None:
            return self._fetched
        if self._thread is None:
            self._thread = threading.Thread(target=self._fetch, name="command-docs", daemon=True)
            self._thread.start()
        if self._names is None:
            self._names = names_only({name: is_container(name) for name in command_names()})
        return self._names

    def soon(self) -> CommandDocs:
        """The same, but worth a moment's wait: for HELP and Tab."""
        self.now()
        if self._thread is not None:
            self._thread.join(_SECONDS)
        return self.now()

    def forget(self) -> None:
        """Another server is at hand."""
        self._fetched = self._thread = None

    def _fetch(self) -> None:
        thread = threading.current_thread()
        address = replace(self._address(), protocol=Protocol.RESP2, connect_timeout=_SECONDS, client_name="")
        try:
            with Connection.open(address) as connection:
                docs = parse_docs(connection.call(b"COMMAND", b"DOCS", timeout=_SECONDS))
        except SafeshellError:
            # Without them there are names to complete; that the server is gone is told where it matters.
            return
        if docs is not None and thread is self._thread:
            self._fetched = docs
            self._changed()
