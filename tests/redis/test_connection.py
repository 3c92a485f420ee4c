from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safeshell.errors import ExitStatus
from safeshell.redis.address import Family, Protocol, ServerAddress, parse_url
from safeshell.redis.connection import Connection, ConnectionState
from safeshell.redis.failures import (
    AddressInvalid,
    AuthenticationFailed,
    ClientNameRefused,
    ConnectionLost,
    Desynchronised,
    HandshakeFailed,
    ProtocolError,
    ProtocolRefused,
    ReplyTimeout,
    SelectFailed,
    Unreachable,
)
from safeshell.redis.reply import Array, Bulk, Error, Integer, Map, Push, Status
from tests.servers import DEADLINE, RedisServer, free_port

OK = Status(b"OK")


def where(server: RedisServer) -> ServerAddress:
    return ServerAddress(port=server.port)


@contextlib.contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """What ^C does to a program, that many seconds from now."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def listener_that(serves: Callable[[socket.socket], None]) -> Iterator[ServerAddress]:
    """A server that is no Redis: hands its first connection to `serves`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            with contextlib.suppress(OSError):
                client, _ = listening.accept()
                with client:
                    serves(client)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield ServerAddress(port=listening.getsockname()[1])
        finally:
            listening.close()
            thread.join(10)


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


class TestFailingClosed:
    @pytest.fixture
    def locked(self) -> Iterator[RedisServer]:
        with RedisServer("--requirepass", "right", "--databases", "4") as server:
            yield server

    @pytest.mark.parametrize(
        ("changed", "failure", "said"),
        [
            ({"password": "wrong"}, AuthenticationFailed, "refuses the default user: WRONGPASS"),
            ({"username": "bob", "password": "right"}, AuthenticationFailed, 'refuses user "bob": WRONGPASS'),
            ({"username": "bob"}, AuthenticationFailed, 'refuses user "bob"'),
            ({"password": "wrong", "db": 3}, AuthenticationFailed, "WRONGPASS"),
            ({"db": 3}, AuthenticationFailed, "wants a password"),
            ({"protocol": Protocol.RESP3}, AuthenticationFailed, "wants a password"),
            ({"password": "right", "db": 4}, SelectFailed, "database 4 can't be selected: ERR DB index"),
            ({"password": "right", "client_name": "a b"}, ClientNameRefused, 'refuses the client name "a b"'),
        ],
    )
    def test_a_refused_handshake_is_no_connection(
        self, locked: RedisServer, changed: dict[str, object], failure: type[HandshakeFailed], said: str
    ) -> None:
        with pytest.raises(failure) as raised:
            Connection.open(replace(where(locked), **changed))  # type: ignore[arg-type]

        assert said in raised.value.message
        assert raised.value.where == f"127.0.0.1:{locked.port}"
        assert raised.value.status is ExitStatus.UNREACHABLE
        assert raised.value.reply
        assert "right" not in str(raised.value)

    def test_a_password_where_none_is_set_is_refused(self, redis_server: RedisServer) -> None:
        with pytest.raises(AuthenticationFailed, match="called without any password"):
            Connection.open(replace(where(redis_server), password="x", db=1))

    def test_the_right_password_gets_in(self, locked: RedisServer) -> None:
        for username in ("", "default"):
            with Connection.open(
                replace(where(locked), username=username, password="right", db=3)
            ) as connection:
                assert connection.call(b"PING") == Status(b"PONG")

    def test_a_user_without_password_gets_in_as_itself(self, redis_server: RedisServer) -> None:
        redis_server.send("ACL", "SETUSER", "ann", "on", "nopass", "+@all")

        with Connection.open(replace(where(redis_server), username="ann")) as connection:
            assert connection.call(b"ACL", b"WHOAMI") == Bulk(b"ann")

    def test_a_server_without_resp3_is_not_spoken_to_in_resp2(self) -> None:
        with (
            RedisServer("--rename-command", "HELLO", "") as server,
            pytest.raises(ProtocolRefused, match="RESP3"),
        ):
            Connection.open(replace(where(server), protocol=Protocol.RESP3))

    def test_a_full_server_says_so(self) -> None:
        with (
            RedisServer("--maxclients", "1") as server,
            Connection.open(where(server)),
            pytest.raises(HandshakeFailed, match="max number of clients"),
        ):
            Connection.open(replace(where(server), db=1))


class TestNobodyThere:
    def test_a_closed_port(self) -> None:
        with pytest.raises(Unreachable) as raised:
            Connection.open(ServerAddress(port=free_port()))

        assert "connection refused" in raised.value.message
        assert raised.value.todo

    def test_a_name_that_does_not_exist(self) -> None:
        with pytest.raises(Unreachable, match=r'"nowhere\.invalid" (is not found|failed)'):
            Connection.open(ServerAddress(host="nowhere.invalid"))

    def test_a_name_that_can_be_none(self) -> None:
        with pytest.raises(AddressInvalid, match="can be no host name"):
            Connection.open(ServerAddress(host="a..b"))

    def test_an_address_of_the_other_family(self) -> None:
        with pytest.raises(Unreachable, match="not found as an IPv6 address"):
            Connection.open(ServerAddress(host="127.0.0.1", family=Family.IPV6))

    def test_a_socket_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(Unreachable, match="no such socket"):
            Connection.open(ServerAddress(unix_socket=tmp_path / "s"))

    def test_a_server_that_takes_no_connection(self) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(0)
            port = silent.getsockname()[1]
            with (
                socket.create_connection(("127.0.0.1", port)),
                pytest.raises(Unreachable, match=r"within 0\.2 s"),
            ):
                Connection.open(ServerAddress(port=port, connect_timeout=0.2, db=1))

    def test_a_server_that_says_nothing(self) -> None:
        with (
            listener_that(lambda client: client.recv(99999) and client.recv(1)) as address,  # type: ignore[arg-type]
            pytest.raises(Unreachable, match=r"connected, but the server did not answer within 0\.2 s"),
        ):
            Connection.open(replace(address, connect_timeout=0.2, db=1))

    def test_a_server_that_is_no_redis(self) -> None:
        def web_server(client: socket.socket) -> None:
            client.recv(99999)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

        with listener_that(web_server) as address, pytest.raises(ProtocolError) as raised:
            Connection.open(replace(address, db=1))

        assert 'no Redis reply: "HTTP/1.1 400 Bad Request"' in raised.value.message
        assert raised.value.where == address.place


