"""The session's second connection, and what is learned over it."""

from __future__ import annotations

from contextlib import closing

import pytest

from safeshell.redis.connection import ConnectionState
from safeshell.redis.failures import (
    ConnectionLost,
)
from safeshell.redis.reply import Status, string_of
from safeshell.redis.session import RedisSession
from tests.redis.sessions import USER, cut_off, fields_of, opened, run
from tests.servers import RedisServer


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
