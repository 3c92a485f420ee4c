"""Lines and what surrounds them: repetition, transactions, pastes, places in the line, and any text at all."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Reading
from safeshell.redis.batch import read_plain_chunk
from safeshell.redis.dialect import RedisDialect
from safeshell.redis.facts import ServerFacts, info_from_reply
from safeshell.redis.quoting import quoted
from safeshell.redis.table import command_names
from safeshell.redis.tokens import UnbalancedQuotes, split_line
from tests.redis.test_reading import ALL

DIALECT = RedisDialect()
LINES = [case.line for _, case in ALL]

words = st.one_of(
    st.sampled_from([name.encode() for full in command_names() for name in full.split(" ")]),
    st.sampled_from(
        [b"k", b"0", b"-1", b"1", b"*", b"NX", b"STORE", b"COUNT", b"MAXLEN", b"KEYS", b"AUTH", b"#5"]
    ),
    st.binary(max_size=6),
)
argvs = st.lists(words, max_size=8)


@given(st.text())
def test_any_text_gets_a_reading(line: str) -> None:
    reading = DIALECT.read(line)
    assert reading.line == line
    assert reading.severity in Severity


@given(argvs)
@settings(max_examples=600)
def test_any_words_get_a_reading(argv: list[bytes]) -> None:
    reading = DIALECT.read_argv(argv)
    assert reading.severity in Severity
    assert not reading.unreadable or not reading.reads


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_lines_get_a_reading(lines: list[str]) -> None:
    reading = DIALECT.read_batch(lines)
    for finding in reading.findings:
        assert 0 <= finding.span[0] <= finding.span[1] <= len(reading.line)


@given(argvs)
def test_the_short_way_and_the_long_way_say_the_same(argv: list[bytes]) -> None:
    line = b" ".join(quoted(word) for word in argv).decode()
    assert (
        DIALECT.read(line).effects == DIALECT.read_argv(split_line(line)).effects
        or line[1:2].isdigit()
        or (argv[:1] and argv[0].strip()[:1] in (b"", b"+", b"-", *[b"%d" % n for n in range(10)]))
    )


@pytest.mark.parametrize("line", LINES)
def test_quoting_or_another_case_makes_nothing_milder(line: str) -> None:
    plain = DIALECT.read(line)
    try:
        argv = split_line(line)
    except UnbalancedQuotes:
        return
    pick = random.Random(line)
    for _ in range(3):
        again = b" ".join(_disguised(word, pick) for word in argv).decode()
        assert DIALECT.read(again).severity >= plain.severity
        assert DIALECT.read(again).reads <= plain.reads
    name = argv[0].decode("latin-1").swapcase().encode("latin-1") if argv else b""
    assert DIALECT.read_argv([name, *argv[1:]]).severity >= DIALECT.read_argv(argv).severity


def _disguised(word: bytes, pick: random.Random) -> bytes:
    if not word:
        return b'""'
    at = pick.randrange(len(word))
    return quoted(word[:at])[:-1] + b"\\x%02x" % word[at] + quoted(word[at + 1 :])[1:]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("number", ["1", "5", "+3"])
def test_repeating_makes_nothing_milder(number: str, line: str) -> None:
    if line.strip()[:1] in ("", "'", '"', "+", "-") or line.strip()[:1].isdigit():
        return
    once, often = DIALECT.read(line), DIALECT.read(f"{number} {line}")
    assert often.severity >= once.severity
    assert often.reads <= once.reads


@pytest.mark.parametrize("line", LINES)
def test_a_transaction_makes_nothing_milder(line: str) -> None:
    alone = DIALECT.read(line)
    queued = RedisDialect(in_multi=True).read(line)
    assert queued.severity >= alone.severity or queued.commands[0].name == "EXEC"
    whole = RedisDialect(in_multi=True, queued=(queued,)).read("EXEC")
    assert whole.severity >= queued.severity
    assert whole.reads == queued.reads
    batch = DIALECT.read_batch(["MULTI", line, "EXEC"])
    assert batch.severity >= queued.severity


@pytest.mark.parametrize("line", LINES)
def test_other_lines_around_it_make_nothing_milder(line: str) -> None:
    batch = DIALECT.read_batch(["GET a", "", line, "SET b 1"])
    alone = DIALECT.read(line)
    assert batch.severity >= alone.severity
    assert not batch.reads
    assert {f.rule for f in alone.findings} <= {f.rule for f in batch.findings}


def _queue(*lines: str) -> tuple[Reading, ...]:
    return tuple(RedisDialect(in_multi=True).read(line) for line in lines)


def test_exec_is_the_sum_of_what_was_queued() -> None:
    reading = RedisDialect(in_multi=True, queued=_queue("SET a 1", "FLUSHALL", "GET b")).read("EXEC")
    assert reading.severity is Severity.CRITICAL
    assert {str(e.kind) for e in reading.effects} == {"overwrite", "delete", "read"}


def test_exec_of_reads_is_a_read_and_of_nothing_as_well() -> None:
    assert RedisDialect(in_multi=True, queued=_queue("GET a", "TTL a")).read("EXEC").reads
    assert RedisDialect(in_multi=True).read("EXEC").reads
    assert not RedisDialect().read("EXEC").reads


def test_exec_of_what_was_not_understood_is_not_understood() -> None:
    reading = RedisDialect(in_multi=True, queued=_queue("FOO")).read("EXEC")
    assert reading.unreadable
    assert not reading.reads


def test_ten_deletions_in_a_transaction_are_the_deletion_of_many() -> None:
    queued = _queue(*[f"DEL k{n}" for n in range(10)])
    assert RedisDialect(in_multi=True, queued=queued).read("EXEC").severity is Severity.HIGH
    assert RedisDialect(in_multi=True, queued=queued[:9]).read("EXEC").severity is Severity.MEDIUM


def test_discarding_is_silent() -> None:
    reading = RedisDialect(in_multi=True, queued=_queue("FLUSHALL")).read("DISCARD")
    assert (reading.severity, reading.reads) == (Severity.NONE, True)


@pytest.mark.parametrize("line", ["DEL {}", "UNLINK {}", "HDEL {} f", "LPOP {}", "EXPIRE {} 0", '"DEL" {}'])
def test_ten_pasted_deletions_are_the_deletion_of_many(line: str) -> None:
    lines = [line.format(f"k{n}") for n in range(10)]
    nine, ten = DIALECT.read_batch(lines[:9]), DIALECT.read_batch(lines)
    assert (nine.severity, ten.severity) == (Severity.MEDIUM, Severity.HIGH)
    assert len(nine.commands) == 9
    assert "redis.batch" in {finding.rule for finding in ten.findings}
    assert "redis.batch" not in {finding.rule for finding in nine.findings}


def test_a_paste_follows_the_database_it_selects() -> None:
    reading = RedisDialect(db=7).read_batch(["FLUSHDB", "SELECT 3", "FLUSHDB", "RESET", "FLUSHDB"])
    assert [effect.object for effect in reading.effects] == ["db 7", "db 3", "db 0"]


def test_a_transaction_inside_a_paste_is_counted_once() -> None:
    reading = DIALECT.read_batch(["MULTI", "DEL a", "SET b 1", "EXEC"])
    assert reading.severity is Severity.MEDIUM
    assert [(c.name, len(c.effects)) for c in reading.commands] == [
        ("MULTI", 0), ("DEL", 1), ("SET", 1), ("EXEC", 0)
    ]  # fmt: skip


def test_a_paste_that_ends_a_transaction_from_before_carries_it_out() -> None:
    dialect = RedisDialect(in_multi=True, queued=_queue("FLUSHALL"))
    assert dialect.read_batch(["GET a", "EXEC"]).severity is Severity.CRITICAL
    assert dialect.read_batch(["GET a", "DISCARD"]).severity is Severity.NONE
    after = dialect.read_batch(["EXEC", "EXEC"])
    assert "redis.exec" in {finding.rule for finding in after.findings}


def test_places_of_a_paste_count_from_its_start() -> None:
    lines = ["GET a", "", "  CONFIG SET save ''", "FLUSHDB", "SET k v", "DEL k"]
    reading = DIALECT.read_batch(lines)
    assert reading.line == "\n".join(lines)
    assert [reading.line[slice(*c.span)] for c in reading.commands] == [
        "GET a", "CONFIG SET save ''", "FLUSHDB", "SET k v", "DEL k"
    ]  # fmt: skip
    spans = {f.rule: reading.line[slice(*f.span)] for f in reading.findings}
    assert spans == {"redis.config-set": "save", "redis.flush": "FLUSHDB", "redis.delete": "DEL k"}


def test_many_ordinary_lines_are_one_command_of_the_reading() -> None:
    reading = DIALECT.read_batch([f"SET k{n} v" for n in range(1000)] + ["GET a"])
    assert [command.name for command in reading.commands] == ["SET", "GET"]
    assert reading.severity is Severity.LOW


def test_a_dangerous_line_in_a_long_paste_is_found() -> None:
    lines = [f"SET k{n} v" for n in range(1000)]
    lines[500] = "flushall"
    assert DIALECT.read_batch(lines).severity is Severity.CRITICAL


def test_several_lines_in_one_are_not_taken_for_one() -> None:
    reading = DIALECT.read("GET a\nFLUSHALL")
    assert reading.severity is Severity.CRITICAL
    assert "redis.several-lines" in {finding.rule for finding in reading.unreadable}
    assert DIALECT.read("GET a\n").reads
    assert DIALECT.read_batch(["SET a\nFLUSHALL"]).severity is Severity.CRITICAL
    assert DIALECT.read_batch(["SET a\nb"]).unreadable
    assert DIALECT.read('EVAL_RO "return 1\nand 2" 0').reads


def test_the_selected_database_is_named() -> None:
    assert RedisDialect(db=5).read("FLUSHDB").effects[0].object == "db 5"


def test_times_count_as_past_by_the_sessions_clock() -> None:
    line, now_ms = "EXPIREAT k 4000000000", 4_100_000_000_000
    assert RedisDialect().read(line).severity is Severity.LOW
    assert RedisDialect(now_ms=now_ms).read(line).severity is Severity.MEDIUM


def test_a_command_that_only_the_server_knows_is_read_as_it_says() -> None:
    entry = [b"my.get", -2, [b"readonly"], 1, 1, 1, [b"@read"], [], [], []]
    facts = ServerFacts(live={"MY.GET": info_from_reply(entry)[0]})
    assert DIALECT.read("MY.GET k").severity is Severity.HIGH
    assert not DIALECT.read("MY.GET k").reads
    assert RedisDialect(facts).read("my.get k").reads


def test_a_name_that_is_another_command_on_this_server_is_that_command_even_in_a_long_paste() -> None:
    dialect = RedisDialect(ServerFacts(renamed={"GET": "FLUSHALL"}))
    assert dialect.read("get a").severity is Severity.CRITICAL
    assert dialect.read_batch(["GET a"] * 3).severity is Severity.CRITICAL
    assert read_plain_chunk(dialect, [b"GET a"]) is None


def test_functions_are_reads_when_the_server_says_no_writes() -> None:
    facts = ServerFacts(
        functions={"Peek": True, "poke": False}, scripts={"a" * 40: b"return redis.call('DEL', KEYS[1])"}
    )
    assert RedisDialect(facts).read("FCALL peek 0").reads
    assert not RedisDialect(facts).read("FCALL poke 0").reads
    assert RedisDialect(facts).read(f"EVALSHA {'A' * 40} 1 k").severity is Severity.MEDIUM


def test_escape_sequences_in_keys_are_written_out() -> None:
    reading = DIALECT.read(r'DEL "\x1b[2J\xff"')
    assert reading.effects[0].object == r"key \x1b[2J\xff"
    assert reading.commands[0].objects == (r"\x1b[2J\xff",)


def test_words_of_a_command_line_are_never_split_again() -> None:
    assert DIALECT.read_argv([b"FLUSHALL ASYNC"]).unreadable
    assert DIALECT.read_argv([b"5", b"INCR", b"k"]).unreadable
    reading = DIALECT.read_argv([b"SET", b"a b", b"\xff"])
    assert reading.line == r'SET "a b" "\xff"'
    assert reading.commands[0].objects == ("a b",)


def test_too_many_words_are_refused_by_name() -> None:
    reading = DIALECT.read_argv([b"DEL", *[b"k"] * (1 << 20)])
    assert [finding.rule for finding in reading.unreadable] == ["redis.too-many-words"]


def test_a_chunk_of_ordinary_lines_is_split_and_summed_up() -> None:
    chunk = read_plain_chunk(DIALECT, [b"SET a 1", b"", b"  get  b ", b"SET c 2"])
    assert chunk is not None
    assert chunk.argvs == [[b"SET", b"a", b"1"], [b"get", b"b"], [b"SET", b"c", b"2"]]
    assert chunk.reading.severity is Severity.LOW
    assert not chunk.reading.reads
    reads = read_plain_chunk(DIALECT, [b"GET a"] * 3)
    assert reads is not None
    assert reads.reading.reads


@pytest.mark.parametrize(
    "line",
    [b"DEL a", b"FLUSHALL", b'SET a "b"', b"SET a b\tc", b"SET a \xff", b"SET a b EX 5", b"5 SET a b", b"SELECT 3",
     b"SET u redis://a:b@c", b"SET a 'b'", b"MULTI", b"AUTH x", b"FOO a", b"SET a"],
)  # fmt: skip
def test_a_chunk_with_one_other_line_is_left_to_the_long_way(line: bytes) -> None:
    assert read_plain_chunk(DIALECT, [b"SET a 1", line]) is None


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_passes_as_ordinary_is_no_worse_than_low(line: str) -> None:
    chunk = read_plain_chunk(DIALECT, [line.encode()])
    if chunk:
        alone = DIALECT.read(line)
        assert alone.severity <= Severity.LOW
        assert chunk.reading.reads == alone.reads
        assert chunk.argvs == ([split_line(line)] if line.strip() else [])


@pytest.mark.parametrize(
    "line",
    [
        "EVAL '" + "redis.call(" * 50_000 + "' 0",
        "EVAL '" + 'redis.call("GET", 1) ' * 20_000 + "' 0",
        "EVAL '" + "[[" * 200_000 + "' 0",
        "EVAL '" + "KEYS[" * 20_000 + "' 0",
        "EVAL '" + "--[[" * 100_000 + "' 0",
        "SET k " + "://:" * 20_000,
        "DEL " + "k " * 20_000,
        '"' * 100_001,
        "GET " + "'a" * 50_001,
    ],
    ids=lambda line: line[:20],
)
@pytest.mark.timeout(10)
def test_lines_made_to_take_long_are_read_in_time(line: str) -> None:
    DIALECT.read(line)


@pytest.mark.parametrize(
    "body", ["redis.call(" * 3000, "redis.call('GET', KEYS[1]) " * 2000, "x" * (2 << 20), "[[ a"]
)
def test_a_script_beyond_the_limits_may_do_anything(body: str) -> None:
    reading = DIALECT.read_argv([b"EVAL", body.encode(), b"0"])
    assert "execute" in {str(effect.kind) for effect in reading.effects}
