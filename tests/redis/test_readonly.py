"""What enforces read-only is said only after the server proved it, and no write is ever tried."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from safeshell.redis.acl import acl_rule
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.dialect import RedisDialect
from safeshell.redis.readonly import CLIENT_PROOF, EnforcementKind, prove
from safeshell.redis.reply import Reply
from safeshell.redis.rules_clients import LOGIN_RULE
from safeshell.redis.server_info import info_fields
from tests.servers import DEADLINE, RedisServer

RULE = acl_rule("redis", "7.0.15").replace(">CHANGE-ME", ">pw").split(" ")[3:]


class Watched:
    """A connection of a user that remembers what was sent."""

    def __init__(self, server: RedisServer, *rules: str, user: str = "reader") -> None:
        if rules:
            with Connection.open(ServerAddress(port=server.port)) as admin:
                admin.call(b"ACL", b"SETUSER", user.encode(), *(rule.encode() for rule in rules))
        address = ServerAddress(port=server.port)
        self.connection = Connection.open(
            replace(address, username=user, password="pw") if rules else address
        )
        self.sent: list[Sequence[bytes]] = []
        self.round_trips = 0

    def call(self, *argv: bytes) -> Reply:
        self.sent.append(argv)
        self.round_trips += 1
        return self.connection.call(*argv)

    def pipeline(self, commands: Sequence[Sequence[bytes]]) -> Sequence[Reply]:
        self.sent += commands
        self.round_trips += 1
        return self.connection.pipeline(commands)


@pytest.mark.parametrize("server_fixture", ["redis_server", "valkey_server"])
def test_the_user_of_the_printed_rule_is_proven_without_a_gap_of_rights(
    request: pytest.FixtureRequest, server_fixture: str
) -> None:
    server: RedisServer = request.getfixturevalue(server_fixture)
    watched = Watched(server, *RULE)
    found = prove(watched.call, pipeline=watched.pipeline)
    assert (found.kind, found.proven) == (EnforcementKind.ACL_USER, True)
    assert found.description == "the server refuses writes of user reader (proven)"
    assert not any("may still run" in gap for gap in found.gaps)
    assert watched.round_trips < 15


def test_proving_sends_nothing_but_questions(redis_server: RedisServer) -> None:
    watched = Watched(redis_server, *RULE)
    prove(watched.call, pipeline=watched.pipeline)
    asked = {b" ".join(argv[:2]) for argv in watched.sent}
    assert asked <= {
        b"ACL WHOAMI",
        b"ACL DRYRUN",
        b"ACL GETUSER",
        b"ROLE",
        b"INFO replication",
        b"CONFIG GET",
    }


def test_a_full_user_is_the_clients_proof_after_a_few_questions(redis_server: RedisServer) -> None:
    watched = Watched(redis_server)
    assert prove(watched.call) == CLIENT_PROOF
    assert watched.round_trips < 7


@pytest.mark.parametrize("one_write", ["+incr", "+sort", "+swapdb", "+xreadgroup", "+replicaof"])
def test_one_single_write_command_is_enough_not_to_be_a_reader(
    redis_server: RedisServer, one_write: str
) -> None:
    watched = Watched(redis_server, *RULE, one_write)
    assert prove(watched.call, pipeline=watched.pipeline).kind is EnforcementKind.CLIENT_PROOF


def test_a_user_who_may_write_some_keys_only_is_no_reader(redis_server: RedisServer) -> None:
    rules = ["on", ">pw", "~cache:*", "+@read", "+acl|whoami", "+acl|dryrun"]
    assert not prove(Watched(redis_server, *rules, "+set").call).proven
    assert not prove(Watched(redis_server, *rules, "(+set ~cache:*)", user="second").call).proven
    assert prove(Watched(redis_server, *rules, user="third").call).proven


def test_what_a_reader_may_do_besides_is_listed_as_gaps(redis_server: RedisServer) -> None:
    watched = Watched(redis_server, *RULE, "+publish", "+config|set")
    found = prove(watched.call, pipeline=watched.pipeline)
    assert found.proven
    assert "user reader may still run CONFIG SET, PUBLISH" in found.gaps


def test_a_default_user_without_password_is_a_gap_when_the_server_tells(redis_server: RedisServer) -> None:
    told = prove(Watched(redis_server, *RULE, "+acl|getuser").call)
    assert any("needs no password" in gap for gap in told.gaps)
    untold = prove(Watched(redis_server, *RULE, user="second").call)
    assert any("is not known" in gap for gap in untold.gaps)


def test_a_user_who_may_not_ask_is_not_called_proven(redis_server: RedisServer) -> None:
    found = prove(Watched(redis_server, *RULE, "-acl|dryrun").call)
    assert (found.kind, found.proven) == (EnforcementKind.ACL_USER, False)
    assert "client's proof" in found.description


def replica_of(primary: RedisServer, *options: str) -> RedisServer:
    return RedisServer("--replicaof", "127.0.0.1", str(primary.port), *options)


def wait_for_role(server: RedisServer, role: str) -> None:
    end = time.monotonic() + DEADLINE
    with Connection.open(ServerAddress(port=server.port)) as connection:
        while info_fields(connection.call(b"INFO", b"replication")).get("role") != role:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_a_replica_is_proven_and_its_gaps_are_said(redis_server: RedisServer) -> None:
    with replica_of(redis_server) as replica:
        wait_for_role(replica, "slave")
        found = prove(Watched(replica).call)
    assert (found.kind, found.proven) == (EnforcementKind.REPLICA, True)
    assert any("CONFIG SET" in gap for gap in found.gaps)


def test_a_replica_that_accepts_writes_is_not_called_read_only(redis_server: RedisServer) -> None:
    with replica_of(redis_server, "--replica-read-only", "no") as replica:
        found = prove(Watched(replica).call)
    assert (found.kind, found.proven) == (EnforcementKind.CLIENT_PROOF, False)
    assert any("accepts writes" in gap for gap in found.gaps)


def test_a_replica_that_hides_its_settings_is_proven_by_info_alone(redis_server: RedisServer) -> None:
    with replica_of(redis_server) as replica:
        found = prove(Watched(replica, "on", ">pw", "~*", "+@all", "-role", "-config", "-acl").call)
    assert (found.kind, found.proven) == (EnforcementKind.REPLICA, True)


def test_a_replica_that_tells_nothing_more_is_not_called_proven(redis_server: RedisServer) -> None:
    with replica_of(redis_server) as replica:
        found = prove(Watched(replica, "on", ">pw", "~*", "+@all", "-info", "-config", "-acl").call)
    assert (found.kind, found.proven) == (EnforcementKind.REPLICA, False)


def logs_in(line: str) -> bool:
    """Whether the reading names `line` as one by which a session becomes another user."""
    return any(finding.rule == LOGIN_RULE for finding in RedisDialect().read(line).findings)


@pytest.mark.parametrize(
    "line",
    [
        "RESET",
        "reset",
        "AUTH pw",
        "auth user pw",
        "aUTH x",
        "2 AUTH u p",
        '"au\\x74h" x',
        "HELLO 3 AUTH u p",
        "hello 2 SETNAME x auth u p",
    ],
)
def test_commands_that_become_another_user_are_named(line: str) -> None:
    assert logs_in(line)


@pytest.mark.parametrize(
    "line", ["", "HELLO", "HELLO 3", "HELLO 3 SETNAME me", "GET auth", "SELECT 2", "ACL WHOAMI"]
)
def test_everything_else_stays_in_read_only(line: str) -> None:
    assert not logs_in(line)
