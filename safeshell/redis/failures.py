"""What can go wrong between us and a Redis server, by what a caller can do about it.

Only the errors live here. Their texts are product text: made by whoever raises them, with everything that
came from outside already made visible.
"""

from __future__ import annotations

from safeshell.errors import ExitStatus, SafeshellError, TargetUnreachable, UsageError


class AddressInvalid(UsageError):
    """A URL, option or environment variable does not say where to connect."""


class Unreachable(TargetUnreachable):
    """No connection: name resolution, refusal, time-out, TLS. Nothing was sent."""


class HandshakeFailed(TargetUnreachable):
    """The server answered, but would not have us as asked; the connection is closed, no command was sent.

    Args:
        reply: the server's error as it sent it, b"" when it closed without one.
    """

    def __init__(self, message: str, *, where: str = "", todo: str = "", reply: bytes = b"") -> None:
        super().__init__(message, where=where, todo=todo)
        self.reply = reply


class AuthenticationFailed(HandshakeFailed):
    """User or password refused, or demanded and not given."""


class SelectFailed(HandshakeFailed):
    """The database number was refused; going on would mean another database."""


class ProtocolRefused(HandshakeFailed):
    """The server does not speak the version of the protocol that was asked for."""


class ClientNameRefused(HandshakeFailed):
    """The name for this connection was refused."""


class ConnectionLost(TargetUnreachable):
    """The connection ended while in use; nothing is ever resent.

    Args:
        may_have_run: whether a command was under way, of which nobody knows if it ran.
    """

    def __init__(self, message: str, *, where: str = "", todo: str = "", may_have_run: bool) -> None:
        super().__init__(message, where=where, todo=todo)
        self.may_have_run = may_have_run


class Desynchronised(SafeshellError):
    """Replies no longer belong to the commands that would read them; only a new connection helps."""


class ReplyTimeout(SafeshellError):
    """The reply did not come in time. It is still due: read on, or close."""


class ProtocolError(SafeshellError):
    """What the other side sent is not the Redis protocol."""

    status = ExitStatus.UNREACHABLE
