"""The embedded table is whole, consistent, and matched by the rules that read arguments."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import safeshell.redis
from safeshell.redis.facts import EMPTY, ServerFacts, info_from_reply
from safeshell.redis.keys import Access, named_keys
from safeshell.redis.meaning import Context
from safeshell.redis.resolving import resolve
from safeshell.redis.table import EffectClass, UndoClass, command_info, command_names, key_specs
from safeshell.redis.tokens import split_line
from safeshell.redis.understanding import understand

FAMILIES = sorted(path.stem for path in Path(safeshell.redis.__file__).parent.glob("rules_*.py"))


def test_every_command_of_the_research_is_there() -> None:
    assert len(list(command_names())) >= 642
    for name in command_names():
        assert command_info(name) is not None


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_reads_exactly_the_commands_that_the_table_gives_it(family: str) -> None:
    given = {n for n in command_names() if (i := command_info(n)) and f"rules_{i.rules}" == family}
    assert given == set(import_module(f"safeshell.redis.{family}").RULES)


@pytest.mark.parametrize("name", list(command_names()))
def test_a_command_with_or_without_words_is_understood(name: str) -> None:
    info = command_info(name)
    assert info is not None
    argv = [word.encode() for word in name.split(" ")]
    for more in range(6):
        understood = understand([*argv, *[b"1"] * more], Context())
        meaning = understood.meaning
        assert meaning.effects or meaning.unreadable or meaning.reads, name
        if meaning.reads:
            assert all(effect.kind == "read" for effect in meaning.effects), name
        elif not meaning.unreadable:
            assert any(effect.kind != "read" for effect in meaning.effects) or info.rules == "scripts", name


@pytest.mark.parametrize("name", list(command_names()))
def test_a_read_has_no_write_flag_and_needs_no_undo(name: str) -> None:
    info = command_info(name)
    assert info is not None
    if info.effect is EffectClass.READ:
        assert "write" not in info.flags
        assert info.undo is UndoClass.NEEDLESS


def test_no_command_with_a_write_flag_is_a_read_without_a_rule_that_looks_at_its_arguments() -> None:
    for name in command_names():
        info = command_info(name)
        assert info
        if "write" in info.flags and not info.container:
            call = [*[word.encode() for word in name.split(" ")], b"k", b"1", b"x", b"y"]
            reads = understand(call, Context()).meaning.reads
            assert not reads or info.rules or info.name == "SORT", name


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("GET k", "k:read"),
        ("SET k v", "k:overwrite"),
        ("SET k v NX", "k:write"),
        ("DEL a b", "a:delete b:delete"),
        ("MSET a 1 b 2", "a:overwrite b:overwrite"),
        ("RENAME a b", "a:delete b:overwrite"),
        ("COPY a b", "a:read b:write"),
        ("COPY a b DB 3 REPLACE", "a:read b:overwrite@3"),
        ("SORT a BY w_* STORE d", "a:read d:overwrite"),
        ("SORT a", "a:read"),
        ("GEORADIUS g 1 2 3 km STORE d", "g:read d:overwrite"),
        ("GEORADIUS g 1 2 3 km", "g:read"),
        ("ZUNIONSTORE d 2 a b WEIGHTS 1 2", "d:overwrite a:read b:read"),
        ("ZINTER 2 a b", "a:read b:read"),
        ("EVAL x 2 a b c", "a:write b:write"),
        ("EVAL_RO x 1 a c", "a:read"),
        ("EVAL x 5 a", ""),
        ("XREAD COUNT 2 STREAMS a b 0 0", "a:read b:read"),
        ("XREADGROUP GROUP STREAMS c STREAMS a >", "a:write"),
        ("MIGRATE h 1 k 0 5", "k:delete"),
        ("MIGRATE h 1 k 0 5 COPY", "k:read"),
        ('MIGRATE h 1 "" 0 5 KEYS a b', "a:delete b:delete"),
        ("GETEX k", "k:read"),
        ("GETEX k EX 1", "k:write"),
        ("BITFIELD k GET u8 0", "k:read"),
        ("BITFIELD k SET u8 0 1", "k:write"),
        ("BITOP AND d a b", "d:overwrite a:read b:read"),
        ("EXPIRE k 0", "k:delete"),
        ("EXPIRE k 9", "k:write"),
        ("BLPOP a b 0", "a:delete b:delete"),
        ("LCS a b", "a:read b:read"),
        ("OBJECT ENCODING a", "a:read"),
        ("MEMORY USAGE a", "a:read"),
        ("SUBSCRIBE a", ""),
        ("SPUBLISH a m", ""),
        ("FLUSHALL", ""),
        ("FOO a", ""),
        ("CONFIG", ""),
        ("", ""),
    ],
)
def test_the_keys_that_a_command_names_are_found(line: str, keys: str) -> None:
    found = named_keys(split_line(line))
    assert (
        " ".join(f"{k.key.decode()}:{k.access}" + (f"@{k.db}" if k.db is not None else "") for k in found)
        == keys
    )


def test_a_key_specification_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        key_specs("somewhere:RO")


def _told(
    name: bytes, flags: list[bytes], categories: list[bytes], keys: list[object] | None = None
) -> list[object]:
    return [name, -2, flags, 1, 1, 1, categories, [], keys or [], []]


def _key(*flags: bytes) -> list[object]:
    begin = [b"type", b"index", b"spec", [b"index", 1]]
    find = [b"type", b"range", b"spec", [b"lastkey", 0, b"keystep", 1, b"limit", 0]]
    return [b"flags", list(flags), b"begin_search", begin, b"find_keys", find]


@pytest.mark.parametrize(
    ("entry", "effect"),
    [
        (_told(b"my.get", [b"readonly", b"module"], [b"@read"], [_key(b"RO", b"access")]), EffectClass.READ),
        (_told(b"my.get", [b"readonly", b"module"], [], []), EffectClass.READ),
        (_told(b"my.get", [b"readonly", b"admin"], [b"@read"]), EffectClass.SERVER_CONFIG),
        (_told(b"my.get", [b"readonly"], [b"@read", b"@dangerous"]), EffectClass.SERVER_CONFIG),
        (_told(b"my.clusterset", [b"readonly", b"module"], []), EffectClass.UNKNOWN),
        (_told(b"my.compact", [b"readonly", b"module"], [b"@read"]), EffectClass.UNKNOWN),
        (_told(b"my.get", [b"readonly"], [b"@read"], [_key(b"RW", b"update")]), EffectClass.UNKNOWN),
        (_told(b"my.get", [b"readonly", b"noscript"], [b"@read"]), EffectClass.UNKNOWN),
        (_told(b"my.set", [b"write"], [b"@write"], [_key(b"OW", b"update")]), EffectClass.WRITE_KEY),
        (_told(b"my.del", [b"write"], [b"@write"], [_key(b"RW", b"delete")]), EffectClass.DELETE_KEYS),
        (_told(b"my.thing", [b"module"], []), EffectClass.UNKNOWN),
        (_told(b"my.thing", [], [b"@connection"]), EffectClass.UNKNOWN),
        (
            [b"my.wipe", -1, [b"write"], 0, 0, 0, [b"@write", b"@dangerous"], [], [], []],
            EffectClass.DELETE_ALL,
        ),
        ([b"my.wipe", -1, [b"write"], 0, 0, 0], EffectClass.UNKNOWN),
    ],
)
def test_what_only_the_server_knows_is_classed_by_what_it_says_and_not_trusted_further(
    entry: list[object], effect: EffectClass
) -> None:
    (info,) = info_from_reply(entry)
    assert (info.effect, info.live) == (effect, True)


@pytest.mark.parametrize("entry", [None, [], [b"x"], "text", 5, [None] * 10, [b"", 1, [], 0, 0, 0], {"a": 1}])
def test_a_reply_of_another_form_tells_nothing(entry: object) -> None:
    assert info_from_reply(entry) == ()


def test_resp3_maps_and_sets_are_understood_as_well() -> None:
    entry = [
        "my.get", -2, {"readonly"}, 1, 1, 1, {"@read"}, [],
        [{"flags": {"RO"}, "begin_search": {"type": "index", "spec": {"index": 1}},
          "find_keys": {"type": "range", "spec": {"lastkey": -1, "keystep": 1, "limit": 0}}}],
        [],
    ]  # fmt: skip
    (info,) = info_from_reply(entry)
    facts = ServerFacts(live={"MY.GET": info})
    assert [named.key for named in named_keys([b"my.get", b"a", b"b"], facts)] == [b"a", b"b"]
    assert named_keys([b"my.get", b"a"], facts)[0].access is Access.READ


def test_a_renamed_command_is_the_command_that_it_stands_for() -> None:
    for facts in (
        ServerFacts(renamed={"WIPE_9F2": "FLUSHALL"}),
        ServerFacts(live={"WIPE_9F2": info_from_reply(_told(b"flushall", [b"write"], [b"@dangerous"]))[0]}),
        ServerFacts(renamed={"GET": "FLUSHALL"}),
    ):
        typed = b"GET" if "GET" in facts.renamed else b"wipe_9f2"
        info = resolve([typed], facts)
        assert info is not None
        assert info.name == "FLUSHALL"
    assert resolve([b"wipe_9f2"], EMPTY) is None


def test_a_containers_subcommand_may_be_told_by_the_server() -> None:
    entry = [b"client", -2, [], 0, 0, 0, [], [], [], [_told(b"client|newer", [b"readonly"], [b"@read"])]]
    told = {info.name: info for info in info_from_reply(entry)}
    facts = ServerFacts(live={"CLIENT NEWER": told["CLIENT NEWER"]})
    assert resolve([b"client", b"newer"], facts) is not None
    assert resolve([b"client", b"newest"], facts) is None


def test_reading_commands_imports_no_network_and_no_terminal() -> None:
    program = (
        "import sys; from safeshell.redis.dialect import RedisDialect; RedisDialect().read('FLUSHALL');"
        "bad = {'socket', 'ssl', 'redis', 'hiredis', 'prompt_toolkit', 'asyncio', 'msgspec'} & set(sys.modules);"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
