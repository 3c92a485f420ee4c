"""MONITOR and the SUBSCRIBE family: messages as they come, until ^C; then the session is usable again.

A connection that monitors or listens can do little else, so leaving means a new connection; nothing is resent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.text import visible
from safeshell.redis.reply import Error
from safeshell.redis.reply_output import ReplyOutput
from safeshell.redis.session import RedisSession

_STREAMS: Final = frozenset({b"MONITOR", b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE"})
_WAIT_SECONDS: Final = 0.5


def is_stream(argv: Sequence[bytes]) -> bool:
    """Whether this command is answered by messages without an end."""
    name = argv[0].upper() if argv else b""
    return (name == b"MONITOR" and len(argv) == 1) or (name in _STREAMS - {b"MONITOR"} and len(argv) > 1)


def is_unanswered(argv: Sequence[bytes], protocol: int) -> bool:
    """Whether RESP3 answers this command by messages alone, one for each channel: UNSUBSCRIBE and its kin."""
    return protocol == 3 and bool(argv) and argv[0].upper().endswith(b"UNSUBSCRIBE")


def unsubscribe(session: RedisSession, argv: Sequence[bytes], output: ReplyOutput) -> Outcome:
    """Send a command that `is_unanswered`, and show the messages that come at once.

    Raises:
        ConnectionLost: the server has gone.
    """
    session.send(argv)
    while (reply := session.next_push(_WAIT_SECONDS / 5)) is not None:
        output.show(reply, argv)
    return Outcome(OutcomeKind.DONE)


def stream(
    session: RedisSession, argv: Sequence[bytes], output: ReplyOutput, say: Callable[[str], None]
) -> Outcome:
    """Send `argv` and show what comes, until ^C, an error, or a local command that reads no more.

    Raises:
        ConnectionLost: the server has gone.
    """
    try:
        session.send(argv)
        if argv[0].upper() != b"MONITOR" and not output.is_piped:
            say("Reading messages… (press Ctrl-C to quit)\n")
        while output.wants_more:
            reply = session.next_push(_WAIT_SECONDS)
            if reply is None:
                continue
            output.show(reply, argv)
            if isinstance(reply, Error):
                return Outcome(OutcomeKind.FAILED, visible(reply.data))
    except KeyboardInterrupt:
        say("\n")
    session.reconnect()
    return Outcome(OutcomeKind.DONE)
