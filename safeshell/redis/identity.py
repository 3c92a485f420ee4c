"""What stands behind a name: who a server is by what no name can fake, and what was behind which name before.

The ids, and what they are worth (Redis 7.0 to 8, Valkey):
- `run_id` is one process: the same id is the same server for certain; a restart makes a new one.
- `replid` (`master_replid`) is one history of writes: a primary and its replicas have it in common, and a
  replica keeps it over a restart with a save. A primary makes a new one when it starts and when its first
  replica comes (seen on 7.0.15), a replica when it is promoted. After a promotion, or (7.0) a start from a
  dump that a primary with replicas saved, the former one is kept as `replid2`.
So the same `run_id` or `replid` under another name is the same data, live, and the other name's environment
counts; a replica is recognised only if its primary was seen since its first replica came. `replid2` only
explains a change under the *same* name (restart, failover): a copy of production's dump on a laptop has
production's id there, and is not production. A restart without a dump can't be told from another server, and
is not claimed to be either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.environment import BUILT_IN, UNLABELLED, Environment, strictest
from safeshell.guard.text import visible
from safeshell.journal.known_places import KnownPlaces

_KEYS: Final = ("environment", "run_id", "replid")
_ID: Final = re.compile(r"[0-9a-f]{40}")
_NO_ID: Final = "0" * 40


@frozen
class Identity:
    """Who a server says it is.

    Args:
        run_id: of the process; 40 hexadecimal digits, "" when not known.
        replid: of the history of its writes, in the same form.
        role: `primary`, `replica`, `sentinel`, …; "" when not known.
        version: `7.0.15`.
        kind: `redis`, `valkey`, ….
        replid2: of the history that it went on from; "" for none.
    """

    run_id: str
    replid: str
    role: str
    version: str
    kind: str
    replid2: str = ""


def identity_from_info(fields: Mapping[str, str]) -> Identity:
    """The identity that INFO's sections `server` and `replication` tell, joined.

    Args:
        fields: as `server_info.info_fields` gives them; missing ones become "".
    """
    valkey = fields.get("valkey_version", "")
    role = {"master": "primary", "slave": "replica"}.get(fields.get("role", ""), fields.get("role", ""))
    if "sentinel" in (fields.get("redis_mode"), fields.get("server_mode")):
        role = "sentinel"
    return Identity(
        run_id=_id(fields.get("run_id")),
        replid=_id(fields.get("master_replid")),
        role=role,
        version=valkey or fields.get("redis_version", ""),
        kind=fields.get("server_name") or ("valkey" if valkey else "redis"),
        replid2=_id(fields.get("master_replid2")),
    )


@frozen
class KnownName:
    """What was behind a name when it was seen last.

    Args:
        target_name: the name.
        environment_name: of the environment that the name had by itself.
        run_id, replid: as in `Identity`.
    """

    target_name: str
    environment_name: str
    run_id: str
    replid: str


class IdentityStore:
    """What was behind each name, in a file of the state folder.

    Args:
        path: the file; made when something is remembered first.
    """

    def __init__(self, path: Path) -> None:
        self._places = KnownPlaces(path, keys=_KEYS, what="server")

    @property
    def path(self) -> Path:
        """The file."""
        return self._places.path

    @property
    def complaint(self) -> str:
        """Why what was known is lost or could not be kept, for a person; "" when all is well."""
        return self._places.complaint

    def load(self) -> dict[str, KnownName]:
        """Every name, the last seen at the end; none of a file that can't be read (`complaint` says why)."""
        return {
            name: KnownName(name, place["environment"], _id(place["run_id"]), _id(place["replid"]))
            for name, place in self._places.load().items()
        }

    def remember(self, known: KnownName) -> None:
        """Put `known` in the place of what its name had before. What fails is in `complaint`."""
        self._places.remember(known.target_name, _record(known))


class Acquaintance(StrEnum):
    """What a server is to the name by which it was reached."""

    NEW = "new"
    KNOWN = "known"
    RESTARTED = "restarted"
    REPLACED = "replaced"
    UNTOLD = "untold"


@frozen
class IdentityNote:
    """What is known of a server and the name by which it was reached.

    Args:
        acquaintance: what was behind this name before: nothing (NEW), this process (KNOWN), the same history of
            writes (RESTARTED: a restart, failover or another of its servers), something that can't be told
            apart from another server (REPLACED). UNTOLD: the server tells no id.
        environment_name: the strictest of the environments of all names of this data, this one's among them.
        also_known_as: the other names of this very data.
        text: what a person should be told, safe to show; "" when there is nothing.
    """

    acquaintance: Acquaintance
    environment_name: str
    also_known_as: tuple[KnownName, ...] = ()
    text: str = ""


