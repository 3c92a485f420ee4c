"""A connection to a host on which we are let in: the way there, keys exchanged, the host checked, the person
logged in.

The one idea: a jump host is a link like any other, and the next one runs through a channel of it (ProxyJump), so
that each host is checked and logged in to from here, with its own configuration, as ssh does it.
"""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import paramiko

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.client.agent import Agent, agent_socket
from safeshell.ssh.client.algorithms import Algorithms, algorithms_of
from safeshell.ssh.client.asking import Person
from safeshell.ssh.client.authenticating import Authenticating
from safeshell.ssh.client.connecting import connect, end_program, round_trip, through_program
from safeshell.ssh.client.failures import NotLetIn, NotReached, NotTrusted, SshFailed
from safeshell.ssh.client.fitness import unsupported
from safeshell.ssh.client.hops import hop_call, hops
from safeshell.ssh.client.host_check import HostCheck, shown_key
from safeshell.ssh.client.identities import Keyring
from safeshell.ssh.client.keepalive import rekey_bytes
from safeshell.ssh.client.telling import Telling
from safeshell.ssh.client.tokens import expanded, host_tokens
from safeshell.ssh.client.wire import ChannelRefused, Gone, Wire
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved

_WINDOW: Final = 2 << 20
_LONG_WINDOW: Final = 16 << 20
_LONG_WAY: Final = 0.02
"""Seconds of a round trip from which more may be under way: 2 MiB a round trip is then slower than the line."""
_MOST_HOPS: Final = 16


@frozen
class Around:
    """What a call has around it.

    Args:
        telling: tells the person.
        environ: the environment.
        resolve: says the configuration of a jump host.
        unlocked: the private keys that were unlocked so far; grows.
        keys: where the key of the host at the far end is written; None for nowhere.
    """

    telling: Telling
    environ: Mapping[str, str]
    resolve: Callable[[SshCall], Resolved]
    unlocked: dict[Path, paramiko.PKey | None]
    keys: Path | None = None


class Link:
    """A connection that is logged in.

    Args:
        wire: the connection.
        resolved: the configuration of the host.
        stream: its socket; None when it runs through another link.
        under: the link that it runs through.
        program: the proxy that it runs through.
        round_trip: seconds to the first host on the way; 0.0 when nobody knows.
        agent_path: the agent's socket; "" without one.
    """

    def __init__(
        self,
        wire: Wire,
        resolved: Resolved,
        *,
        stream: socket.socket | None,
        under: Link | None,
        program: subprocess.Popen[bytes] | None,
        round_trip: float,
        agent_path: str,
    ) -> None:
        self.wire = wire
        self.resolved = resolved
        self.stream = stream
        self.round_trip = round_trip
        self.agent_path = agent_path
        self._under = under
        self._program = program

    def close(self) -> None:
        """End it, and what it runs through."""
        self.wire.close()
        if self._under:
            self._under.close()
        if self._program:
            end_program(self._program)

    def why_gone(self) -> str:
        """What ended it, in a sentence."""
        if self.wire.disconnected:
            return f"Received disconnect from {self.resolved.hostname}: {visible(self.wire.disconnected)}"
        return f"Connection to {self.resolved.hostname} closed by remote host."


def reach(call: SshCall, resolved: Resolved, around: Around) -> Link:
    """Connect to the host of `resolved` and log in.

    Raises:
        SshFailed: no connection, not the right host, or not let in; the sentence says which.
    """
    link = _reach(call, resolved, around, ())
    if around.keys is not None:
        _witness(link, around.keys)
    return link


def _reach(call: SshCall, resolved: Resolved, around: Around, behind: tuple[Resolved, ...]) -> Link:
    if len(behind) > _MOST_HOPS or any(_same(resolved, one) for one in behind):
        raise NotReached("its jump hosts lead in a circle", where=f"ProxyJump {resolved.one('proxyjump')}")
    on_the_way = hops(resolved)
    if on_the_way:
        under = _reach_jump(on_the_way, call, around, (*behind, resolved))
        return _through_link(under, resolved, around)
    program = resolved.one("proxycommand", "none")
    if program != "none":
        stream, started = through_program(_expand("ProxyCommand", program, resolved, around), around.telling)
        try:
            return _logged_in(stream, resolved, around, stream=None, under=None, program=started, seconds=0.0)
        except BaseException:
            stream.close()
            end_program(started)
            raise
    own = connect(resolved, around.telling)
    return _logged_in(own, resolved, around, stream=own, under=None, program=None, seconds=round_trip(own))


def _witness(link: Link, file: Path) -> None:
    kind, shown = shown_key(_host_blob(link.wire, link.resolved))
    with file.open("a") as written:
        written.write(f"{link.resolved.hostname} {kind} {shown}\n")


def _reach_jump(
    on_the_way: Sequence[str], call: SshCall, around: Around, behind: tuple[Resolved, ...]
) -> Link:
    link: Link | None = None
    for hop in on_the_way:
        own = hop_call(hop, call)
        resolved = around.resolve(own)
        missing = unsupported(SshCall(), resolved)
        if missing:
            if link:
                link.close()
            raise SshFailed(
                f"this client can't do {', '.join(missing)}",
                where=f"jump host {visible(hop)}",
                todo='The system\'s ssh can: transport = "ssh".',
            )
        link = _through_link(link, resolved, around) if link else _reach(own, resolved, around, behind)
    assert link is not None
    return link


