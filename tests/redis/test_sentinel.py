"""Real Sentinels lead to the primary or a replica, and what they say is checked at the server itself."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from safeshell.errors import SafeshellError
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.failures import AuthenticationFailed, Unreachable
from safeshell.redis.introduction import ServerChanged
from safeshell.redis.reply import Status
from safeshell.redis.sentinel import find_primary, find_replica
from safeshell.redis.session import RedisSession
from tests.e2e.program import at_safeshell
from tests.servers import DEADLINE, RedisServer, free_port, needed

BASE = ServerAddress(host="unused", port=1, db=3, client_name="me", connect_timeout=3)


@contextmanager
def sentinel(folder: Path, *config: str) -> Iterator[ServerAddress]:
    """A Sentinel with `config`; it wants a file of its own, which it rewrites."""
    port = free_port()
    file = folder / f"sentinel-{port}.conf"
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f"dir {folder}",
        f"logfile {folder}/sentinel-{port}.log",
        *config,
    ]
    file.write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(
        [needed("redis-server", "redis-server"), str(file), "--sentinel"],
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    address = ServerAddress(port=port, connect_timeout=3)
    try:
        wait_for(lambda: answers(address))
        yield address
    finally:
        process.kill()
        process.wait(DEADLINE)


def answers(address: ServerAddress) -> bool:
    try:
        with Connection.open(address) as connection:
            connection.call(b"PING", timeout=3)
    except SafeshellError:
        return False
    return True


def wait_for(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@dataclass(frozen=True)
class Watched:
    primary: RedisServer
    replica: RedisServer
    sentinel: ServerAddress


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watching(tmp_path_factory.mktemp("sentinel")) as watched:
        yield watched


@contextmanager
def watching(folder: Path) -> Iterator[Watched]:
    with ExitStack() as stack:
        primary = stack.enter_context(RedisServer("--repl-diskless-sync-delay", "0"))
        replica = stack.enter_context(RedisServer("--replicaof", "127.0.0.1", str(primary.port)))
        wait_for(lambda: b"master_link_status:up" in replica.send("INFO", "replication"))
        one = stack.enter_context(
            sentinel(
                folder,
                f"sentinel monitor mymaster 127.0.0.1 {primary.port} 1",
                f"sentinel monitor sessions 127.0.0.1 {primary.port} 1",
            )
        )
        yield Watched(primary, replica, one)


def test_the_primary_is_found_and_keeps_everything_but_host_and_port(watched: Watched) -> None:
    found = find_primary([watched.sentinel], "mymaster", BASE)
    assert (found.host, found.port) == ("127.0.0.1", watched.primary.port)
    assert (found.db, found.client_name) == (3, "me")


def test_a_replica_is_found(watched: Watched) -> None:
    def found() -> bool:
        try:
            return find_replica([watched.sentinel], "mymaster", BASE).port == watched.replica.port
        except Unreachable:
            return False  # a Sentinel learns of replicas within a second or so

    wait_for(found)


def test_a_sentinel_that_is_down_is_passed_over(watched: Watched) -> None:
    nobody = ServerAddress(port=free_port(), connect_timeout=1)
    assert find_primary([nobody, watched.sentinel], "mymaster", BASE).port == watched.primary.port


def test_a_server_that_is_no_sentinel_is_passed_over_and_said(watched: Watched) -> None:
    plain = ServerAddress(port=watched.primary.port)
    assert find_primary([plain, watched.sentinel], "mymaster", BASE).port == watched.primary.port
    with pytest.raises(Unreachable) as raised:
        find_primary([plain], "mymaster", BASE)
    assert f"{plain.place} is no Sentinel" in raised.value.message


@pytest.mark.parametrize("find", [find_primary, find_replica])
def test_an_unknown_name_lists_the_known_ones(watched: Watched, find: object) -> None:
    assert callable(find)
    with pytest.raises(Unreachable) as raised:
        find([watched.sentinel], "mymastre", BASE)
    assert raised.value.message == 'the Sentinels watch no primary named "mymastre"'
    assert set(raised.value.todo.removeprefix("They know: ").removesuffix(".").split(", ")) == {
        "mymaster",
        "sessions",
    }


def test_when_no_sentinel_answers_each_is_named_with_its_reason() -> None:
    nobody = [ServerAddress(port=free_port(), connect_timeout=1) for _ in range(2)]
    with pytest.raises(Unreachable) as raised:
        find_primary(nobody, "mymaster", BASE)
    for address in nobody:
        assert address.place in raised.value.message
    with pytest.raises(Unreachable):
        find_primary([], "mymaster", BASE)


def test_a_replica_that_is_named_as_the_primary_is_refused(watched: Watched, tmp_path: Path) -> None:
    stale = f"sentinel monitor stale 127.0.0.1 {watched.replica.port} 9"
    with sentinel(tmp_path, stale) as liar, pytest.raises(Unreachable) as raised:
        find_primary([liar], "stale", BASE)
    assert "says it is a replica, no primary" in raised.value.message


def test_a_stale_sentinel_is_passed_over_for_one_that_knows(watched: Watched, tmp_path: Path) -> None:
    stale = f"sentinel monitor mymaster 127.0.0.1 {watched.replica.port} 9"
    with sentinel(tmp_path, stale) as liar:
        assert find_primary([liar, watched.sentinel], "mymaster", BASE).port == watched.primary.port


def test_a_primary_that_is_down_is_said(tmp_path: Path) -> None:
    port = free_port()
    with (
        sentinel(tmp_path, f"sentinel monitor gone 127.0.0.1 {port} 9") as one,
        pytest.raises(Unreachable) as raised,
    ):
        find_primary([one], "gone", BASE)
    assert f"names 127.0.0.1:{port}, but" in raised.value.message


def test_a_primary_without_replicas_is_said(tmp_path: Path, redis_server: RedisServer) -> None:
    lonely = f"sentinel monitor lonely 127.0.0.1 {redis_server.port} 9"
    with sentinel(tmp_path, lonely) as one, pytest.raises(Unreachable) as raised:
        find_replica([one], "lonely", BASE)
    assert "knows of no replica that is up" in raised.value.message


def test_sentinel_and_server_each_get_their_own_password(tmp_path: Path) -> None:
    with RedisServer("--requirepass", "server-pw") as server:
        monitor = f"sentinel monitor guarded 127.0.0.1 {server.port} 9"
        with sentinel(tmp_path, "requirepass sentinel-pw", monitor) as one:
            asked = ServerAddress(port=one.port, password="sentinel-pw", connect_timeout=3)
            right = ServerAddress(password="server-pw", connect_timeout=3)
            assert find_primary([asked], "guarded", right).port == server.port
            with pytest.raises(AuthenticationFailed):
                find_primary([asked], "guarded", ServerAddress(password="wrong"))
            with pytest.raises(Unreachable) as raised:
                find_primary([one], "guarded", right)
    assert "NOAUTH" in raised.value.message or "password" in raised.value.message


def test_after_a_failover_the_session_stops_and_then_goes_on_at_the_new_primary(tmp_path: Path) -> None:
    with watching(tmp_path) as watched:

        def locate(last: ServerAddress) -> ServerAddress:
            return find_primary([watched.sentinel], "mymaster", last)

        session = RedisSession.open(locate(replace(BASE, db=3)), target="cache", locate=locate)
        with closing(session), Connection.open(watched.sentinel) as one:
            wait_for(lambda: one.call(b"SENTINEL", b"FAILOVER", b"mymaster") == Status(b"OK"))
            wait_for(lambda: find_port(locate) == watched.replica.port)
            watched.primary.kill()
            session.notice_loss()
            with pytest.raises(ServerChanged, match="its address was"):
                session.reconnect()
            session.reconnect(accept_change=True)
            assert (session.state.role, session.state.db) == ("primary", 3)
            assert session.execute([b"SET", b"k", b"v"]) == Status(b"OK")
        assert watched.replica.send("-n", "3", "GET", "k") == b"v"


def find_port(locate: Callable[[ServerAddress], ServerAddress]) -> int:
    try:
        return locate(BASE).port
    except Unreachable:
        return 0


def test_a_console_reconnects_to_the_new_primary_once_a_person_accepts_it(home: Path, tmp_path: Path) -> None:
    with watching(tmp_path) as watched, Connection.open(watched.sentinel) as one:
        configured(home, watched.sentinel)
        with at_safeshell("redis", "main") as person:
            person.prompt("guarded> ")
            person.line("SET k before")
            person.reads("OK\n")
            failed_over(watched, one)

            person.line("SET k lost")
            person.reads("Connection lost")
            person.prompt("not connected guarded> ")
            person.line(":reconnect")
            person.reads(f"its address was .*{watched.primary.port} and is .*{watched.replica.port}")
            person.prompt("not connected guarded> ")
            person.line(":reconnect accept")
            person.prompt("main primary guarded> ")
            person.line("SET k after")
            person.wait_until(lambda: watched.replica.send("GET", "k") == b"after", "the write")


def test_unlocking_after_a_failover_leads_to_the_new_primary_too(home: Path, tmp_path: Path) -> None:
    with watching(tmp_path) as watched, Connection.open(watched.sentinel) as one:
        rights = ("on", ">r", "~*", "&*", "+@read", "+@connection", "+info", "+role")
        for server in (watched.primary, watched.replica):
            server.send("ACL", "SETUSER", "reader", *rights)
        configured(
            home,
            watched.sentinel,
            'readonly = { username = "reader", password = "r" }',
            environment="production",
        )
        with at_safeshell("redis", "main") as person:
            person.prompt("read-only> ")
            failed_over(watched, one)
            person.line(":reconnect accept")
            person.reads("Connected\\.")
            person.line(":unlock 5m failover drill")
            person.reads("Unlocked for 5m")
            person.line("SET k after")
            person.wait_until(lambda: watched.replica.send("GET", "k") == b"after", "the write")


@pytest.mark.parametrize("pinned", [False, True])
def test_a_new_primary_that_must_not_be_worked_on_is_refused_though_it_was_accepted(
    home: Path, tmp_path: Path, pinned: bool
) -> None:
    with watching(tmp_path) as watched, Connection.open(watched.sentinel) as one:
        run_id = watched.primary.send("INFO", "server").partition(b"run_id:")[2].split()[0].decode()
        label = f'[targets.prod]\nenvironment = "production"\nredis = "127.0.0.1:{watched.replica.port}"\n'
        configured(home, watched.sentinel, f'pin = ["{run_id}"]' if pinned else label)
        with at_safeshell("redis", "main") as person:
            person.prompt("guarded> ")
            failed_over(watched, one)
            person.line(":reconnect accept")
            person.reads("is not the pinned server" if pinned else "which is production, not staging")
            person.prompt("not connected guarded> ")


def configured(home: Path, sentinel: ServerAddress, *more: str, environment: str = "staging") -> None:
    """The target `main` is what this Sentinel says."""
    folder = home / ".config/safeshell"
    folder.mkdir(parents=True)
    lines = [
        "version = 1",
        "[targets.main]",
        f'environment = "{environment}"',
        f'sentinel = {{ hosts = ["127.0.0.1:{sentinel.port}"], master = "mymaster" }}',
        *more,
    ]
    (folder / "config.toml").write_text("\n".join(lines) + "\n")
    (folder / "config.toml").chmod(0o600)


def failed_over(watched: Watched, sentinel: Connection) -> None:
    """The replica becomes the primary, and the former primary is gone."""
    wait_for(lambda: sentinel.call(b"SENTINEL", b"FAILOVER", b"mymaster") == Status(b"OK"))
    wait_for(
        lambda: (
            find_port(lambda base: find_primary([watched.sentinel], "mymaster", base)) == watched.replica.port
        )
    )
    watched.primary.kill()
