"""Leads the server's questions to our ssh-agent (-A, ForwardAgent), each over a channel of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

import paramiko

from safeshell.ssh.client.relaying import relay_aside
from safeshell.ssh.client.wire import Wire

REQUEST: Final = "auth-agent-req@openssh.com"


def forwarded_socket(value: str, usual: str, environ: Mapping[str, str]) -> str:
    """The socket to lead to.

    Args:
        value: ForwardAgent: `yes`, `no`, a path, or `$NAME`.
        usual: the agent's socket.
        environ: the environment.

    Returns:
        "" when nothing is forwarded.
    """
    if value in ("no", "false", ""):
        return ""
    if value in ("yes", "true"):
        return usual
    if value.startswith("$"):
        return environ.get(value[1:].strip("{}"), "")
    return os.path.expanduser(value)  # noqa: PTH111 - a name, not a path to work with


def forward_agent(wire: Wire, path: str) -> None:
    """Take the server's channels from now on; the session asks the server to send them."""

    def lead(channel: paramiko.Channel) -> None:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.connect(path)
        except OSError:
            stream.close()
            # paramiko's thread is here, and a close waits for nobody.
            channel.close()
            return
        relay_aside(channel, stream)

    wire.take_agent_channels(lead)
