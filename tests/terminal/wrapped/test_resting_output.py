"""Something of our own is only written where no sequence and no character is cut off."""

from __future__ import annotations

import pytest

from safeshell.terminal.wrapped.resting_output import is_at_rest


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b"plain",
        b"\x1b[31mred\x1b[0m",
        b"\x1b]0;title\x07",
        b"\x1b]8;;http://x\x1b\\",
        b"\x1bPq#0\x1b\\",
        b"\x1b7",
        b"\x1b(B",
        "ü".encode(),
        "▲".encode(),
        "🦊".encode(),
        b"\xff",
    ],
)
def test_whole_output_is_at_rest(tail: bytes) -> None:
    assert is_at_rest(tail)


@pytest.mark.parametrize(
    "tail",
    [
        b"\x1b",
        b"\x1b[",
        b"\x1b[3",
        b"\x1b[38;5;",
        b"\x1b]0;tit",
        b"\x1b]8;;http://x\x1b",
        b"\x1bPq#0;2",
        b"\x1b_Gf=32;AAAA",
        b"\x1b(",
        "ü".encode()[:1],
        "▲".encode()[:2],
        "🦊".encode()[:3],
    ],
)
def test_cut_off_output_is_not(tail: bytes) -> None:
    assert not is_at_rest(b"before " + tail)
