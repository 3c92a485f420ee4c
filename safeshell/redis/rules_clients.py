"""CLIENT and the commands that change who one is: which clients KILL hits, PAUSE, REPLY, AUTH, HELLO, RESET."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent, Severity, widest
from safeshell.redis.arguments import has_word
from safeshell.redis.meaning import HARMLESS, Call, Meaning, Remark, Rules, doing, not_understood

LOGIN_RULE: Final = "redis.login"
"""The rule of every command by which a session becomes another user."""

_ONE, _MANY, _ALL = Extent.ONE, Extent.MANY, Extent.EVERYTHING


def _kill(call: Call) -> Meaning:
    old_form = len(call.argv) == 3  # CLIENT KILL ip:port
    extent = _ONE if old_form else _killed(call)
    who = {_ONE: "one client", _MANY: "every client that fits the filter", _ALL: "every client"}[extent]
    remarks = [
        Remark(
            "redis.client-kill",
            Severity.LOW,
            f"cuts off {who}",
            "CLIENT LIST with the same filter, to see whom it hits",
            min(2, len(call.argv) - 1),
        )
    ]
    at = next(
        (n for n in range(2, len(call.argv) - 1) if call.word(n) == "SKIPME" and call.word(n + 1) == "NO"), 0
    )
    if at:
        remarks.append(Remark("redis.client-kill", Severity.MEDIUM, "cuts off this console as well", at=at))
    return doing(EffectKind.STOP, extent, who, *remarks)


def _killed(call: Call) -> Extent:
    """Filters narrow each other, so the narrowest counts; one that is not known here narrows nothing."""
    narrowest = _ALL
    at = 2
    while at + 1 < len(call.argv):
        found = _filter_extent(call.word(at), call.word(at + 1))
        at += 2
        if call.word(at - 2) == "ID":  # Valkey takes several ids
            while at < len(call.argv) and call.argv[at].isdigit():
                found = _MANY
                at += 1
        if widest((found, narrowest)) is narrowest:
            narrowest = found
    return narrowest


def _filter_extent(name: str, value: str) -> Extent:
    match name:
        case "ID" | "ADDR":
            return _ONE
        case "USER":
            return _ALL if value == "DEFAULT" else _MANY
        case "TYPE":
            return _ALL if value == "NORMAL" else _MANY
        case "LADDR" | "MAXAGE" | "NAME" | "IP" | "LIB-NAME" | "DB":
            return _MANY
        case _:
            return _ALL


def _pause(call: Call) -> Meaning:
    writers = call.word(3) == "WRITE"
    who = "every client that writes" if writers else "every client"
    return doing(
        EffectKind.STOP,
        Extent.EVERYTHING,
        who,
        Remark(
            "redis.client-pause",
            Severity.HIGH,
            f"{who} waits for {call.shown(2) or 'some'} ms",
            "CLIENT UNPAUSE ends it early" if writers else "CLIENT PAUSE … WRITE, which lets reads go on",
        ),
        reversible=True,
    )


def _unpause(_: Call) -> Meaning:
    return doing(
        EffectKind.STOP,
        Extent.ONE,
        "a pause of clients",
        Remark("redis.client-pause", Severity.MEDIUM, "ends a pause that a failover may rely on"),
        reversible=True,
    )


def _unblock(call: Call) -> Meaning:
    error = has_word(call.argv, b"ERROR", 3)
    return doing(
        EffectKind.STOP,
        Extent.ONE,
        f"client {call.shown(2)}",
        Remark(
            "redis.client-unblock",
            Severity.MEDIUM,
            "the client that waits gets an error" if error else "the client that waits gets nothing",
            at=2,
        ),
    )


def _reply(call: Call) -> Meaning:
    if call.word(2) == "ON":
        return HARMLESS
    return not_understood(
        "no replies would come any more, and this console would wait for ever",
        rule="redis.client-reply",
        instead="redirect the output of a script",
        at=2 if len(call.argv) > 2 else 0,
    )


def _tracking(call: Call) -> Meaning:
    if not has_word(call.argv, b"BCAST", 3):
        return HARMLESS
    return Meaning(
        remarks=(
            Remark(
                "redis.tracking",
                Severity.LOW,
                "the server tells this connection of every key that changes",
                at=2,
            ),
        ),
        reads=True,
    )


def _import_source(call: Call) -> Meaning:
    if call.word(2) == "OFF":
        return HARMLESS
    return doing(EffectKind.WRITE, Extent.ONE, "how this connection's keys expire")


def _login(call: Call) -> Meaning:
    name = call.info.name
    reason = (
        "goes back to the default user, db 0 and RESP2, and ends a transaction"
        if name == "RESET"
        else "this session goes on as another user, with other rights"
    )
    return Meaning(remarks=(Remark(LOGIN_RULE, Severity.NONE, reason),), reads=True)


def _hello(call: Call) -> Meaning:
    return _login(call) if has_word(call.argv, b"AUTH", 1) else HARMLESS


RULES: Final[Rules] = {
    "CLIENT KILL": _kill,
    "CLIENT PAUSE": _pause,
    "CLIENT UNPAUSE": _unpause,
    "CLIENT UNBLOCK": _unblock,
    "CLIENT REPLY": _reply,
    "CLIENT TRACKING": _tracking,
    "CLIENT IMPORT-SOURCE": _import_source,
    "AUTH": _login,
    "RESET": _login,
    "HELLO": _hello,
}
