"""The transport: paramiko's, with what it lacks for a daily client.

Here is every use of what paramiko keeps to itself, and nothing else may use it. The one idea: paramiko's thread
reads and dispatches; requests on a channel are sent without waiting in between, and their replies are told apart
here.

What is mended: nothing but key exchange is sent while keys are changed, though the thread that would have to wait is
the one that changes them; no data follows a channel's close; a refused request does not close its channel; a signal
that ended the command is known; the host's reason for refusing a channel and for a disconnect are kept.
"""

from __future__ import annotations

import queue
import struct
import threading
import time
from collections.abc import Callable, Container
from typing import Any, ClassVar, Final

import paramiko
from paramiko.kex_curve25519 import KexCurve25519
from paramiko.message import Message
from paramiko.packet import Packetizer

from safeshell.ssh.client.algorithms import Algorithms
from safeshell.ssh.client.chunk_pipe import ChunkPipe
from safeshell.ssh.client.read_ahead import ReadAhead, Stream
from safeshell.version import __version__

_CHANNEL_OPEN_SUCCESS: Final = 91
_CHANNEL_DATA: Final = 94
_CHANNEL_EXTENDED: Final = 95
_CHANNEL_EOF: Final = 96
_CHANNEL_CLOSE: Final = 97
_CHANNEL_REQUEST: Final = 98
_CHANNEL_SUCCESS: Final = 99
_CHANNEL_FAILURE: Final = 100
_POLL: Final = 0.1
"""Seconds after which a wait looks whether the connection still lives: its end wakes nobody."""
_PATIENT: Final = 3600.0


class ChannelRefused(Exception):
    """The server opened no channel; the text is its reason, as it said it."""


class Gone(Exception):
    """The connection ended while something was waited for."""


class _Packets(Packetizer):
    """paramiko's packets, with the time of the last one that was heard."""

    heard = 0.0

    def read_message(self) -> tuple[int, Message]:
        read: tuple[int, Message] = super().read_message()
        self.heard = time.monotonic()
        return read


def _replied(granted: bool) -> Callable[[paramiko.Channel, Message], None]:  # noqa: FBT001 - two handlers of a table
    def handle(channel: paramiko.Channel, _message: Message) -> None:
        _wire_of(channel).replies_of(channel).put(granted)

    return handle


def _requested(channel: paramiko.Channel, message: Message) -> None:
    start = message.packet.tell()
    if message.get_string() == b"exit-signal":
        message.get_boolean()
        _wire_of(channel).signals[channel.chanid] = message.get_string().decode("ascii", "replace")
    message.packet.seek(start)
    channel._handle_request(message)  # type: ignore[attr-defined] # not in the stubs


def _closed(channel: paramiko.Channel, message: Message) -> None:
    channel._handle_close(message)  # type: ignore[attr-defined] # not in the stubs
    wire = _wire_of(channel)
    if channel.chanid in wire.ends:
        wire.ends[channel.chanid].set()


def _wire_of(channel: paramiko.Channel) -> Wire:
    wire = channel.transport
    assert isinstance(wire, Wire)
    return wire


