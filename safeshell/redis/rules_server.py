"""Commands on the whole server: emptying it, stopping it, saving it, following another one, DEBUG, modules."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.redis.arguments import has_word
from safeshell.redis.meaning import Call, Meaning, Remark, Rules, doing, reading

_SERVER: Final = "the server"
_DUMP_FILE: Final = "the dump file of the last save"


def _flushall(_: Call) -> Meaning:
    return doing(
        EffectKind.DELETE,
        Extent.EVERYTHING,
        "all databases",
        Remark(
            "redis.flush",
            Severity.CRITICAL,
            "deletes every key of every database, here and on every replica; "
            "with save points set the dump file is emptied too",
            "FLUSHDB for one database, or :unlink PATTERN for some keys",
        ),
    )


def _flushdb(call: Call) -> Meaning:
    db = call.context.db
    return doing(
        EffectKind.DELETE,
        Extent.EVERYTHING,
        f"db {db}",
        Remark(
            "redis.flush",
            Severity.CRITICAL,
            f"deletes every key of db {db}, here and on every replica",
            ":unlink PATTERN for some keys",
        ),
    )


def _swapdb(call: Call) -> Meaning:
    one, other = call.shown(1), call.shown(2)
    return doing(
        EffectKind.OVERWRITE,
        Extent.EVERYTHING,
        f"db {one} and db {other}",
        Remark(
            "redis.swapdb",
            Severity.CRITICAL,
            f"every client that uses db {one} sees the keys of db {other} at once, and the other way round",
            "the same command swaps back, but not what was written in between",
        ),
        reversible=True,
    )


def _trimslots(_: Call) -> Meaning:
    return doing(
        EffectKind.DELETE,
        Extent.EVERYTHING,
        "all keys of these slots",
        Remark("redis.flush", Severity.CRITICAL, "deletes every key of these slots"),
    )


def _shutdown(call: Call) -> Meaning:
    if has_word(call.argv, b"ABORT", 1):
        return doing(EffectKind.WRITE, Extent.ONE, "a shutdown under way")
    lost = Effect(EffectKind.DELETE, Extent.EVERYTHING, "what was written since the last save")
    effects = (Effect(EffectKind.STOP, Extent.EVERYTHING, _SERVER),)
    nosave = has_word(call.argv, b"NOSAVE", 1)
    saves = "loses everything written since the last save" if nosave else "saves first if it is set to"
    return Meaning(
        (*effects, lost) if nosave else effects,
        (
            Remark(
                "redis.shutdown",
                Severity.CRITICAL,
                f"stops the server for everybody; it {saves}",
                "CLIENT LIST first",
            ),
        ),
    )


def _save(_: Call) -> Meaning:
    return Meaning(
        (
            Effect(EffectKind.STOP, Extent.EVERYTHING, f"{_SERVER} until it has saved", reversible=True),
            Effect(EffectKind.OVERWRITE, Extent.ONE, _DUMP_FILE),
        ),
        (
            Remark(
                "redis.save",
                Severity.HIGH,
                "blocks everybody for the whole save, and replaces the dump file, "
                "the last way back after an accident",
                "BGSAVE, and not right after keys were lost",
            ),
        ),
    )


def _bgsave(_: Call) -> Meaning:
    return Meaning(
        (
            Effect(EffectKind.STOP, Extent.ONE, f"{_SERVER} while it forks", reversible=True),
            Effect(EffectKind.OVERWRITE, Extent.ONE, _DUMP_FILE),
        ),
        (
            Remark(
                "redis.save",
                Severity.MEDIUM,
                "forks the server, which costs memory and a pause, and replaces the dump file, "
                "the last way back after an accident",
                "not right after keys were lost; copy the dump file first",
            ),
        ),
    )


def _bgrewriteaof(_: Call) -> Meaning:
    return Meaning(
        (
            Effect(EffectKind.STOP, Extent.ONE, f"{_SERVER} while it forks", reversible=True),
            Effect(EffectKind.OVERWRITE, Extent.ONE, "the append-only file"),
        ),
        (
            Remark(
                "redis.save",
                Severity.MEDIUM,
                "forks the server, and what the append-only file still held of deleted keys is gone",
                "not right after keys were lost; copy the file first",
            ),
        ),
    )


def _replicaof(call: Call) -> Meaning:
    if len(call.argv) == 3 and (call.word(1), call.word(2)) == ("NO", "ONE"):
        return doing(
            EffectKind.CONFIGURE,
            Extent.EVERYTHING,
            "the replication",
            Remark(
                "redis.replicaof",
                Severity.HIGH,
                "the server becomes a primary of its own and follows nobody any more",
                "FAILOVER on the primary, which loses nothing",
            ),
        )
    return doing(
        EffectKind.DELETE,
        Extent.EVERYTHING,
        "all databases",
        Remark(
            "redis.replicaof",
            Severity.CRITICAL,
            f"everything here is thrown away and replaced by a copy of {call.shown(1)}:{call.shown(2)}; "
            "REPLICAOF NO ONE does not bring it back",
        ),
    )


def _failover(call: Call) -> Meaning:
    if has_word(call.argv, b"ABORT", 1):
        return doing(EffectKind.WRITE, Extent.ONE, "a failover under way")
    forced = has_word(call.argv, b"FORCE", 1)
    return doing(
        EffectKind.STOP,
        Extent.EVERYTHING,
        "the primary",
        Remark(
            "redis.failover",
            Severity.CRITICAL if forced else Severity.HIGH,
            "a replica takes over and writers wait meanwhile"
            + ("; what it has not got yet is lost" if forced else ""),
        ),
        reversible=not forced,
    )


def _stream_of_replication(call: Call) -> Meaning:
    return doing(
        EffectKind.STOP,
        Extent.EVERYTHING,
        _SERVER,
        Remark(
            "redis.replication-stream",
            Severity.CRITICAL,
            f"{call.info.name} is spoken between servers: it turns this console into a replica "
            "and makes the server copy everything",
            "safeshell redis --rdb FILE, to get a copy" if call.info.name == "SYNC" else "",
        ),
    )


_DEBUG_READS: Final = frozenset(
    {"OBJECT", "DIGEST-VALUE", "SDSLEN", "HELP", "LISTPACK", "ZIPLIST", "PROTOCOL"}
)
_DEBUG_WALKS: Final = frozenset({"DIGEST", "HTSTATS", "HTSTATS-KEY", "STRUCTSIZE"})
_DEBUG_LOSES: Final = frozenset({"LOADAOF", "FLUSHALL"})
_DEBUG_PAUSES: Final = frozenset({"SLEEP", "RELOAD", "STRINGMATCH-LEN", "STRINGMATCH-TEST"})
_DEBUG_CONFIGURES: Final = frozenset(
    {"SET-ACTIVE-EXPIRE", "SET-SKIP-CHECKSUM-VALIDATION", "CHANGE-REPL-ID", "REPLICATE",
     "QUICKLIST-PACKED-THRESHOLD", "DICT-RESIZING", "REPLYBUFFER", "PAUSE-CRON",
     "DROP-CLUSTER-PACKET-FILTER", "CLIENT-EVICTION"}
)  # fmt: skip


def _debug(call: Call) -> Meaning:
    sub = call.word(1)
    shown = f"DEBUG {call.shown(1).upper()}".rstrip()
    if sub in _DEBUG_READS:
        return reading(call)
    if sub in _DEBUG_WALKS:
        return reading(
            call, Remark("redis.debug", Severity.MEDIUM, f"{shown} may block everybody while it looks", at=1)
        )
    if sub in _DEBUG_LOSES or (sub == "RELOAD" and has_word(call.argv, b"NOSAVE", 2)):
        return doing(
            EffectKind.DELETE,
            Extent.EVERYTHING,
            "all databases",
            Remark(
                "redis.debug", Severity.CRITICAL, "what is in memory is replaced by what is on disk", at=1
            ),
        )
    if sub in _DEBUG_PAUSES:
        return doing(
            EffectKind.STOP,
            Extent.EVERYTHING,
            _SERVER,
            Remark("redis.debug", Severity.HIGH, f"{shown} blocks everybody until it is over", at=1),
            reversible=True,
        )
    if sub in _DEBUG_CONFIGURES:
        return doing(
            EffectKind.CONFIGURE,
            Extent.EVERYTHING,
            _SERVER,
            Remark(
                "redis.debug",
                Severity.HIGH,
                f"{shown} changes how the server works, for tests of itself",
                at=1,
            ),
        )
    if sub == "POPULATE":
        return doing(
            EffectKind.WRITE,
            Extent.MANY,
            f"{call.shown(2)} keys",
            Remark("redis.debug", Severity.HIGH, "makes keys that the replicas do not get", at=1),
        )
    return doing(
        EffectKind.STOP,
        Extent.EVERYTHING,
        _SERVER,
        Remark("redis.debug", Severity.CRITICAL, f"{shown} may crash the server", at=1 if sub else 0),
    )


def _module(call: Call) -> Meaning:
    if call.info.name == "MODULE UNLOAD":
        return doing(
            EffectKind.STOP,
            Extent.MANY,
            f"the commands of module {call.shown(2)}",
            Remark("redis.module", Severity.HIGH, "its commands are gone for every client", at=2),
        )
    return doing(
        EffectKind.EXECUTE,
        Extent.EVERYTHING,
        _SERVER,
        Remark(
            "redis.module", Severity.CRITICAL, f"runs the machine code of {call.shown(2)} in the server", at=2
        ),
    )


def _memory_purge(_: Call) -> Meaning:
    return doing(
        EffectKind.STOP,
        Extent.ONE,
        _SERVER,
        Remark("redis.purge", Severity.MEDIUM, "everybody waits while the server gives memory back"),
        reversible=True,
    )


def _pfselftest(_: Call) -> Meaning:
    return doing(
        EffectKind.STOP,
        Extent.ONE,
        _SERVER,
        Remark("redis.self-test", Severity.MEDIUM, "everybody waits while the server tests itself"),
        reversible=True,
    )


def _evidence(_: Call) -> Meaning:
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        "what the server has recorded",
        Remark("redis.evidence", Severity.MEDIUM, "erases what you would look at to find out what happened"),
    )


def _publish(call: Call) -> Meaning:
    return doing(
        EffectKind.WRITE,
        Extent.ONE,
        f"channel {call.shown(1)}",
        Remark(
            "redis.publish", Severity.LOW, "whoever listens acts on it at once; nothing takes it back", at=1
        ),
    )


RULES: Final[Rules] = {
    "FLUSHALL": _flushall,
    "FLUSHDB": _flushdb,
    "SWAPDB": _swapdb,
    "TRIMSLOTS": _trimslots,
    "SHUTDOWN": _shutdown,
    "SAVE": _save,
    "BGSAVE": _bgsave,
    "BGREWRITEAOF": _bgrewriteaof,
    "REPLICAOF": _replicaof,
    "SLAVEOF": _replicaof,
    "FAILOVER": _failover,
    "SYNC": _stream_of_replication,
    "PSYNC": _stream_of_replication,
    "REPLCONF": _stream_of_replication,
    "DEBUG": _debug,
    "MODULE LOAD": _module,
    "MODULE LOADEX": _module,
    "MODULE UNLOAD": _module,
    "MEMORY PURGE": _memory_purge,
    "PFSELFTEST": _pfselftest,
    "SLOWLOG RESET": _evidence,
    "COMMANDLOG RESET": _evidence,
    "LATENCY RESET": _evidence,
    "HOTKEYS RESET": _evidence,
    "CONFIG RESETSTAT": _evidence,
    "PUBLISH": _publish,
    "SPUBLISH": _publish,
}
