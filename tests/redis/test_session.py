"""A session sends a line once, knows where it is, and stops when that is not sure any more."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeshell.errors import Refused
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.connection import ConnectionState
from safeshell.redis.failures import (
    AuthenticationFailed,
    ConnectionLost,
    Desynchronised,
    SelectFailed,
    Unreachable,
)
from safeshell.redis.introduction import ServerChanged
from safeshell.redis.reply import Array, Bulk, Error, Integer, Nil, NilKind, Push, Reply, Status, string_of
from safeshell.redis.server_info import info_fields
from safeshell.redis.session import NotConnected, RedisSession
from safeshell.redis.session_state import SessionState, after, lost
from tests.servers import DEADLINE, RedisServer, valkey_binary

USER = ("ACL", "SETUSER", "u", "on", ">p", "~*", "&*", "+@all")


def opened(server: RedisServer, **parts: object) -> RedisSession:
    address = replace(ServerAddress(port=server.port), **parts)  # type: ignore[arg-type] # fields by name
    return RedisSession.open(address, target="cache")


@pytest.fixture
def session(redis_server: RedisServer) -> Iterator[RedisSession]:
    with closing(opened(redis_server)) as one:
        yield one


def run(session: RedisSession, line: str) -> Reply:
    return session.execute([word.encode() for word in line.split()])


def cut_off(server: RedisServer) -> None:
    """End every connection from outside, as a time-out or a firewall would."""
    server.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    server.send("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes")


def lose(session: RedisSession, server: RedisServer) -> None:
    cut_off(server)
    with pytest.raises((ConnectionLost, NotConnected)):
        run(session, "PING")


# --- beginning


class Relay:
    """Passes one conversation on and counts how often the other side was waited for."""

    def __init__(self, port: int) -> None:
        self.round_trips = 0
        self._answered = threading.Event()
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._pass_on)
        self._thread.start()

    def _pass_on(self) -> None:
        client, _ = self._listener.accept()
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            asked = False
            answers = threading.Thread(target=self._answers, args=(server, client))
            answers.start()
            while data := client.recv(65536):
                if not asked or self._answered.is_set():
                    self.round_trips += 1
                    self._answered.clear()
                asked = True
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
            answers.join()

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        while data := server.recv(65536):
            self._answered.set()
            client.sendall(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(DEADLINE)
        self._listener.close()


def test_a_session_begins_in_two_round_trips_whatever_it_has_to_settle(redis_server: RedisServer) -> None:
    redis_server.send(*USER)
    with Relay(redis_server.port) as relay:
        address = ServerAddress(
            port=relay.port, db=3, username="u", password="p", protocol=Protocol.RESP3, client_name="me"
        )
        with closing(RedisSession.open(address, target="cache")) as session:
            state = session.state
            assert (state.user, state.db, state.protocol, state.role) == ("u", 3, 3, "primary")
    assert relay.round_trips == 2


def test_a_session_knows_which_server_it_is(redis_server: RedisServer, session: RedisSession) -> None:
    fields = info_fields(Bulk(redis_server.send("INFO", "server") + redis_server.send("INFO", "replication")))
    state = session.state
    assert (state.run_id, state.replid) == (fields["run_id"], fields["master_replid"])
    assert (state.kind, state.version, state.role) == ("redis", fields["redis_version"], "primary")


def test_valkey_is_known_by_its_own_name(valkey_server: RedisServer) -> None:
    with closing(opened(valkey_server)) as session:
        assert session.state.kind == "valkey"
        assert session.state.version.startswith("9.")


def test_a_wrong_password_never_becomes_the_default_user(redis_server: RedisServer) -> None:
    with pytest.raises(AuthenticationFailed):
        opened(redis_server, password="wrong", db=3)


def test_a_wrong_database_never_becomes_database_0(redis_server: RedisServer) -> None:
    with pytest.raises(SelectFailed):
        opened(redis_server, db=99)


def test_a_server_that_wants_a_password_says_so_and_is_met_after_auth() -> None:
    said: list[str] = []
    met: list[SessionState] = []
    with RedisServer("--requirepass", "secret") as server:
        address = ServerAddress(port=server.port)
        session = RedisSession.open(address, target="cache", on_new_server=met.append, told=said.append)
        with closing(session):
            assert "wants a password" in said[0]
            assert (session.state.role, session.state.run_id, met) == ("unknown", "", [])
            assert run(session, "AUTH secret") == Status(b"OK")
            assert session.state.role == "primary"
            assert [state.run_id for state in met] == [session.state.run_id]


def test_a_server_that_turns_out_to_be_another_one_after_auth_is_left() -> None:
    def refuse(state: SessionState) -> None:
        raise Refused(f"{state.run_id} is not pinned")

    with RedisServer("--requirepass", "secret") as server:
        address = ServerAddress(port=server.port)
        with closing(RedisSession.open(address, target="cache", on_new_server=refuse)) as session:
            with pytest.raises(Refused):
                run(session, "AUTH secret")
            with pytest.raises(NotConnected):
                run(session, "SET k v")


def test_a_user_who_may_not_ask_gets_an_unknown_role_and_is_told(redis_server: RedisServer) -> None:
    redis_server.send(*USER, "-info")
    said: list[str] = []
    address = ServerAddress(port=redis_server.port, username="u", password="p")
    with closing(RedisSession.open(address, target="cache", told=said.append)) as session:
        assert (session.state.role, session.state.run_id) == ("unknown", "")
        assert run(session, "SET k v") == Status(b"OK")
    assert len(said) == 1
    assert "does not let us ask" in said[0]


def test_a_server_that_hangs_is_not_waited_for_longer_than_connecting_may_take(
    redis_server: RedisServer,
) -> None:
    assert redis_server.process
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(Unreachable, match="no reply within"):
            opened(redis_server, connect_timeout=0.2)
    finally:
        redis_server.process.send_signal(signal.SIGCONT)


# --- where it is


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


def client(watcher: RedisSession, number: int) -> dict[str, str]:
    """What the server says of one of its connections."""
    return fields_of(watcher.connection.call(b"CLIENT", b"LIST", b"ID", b"%d" % number))


def fields_of(reply: Reply) -> dict[str, str]:
    """The fields of one line of CLIENT LIST."""
    return dict(field.partition("=")[::2] for field in (string_of(reply) or b"").decode().split())


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


# --- lost connections


def test_nothing_is_resent_after_a_lost_connection(redis_server: RedisServer, session: RedisSession) -> None:
    run(session, "INCR n")
    cut_off(redis_server)
    with pytest.raises(ConnectionLost):
        run(session, "INCR n")
    with pytest.raises(NotConnected):
        run(session, "INCR n")
    session.reconnect()
    assert redis_server.send("GET", "n") == b"1"


def test_a_line_whose_reply_was_lost_may_have_run_and_is_not_sent_again(
    redis_server: RedisServer, session: RedisSession
) -> None:
    waiting = threading.Thread(target=cut_off_when, args=(redis_server, b"cmd=blpop"))
    waiting.start()
    with pytest.raises(ConnectionLost) as raised:
        run(session, "BLPOP nothing 0")
    waiting.join()
    assert raised.value.may_have_run
    assert "not sent again" in raised.value.todo


def cut_off_when(server: RedisServer, words: bytes) -> None:
    wait_until(lambda: words in server.send("CLIENT", "LIST"))
    cut_off(server)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_a_lost_transaction_is_said_to_be_lost_and_later_lines_do_not_join_it(
    redis_server: RedisServer, session: RedisSession
) -> None:
    for line in ("MULTI", "SET a 1", "SET b 2"):
        run(session, line)
    lose(session, redis_server)
    assert (session.state.in_multi, session.state.lost_queue) == (False, 2)
    session.reconnect()
    assert session.state.lost_queue == 2
    assert isinstance(run(session, "EXEC"), Error)
    assert redis_server.send("EXISTS", "a", "b") == b"0"
    assert session.state.lost_queue is None  # it is said once


def test_what_watch_guarded_is_said_to_be_lost(redis_server: RedisServer, session: RedisSession) -> None:
    run(session, "WATCH k")
    lose(session, redis_server)
    session.reconnect()
    assert (session.state.watching, session.state.lost_watch) == (False, True)


def test_a_new_connection_is_the_same_user_in_the_same_database(redis_server: RedisServer) -> None:
    redis_server.send(*USER)
    with closing(opened(redis_server, db=2, protocol=Protocol.RESP3)) as session:
        run(session, "SELECT 5")
        run(session, "AUTH u p")
        lose(session, redis_server)
        session.reconnect()
        seen = fields_of(run(session, "CLIENT INFO"))
        state = session.state
        assert (seen["db"], seen["user"], seen["resp"]) == ("5", "u", "3")
        assert (state.db, state.user, state.protocol) == (5, "u", 3)


def test_after_reset_a_new_connection_is_who_the_session_logged_in_as(redis_server: RedisServer) -> None:
    redis_server.send(*USER)
    with closing(opened(redis_server, db=2, username="u", password="p", protocol=Protocol.RESP3)) as session:
        run(session, "RESET")
        assert (session.state.user, session.state.db, session.state.protocol) == ("default", 0, 2)
        lose(session, redis_server)
        session.reconnect()
        assert string_of(run(session, "ACL WHOAMI")) == session.state.user.encode() == b"u"
        assert (session.state.db, session.state.protocol) == (0, 3)


def test_a_database_that_is_gone_stops_the_session() -> None:
    with RedisServer("--databases", "16") as server, closing(opened(server, db=9)) as session:
        server.kill()
        server.options = ("--databases", "4")
        server.start()
        with pytest.raises(ConnectionLost):
            run(session, "PING")
        with pytest.raises(SelectFailed):
            session.reconnect(accept_change=True)
        assert not session.state.connected


def test_replies_that_belong_to_nothing_end_the_connection(session: RedisSession) -> None:
    # In RESP2 two channels in MULTI are answered by one reply more than EXEC counts.
    for line in ("MULTI", "SUBSCRIBE a b", "EXEC"):
        run(session, line)
    with pytest.raises(Desynchronised):
        run(session, "PING")
    assert not session.state.connected
    session.reconnect()
    assert run(session, "PING") == Status(b"PONG")


def test_an_interrupted_line_may_have_run_and_its_reply_answers_no_other(
    redis_server: RedisServer, session: RedisSession
) -> None:
    def interrupt() -> None:
        wait_until(lambda: b"cmd=blpop" in redis_server.send("CLIENT", "LIST"))
        os.kill(os.getpid(), signal.SIGINT)

    hand = threading.Thread(target=interrupt)
    hand.start()
    with pytest.raises(KeyboardInterrupt):
        run(session, "BLPOP list 0")
    hand.join()
    assert not session.state.connected
    session.reconnect()
    assert run(session, "PING") == Status(b"PONG")


def test_a_pipeline_that_is_cut_off_is_a_lost_connection(
    redis_server: RedisServer, session: RedisSession
) -> None:
    cut_off(redis_server)
    with pytest.raises(ConnectionLost):
        session.pipeline([(b"INCR", b"n"), (b"INCR", b"n")])
    assert not session.state.connected
    assert redis_server.send("GET", "n") == b""


# --- another server


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


# --- another user


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


# --- the second connection


def test_measuring_has_a_connection_of_its_own_as_the_same_user(redis_server: RedisServer) -> None:
    redis_server.send(*USER)
    with closing(opened(redis_server, username="u", password="p")) as session:
        run(session, "MULTI")
        assert string_of(session.side().call(b"ACL", b"WHOAMI")) == b"u"
        assert session.side() is session.side()
        run(session, "DISCARD")
        first = session.side()
        run(session, "AUTH default x")
        assert string_of(session.side().call(b"ACL", b"WHOAMI")) == b"default"
        assert first.state is ConnectionState.CLOSED
    assert session.connection.state is ConnectionState.CLOSED


def test_a_second_connection_that_the_server_has_ended_is_opened_again(
    redis_server: RedisServer, session: RedisSession
) -> None:
    first = session.side()
    cut_off(redis_server)
    assert session.side() is not first
    assert session.side().call(b"PING") == Status(b"PONG")


def test_a_second_connection_that_went_with_the_server_is_a_lost_connection() -> None:
    with RedisServer() as server, closing(opened(server)) as session:
        session.side()
        server.kill()
        with pytest.raises(ConnectionLost):
            session.side()
        session.notice_loss()
        assert not session.state.connected


def test_looking_leaves_keys_unused_where_the_server_can_do_that(valkey_server: RedisServer) -> None:
    with closing(opened(valkey_server)) as session:
        assert "T" in fields_of(session.side().call(b"CLIENT", b"INFO"))["flags"]


def test_a_server_that_has_no_room_for_a_second_connection_leaves_the_first_alone() -> None:
    with RedisServer("--rename-command", "FLUSHALL", "weg") as server:
        server.send("CONFIG", "SET", "maxclients", "1")
        with closing(opened(server)) as session:
            learned(session, "weg")
            assert session.facts().renamed == {}  # so it is judged as the strictest
            assert run(session, "PING") == Status(b"PONG")


# --- what is learned


def learned(session: RedisSession, *lines: str) -> None:
    session.learn(*[[word.encode() for word in line.split()] for line in lines])


def test_a_renamed_command_is_known_by_its_real_name() -> None:
    with RedisServer("--rename-command", "FLUSHALL", "weg") as server, closing(opened(server)) as session:
        learned(session, "weg", "config get x", "gibtesnicht")
        facts = session.facts()
        assert facts.renamed == {"WEG": "FLUSHALL"}
        assert facts.live["WEG"].name == "FLUSHALL"
        assert "GIBTESNICHT" not in facts.live


def test_a_known_command_costs_no_question(redis_server: RedisServer, session: RedisSession) -> None:
    learned(session, "GET k", "FLUSHALL", "CONFIG SET maxmemory 1")
    assert redis_server.send("INFO", "clients").count(b"connected_clients:2") == 1  # this one and redis-cli


def test_a_function_is_known_by_its_flags_as_they_are_now(
    redis_server: RedisServer, session: RedisSession
) -> None:
    def load(flags: str) -> None:
        body = f"#!lua name=lib\nredis.register_function{{function_name='f', callback=function() end{flags}}}"
        redis_server.send("FUNCTION", "LOAD", "REPLACE", body)

    load(", flags={'no-writes'}")
    learned(session, "FCALL f 0")
    assert session.facts().functions == {"f": True}
    load("")
    learned(session, "FCALL f 0")
    assert session.facts().functions == {"f": False}


def test_scripts_that_the_session_has_seen_are_known_by_their_hash(session: RedisSession) -> None:
    session.learn([b"EVAL", b"return 1", b"0"])
    loaded = string_of(session.execute([b"SCRIPT", b"LOAD", b"return 2"]))
    assert loaded
    assert sorted(session.facts().scripts.values()) == [b"return 1", b"return 2"]
    assert session.facts().scripts[loaded.decode()] == b"return 2"


def test_a_script_that_somebody_else_has_loaded_is_known_where_the_server_shows_it(
    valkey_server: RedisServer,
) -> None:
    sha1 = valkey_server.send("SCRIPT", "LOAD", "return 3").decode()
    with closing(opened(valkey_server)) as session:
        learned(session, f"EVALSHA {sha1.upper()} 0", f"EVALSHA {'0' * 40} 0")
        assert session.facts().scripts == {sha1: b"return 3"}


def test_thousands_of_different_scripts_are_learned_at_once_and_not_kept_for_ever(
    session: RedisSession,
) -> None:
    session.learn(*[(b"EVAL", b"return %d" % number, b"0") for number in range(20_000)])
    kept = list(session.facts().scripts.values())
    assert len(kept) < 5_000
    assert kept[-1] == b"return 19999"


# --- the pure part


def state(**parts: object) -> SessionState:
    return replace(SessionState(ServerAddress(), "cache"), **parts)  # type: ignore[arg-type] # fields by name


def stepped(start: SessionState, *steps: tuple[str, Reply]) -> SessionState:
    for line, reply in steps:
        start = after(start, [word.encode() for word in line.split()], reply)
    return start


OK, QUEUED = Status(b"OK"), Status(b"QUEUED")


@pytest.mark.parametrize(
    "error", [b"EXECABORT Transaction discarded", b"MOVED 1 h:1", b"ASK 1 h:1", b"TRYAGAIN x", b"CROSSSLOT x"]
)
def test_an_exec_that_the_server_threw_away_ends_the_transaction(error: bytes) -> None:
    end = stepped(state(), ("MULTI", OK), ("SELECT 3", QUEUED), ("EXEC", Error(error)))
    assert (end.in_multi, end.queued, end.db) == (False, (), 0)


def test_what_was_queued_counts_only_when_it_ran() -> None:
    queue: Sequence[tuple[str, Reply]] = (("MULTI", OK), ("SELECT 3", QUEUED), ("SELECT 99", QUEUED))
    assert stepped(state(), *queue).db == 0
    assert stepped(state(), *queue, ("EXEC", Array((OK, Error(b"ERR DB index is out of range"))))).db == 3
    assert stepped(state(), *queue, ("DISCARD", OK)).db == 0


def test_swapdb_leaves_the_number_that_is_selected() -> None:
    assert stepped(state(db=3), ("SWAPDB 3 4", OK)).db == 3


def test_losing_the_connection_twice_keeps_what_was_lost_first() -> None:
    queued = stepped(state(), ("WATCH k", OK), ("MULTI", OK), ("SET k v", QUEUED))
    once = lost(queued)
    assert (once.lost_queue, once.lost_watch) == (1, True)
    assert lost(once) == once
