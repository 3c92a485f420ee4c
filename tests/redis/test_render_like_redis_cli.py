"""The real redis-cli and our renderer, side by side on one server, byte for byte."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.render import OutputFormat, is_pubsub_message, render, render_push
from safeshell.redis.reply import Error, Reply
from tests.servers import RedisServer, needed

LUA_ODD_SHAPES = """
redis.setresp(3)
return {{map={[1]=2}}, {set={a=true}}, {double=3.25}, true, false, {}, {{}}, {{{}}}, 'x\\r\\ny', {ok='fine'},
        {err='ERR inner'}, redis.call('HGETALL', 'hash'), redis.call('SMEMBERS', 'none')}
"""
LUA_DEEP = "local t = {'leaf', 'two'} for _ = 1, 12 do t = {t, 'a', {}} end return t"
LUA_WIDE = "local t = {} for i = 1, 101 do t[i] = {i, {i, 'x'}} end return t"
LUA_DEEP_MAPS = """
redis.setresp(3)
return {map={a={map={b={map={c={1, 2, {map={d='e', f={}}}}}}}}}}
"""

DATA: list[list[str | bytes]] = [
    ["SET", "string", "hello world"],
    ["SET", "empty", ""],
    ["SET", "number", "42"],
    ["SET", "quotes", 'say "hi" \\ there\'s'],
    ["SET", "controls", b"a\tb\nc\rd\x07e\x08f\x1b[31mg\x7f"],
    ["SET", "binary", bytes(range(256))],
    ["SET", "broken-utf8", b"ok \xc3\x28 \xed\xa0\x80 \xff"],
    ["SET", "unicode", "Grüße, 世界 🎉 \u2028 \u202e"],
    ["SET", "delete-char", b"\x7f\xc2\x9b"],
    ["SET", "slash", "</script>"],
    ["SET", b"key\x00\xff\n", "v"],
    ["RPUSH", "list", *map(str, range(12))],
    ["RPUSH", "mixed", "", "a b", b"\xff\x00", "ü", 'q"', "line\nbreak"],
    ["HSET", "hash", "field", "value", "ü", b"\xff", "", "empty", "n", "1"],
    ["HSET", "hash1", "only", "one"],
    ["SADD", "set", "one"],
    ["SADD", "ints", *map(str, range(11))],
    ["ZADD", "zset", "1", "a", "2.5", "b", "inf", "c", "-inf", "d", "1e20", "e", "0.1", "f", "-3", "g"],
    ["XADD", "stream", "1-1", "f", "v", "g", b"\xff"],
    ["XADD", "stream", "2-1", "f", "line\nbreak"],
    ["XGROUP", "CREATE", "stream", "group", "0"],
    ["GEOADD", "geo", "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania"],
    ["PFADD", "hll", "a", "b"],
    ["SETBIT", "bits", "100", "1"],
]  # fmt: skip

COMMANDS = r"""
PING
PING hello
ECHO ''
GET string
GET empty
GET number
GET quotes
GET controls
GET binary
GET broken-utf8
GET unicode
GET delete-char
GET slash
GET none
STRLEN string
EXISTS string none
MGET string none list binary
TYPE none
TYPE zset
TTL none
LRANGE list 0 -1
LRANGE list 0 8
LRANGE list 0 0
LRANGE none 0 -1
LRANGE mixed 0 -1
LPOS list 5
LPOS list nope
HGETALL hash
HGETALL hash1
HGETALL none
HKEYS hash
HMGET hash field no
HSCAN hash 0
HRANDFIELD hash1 1 WITHVALUES
SMEMBERS set
SMEMBERS ints
SMEMBERS none
SMISMEMBER set one two
SCAN 0 MATCH nothing*
ZRANGE zset 0 -1
ZRANGE zset 0 -1 WITHSCORES
ZRANGE none 0 -1 WITHSCORES
ZSCORE zset b
ZSCORE zset c
ZSCORE zset none
ZMSCORE zset a none
ZRANK zset a
ZPOPMIN none
XRANGE stream - +
XREAD STREAMS stream 0
XREAD STREAMS none 0
XINFO STREAM stream FULL
XINFO GROUPS stream
XPENDING stream group
XLEN stream
GEOPOS geo Palermo none
GEODIST geo Palermo Catania
GEOHASH geo Palermo
GEOSEARCH geo FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHCOORD WITHDIST WITHHASH
PFCOUNT hll
BITCOUNT bits
DUMP number
OBJECT ENCODING list
SORT ints DESC
CONFIG GET maxmemory*
CONFIG GET nothing-like-this
COMMAND COUNT
COMMAND INFO get nope
COMMAND DOCS set
COMMAND GETKEYSANDFLAGS SORT a STORE b
ACL GETUSER default
ACL CAT
ACL WHOAMI
ACL LIST
FUNCTION LIST
FUNCTION STATS
SLOWLOG GET 0
CLIENT GETNAME
CLIENT TRACKINGINFO
MODULE LIST
LATENCY LATEST
PUBSUB NUMSUB ch
SCRIPT EXISTS aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
WAIT 0 1
ROLE
CLIENT HELP
OBJECT HELP

