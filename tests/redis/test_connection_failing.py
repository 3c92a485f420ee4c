"""A connection that can't be what it should be is none; one that is lost says what may have run."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safeshell.errors import ExitStatus
from safeshell.redis.address import Family, Protocol, ServerAddress
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
from safeshell.redis.reply import Array, Bulk, Error, Integer, Status
from tests.redis.connections import OK, interrupted_after, where
from tests.servers import DEADLINE, RedisServer, free_port


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
