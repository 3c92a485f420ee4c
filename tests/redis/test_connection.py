"""A connection carries words exactly and replies in order."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from safeshell.redis.address import Family, Protocol, ServerAddress, parse_url
from safeshell.redis.connection import Connection
from safeshell.redis.reply import Array, Bulk, Error, Integer, Map, Push, Status
from tests.redis.connections import OK, interrupted_after, where
from tests.servers import RedisServer


class TestTalking:
    def test_words_arrive_exactly_and_replies_come_back_in_order(self, redis_server: RedisServer) -> None:
        with Connection.open(where(redis_server)) as connection:
            assert connection.call(b"SET", b"a b\x00\r\n", b"\xff") == OK
            assert connection.call(b"GET", b"a b\x00\r\n") == Bulk(b"\xff")
            assert connection.pipeline([(b"INCR", b"n")] * 3) == [Integer(1), Integer(2), Integer(3)]
            assert connection.unanswered == 0

    def test_the_handshake_makes_the_connection_what_was_asked_for(self, redis_server: RedisServer) -> None:
        address = replace(where(redis_server), protocol=Protocol.RESP3, db=3, client_name="me")
        with Connection.open(address) as connection:
            info = connection.call(b"CLIENT", b"INFO")

            assert isinstance(connection.call(b"HGETALL", b"none"), Map)
        assert b" name=me " in info.data and b" db=3 " in info.data and b" resp=3" in info.data  # type: ignore[union-attr]

    def test_unix_sockets_and_both_ip_families(self) -> None:
        with RedisServer("--bind", "127.0.0.1", "::1") as server:
            addresses = [
                ServerAddress(unix_socket=server.socket),
                ServerAddress(host="::1", port=server.port),
                parse_url(f"redis://[::1]:{server.port}/1"),
                ServerAddress(host="localhost", port=server.port, family=Family.IPV4),
            ]
            for address in addresses:
                with Connection.open(address) as connection:
                    assert connection.call(b"PING") == Status(b"PONG")

    def test_a_pipeline_larger_than_every_buffer_does_not_get_stuck(self, redis_server: RedisServer) -> None:
        block = bytes(range(256)) * 4000
        with Connection.open(where(redis_server)) as connection:
            replies = connection.pipeline((b"ECHO", block) for _ in range(60))

        assert replies == [Bulk(block)] * 60

    def test_a_hundred_thousand_commands_in_one_go(self, redis_server: RedisServer) -> None:
        with Connection.open(where(redis_server)) as connection:
            replies = connection.pipeline((b"SET", b"key:%d" % n, b"v") for n in range(100_000))

            assert replies == [OK] * 100_000
            assert connection.call(b"DBSIZE") == Integer(100_000)

    def test_errors_are_replies_and_not_exceptions(self, redis_server: RedisServer) -> None:
        with Connection.open(where(redis_server)) as connection:
            replies = connection.pipeline([(b"NOSUCH",), (b"PING",)])

        assert isinstance(replies[0], Error)
        assert replies[1] == Status(b"PONG")

    def test_replies_that_are_here_already_can_be_taken_without_waiting(
        self, redis_server: RedisServer
    ) -> None:
        with Connection.open(where(redis_server)) as connection:
            assert connection.take_ready() == []
            connection.send(b"PING")
            assert connection.wait_readable(timeout=10)
            assert connection.take_ready() == [Status(b"PONG")]
            assert connection.unanswered == 0


class TestPushes:
    def test_messages_do_not_get_in_the_way_of_replies(self, redis_server: RedisServer) -> None:
        with Connection.open(replace(where(redis_server), protocol=Protocol.RESP3)) as connection:
            connection.send(b"SUBSCRIBE", b"ch", replies=0)
            assert connection.read_any(timeout=10) == Push((Bulk(b"subscribe"), Bulk(b"ch"), Integer(1)))
            connection.send(b"MULTI")
            connection.send(b"PUBLISH", b"ch", b"hello")
            connection.send(b"EXEC")

            assert [connection.read_reply() for _ in range(3)] == [
                OK,
                Status(b"QUEUED"),
                Array((Integer(1),)),
            ]
            assert connection.take_pushes() == [Push((Bulk(b"message"), Bulk(b"ch"), Bulk(b"hello")))]
            assert connection.take_pushes() == []

    def test_streams_are_read_in_the_order_of_arrival(self, redis_server: RedisServer) -> None:
        with (
            Connection.open(where(redis_server)) as listening,
            Connection.open(where(redis_server)) as talking,
        ):
            assert listening.call(b"MONITOR") == OK
            talking.call(b"SET", b"k", b"v")

            line = listening.read_any(timeout=10)

        assert isinstance(line, Status)
        assert line.data.endswith(b'"SET" "k" "v"')

    def test_waiting_for_a_message_may_be_interrupted_without_harm(self, redis_server: RedisServer) -> None:
        with Connection.open(where(redis_server)) as connection:
            connection.send(b"SUBSCRIBE", b"ch")
            connection.read_any(timeout=10)
            with pytest.raises(KeyboardInterrupt), interrupted_after(0.05):
                connection.wait_readable()

            connection.send(b"UNSUBSCRIBE")
            assert connection.read_reply() == Array((Bulk(b"unsubscribe"), Bulk(b"ch"), Integer(0)))
            assert connection.call(b"PING") == Status(b"PONG")


def test_plain_connections_need_neither_ssl_nor_redis_py() -> None:
    code = "import sys, safeshell.redis.connection, safeshell.redis.render; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"ssl", "redis", "prompt_toolkit", "asyncio"} & set(done.stdout.split())
