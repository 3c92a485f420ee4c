"""SQL's procedural blocks: DO, BEGIN … END, IF, batches, and statements that no `;` separates.

The statements inside are found by their heads; what each does is asked of the function that is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages import sql_rows, sql_server
from safeshell.shell.languages.found import NOTHING, Deed, Found, reading, unproven, words
from safeshell.shell.languages.sql_part import MAX_DEPTH, Part
from safeshell.shell.languages.sql_tokens import Kind, Statement, Token, split

Meaning = Callable[[Part], Found]
"""What one statement does."""

_BLOCK: Final = Deed("sql.block", EffectKind.EXECUTE, Extent.ONE, "runs a block of procedural code")
_STARTS: Final = words(
    "SELECT INSERT UPDATE DELETE MERGE REPLACE TRUNCATE DROP ALTER CREATE GRANT REVOKE EXEC EXECUTE CALL KILL"
    " SHUTDOWN BACKUP RESTORE RENAME PERFORM"
)
_BEFORE_START: Final = words("; BEGIN THEN ELSE LOOP DO AS DECLARE ATOMIC ) END")
_NO_NEW_STATEMENT: Final = words("ON FOR OR THEN AFTER OF , TO WITH AS BEFORE (")
_UNSEPARATED: Final = words("DELETE UPDATE DROP TRUNCATE ALTER EXEC EXECUTE KILL SHUTDOWN INSERT")
_WHOLE: Final = words("CREATE ALTER GRANT REVOKE DENY MERGE IF WHILE BEGIN")
_TRANSACTION_WORDS: Final = words(
    "TRAN TRANSACTION WORK ISOLATION READ DEFERRED IMMEDIATE EXCLUSIVE CONCURRENT NOT"
)


def do(part: Part, meaning: Meaning) -> Found:
    """DO: PostgreSQL's block in a string, MySQL's expression."""
    for token in part.tokens[1:]:
        if token.kind is Kind.STRING and len(token.text) > 6 and part.depth < MAX_DEPTH:
            body = split(token.text, part.dialect)
            tokens = tuple(
                one for statement in body.statements for one in (*statement.tokens, _semicolon(statement))
            )
            inner = Part(tokens, part.dialect, part.depth + 1) if tokens else None
            within = _scanned(inner, meaning) if inner is not None else NOTHING
            return Found((_BLOCK.command("DO", "", part.span),)) + within.told_at((token.start, token.end))
    if part.dialect == "postgresql":
        return Found((_BLOCK.command("DO", "", part.span),))
    return sql_rows.select(part)


def _semicolon(statement: Statement) -> Token:
    end = statement.span[1]
    return Token(Kind.SIGN, ";", ";", end, end)


def block(part: Part, meaning: Meaning) -> Found:
    """BEGIN, IF, WHILE, DECLARE blocks of procedural dialects, and CQL's batches."""
    head, second = part.word(0), part.word(1)
    if head == "BEGIN" and (len(part.tokens) == 1 or second in _TRANSACTION_WORDS):
        return sql_server.transaction(part)
    if second in ("BATCH", "UNLOGGED", "COUNTER") or head == "APPLY":
        inner = part.inside(part.skip(1, "BATCH", "UNLOGGED", "COUNTER"))
        if inner is None or head == "APPLY":
            return Found((reading("BATCH", part.span),))
        return meaning(inner)
    found = _scanned(part, meaning)
    return found if found.commands else Found((unproven(head, part.span),))


def _scanned(part: Part, meaning: Meaning) -> Found:
    """What the statements do that begin somewhere in a block."""
    return Found.joined(
        sql_rows.select(inner) if inner.word(0) == "PERFORM" else meaning(inner)
        for inner in _statements(part)
    )


def _statements(part: Part) -> Iterator[Part]:
    starts = [
        at
        for at, token in enumerate(part.tokens)
        if token.upper in _STARTS
        and (at == 0 or part.word(at - 1) in _BEFORE_START)
        and part.word(at + 1) != ","
    ]
    for place, at in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(part.tokens)
        inner = part.inside(at, next((one for one in range(at, end) if part.word(one) == ";"), end))
        if inner is not None:
            yield inner


def unseparated(part: Part, meaning: Meaning) -> Found:
    """SQL Server needs no `;` between statements: `SELECT 1 DELETE FROM t`."""
    if part.word(0) in _WHOLE:
        return NOTHING
    for at in range(1, len(part.tokens) - 1):
        if part.word(at) in _UNSEPARATED and part.word(at - 1) not in _NO_NEW_STATEMENT:
            if part.word(at + 1) in ("(", ")", ","):
                continue
            inner = part.inside(at)
            return meaning(inner) if inner is not None else NOTHING
    return NOTHING
