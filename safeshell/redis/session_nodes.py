"""The cluster side of a session: following a command to the node that it belongs to, and knowing where one is then.

A command that was redirected did not run, so sending it to the node that was named sends it once. Connecting, and
what is remembered of slots, is `cluster`'s; what the session does otherwise is `session`'s.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from safeshell.errors import SafeshellError
from safeshell.frozen import replace
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.cluster import ClusterLinks, redirected_text, redirection_of
from safeshell.redis.connection import Connection
from safeshell.redis.introduction import introduced
from safeshell.redis.reply import Error, Reply
from safeshell.redis.session_state import SessionState, at_node


class SessionNodes:
    """The nodes that one session works with.

    Args:
        address: the one that was named first.
        on_redirect: called before a node is connected to; raises to refuse it.
        told: called with sentences for the person.
    """

    def __init__(
        self,
        address: ServerAddress,
        *,
        on_redirect: Callable[[ServerAddress], None],
        told: Callable[[str], None],
    ) -> None:
        self._first = address
        self._links = ClusterLinks(address, on_redirect)
        self._told = told
        self._met: WeakKeyDictionary[Connection, SessionState] = WeakKeyDictionary()

    def answer_of(
        self, argv: Sequence[bytes], reply: Reply, connection: Connection, state: SessionState
    ) -> tuple[Connection, Reply, SessionState] | None:
        """What a command's node answers, when `reply` says that it belongs to another; None when it does not.

        Inside MULTI a command on another node would run at once, outside the transaction: it stays an error.

        Args:
            argv: the command.
            reply: from the node at hand.
            connection: to that node.
            state: of the session there.

        Returns:
            The connection to go on with, the reply, and the state there.

        Raises:
            Refused: by `on_redirect`.
            SafeshellError: as `ClusterLinks.follow`.
        """
        if state.in_multi or not isinstance(reply, Error) or redirection_of(reply) is None:
            return None
        try:
            connection, reply = self._links.follow(argv, reply, connection)
        finally:
            for redirection in self._links.followed:
                self._told(redirected_text(redirection))
        if state.watching:
            self._told("What WATCH guards is on the node before; a transaction here is not guarded by it.")
        return connection, reply, self._state_at(connection, state)

    def keep_step(
        self, before: SessionState, now: SessionState, argv: Sequence[bytes], here: Connection
    ) -> None:
        """After a command: where it changed as whom, how or in which database, all nodes are connected to anew.

        Args:
            before: the session's state before the command.
            now: and after it.
            argv: the command.
            here: the connection that it went over.
        """
        if _how(now) == _how(before):
            return
        base = replace(now.address, db=now.db, protocol=Protocol(now.protocol))
        if argv[0].upper() == b"RESET":
            base = replace(base, username="", password=None)
        self._links.begin_anew(base, here)

    def begin_anew(self, found: SessionState, connection: Connection) -> None:
        """Go on from a fresh connection."""
        self._links.begin_anew(replace(found.address, db=found.db), connection)

    def begin_again_from(self, address: ServerAddress) -> ServerAddress | None:
        """Where to begin again when nobody answers at `address`; None when that was the first one named already.

        A node may be gone for good, and the cluster without it is still there.
        """
        first = self._first
        if address.place == first.place:
            return None
        return replace(address, host=first.host, port=first.port, unix_socket=first.unix_socket)

    def named_first(self, address: ServerAddress) -> None:
        """From here on `address` is the one to begin again from."""
        self._first = address

    def close(self) -> None:
        """End every connection."""
        self._links.close()

    def _state_at(self, connection: Connection, state: SessionState) -> SessionState:
        """The state at a node, which is asked once for each connection who it is."""
        if connection not in self._met:
            self._met[connection] = state
            # The command was answered: what fails from here on must not take its reply away.
            with contextlib.suppress(SafeshellError):
                self._met[connection] = introduced(connection, state)
        return at_node(state, connection.address, self._met[connection])


def _how(state: SessionState) -> tuple[object, ...]:
    """As whom, how and in which database a session works: what all its connections have to have in common."""
    return state.address, state.user, state.db, state.protocol
