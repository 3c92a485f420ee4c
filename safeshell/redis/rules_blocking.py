"""Arguments of commands that wait: how long, and for whom."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Severity
from safeshell.redis.meaning import HARMLESS, Call, Meaning, Remark, Rules, deleting, naming, on_keys, writing

_FIRST: Final = frozenset({"BLMPOP", "BZMPOP"})
_ZERO: Final = frozenset({b"0", b"0.0", b"-0", b"0.00", b"0.", b".0"})


def waits_for_ever(at: int) -> Remark:
    """What to say of a time-out of 0 at a position."""
    return Remark(
        "redis.blocks",
        Severity.LOW,
        "waits for ever: a time-out of 0 has no end",
        "give a time-out in seconds",
        at,
    )


def _timeout(call: Call) -> tuple[Remark, ...]:
    at = 1 if call.info.name in _FIRST else len(call.argv) - 1
    return (waits_for_ever(at),) if at and at < len(call.argv) and call.argv[at] in _ZERO else ()


def _pop(call: Call) -> Meaning:
    """Which of the keys loses an element is not known before."""
    keys = [named.key for named in call.keys]
    remark = Remark(
        "redis.pop", Severity.LOW, f"takes an element of {naming(keys)} that a consumer may be waiting for"
    )
    meaning = deleting(call, remark, *_timeout(call))
    if not keys:
        return meaning
    return Meaning((on_keys(EffectKind.DELETE, keys[:1], reversible=False),), meaning.remarks)


def _mpop(call: Call) -> Meaning:
    """The first key that is not empty loses elements, and only that one."""
    keys = [named.key for named in call.keys]
    if not keys:
        return deleting(call)
    return Meaning(
        (on_keys(EffectKind.DELETE, keys[:1], reversible=call.reversible),),
        (
            Remark(
                "redis.pop",
                Severity.MEDIUM,
                f"takes elements of the first of {naming(keys)} that is not empty",
            ),
        ),
    )


def _move(call: Call) -> Meaning:
    return writing(call, *_timeout(call))


def _wait(call: Call) -> Meaning:
    last = len(call.argv) - 1
    if last < 1 or call.argv[last] not in _ZERO:
        return HARMLESS
    return Meaning(remarks=(waits_for_ever(last),), reads=True)


RULES: Final[Rules] = {
    "BLPOP": _pop,
    "BRPOP": _pop,
    "BZPOPMIN": _pop,
    "BZPOPMAX": _pop,
    "BLMPOP": _pop,
    "BZMPOP": _pop,
    "LMPOP": _mpop,
    "ZMPOP": _mpop,
    "BLMOVE": _move,
    "BLMOVEM": _move,
    "BRPOPLPUSH": _move,
    "WAIT": _wait,
    "WAITAOF": _wait,
}
