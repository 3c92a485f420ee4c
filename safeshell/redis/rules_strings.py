"""Arguments of commands on strings, bitmaps and hash fields: SET's options, GETEX, BITFIELD, huge offsets."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Severity
from safeshell.guard.text import sized
from safeshell.redis.arguments import has_word, integer, number_after
from safeshell.redis.keys import bitfield_only_gets
from safeshell.redis.meaning import Call, Meaning, Remark, Rules, deleting, losing, on_keys, reading, writing

_LARGE: Final = 64 << 20
_HUGE: Final = 256 << 20
_UNITS: Final = {b"EXAT": 1000, b"PXAT": 1}


def _expires_in_past(call: Call, first: int) -> bool:
    for option, unit in _UNITS.items():
        moment = number_after(call.argv, option, first)
        if moment is not None and call.context.is_past(moment * unit):
            return True
    return False


def _set(call: Call) -> Meaning:
    return _expiring(call, 3)


def _expiring(call: Call, first: int) -> Meaning:
    """SET and GETEX, with their options from a position on."""
    if _expires_in_past(call, first):
        return losing(
            call,
            Remark(
                "redis.expire-now",
                Severity.MEDIUM,
                f"that time is over already, so {call.shown(1)} is deleted at once",
                "give a time in the future",
                first,
            ),
        )
    return writing(call)


def _getex(call: Call) -> Meaning:
    if len(call.argv) == 2:
        return reading(call)
    return _expiring(call, 2)


def _hgetex(call: Call) -> Meaning:
    return reading(call) if call.word(2) == "FIELDS" else writing(call)


def _delex(call: Call) -> Meaning:
    return deleting(call, Remark("redis.delete", Severity.LOW, f"deletes {call.shown(1)}"))


def _bitfield(call: Call) -> Meaning:
    if bitfield_only_gets(call.argv):
        return reading(call)
    return writing(call, *_allocates(max(_bitfield_ends(call), default=0), 2))


def _bitfield_ends(call: Call) -> list[int]:
    """The bytes that each SET and INCRBY of BITFIELD needs."""
    ends = []
    for at in range(2, len(call.argv) - 2):
        if call.word(at) in ("SET", "INCRBY"):
            width = integer(call.argv[at + 1][1:]) or 0
            offset = call.argv[at + 2]
            times = width if offset.startswith(b"#") else 1
            ends.append(((integer(offset.removeprefix(b"#")) or 0) * times + width) // 8)
    return ends


def _setbit(call: Call) -> Meaning:
    offset = integer(call.argv[2]) if len(call.argv) > 2 else None
    return writing(call, *_allocates((offset or 0) // 8, 2))


def _setrange(call: Call) -> Meaning:
    offset = integer(call.argv[2]) if len(call.argv) > 2 else None
    return writing(call, *_allocates(offset or 0, 2))


def _allocates(size: int, at: int) -> tuple[Remark, ...]:
    if size < _LARGE:
        return ()
    return (
        Remark(
            "redis.allocates",
            Severity.HIGH if size >= _HUGE else Severity.MEDIUM,
            f"this offset makes the server allocate up to {sized(size)} at once",
            at=at,
        ),
    )


def _mset(call: Call) -> Meaning:
    keys = [named.key for named in call.keys]
    if len(set(keys)) < 2:
        return writing(call)
    return Meaning(
        (on_keys(EffectKind.OVERWRITE, keys, reversible=call.reversible),),
        (
            Remark(
                "redis.replace",
                Severity.LOW,
                f"what was in {len(set(keys))} keys is lost, and when they expire",
            ),
        ),
    )


def _msetex(call: Call) -> Meaning:
    return writing(call) if has_word(call.argv, b"NX", 2) else _mset(call)


def _pop(call: Call) -> Meaning:
    """LPOP and the like: the reply is the only copy of what is removed."""
    count = integer(call.argv[2]) if len(call.argv) > 2 else None
    meaning = deleting(call)
    if count is None or count < 2 or not call.keys:
        return meaning
    return Meaning(
        (on_keys(EffectKind.DELETE, [call.argv[1]], reversible=call.reversible),),
        (
            Remark(
                "redis.pop",
                Severity.MEDIUM,
                f"removes up to {count:,} elements of {call.shown(1)}; a key without any is deleted",
                at=2,
            ),
        ),
    )


def _pfdebug(call: Call) -> Meaning:
    return Meaning(
        (on_keys(EffectKind.WRITE, call.argv[2:3], reversible=False),),
        (Remark("redis.debug", Severity.MEDIUM, "may change how the key is stored"),),
    )


RULES: Final[Rules] = {
    "SET": _set,
    "GETEX": _getex,
    "HGETEX": _hgetex,
    "DELEX": _delex,
    "DELIFEQ": _delex,
    "BITFIELD": _bitfield,
    "SETBIT": _setbit,
    "SETRANGE": _setrange,
    "MSET": _mset,
    "MSETEX": _msetex,
    "LPOP": _pop,
    "RPOP": _pop,
    "SPOP": _pop,
    "ZPOPMIN": _pop,
    "ZPOPMAX": _pop,
    "PFDEBUG": _pfdebug,
}