INFO keyspace
info nothing
LOLWUT VERSION 9
LATENCY DOCTOR
LATENCY DOCTOR x
LATENCY GRAPH none
CLIENT LIST TYPE nope
CLIENT LIST ID 999999
CLIENT LIST TYPE replica
CLUSTER INFO
CLUSTER NODES
CLUSTER NODES x
DEBUG HTSTATS 9
DEBUG HTSTATS-KEY zset
MEMORY DOCTOR x

NOSUCH a b
GET
INCR string
LPUSH string x
SELECT 99
HELLO 9
EVAL "return redis.error_reply('MY \xc3\xbc \"error\"')" 0
EVAL "return redis.call('nosuch')" 0
EVAL "return {redis.pcall('INCR', 'string'), 1}" 0
EVAL 'syntax error(' 0

EVAL 'return {}' 0
EVAL 'return {{}}' 0
EVAL 'return {{{[[x]]}}}' 0
EVAL 'return false' 0
EVAL 'return {1, nil, 3}' 0
EVAL 'return 3.99' 0
EVAL 'return -9007199254740992' 0
EVAL 'return redis.status_reply([[TWO WORDS]])' 0
EVAL 'redis.setresp(3); return {double=1e300}' 0
EVAL 'redis.setresp(3); return {double=-1/0}' 0
EVAL 'redis.setresp(3); return {{map={a={}}}, {map={b={1}}}, {map={c={1,2}}}}' 0
EVAL 'redis.setresp(3); return {map={[1.5]=2}}' 0
EVAL 'redis.setresp(3); return {set={[1]=true}}' 0

