from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.ssh.client.escapes import Escape, Escapes, escape_character

TILDE = ord("~")


@pytest.mark.parametrize(
    ("typed", "steps"),
    [
        (b"~.", [Escape.CLOSE]),
        (b"ls\r~.", [b"ls\r", Escape.CLOSE]),
        (b"ls\n~?x", [b"ls\n", Escape.HELP, b"x"]),
        (b"a~.", [b"a~."]),
        (b"~~", [b"~"]),
        (b"~~.", [b"~."]),
        (b"~x", [b"~x"]),
        (b"~\x1a", [Escape.SUSPEND]),
        (b"~#~?", [Escape.LIST, Escape.HELP]),
        (b"~R~B~v~V", [Escape.REKEY, Escape.BREAK, Escape.LOUDER, Escape.QUIETER]),
        (b"~\r~.", [b"~\r", Escape.CLOSE]),
        (b"~", []),
        (b"", []),
    ],
)
def test_escapes_are_read_behind_a_new_line_only(typed: bytes, steps: list[bytes | Escape]) -> None:
    assert Escapes(TILDE).feed(typed) == steps


@given(st.lists(st.binary(max_size=8)))
def test_how_the_keys_are_cut_into_reads_changes_nothing(pieces: list[bytes]) -> None:
    whole, cut = Escapes(TILDE), Escapes(TILDE)

    assert _joined(whole.feed(b"".join(pieces))) == _joined(
        [step for piece in pieces for step in cut.feed(piece)]
    )


@given(st.binary())
def test_without_the_escape_character_nothing_changes(typed: bytes) -> None:
    typed = typed.replace(b"~", b"")

    assert b"".join(step for step in Escapes(TILDE).feed(typed) if isinstance(step, bytes)) == typed


@given(st.text(alphabet="~.?#a\r\n", max_size=30))
def test_doubling_the_character_behind_each_new_line_sends_the_text_as_it_is(text: str) -> None:
    doubled, new_line = "", True
    for char in text:
        doubled += "~~" if char == "~" and new_line else char
        new_line = char in "\r\n"

    assert b"".join(_sent(Escapes(TILDE).feed(doubled.encode()))) == text.encode()


@given(st.binary(), st.binary())
def test_a_close_behind_a_new_line_is_never_missed(before: bytes, after: bytes) -> None:
    steps = Escapes(TILDE).feed(before + b"xx\r~." + after)

    assert Escape.CLOSE in steps


@pytest.mark.parametrize(
    ("value", "byte"), [("~", 126), ("none", None), ("^]", 29), ("%", 37), ("", None), ("ab", None)]
)
def test_the_escape_character_is_read_as_ssh_config_writes_it(value: str, byte: int | None) -> None:
    assert escape_character(value) == byte


def _joined(steps: list[bytes | Escape]) -> list[bytes | Escape]:
    joined: list[bytes | Escape] = []
    for step in steps:
        if isinstance(step, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += step
        else:
            joined.append(step)
    return joined


def _sent(steps: list[bytes | Escape]) -> list[bytes]:
    return [step for step in steps if isinstance(step, bytes)]
