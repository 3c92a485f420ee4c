"""A server that lets in by passwords and questions, as one with PAM would; sshd can't do that without PAM's setup.

It runs the commands `echo WORDS` alone, in the test's own process.
"""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Self

import paramiko
from paramiko import (
    AUTH_FAILED,
    AUTH_PARTIALLY_SUCCESSFUL,
    AUTH_SUCCESSFUL,
    OPEN_SUCCEEDED,
    InteractiveQuery,
    PKey,
    ServerInterface,
)


class QuestionServer:
    """Listens until the context ends.

    Args:
        methods: what it takes, one after the other: `publickey`, `password`, `keyboard-interactive`.
        rounds: the questions of each round and their right answers.
        password: the right one.
        banner: is shown before anybody is let in.
    """

    def __init__(
        self,
        folder: Path,
        methods: list[str],
        *,
        rounds: list[list[tuple[str, bool, str]]] | None = None,
        password: str = "",
        banner: str = "",
    ) -> None:
        self.methods = methods
        self.rounds = rounds or []
        self.password = password
        self.banner = banner
        self.tried: list[str] = []
        self._key = paramiko.ECDSAKey.generate()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text(
            f"[127.0.0.1]:{self.port} {self._key.get_name()} {self._key.get_base64()}\n"
        )
        self._transports: list[paramiko.Transport] = []

    def options(self) -> list[str]:
        """What a client needs to reach it."""
        said = f"UserKnownHostsFile={self.known_hosts}"
        return ["-F", "none", "-p", str(self.port), "-l", "me", f"-o{said}", "-oGlobalKnownHostsFile=none"]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for transport in self._transports:
            transport.close()

    def _serve(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(stream)
            transport.add_server_key(self._key)
            self._transports.append(transport)
            transport.start_server(server=_Door(self), event=threading.Event())


class _Door(ServerInterface):
    def __init__(self, server: QuestionServer) -> None:
        self._server = server
        self._left = list(server.methods)
        self._round = 0

    def get_banner(self) -> tuple[str, str]:
        return self._server.banner, "en"

    def get_allowed_auths(self, username: str) -> str:
        return ",".join(self._left[:1])

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.tried.append(f"password {password}")
        return self._done("password") if password == self._server.password else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: PKey) -> int:
        self._server.tried.append("publickey")
        return self._done("publickey")

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:
        if self._left[:1] != ["keyboard-interactive"]:
            return AUTH_FAILED
        self._round = 0
        return self._query()

    def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
        self._server.tried.append(f"answers {responses}")
        if responses != [right for _, _, right in self._server.rounds[self._round]]:
            return AUTH_FAILED
        self._round += 1
        return (
            self._done("keyboard-interactive") if self._round == len(self._server.rounds) else self._query()
        )

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=_echo, args=(channel, command), daemon=True).start()
        return True

    def _query(self) -> InteractiveQuery:
        asked = [(text, shown) for text, shown, _ in self._server.rounds[self._round]]
        return InteractiveQuery(f"Round {self._round + 1}", "Look at your token.", *asked)

    def _done(self, method: str) -> int:
        if self._left[:1] != [method]:
            return AUTH_FAILED
        del self._left[0]
        return AUTH_PARTIALLY_SUCCESSFUL if self._left else AUTH_SUCCESSFUL


def _echo(channel: paramiko.Channel, command: bytes) -> None:
    channel.sendall(command.removeprefix(b"echo ") + b"\n")
    channel.send_exit_status(0)
    channel.close()
