"""What a session says and does when its connection is lost: nothing is resent, nothing is passed over."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from safeshell.redis.address import Protocol
from safeshell.redis.failures import (
    ConnectionLost,
    Desynchronised,
    SelectFailed,
)
from safeshell.redis.reply import Error, Status, string_of
from safeshell.redis.session import NotConnected, RedisSession
from tests.redis.sessions import USER, cut_off, fields_of, lose, opened, run
from tests.servers import DEADLINE, RedisServer


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
