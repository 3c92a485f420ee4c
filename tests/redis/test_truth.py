"""What is called a proven read changes nothing, on real servers, with arguments of every kind.

For every command that the server knows, calls are made up from the server's own description of its arguments
(COMMAND DOCS) and from `cases/truth_reads.lines`. Each call that the dialect calls a read is run on a server full
of all types, and afterwards all of it is compared: every key with its expiry in two databases, configuration, users,
functions, scripts, role, and another client. Honest exceptions, each with its reason:

- PFCOUNT may write the cached count into the key. The eight bytes of that cache are left out of the comparison.
- SORT and SORT_RO store a small sorted set in another encoding (sort.c), which DUMP shows. Sorted sets are
  compared by their members and scores.
- EVAL_RO and EVAL with `no-writes` leave their own text in the script cache. What was there before must stay.
"""

from __future__ import annotations

import hashlib
import random
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from safeshell.redis.dialect import RedisDialect
from safeshell.redis.facts import ServerFacts, info_from_reply
from safeshell.redis.resolving import resolve
from safeshell.redis.table import EffectClass, command_info, command_names
from safeshell.redis.tokens import split_line
from tests.redis.plain_client import PlainClient, ServerError
from tests.servers import RedisServer

Argv = tuple[bytes, ...]

KEYS = (b"s", b"n", b"l", b"set", b"ints", b"z", b"h", b"stream", b"hll", b"hll2", b"geo", b"ttl", b"missing")
SCRIPT = b"return 1"
SHA = hashlib.sha1(SCRIPT).hexdigest().encode()
FUNCTIONS = (
    b"#!lua name=lib\n"
    b"redis.register_function{function_name='peek', callback=function(k) return redis.call('GET', k[1]) end, "
    b"flags={'no-writes'}}\n"
    b"redis.register_function('poke', function(k) return redis.call('SET', k[1], 'x') end)"
)
FACTS = ServerFacts(functions={"peek": True, "poke": False})
WORDS = (b"a", b"f1", b"1", b"0", b"*", b"hello")
SAMPLES = 120

# These wait, stream or end the connection; they are run one by one.
ALONE = frozenset(
    {"MONITOR", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "QUIT",
     "WAIT", "WAITAOF", "MULTI", "RESET", "HELLO", "AUTH", "SELECT", "CLIENT REPLY", "CLIENT TRACKING", "DISCARD"}
)  # fmt: skip

# MIGRATE needs a second server, RESTORE a payload of this one, PUBLISH changes no key, HPERSIST nothing that DUMP
# of a hash without field expiry shows; RESTORE-ASKING is the cluster's own.
CHANGE_NO_KEY_HERE = {"MIGRATE", "RESTORE", "RESTORE-ASKING", "PUBLISH", "SPUBLISH", "HPERSIST"}

# On a lone server these only answer an error: what they do is proven by the source alone.
NOT_SHOWN = re.compile(r"CLUSTER |READONLY|READWRITE|ASKING|OBJECT FREQ|SENTINEL|CLIENT CACHING|CLUSTERSCAN")


def _typed(name: str) -> list[str]:
    """The lines of a file of `cases`."""
    text = (Path(__file__).with_name("cases") / f"{name}.lines").read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


@cache
def _calls(name: str) -> dict[str, list[Argv]]:
    """The calls of a file of `cases`, by the name of their command."""
    calls: dict[str, list[Argv]] = {}
    for line in _typed(name):
        argv = tuple(split_line(line))
        info = resolve(argv)
        assert info is not None, line
        calls.setdefault(info.name, []).append(argv)
    return calls


