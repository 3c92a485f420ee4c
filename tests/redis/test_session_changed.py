"""Another server, another role, another user: the session stops when it is not sure any more where it is."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from safeshell.errors import Refused
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import ConnectionState
from safeshell.redis.failures import (
    AuthenticationFailed,
    ConnectionLost,
)
from safeshell.redis.introduction import ServerChanged
from safeshell.redis.reply import Status, string_of
from safeshell.redis.session import NotConnected, RedisSession
from safeshell.redis.session_state import SessionState
from tests.redis.sessions import USER, cut_off, lose, opened, run
from tests.servers import RedisServer, valkey_binary


def test_a_restarted_server_stops_the_session_until_that_is_accepted() -> None:
    with RedisServer() as server, closing(opened(server)) as session:
        server.kill()
        server.start()
        with pytest.raises(ConnectionLost):
            run(session, "FLUSHALL")
        for _ in range(2):
            with pytest.raises(
                ServerChanged, match=r"its run id was .* and is .*; nothing was sent"
            ) as raised:
                session.reconnect()
            assert ":reconnect accept" in raised.value.todo
            with pytest.raises(NotConnected):
                run(session, "FLUSHALL")
        session.reconnect(accept_change=True)
        assert run(session, "PING") == Status(b"PONG")
        cut_off(server)
        with pytest.raises(ConnectionLost):
            run(session, "PING")
        session.reconnect()  # it is the known one from now on


def test_a_primary_that_became_a_replica_stops_the_session(
    redis_server: RedisServer, session: RedisSession
) -> None:
    redis_server.send("REPLICAOF", "127.0.0.1", "1")
    lose(session, redis_server)
    with pytest.raises(ServerChanged, match="its role was primary and is replica"):
        session.reconnect()


def test_another_kind_of_server_at_the_same_place_stops_the_session() -> None:
    with RedisServer() as server, closing(opened(server)) as session:
        server.kill()
        with RedisServer(binary=valkey_binary(), port=server.port):
            with pytest.raises(ConnectionLost):
                run(session, "PING")
            with pytest.raises(ServerChanged, match="its kind was redis and is valkey"):
                session.reconnect()


def test_a_server_that_no_longer_tells_who_it_is_stops_the_session(redis_server: RedisServer) -> None:
    redis_server.send(*USER)
    with closing(opened(redis_server, username="u", password="p")) as session:
        redis_server.send("ACL", "SETUSER", "u", "-info")
        lose(session, redis_server)
        with pytest.raises(ServerChanged, match="no longer tells its run id"):
            session.reconnect()


def test_an_accepted_server_may_still_be_refused_by_its_pin() -> None:
    def refuse(state: SessionState) -> None:
        raise Refused(f"{state.run_id} is not pinned")

    with RedisServer() as server:
        address = ServerAddress(port=server.port)
        with closing(RedisSession.open(address, target="cache", on_new_server=refuse)) as session:
            server.kill()
            server.start()
            with pytest.raises(ConnectionLost):
                run(session, "PING")
            with pytest.raises(Refused):
                session.reconnect(accept_change=True)
            with pytest.raises(NotConnected):
                run(session, "PING")


def test_the_new_primary_of_a_failover_has_to_be_accepted(redis_server: RedisServer) -> None:
    with RedisServer() as promoted:
        now = [ServerAddress(port=redis_server.port)]
        session = RedisSession.open(
            now[0], target="cache", locate=lambda last: replace(last, port=now[0].port)
        )
        with closing(session):
            run(session, "SELECT 4")
            now[0] = ServerAddress(port=promoted.port)
            lose(session, redis_server)
            with pytest.raises(ServerChanged, match=r"its address was .* and is .*, its run id"):
                session.reconnect()
            session.reconnect(accept_change=True)
            run(session, "SET k v")
            assert session.state.address.port == promoted.port
        assert promoted.send("-n", "4", "GET", "k") == b"v"


def test_replicaof_changes_the_role_that_is_known(session: RedisSession) -> None:
    run(session, "REPLICAOF 127.0.0.1 1")
    assert session.state.role == "replica"
    run(session, "REPLICAOF NO ONE")
    assert session.state.role == "primary"


def test_switching_goes_on_as_another_user_in_the_same_database(redis_server: RedisServer) -> None:
    redis_server.send(*USER)
    with closing(opened(redis_server, username="u", password="p")) as session:
        run(session, "SELECT 6")
        run(session, "MULTI")
        old = session.connection
        session.switch(ServerAddress(port=redis_server.port))
        assert string_of(run(session, "ACL WHOAMI")) == b"default"
        assert (session.state.user, session.state.db, session.state.in_multi) == ("default", 6, False)
        assert old.state is ConnectionState.CLOSED
        session.switch(ServerAddress(port=redis_server.port, username="u", password="p"))
        assert string_of(run(session, "ACL WHOAMI")) == b"u"


def test_a_refused_switch_leaves_everything_as_it_was(
    redis_server: RedisServer, session: RedisSession
) -> None:
    run(session, "SELECT 6")
    before = session.state
    with pytest.raises(AuthenticationFailed):
        session.switch(ServerAddress(port=redis_server.port, username="nobody", password="p"))
    assert session.state == before
    assert run(session, "PING") == Status(b"PONG")


def test_switching_notices_that_the_server_has_changed_meanwhile() -> None:
    with RedisServer() as server, closing(opened(server)) as session:
        server.kill()
        server.start()
        with pytest.raises(ServerChanged):
            session.switch(ServerAddress(port=server.port))


def test_switching_to_another_server_shows_it_first(redis_server: RedisServer) -> None:
    met: list[SessionState] = []
    with RedisServer() as other:
        address = ServerAddress(port=redis_server.port)
        with closing(RedisSession.open(address, target="cache", on_new_server=met.append)) as session:
            session.switch(ServerAddress(port=other.port))
            assert [state.run_id for state in met] == [session.state.run_id]
            assert run(session, "PING") == Status(b"PONG")
