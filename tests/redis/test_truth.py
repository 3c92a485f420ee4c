"""What is called a proven read changes nothing, on real servers, with arguments of every kind.

For every command that the server knows, calls are made up from the server's own description of its arguments
(COMMAND DOCS) and from `EXTRA`. Each call that the dialect calls a read is run on a server full of all types,
and afterwards all of it is compared: every key with its expiry in two databases, configuration, users,
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

import pytest

from safeshell.redis.dialect import RedisDialect
from safeshell.redis.facts import ServerFacts, info_from_reply
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

EXTRA: dict[str, list[str]] = {
    "SORT": ["SORT ints", "SORT l ALPHA", "SORT set BY nosort GET #", "SORT z ALPHA LIMIT 0 1 DESC"],
    "SORT_RO": ["SORT_RO ints", "SORT_RO l ALPHA"],
    "GETEX": ["GETEX s", "GETEX ttl"],
    "HGETEX": ["HGETEX h FIELDS 1 f1"],
    "BITFIELD": ["BITFIELD s GET u8 0", "BITFIELD missing GET u8 0", "BITFIELD s"],
    "GEORADIUS": ["GEORADIUS geo 13 52 500 km", "GEORADIUS geo 13 52 500 km WITHCOORD COUNT 1 ASC"],
    "GEORADIUSBYMEMBER": ["GEORADIUSBYMEMBER geo berlin 500 km"],
    "GEOSEARCH": ["GEOSEARCH geo FROMMEMBER berlin BYRADIUS 500 km ASC", "GEOSEARCH geo FROMLONLAT 13 52 BYBOX 9 9 km"],
    "GEORADIUS_RO": ["GEORADIUS_RO geo 13 52 500 km"],
    "GEORADIUSBYMEMBER_RO": ["GEORADIUSBYMEMBER_RO geo berlin 500 km"],
    "GEODIST": ["GEODIST geo berlin paris km"],
    "EVAL_RO": ["EVAL_RO \"return redis.call('GET', KEYS[1])\" 1 s", "EVAL_RO \"return redis.call('SET', 's', 'x')\" 0",
                "EVAL_RO \"return redis.call('PUBLISH', 'c', 'x')\" 0", "EVAL_RO \"return redis.call(ARGV[1])\" 0 FLUSHALL",
                "EVAL_RO \"return redis.call('CONFIG', 'SET', 'maxclients', '5')\" 0",
                "EVAL_RO \"return redis.call('SCRIPT', 'FLUSH')\" 0"],
    "EVAL": ["EVAL \"#!lua flags=no-writes\\nreturn redis.call('GET', KEYS[1])\" 1 s",
             "EVAL \"#!lua flags=no-writes\\nreturn redis.call('SET', 's', 'x')\" 0"],
    "EVALSHA_RO": [f"EVALSHA_RO {SHA.decode()} 0"],
    "FCALL": ["FCALL peek 1 s"],
    "FCALL_RO": ["FCALL_RO peek 1 s", "FCALL_RO poke 1 s"],
    "XREAD": ["XREAD COUNT 2 STREAMS stream 0", "XREAD STREAMS stream $"],
    "XRANGE": ["XRANGE stream - +"], "XREVRANGE": ["XREVRANGE stream + -"], "XPENDING": ["XPENDING stream g - + 5"],
    "XINFO STREAM": ["XINFO STREAM stream FULL"], "XINFO GROUPS": ["XINFO GROUPS stream"],
    "XINFO CONSUMERS": ["XINFO CONSUMERS stream g"],
    "LCS": ["LCS s n", "LCS s s IDX"], "ZRANGEBYLEX": ["ZRANGEBYLEX z - +"], "ZREVRANGEBYLEX": ["ZREVRANGEBYLEX z + -"],
    "ZLEXCOUNT": ["ZLEXCOUNT z - +"], "ZRANGE": ["ZRANGE z 0 -1 WITHSCORES", "ZRANGE z -inf +inf BYSCORE"],
    "ZMSCORE": ["ZMSCORE z a b"], "ZRANDMEMBER": ["ZRANDMEMBER z -5 WITHSCORES"], "LPOS": ["LPOS l a COUNT 0"],
    "BITPOS": ["BITPOS s 1"], "BITCOUNT": ["BITCOUNT s 0 -1"], "GETBIT": ["GETBIT s 3"], "SUBSTR": ["SUBSTR s 0 1"],
    "GETRANGE": ["GETRANGE s 0 1"], "BITFIELD_RO": ["BITFIELD_RO s GET u8 0"], "SINTERCARD": ["SINTERCARD 2 set ints"],
    "CONFIG GET": ["CONFIG GET *", "CONFIG GET maxmemory save"], "ACL DRYRUN": ["ACL DRYRUN default FLUSHALL"],
    "ACL LOG": ["ACL LOG", "ACL LOG 2"], "ACL GETUSER": ["ACL GETUSER bob"], "ACL CAT": ["ACL CAT read"],
    "COMMAND GETKEYS": ["COMMAND GETKEYS SET a b"], "COMMAND GETKEYSANDFLAGS": ["COMMAND GETKEYSANDFLAGS SET a b"],
    "SCRIPT EXISTS": [f"SCRIPT EXISTS {SHA.decode()}"], "SCRIPT SHOW": [f"SCRIPT SHOW {SHA.decode()}"],
    "MEMORY USAGE": ["MEMORY USAGE h SAMPLES 0"], "OBJECT HELP": ["OBJECT HELP"],
    "COMMANDLOG GET": ["COMMANDLOG GET 2 slow"], "COMMANDLOG LEN": ["COMMANDLOG LEN slow"],
    "HEXPIRETIME": ["HEXPIRETIME h FIELDS 1 f1"], "HPEXPIRETIME": ["HPEXPIRETIME h FIELDS 1 f1"],
    "HTTL": ["HTTL h FIELDS 1 f1"], "HPTTL": ["HPTTL h FIELDS 1 f1"], "CLUSTERSCAN": ["CLUSTERSCAN 0"],
    "DEBUG": ["DEBUG OBJECT s", "DEBUG DIGEST", "DEBUG DIGEST-VALUE s h", "DEBUG HTSTATS 0", "DEBUG HTSTATS-KEY h",
              "DEBUG SDSLEN s", "DEBUG LISTPACK h", "DEBUG STRUCTSIZE", "DEBUG HELP", "DEBUG PROTOCOL string"],
    "WAIT": ["WAIT 0 0", "WAIT 0 10"], "CLIENT NO-EVICT": ["CLIENT NO-EVICT on"],
    "CLIENT NO-TOUCH": ["CLIENT NO-TOUCH ON"], "CLIENT SETNAME": ["CLIENT SETNAME me"], "WATCH": ["WATCH s"],
    "CLIENT TRACKING": ["CLIENT TRACKING on bcast"], "LATENCY GRAPH": ["LATENCY GRAPH command"], "CLIENT LIST": ["CLIENT LIST"], "LATENCY HISTOGRAM": ["LATENCY HISTOGRAM get"],
    "EXPIRETIME": ["EXPIRETIME ttl"], "PEXPIRETIME": ["PEXPIRETIME ttl"],
}  # fmt: skip

# Calls that change the keys of `_fill`, where made-up ones would hardly fit them.
WRITES: dict[str, list[str]] = {
    "BITFIELD": ["BITFIELD s SET u8 0 1"], "BITOP": ["BITOP NOT s n"], "BLMOVE": ["BLMOVE l s2 LEFT RIGHT 1"],
    "BLMPOP": ["BLMPOP 1 1 l LEFT"], "BLPOP": ["BLPOP l 1"], "BRPOP": ["BRPOP l 1"], "BZMPOP": ["BZMPOP 1 1 z MIN"],
    "BRPOPLPUSH": ["BRPOPLPUSH l l3 1"], "BZPOPMAX": ["BZPOPMAX z 1"], "BZPOPMIN": ["BZPOPMIN z 1"],
    "GEORADIUS": ["GEORADIUS geo 13 52 500 km STORE s"],
    "GEORADIUSBYMEMBER": ["GEORADIUSBYMEMBER geo berlin 500 km STOREDIST s"],
    "GEOSEARCHSTORE": ["GEOSEARCHSTORE s geo FROMMEMBER berlin BYRADIUS 500 km"], "HDEL": ["HDEL h f1"],
    "HEXPIRE": ["HEXPIRE h 0 FIELDS 1 f1"], "HEXPIREAT": ["HEXPIREAT h 1 FIELDS 1 f1"],
    "HPEXPIRE": ["HPEXPIRE h 0 FIELDS 1 f1"], "HPEXPIREAT": ["HPEXPIREAT h 1 FIELDS 1 f1"],
    "HGETDEL": ["HGETDEL h FIELDS 1 f1"], "HGETEX": ["HGETEX h EX 100 FIELDS 1 f1"],
    "HSETEX": ["HSETEX h FIELDS 1 f1 x"], "LINSERT": ["LINSERT l BEFORE a x"], "LMOVE": ["LMOVE l l LEFT RIGHT"],
    "LMPOP": ["LMPOP 1 l LEFT"], "LREM": ["LREM l 0 a"], "LSET": ["LSET l 0 x"], "RPOPLPUSH": ["RPOPLPUSH l l"],
    "PFDEBUG": ["PFDEBUG TODENSE hll"], "SMOVE": ["SMOVE set ints a"], "SREM": ["SREM set a"],
    "SORT": ["SORT ints STORE s"], "SPOP": ["SPOP set 9"], "LTRIM": ["LTRIM l 1 0"], "GETEX": ["GETEX s EX 100"],
    "EXPIRE": ["EXPIRE s 0"], "PEXPIREAT": ["PEXPIREAT s 1893456000"], "COPY": ["COPY s n REPLACE"],
    "XACK": ["XACK stream g 1-1"], "XAUTOCLAIM": ["XAUTOCLAIM stream g d 0 0"],
    "XCLAIM": ["XCLAIM stream g d 0 1-1"], "XDEL": ["XDEL stream 1-1"], "XGROUP CREATE": ["XGROUP CREATE stream q 0"],
    "XGROUP CREATECONSUMER": ["XGROUP CREATECONSUMER stream g d"],
    "XGROUP DELCONSUMER": ["XGROUP DELCONSUMER stream g c"], "XGROUP DESTROY": ["XGROUP DESTROY stream g"],
    "XGROUP SETID": ["XGROUP SETID stream g 2-1"], "XREADGROUP": ["XREADGROUP GROUP g fresh STREAMS stream 0"],
    "XSETID": ["XSETID stream 9-9"], "XTRIM": ["XTRIM stream MAXLEN 0"], "ZRANGESTORE": ["ZRANGESTORE s z 0 -1"],
    "ZREMRANGEBYLEX": ["ZREMRANGEBYLEX z - +"], "ZREMRANGEBYRANK": ["ZREMRANGEBYRANK z 0 -1"],
    "ZREMRANGEBYSCORE": ["ZREMRANGEBYSCORE z -inf +inf"], "DELIFEQ": ["DELIFEQ s hello"],
    "MSETNX": ["MSETNX fresh1 x fresh2 y"],
}  # fmt: skip

# MIGRATE needs a second server, RESTORE a payload of this one, PUBLISH changes no key, HPERSIST nothing that DUMP
# of a hash without field expiry shows; RESTORE-ASKING is the cluster's own.
CHANGE_NO_KEY_HERE = {"MIGRATE", "RESTORE", "RESTORE-ASKING", "PUBLISH", "SPUBLISH", "HPERSIST"}

# Each changes what no command on keys changes: settings, users, functions, scripts, another client, everything.
SERVER_CHANGES = (
    "FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "CONFIG SET maxmemory 100mb", "CONFIG SET maxclients 100", "ACL SETUSER eve on",
    "ACL DELUSER bob", "ACL SETUSER default -debug", "FUNCTION FLUSH", "FUNCTION DELETE lib", "SCRIPT FLUSH",
    "CLIENT KILL TYPE pubsub", "REPLICAOF 127.0.0.1 1", "DEBUG POPULATE 10",
    "MOVE s 2", "EVAL \"redis.call('SET', 's', 'x')\" 0", "EVAL \"return redis.call('FLUSHALL')\" 0",
    "FCALL poke 1 s", "DEBUG RELOAD NOSAVE",
    "FUNCTION LOAD \"#!lua name=more\\nredis.register_function('more', function() end)\"", "SLAVEOF 127.0.0.1 1",
)  # fmt: skip

# On a lone server these only answer an error: what they do is proven by the source alone.
NOT_SHOWN = re.compile(r"CLUSTER |READONLY|READWRITE|ASKING|OBJECT FREQ|SENTINEL|CLIENT CACHING|CLUSTERSCAN")


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


def _calls_of(described: Described, pick: random.Random) -> list[Argv]:
    made = set(_lines(EXTRA.get(described.name, [])))
    for _ in range(SAMPLES):
        name = [word.encode() for word in described.name.split(" ")]
        made.add((*name, *Calls(pick).words(described.arguments)))
    for key in KEYS:
        made.add((*[word.encode() for word in described.name.split(" ")], key))
    return sorted(made)


def _lines(lines: Sequence[str]) -> list[Argv]:
    return [tuple(split_line(line)) for line in lines]


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


def _prove(server: RedisServer, dialect: RedisDialect, described: Described, pick: random.Random) -> bool:
    """Run what is called a read; whether one such call was answered without an error."""
    calls = [argv for argv in _calls_of(described, pick) if dialect.read_argv(argv).reads]
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
    pick = random.Random(7)
    not_answered = []
    with _bystander(server), PlainClient(server.socket) as watcher:
        _fill(watcher)
        before = _state(watcher)
        for described in _described(watcher):
            info = command_info(described.name)
            answered = _prove(server, dialect, described, pick)
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
    pick = random.Random(11)
    never_changed = []
    with _bystander(server), PlainClient(server.socket) as watcher:
        _fill(watcher)
        for described in list(_described(watcher)):
            info = command_info(described.name)
            if not info or info.effect not in (EffectClass.WRITE_KEY, EffectClass.DELETE_KEYS):
                continue
            calls = [*_lines(WRITES.get(described.name, [])), *_calls_of(described, pick)]
            if "blocking" in info.flags:
                calls = _lines(WRITES.get(described.name, []))
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


@pytest.mark.parametrize("line", SERVER_CHANGES)
def test_what_changes_the_server_is_never_called_a_read(line: str, redis_server: RedisServer) -> None:
    with _bystander(redis_server), PlainClient(redis_server.socket) as watcher:
        _fill(watcher)
        before = _state(watcher)
        _run_alone(redis_server, _lines([line]))
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
