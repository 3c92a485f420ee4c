"""One session on a link: asks for it, carries it, and says what status it ended with.

The one idea: the main thread only waits to be rung, so that signals, escapes and the end of the channel are all
dealt with in one place and in order; the bytes go by it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from typing import Final

import paramiko
from paramiko.message import Message

from safeshell.guard.text import visible
from safeshell.ssh.client import agent_forwarding
from safeshell.ssh.client.bell import Bell, Ring
from safeshell.ssh.client.escapes import HELP, Escape, Escapes, shown
from safeshell.ssh.client.failures import SshFailed
from safeshell.ssh.client.forwards import Forwards
from safeshell.ssh.client.link import Link
from safeshell.ssh.client.local_terminal import LocalTerminal
from safeshell.ssh.client.streams import Streams
from safeshell.ssh.client.telling import Level, Telling
from safeshell.ssh.client.tty_modes import encoded
from safeshell.ssh.client.wanted import Kind, Wanted
from safeshell.ssh.client.wire import ChannelRefused, Gone
from safeshell.ssh.options import NO_CONNECTION

_NAMES: Final = {
    Kind.SHELL: "shell request",
    Kind.COMMAND: "exec request",
    Kind.SUBSYSTEM: "subsystem request",
}


class Session:
    """A session.

    Args:
        link: the connection.
        wanted: what is asked for.
        forwards: are listed by an escape.
        bell: rings for it.
        telling: tells the person.
        environ: says the kind of terminal, and where the agent is.
    """

    def __init__(
        self,
        link: Link,
        wanted: Wanted,
        forwards: Forwards,
        bell: Bell,
        telling: Telling,
        environ: Mapping[str, str],
    ) -> None:
        self._link = link
        self._wanted = wanted
        self._forwards = forwards
        self._bell = bell
        self._telling = telling
        self._environ = environ
        self._terminal = LocalTerminal.of(0) if wanted.terminal else None
        self._streams: Streams | None = None

    def run(self) -> int:
        """Carry it to its end; the status of the call.

        Raises:
            SshFailed: the server does not give what is asked for.
        """
        wanted = self._wanted
        try:
            channel = self._open()
            asked = self._ask(channel) if wanted.kind is not Kind.STREAM else []
        except Gone as error:
            raise SshFailed(self._link.why_gone()) from error
        self._streams = Streams(
            channel,
            input_from=None if wanted.no_input else 0,
            escapes=Escapes(wanted.escape) if wanted.escape is not None else None,
            on_escape=lambda escape: self._escape(escape, channel),
            on_no_reader=lambda: self._link.wire.ask(channel, "eow@openssh.com", reply=False),
        )
        self._make_raw()
        try:
            self._hear_replies(channel, asked)
            self._streams.start()
            threading.Thread(target=self._await_end, args=(channel, self._streams), daemon=True).start()
            return self._wait(channel)
        finally:
            self._streams.stop_input()
            self._put_back()

    def _open(self) -> paramiko.Channel:
        wire = self._link.wire
        try:
            if self._wanted.kind is not Kind.STREAM:
                return wire.open("session")
            host, _, port = self._wanted.command.rpartition(":")
            if not port.isdigit():
                raise SshFailed("this is no host:port", where=f"-W {visible(self._wanted.command)}")
            return wire.open("direct-tcpip", to=(host.strip("[]"), int(port)), origin=("127.0.0.1", 65535))
        except ChannelRefused as error:
            what = "stdio forwarding" if self._wanted.kind is Kind.STREAM else "session"
            raise SshFailed(
                f"{what} failed: {visible(str(error))}", where=self._link.resolved.hostname
            ) from error

    def _ask(self, channel: paramiko.Channel) -> list[str]:
        """Send every request at once; what the replies will be to."""
        wire, wanted, resolved = self._link.wire, self._wanted, self._link.resolved
        asked: list[str] = []
        agent = agent_forwarding.forwarded_socket(
            resolved.one("forwardagent", "no"), self._link.agent_path, self._environ
        )
        if agent:
            agent_forwarding.forward_agent(wire, agent)
            wire.ask(channel, agent_forwarding.REQUEST)
            asked.append(agent_forwarding.REQUEST)
        if wanted.terminal:
            wire.ask(channel, "pty-req", self._pty())
            asked.append("pty-req")
        for name, value in wanted.variables.items():
            self._telling.debug(f"channel: setting env {name}", 2)
            payload = Message().add_string(name).add_string(os.fsencode(value)).asbytes()
            wire.ask(channel, "env", payload, reply=False)
        command = Message().add_string(os.fsencode(wanted.command)).asbytes()
        wire.ask(channel, wanted.kind.value, b"" if wanted.kind is Kind.SHELL else command)
        asked.append(wanted.kind.value)
        return asked

    def _pty(self) -> bytes:
        columns, rows = self._terminal.size() if self._terminal else (0, 0)
        request = Message()
        request.add_string(self._wanted.variables.get("TERM") or self._environ.get("TERM", ""))
        for number in (columns, rows, 0, 0):
            request.add_int(number)
        request.add_string(encoded(self._terminal.attributes if self._terminal else None))
        return request.asbytes()

    def _hear_replies(self, channel: paramiko.Channel, asked: list[str]) -> None:
        for request in asked:
            try:
                granted = self._link.wire.granted(channel)
            except Gone as error:
                if channel.exit_status >= 0 or channel.recv_ready():
                    # Some servers run the command and forget to say that they will.
                    return
                if self._link.wire.is_active():
                    raise SshFailed(f"{request} failed: the server closed the session") from error
                raise SshFailed(self._link.why_gone()) from error
            if granted:
                continue
            if request == "pty-req":
                self._put_back()
                self._terminal = None
                self._telling.error("PTY allocation request failed on channel 0")
            elif request == agent_forwarding.REQUEST:
                self._telling.debug("the server forwards no agent")
            else:
                raise SshFailed(
                    f"{_NAMES[self._wanted.kind]} failed on channel 0: {visible(self._wanted.command)}"
                )

    def _await_end(self, channel: paramiko.Channel, streams: Streams) -> None:
        closed = self._link.wire.wait_closed(channel)
        streams.wait_for_outputs()
        self._bell.ring(Ring.ENDED if closed else Ring.GONE)

    def _wait(self, channel: paramiko.Channel) -> int:
        resolved = self._link.resolved
        while True:
            match self._bell.wait():
                case Ring.RESIZED:
                    self._tell_size(channel)
                case Ring.SUSPEND:
                    self._suspend(channel)
                case Ring.ENDED:
                    self._put_back()
                    if self._wanted.terminal:
                        self._telling.info(f"Connection to {resolved.hostname} closed.")
                    return self._status(channel)
                case Ring.GONE:
                    self._put_back()
                    self._telling.info(self._link.why_gone())
                    return NO_CONNECTION
                case Ring.DEAD:
                    self._put_back()
                    self._telling.error(f"Timeout, server {resolved.hostname} not responding.")
                    return NO_CONNECTION
                case Ring.CLOSE:
                    self._put_back()
                    self._telling.info(f"Connection to {resolved.hostname} closed.")
                    return NO_CONNECTION
                case Ring.KILLED:
                    self._put_back()
                    self._telling.debug(f"Killed by signal {self._bell.signal}.")
                    return NO_CONNECTION

    def _status(self, channel: paramiko.Channel) -> int:
        if self._wanted.kind is Kind.STREAM:
            return 0
        signalled = self._link.wire.signals.get(channel.chanid)
        if signalled:
            self._telling.debug(f"the remote command was ended by SIG{visible(signalled)}")
        return channel.exit_status & 0xFF if channel.exit_status >= 0 else NO_CONNECTION

    def _tell_size(self, channel: paramiko.Channel) -> None:
        if self._terminal is None:
            return
        columns, rows = self._terminal.size()
        payload = Message()
        for number in (columns, rows, 0, 0):
            payload.add_int(number)
        self._link.wire.ask(channel, "window-change", payload.asbytes(), reply=False)

    def _suspend(self, channel: paramiko.Channel) -> None:
        assert self._streams is not None
        self._put_back()
        os.kill(os.getpid(), signal.SIGTSTP)
        # Here again: somebody went on with us.
        self._make_raw()
        self._tell_size(channel)
        self._streams.resume_input()

    def _escape(self, escape: Escape, channel: paramiko.Channel) -> None:
        """Do what an escape asks for; in the thread that reads stdin."""
        assert self._streams is not None and self._wanted.escape is not None
        mark = shown(self._wanted.escape)
        match escape:
            case Escape.CLOSE:
                self._say(f"{mark}.")
                self._bell.ring(Ring.CLOSE)
            case Escape.SUSPEND:
                self._say(f"{mark}^Z [suspend ssh]")
                self._streams.pause_input()
                self._bell.ring(Ring.SUSPEND)
            case Escape.LIST:
                self._say(f"{mark}#", "The following connections are open:", *self._listed(channel))
            case Escape.HELP:
                self._say(f"{mark}?", *HELP.format(mark).splitlines())
            case Escape.BREAK:
                self._say(f"{mark}B")
                self._link.wire.ask(channel, "break", Message().add_int(1000).asbytes(), reply=False)
            case Escape.REKEY:
                self._say(f"{mark}R")
                self._link.wire.change_keys()
            case Escape.QUIETER | Escape.LOUDER:
                step = -1 if escape is Escape.QUIETER else 1
                level = Level(min(max(self._telling.level + step, Level.QUIET), Level.DEBUG3))
                self._telling.level = level
                self._say(f"{mark}{escape.value.decode()} [LogLevel {level.name}]")

    def _listed(self, channel: paramiko.Channel) -> list[str]:
        return [f"  #{channel.chanid} client-session", *self._forwards.listed()]

    def _say(self, *lines: str) -> None:
        # What a person asked for by a key is shown at every level.
        os.write(2, "".join(f"{line}\r\n" for line in lines).encode())

    def _make_raw(self) -> None:
        if self._terminal is not None:
            self._terminal.make_raw()
            self._telling.raw = True

    def _put_back(self) -> None:
        if self._terminal is not None:
            self._terminal.put_back()
            self._telling.raw = False


def wait_without_session(link: Link, bell: Bell, telling: Telling) -> int:
    """Stay connected for the forwards' sake alone (-N) until somebody ends it; the status of the call."""
    threading.Thread(target=_ring_when_gone, args=(link, bell), daemon=True).start()
    while True:
        match bell.wait():
            case Ring.GONE:
                telling.info(link.why_gone())
                return NO_CONNECTION
            case Ring.DEAD:
                telling.error(f"Timeout, server {link.resolved.hostname} not responding.")
                return NO_CONNECTION
            case Ring.KILLED:
                telling.debug(f"Killed by signal {bell.signal}.")
                return NO_CONNECTION
            case _:
                continue


def _ring_when_gone(link: Link, bell: Bell) -> None:
    link.wire.join()
    bell.ring(Ring.GONE)
