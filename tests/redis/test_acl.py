"""The printed ACL rule makes a real user who may read everything and change nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safeshell.errors import UsageError
from safeshell.redis.acl import ALWAYS_PERMITTED, WITHHELD, acl_rule
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.reply import Array, Error, Nil, Status, items_of, string_of
from safeshell.redis.server_info import info_fields
from safeshell.redis.table import CommandInfo, EffectClass, command_info, command_names
from tests.servers import RedisServer

OWN_CONNECTION = {
    "ASKING", "CLIENT CACHING", "CLIENT CAPA", "CLIENT NO-TOUCH", "CLIENT REPLY", "CLIENT SETINFO",
    "CLIENT SETNAME", "CLIENT TRACKING", "DISCARD", "EXEC", "MULTI", "PSUBSCRIBE", "PUNSUBSCRIBE",
    "READONLY", "READWRITE", "SELECT", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "UNSUBSCRIBE",
    "UNWATCH", "WAIT", "WAITAOF", "WATCH",
}  # fmt: skip
"""Not reads by the table, granted as they concern one's own connection alone."""

ANY_SERVER = pytest.mark.parametrize("server_fixture", ["redis_server", "valkey_server"])


@pytest.fixture
def server(request: pytest.FixtureRequest, server_fixture: str) -> RedisServer:
    found = request.getfixturevalue(server_fixture)
    assert isinstance(found, RedisServer)
    return found


def address(server: RedisServer) -> ServerAddress:
    return ServerAddress(port=server.port)


def with_reader(server: RedisServer) -> Connection:
    """The administrator's connection, after the printed rule was run."""
    admin = Connection.open(address(server))
    info = info_fields(admin.call(b"INFO", b"server"))
    kind = "valkey" if "valkey_version" in info else "redis"
    version = info.get("valkey_version") or info["redis_version"]
    words = acl_rule(kind, version).replace(">CHANGE-ME", ">pw").split(" ")
    assert admin.call(*(word.encode() for word in words)) == Status(b"OK")
    return admin


def exists(admin: Connection, name: str) -> bool:
    reply = admin.call(b"COMMAND", b"INFO", name.replace(" ", "|").lower().encode())
    assert isinstance(reply, Array)
    return not isinstance(reply.items[0], Nil) and bool(items_of(reply.items[0]))


def sample(admin: Connection, info: CommandInfo) -> list[bytes]:
    """The command with as many words as the server wants, all `1`: enough for keys and numbers of keys."""
    described = admin.call(b"COMMAND", b"INFO", info.name.replace(" ", "|").lower().encode())
    assert isinstance(described, Array)
    fields = items_of(described.items[0]) or ()
    arity = getattr(fields[1], "value", 1)
    words = info.name.encode().split(b" ")
    words += [b"1"] * max(0, abs(arity) - len(words))
    if info.name in ("XREAD",):
        words = [b"XREAD", b"STREAMS", b"1", b"0"]
    return words


def permitted(admin: Connection, words: list[bytes]) -> bool:
    """What ACL DRYRUN says; a refusal names the command or a key."""
    reply = admin.call(b"ACL", b"DRYRUN", b"reader", *words)
    assert not isinstance(reply, Error), (words, reply)
    text = string_of(reply) or b""
    assert text == b"OK" or b"no permissions" in text, (words, text)
    return text == b"OK"


@ANY_SERVER
def test_every_read_of_the_table_is_permitted_and_nothing_else(server: RedisServer) -> None:
    granted, refused, wrong = 0, 0, []
    with with_reader(server) as admin:
        for name in command_names():
            info = command_info(name)
            assert info
            if (info.container and name != "COMMAND") or not exists(admin, name):
                continue
            reads = info.effect is EffectClass.READ and name not in WITHHELD
            expected = reads or name in OWN_CONNECTION or name in ALWAYS_PERMITTED
            got = permitted(admin, sample(admin, info))
            granted, refused = granted + got, refused + (not got)
            if got != expected:
                wrong.append(f"{name} {'permitted' if got else 'refused'}")
    assert wrong == []
    assert granted > 150
    assert refused > 150