def _through_link(under: Link, resolved: Resolved, around: Around) -> Link:
    where = (resolved.hostname, resolved.port)
    around.telling.debug(f"Connecting to {where[0]} port {where[1]} through {under.resolved.hostname}.")
    try:
        channel = under.wire.open("direct-tcpip", to=where, origin=("127.0.0.1", 65535))
    except (ChannelRefused, Gone) as error:
        under.close()
        said = visible(str(error)) if isinstance(error, ChannelRefused) else under.why_gone()
        raise NotReached(
            f"the jump host {under.resolved.hostname} does not lead there: {said}",
            where=f"{where[0]} port {where[1]}",
        ) from error
    try:
        return _logged_in(
            channel, resolved, around, stream=None, under=under, program=None, seconds=under.round_trip * 2
        )
    except BaseException:
        under.close()
        raise


def _logged_in(
    way: socket.socket | paramiko.Channel,
    resolved: Resolved,
    around: Around,
    *,
    stream: socket.socket | None,
    under: Link | None,
    program: subprocess.Popen[bytes] | None,
    seconds: float,
) -> Link:
    telling = around.telling
    person = Person(around.environ, batch=resolved.one("batchmode") == "yes")
    host = HostCheck(resolved, person, telling)
    algorithms = algorithms_of(resolved, host.known_types, certified=host.certified)
    limit = resolved.one("connecttimeout", "none")
    wire = Wire(
        way,
        algorithms,
        window=_LONG_WINDOW if seconds > _LONG_WAY else _WINDOW,
        patience=float(limit) if limit.isdigit() and int(limit) else None,
        rekey_after=rekey_bytes(resolved),
    )
    path = agent_socket(resolved, around.environ)
    agent = Agent.at(path)
    try:
        _exchange(wire, resolved, program)
        host.decide(_host_blob(wire, resolved), stream.getpeername()[0] if stream else "")
        keyring = Keyring(
            agent,
            person,
            telling,
            around.unlocked,
            attempts=int(resolved.one("numberofpasswordprompts", "3")),
        )
        _log_in(wire, resolved, algorithms, keyring, person, around)
    except Gone as error:
        wire.close()
        link = Link(wire, resolved, stream=None, under=None, program=None, round_trip=0.0, agent_path="")
        raise NotLetIn(link.why_gone(), where=f"{resolved.user}@{resolved.hostname}") from error
    except BaseException:
        wire.close()
        raise
    finally:
        if agent:
            agent.close()
    return Link(
        wire, resolved, stream=stream, under=under, program=program, round_trip=seconds, agent_path=path
    )


def _exchange(wire: Wire, resolved: Resolved, program: subprocess.Popen[bytes] | None) -> None:
    where = f"{resolved.hostname} port {resolved.port}"
    try:
        wire.start_client()
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise NotReached(
            f"nothing in common: {visible(str(error))}",
            where=where,
            todo='-vvv shows what it offers. The system\'s ssh knows more: transport = "ssh".',
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        if program is not None:
            ended = program.poll()
            status = "" if ended is None else f" (it ended with {ended})"
            raise NotReached(f"the proxy command does not lead there{status}", where=where) from error
        if wire.disconnected:
            raise NotReached(
                f"it ended the conversation: {visible(wire.disconnected)}", where=where
            ) from error
        raise NotReached(
            "it closed the connection, or does not speak SSH", where=where, todo="Is this its SSH port?"
        ) from error


def _host_blob(wire: Wire, resolved: Resolved) -> bytes:
    key = wire.host_key
    assert key is not None
    least = int(resolved.one("requiredrsasize", "1024"))
    if key.get_name().startswith("ssh-rsa") and key.get_bits() < least:
        raise NotTrusted(
            f"its RSA key has {key.get_bits()} bits, and RequiredRSASize wants {least}",
            where=resolved.hostname,
        )
    certificate = getattr(key, "public_blob", None)
    return bytes(certificate.key_blob) if certificate else key.asbytes()


def _log_in(
    wire: Wire, resolved: Resolved, algorithms: Algorithms, keyring: Keyring, person: Person, around: Around
) -> None:
    files = [
        _path("IdentityFile", name, resolved, around)
        for name in resolved.all("identityfile")
        if name != "none"
    ]
    certificates = [
        _path("CertificateFile", name, resolved, around) for name in resolved.all("certificatefile")
    ]
    Authenticating(
        wire, resolved, algorithms, keyring, list(dict.fromkeys(files)), certificates, person, around.telling
    ).run()


def _path(keyword: str, text: str, resolved: Resolved, around: Around) -> Path:
    return Path(_expand(keyword, text, resolved, around)).expanduser()


def _expand(keyword: str, text: str, resolved: Resolved, around: Around) -> str:
    local = {
        "d": str(Path.home()),
        "u": getpass.getuser(),
        "i": str(os.getuid()),
        "l": socket.gethostname(),
        "L": socket.gethostname().partition(".")[0],
    }
    tokens = host_tokens(
        host=resolved.one("host", resolved.hostname),
        hostname=resolved.hostname,
        port=resolved.port,
        user=resolved.user,
        alias=resolved.one("hostkeyalias"),
        jump=resolved.one("proxyjump"),
        local=local,
    )
    return expanded(text, tokens, around.environ, keyword=keyword)


def _same(one: Resolved, other: Resolved) -> bool:
    return (one.hostname, one.port, one.user) == (other.hostname, other.port, other.user)
