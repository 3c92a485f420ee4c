"""What enforces read-only on a connection: the server, because of its user or as a replica, or only our proof.

`prove` asks the server what it would do and never tries a write to find out. It only tells; that no line becomes
another user in a read-only session is the reading's to see (`rules_clients.LOGIN_RULE`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, StrEnum, auto
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.reply import Error, Reply, items_of, pairs_of, string_of
from safeshell.redis.server_info import info_fields
from safeshell.redis.table import CommandInfo, EffectClass, command_info, command_names

Call = Callable[..., Reply]
"""Sends the words of one command, all bytes, and gives the reply: `Connection.call`."""

Pipeline = Callable[[Sequence[Sequence[bytes]]], Sequence[Reply]]
"""Sends many commands at once and gives their replies in order: `Connection.pipeline`."""


class EnforcementKind(StrEnum):
    """Who holds read-only, the strongest first."""

    ACL_USER = "acl-user"
    REPLICA = "replica"
    CLIENT_PROOF = "client-proof"


@frozen
class Enforcement:
    """What holds read-only on one connection.

    Args:
        kind: who does.
        proven: the server itself said that it refuses writes of data.
        description: in words, for banner, targets and doctor; safe to show.
        gaps: what is possible nevertheless, each a sentence without a full stop; safe to show.
    """

    kind: EnforcementKind
    proven: bool
    description: str
    gaps: tuple[str, ...] = ()


CLIENT_PROOF: Final = Enforcement(
    EnforcementKind.CLIENT_PROOF,
    proven=False,
    description="the client's proof of each line",
    gaps=("the server itself would accept writes; a user who may only read is stronger: --print-acl",),
)
"""Nothing but our own reading of each line."""

_DATA: Final = frozenset(
    {EffectClass.WRITE_KEY, EffectClass.DELETE_KEYS, EffectClass.DELETE_ALL, EffectClass.REPLICATION}
)
_HARMLESS: Final = frozenset({EffectClass.READ, EffectClass.CONNECTION})
_NUMBERS_OF_WORDS: Final = (2, 1, 3, 0, 4, 5, 7, 9, 12)  # behind a name; a server looks at their number first
_SHOWN_NAMES: Final = 5


class _Answer(Enum):
    PERMITTED = auto()
    REFUSED = auto()
    NO_SUCH_COMMAND = auto()
    OTHER_NUMBER_OF_WORDS = auto()
    NOT_TOLD = auto()


def prove(call: Call, *, pipeline: Pipeline | None = None) -> Enforcement:
    """What enforces read-only for the user of a connection.

    Asks ACL WHOAMI and ACL DRYRUN (7.0; its own permission is needed), then ROLE, CONFIG GET and INFO; each may
    be refused. A user who may SET is recognised by one question; of any other, every command that the table
    does not prove to read is asked about, as a single `+incr` would make the claim untrue.

    Args:
        call: of the connection; what it raises goes up.
        pipeline: of the same connection: some hundred questions then take ten round trips instead of hundreds.

    Returns:
        The strongest enforcement that the server proves; one that it hints at but does not prove with `proven`
        false; else the client's proof.
    """
    by_user = _by_user(call, pipeline or (lambda commands: [call(*argv) for argv in commands]))
    if by_user and by_user.proven:
        return by_user
    by_replica = _by_replica(call)
    if by_replica and by_replica.proven:
        return by_replica
    return by_user or by_replica or CLIENT_PROOF


def _by_user(call: Call, pipeline: Pipeline) -> Enforcement | None:
    user = string_of(call(b"ACL", b"WHOAMI"))
    if user is None:
        return None
    match _answer(call(b"ACL", b"DRYRUN", user, b"SET", b"1", b"1")):
        case _Answer.PERMITTED:
            return None
        case _Answer.NOT_TOLD:
            return _unproven(user, call)
    permitted = _permitted(pipeline, user)
    if any(info.effect in _DATA and "pubsub" not in info.flags for info in permitted):
        return None  # who may write anything at all is no reader; a message leaves the data as it is
    shown = visible(user, limit=60)
    names = [info.name for info in permitted]
    listed = ", ".join(names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return Enforcement(
        EnforcementKind.ACL_USER,
        proven=True,
        description=f"the server refuses writes of user {shown} (proven)",
        gaps=(
            *((f"user {shown} may still run {listed}{more}",) if names else ()),
            *_gap_of_default_user(call, user),
        ),
    )


def _permitted(pipeline: Pipeline, user: bytes) -> list[CommandInfo]:
    """The commands that `user` may run although they are not proven to read; nothing of them runs."""
    asked = [
        info
        for info in map(command_info, command_names())
        if info and not info.container and info.effect not in _HARMLESS
    ]
    permitted: list[CommandInfo] = []
    for words in _NUMBERS_OF_WORDS:
        replies = pipeline(
            [(b"ACL", b"DRYRUN", user, *info.name.encode().split(b" "), *[b"1"] * words) for info in asked]
        )
        answers = list(zip(asked, map(_answer, replies), strict=True))
        permitted += [info for info, answer in answers if answer is _Answer.PERMITTED]
        asked = [info for info, answer in answers if answer is _Answer.OTHER_NUMBER_OF_WORDS]
        if not asked:
            break
    return sorted(
        permitted + asked, key=lambda info: info.name
    )  # what was never answered counts as permitted


def _answer(reply: Reply) -> _Answer:
    """What ACL DRYRUN said.

    A refusal counts only when it is of the command itself: one of a key or channel means that others may do.
    """
    if isinstance(reply, Error):
        if reply.data.startswith(b"ERR wrong number of arguments for") and b"dryrun" not in reply.data:
            return _Answer.OTHER_NUMBER_OF_WORDS
        unknown = reply.data.startswith(b"ERR Command '") and b"not found" in reply.data
        return _Answer.NO_SUCH_COMMAND if unknown else _Answer.NOT_TOLD
    text = string_of(reply) or b""
    return _Answer.REFUSED if b"permissions to run" in text else _Answer.PERMITTED


def _unproven(user: bytes, call: Call) -> Enforcement | None:
    """A user other than the default one, of whom the server does not tell what they may do."""
    if user == b"default":
        return None
    return Enforcement(
        EnforcementKind.ACL_USER,
        proven=False,
        description=f"the client's proof of each line; what user {visible(user, limit=60)} may do is not known",
        gaps=(
            "the server does not tell (ACL DRYRUN came with 7.0 and needs +acl|dryrun), so it may accept writes",
            *_gap_of_default_user(call, user),
        ),
    )


def _gap_of_default_user(call: Call, user: bytes) -> Sequence[str]:
    """What RESET and AUTH would lead to; asked, never tried."""
    if user == b"default":
        return ()
    fields = {string_of(name): value for name, value in pairs_of(call(b"ACL", b"GETUSER", b"default")) or ()}
    flags = {string_of(flag) for flag in items_of(fields.get(b"flags", Error(b""))) or ()}
    if not flags:
        return ("whether the default user needs a password is not known; RESET and AUTH are refused here",)
    if b"on" in flags and b"nopass" in flags:
        return (
            "the default user needs no password, so RESET or AUTH would leave read-only; they are refused here",
        )
    return ()


def _by_replica(call: Call) -> Enforcement | None:
    role = items_of(call(b"ROLE"))
    info = info_fields(call(b"INFO", b"replication"))
    says = string_of(role[0]) if role else info.get("role", "").encode()
    if says != b"slave":
        return None
    setting = pairs_of(call(b"CONFIG", b"GET", b"replica-read-only"))
    value = string_of(setting[0][1]) if setting else None
    read_only = {"1": True, "0": False}.get(info.get("slave_read_only", ""))
    if value is not None:
        read_only = value == b"yes"
    gaps = (
        "a replica still accepts CONFIG SET, SCRIPT FLUSH, PUBLISH and the like, if the user may run them",
        "it accepts writes when it is made a primary; the role is checked at each connection",
    )
    if read_only:
        return Enforcement(
            EnforcementKind.REPLICA,
            proven=True,
            description="the server is a replica and refuses writes (proven)",
            gaps=gaps,
        )
    if read_only is False:
        return Enforcement(
            EnforcementKind.CLIENT_PROOF,
            proven=False,
            description=CLIENT_PROOF.description,
            gaps=("the server is a replica, but one that accepts writes (replica-read-only no)",),
        )
    return Enforcement(
        EnforcementKind.REPLICA,
        proven=False,
        description="the client's proof of each line; the server is a replica, which usually refuses writes",
        gaps=("the server does not tell whether replica-read-only is on", *gaps),
    )
