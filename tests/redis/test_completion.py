"""Tab, hints and HELP, from the docs of a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from safeshell.redis.address import ServerAddress
from safeshell.redis.command_docs import CommandDocs, names_only, parse_docs
from safeshell.redis.completion import KeyMemory, Vocabulary, completions, quoted_key
from safeshell.redis.connection import Connection
from safeshell.redis.help import help_text
from safeshell.redis.hints import hint_after
from safeshell.redis.reply import Error
from tests.servers import RedisServer


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def docs(server: RedisServer) -> CommandDocs:
    with Connection.open(ServerAddress(port=server.port)) as connection:
        found = parse_docs(connection.call(b"COMMAND", b"DOCS"))
    assert found
    return found


def offered(line: str, docs: CommandDocs, keys: KeyMemory | None = None) -> list[str]:
    vocabulary = Vocabulary(
        docs,
        keys or KeyMemory(),
        db=0,
        meta=((":unlock", ""), (":undo", ""), (":set", ""), (":help", "")),
        settings=(("format", ("human", "raw")), ("hints", ("on", "off"))),
    )
    return [candidate.text for candidate in completions(line, vocabulary)]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("get", ["get", "getbit", "getdel", "getex", "getrange", "getset"]),
        ("GETR", ["GETRANGE"]),
        ("Hel", ["HELLO", "HELP"]),
        ("  getr", ["getrange"]),
        ("3 incrbyf", ["incrbyfloat"]),
        ("config s", ["set"]),
        ("CONFIG S", ["SET"]),
        ("config ", ["get", "help", "resetstat", "rewrite", "set"]),
        ("set k v ", ["nx", "xx", "get", "ex", "px", "exat", "pxat", "keepttl"]),
        ("set k v E", ["EX", "EXAT"]),
        ("set k v ex 10 n", ["nx"]),
        ("zadd k ", ["nx", "xx", "gt", "lt", "ch", "incr"]),
        ("sort k by ", []),
        ("help @ge", ["@generic", "@geo"]),
        ("help config re", ["resetstat", "rewrite"]),
        ("help geti", []),
        (":un", [":unlock", ":undo"]),
        (":set f", ["format"]),
        (":set format r", ["raw"]),
        (":help un", ["unlock", "undo"]),
        ("nosuchcommand ", []),
    ],
)
def test_tab_offers(line: str, wanted: list[str], docs: CommandDocs) -> None:
    assert offered(line, docs) == wanted


def test_keys_are_those_this_session_has_seen_in_this_database(docs: CommandDocs) -> None:
    keys = KeyMemory()
    keys.saw(0, [b"cart:1", b"cart:2", b"user:1"])
    keys.saw(3, [b"cart:3"])

    assert offered("get ca", docs, keys) == ["cart:2", "cart:1"]
    assert offered("del cart:1 c", docs, keys) == ["cart:2", "cart:1"]
    assert offered("set user:1 c", docs, keys) == []


def test_the_keys_seen_longest_ago_are_forgotten() -> None:
    keys = KeyMemory(limit=3)
    keys.saw(0, [b"a1", b"a2", b"a3"])
    keys.saw(0, [b"a1", b"a4"])

    assert keys.starting_with(0, b"a") == [b"a4", b"a1", b"a3"]


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        (b"cart:1", "cart:1"),
        ("schlüssel".encode(), "schlüssel"),
        (b"two words", '"two words"'),
        (b'q"uote', r'"q\"uote"'),
        (b"\xff\x00", r'"\xff\x00"'),
        (b"\x1b[2J", r'"\x1b[2J"'),
        (b"a|b", '"a|b"'),
        (b"", '""'),
    ],
)
def test_a_completed_key_is_typed_as_the_server_must_get_it(key: bytes, typed: str) -> None:
    assert quoted_key(key) == typed


def test_a_key_full_of_escapes_is_shown_harmless(docs: CommandDocs) -> None:
    keys = KeyMemory()
    keys.saw(0, [b"\x1b]0;owned\x07"])

    (shown,) = [c.shown for c in completions("get ", Vocabulary(docs, keys, db=0))]

    assert shown == r'"\x1b]0;owned\a"'


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("get", "key"),
        ("get k", ""),
        ("set k v ex", "seconds [NX|XX] [GET]"),
        ("del a b", "[key ...]"),
        ("zadd k 1", "member [score member ...]"),
        ("xadd k maxlen ~ 10", "[LIMIT count] [NOMKSTREAM] *|id field value [field value ...]"),
        ("lmpop 2 a b", "[key ...] LEFT|RIGHT [COUNT count]"),
        ("lmpop 2 a b left", "[COUNT count]"),
        ("sort k alpha by p store d", "[LIMIT offset count] [GET pattern [GET pattern ...]] [ASC|DESC]"),
        ("geosearch k frommember m byradius 1 km asc count", "count [ANY] [WITHCOORD] [WITHDIST] [WITHHASH]"),
        ("config", "SUBCOMMAND"),
        ("config set maxmemory", "value [parameter value ...]"),
        ("set k v nonsense", ""),
        ("nosuchcommand", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_hints_say_what_may_follow(line: str, hint: str, docs: CommandDocs) -> None:
    assert hint_after(line.split(), docs) == hint


def test_every_command_of_the_server_has_a_syntax_and_survives_any_words(docs: CommandDocs) -> None:
    for name, doc in docs.by_name.items():
        assert doc.syntax.startswith(name)
        for count in range(12):
            hint_after([*name.split(), *["1"] * count], docs)


def test_resp2_and_resp3_say_the_same(server: RedisServer, docs: CommandDocs) -> None:
    with Connection.open(ServerAddress(port=server.port)) as connection:
        connection.call(b"HELLO", b"3")
        assert parse_docs(connection.call(b"COMMAND", b"DOCS")) == docs


def test_help_of_a_command_is_what_redis_cli_shows_and_more(docs: CommandDocs) -> None:
    text = help_text(["set"], docs, judged=lambda name: f"{name} changes one key")

    assert "\n  SET key value [NX|XX] [GET] [EX seconds|PX milliseconds|" in text
    assert "  summary: Set the string value of a key\n  since: 1.0.0\n  group: string\n" in text
    assert "  guard: SET changes one key\n" in text


def test_help_of_a_container_lists_its_subcommands(docs: CommandDocs) -> None:
    text = help_text(["config"], docs)

    assert "  CONFIG SET parameter value [parameter value ...]\n" in text
    assert "  CONFIG GET parameter [parameter ...]\n" in text


def test_help_of_a_group_lists_it(docs: CommandDocs) -> None:
    text = help_text(["@hyperloglog"], docs)

    assert "  PFADD key [element [element ...]]\n" in text
    assert "SET key" not in text


def test_help_of_nothing_there_is_names_what_is_near(docs: CommandDocs) -> None:
    assert "Did you mean GETEX" in help_text(["getexx"], docs)
    assert "Did you mean @string?" in help_text(["@strings"], docs)


def test_a_server_without_docs_still_completes_names() -> None:
    assert parse_docs(Error(b"ERR unknown subcommand 'DOCS'")) is None
    docs = names_only({"GET": False, "CONFIG": True, "CONFIG SET": False})

    assert offered("g", docs) == ["get"]
    assert offered("config ", docs) == ["set"]
    assert hint_after(["get"], docs) == ""