@dataclass
class Calls:
    """Makes up calls from the description of a command's arguments."""

    pick: random.Random
    numkeys: int = 0

    def words(self, arguments: Sequence[object]) -> list[bytes]:
        return [word for argument in arguments for word in self.one(_fields(argument))]

    def one(self, argument: dict[bytes, object]) -> list[bytes]:
        flags = argument.get(b"flags") or []
        assert isinstance(flags, list)
        if b"optional" in flags and self.pick.random() < 0.5:
            return []
        token = argument.get(b"token")
        times = self.pick.randint(1, 2) if b"multiple" in flags else 1
        if argument.get(b"name") == b"numkeys":
            self.numkeys = self.pick.randint(1, 2)
            return [b"%d" % self.numkeys]
        if b"multiple" in flags and argument.get(b"type") == b"key" and self.numkeys:
            times, self.numkeys = self.numkeys, 0
        words = [word for _ in range(times) for word in self.value(argument)]
        return (
            [token, *words] if isinstance(token, bytes) and argument.get(b"type") != b"pure-token" else words
        )

    def value(self, argument: dict[bytes, object]) -> list[bytes]:
        below = argument.get(b"arguments") or []
        assert isinstance(below, list)
        match argument.get(b"type"):
            case b"key":
                return [self.pick.choice(KEYS)]
            case b"integer":
                return [self.pick.choice([b"0", b"1", b"-1", b"2", b"100"])]
            case b"double":
                return [self.pick.choice([b"0", b"1.5", b"-1"])]
            case b"unix-time":
                return [self.pick.choice([b"1", b"99999999999"])]
            case b"pattern":
                return [b"*"]
            case b"pure-token":
                token = argument.get(b"token")
                return [token] if isinstance(token, bytes) and token != b'""' else [b""]
            case b"oneof":
                return self.one(_fields(self.pick.choice(below)))
            case b"block":
                return self.words(below)
        name = argument.get(b"name")
        if name in (b"id", b"start", b"end", b"min", b"max"):
            return [self.pick.choice([b"0-0", b"-", b"+", b"$", b">", b"0", b"-1", b"(1"])]
        return [self.pick.choice(WORDS)]


def _fields(reply: object) -> dict[bytes, object]:
    assert isinstance(reply, list)
    return dict(zip(reply[::2], reply[1::2], strict=True))


@dataclass
class Described:
    name: str
    arguments: list[object] = field(default_factory=list)


def _described(client: PlainClient) -> Iterator[Described]:
    """Every command of the server, subcommands instead of their containers."""
    docs = _fields(client.call(b"COMMAND", b"DOCS"))
    for name, about in docs.items():
        fields = _fields(about)
        below = fields.get(b"subcommands")
        whole = name.decode().upper()
        if isinstance(below, list):
            for sub, sub_about in _fields(below).items():
                arguments = _fields(sub_about).get(b"arguments") or []
                assert isinstance(arguments, list)
                yield Described(sub.decode().upper().replace("|", " "), arguments)
        arguments = fields.get(b"arguments") or []
        assert isinstance(arguments, list)
        if not isinstance(below, list) or whole == "COMMAND":
            yield Described(whole, arguments)


def _calls_of(described: Described) -> list[Argv]:
    """Written down and made up, the same ones in every run (the server lists its commands in any order)."""
    pick = random.Random(described.name)
    made = set(_calls("truth_reads").get(described.name, []))
    for _ in range(SAMPLES):
        name = [word.encode() for word in described.name.split(" ")]
        made.add((*name, *Calls(pick).words(described.arguments)))
    for key in KEYS:
        made.add((*[word.encode() for word in described.name.split(" ")], key))
    return sorted(made)


def _fill(client: PlainClient) -> None:
    def run(line: str) -> None:
        reply = client.call(*line.encode().split())
        assert not isinstance(reply, ServerError), (line, reply)

    for db in (1, 0):
        run(f"SELECT {db}")
        for line in (
            "SET s hello", "SET n 7", "RPUSH l a b c", "SADD set a b", "SADD ints 3 1 2", "ZADD z 1 a 2 b",
            "HSET h f1 v1 f2 v2", "XADD stream 1-1 f v", "XADD stream 2-1 f v", "XGROUP CREATE stream g 0",
            "XREADGROUP GROUP g c COUNT 1 STREAMS stream >", "PFADD hll a b c", "PFADD hll2 c d",
            "GEOADD geo 13.4 52.5 berlin 2.35 48.85 paris", "SET ttl v EX 100000",
        ):  # fmt: skip
            run(line)
    client.call(b"SELECT", b"1")
    run("SET only-here 1")
    client.call(b"SELECT", b"0")
    assert client.call(b"FUNCTION", b"LOAD", FUNCTIONS) == b"lib"
    assert client.call(b"SCRIPT", b"LOAD", SCRIPT) == SHA
    run("ACL SETUSER bob on nopass ~* +@read")
    run("CONFIG SET latency-monitor-threshold 1")
    run("DEBUG SLEEP 0.003")


