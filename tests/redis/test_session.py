"""A session sends a line once and knows where it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeshell.errors import Refused
from safeshell.redis.address import Protocol
from safeshell.redis.reply import Array, Bulk, Error, Integer, Nil, NilKind, Push, Status
from safeshell.redis.session import RedisSession
from tests.redis.sessions import USER, client, opened, run
from tests.servers import DEADLINE, RedisServer, valkey_binary

LINES = (
    "SELECT 0", "SELECT 3", "SELECT 15", "SELECT 16", "SELECT x", "SELECT", "SELECT 1 2", "select 7",
    "MULTI", "MULTI x", "EXEC", "EXEC x", "DISCARD", "DISCARD x", "WATCH k", "WATCH", "UNWATCH",
    "SET k v", "INCR k", "GET", "NO-SUCH-COMMAND", "RESET", "HELLO", "HELLO 2", "HELLO 3", "HELLO 4",
    "HELLO 3 AUTH u p", "HELLO 2 AUTH u wrong", "HELLO 3 SETNAME me AUTH default x", "AUTH u p", "AUTH u wrong",
    "AUTH anything", "SWAPDB 0 3", "CLIENT SETNAME me", "PING", "EVAL return{redis.call('select','2')} 0",
)  # fmt: skip


@pytest.fixture(scope="module", params=["redis", "valkey"])
def busy_server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    with RedisServer(binary=valkey_binary() if request.param == "valkey" else None) as server:
        server.send(*USER)
        yield server


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(lines=st.lists(st.sampled_from(LINES), max_size=14))
def test_the_session_is_where_the_server_says_it_is(busy_server: RedisServer, lines: list[str]) -> None:
    with closing(opened(busy_server)) as watcher, closing(opened(busy_server)) as session:
        number = session.connection.call(b"CLIENT", b"ID")
        assert isinstance(number, Integer)
        for line in lines:
            run(session, line)
            seen = client(watcher, number.value)
            state = session.state
            assert (state.db, state.user, state.protocol, state.in_multi) == (
                int(seen["db"]), seen["user"], int(seen["resp"]), "x" in seen["flags"],
            ), (line, seen)  # fmt: skip
            if "watch" in seen and "d" not in seen["flags"]:  # once a watched key has changed, EXEC will fail
                assert state.watching == (seen["watch"] != "0"), (line, seen)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_subscriptions_are_counted_and_every_channel_is_answered(
    redis_server: RedisServer, protocol: Protocol
) -> None:
    kind = Push if protocol is Protocol.RESP3 else Array
    with closing(opened(redis_server, protocol=protocol)) as session:
        reply = run(session, "SUBSCRIBE a b")
        confirmed = [
            kind((Bulk(b"subscribe"), Bulk(name), Integer(at + 1))) for at, name in enumerate((b"a", b"b"))
        ]
        assert reply == Array(tuple(confirmed))
        assert session.state.subscribed == 2
        run(session, "UNSUBSCRIBE")
        assert session.state.subscribed == 0
        assert run(session, "PING") == Status(b"PONG")


def test_a_refused_subscription_leaves_a_usable_session(redis_server: RedisServer) -> None:
    redis_server.send(*USER, "resetchannels")
    with closing(opened(redis_server, username="u", password="p")) as session:
        session.send([b"SUBSCRIBE", b"a", b"b"])
        assert isinstance(session.next_push(DEADLINE), Error)
        assert run(session, "PING") == Status(b"PONG")
        assert isinstance(run(session, "SUBSCRIBE a b"), Error)
        assert run(session, "PING") == Status(b"PONG")


def test_messages_are_read_as_they_come(redis_server: RedisServer, session: RedisSession) -> None:
    session.send([b"SUBSCRIBE", b"news"])
    session.next_push(DEADLINE)
    assert session.next_push(0.01) is None
    redis_server.send("PUBLISH", "news", "hello")
    assert session.next_push(DEADLINE) == Array((Bulk(b"message"), Bulk(b"news"), Bulk(b"hello")))


@pytest.mark.parametrize("line", ["CLIENT REPLY OFF", "client reply skip", "CLIENT REPLY OFF now"])
def test_replies_can_not_be_turned_off(session: RedisSession, line: str) -> None:
    for begin in ("PING", "MULTI"):
        run(session, begin)
        with pytest.raises(Refused, match="CLIENT REPLY"):
            run(session, line)
    assert run(session, "EXEC") == Array(())
    assert run(session, "CLIENT REPLY ON") == Status(b"OK")


def test_a_renamed_client_command_can_not_turn_replies_off() -> None:
    with RedisServer("--rename-command", "CLIENT", "kunde") as server, closing(opened(server)) as session:
        session.learn([b"kunde", b"REPLY", b"OFF"])
        with pytest.raises(Refused):
            run(session, "kunde REPLY OFF")


def test_quit_ends_the_connection_and_loses_nothing(session: RedisSession) -> None:
    run(session, "MULTI")
    run(session, "SET k v")
    assert run(session, "QUIT") == Status(b"OK")
    assert (session.state.connected, session.state.lost_queue) == (False, None)
    session.reconnect()
    assert run(session, "GET k") == Nil(NilKind.BULK)
