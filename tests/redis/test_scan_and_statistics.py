"""Walking, sampling and copying a database leave it as it is, and what they report is what is there."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from safeshell.errors import SafeshellError
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.failures import AuthenticationFailed, ConnectionLost
from safeshell.redis.key_statistics import big_keys, hot_keys, memory_keys
from safeshell.redis.live_statistics import (
    info_fields,
    intrinsic_latency,
    latency,
    latency_spectrum,
    rolling_statistics,
)
from safeshell.redis.rdb_file import TransferRefused, fetch_rdb
from safeshell.redis.reply import Integer
from safeshell.redis.scan_keys import ScanFailed, print_keys, scan_keys
from tests.redis.plain_client import PlainClient
from tests.servers import DEADLINE, RedisServer, valkey_binary

LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 1 end)"


@pytest.fixture(params=["redis", "valkey"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    binary = valkey_binary() if request.param == "valkey" else None
    with RedisServer("--repl-diskless-sync-delay", "0", binary=binary) as one:
        yield one


@pytest.fixture
def connection(server: RedisServer) -> Iterator[Connection]:
    with Connection.open(ServerAddress(port=server.port)) as one:
        yield one


def fill(server: RedisServer, keys: int, *more: tuple[bytes, ...]) -> None:
    with PlainClient(server.socket) as client:
        client.pipeline([*((b"SET", b"key:%d" % n, b"v" * (n % 50)) for n in range(keys)), *more])


def refusing(server: RedisServer, *rules: str) -> ServerAddress:
    """How a user connects to whom `rules` apply."""
    server.send("ACL", "SETUSER", "u", "on", ">p", "~*", "+@all", *rules)
    return ServerAddress(port=server.port, username="u", password="p")


# --- walking


def test_every_key_is_found_by_scan_and_never_by_keys(server: RedisServer, connection: Connection) -> None:
    fill(server, 3000)

    found = [key for batch in scan_keys(connection) for key in batch]

    assert sorted(found) == sorted(b"key:%d" % n for n in range(3000))
    calls = server.send("INFO", "commandstats")
    assert b"cmdstat_scan:" in calls
    assert b"cmdstat_keys:" not in calls


def test_only_keys_that_match_are_found_and_the_server_looks_at_as_many_as_asked(
    server: RedisServer, connection: Connection
) -> None:
    fill(server, 1000, (b"SET", b"odd\nkey\xff", b"1"))

    batches = list(scan_keys(connection, pattern=b"odd*", count=10_000))

    assert batches == [[b"odd\nkey\xff"]]
    assert sum(len(batch) for batch in scan_keys(connection, pattern=b"key:99?")) == 10


def test_an_empty_database_has_no_keys(connection: Connection) -> None:
    assert [key for batch in scan_keys(connection) for key in batch] == []


def test_a_refused_scan_says_why(server: RedisServer) -> None:
    with (
        Connection.open(refusing(server, "-scan")) as connection,
        pytest.raises(ScanFailed, match="does not let you SCAN"),
    ):
        list(scan_keys(connection))


def test_each_key_is_printed_on_a_line_byte_for_byte() -> None:
    out = BytesIO()

    print_keys(iter([[b"a", b"\xff"], [], [b"b c"]]), out)

    assert out.getvalue() == b"a\n\xff\nb c\n"


# --- sampling


def test_the_biggest_key_of_each_type_is_named(server: RedisServer, connection: Connection) -> None:
    fill(
        server, 100,
        (b"RPUSH", b"list:long", *[b"x"] * 70), (b"RPUSH", b"list:short", b"x"),
        (b"SADD", b"set", b"a", b"b"), (b"HSET", b"hash", b"f", b"v"), (b"ZADD", b"zset", b"1", b"a"),
        (b"XADD", b"stream", b"*", b"f", b"v"), (b"SET", b"text", b"x" * 1234),
    )  # fmt: skip
    out = StringIO()

    big_keys(connection, scan_keys(connection), out, total=107)

    text = out.getvalue()
    assert "Sampled 107 keys in the keyspace!" in text
    for found in (
        'string found "text" has 1234 bytes',
        'list found "list:long" has 70 items',
        'set found "set" has 2 members',
        'hash found "hash" has 1 field\n',
        'zset found "zset" has 1 member\n',
        'stream found "stream" has 1 entry\n',
    ):
        assert found in text
    assert re.search(r"2 lists with 71 items \(01\.87% of keys, avg size 35\.50\)", text)


def test_the_key_that_takes_most_memory_is_named(server: RedisServer, connection: Connection) -> None:
    fill(server, 20, (b"SET", b"heavy", b"x" * 100_000), (b"RPUSH", b"light", b"x"))
    for samples in (None, 0, 3):
        out = StringIO()

        memory_keys(connection, scan_keys(connection), out, total=22, samples=samples)

        assert re.search(r'string found "heavy" has \d+', out.getvalue())
        assert re.search(r'list found "light" has \d+', out.getvalue())


def test_a_key_can_not_paint_the_screen(server: RedisServer, connection: Connection) -> None:
    fill(server, 0, (b"SET", b"\x1b[2Jevil", b"x" * 10))
    server.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    out = StringIO()

    big_keys(connection, scan_keys(connection), out, total=1)
    memory_keys(connection, scan_keys(connection), out, total=1, samples=None)
    hot_keys(connection, scan_keys(connection), out, total=1)

    assert "evil" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_an_empty_database_has_an_empty_summary(connection: Connection) -> None:
    out = StringIO()

    big_keys(connection, scan_keys(connection), out, total=0)
    memory_keys(connection, scan_keys(connection), out, total=0, samples=None)

    assert out.getvalue().count("Sampled 0 keys") == 2


def test_a_key_that_is_gone_by_now_stops_nothing(connection: Connection) -> None:
    out = StringIO()

    big_keys(connection, iter([[b"gone"]]), out, total=1)

    assert "Sampled 1 key" in out.getvalue()


def test_the_keys_used_most_come_first(server: RedisServer, connection: Connection) -> None:
    server.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    server.send("CONFIG", "SET", "lfu-log-factor", "0")
    fill(server, 30, *[(b"GET", b"key:7")] * 100, *[(b"GET", b"key:3")] * 50)
    out = StringIO()

    hot_keys(connection, scan_keys(connection), out, total=30, most=2)

    _, _, summary = out.getvalue().partition("summary")
    assert re.findall(r"keyname: (\S+)", summary) == ["key:7", "key:3"]


def test_a_server_that_counts_no_use_says_which_policy_would(
    server: RedisServer, connection: Connection
) -> None:
    fill(server, 1)
    with pytest.raises(ScanFailed) as raised:
        hot_keys(connection, scan_keys(connection), StringIO(), total=1)

    assert "allkeys-lfu" in raised.value.todo


def test_sampling_changes_nothing_and_makes_no_key_look_used(
    server: RedisServer, connection: Connection
) -> None:
    fill(server, 50)
    before = server.send("DEBUG", "DIGEST")

    big_keys(connection, scan_keys(connection), StringIO(), total=50)
    memory_keys(connection, scan_keys(connection), StringIO(), total=50, samples=0)

    assert server.send("DEBUG", "DIGEST") == before
    assert connection.call(b"DBSIZE") == Integer(50)


# --- live figures


def test_a_line_of_figures_counts_keys_of_all_databases_and_requests(
    server: RedisServer, connection: Connection
) -> None:
    fill(server, 5, (b"SELECT", b"3"), (b"SET", b"a", b"1"))
    out = StringIO()

    rolling_statistics(connection, out, interval=0.001, times=3)

    lines = out.getvalue().splitlines()
    assert lines[1].startswith("keys")
    assert [line.split()[0] for line in lines[2:]] == ["6", "6", "6"]
    assert "(+1)" in lines[-1]


def test_the_heading_comes_again_every_twenty_lines(connection: Connection) -> None:
    out = StringIO()

    rolling_statistics(connection, out, interval=0.001, times=21)

    assert out.getvalue().count("keys  ") == 2


def test_a_refused_info_says_why(server: RedisServer) -> None:
    with (
        Connection.open(refusing(server, "-info")) as connection,
        pytest.raises(ScanFailed, match="does not answer INFO"),
    ):
        rolling_statistics(connection, StringIO(), interval=0, times=1)


def test_info_is_read_whole(connection: Connection) -> None:
    fields = info_fields(connection.call(b"INFO"))

    assert fields["tcp_port"] == str(connection.address.port)


def test_round_trips_are_measured_once_away_from_a_terminal(connection: Connection) -> None:
    out = StringIO()

    latency(connection, out, live=False, history=False, interval=0.05)

    found = re.fullmatch(r"(\S+) (\S+) (\S+) (\d+)\n", out.getvalue())
    assert found
    low, high, mean = (float(found[n]) for n in (1, 2, 3))
    assert 0 <= low <= mean <= high
    assert int(found[4]) >= 1


def test_a_spectrum_of_round_trips_adds_up(connection: Connection) -> None:
    out = StringIO()

    latency_spectrum(connection, out, interval=0.02, times=2)

    assert out.getvalue().count(" samples\n") == 2
    shares = re.findall(r"([\d.]+)%", out.getvalue())
    assert sum(map(float, shares)) == pytest.approx(200, abs=0.1)


def test_the_machines_own_pauses_need_no_server() -> None:
    out = StringIO()

    intrinsic_latency(out, seconds=1)

    assert "Max latency so far" in out.getvalue()
    assert re.search(r"\n\d+ total runs \(avg latency: [\d.]+ microseconds", out.getvalue())


# --- copying


def copied(server: RedisServer, file: Path) -> RedisServer:
    """A second server of the same kind, to be started on the dataset in `file`."""
    other = RedisServer(binary=server.binary)
    file.rename(other.folder / "dump.rdb")
    return other


@pytest.mark.parametrize("diskless", ["yes", "no"])
def test_a_fetched_file_is_the_whole_dataset(
    server: RedisServer, tmp_path: Path, diskless: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.send("CONFIG", "SET", "repl-diskless-sync", diskless)
    fill(
        server, 2000, (b"SET", b"big", b"\x00\xff" * 500_000), (b"ZADD", b"z", b"1", b"a"),
        (b"SELECT", b"5"), (b"HSET", b"h", b"f", b"v"), (b"SET", b"expires", b"1", b"EX", b"1000"),
    )  # fmt: skip
    server.send("FUNCTION", "LOAD", LIBRARY)
    file = tmp_path / "out.rdb"

    fetch_rdb(ServerAddress(port=server.port), file, functions_only=False)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert str(file) in capsys.readouterr().err
    with copied(server, file) as other:
        assert other.send("DEBUG", "DIGEST") == server.send("DEBUG", "DIGEST")
        assert other.send("-n", "5", "TTL", "expires") != b"-1"
        assert b"lib" in other.send("FUNCTION", "LIST")


def test_functions_can_be_fetched_alone(server: RedisServer, tmp_path: Path) -> None:
    fill(server, 10)
    server.send("FUNCTION", "LOAD", LIBRARY)
    file = tmp_path / "out.rdb"

    fetch_rdb(ServerAddress(port=server.port), file, functions_only=True)

    with copied(server, file) as other:
        assert other.send("DBSIZE") == b"0"
        assert b"lib" in other.send("FUNCTION", "LIST")


def test_a_file_that_is_there_is_replaced_only_by_a_whole_one(server: RedisServer, tmp_path: Path) -> None:
    file = tmp_path / "out.rdb"
    file.write_bytes(b"the last good one")
    with pytest.raises(TransferRefused):
        fetch_rdb(refusing(server, "-sync"), file, functions_only=False)

    assert file.read_bytes() == b"the last good one"
    assert list(tmp_path.iterdir()) == [file]

    fetch_rdb(ServerAddress(port=server.port), file, functions_only=False)
    assert file.read_bytes().startswith((b"REDIS", b"VALKEY"))


def test_a_transfer_that_breaks_off_leaves_no_file(server: RedisServer, tmp_path: Path) -> None:
    fill(server, 100)
    server.send("CONFIG", "SET", "rdb-key-save-delay", "10000")
    file = tmp_path / "out.rdb"
    with ThreadPoolExecutor() as pool:
        fetching = pool.submit(fetch_rdb, ServerAddress(port=server.port), file, functions_only=False)
        end = time.monotonic() + DEADLINE
        while not fetching.done() and time.monotonic() < end:
            server.send("CLIENT", "KILL", "TYPE", "replica")

        with pytest.raises(ConnectionLost):
            fetching.result(0)
    assert list(tmp_path.iterdir()) == []


def test_without_a_login_nothing_is_fetched(server: RedisServer, tmp_path: Path) -> None:
    server.send("ACL", "SETUSER", "u", "on", ">p", "~*", "+@all")
    file = tmp_path / "out.rdb"
    with pytest.raises(AuthenticationFailed):
        fetch_rdb(ServerAddress(port=server.port, username="u", password="wrong"), file, functions_only=False)

    assert not file.exists()


def test_a_folder_that_can_not_be_written_to_says_where(server: RedisServer, tmp_path: Path) -> None:
    with pytest.raises(SafeshellError, match="can't be written") as raised:
        fetch_rdb(ServerAddress(port=server.port), tmp_path / "no" / "out.rdb", functions_only=False)

    assert raised.value.where == str(tmp_path / "no" / "out.rdb")
