"""The shell as a language of lines: from what is typed to a `Reading`, without running anything.

Pure: what the session knows comes in at construction. Nothing here raises, whatever the line holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Finding, Reading, Touch
from safeshell.shell.catalog import Catalog, built_in
from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.invocation import Invocation
from safeshell.shell.reader import Reader, WordsDialect
from safeshell.shell.redact import redact_line

NAME: Final = "shell"
TouchReader = Callable[[Sequence[Invocation]], tuple[Touch, ...]]
"""What the commands of a line would change on this machine; pure, as all reading is."""

_NO_OTHERS: Final[Mapping[str, WordsDialect]] = MappingProxyType({})


class ShellDialect:
    """Reads lines as one shell would run them.

    Args:
        context: what is known of the live session.
        catalog: what is known of programs; the built-in packs by default.
        dialects: other languages' own readings, by name (`redis`).
        touches: says what a line would change here, for those that measure and keep; None where nobody does.

    Raises:
        PackInvalid: the built-in packs can't be used.
    """

    def __init__(
        self,
        context: ShellContext = NO_SESSION,
        *,
        catalog: Catalog | None = None,
        dialects: Mapping[str, WordsDialect] = _NO_OTHERS,
        touches: TouchReader | None = None,
    ) -> None:
        self.context = context
        self.catalog = catalog or built_in()
        """What is known of programs."""
        self.dialects = dialects
        """The other languages' own readings, by name."""
        self._touches = touches

    @property
    def name(self) -> str:
        """`shell`."""
        return NAME

    def read(self, line: str) -> Reading:
        """What `line` would do. Never raises: a line that this very reading fails on is denied."""
        try:
            return self._read(line)
        except Exception as failure:  # noqa: BLE001 - a bug here must not let the line through, nor end a session
            reason = f"reading the line failed ({type(failure).__name__}); this is a bug of safeshell"
            finding = Finding(
                "shell.reading-failed", Severity.HIGH, reason, "please report it", (0, len(line))
            )
            return Reading(NAME, line, "***", refused=(finding,))

    def _read(self, line: str) -> Reading:
        reader = Reader(self.catalog, self.dialects, fed=self.context.fed)
        reader.read_text(line, self.context)
        return Reading(
            NAME,
            line,
            redact_line(line, reader.secrets),
            tuple(reader.commands),
            tuple(reader.unreadable),
            tuple(reader.addresses),
            tuple(reader.loads),
            tuple(reader.refused),
            self._touches(reader.invocations) if self._touches else (),
        )

    def with_context(self, context: ShellContext) -> ShellDialect:
        """The same dialect in another state of its session."""
        return ShellDialect(context, catalog=self.catalog, dialects=self.dialects, touches=self._touches)