class TestLosingIt:
    def test_a_server_killed_while_a_command_runs(self, redis_server: RedisServer) -> None:
        connection = Connection.open(where(redis_server))
        connection.send(b"DEBUG", b"SLEEP", b"60")

        redis_server.kill()

        with pytest.raises(ConnectionLost) as raised:
            connection.read_reply()
        assert raised.value.may_have_run
        assert "not sent again" in str(raised.value)
        assert connection.state is ConnectionState.LOST
        with pytest.raises(ConnectionLost):
            connection.call(b"PING")

    def test_a_server_that_left_before_is_noticed_before_anything_is_sent(
        self, redis_server: RedisServer
    ) -> None:
        with Connection.open(where(redis_server)) as connection:
            redis_server.kill()

            with pytest.raises(ConnectionLost) as raised:
                connection.call(b"PING")

        assert not raised.value.may_have_run

    def test_half_a_reply_is_no_reply(self) -> None:
        def half(client: socket.socket) -> None:
            client.recv(99999)
            client.sendall(b"*2\r\n:1\r\n$100\r\nabc")

        with (
            listener_that(half) as address,
            Connection.open(address) as connection,
            pytest.raises(ConnectionLost),
        ):
            connection.call(b"LRANGE", b"l", b"0", b"-1")

    def test_replies_before_the_end_are_still_given(self) -> None:
        def two_of_three(client: socket.socket) -> None:
            client.recv(99999)
            client.sendall(b"+OK\r\n:1\r\n")

        with listener_that(two_of_three) as address, Connection.open(address) as connection:
            for _ in range(3):
                connection.send(b"PING")
            assert [connection.read_reply(), connection.read_reply()] == [OK, Integer(1)]
            with pytest.raises(ConnectionLost):
                connection.read_reply()

    def test_nothing_is_ever_sent_twice(self, redis_server: RedisServer) -> None:
        connection = Connection.open(replace(where(redis_server), client_name="victim"))
        connection.send(b"BLPOP", b"nothing", b"0")
        with Connection.open(where(redis_server)) as other:
            end = time.monotonic() + DEADLINE
            while b"cmd=blpop" not in redis_server.send("CLIENT", "LIST"):
                assert time.monotonic() < end, "BLPOP did not arrive"
            other.call(b"CLIENT", b"KILL", b"TYPE", b"normal", b"SKIPME", b"yes")
            with pytest.raises(ConnectionLost):
                connection.read_reply()
            stats = redis_server.send("INFO", "commandstats")

        assert b"cmdstat_blpop:calls=1," in stats

    def test_the_servers_last_words_are_read(self, redis_server: RedisServer) -> None:
        with Connection.open(where(redis_server)) as connection:
            connection.send_packed(b"*1\r\n$-5\r\n", replies=1)

            reply = connection.read_reply()
            with pytest.raises(ConnectionLost):
                connection.read_reply()

        assert isinstance(reply, Error)
        assert b"Protocol error" in reply.data

    def test_a_closed_connection_is_not_connected(self, redis_server: RedisServer) -> None:
        connection = Connection.open(where(redis_server))
        connection.close()
        connection.close()

        assert connection.state is ConnectionState.CLOSED
        with pytest.raises(ConnectionLost, match="not connected"):
            connection.call(b"PING")


class TestInterrupting:
    def test_after_an_interrupted_wait_no_reply_can_be_taken_for_anothers(
        self, redis_server: RedisServer
    ) -> None:
        connection = Connection.open(where(redis_server))
        with pytest.raises(KeyboardInterrupt), interrupted_after(0.05):
            connection.call(b"BLPOP", b"nothing", b"0")

        assert connection.state is ConnectionState.DESYNCHRONISED
        for use in (
            lambda: connection.call(b"PING"),
            connection.read_reply,
            lambda: connection.send(b"PING"),
        ):
            with pytest.raises(Desynchronised, match="interrupted"):
                use()
        connection.close()

    def test_a_reply_that_is_late_is_still_due(self, redis_server: RedisServer) -> None:
        with Connection.open(where(redis_server)) as connection:
            with pytest.raises(ReplyTimeout, match=r"no reply within 0\.05 s"):
                connection.call(b"BLPOP", b"list", b"0", timeout=0.05)
            with pytest.raises(Desynchronised, match="still due"):
                connection.call(b"PING")
            with pytest.raises(Desynchronised, match="still due"):
                connection.pipeline([(b"PING",)])
            redis_server.send("RPUSH", "list", "late")

            assert connection.read_reply(timeout=10) == Array((Bulk(b"list"), Bulk(b"late")))
            assert connection.call(b"PING") == Status(b"PONG")


def test_plain_connections_need_neither_ssl_nor_redis_py() -> None:
    code = "import sys, safeshell.redis.connection, safeshell.redis.render; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"ssl", "redis", "prompt_toolkit", "asyncio"} & set(done.stdout.split())
