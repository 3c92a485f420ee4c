"""Sessions with a real server: opened, written to, cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safeshell.redis.address import ServerAddress
from safeshell.redis.failures import (
    ConnectionLost,
)
from safeshell.redis.reply import Reply, string_of
from safeshell.redis.session import NotConnected, RedisSession
from tests.servers import RedisServer

USER = ("ACL", "SETUSER", "u", "on", ">p", "~*", "&*", "+@all")


def opened(server: RedisServer, **parts: object) -> RedisSession:
    address = replace(ServerAddress(port=server.port), **parts)  # type: ignore[arg-type] # fields by name
    return RedisSession.open(address, target="cache")


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


def client(watcher: RedisSession, number: int) -> dict[str, str]:
    """What the server says of one of its connections."""
    return fields_of(watcher.connection.call(b"CLIENT", b"LIST", b"ID", b"%d" % number))


def fields_of(reply: Reply) -> dict[str, str]:
    """The fields of one line of CLIENT LIST."""
    return dict(field.partition("=")[::2] for field in (string_of(reply) or b"").decode().split())
