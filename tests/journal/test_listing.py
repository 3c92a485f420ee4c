"""The table never gets wider than the terminal, whatever is in it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from safeshell.guard.text import visible
from safeshell.journal.events import EventKind
from safeshell.journal.listing import Look, columns, in_full, table
from safeshell.journal.query import Fields, Record

TEXT = st.text(max_size=300)


def record(line: str, target: str, environment: str, outcome: str) -> Record:
    body = {
        "line": line, "target": target, "environment": environment, "reason": line, "answer": outcome,
        "verdict": outcome,
    }  # fmt: skip
    return Record(
        id=7,
        at=datetime(2026, 11, 2, tzinfo=UTC),
        kind=EventKind.LINE,
        session=1,
        started=Fields(),
        body=Fields(body),
        end=Fields({"outcome": outcome, "detail": line}),
    )


@given(TEXT, TEXT, TEXT, TEXT, st.integers(40, 200))
def test_no_row_is_wider_than_the_terminal(
    line: str, target: str, environment: str, outcome: str, width: int
) -> None:
    look = Look(
        width, lambda name: f"\x1b[1m{visible(name)}\x1b[0m", 14, lambda text, _: f"\x1b[2m{text}\x1b[0m"
    )

    for row in table([record(line, target, environment[:20], outcome)], look):
        assert columns(row) <= width
        assert "\n" not in row


@given(TEXT, TEXT)
def test_a_record_in_full_is_always_safe_to_show(line: str, other: str) -> None:
    for row in in_full(record(line, other, other, other)):
        assert row.isprintable()


def test_wide_and_combining_characters_are_counted_as_shown() -> None:
    assert columns("很长") == 4
    assert columns("e\u0301") == 1
    assert columns("\x1b[1;31mred\x1b[0m") == 3