def check_identity(
    store: IdentityStore,
    identity: Identity,
    *,
    target_name: str,
    environment_name: str,
    environments: Mapping[str, Environment] = BUILT_IN,
) -> IdentityNote:
    """Compare a server with what was behind this name and others, and remember it.

    Args:
        store: what was seen before.
        identity: of the server that was reached.
        target_name: the name by which it was reached: the target's, or `host:port`.
        environment_name: the environment of that name by itself, not the one taken because of another name.
        environments: every environment by name, for how strict each is; one that is not there counts for nothing.

    Returns:
        What is to be said, and which environment holds. Never fails for a store that can't be used: it says so.
    """
    if not identity.run_id and not identity.replid:
        return IdentityNote(
            Acquaintance.UNTOLD,
            environment_name,
            text="the server does not tell its run id, so it can't be recognised under another name",
        )
    names = store.load()
    complaint = store.complaint
    before = names.get(target_name)
    others = tuple(
        known
        for known in names.values()
        # A place that nobody has labelled says nothing of what the server is.
        if known.target_name != target_name
        and known.environment_name != UNLABELLED.name
        and _is_same(known, identity)
    )
    now = KnownName(target_name, environment_name, identity.run_id, identity.replid)
    if now != before:
        store.remember(now)
    acquaintance = _acquaintance(before, identity)
    sentences = (
        *(_deception(known, identity) for known in others if known.environment_name != environment_name),
        _change(acquaintance, target_name),
        store.complaint or complaint,
    )
    return IdentityNote(
        acquaintance,
        _strictest(environment_name, others, environments),
        others,
        "; ".join(sentence for sentence in sentences if sentence),
    )


def check_pins(target_pins: Sequence[str], identity: Identity) -> str | None:
    """Why a server is not the pinned one.

    Args:
        target_pins: run or replication ids; anything else, such as a fingerprint of an SSH key, is not for Redis.
        identity: of the server that was reached.

    Returns:
        The error, a sentence without a full stop, safe to show; None when an id matches or none is pinned.
    """
    pins = {pin.strip().lower() for pin in target_pins}
    pins = {pin for pin in pins if _ID.fullmatch(pin)}
    if not pins or {identity.run_id, identity.replid} & pins:
        return None
    if not identity.run_id and not identity.replid:
        return "the target is pinned to an id, but this server does not tell its own"
    told = " and ".join(
        f"{name} {visible(value)}"
        for name, value in (("run id", identity.run_id), ("replication id", identity.replid))
        if value
    )
    if identity.replid2 in pins:
        return (
            f"this server ({told}) goes on from the pinned history, but is another run of it: a restarted or "
            "promoted server, or a copy; when it is the right one, pin its replication id"
        )
    return f"this is not the pinned server: it has {told}"


def _strictest(own: str, others: Sequence[KnownName], environments: Mapping[str, Environment]) -> str:
    names = (own, *(known.environment_name for known in others))
    found = [environments[name] for name in names if name in environments]
    return strictest(*found).name if found else own


def _is_same(known: KnownName, identity: Identity) -> bool:
    return bool(
        (identity.run_id and known.run_id == identity.run_id)
        or (identity.replid and known.replid == identity.replid)
    )


def _acquaintance(before: KnownName | None, identity: Identity) -> Acquaintance:
    if before is None:
        return Acquaintance.NEW
    if identity.run_id and before.run_id == identity.run_id:
        return Acquaintance.KNOWN
    if before.replid and before.replid in (identity.replid, identity.replid2):
        return Acquaintance.RESTARTED
    return Acquaintance.REPLACED


def _deception(known: KnownName, identity: Identity) -> str:
    name = visible(known.target_name, limit=80)
    environment = visible(known.environment_name, limit=40)
    if identity.run_id and known.run_id == identity.run_id:
        return f"this is the very server known as {name} ({environment})"
    return f"this server holds the same data as {name} ({environment}), as its primary or replica"


def _change(acquaintance: Acquaintance, target_name: str) -> str:
    name = visible(target_name, limit=80)
    match acquaintance:
        case Acquaintance.RESTARTED:
            return f"{name} was restarted or failed over since the last time; its data goes on"
        case Acquaintance.REPLACED:
            return f"{name} was restarted or replaced by another server since the last time"
    return ""


def _id(text: str | None) -> str:
    found = (text or "").strip().lower()
    return found if _ID.fullmatch(found) and found != _NO_ID else ""


def _record(known: KnownName) -> dict[str, str]:
    return {"environment": known.environment_name, "run_id": known.run_id, "replid": known.replid}
