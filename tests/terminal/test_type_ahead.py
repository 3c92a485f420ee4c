"""Lines typed right behind a question: run whole, or dropped whole, whenever their first key comes."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from safeshell.terminal.answer_reader import ENTER_SILENCE, QUIET
from safeshell.terminal.asker import LINE_DROPPED
from tests.terminal.asked import AskedPerson

RIGHT, WRONG = "cache-prod 48211", "yes"
LINE = "XDEL k"
PACE = 0.03
LATEST = 0.4
PERSONS = 4
"""Who are asked at the same time."""
WHOLE, NOTHING = [LINE, ""], [""]
"""What a console reads behind the question, between Enter and Enter."""

DELAYS = (
    0.0, 0.005, 0.015, ENTER_SILENCE - 0.005, ENTER_SILENCE, ENTER_SILENCE + 0.002, ENTER_SILENCE + 0.005,
    0.045, 0.06, 0.08, QUIET, QUIET + 0.02, QUIET + ENTER_SILENCE, QUIET + ENTER_SILENCE + 0.005, 0.2, LATEST,
)  # fmt: skip
"""Seconds between the answer's Enter and the line's first key, with many about the moments when all changes."""


def line_behind(person: AskedPerson, answer: str, delay: float, typed: bytes, *, pace: float = PACE) -> None:
    """Answer a question, and type on after `delay` seconds; then wait for the console."""
    person.sees("\n>")
    person.type(answer)
    person.press("\r")
    person.look(delay)
    person.send_slowly(typed, pace=pace)
    person.sees("reading")
    person.look(2 * QUIET)
    person.screen.reset()
    person.press("bye\r")


def rounds_of(person: AskedPerson, answer: str, delays: Sequence[float]) -> dict[float, dict[str, Any]]:
    """How each of the delays went."""
    for delay in delays:
        line_behind(person, answer, delay, f"{LINE}\r".encode())
    person.sees("\n>")
    person.press("\x03")
    return dict(zip(delays, person.told()["rounds"], strict=True))


@pytest.mark.parametrize("answer", [RIGHT, WRONG, ""])
def test_no_part_of_a_line_reaches_the_console_whenever_it_is_typed(tmp_path: Path, answer: str) -> None:
    shares = [DELAYS[start::PERSONS] for start in range(PERSONS)]
    with ExitStack() as people, ThreadPoolExecutor(PERSONS) as at_once:
        asked = []
        for number, share in enumerate(shares):
            folder = tmp_path / str(number)
            folder.mkdir()
            asked.append(people.enter_context(AskedPerson(folder, rounds=len(share))))
        found = at_once.map(rounds_of, asked, repeat(answer), shares)
        rounds = {delay: how for share in found for delay, how in share.items()}

    for delay, how in rounds.items():
        allowed = [WHOLE] if how["kind"] == "confirmed" else [WHOLE, NOTHING]
        assert how["lines"] in allowed, (delay, how)
    assert rounds[LATEST]["kind"] == {RIGHT: "confirmed", WRONG: "wrong", "": "cancelled"}[answer]
    assert rounds[LATEST]["lines"] == WHOLE


def test_a_line_is_whole_where_the_machine_sees_answer_and_key_late(tmp_path: Path) -> None:
    stalls = (0.005, 0.01, 0.015, 0.02)
    with AskedPerson(tmp_path, rounds=len(stalls)) as person:
        for stall in stalls:
            person.sees("\n>")
            person.type(RIGHT)
            person.press("\r")
            person.look(stall)
            person.signal(signal.SIGSTOP)
            person.press("X")
            person.look(2 * ENTER_SILENCE)
            person.signal(signal.SIGCONT)
            person.send_slowly(b"DEL k\r", pace=PACE)
            person.sees("reading")
            person.screen.reset()
            person.press("bye\r")
        person.sees("\n>")
        person.press("\x03")

        rounds = person.told()["rounds"]

    allowed = [{"kind": "confirmed", "lines": WHOLE}, {"kind": "pasted", "lines": NOTHING}]
    assert all(how in allowed for how in rounds), rounds


BEHIND_A_NO = {
    "a key and, after a while, the others": ("\x03", [b"X", b"DEL k\r"], NOTHING),
    "a key that recalls a line": ("\x03", [b"\x1b[A", b" EX 5\r"], NOTHING),
    "a key that searches": ("\x03", [b"\x12", b"flush\r"], NOTHING),
    "half a key": ("\x03", [b"\x1b", b"[A", b" EX 5\r"], NOTHING),
    "half a character": ("\x03", [b"\xc3", b"\xbcx\r"], NOTHING),
    "two lines at once": ("\x03", [b"XDEL k\rFLUSH", b"DB\r"], NOTHING),
    "what is erased": ("\x03", [b"X\x7f", b"DEL k\r"], NOTHING),
    "what is dropped by ^C": ("\x03", [b"X", b"\x03", b"", b"DEL k\r"], ["DEL k", ""]),
    "what is dropped by ^U": ("\x03", [b"X", b"\x15", b"", b"DEL k\r"], ["DEL k", ""]),
    "a paste that comes in parts": ("", [b"\x1b[200~FLUSHDB\rDE", b"L k\r", b"\x1b[201~"], NOTHING),
    "a paste, and hands that go on": ("", [b"\x1b[200~FLUSHDB\x1b[201~", b" ASYNC\r"], NOTHING),
    "a paste without brackets, and hands that go on": ("", [b"FLUSHDB", b" ASYNC\r"], NOTHING),
    "more of the same line after a paste was refused": ("cache-", [b"prod 4", b"8211\r"], NOTHING),
}


@pytest.mark.parametrize(("typed", "pieces", "lines"), BEHIND_A_NO.values(), ids=BEHIND_A_NO.keys())
def test_behind_a_no_a_line_goes_as_a_whole(
    tmp_path: Path, typed: str, pieces: list[bytes], lines: list[str]
) -> None:
    with AskedPerson(tmp_path, rounds=1) as person:
        person.sees("\n>")
        person.type(typed)
        for piece in pieces:
            person.press(piece)
            person.look(0.25 if piece else 0.6)
        person.sees("reading")
        person.press("bye\r")
        person.screen.reset()
        person.sees("\n>")
        person.press("\x03")

        (told,) = person.told()["rounds"]

    assert told["lines"] == lines


def test_who_waits_for_the_console_is_told_what_is_dropped(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, rounds=1) as person:
        person.sees("\n>")
        person.press("\x03")
        person.press("XDE")
        person.sees(LINE_DROPPED)
        assert "reading" not in person.display
        person.type("L k\r")
        person.sees("reading")
        person.press("bye\r")
        person.screen.reset()
        person.sees("\n>")
        person.press("\x03")

        assert person.told()["rounds"] == [{"kind": "cancelled", "lines": NOTHING}]


def test_a_line_whose_end_never_comes_is_not_waited_for_longer_than_for_an_answer(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, timeout=2.0) as person:
        person.sees("s left) >")
        person.press("\x03XDE")

        assert person.told()["kind"] == "cancelled"
