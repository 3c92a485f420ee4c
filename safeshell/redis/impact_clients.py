"""Whom CLIENT KILL hits, read from CLIENT LIST with the same filters, and how many a pause holds up."""

from __future__ import annotations

from collections.abc import Sequence

from safeshell.frozen import frozen
from safeshell.guard.text import counted, visible
from safeshell.redis.measuring import Findings, Measuring
from safeshell.redis.reply import Integer, string_of
from safeshell.redis.server_info import info_number

_SHOWN = 5


@frozen
class Client:
    """A line of CLIENT LIST."""

    fields: dict[str, str]

    @property
    def type(self) -> str:
        """As CLIENT KILL TYPE means it."""
        flags = self.fields.get("flags", "")
        if "M" in flags:
            return "master"
        if "S" in flags or "O" in flags:
            return "replica"
        return "pubsub" if "P" in flags else "normal"

    @property
    def words(self) -> str:
        """`10.1.2.3:50123 worker (user app)`, safe to show."""
        address = visible(self.fields.get("addr") or "?", limit=60)
        name = self.fields.get("name", "")
        user = self.fields.get("user", "")
        kind = "" if self.type == "normal" else f" ({self.type})"
        shown = f" {visible(name, limit=40)}" if name else ""
        return (
            address
            + shown
            + (f" user {visible(user, limit=40)}" if user not in ("", "default") else "")
            + kind
        )


def parse_clients(text: bytes) -> list[Client]:
    """The clients in a reply to CLIENT LIST."""
    lines = text.decode("utf-8", "surrogateescape").splitlines()
    return [Client(dict(word.partition("=")[::2] for word in line.split(" "))) for line in lines if line]


def killed(clients: Sequence[Client], argv: Sequence[bytes], own_id: str) -> list[Client] | None:
    """Those whom `CLIENT KILL …` hits.

    Args:
        clients: all of them.
        argv: the command.
        own_id: the id of the connection that sends it; empty when unknown.

    Returns:
        None when a filter is not known here.
    """
    words = [word.decode("utf-8", "surrogateescape") for word in argv[2:]]
    if len(words) == 1:
        return [one for one in clients if one.fields.get("addr") == words[0]]
    if not words or len(words) % 2:
        return None
    hit = list(clients)
    skips_own = True
    for name, value in zip(words[::2], words[1::2], strict=True):
        match name.upper():
            case "ID":
                hit = [one for one in hit if one.fields.get("id") == value]
            case "TYPE":
                wanted = {"slave": "replica", "primary": "master"}.get(value.lower(), value.lower())
                hit = [one for one in hit if one.type == wanted]
            case "USER" | "ADDR" | "LADDR" | "NAME":
                hit = [one for one in hit if one.fields.get(name.lower()) == value]
            case "MAXAGE" if value.isdigit():
                hit = [one for one in hit if int(one.fields.get("age") or 0) >= int(value)]
            case "SKIPME":
                skips_own = value.lower() != "no"
            case _:
                return None
    return [one for one in hit if not (skips_own and own_id and one.fields.get("id") == own_id)]


def kill_impact(measuring: Measuring, argv: Sequence[bytes], own_id: str, findings: Findings) -> None:
    """CLIENT KILL: how many, who, and whether this session or replicas are among them.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    text = string_of(measuring.ask([(b"CLIENT", b"LIST")])[0])
    hit = None if text is None else killed(parse_clients(text), argv, own_id)
    if hit is None:
        findings.fact("whom it hits could not be found out")
        findings.complete = False
        return
    findings.count(len(hit), "clients")
    findings.fact(f"{counted(len(hit), 'client')} would be cut off")
    for one in hit[:_SHOWN]:
        findings.fact(one.words)
    if len(hit) > _SHOWN:
        findings.fact(f"and {len(hit) - _SHOWN:,} more")
    replicas = sum(one.type == "replica" for one in hit)
    if replicas:
        findings.fact(
            f"{counted(replicas, 'replica')} among them; they would have to catch up, perhaps in full"
        )
    if own_id and any(one.fields.get("id") == own_id for one in hit):
        findings.fact("this session itself is among them")


def pause_impact(fields: dict[str, str], argv: Sequence[bytes], findings: Findings) -> None:
    """CLIENT PAUSE ms [WRITE|ALL]: whom it holds up and for how long."""
    clients = info_number(fields, "connected_clients") or 0
    milliseconds = int(argv[2]) if len(argv) > 2 and argv[2].isdigit() else 0
    writes = len(argv) > 3 and argv[3].upper() == b"WRITE"
    what = "writes of" if writes else "every command of"
    findings.count(clients, "clients")
    findings.fact(f"{what} {counted(clients, 'client')} wait for {milliseconds / 1000:g} s")
    findings.offer("CLIENT UNPAUSE ends it early")


def user_impact(measuring: Measuring, names: Sequence[bytes], findings: Findings) -> None:
    """ACL SETUSER and DELUSER: who is connected as that user.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    text = string_of(measuring.ask([(b"CLIENT", b"LIST")])[0])
    clients = parse_clients(text) if text is not None else []
    for name in names[:_SHOWN]:
        user = name.decode("utf-8", "surrogateescape")
        number = sum(one.fields.get("user") == user for one in clients)
        findings.fact(f"{counted(number, 'connection')} of user {visible(user, limit=60)}")


def own_client_id(reply: object) -> str:
    """The id in a reply to CLIENT ID; empty when there is none."""
    return str(reply.value) if isinstance(reply, Integer) else ""
