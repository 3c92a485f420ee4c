"""What a line would do that was typed into a program: read as if the program had got it in its command line. Pure.

The one idea: `DROP TABLE x;` typed at psql's prompt and `psql -c 'DROP TABLE x;'` typed in a shell are read by
the very same reader, so they get the same verdict. What the program's own command line addresses, the line
addresses.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Address, Command, Finding, Reading
from safeshell.shell.catalog import Catalog, built_in
from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.inner import InnerText, Language
from safeshell.shell.reader import Reader, WordsDialect
from safeshell.shell.redact import redact_line
from safeshell.terminal.tracking.own_commands import Piece, pieces
from safeshell.terminal.tracking.programs import Program

_NO_OTHERS: Final[Mapping[str, WordsDialect]] = MappingProxyType({})


def repl_reading(
    program: Program,
    text: str,
    *,
    dialects: Mapping[str, WordsDialect] = _NO_OTHERS,
    context: ShellContext = NO_SESSION,
    catalog: Catalog | None = None,
) -> Reading:
    """What `text` would do in `program`. Never raises: a text that this very reading fails on is denied.

    Args:
        program: what it was typed into.
        text: one statement, of several lines or of one.
        dialects: other languages' own readings, by name: `redis` for redis-cli.
        context: what is known of this machine's session; used for what runs here and not elsewhere.
        catalog: what is known of programs; the built-in packs by default.

    Raises:
        PackInvalid: the built-in packs can't be used.
    """
    known = catalog or built_in()
    try:
        return _read(program, text, dialects, NO_SESSION if program.elsewhere else context, known)
    except Exception as failure:  # noqa: BLE001 - a bug here must not let the line through, nor end a session
        reason = f"reading the line failed ({type(failure).__name__}); this is a bug of safeshell"
        finding = Finding("repl.reading-failed", Severity.HIGH, reason, "please report it", (0, len(text)))
        return Reading(program.language.value, text, "***", refused=(finding,))


def _read(
    program: Program, text: str, dialects: Mapping[str, WordsDialect], context: ShellContext, catalog: Catalog
) -> Reading:
    reader = _PieceReader(catalog, dialects)
    for piece in pieces(program, text):
        reader.read_piece(piece, program, context)
    named = {*program.addresses, *_addressed(program.argv, catalog)}
    return Reading(
        program.language.value,
        text,
        redact_line(text, reader.secrets),
        tuple(reader.commands),
        tuple(reader.unreadable),
        tuple(dict.fromkeys((*sorted(named, key=lambda one: (one.kind, one.name)), *reader.addresses))),
        tuple(reader.loads),
        tuple(reader.refused),
    )


@lru_cache(maxsize=32)
def _addressed(argv: tuple[str, ...], catalog: Catalog) -> tuple[Address, ...]:
    """What a command line addresses."""
    return ShellDialect(catalog=catalog).read(shlex.join(argv)).addresses if argv else ()


class _PieceReader(Reader):
    """Reads what stands in no shell line."""

    def read_piece(self, piece: Piece, program: Program, context: ShellContext) -> None:
        """Take one piece of a submitted text."""
        place = (piece.start, piece.start + len(piece.text))
        if piece.language is None:
            name = piece.text.split(maxsplit=1)[0] if piece.text.strip() else program.name
            self.commands.append(Command(name, reads=True, span=place))
            return
        if piece.language is Language.SHELL and program.language is Language.SHELL:
            self.read_text(piece.text, context, elsewhere=program.elsewhere)
            return
        inner = InnerText(
            piece.text,
            piece.language,
            place,
            piece.exact,
            elsewhere=program.elsewhere,
            dialect=program.product if piece.language is Language.SQL else "",
        )
        self._read_inner(inner, context, 0, (program.name,), elsewhere=program.elsewhere)
