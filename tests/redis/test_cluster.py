"""Redirections of a real three-node cluster are followed, once each, and only where the owner agrees."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Self

import pytest

from safeshell.errors import Refused
from safeshell.redis.address import ServerAddress
from safeshell.redis.cluster import (
    MAX_REDIRECTIONS,
    ClusterLinks,
    Redirection,
    RedirectionKind,
    redirected_text,
    redirection_of,
)
from safeshell.redis.connection import Connection
from safeshell.redis.failures import Unreachable
from safeshell.redis.introduction import ServerChanged
from safeshell.redis.reply import Bulk, Error, Integer, Reply, Status, integer_of, string_of
from safeshell.redis.session import RedisSession
from tests.servers import DEADLINE, RedisServer, free_port, needed, valkey_binary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"MOVED 3999 127.0.0.1:6381", Redirection(RedirectionKind.MOVED, 3999, "127.0.0.1", 6381)),
        (
            b"ASK 16383 node-1.example.com:7000",
            Redirection(RedirectionKind.ASK, 16383, "node-1.example.com", 7000),
        ),
        (b"MOVED 0 [::1]:7000", Redirection(RedirectionKind.MOVED, 0, "::1", 7000)),
        (b"MOVED 0 ::1:7000", Redirection(RedirectionKind.MOVED, 0, "::1", 7000)),
        (b"MOVED 0 fe80::1%eth0:7000", Redirection(RedirectionKind.MOVED, 0, "fe80::1%eth0", 7000)),
        (b"MOVED 3999 :6381", Redirection(RedirectionKind.MOVED, 3999, "", 6381)),
    ],
)
def test_every_form_of_a_redirection_is_read(text: bytes, expected: Redirection) -> None:
    assert redirection_of(Error(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"ERR MOVED 1 h:1", b"MOVED", b"MOVED 1", b"MOVED x h:1", b"MOVED 16384 h:1", b"MOVED 1 h", b"MOVED 1 h:",
        b"MOVED 1 h:0", b"MOVED 1 h:65536", b"MOVED 1 ?:6381", b"MOVED 1 h:1 more", b"moved 1 h:1", b"ASKING 1 h:1",
        b"MOVED -1 h:1", b"MOVED 1 a\x1b[2J:1", b"CLUSTERDOWN The cluster is down", b"TRYAGAIN", b"", b"MOVED  h:1",
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_one(text: bytes) -> None:
    assert redirection_of(Error(text)) is None


def test_the_line_is_redis_clis() -> None:
    moved = Redirection(RedirectionKind.MOVED, 12182, "127.0.0.1", 7002)
    assert redirected_text(moved) == "-> Redirected to slot [12182] located at 127.0.0.1:7002"


def cluster_port() -> int:
    """A port that is free, as is the one of its cluster bus, 10000 above."""
    for _ in range(100):
        port = random.randrange(20000, 30000)
        with suppress(OSError), socket.socket() as one, socket.socket() as bus:
            one.bind(("127.0.0.1", port))
            bus.bind(("127.0.0.1", port + 10000))
            return port
    raise AssertionError("no free pair of ports")


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[RedisServer]]:
    with cluster() as servers:
        yield servers


@pytest.fixture
def valkey_nodes() -> Iterator[list[RedisServer]]:
    with cluster("--cluster-databases", "16", binary=valkey_binary()) as servers:
        yield servers


@contextmanager
def cluster(*options: str, binary: str | None = None) -> Iterator[list[RedisServer]]:
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                RedisServer("--cluster-enabled", "yes", *options, port=cluster_port(), binary=binary)
            )
            for _ in range(3)
        ]
        places = [f"127.0.0.1:{server.port}" for server in servers]
        subprocess.run(
            [needed("redis-cli", "redis-tools"), "--cluster", "create", *places, "--cluster-yes"],
            check=True,
            capture_output=True,
            timeout=30,
        )
        end = time.monotonic() + DEADLINE
        while not all(b"cluster_state:ok" in server.send("CLUSTER", "INFO") for server in servers):
            assert time.monotonic() < end, "the cluster did not come up"
            time.sleep(0.02)
        yield servers


class Session:
    """What the console does: calls, and follows when sent away."""

    def __init__(self, server: RedisServer) -> None:
        self.asked: list[str] = []
        self.address = ServerAddress(port=server.port)
        self.links = ClusterLinks(self.address, lambda address: self.asked.append(address.place))
        self.current = Connection.open(self.address)

    def run(self, *argv: bytes) -> Reply:
        self.current, reply = self.links.follow(argv, self.current.call(*argv), self.current)
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.links.close()
        self.current.close()


def slot_of(server: RedisServer, key: str) -> int:
    return int(server.send("CLUSTER", "KEYSLOT", key))


def owner(nodes: list[RedisServer], key: str) -> RedisServer:
    """The node that answers for a key without sending away."""
    return next(node for node in nodes if not node.send("GET", key).startswith(b"MOVED"))


def key_of(nodes: list[RedisServer], node: RedisServer, *, other: bool = False) -> str:
    """A key that `node` owns, or does not own."""
    return next(key for i in range(1000) if (owner(nodes, key := f"k{i}") is not node) is other)


def test_moved_is_followed_and_the_session_goes_on_there(nodes: list[RedisServer]) -> None:
    with Session(nodes[0]) as session:
        key = key_of(nodes, nodes[2]).encode()
        assert session.run(b"SET", key, b"v") == Status(b"OK")
        assert session.current.address.port == nodes[2].port
        assert session.run(b"GET", key) == Bulk(b"v")
        assert session.asked == [f"127.0.0.1:{nodes[2].port}"]
        followed = session.links.followed
    assert followed == ()  # of the GET, which was not sent away


def test_the_redirection_is_there_to_be_shown(nodes: list[RedisServer]) -> None:
    with Session(nodes[0]) as session:
        key = key_of(nodes, nodes[1])
        session.run(b"GET", key.encode())
        text = redirected_text(session.links.followed[0])
    slot = slot_of(nodes[0], key)
    assert text == f"-> Redirected to slot [{slot}] located at 127.0.0.1:{nodes[1].port}"


def test_a_write_that_was_sent_away_runs_once(nodes: list[RedisServer]) -> None:
    with Session(nodes[0]) as session:
        key = key_of(nodes, nodes[1]).encode()
        session.run(b"DEL", key)
        for count in range(1, 4):
            session.run(b"GET", key_of(nodes, nodes[0]).encode())  # away from where the key is
            assert session.run(b"INCR", key) == Integer(count)
        session.run(b"DEL", key)


def test_each_node_gets_one_connection(nodes: list[RedisServer]) -> None:
    with Session(nodes[0]) as session:
        keys = [key_of(nodes, node).encode() for node in nodes]
        before = [clients(node) for node in nodes]
        for key in keys * 5:
            session.run(b"GET", key)
        assert [clients(node) for node in nodes] == [before[0], before[1] + 1, before[2] + 1]


def clients(node: RedisServer) -> int:
    info = node.send("INFO", "clients").decode()
    return int(
        next(line for line in info.splitlines() if line.startswith("connected_clients:")).split(":")[1]
    )


def test_a_node_that_the_owner_refuses_is_not_even_connected_to(nodes: list[RedisServer]) -> None:
    def refuse(address: ServerAddress) -> None:
        raise Refused(f"{address.place} is production")

    address = ServerAddress(port=nodes[0].port)
    links = ClusterLinks(address, refuse)
    key = key_of(nodes, nodes[1]).encode()
    before = nodes[1].send("INFO", "stats").split(b"total_connections_received:")[1].split(b"\r")[0]
    with Connection.open(address) as connection, pytest.raises(Refused):
        links.follow((b"SET", key, b"v"), connection.call(b"SET", key, b"v"), connection)
    after = nodes[1].send("INFO", "stats").split(b"total_connections_received:")[1].split(b"\r")[0]
    assert int(after) - int(before) == 1  # the one that asked


def test_ask_is_followed_with_asking_and_holds_for_one_command(nodes: list[RedisServer]) -> None:
    source, destination = nodes[0], nodes[1]
    key = key_of(nodes, source)
    slot = str(slot_of(source, key))
    ids = [node.send("CLUSTER", "MYID").decode() for node in nodes]
    destination.send("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    source.send("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    try:
        with Session(source) as session:
            assert session.run(b"SET", key.encode(), b"there") == Status(b"OK")
            assert session.links.followed[0].kind is RedirectionKind.ASK
            assert session.current.address.port == destination.port
            # Without ASKING the slot is still the source's, which sends for the key to the destination again.
            assert session.run(b"GET", key.encode()) == Bulk(b"there")
            assert [one.kind for one in session.links.followed] == [
                RedirectionKind.MOVED,
                RedirectionKind.ASK,
            ]
            assert session.run(b"DEL", key.encode()) == Integer(1)
    finally:
        for node in (destination, source):
            node.send("CLUSTER", "SETSLOT", slot, "STABLE")


def test_a_connection_that_ended_meanwhile_is_opened_again(nodes: list[RedisServer]) -> None:
    with Session(nodes[0]) as session:
        here, there = (key_of(nodes, node).encode() for node in nodes[:2])
        session.run(b"SET", there, b"1")
        session.run(b"GET", here)
        nodes[1].send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        assert session.run(b"INCR", there) == Integer(2)


def test_other_errors_come_back_as_they_are(nodes: list[RedisServer]) -> None:
    with Session(nodes[0]) as session:
        key = key_of(nodes, nodes[0]).encode()
        session.run(b"SET", key, b"word")
        reply = session.run(b"INCR", key)
        assert isinstance(reply, Error)
        assert session.links.followed == ()
        assert session.asked == []


def test_endless_redirections_end(redis_server: RedisServer) -> None:
    # A cluster of one node whose slot nobody serves but which is said to be elsewhere would do this; a script that
    # answers MOVED to itself is the same conversation on a real server.
    moved = f"MOVED 1 127.0.0.1:{redis_server.port}"
    argv = (
        b"EVAL",
        b"return redis.error_reply(ARGV[1] .. string.rep('', redis.call('INCR', 'n')))",
        b"0",
        moved.encode(),
    )
    with Session(redis_server) as session:
        reply = session.run(*argv)
        assert reply == Error(moved.encode())
        assert integer_of(session.current.call(b"GET", b"n")) == MAX_REDIRECTIONS + 1
        assert string_of(session.current.call(b"PING")) == b"PONG"


def test_an_empty_host_is_the_one_that_answered(redis_server: RedisServer) -> None:
    script = b"if redis.call('INCR', 'n') == 1 then return redis.error_reply(ARGV[1]) end return 'there'"
    with Session(redis_server) as session:
        assert session.run(b"EVAL", script, b"0", f"MOVED 1 :{redis_server.port}".encode()) == Bulk(b"there")
        assert session.links.followed[0].host == "127.0.0.1"


def test_a_node_that_is_down_is_said_with_its_place(redis_server: RedisServer) -> None:
    port = free_port()
    with Session(redis_server) as session, pytest.raises(Unreachable) as raised:
        session.run(b"EVAL", b"return redis.error_reply(ARGV[1])", b"0", f"MOVED 1 127.0.0.1:{port}".encode())
    assert raised.value.where == f"127.0.0.1:{port}"


def session_at(node: RedisServer, said: list[str] | None = None) -> RedisSession:
    address = ServerAddress(port=node.port)
    told = (said if said is not None else []).append
    return RedisSession.open(address, target="cache", cluster=True, told=told)


def words(line: str) -> list[bytes]:
    return [word.encode() for word in line.split()]


def test_a_session_goes_on_at_the_node_and_knows_that_server(nodes: list[RedisServer]) -> None:
    said: list[str] = []
    with closing(session_at(nodes[0], said)) as session:
        assert session.state.cluster
        first = session.state.run_id
        key = key_of(nodes, nodes[1])
        assert session.execute(words(f"SET {key} v")) == Status(b"OK")
        slot = slot_of(nodes[0], key)
        assert said == [f"-> Redirected to slot [{slot}] located at 127.0.0.1:{nodes[1].port}"]
        assert session.state.address.port == nodes[1].port
        assert session.state.run_id not in ("", first)
        assert session.side().address.port == nodes[1].port
        session.execute(words(f"GET {key_of(nodes, nodes[0])}"))
        assert session.state.run_id == first
        session.execute(words(f"DEL {key}"))


def test_a_lost_connection_to_another_node_is_no_changed_server(nodes: list[RedisServer]) -> None:
    with closing(session_at(nodes[0])) as session:
        session.execute(words(f"GET {key_of(nodes, nodes[1])}"))
        nodes[1].send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        session.notice_loss()
        session.reconnect()
        assert session.state.address.port == nodes[1].port
        assert session.execute(words("PING")) == Status(b"PONG")


def test_a_command_in_a_transaction_is_not_taken_elsewhere(nodes: list[RedisServer]) -> None:
    with closing(session_at(nodes[0])) as session:
        key = key_of(nodes, nodes[1])
        session.execute(words("MULTI"))
        reply = session.execute(words(f"SET {key} v"))
        assert isinstance(reply, Error)
        assert reply.code == b"MOVED"
        aborted = session.execute(words("EXEC"))
        assert isinstance(aborted, Error)
        assert not session.state.in_multi
        assert session.execute(words(f"EXISTS {key}")) == Integer(0)


def test_without_c_a_redirection_is_the_error_that_it_is(nodes: list[RedisServer]) -> None:
    with closing(RedisSession.open(ServerAddress(port=nodes[0].port), target="cache")) as session:
        reply = session.execute(words(f"GET {key_of(nodes, nodes[1])}"))
        assert isinstance(reply, Error)
        assert reply.code == b"MOVED"


def test_watch_is_told_to_stay_behind(nodes: list[RedisServer]) -> None:
    said: list[str] = []
    with closing(session_at(nodes[0], said)) as session:
        session.execute(words(f"WATCH {key_of(nodes, nodes[0])}"))
        session.execute(words(f"GET {key_of(nodes, nodes[1])}"))
        assert not session.state.watching
        assert "WATCH" in said[-1]


def test_a_login_and_a_reset_hold_for_every_node(nodes: list[RedisServer]) -> None:
    for node in nodes:
        node.send("ACL", "SETUSER", "u", "on", ">p", "~*", "&*", "+@all")
    keys = [key_of(nodes, node) for node in nodes]
    with closing(session_at(nodes[0])) as session:
        for login, user in (("PING", b"default"), ("AUTH u p", b"u"), ("RESET", b"default")):
            session.execute(words(login))
            for key in keys:
                session.execute(words(f"GET {key}"))
                assert string_of(session.execute(words("ACL WHOAMI"))) == user
                assert session.state.user.encode() == user


def test_the_selected_database_holds_for_every_node(valkey_nodes: list[RedisServer]) -> None:
    keys = [key_of(valkey_nodes, node) for node in valkey_nodes]
    with closing(session_at(valkey_nodes[0])) as session:
        for db in (0, 1, 0, 2):
            session.execute(words(f"SELECT {db}"))
            for key in keys:
                session.execute(words(f"SET {key} {db}"))
    for node, key in zip(valkey_nodes, keys, strict=True):
        assert [node.send("-n", str(db), "GET", key) for db in range(4)] == [b"0", b"1", b"2", b""]


def test_a_node_that_is_gone_leads_back_to_the_first_one_and_that_has_to_be_accepted() -> None:
    with cluster() as nodes, closing(session_at(nodes[0])) as session:
        session.execute(words(f"GET {key_of(nodes, nodes[2])}"))
        nodes[2].kill()
        session.notice_loss()
        with pytest.raises(ServerChanged, match="its address was"):
            session.reconnect()
        session.reconnect(accept_change=True)
        assert session.state.address.port == nodes[0].port
        assert session.execute(words("PING")) == Status(b"PONG")
