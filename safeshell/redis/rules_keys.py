"""Arguments of commands on whole keys: deleting, expiring, renaming, copying, moving, restoring, storing."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.text import visible
from safeshell.redis.arguments import has_word, integer, option_at
from safeshell.redis.keys import Access, geo_store, last_store
from safeshell.redis.meaning import (
    Call,
    Meaning,
    Remark,
    Rules,
    deleting,
    key_effects,
    losing,
    naming,
    on_keys,
    reading,
    writing,
)

_EMPTY_RESULT: Final = "an empty result deletes it"


def _names(call: Call) -> str:
    return naming(named.key for named in call.keys)


def _del(call: Call) -> Meaning:
    blocks = "the server waits until the memory of each is freed"
    return deleting(
        call,
        Remark(
            "redis.delete",
            Severity.LOW,
            f"deletes {_names(call)}; {blocks}",
            "UNLINK, which frees the memory in the background",
        ),
    )


def _unlink(call: Call) -> Meaning:
    return deleting(call, Remark("redis.delete", Severity.LOW, f"deletes {_names(call)}"))


def _delete_looking(call: Call) -> Meaning:
    return deleting(
        call, Remark("redis.delete", Severity.LOW, f"looks like a read, and deletes {_names(call)} as well")
    )


def _gone_by_expiry(call: Call, at: int) -> Meaning:
    lost = f"these fields of {_names(call)} are" if call.info.name.startswith("H") else f"{_names(call)} is"
    return losing(
        call,
        Remark(
            "redis.expire-now",
            Severity.MEDIUM,
            f"that time is over already, so {lost} deleted at once",
            "give a time in the future",
            at,
        ),
    )


def _expire(call: Call) -> Meaning:
    seconds = integer(call.argv[2]) if len(call.argv) > 2 else None
    return writing(call) if seconds is None or seconds > 0 else _gone_by_expiry(call, 2)


def _expire_at(call: Call) -> Meaning:
    moment = integer(call.argv[2]) if len(call.argv) > 2 else None
    unit = 1 if call.info.name.startswith(("PEXPIRE", "HPEXPIRE")) else 1000
    return (
        writing(call)
        if moment is None or not call.context.is_past(moment * unit)
        else _gone_by_expiry(call, 2)
    )


def _rename(call: Call) -> Meaning:
    if len(call.argv) < 3 or call.argv[1] == call.argv[2]:
        return writing(call)
    source, target = call.shown(1), call.shown(2)
    kinds = {Access.DELETE: EffectKind.WRITE, Access.OVERWRITE: EffectKind.OVERWRITE}
    return Meaning(
        key_effects(call, kinds),
        (
            Remark(
                "redis.rename",
                Severity.MEDIUM,
                f"{source} is gone under its name, and what was in {target} is lost",
                "RENAMENX, which never replaces",
                2,
            ),
        ),
    )


def _renamenx(call: Call) -> Meaning:
    return writing(
        call, Remark("redis.rename", Severity.LOW, f"{call.shown(1)} is gone under its name", at=1)
    )


def _move(call: Call) -> Meaning:
    return writing(
        call,
        Remark(
            "redis.move",
            Severity.MEDIUM,
            f"{call.shown(1)} leaves db {call.context.db} for db {call.shown(2)}",
            at=2,
        ),
    )


def _copy(call: Call) -> Meaning:
    target = [named for named in call.keys if named.access is not Access.READ]
    if not target or target[0].access is Access.WRITE:
        return writing(call)
    where = "" if target[0].db is None else f" in db {target[0].db}"
    # Undo looks into the other database as well; the table's "partial" is about the selected one.
    effect = on_keys(EffectKind.OVERWRITE, [target[0].key], reversible=target[0].db is None)
    return Meaning(
        (effect,),
        (
            Remark(
                "redis.replace",
                Severity.LOW,
                f"what was in {visible(target[0].key, limit=60)}{where} is lost",
                "leave out REPLACE to be refused when it exists",
                option_at(call.argv, b"REPLACE", 3),
            ),
        ),
    )


def _restore(call: Call) -> Meaning:
    if not has_word(call.argv, b"REPLACE", 4):
        return writing(call)
    expires = integer(call.argv[2])
    if has_word(call.argv, b"ABSTTL", 4) and expires and call.context.is_past(expires):
        return _gone_by_expiry(call, 2)
    return writing(
        call,
        Remark(
            "redis.replace",
            Severity.LOW,
            f"what was in {call.shown(1)} is lost",
            "leave out REPLACE to be refused when it exists",
            option_at(call.argv, b"REPLACE", 4),
        ),
    )


def _migrate(call: Call) -> Meaning:
    keys = [named.key for named in call.keys]
    options = call.argv[: option_at(call.argv, b"KEYS", 6) or len(call.argv)]
    effects: list[Effect] = []
    if not has_word(options, b"COPY", 6):
        effects.append(on_keys(EffectKind.DELETE, keys, reversible=False))
    kind = EffectKind.OVERWRITE if has_word(options, b"REPLACE", 6) else EffectKind.WRITE
    extent = Extent.ONE if len(keys) == 1 else Extent.MANY
    effects.append(Effect(kind, extent, f"{naming(keys)} on {call.shown(1)}:{call.shown(2)}"))
    return Meaning(
        tuple(effects),
        (
            Remark(
                "redis.migrate",
                Severity.MEDIUM,
                f"moves {naming(keys)} to {call.shown(1)}:{call.shown(2)}, and both servers wait until it is done",
            ),
        ),
    )


def _sort(call: Call) -> Meaning:
    at = last_store(call.argv)
    return _stored(call, at) if at else reading(call)


def _georadius(call: Call) -> Meaning:
    at = geo_store(call.argv)
    return _stored(call, at) if at else reading(call)


def _store(call: Call) -> Meaning:
    return _stored(call, 2 if call.info.name == "BITOP" else 1)


def _stored(call: Call, at: int) -> Meaning:
    if at >= len(call.argv):
        return writing(call)
    key = call.argv[at]
    return Meaning(
        (on_keys(EffectKind.OVERWRITE, [key], reversible=call.reversible),),
        (
            Remark(
                "redis.store",
                Severity.LOW,
                f"what was in {call.shown(at)} is lost, whatever its type; {_EMPTY_RESULT}",
                at=at,
            ),
        ),
    )


def _keeps_nothing(call: Call) -> Meaning:
    """LTRIM and the ZREMRANGEs: some ranges leave nothing."""
    if not _leaves_nothing(call):
        return deleting(call)
    return deleting(
        call,
        Remark(
            "redis.emptied",
            Severity.MEDIUM,
            f"nothing is left of {call.shown(1)} in this range, so it is deleted",
            at=2,
        ),
    )


def _leaves_nothing(call: Call) -> bool:
    if len(call.argv) < 4:
        return False
    first, last = call.argv[2], call.argv[3]
    match call.info.name:
        case "LTRIM":
            start, end = integer(first), integer(last)
            return start is not None and end is not None and start > end and (start < 0) == (end < 0)
        case "ZREMRANGEBYRANK":
            return (integer(first), integer(last)) == (0, -1)
        case "ZREMRANGEBYSCORE":
            return (first.lower(), last.lower()) in ((b"-inf", b"+inf"), (b"-inf", b"inf"))
        case _:
            return (first, last) == (b"-", b"+")


RULES: Final[Rules] = {
    "DEL": _del,
    "UNLINK": _unlink,
    "GETDEL": _delete_looking,
    "HGETDEL": _delete_looking,
    "EXPIRE": _expire,
    "PEXPIRE": _expire,
    "HEXPIRE": _expire,
    "HPEXPIRE": _expire,
    "EXPIREAT": _expire_at,
    "PEXPIREAT": _expire_at,
    "HEXPIREAT": _expire_at,
    "HPEXPIREAT": _expire_at,
    "RENAME": _rename,
    "RENAMENX": _renamenx,
    "MOVE": _move,
    "COPY": _copy,
    "RESTORE": _restore,
    "RESTORE-ASKING": _restore,
    "MIGRATE": _migrate,
    "SORT": _sort,
    "GEORADIUS": _georadius,
    "GEORADIUSBYMEMBER": _georadius,
    "BITOP": _store,
    "SDIFFSTORE": _store,
    "SINTERSTORE": _store,
    "SUNIONSTORE": _store,
    "ZDIFFSTORE": _store,
    "ZINTERSTORE": _store,
    "ZUNIONSTORE": _store,
    "ZRANGESTORE": _store,
    "GEOSEARCHSTORE": _store,
    "LTRIM": _keeps_nothing,
    "ZREMRANGEBYRANK": _keeps_nothing,
    "ZREMRANGEBYSCORE": _keeps_nothing,
    "ZREMRANGEBYLEX": _keeps_nothing,
}
