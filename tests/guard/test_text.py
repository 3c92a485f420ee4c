from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeshell.guard.text import counted, sized, visible


def test_escape_sequences_are_written_out() -> None:
    assert visible("\x1b[2Jgone\x07") == "\\x1b[2Jgone\\x07"
    assert visible(b"caf\xc3\xa9 \xff") == "café \\xff"
    assert visible("a\u202eb") == "a\\u202eb"


@given(st.one_of(st.text(), st.binary()))
def test_nothing_active_is_left_of_any_text(text: str | bytes) -> None:
    shown = visible(text, limit=50)

    assert all(char.isprintable() for char in shown)
    assert len(shown) <= 51
    shown.encode()  # no lone surrogate either


def test_numbers_are_written_for_people() -> None:
    assert (counted(1, "key"), counted(48211, "key"), counted(2, "entry", "entries")) == (
        "1 key",
        "48,211 keys",
        "2 entries",
    )
    assert (sized(512), sized(42991616), sized(2**50)) == ("512 B", "41.0 MiB", "1024.0 TiB")