class Wire(paramiko.Transport):
    """One connection.

    Args:
        stream: what leads to the server: a socket, or a channel of another connection.
        algorithms: what is offered.
        window: bytes that a channel may have under way to us.
        patience: seconds for the server's first line and the first key exchange; None for ever.
        rekey_after: bytes after which keys are changed; 0 for paramiko's own limit.
    """

    _kex_info: ClassVar[Any] = {**paramiko.Transport._kex_info, "curve25519-sha256": KexCurve25519}  # type: ignore[attr-defined] # not in the stubs
    _channel_handler_table: ClassVar[Any] = {
        **paramiko.Transport._channel_handler_table,  # type: ignore[attr-defined] # not in the stubs
        _CHANNEL_SUCCESS: _replied(True),
        _CHANNEL_FAILURE: _replied(False),
        _CHANNEL_REQUEST: _requested,
        _CHANNEL_CLOSE: _closed,
    }

    def __init__(
        self, stream: Stream, algorithms: Algorithms, *, window: int, patience: float | None, rekey_after: int
    ) -> None:
        self._algorithms = algorithms
        self.signals: dict[int, str] = {}
        self.ends: dict[int, threading.Event] = {}
        self.disconnected = ""
        self._replies: dict[int, queue.SimpleQueue[bool]] = {}
        self._refused: dict[int, str] = {}
        self._held: list[Message] = []
        self._closed_there: set[int] = set()
        self._one_request = threading.Lock()
        ahead: Any = ReadAhead(stream)
        super().__init__(ahead, default_window_size=window, packetizer_class=_Packets)
        self.local_version = f"SSH-2.0-safeshell_{__version__}"
        self.banner_timeout = self.handshake_timeout = _PATIENT if patience is None else patience
        if rekey_after:
            self.packetizer.REKEY_BYTES = rekey_after

    @property
    def preferred_kex(self) -> tuple[str, ...]:
        """Key exchanges, in our order."""
        return self._known(self._algorithms.kex, self._kex_info)

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """Signatures of the host."""
        return self._known(self._algorithms.host_keys, self._key_info)  # type: ignore[attr-defined] # not in the stubs

    @property
    def preferred_ciphers(self) -> tuple[str, ...]:
        """Ciphers."""
        return self._known(self._algorithms.ciphers, self._cipher_info)  # type: ignore[attr-defined] # not in the stubs

    @property
    def preferred_macs(self) -> tuple[str, ...]:
        """Integrity."""
        return self._known(self._algorithms.macs, self._mac_info)  # type: ignore[attr-defined] # not in the stubs

    @property
    def preferred_compression(self) -> tuple[str, ...]:
        """Compression."""
        return self._algorithms.compression

    @property
    def preferred_pubkeys(self) -> tuple[str, ...]:
        """Signatures of the person."""
        return self._algorithms.user_keys

    @staticmethod
    def _known(wanted: tuple[str, ...], table: Container[str]) -> tuple[str, ...]:
        """What this version of paramiko has."""
        return tuple(name for name in wanted if name in table)

    @property
    def heard(self) -> float:
        """When the server was last heard, by the monotonic clock."""
        assert isinstance(self.packetizer, _Packets)
        return self.packetizer.heard

    @property
    def signature_algorithms(self) -> tuple[str, ...]:
        """The signatures that the server says it takes; () when it says nothing (RFC 8308)."""
        told = self.server_extensions.get("server-sig-algs", b"")  # type: ignore[attr-defined] # not in the stubs
        return tuple(told.decode("ascii", "replace").split(",")) if told else ()

    def open(
        self, kind: str, *, to: tuple[str, int] | None = None, origin: tuple[str, int] | None = None
    ) -> paramiko.Channel:
        """Open a channel.

        Args:
            kind: `session` or `direct-tcpip`.
            to: for the latter, the host and port to reach.
            origin: who wants that.

        Raises:
            ChannelRefused: the server did not.
            Gone: the connection ended.
        """
        try:
            return self.open_channel(kind, to, origin)
        except paramiko.ChannelException as error:
            raise ChannelRefused(self._refused.pop(error.code, "") or str(error.text)) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise Gone from error

    def ask(self, channel: paramiko.Channel, kind: str, payload: bytes = b"", *, reply: bool = True) -> None:
        """Send a request on a channel and do not wait; `granted` tells the replies in order.

        Args:
            channel: on which.
            kind: of request.
            payload: what follows the kind, in the form of RFC 4254.
            reply: whether the server is to say if it does that.
        """
        message = Message()
        message.add_byte(bytes([_CHANNEL_REQUEST]))
        message.add_int(channel.remote_chanid)
        message.add_string(kind)
        message.add_boolean(reply)
        message.add_bytes(payload)
        self._send_user_message(message)

    def granted(self, channel: paramiko.Channel) -> bool:
        """Whether the server did what the first request without a told reply asked for.

        Raises:
            Gone: the channel or the connection ended before the reply.
        """
        replies = self.replies_of(channel)
        while True:
            try:
                return replies.get(timeout=_POLL)
            except queue.Empty:
                if channel.closed or not self.is_active():
                    try:
                        return replies.get_nowait()
                    except queue.Empty:
                        raise Gone from None

    def wait_closed(self, channel: paramiko.Channel) -> bool:
        """Wait until the server closes a channel; False when the connection ended instead."""
        end = self.ends.setdefault(channel.chanid, threading.Event())
        while not channel.closed:
            end.wait(_POLL)
        return end.is_set() or self.is_active()

    def forget(self, channel: paramiko.Channel) -> None:
        """Nobody asks about a channel any more."""
        for kept in (self.ends, self._replies, self.signals):
            kept.pop(channel.chanid, None)

    def ask_server(self, kind: str, *payload: str | int) -> Message | None:
        """A request to the server as a whole; what it says besides yes, or None for no."""
        with self._one_request:
            return self.global_request(kind, payload or None, wait=True)

    def replies_of(self, channel: paramiko.Channel) -> queue.SimpleQueue[bool]:
        """Where the replies to a channel's requests arrive."""
        return self._replies.setdefault(channel.chanid, queue.SimpleQueue())

    def change_keys(self) -> None:
        """Ask for new keys, and do not wait."""
        if not self.in_kex and self.is_active():
            self._send_kex_init()  # type: ignore[attr-defined] # not in the stubs

    def take_agent_channels(self, handler: Callable[[paramiko.Channel], None]) -> None:
        """Call `handler` with each channel that leads from the server to our agent."""
        self._set_forward_agent_handler(handler)  # type: ignore[attr-defined] # not in the stubs

    def take_forwarded(
        self, handler: Callable[[paramiko.Channel, tuple[str, int], tuple[str, int]], None]
    ) -> None:
        """Call `handler` with each connection that the server took for us: channel, origin, where it was taken."""
        self._tcp_handler = handler

    def let_in(self) -> None:
        """The server has let us in: what begins only then (compression) begins; called by paramiko's thread."""
        self._auth_trigger()  # type: ignore[attr-defined] # not in the stubs

    def post(self, message: Message) -> None:
        """Send a message that is no channel's."""
        self._send_message(message)  # type: ignore[attr-defined] # not in the stubs

    # What paramiko calls by these names.

    def _send_user_message(self, data: Message) -> None:
        if threading.current_thread() is self and not self.clear_to_send.is_set():
            self._held.append(data)
            return
        while True:
            if not self.is_active():
                return
            with self.clear_to_send_lock:
                if self.clear_to_send.is_set():
                    self._send_in_order(data)
                    return
            self.clear_to_send.wait(_POLL)

    def _send_in_order(self, data: Message) -> None:
        head = data.packet.getbuffer()[:5]
        kind = head[0]
        if kind in (_CHANNEL_DATA, _CHANNEL_EXTENDED, _CHANNEL_EOF, _CHANNEL_CLOSE, _CHANNEL_REQUEST):
            there = struct.unpack(">I", head[1:5])[0]
            if there in self._closed_there:
                return
            if kind == _CHANNEL_CLOSE:
                self._closed_there.add(there)
        head.release()
        self.post(data)

    def _parse_newkeys(self, message: Message) -> None:
        super()._parse_newkeys(message)  # type: ignore[misc] # not in the stubs
        held, self._held = self._held, []
        for one in held:
            self._send_user_message(one)

    def _parse_channel_open_success(self, message: Message) -> None:
        start = message.packet.tell()
        channel = self._channels.get(message.get_int())  # type: ignore[attr-defined] # not in the stubs
        if channel is not None:
            channel.in_buffer = ChunkPipe()
        self._closed_there.discard(message.get_int())
        message.packet.seek(start)
        super()._parse_channel_open_success(message)  # type: ignore[misc] # not in the stubs

    def _parse_channel_open(self, message: Message) -> None:
        start = message.packet.tell()
        message.get_string()
        self._closed_there.discard(message.get_int())
        message.packet.seek(start)
        super()._parse_channel_open(message)  # type: ignore[misc] # not in the stubs

    def _parse_channel_open_failure(self, message: Message) -> None:
        start = message.packet.tell()
        message.get_int()
        reason = message.get_int()
        self._refused[reason] = message.get_string().decode("utf-8", "replace")
        message.packet.seek(start)
        super()._parse_channel_open_failure(message)  # type: ignore[misc] # not in the stubs

    def _parse_disconnect(self, message: Message) -> None:
        message.get_int()
        self.disconnected = message.get_string().decode("utf-8", "replace")

    def _parse_global_request(self, message: Message) -> None:
        message.get_string()
        if message.get_boolean():
            reply = Message()
            reply.add_byte(b"\x52")  # SSH_MSG_REQUEST_FAILURE: there is nothing that a server may ask of us
            self._send_user_message(reply)
