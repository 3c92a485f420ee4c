"""What a server says of itself when a connection begins, and whether that is who it was before.

One round trip, of two INFO sections. Which of it means another server is decided here, without I/O.
"""

from __future__ import annotations

from safeshell.errors import TargetUnreachable
from safeshell.frozen import replace
from safeshell.guard.text import visible
from safeshell.redis.connection import Connection
from safeshell.redis.failures import ReplyTimeout, Unreachable
from safeshell.redis.identity import identity_from_info
from safeshell.redis.reply import Error
from safeshell.redis.server_info import info_fields, info_number
from safeshell.redis.session_state import SessionState

_KNOWN_ROLES = ("primary", "replica", "sentinel")


class ServerChanged(TargetUnreachable):
    """What answers now is not the server that answered before; nothing was sent to it."""


def introduced(connection: Connection, state: SessionState) -> SessionState:
    """`state` with what the server at the other end says of itself.

    A server that does not let us ask leaves role and kind as good as unknown, the ids empty, and says why in
    `untold`.

    Raises:
        Unreachable: it did not answer in the time that connecting may take.
        ConnectionLost: it has gone.
    """
    try:
        replies = connection.pipeline(
            [(b"INFO", b"server"), (b"INFO", b"replication")], timeout=connection.address.connect_timeout
        )
    except ReplyTimeout as late:
        connection.close()
        raise Unreachable(
            f"connected, but {late.message}", where=connection.address.place, todo="Is the server overloaded?"
        ) from None
    fields = {name: value for reply in replies for name, value in info_fields(reply).items()}
    refused = next((reply for reply in replies if isinstance(reply, Error)), None)
    found = identity_from_info(fields)
    return replace(
        state,
        role=found.role if found.role in _KNOWN_ROLES else "unknown",
        cluster="cluster" in (fields.get("redis_mode"), fields.get("server_mode")),
        connected_replicas=info_number(fields, "connected_slaves") or 0,
        run_id=found.run_id,
        replid=found.replid,
        replid2=found.replid2,
        version=visible(found.version, limit=32),
        kind=visible(found.kind, limit=32),
        untold=visible(refused.data) if refused else "",
    )


def untold_text(state: SessionState) -> str:
    """What to say of a server that did not introduce itself; "" of any other."""
    if not state.untold:
        return ""
    if state.untold.startswith("NOAUTH"):
        return (
            "The server wants a password, and none was given: use --askpass, REDISCLI_AUTH or the target's "
            "password_command, or AUTH."
        )
    return (
        f"The server does not let us ask who it is ({state.untold}): its role is unknown, and that it is "
        "another one after a lost connection would not be noticed."
    )


def check_same(before: SessionState, found: SessionState) -> None:
    """See that a server is the one that it was.

    Raises:
        ServerChanged: run id, role, kind, version or address differ, or it no longer tells who it is.
    """
    differences = [
        f"its {what} was {visible(old)} and is {visible(new)}"
        for what, old, new in (
            ("address", before.address.place, found.address.place),
            ("run id", before.run_id[:12], found.run_id[:12]),
            ("role", before.role, found.role),
            ("kind", before.kind, found.kind),
            ("version", before.version, found.version),
        )
        if old and new and old != new and "unknown" not in (old, new)
    ]
    if before.run_id and not found.run_id:
        differences.append("it no longer tells its run id")
    if differences:
        raise ServerChanged(
            f"{before.target} is not the server that it was: {', '.join(differences)}; nothing was sent to it",
            todo="It was restarted, failed over or replaced. Look at it first; in the console, "
            ":reconnect accept goes on with it.",
        )