DEBUG PROTOCOL string
DEBUG PROTOCOL integer
DEBUG PROTOCOL double
DEBUG PROTOCOL null
DEBUG PROTOCOL array
DEBUG PROTOCOL set
DEBUG PROTOCOL map
DEBUG PROTOCOL push
DEBUG PROTOCOL verbatim
DEBUG PROTOCOL true
DEBUG PROTOCOL false
"""

FORMS = [
    pytest.param(OutputFormat.HUMAN, ["--no-raw"], id="human"),
    pytest.param(OutputFormat.RAW, ["--raw"], id="raw"),
    pytest.param(OutputFormat.CSV, ["--csv"], id="csv"),
    pytest.param(OutputFormat.JSON, ["--json"], id="json"),
    pytest.param(OutputFormat.QUOTED_JSON, ["--quoted-json"], id="quoted-json"),
]
PROTOCOLS = [pytest.param(Protocol.RESP2, id="RESP2"), pytest.param(Protocol.RESP3, id="RESP3")]


def every_command() -> list[tuple[bytes, ...]]:
    return [
        *(wire(shlex.split(line)) for line in COMMANDS.splitlines() if line),
        *(wire(["EVAL", script, "0"]) for script in (LUA_ODD_SHAPES, LUA_DEEP, LUA_WIDE, LUA_DEEP_MAPS)),
        (b"GET", b"key\x00\xff\n"),
        (b"ECHO", b"\x00\xff"),
    ]


def wire(words: Sequence[str | bytes]) -> tuple[bytes, ...]:
    return tuple(word.encode() if isinstance(word, str) else word for word in words)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as server, Connection.open(ServerAddress(port=server.port)) as connection:
        replies = connection.pipeline(wire(line) for line in DATA)
        assert not [reply for reply in replies if isinstance(reply, Error)]
        yield server


def printed_by_redis_cli(server: RedisServer, options: Sequence[str], words: Sequence[bytes]) -> bytes:
    # --quoted-input is how any bytes, NUL too, get through a command line.
    quoted = [b'"' + b"".join(b"\\x%02x" % byte for byte in word) + b'"' for word in words]
    environment = {key: value for key, value in os.environ.items() if key not in ("REDISCLI_AUTH", "FAKETTY")}
    options = ["-s", str(server.socket), *options, "--quoted-input"]
    command: list[str | bytes] = [needed("redis-cli", "redis-tools"), *options, *quoted]
    return subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=30, env=environment).stdout


def replies_of(server: RedisServer, protocol: Protocol, commands: Sequence[tuple[bytes, ...]]) -> list[Reply]:
    with Connection.open(ServerAddress(unix_socket=server.socket, protocol=protocol)) as connection:
        return connection.pipeline(commands)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(("output", "options"), FORMS)
def test_replies_look_as_redis_cli_prints_them(
    server: RedisServer, output: OutputFormat, options: list[str], protocol: Protocol
) -> None:
    commands = every_command()
    different = []
    compared = 0
    for command, reply in zip(commands, replies_of(server, protocol, commands), strict=True):
        ours = render(reply, output, command=command)
        theirs = printed_by_redis_cli(server, [*options, f"-{protocol:d}"], command)
        if output in (OutputFormat.JSON, OutputFormat.QUOTED_JSON):
            json.loads(ours)
            if not is_json(theirs):
                continue
        compared += 1
        if ours != theirs:
            different.append((command, theirs, ours))

    assert different == []
    assert compared > len(commands) * 0.7


def is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_raw_delimiters_are_redis_clis(server: RedisServer, protocol: Protocol) -> None:
    commands = [
        wire(words) for words in (["LRANGE", "list", "0", "3"], ["HGETALL", "hash"], ["GET"], ["INFO", "x"])
    ]

    for command, reply in zip(commands, replies_of(server, protocol, commands), strict=True):
        theirs = printed_by_redis_cli(server, ["--raw", "-d", ", ", "-D", ";\n", f"-{protocol:d}"], command)
        assert (
            render(reply, OutputFormat.RAW, command=command, delimiter=b";\n", item_delimiter=b", ") == theirs
        )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_transaction_looks_as_redis_cli_prints_it(server: RedisServer, protocol: Protocol) -> None:
    commands = [wire(words) for words in (
        ["MULTI"], ["GET", "string"], ["INCR", "string"], ["HGETALL", "hash"], ["SMEMBERS", "set"], ["EXEC"],
        ["MULTI"], ["NOSUCH"], ["EXEC"], ["DISCARD"],
    )]  # fmt: skip
    lines = b"".join(b" ".join(command) + b"\n" for command in commands)
    for output, option in (
        (OutputFormat.HUMAN, "--no-raw"),
        (OutputFormat.RAW, "--raw"),
        (OutputFormat.CSV, "--csv"),
    ):
        ours = b"".join(render(reply, output) for reply in replies_of(server, protocol, commands))
        done = subprocess.run(
            ["redis-cli", "-s", str(server.socket), option, f"-{protocol:d}"],
            input=lines,
            stdout=subprocess.PIPE,
            check=False,
            timeout=30,
        )
        assert ours == done.stdout


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_published_messages_look_as_redis_cli_prints_them(server: RedisServer, protocol: Protocol) -> None:
    address = ServerAddress(unix_socket=server.socket, protocol=protocol)
    options = ["-s", str(server.socket), "--no-raw", f"-{protocol:d}"]
    with (
        subprocess.Popen(
            ["redis-cli", *options, "SUBSCRIBE", "one", "two"], stdout=subprocess.PIPE
        ) as theirs,
        Connection.open(address) as ours,
    ):
        assert theirs.stdout
        try:
            ours.send(b"SUBSCRIBE", b"one", b"two", replies=0 if protocol is Protocol.RESP3 else 2)
            received = [ours.read_any(timeout=10), ours.read_any(timeout=10)]
            printed = b""
            while not printed.endswith(b'"two"\n3) (integer) 2\n'):
                printed += os.read(theirs.stdout.fileno(), 4096)
            server.send("PUBLISH", "one", b"caf\xc3\xa9\n")
            received.append(ours.read_any(timeout=10))
            while not printed.endswith(b'caf\\xc3\\xa9\\n"\n'):
                printed += os.read(theirs.stdout.fileno(), 4096)
        finally:
            theirs.kill()

    assert all(map(is_pubsub_message, received))
    assert printed.endswith(b"".join(render(one, OutputFormat.HUMAN) for one in received))


def test_invalidations_look_as_redis_cli_prints_them(server: RedisServer) -> None:
    commands = [
        b"CLIENT TRACKING ON",
        b"MGET tracked other",
        b"MSET tracked 1 other 2",
        b"PING",
        b"DEL tracked other",
    ]
    options = ["-s", str(server.socket), "--no-raw", "-3", "--show-pushes", "yes"]
    theirs = subprocess.run(
        ["redis-cli", *options], input=b"\n".join(commands), stdout=subprocess.PIPE, check=False, timeout=30
    ).stdout

    ours = b""
    with Connection.open(ServerAddress(unix_socket=server.socket, protocol=Protocol.RESP3)) as connection:
        for command in commands:
            reply = connection.call(*command.split())
            ours += b"".join(render_push(push, OutputFormat.HUMAN) for push in connection.take_pushes())
            ours += render(reply, OutputFormat.HUMAN, command=command.split())

    assert ours.count(b"-> invalidate: 'tracked'") == 1
    assert sorted(ours.splitlines()) == sorted(theirs.splitlines())
