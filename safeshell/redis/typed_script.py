"""A script's lines as redis-cli takes them, which are those of somebody who types: `5 INCR k`, `exit`.

No server gets such a line as it is. What comes after `exit` or `quit` is not looked at. `--pipe` knows neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safeshell.frozen import replace
from safeshell.guard.text import visible
from safeshell.redis.requests import Request, RequestInvalid, text_requests
from safeshell.redis.tokens import InvalidRepeat, split_repeat

_LEAVES: Final = (b"EXIT", b"QUIT")


class TypedScript:
    """The lines of one script, as they come."""

    def __init__(self) -> None:
        self.ended = False
        """Whether a line has said that it is over."""
        self._number = 1

    def take(self, lines: Sequence[bytes]) -> list[Request]:
        """The commands of its next lines, up to one that ends it.

        Args:
            lines: without or with their line ends.

        Raises:
            RequestInvalid: a line can't be split, or can't be repeated so often; the message has its number.
        """
        taken: list[Request] = []
        for request in text_requests(lines, first=self._number):
            if len(request.argv) == 1 and request.argv[0].upper() in _LEAVES:
                self.ended = True
                break
            taken.append(_repeated(request))
        self._number += len(lines)
        return taken


def _repeated(request: Request) -> Request:
    """`request` without the number in front that says how often."""
    try:
        repeated = split_repeat(request.argv)
    except InvalidRepeat as error:
        raise RequestInvalid(
            f"line {request.number} can't be run: {visible(request.text)} ({error.message})", todo=error.todo
        ) from None
    if not repeated.skipped:
        return request
    return replace(request, argv=tuple(repeated.argv), times=repeated.count)