@ANY_SERVER
def test_the_reader_logs_in_reads_and_is_refused_every_write(server: RedisServer) -> None:
    reader = replace(address(server), username="reader", password="pw")
    with with_reader(server) as admin, Connection.open(reader) as connection:
        admin.call(b"RPUSH", b"l", b"b", b"a")
        assert string_of(connection.call(b"ACL", b"WHOAMI")) == b"reader"
        for reading in (
            b"LRANGE l 0 -1", b"SORT_RO l BY w_* ALPHA", b"PFCOUNT h", b"SCAN 0", b"INFO", b"DBSIZE", b"ROLE",
            b"MEMORY USAGE l", b"SELECT 1", b"SELECT 0", b"CLIENT SETNAME me", b"CLIENT LIST", b"TYPE l",
            b"OBJECT ENCODING l", b"DUMP l", b"COMMAND COUNT", b"ACL DRYRUN reader SET l 1", b"SLOWLOG GET",
        ):  # fmt: skip
            assert not isinstance(connection.call(*reading.split(b" ")), Error), reading
        before = admin.call(b"DUMP", b"l")
        for writing in (
            b"SET l 1", b"DEL l", b"FLUSHALL", b"CONFIG SET maxmemory 1", b"CONFIG GET *", b"PUBLISH c m", b"KEYS *",
            b"SORT l ALPHA STORE m", b"EVAL return 0", b"EVAL_RO return 0", b"SCRIPT FLUSH", b"FUNCTION FLUSH",
            b"REPLICAOF NO ONE", b"ACL SETUSER reader allcommands", b"CLIENT KILL ID 1", b"DEBUG SLEEP 0",
            b"MONITOR", b"MEMORY PURGE", b"SLOWLOG RESET", b"LATENCY RESET", b"RESTORE k 0 x",
            b"COPY l m", b"SWAPDB 0 1",
        ):  # fmt: skip
            reply = connection.call(*writing.split(b" "))
            assert isinstance(reply, Error), writing
            assert reply.code == b"NOPERM", (writing, reply)
        assert admin.call(b"DUMP", b"l") == before


@ANY_SERVER
def test_a_transaction_of_reads_runs_and_one_with_a_write_does_not(server: RedisServer) -> None:
    reader = replace(address(server), username="reader", password="pw")
    with with_reader(server), Connection.open(reader) as connection:
        replies = connection.pipeline([(b"MULTI",), (b"GET", b"k"), (b"EXEC",)])
        assert isinstance(replies[-1], Array)
        replies = connection.pipeline([(b"MULTI",), (b"SET", b"k", b"1"), (b"EXEC",)])
        assert isinstance(replies[-1], Error)


@ANY_SERVER
def test_the_rule_can_be_run_again_over_a_user_who_had_more(server: RedisServer) -> None:
    with Connection.open(address(server)) as admin:
        admin.call(b"ACL", b"SETUSER", b"reader", b"on", b"nopass", b"+@all", b"~*")
    with with_reader(server) as admin:
        assert not permitted(admin, [b"SET", b"k", b"1"])


def test_vector_sets_are_taken_away_by_name_where_they_exist() -> None:
    assert "-vadd -vrem -vsetattr" in acl_rule("redis", "8.2.3")
    assert "+vsim" in acl_rule("redis", "8.2.3").split(" ")
    assert "vadd" not in acl_rule("redis", "7.4.1")
    assert "vadd" not in acl_rule("valkey", "9.1.2")


@pytest.mark.parametrize(
    ("kind", "version"),
    [("redis", "6.0.9"), ("redis", "6.2.0"), ("redis", "255.255.255"), ("valkey", "7.2.5")],
)
def test_every_name_of_every_rule_is_a_read_of_the_table_or_about_the_own_connection(
    kind: str, version: str
) -> None:
    for word in acl_rule(kind, version).split(" "):
        if not word.startswith("+") or word == "+@read":
            continue
        name = word[1:].replace("|", " ").upper()
        info = command_info(name)
        assert info, name
        assert info.effect is EffectClass.READ or name in OWN_CONNECTION, name
        assert name not in WITHHELD


def test_older_servers_get_no_words_that_they_do_not_know() -> None:
    assert " ~* -@all" in acl_rule("redis", "6.0.20")
    assert "&*" in acl_rule("redis", "6.2.1")
    assert "%R~*" in acl_rule("redis", "7.0.0")


@pytest.mark.parametrize(
    ("version", "username"),
    [("5.0.7", "reader"), ("new", "reader"), ("7.0.15", "default"), ("7.0.15", "a b")],
)
def test_what_can_not_be_made_is_said(version: str, username: str) -> None:
    with pytest.raises(UsageError):
        acl_rule("redis", version, username)
