r"""Replies to the bytes that redis-cli would print for them: which form, and the whole line with its end.

The forms themselves are in render_human, render_raw, render_csv and render_json; nothing in them reads a
socket or knows a terminal. Facts: src/redis-cli.c, and the tests run the real redis-cli beside us.

Different from redis-cli on purpose:
- JSON is always JSON (render_json.py says how), also for INFO and its like, which redis-cli prints bare.
- In the human form, control characters in texts that the server wrote unquoted (statuses, errors, INFO, …)
  are written out, so that no reply can steer the terminal: `\x1b` instead of an escape sequence.
- Statuses and errors are shown to their end, not to their first NUL byte.
- RESP3's big number, which redis-cli 7.0 gives up on, is shown like a double.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from safeshell.redis.render_csv import csv_text
from safeshell.redis.render_human import human_text, invalidation_text, terminal_safe
from safeshell.redis.render_json import json_text
from safeshell.redis.render_raw import raw_text
from safeshell.redis.reply import Bulk, Push, Reply, items_of


class OutputFormat(StrEnum):
    """How replies are written; the values are redis-cli's option names."""

    HUMAN = "human"
    RAW = "raw"
    CSV = "csv"
    JSON = "json"
    QUOTED_JSON = "quoted-json"


_JSON: Final = frozenset({OutputFormat.JSON, OutputFormat.QUOTED_JSON})

# How many words a command has for its reply to be shown unquoted: None is any number.
_UNQUOTED: Final[dict[tuple[bytes, ...], int | None]] = {
    (b"info",): None,
    (b"lolwut",): None,
    (b"debug", b"htstats"): None,
    (b"debug", b"htstats-key"): None,
    (b"debug", b"client-eviction"): None,
    (b"memory", b"malloc-stats"): None,
    (b"memory", b"doctor"): None,
    (b"cluster", b"nodes"): 2,
    (b"cluster", b"info"): 2,
    (b"client", b"list"): None,
    (b"client", b"info"): None,
    (b"latency", b"graph"): 3,
    (b"latency", b"doctor"): 2,
    (b"proxy", b"info"): None,
}


def is_shown_unquoted(command: Sequence[bytes]) -> bool:
    """Whether this command's reply is a text for people, which even the human form prints as it is."""
    words = tuple(word.lower() for word in command[:2])
    for name in (words[:1], words):
        if name in _UNQUOTED:
            length = _UNQUOTED[name]
            return length is None or length == len(command)
    return False


def render(
    reply: Reply,
    output: OutputFormat,
    *,
    command: Sequence[bytes] = (),
    delimiter: bytes = b"\n",
    item_delimiter: bytes = b"\n",
) -> bytes:
    r"""A command's reply, ready for standard output.

    Args:
        reply: what the server answered.
        output: the form.
        command: the command's words; some commands' replies are shown unquoted.
        delimiter: what ends a raw reply (redis-cli's -D).
        item_delimiter: what separates a raw reply's elements (redis-cli's -d).

    Returns:
        All of it, ended as redis-cli ends it: texts like INFO's have no "\n" of their own added.
    """
    if output in _JSON:
        return json_text(reply, quoted=output is OutputFormat.QUOTED_JSON) + b"\n"
    if is_shown_unquoted(command):
        text = raw_text(reply, item_delimiter)
        return terminal_safe(text) if output is OutputFormat.HUMAN else text
    if output is OutputFormat.HUMAN:
        return human_text(reply)
    if output is OutputFormat.RAW:
        return raw_text(reply, item_delimiter) + delimiter
    return csv_text(reply) + b"\n"


def render_push(
    push: Push, output: OutputFormat, *, delimiter: bytes = b"\n", item_delimiter: bytes = b"\n"
) -> bytes:
    """A message that answers no command, like a reply; the human form has its own line for invalidations.

    Args as `render`'s.
    """
    if output is OutputFormat.HUMAN and (line := invalidation_text(push)) is not None:
        return line
    return render(push, output, delimiter=delimiter, item_delimiter=item_delimiter)


def is_pubsub_message(reply: Reply) -> bool:
    """Whether this comes from the SUBSCRIBE family, a message or a confirmation: RESP3 push, RESP2 array."""
    items = items_of(reply) or ()
    return (
        len(items) >= 3 and isinstance(items[0], Bulk) and items[0].data.endswith((b"message", b"subscribe"))
    )
