"""What a Redis target is really like: connects as a session would, and proves what holds it read-only.

Asks by reading commands only. For `safeshell doctor`.
"""

from __future__ import annotations

from collections.abc import Mapping

from safeshell.config.settings import Settings, Target
from safeshell.errors import UsageError
from safeshell.frozen import frozen, replace
from safeshell.guard.mode import Mode
from safeshell.redis.endpoint import endpoint_of
from safeshell.redis.options import parse_options
from safeshell.redis.readonly import Enforcement, prove
from safeshell.redis.reply import Error
from safeshell.redis.sentinel import find_primary
from safeshell.redis.session import RedisSession


@frozen
class Examination:
    """What was found.

    Args:
        server: its kind and version.
        role: primary, replica, ….
        enforcement: what holds a read-only session; None where sessions are not read-only.
        held_by: the same in words.
        weaknesses: what would not work when it is needed.
    """

    server: str
    role: str
    enforcement: Enforcement | None
    held_by: str
    weaknesses: tuple[str, ...]


def examine(settings: Settings, target: Target, *, environ: Mapping[str, str]) -> Examination:
    """Look at one target.

    Raises:
        SafeshellError: it can't be reached, or its configuration does not suffice to connect.
    """
    options = parse_options(["--target", target.name]).connection
    endpoint = endpoint_of(options, (), settings, environ=environ, ask_password=_no_password)
    read_only = endpoint.environment.mode is Mode.READ_ONLY
    normal = endpoint.address
    if endpoint.sentinels is not None:
        normal = find_primary(endpoint.sentinels.addresses, endpoint.sentinels.master, normal)
    reader = endpoint.reader
    if reader and reader.place == endpoint.address.place:
        reader = replace(reader, host=normal.host, port=normal.port)
    address = reader if read_only and reader else normal
    session = RedisSession.open(address, target=target.name)
    try:
        found = prove(session.connection.call, pipeline=session.connection.pipeline) if read_only else None
        weaknesses = _undo_weakness(session) if not (endpoint.reader and read_only) else ()
        state = session.state
        return Examination(
            server=f"{state.kind} {state.version}".strip(),
            role=state.role,
            enforcement=found,
            held_by=found.description if found else "nothing",
            weaknesses=weaknesses,
        )
    finally:
        session.close()


def _undo_weakness(session: RedisSession) -> tuple[str, ...]:
    """Whether the user may RESTORE: many may DEL and not undo it (RESTORE is @dangerous)."""
    reply = session.connection.call(
        b"ACL", b"DRYRUN", session.state.user.encode(), b"RESTORE", b"k", b"0", b"v"
    )
    refused = not isinstance(reply, Error) and getattr(reply, "data", b"OK") != b"OK"
    return ("undo would not work: this user may not RESTORE",) if refused else ()


def _no_password() -> str:
    raise UsageError("no password is asked for here")
