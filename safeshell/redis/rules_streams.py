"""Arguments of stream commands: trimming, consumer groups, reading as a member of one."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Severity
from safeshell.redis.arguments import has_word, integer, number_after, option_at
from safeshell.redis.meaning import Call, Meaning, Remark, Rules, deleting, losing, naming, reading, writing
from safeshell.redis.rules_blocking import waits_for_ever


def _trim_to(call: Call) -> int | None:
    at = option_at(call.argv, b"MAXLEN", 2)
    if not at or at + 1 >= len(call.argv):
        return None
    threshold = at + 2 if call.argv[at + 1] in (b"=", b"~") else at + 1
    return integer(call.argv[threshold]) if threshold < len(call.argv) else None


def _emptied(call: Call) -> Remark:
    return Remark(
        "redis.emptied",
        Severity.MEDIUM,
        f"every entry of {call.shown(1)} is removed; the key and its groups stay",
        at=option_at(call.argv, b"MAXLEN", 2),
    )


def _xadd(call: Call) -> Meaning:
    return losing(call, _emptied(call)) if _trim_to(call) == 0 else writing(call)


def _xtrim(call: Call) -> Meaning:
    return deleting(call, _emptied(call)) if _trim_to(call) == 0 else deleting(call)


def _xread(call: Call) -> Meaning:
    at = option_at(call.argv, b"BLOCK", 1)
    streams = option_at(call.argv, b"STREAMS", 1)
    if at and (not streams or at < streams) and number_after(call.argv, b"BLOCK", 1) == 0:
        return reading(call, waits_for_ever(at))
    return reading(call)


def _xreadgroup(call: Call) -> Meaning:
    """Never a read: with any id it makes the consumer when there is none, and moves what it has seen."""
    remark = Remark(
        "redis.group-read",
        Severity.LOW,
        f"looks like a read, and takes entries of {naming(named.key for named in call.keys)} for this consumer",
        "XREAD or XRANGE, which only look",
    )
    at = option_at(call.argv, b"BLOCK", 4)
    if at and number_after(call.argv, b"BLOCK", 4) == 0:
        return writing(call, remark, waits_for_ever(at))
    return writing(call, remark)


def _xclaim(call: Call) -> Meaning:
    return writing(
        call,
        Remark(
            "redis.group-claim",
            Severity.MEDIUM,
            "takes pending entries away from the consumers working on them",
        ),
    )


def _xack(call: Call) -> Meaning:
    return writing(
        call,
        Remark(
            "redis.group-ack",
            Severity.LOW,
            "says that this work is done; nobody gets these entries again",
            at=3,
        ),
    )


def _xgroup_destroy(call: Call) -> Meaning:
    return deleting(
        call,
        Remark(
            "redis.group-destroy",
            Severity.MEDIUM,
            f"the group {call.shown(3)} and all its pending entries are gone, whoever is working on them",
            at=3,
        ),
    )


def _xgroup_delconsumer(call: Call) -> Meaning:
    return deleting(
        call,
        Remark(
            "redis.group-destroy",
            Severity.MEDIUM,
            f"what is pending for the consumer {call.shown(4)} is lost for its group",
            "XAUTOCLAIM its entries first",
            4,
        ),
    )


def _xsetid(call: Call) -> Meaning:
    group = call.info.name == "XGROUP SETID"
    at = 4 if group else 2
    what = "the group skips entries, or gets them again" if group else "new entries are numbered from there"
    return writing(call, Remark("redis.stream-id", Severity.MEDIUM, what, at=at))


def _xackdel(call: Call) -> Meaning:
    references = " and the references of other groups" if has_word(call.argv, b"DELREF", 3) else ""
    return deleting(
        call, Remark("redis.delete", Severity.LOW, f"acknowledges and removes the entries{references}", at=3)
    )


RULES: Final[Rules] = {
    "XADD": _xadd,
    "XTRIM": _xtrim,
    "XREAD": _xread,
    "XREADGROUP": _xreadgroup,
    "XCLAIM": _xclaim,
    "XAUTOCLAIM": _xclaim,
    "XNACK": _xclaim,
    "XACK": _xack,
    "XACKDEL": _xackdel,
    "XGROUP DESTROY": _xgroup_destroy,
    "XGROUP DELCONSUMER": _xgroup_delconsumer,
    "XGROUP SETID": _xsetid,
    "XSETID": _xsetid,
}
