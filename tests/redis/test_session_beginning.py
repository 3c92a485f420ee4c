"""A session begins with what the server says of itself, or not at all."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import closing
from typing import Self

import pytest

from safeshell.errors import Refused
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.failures import (
    AuthenticationFailed,
    SelectFailed,
    Unreachable,
)
from safeshell.redis.reply import Bulk, Status
from safeshell.redis.server_info import info_fields
from safeshell.redis.session import NotConnected, RedisSession
from safeshell.redis.session_state import SessionState
from tests.redis.sessions import USER, opened, run
from tests.servers import DEADLINE, RedisServer


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
