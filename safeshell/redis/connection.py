"""One conversation with one server: exactly the given bytes go out, once, and the replies come back in order.

No retry, no reconnect, no time-out that was not asked for, no rewriting of commands or replies: what a lost
connection means is the owner's to decide. The handshake fails closed. redis-py stays out: importing it costs
more than connecting, asking and answering do together, and it resends.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, Self

from safeshell.redis.address import ServerAddress
from safeshell.redis.failures import (
    AddressInvalid,
    ConnectionLost,
    Desynchronised,
    ProtocolError,
    ReplyTimeout,
    Unreachable,
)
from safeshell.redis.handshake import refusal, requests_for
from safeshell.redis.reply import Error, Push, Reply
from safeshell.redis.resp import ReplyReader, encode
from safeshell.redis.transport import Deadline, Transport, open_socket

_SEND_BYTES: Final = 1 << 17


class ConnectionState(Enum):
    """What a connection is still good for."""

    READY = "ready"
    DESYNCHRONISED = "desynchronised"
    LOST = "lost"
    CLOSED = "closed"


class Connection:
    """An open connection. Make one with `open`.

    `unanswered` is how many replies are still due; `call` and `pipeline` refuse to run while it is not 0, so
    that no reply is ever taken for another command's. RESP3 pushes are kept apart (`take_pushes`).

    Args:
        transport: connected, nothing sent on it yet.
        address: where it leads, for messages.
    """

    def __init__(self, transport: Transport, address: ServerAddress) -> None:
        self.address = address
        self.state = ConnectionState.READY
        self.unanswered = 0
        self._transport = transport
        self._reader = ReplyReader()
        self._incoming: deque[Reply] = deque()
        self._pushes: deque[Push] = deque()

    @classmethod
    def open(cls, address: ServerAddress) -> Self:
        """Connect and shake hands: AUTH, HELLO, SELECT and CLIENT SETNAME as far as `address` asks for them.

        Raises:
            AddressInvalid: the TLS options can't be used.
            Unreachable: no connection, or none within `address.connect_timeout`.
            AuthenticationFailed, ProtocolRefused, SelectFailed, ClientNameRefused: that step was refused.
            HandshakeFailed: the server refused us altogether.
        """
        deadline = Deadline(address.connect_timeout)
        connection = cls(_open_transport(address, deadline), address)
        try:
            connection._shake_hands(deadline)
        except BaseException:
            connection.close()
            raise
        return connection

    def send(self, *argv: bytes, replies: int = 1) -> None:
        """Send one command.

        Args:
            argv: its words, exactly as the server is to get them.
            replies: how many replies (pushes do not count) it will have; 0 for SUBSCRIBE in RESP3.

        Raises:
            ConnectionLost, Desynchronised: as `send_packed`.
        """
        self.send_packed(encode(argv), replies=replies)

    def send_packed(self, data: bytes, *, replies: int) -> None:
        """Send commands that are encoded already; replies are taken in meanwhile, so neither side gets stuck.

        Args:
            data: whole commands.
            replies: how many replies they will have in all.

        Raises:
            ConnectionLost: the other side is gone. `may_have_run` is False when it was gone before.
            Desynchronised: this connection was interrupted before.
        """
        self._check_ready()
        try:
            if not self.unanswered:
                self._take_in()  # a server that has left is noticed before anything is sent
            self.unanswered += replies
            self._transmit(memoryview(data))
        except BaseException:
            self._interrupted()
            raise

    def read_reply(self, timeout: float | None = None) -> Reply:
        """The next reply, setting pushes aside.

        Args:
            timeout: seconds; None waits as long as it takes.

        Raises:
            ReplyTimeout: nothing yet; the reply is still due and may be read later.
            ConnectionLost: the other side is gone.
            ProtocolError: it does not speak RESP; the connection is closed.
            Desynchronised: this connection was interrupted before.
        """
        deadline = Deadline(timeout)
        incoming = self._incoming
        while True:
            while incoming:
                reply = incoming.popleft()
                if not isinstance(reply, Push):
                    self.unanswered = max(0, self.unanswered - 1)
                    return reply
                self._pushes.append(reply)
            self._await_more(deadline)

    def read_any(self, timeout: float | None = None) -> Reply:
        """The next reply or push, whichever came first: for SUBSCRIBE, MONITOR and tracking.

        Args and errors as `read_reply`.
        """
        if self._pushes:
            return self._pushes.popleft()
        deadline = Deadline(timeout)
        while not self._incoming:
            self._await_more(deadline)
        reply = self._incoming.popleft()
        if not isinstance(reply, Push):
            self.unanswered = max(0, self.unanswered - 1)
        return reply

    def wait_readable(self, timeout: float | None = None) -> bool:
        """Wait for more from the server without taking it; whether there is something, be it the end.

        Unlike reading, this may be interrupted (^C) and the connection stays good.

        Args:
            timeout: seconds; None waits as long as it takes.
        """
        self._check_ready()
        if self._incoming or self._pushes:
            return True
        return self._transport.wait(to_send=False, timeout=timeout)

    def call(self, *argv: bytes, timeout: float | None = None) -> Reply:
        """Send one command and read its reply.

        Args:
            argv: its words, exactly as the server is to get them.
            timeout: seconds; None waits as long as it takes.

        Raises:
            ReplyTimeout, ConnectionLost, ProtocolError, Desynchronised: as `send` and `read_reply`;
                Desynchronised also while an earlier command's reply is due.
        """
        self._check_in_step()
        self.send(*argv)
        return self.read_reply(timeout)

    def pipeline(self, commands: Iterable[Sequence[bytes]], *, timeout: float | None = None) -> list[Reply]:
        """Send many commands in one go and read one reply each, in order.

        However many they are, neither side gets stuck: replies are taken in while commands go out.

        Args:
            commands: each its words; taken one by one, so a generator will do.
            timeout: seconds for the replies after everything is sent; None waits as long as it takes.

        Raises:
            ReplyTimeout, ConnectionLost, ProtocolError, Desynchronised: as `call`.
        """
        self._check_in_step()
        batch: list[bytes] = []
        size = count = 0
        for argv in commands:
            packed = encode(argv)
            batch.append(packed)
            size += len(packed)
            count += 1
            if size >= _SEND_BYTES:
                self.send_packed(b"".join(batch), replies=len(batch))
                batch.clear()
                size = 0
        if batch:
            self.send_packed(b"".join(batch), replies=len(batch))
        deadline = Deadline(timeout)
        return [self.read_reply(deadline.left()) for _ in range(count)]

    def take_ready(self) -> list[Reply]:
        """The replies that are here already, without waiting; pushes are set aside.

        Raises:
            ConnectionLost, ProtocolError, Desynchronised: as `read_reply`.
        """
        self._check_ready()
        if not self._incoming:
            self._take_in()
        ready: list[Reply] = []
        while self._incoming:
            reply = self._incoming.popleft()
            if isinstance(reply, Push):
                self._pushes.append(reply)
            else:
                ready.append(reply)
        self.unanswered = max(0, self.unanswered - len(ready))
        return ready

    def take_pushes(self) -> list[Push]:
        """The RESP3 pushes that have arrived so far, oldest first; they are given once."""
        replies = [reply for reply in self._incoming if not isinstance(reply, Push)]
        self._pushes.extend(reply for reply in self._incoming if isinstance(reply, Push))
        self._incoming = deque(replies)
        pushes = list(self._pushes)
        self._pushes.clear()
        return pushes

    def fileno(self) -> int:
        """The file descriptor, for waiting; -1 when closed. With TLS, use `wait_readable` instead."""
        return self._transport.fileno()

    def detached(self) -> Transport:
        """The transport itself, for a conversation that is no longer made of replies (SYNC).

        Only `close` may be called afterwards.

        Raises:
            Desynchronised: a reply is still due.
        """
        self._check_in_step()
        self.state = ConnectionState.DESYNCHRONISED
        return self._transport

    def close(self) -> None:
        """End the connection. May be called twice."""
        if self.state is not ConnectionState.LOST:
            self.state = ConnectionState.CLOSED
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _transmit(self, data: memoryview) -> None:
        while data:
            try:
                data = data[self._transport.send(data[:_SEND_BYTES]) :]
            except OSError as error:
                # A server that hangs up often says why first; whoever reads finds the end behind it.
                if self._take_in():
                    return
                raise self._lost_by(error) from None
            if data:
                self._transport.wait(to_send=True, timeout=None)
                self._take_in()

    def _await_more(self, deadline: Deadline) -> None:
        """Take in what comes next, waiting for it."""
        self._check_ready()
        try:
            while not self._take_in():
                if deadline.is_past:
                    raise ReplyTimeout(
                        f"no reply within {deadline.seconds:g} s",
                        where=self.address.place,
                        todo="The command may still be running on the server.",
                    )
                self._transport.wait(to_send=False, timeout=deadline.left())
        except ReplyTimeout:
            raise
        except BaseException:
            self._interrupted()
            raise

    def _take_in(self) -> bool:
        """Read what has arrived, without waiting; whether anything has."""
        if self._reader.broken:
            raise self._broken(self._reader.broken)
        try:
            data = self._transport.receive()
        except OSError as error:
            raise self._lost_by(error) from None
        if data is None:
            return False
        if not data:
            raise self._lost("the server closed the connection")
        try:
            self._incoming.extend(self._reader.feed(data))
        except ProtocolError as error:
            raise self._broken(error) from None
        return True

    def _shake_hands(self, deadline: Deadline) -> None:
        requests = requests_for(self.address)
        if not requests:
            return
        try:
            self.send_packed(b"".join(encode(request.argv) for request in requests), replies=len(requests))
            for request in requests:
                reply = self.read_reply(deadline.left())
                if isinstance(reply, Error):
                    raise refusal(request.step, reply, self.address)
        except ReplyTimeout:
            raise Unreachable(
                f"connected, but the server did not answer within {deadline.seconds:g} s",
                where=self.address.place,
                todo="Is this the port of a Redis server? With TLS, use rediss:// or --tls.",
            ) from None
        except ConnectionLost as lost:
            todo = (
                "" if self.address.tls else "If the server speaks TLS on this port, use rediss:// or --tls."
            )
            raise Unreachable(f"connected, but {lost.message}", where=self.address.place, todo=todo) from None

    def _check_ready(self) -> None:
        if self.state is ConnectionState.READY:
            return
        if self.state is ConnectionState.DESYNCHRONISED:
            raise Desynchronised(
                "an earlier command on this connection was interrupted",
                where=self.address.place,
                todo="Connect again; the command may still run on the server.",
            )
        raise ConnectionLost("not connected", where=self.address.place, may_have_run=False)

    def _check_in_step(self) -> None:
        self._check_ready()
        if self.unanswered or any(not isinstance(reply, Push) for reply in self._incoming):
            raise Desynchronised("an earlier command's reply is still due", where=self.address.place)

    def _interrupted(self) -> None:
        if self.state is ConnectionState.READY:
            self.state = ConnectionState.DESYNCHRONISED

    def _lost_by(self, error: OSError) -> ConnectionLost:
        if self.address.tls:
            from safeshell.redis.tls import lost_reason

            if reason := lost_reason(error):
                return self._lost(reason)
        if isinstance(error, ConnectionResetError | BrokenPipeError):
            return self._lost("the server closed the connection")
        return self._lost(f"the connection broke: {os.strerror(error.errno) if error.errno else error}")

    def _lost(self, message: str) -> ConnectionLost:
        may_have_run = self.unanswered > 0
        self.state = ConnectionState.LOST
        self._transport.close()
        return ConnectionLost(
            message,
            where=self.address.place,
            todo="Whether the last command ran is unknown; it is not sent again." if may_have_run else "",
            may_have_run=may_have_run,
        )

    def _broken(self, error: ProtocolError) -> ProtocolError:
        self.state = ConnectionState.LOST
        self._transport.close()
        return ProtocolError(error.message, where=self.address.place, todo=error.todo)


def _open_transport(address: ServerAddress, deadline: Deadline) -> Transport:
    if address.tls is None:
        return Transport(open_socket(address, deadline))
    if address.unix_socket is not None:
        raise AddressInvalid("TLS is for TCP, not for a unix socket", where=address.place)
    from safeshell.redis import tls

    context = tls.client_context(address.tls)  # its mistakes need no network to be found
    return tls.secure(open_socket(address, deadline), context, address, deadline)