def _state(client: PlainClient) -> dict[str, object]:
    """Everything that a read must leave as it is."""
    state: dict[str, object] = {}
    for db in (b"0", b"1", b"2"):
        client.call(b"SELECT", db)
        keys = client.call(b"KEYS", b"*")
        assert isinstance(keys, list)
        asked: list[Argv] = [(word, key) for key in sorted(keys) for word in (b"DUMP", b"PEXPIRETIME")]
        for argv, reply in zip(asked, client.pipeline(asked), strict=True):
            state[f"db {db!r} {argv!r}"] = reply
        for key in keys:
            if (value := _compared_value(client, key)) is not None:
                state[f"db {db!r} {(b'DUMP', key)!r}"] = value
    client.call(b"SELECT", b"0")
    state["configuration"] = client.call(b"CONFIG", b"GET", b"*")
    state["users"] = client.call(b"ACL", b"LIST")
    state["functions"] = client.call(b"FUNCTION", b"DUMP")
    state["scripts"] = client.call(b"SCRIPT", b"EXISTS", SHA)
    role = client.call(b"ROLE")
    assert isinstance(role, list)
    state["role"] = role[0]
    clients = client.call(b"CLIENT", b"LIST")
    assert isinstance(clients, bytes)
    bystander = [line for line in clients.decode().splitlines() if "name=bystander" in line]
    # Whether it is there, who it is and what it listens to; its buffers and ages change by themselves.
    state["another client"] = [re.findall(r"\b(?:id|name|flags|db|sub|user)=\S*", line) for line in bystander]
    return state


def _compared_value(client: PlainClient, key: bytes) -> object:
    """What to compare of a key whose DUMP changes although its value does not; None for all others."""
    if key in (b"hll", b"hll2"):
        value = client.call(b"GET", key)
        assert isinstance(value, bytes)
        # The cached count of a HyperLogLog: bytes 8 to 15 of its header (hyperloglog.c).
        return value[:8] + value[16:]
    if client.call(b"TYPE", key) == b"zset":
        return client.call(b"ZRANGE", key, b"0", b"-1", b"WITHSCORES")
    return None


@contextmanager
def _bystander(server: RedisServer) -> Iterator[None]:
    with PlainClient(server.socket) as client:
        client.call(b"CLIENT", b"SETNAME", b"bystander")
        client.call(b"SUBSCRIBE", b"news")
        yield


def _run_together(server: RedisServer, calls: Sequence[Argv]) -> list[object]:
    with PlainClient(server.socket) as client:
        return client.pipeline(calls)


def _run_alone(server: RedisServer, calls: Sequence[Argv]) -> list[object]:
    replies: list[object] = []
    for argv in calls:
        with PlainClient(server.socket, timeout=0.05) as client:
            client.send(argv)
            try:
                replies.append(client.receive())
            except (TimeoutError, ConnectionError):
                replies.append(None)
    return replies


def _waits(argv: Argv) -> bool:
    return any(word.upper() == b"BLOCK" for word in argv)


def _prove(server: RedisServer, dialect: RedisDialect, described: Described) -> bool:
    """Run what is called a read; whether one such call was answered without an error."""
    calls = [argv for argv in _calls_of(described) if dialect.read_argv(argv).reads]
    if not calls:
        return False
    alone = described.name in ALONE
    waiting = calls if alone else [argv for argv in calls if _waits(argv)][:3]
    together = [] if alone else [argv for argv in calls if not _waits(argv)]
    replies = _run_together(server, together) + _run_alone(server, waiting[:12])
    return any(not isinstance(reply, ServerError) for reply in replies)


@pytest.mark.parametrize("kind", ["redis", "valkey"])
def test_a_proven_read_changes_nothing_on_a_server_full_of_everything(
    kind: str, request: pytest.FixtureRequest
) -> None:
    server: RedisServer = request.getfixturevalue(f"{kind}_server")
    dialect = RedisDialect(FACTS)
    not_answered = []
    with _bystander(server), PlainClient(server.socket) as watcher:
        _fill(watcher)
        before = _state(watcher)
        for described in _described(watcher):
            info = command_info(described.name)
            answered = _prove(server, dialect, described)
            after = _state(watcher)
            changed = {name for name in before | after if before.get(name) != after.get(name)}
            assert not changed, f"{described.name} is called a read and changed {sorted(changed)}"
            if info and info.effect is EffectClass.READ and not answered:
                not_answered.append(described.name)
    unproven = [name for name in not_answered if not NOT_SHOWN.match(name)]
    assert not unproven, f"called reads, but no call of them was answered: {unproven}"


