"""The person's ssh-agent: which keys it has, and its signatures (draft-miller-ssh-agent).

Ours and not paramiko's, since IdentityAgent names a socket that need not be the environment's, and keys of any type
(security keys among them) sign through it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Mapping
from typing import Final, Self

from paramiko.message import Message

from safeshell.frozen import frozen
from safeshell.ssh.resolved import Resolved

_FAILURE: Final = 5
_REQUEST_IDENTITIES: Final = 11
_IDENTITIES: Final = 12
_SIGN: Final = 13
_SIGNED: Final = 14
_FLAGS: Final = {"rsa-sha2-256": 2, "rsa-sha2-512": 4}
_LONGEST: Final = 1 << 20


class AgentRefused(Exception):
    """The agent did not do what it was asked to."""


@frozen
class AgentKey:
    """A key that the agent has.

    Args:
        blob: its public half, or a certificate.
        comment: its name.
    """

    blob: bytes
    comment: str


def agent_socket(resolved: Resolved, environ: Mapping[str, str]) -> str:
    """The path of the agent's socket by IdentityAgent and the environment; "" for no agent."""
    named = resolved.one("identityagent", "SSH_AUTH_SOCK")
    if named == "none":
        return ""
    if named == "SSH_AUTH_SOCK":
        return environ.get("SSH_AUTH_SOCK", "")
    if named.startswith("$"):
        return environ.get(named[1:].strip("{}"), "")
    return os.path.expanduser(named)  # noqa: PTH111 - a name that is no path stays as it is


class Agent:
    """A conversation with the agent.

    Args:
        stream: its socket.
    """

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream

    @classmethod
    def at(cls, path: str) -> Self | None:
        """The agent that listens at `path`; None when there is none."""
        if not path:
            return None
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.connect(path)
        except OSError:
            stream.close()
            return None
        return cls(stream)

    def close(self) -> None:
        """End the conversation."""
        self._stream.close()

    def keys(self) -> tuple[AgentKey, ...]:
        """The keys it has; none when it fails."""
        with contextlib.suppress(AgentRefused, OSError):
            kind, reply = self._ask(bytes([_REQUEST_IDENTITIES]))
            if kind == _IDENTITIES:
                found = []
                for _ in range(reply.get_int()):
                    blob = reply.get_string()
                    found.append(AgentKey(blob, reply.get_string().decode("utf-8", "replace")))
                return tuple(found)
        return ()

    def sign(self, blob: bytes, data: bytes, algorithm: str) -> bytes:
        """Its signature of `data` by a key.

        Raises:
            AgentRefused: it gave none; a person may have said no.
        """
        request = Message()
        request.add_byte(bytes([_SIGN]))
        request.add_string(blob)
        request.add_string(data)
        request.add_int(_FLAGS.get(algorithm, 0))
        try:
            kind, reply = self._ask(request.asbytes())
        except OSError as error:
            raise AgentRefused from error
        if kind != _SIGNED:
            raise AgentRefused
        return reply.get_string()

    def _ask(self, request: bytes) -> tuple[int, Message]:
        self._stream.sendall(struct.pack(">I", len(request)) + request)
        length = struct.unpack(">I", self._exactly(4))[0]
        if not 0 < length <= _LONGEST:
            raise AgentRefused
        reply = self._exactly(length)
        return reply[0], Message(reply[1:])

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._stream.recv(count - len(data))
            if not more:
                raise AgentRefused
            data += more
        return data
