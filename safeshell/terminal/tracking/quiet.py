"""When a program has done with what was typed: its output is quiet, and no echo is owed. Values of time come in.

The one idea: how long an echo may take is learnt from those that came, so that a far session is waited for longer.
"""

from __future__ import annotations

from typing import Final

SETTLE: Final = 0.012
"""Seconds without output or keys after which the screen is taken for what the program wants it to be."""
_ECHO_LEAST: Final = 0.08
_ECHO_MOST: Final = 1.0
_ECHO_FIRST: Final = 0.5


class Quiet:
    """Follows the times of keys and output, in seconds of one clock."""

    def __init__(self) -> None:
        self._last_output = self._last_sent = float("-inf")
        self._unanswered_since: float | None = None
        self._echo_wait = _ECHO_FIRST

    @property
    def echo_owed(self) -> bool:
        """Whether nothing came out since the last key went in."""
        return self._unanswered_since is not None

    @property
    def echo_wait(self) -> float:
        """Seconds for which an echo is waited for."""
        return self._echo_wait

    def settled_at(self, least: float = 0.0) -> float:
        """When it will be quiet, if nothing more happens.

        Args:
            least: seconds for which an echo that is owed is waited for in any case.
        """
        at = max(self._last_output, self._last_sent) + SETTLE
        return max(at, self._last_sent + max(self._echo_wait, least)) if self.echo_owed else at

    def output(self, at: float) -> None:
        """The program printed."""
        if self._unanswered_since is not None:
            took = at - self._unanswered_since
            if took < 2 * _ECHO_MOST:
                self._echo_wait = max(_ECHO_LEAST, min(_ECHO_MOST, 3 * took), 0.9 * self._echo_wait)
        self._unanswered_since = None
        self._last_output = at

    def sent(self, at: float) -> None:
        """A key went to the program."""
        self._last_sent = at
        if self._unanswered_since is None:
            self._unanswered_since = at
