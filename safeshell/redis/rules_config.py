"""CONFIG: which parameters take a server down, open it, or throw its data away, and at which values.

A parameter that is not listed is an ordinary setting. Names are matched without case, as the server does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.text import counted, visible
from safeshell.redis.arguments import size
from safeshell.redis.meaning import Call, Meaning, Remark, Rules, doing, reading
from safeshell.redis.redact import is_secret_parameter

_M, _H, _C = Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


@frozen
class _Danger:
    severity: Severity
    reason: str
    applies: Callable[[bytes], bool] = lambda _: True


def _is(*values: bytes) -> Callable[[bytes], bool]:
    return lambda value: value.lower() in values


def _is_not(*values: bytes) -> Callable[[bytes], bool]:
    return lambda value: value.lower() not in values


_NO: Final = _is(b"no")
_MAXMEMORY: Final = (
    _Danger(
        _H, "without a limit the server grows until the machine kills it", lambda value: size(value) == 0
    ),
    _Danger(
        _C,
        "below what is in use, keys are evicted at once or every write fails, by maxmemory-policy",
        lambda value: size(value) != 0,
    ),
)
_POLICY: Final = (
    _Danger(_H, "when memory is full, keys are thrown away from now on", _is_not(b"noeviction")),
    _Danger(_M, "when memory is full, writes fail from now on"),
)
_SAVE: Final = (_Danger(_H, "the dataset is not saved to disk any more", lambda value: not value.strip()),)
_REPLICA_READ_ONLY: Final = (
    _Danger(_H, "clients can write to a replica, and it drifts from its primary", _NO),
)
_MASTERAUTH: Final = (_Danger(_H, "a replica that gives the wrong password loses its primary"),)
_MIN_REPLICAS: Final = (_Danger(_H, "writes are refused while fewer replicas follow", _is_not(b"0")),)
_BUFFER: Final = (_Danger(_H, "replicas and subscribers over the limit are cut off"),)
_NETWORK: Final = (_Danger(_H, "clients that come by the old way can't connect any more"),)
_TLS: Final = (_Danger(_H, "clients that don't fit the new TLS settings can't connect any more"),)
_WHERE_SAVED: Final = (_Danger(_H, "the next save writes there, over whatever file has that name"),)

_DANGERS: Final[dict[str, tuple[_Danger, ...]]] = {
    "maxmemory": _MAXMEMORY,
    "maxmemory-policy": _POLICY,
    "maxmemory-clients": (_Danger(_H, "clients over the limit are cut off", _is_not(b"0")),),
    "save": _SAVE,
    "appendonly": (
        _Danger(_H, "writes are not logged to disk any more", _NO),
        _Danger(_M, "the server forks and writes the whole dataset to disk"),
    ),
    "appendfsync": (_Danger(_H, "a crash may lose half a minute of writes", _NO),),
    "requirepass": (
        _Danger(
            _C,
            "everybody who reaches the server may do everything, without a password",
            lambda value: not value,
        ),
        _Danger(_H, "every client that does not have the new password is refused at its next connection"),
    ),
    "masterauth": _MASTERAUTH,
    "masteruser": _MASTERAUTH,
    "primaryauth": _MASTERAUTH,
    "primaryuser": _MASTERAUTH,
    "replica-read-only": _REPLICA_READ_ONLY,
    "slave-read-only": _REPLICA_READ_ONLY,
    "replica-serve-stale-data": (_Danger(_H, "a replica without its primary refuses every read", _NO),),
    "slave-serve-stale-data": (_Danger(_H, "a replica without its primary refuses every read", _NO),),
    "replica-priority": (_Danger(_M, "0 keeps this replica from ever becoming the primary"),),
    "min-replicas-to-write": _MIN_REPLICAS,
    "min-slaves-to-write": _MIN_REPLICAS,
    "stop-writes-on-bgsave-error": (_Danger(_H, "writes go on although they can't be saved", _NO),),
    "protected-mode": (_Danger(_H, "a server without a password is open to the network", _NO),),
    "bind": _NETWORK,
    "port": _NETWORK,
    "tls-port": _NETWORK,
    "maxclients": (_Danger(_H, "clients over the limit are refused"),),
    "timeout": (_Danger(_M, "clients that are idle longer are cut off", _is_not(b"0")),),
    "client-output-buffer-limit": _BUFFER,
    "client-query-buffer-limit": (_Danger(_H, "clients that send more are cut off"),),
    "proto-max-bulk-len": (_Danger(_H, "larger values are refused, and the connection is cut"),),
    "dir": _WHERE_SAVED,
    "dbfilename": _WHERE_SAVED,
    "appendfilename": _WHERE_SAVED,
    "notify-keyspace-events": (
        _Danger(_M, "every change costs processor time for its event", lambda v: bool(v)),
    ),
    "repl-backlog-size": (_Danger(_M, "replicas that were away longer have to copy everything"),),
    "repl-timeout": (_Danger(_H, "replicas that answer later are cut off, and copy everything again"),),
    "cluster-require-full-coverage": (
        _Danger(_H, "the cluster stops when one slot is not served", _is(b"yes")),
    ),
    "cluster-node-timeout": (_Danger(_H, "nodes that answer later are failed over"),),
    "cluster-replica-no-failover": (_Danger(_H, "this replica never takes over", _is(b"yes")),),
    "cluster-allow-reads-when-down": (_Danger(_M, "reads may be answered with old data", _is(b"yes")),),
    "rdbchecksum": (_Danger(_H, "a damaged dump file is not noticed", _NO),),
    "databases": (_Danger(_H, "databases above the number are out of reach"),),
    "import-mode": (_Danger(_H, "keys do not expire while it is on", _is(b"yes")),),
}


def _config_set(call: Call) -> Meaning:
    names = list(range(2, len(call.argv), 2))
    remarks = [remark for at in names if (remark := _danger_at(call, at))]
    parameters = [visible(call.argv[at], limit=60).lower() for at in names]
    what = parameters[0] if len(parameters) == 1 else counted(len(parameters), "parameter")
    effect = Effect(
        EffectKind.CONFIGURE,
        Extent.ONE if len(set(parameters)) == 1 else Extent.MANY,
        f"the server's configuration: {what}",
        reversible=True,
    )
    return Meaning((effect, *_throws_away(call, names)), tuple(remarks))


def _danger_at(call: Call, at: int) -> Remark | None:
    name = call.argv[at].decode("latin-1").lower()
    value = call.argv[at + 1] if at + 1 < len(call.argv) else b""
    dangers = _DANGERS.get(name, _TLS if name.startswith("tls-") else ())
    for danger in dangers:
        if danger.applies(value):
            instead = f"look first: CONFIG GET {visible(name, limit=60)}"
            return Remark("redis.config-set", danger.severity, danger.reason, instead, at)
    return None


def _throws_away(call: Call, names: list[int]) -> tuple[Effect, ...]:
    for at in names:
        if call.word(at) == "MAXMEMORY" and at + 1 < len(call.argv) and size(call.argv[at + 1]) != 0:
            return (
                Effect(EffectKind.DELETE, Extent.EVERYTHING, "keys over the limit, by the eviction policy"),
            )
    return ()


def _config_get(call: Call) -> Meaning:
    shows = any(
        b"*" in word or b"?" in word or b"[" in word or is_secret_parameter(word) for word in call.argv[2:]
    )
    if not shows:
        return reading(call)
    return reading(
        call, Remark("redis.shows-secrets", Severity.NONE, "passwords may be in the reply, in clear")
    )


def _config_rewrite(_: Call) -> Meaning:
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        "the server's configuration file",
        Remark(
            "redis.config-rewrite",
            Severity.MEDIUM,
            "what was set by CONFIG SET becomes permanent, and the old file is not kept",
            "copy the file first",
        ),
    )


RULES: Final[Rules] = {
    "CONFIG SET": _config_set,
    "CONFIG GET": _config_get,
    "CONFIG REWRITE": _config_rewrite,
}
