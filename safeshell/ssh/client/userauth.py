"""The conversation that lets a person in (RFC 4252, 4256): requests out, replies in, one at a time.

What is said is decided in `authenticating`; here is how. Unlike paramiko's own, it asks first whether a key is of
any use before anybody is asked for its passphrase, keeps the list of methods of every reply, and takes as many
rounds of questions as the server has.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from typing import Any, Final

from paramiko.message import Message

from safeshell.frozen import frozen
from safeshell.ssh.client.wire import Gone, Wire

_SERVICE_REQUEST: Final = 5
_SERVICE_ACCEPT: Final = 6
_REQUEST: Final = 50
_FAILURE: Final = 51
_SUCCESS: Final = 52
_BANNER: Final = 53
_FURTHER: Final = 60
"""PK_OK, PASSWD_CHANGEREQ or INFO_REQUEST: the method that was tried says which."""
_INFO_RESPONSE: Final = 61
_POLL: Final = 0.1
_SERVICE: Final = "ssh-connection"


@frozen
class Reply:
    """What the server said to an attempt.

    Args:
        let_in: whether that was all.
        partial: whether that was right, and more is wanted.
        methods: what it would take now.
    """

    let_in: bool
    partial: bool = False
    methods: tuple[str, ...] = ()


@frozen
class Questions:
    """One round of questions.

    Args:
        name: a title; may be empty.
        instruction: a text; may be empty.
        prompts: each question, and whether its answer may be seen while it is typed.
    """

    name: str
    instruction: str
    prompts: tuple[tuple[str, bool], ...]


class UserAuth:
    """Takes the place of paramiko's handler on one connection.

    Args:
        wire: the connection, keys exchanged.
        user: who logs in.
        banner: is given what the server shows before it lets anybody in; called by paramiko's thread.
    """

    def __init__(self, wire: Wire, user: str, banner: Callable[[str], None]) -> None:
        self._wire = wire
        self._user = user
        self._banner = banner
        self._said: queue.SimpleQueue[tuple[int, Message] | None] = queue.SimpleQueue()
        self._let_in = False
        # The names that paramiko's thread calls.
        self._handler_table: dict[int, Callable[[Message], None]] = {
            _SERVICE_ACCEPT: lambda message: self._said.put((_SERVICE_ACCEPT, message)),
            _FAILURE: lambda message: self._said.put((_FAILURE, message)),
            _FURTHER: lambda message: self._said.put((_FURTHER, message)),
            _SUCCESS: self._on_success,
            _BANNER: self._on_banner,
        }
        handler: Any = self
        wire.auth_handler = handler

    def is_authenticated(self) -> bool:
        """Whether the server let us in."""
        return self._let_in

    def get_username(self) -> str:
        """Who logs in."""
        return self._user

    def abort(self) -> None:
        """The connection ended."""
        self._said.put(None)

    def begin(self) -> Reply:
        """Ask what the server would take; some let anybody in.

        Raises:
            Gone: the connection ended. So do all that follow.
        """
        message = Message()
        message.add_byte(bytes([_SERVICE_REQUEST]))
        message.add_string("ssh-userauth")
        self._wire.post(message)
        self._take()
        return self._reply_to(self._request("none"))

    def takes_key(self, algorithm: str, blob: bytes) -> Reply | None:
        """Ask whether a signature by this key would do; None for yes."""
        message = self._request("publickey")
        message.add_boolean(False)
        message.add_string(algorithm)
        message.add_string(blob)
        self._wire.post(message)
        kind, reply = self._take()
        return None if kind == _FURTHER else _reply(kind, reply)

    def sign_in(self, algorithm: str, blob: bytes, sign: Callable[[bytes], bytes]) -> Reply:
        """Show that we have a key.

        Args:
            algorithm: of the signature.
            blob: the public key, or its certificate.
            sign: signs what it is given.
        """
        message = self._request("publickey")
        message.add_boolean(True)
        message.add_string(algorithm)
        message.add_string(blob)
        session = Message()
        session.add_string(self._wire.session_id or b"")
        message.add_string(sign(session.asbytes() + message.asbytes()))
        return self._reply_to(message)

    def password(self, password: str) -> Reply | str:
        """Try a password; a text instead of a reply is the server's wish for a new one."""
        message = self._request("password")
        message.add_boolean(False)
        message.add_string(password)
        self._wire.post(message)
        kind, reply = self._take()
        return reply.get_string().decode("utf-8", "replace") if kind == _FURTHER else _reply(kind, reply)

    def questions(self, devices: str, answers: Callable[[Questions], Sequence[str] | None]) -> Reply:
        """Answer the server's questions, round by round.

        Args:
            devices: what kind of questions we would like (KbdInteractiveDevices); "" leaves it to the server.
            answers: answers a round; None gives up.
        """
        message = self._request("keyboard-interactive")
        message.add_string("")
        message.add_string(devices)
        self._wire.post(message)
        while True:
            kind, asked = self._take()
            if kind != _FURTHER:
                return _reply(kind, asked)
            given = answers(_questions(asked))
            response = Message()
            response.add_byte(bytes([_INFO_RESPONSE]))
            response.add_int(len(given or ()))
            for answer in given or ():
                response.add_string(answer)
            self._wire.post(response)

    def _request(self, method: str) -> Message:
        message = Message()
        message.add_byte(bytes([_REQUEST]))
        message.add_string(self._user)
        message.add_string(_SERVICE)
        message.add_string(method)
        return message

    def _reply_to(self, message: Message) -> Reply:
        self._wire.post(message)
        return _reply(*self._take())

    def _take(self) -> tuple[int, Message]:
        while True:
            try:
                said = self._said.get(timeout=_POLL)
            except queue.Empty:
                if self._wire.is_active():
                    continue
                said = None
            if said is None:
                raise Gone
            return said

    def _on_success(self, message: Message) -> None:
        self._let_in = True
        self._wire.let_in()
        self._said.put((_SUCCESS, message))

    def _on_banner(self, message: Message) -> None:
        self._banner(message.get_string().decode("utf-8", "replace"))


def _reply(kind: int, message: Message) -> Reply:
    if kind == _SUCCESS:
        return Reply(let_in=True)
    if kind != _FAILURE:
        return Reply(let_in=False)
    methods = message.get_string().decode("ascii", "replace")
    return Reply(
        let_in=False,
        partial=message.get_boolean(),
        methods=tuple(name for name in methods.split(",") if name),
    )


def _questions(message: Message) -> Questions:
    name, instruction = (message.get_string().decode("utf-8", "replace") for _ in range(2))
    message.get_string()
    prompts = []
    for _ in range(message.get_int()):
        text = message.get_string().decode("utf-8", "replace")
        prompts.append((text, message.get_boolean()))
    return Questions(name, instruction, tuple(prompts))