@pytest.mark.parametrize("kind", ["redis", "valkey"])
def test_what_changes_the_dataset_is_never_called_a_read(kind: str, request: pytest.FixtureRequest) -> None:
    """The same from the other side: every command that writes keys is seen to change them, and is no read then."""
    server: RedisServer = request.getfixturevalue(f"{kind}_server")
    dialect = RedisDialect(FACTS)
    never_changed = []
    with _bystander(server), PlainClient(server.socket) as watcher:
        _fill(watcher)
        for described in list(_described(watcher)):
            info = command_info(described.name)
            if not info or info.effect not in (EffectClass.WRITE_KEY, EffectClass.DELETE_KEYS):
                continue
            calls = [*_calls("truth_writes").get(described.name, []), *_calls_of(described)]
            if "blocking" in info.flags:
                calls = _calls("truth_writes").get(described.name, [])
            if not _one_changes(server, watcher, dialect, calls):
                never_changed.append(described.name)
    assert set(never_changed) <= CHANGE_NO_KEY_HERE


def _one_changes(
    server: RedisServer, watcher: PlainClient, dialect: RedisDialect, calls: Sequence[Argv]
) -> bool:
    """Run calls until one changes the dataset, and see that it is not called a read."""
    before = _dataset(watcher)
    for argv in calls:
        if _waits(argv):
            continue
        _run_together(server, [argv])
        if _dataset(watcher) != before:
            assert not dialect.read_argv(argv).reads, argv
            watcher.call(b"FLUSHALL")
            _refill(watcher)
            return True
    return False


@pytest.mark.parametrize("line", _typed("truth_server"))
def test_what_changes_the_server_is_never_called_a_read(line: str, redis_server: RedisServer) -> None:
    with _bystander(redis_server), PlainClient(redis_server.socket) as watcher:
        _fill(watcher)
        before = _state(watcher)
        _run_alone(redis_server, [tuple(split_line(line))])
        deadline = time.monotonic() + 5
        while _state(watcher) == before and time.monotonic() < deadline:
            time.sleep(0.005)
        assert _state(watcher) != before
    assert not RedisDialect(FACTS).read(line).reads


def _dataset(client: PlainClient) -> object:
    asked = [(word, key) for key in KEYS if key not in (b"z", b"geo") for word in (b"DUMP", b"PEXPIRETIME")]
    scored = [(b"ZRANGE", key, b"0", b"-1", b"WITHSCORES") for key in (b"z", b"geo")]
    timed = [(b"PEXPIRETIME", key) for key in (b"z", b"geo")]
    return client.pipeline([*asked, *scored, *timed, (b"DBSIZE",)])


def _refill(client: PlainClient) -> None:
    client.call(b"FUNCTION", b"FLUSH")
    client.call(b"SCRIPT", b"FLUSH")
    _fill(client)


@pytest.mark.parametrize("kind", ["redis", "valkey"])
def test_the_table_and_the_server_say_the_same(kind: str, request: pytest.FixtureRequest) -> None:
    """Flags that decide (`write`, `readonly`), and where keys stand; a command that the table lacks is told."""
    server: RedisServer = request.getfixturevalue(f"{kind}_server")
    with PlainClient(server.socket) as client:
        reply = client.call(b"COMMAND")
    assert isinstance(reply, list)
    told = [info for entry in reply for info in info_from_reply(entry)]
    known = set(command_names())
    assert [info.name for info in told if info.name not in known] == []
    for info in told:
        ours = command_info(info.name)
        assert ours is not None
        if ours.container:
            continue
        decisive = {"write", "readonly", "admin"}
        assert ours.flags & decisive == info.flags & decisive, info.name
        # A script can't call it: the rule for EVAL_RO relies on that where `write` does not say it.
        assert "noscript" not in ours.flags - info.flags or "write" in info.flags or "readonly" in info.flags
        assert [(k.at, k.keyword) for k in ours.keys] == [(k.at, k.keyword) for k in info.keys], info.name


@pytest.mark.parametrize("kind", ["redis", "valkey"])
def test_what_the_server_says_of_a_command_is_never_believed_too_much(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """A command that only the server knew would be no read unless the table, too, calls it one."""
    server: RedisServer = request.getfixturevalue(f"{kind}_server")
    with PlainClient(server.socket) as client:
        reply = client.call(b"COMMAND")
    assert isinstance(reply, list)
    costly = {"KEYS", "MONITOR"}  # reads with a finding
    believed = [
        info.name
        for entry in reply
        for info in info_from_reply(entry)
        if info.effect is EffectClass.READ
        and (ours := command_info(info.name)) is not None
        and ours.effect is not EffectClass.READ
    ]
    assert [name for name in believed if name not in costly] == []
