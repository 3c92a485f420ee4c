"""Questions asked on a real terminal: what counts as an answer, and what never does."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.person import ROOT
from tests.terminal.asked import AskedPerson

RIGHT = "cache-prod 48211"
QUESTION = "anything else is no"
PROMPT = "\n>"

# Cursor position, focus in and out, device attributes, a colour, a clipboard with an answer in it, two forms
# of mouse report, two forms of function key.
REPLIES = (
    b"\x1b[24;80R\x1b[I\x1b[O\x1b[?62;22c\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b]52;c;yes\r\x07"
    b"\x1b[<0;10;5M\x1b[M !!\x1bOP\x1b[15~"
)


def test_the_right_answer_typed_by_hand_confirms(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.type(RIGHT + "\r")

        told = person.told()

    assert told == {
        "kind": "confirmed",
        "reason": "",
        "hook": 1,
        "handled": [],
        "settings_kept": True,
        "handlers_kept": True,
        "left_over": 0,
    }


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("cache-prod 48212\r", "wrong"),
        ("yes\r", "wrong"),
        ("\r", "cancelled"),
        ("  \r", "cancelled"),
        ("cache\x03", "cancelled"),
        ("\x03", "cancelled"),
        ("\x04", "cancelled"),
        ("cache-prod 48211\x04", "cancelled"),
        ("cache-prod 48211\x1b", "cancelled"),
        ("\x1c", "cancelled"),
    ],
    ids=repr,
)
def test_anything_else_is_no(tmp_path: Path, typed: str, kind: str) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.type(typed)

        told = person.told()

    assert told["kind"] == kind
    assert told["settings_kept"]


def test_mistyped_words_can_be_mended(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.type("oops\x15cache-prox\x7fd 11\x1748,211\r")

        told = person.told()

    assert told["kind"] == "confirmed"


def test_no_answer_in_time_is_no(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, timeout=1.5) as person:
        person.sees("s left) >")
        person.type("cache")

        told = person.told()

    assert told["kind"] == "timed-out"
    assert told["settings_kept"]


def test_what_was_typed_before_the_question_is_no_answer(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, wait_for_typeahead=True) as person:
        person.sees("busy")
        person.press(f"{RIGHT}\r{RIGHT}\r".encode())
        person.sees(PROMPT)
        person.type("\x03")

        told = person.told()

    assert told["kind"] == "cancelled"
    assert told["left_over"] == 0


def test_keys_pressed_before_the_question_can_be_read_are_dropped(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(QUESTION)
        assert PROMPT not in person.display
        person.press(b"yes\r\x1b[200~yes\r\x1b[201~")
        person.sees(PROMPT)
        person.type(RIGHT + "\r")

        told = person.told()

    assert told["kind"] == "confirmed"


@pytest.mark.parametrize(
    "pasted",
    [
        RIGHT + "\r",
        RIGHT + "\n",
        f"\x1b[200~{RIGHT}\x1b[201~",
        f"\x1b[200~{RIGHT}\r\x1b[201~\r",
        "FLUSHDB\nyes\n",
        f"\r{RIGHT}\r",
        f"{RIGHT}\r" * 200,
    ],
    ids=lambda pasted: repr(pasted)[:40],
)
def test_a_paste_is_refused_and_none_of_it_is_left(tmp_path: Path, pasted: str) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.press(pasted.encode())

        told = person.told()

    assert told["kind"] == "pasted"
    assert told["left_over"] == 0
    assert told["settings_kept"]


def test_a_paste_that_is_entered_by_hand_is_refused(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.type("cache-pro")
        person.press(b"d 48211")

        told = person.told()

    assert told["kind"] == "pasted"


def test_a_short_paste_that_is_entered_by_hand_is_refused(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.press(b"yes")
        person.sees("> yes")
        person.type("\r")

        told = person.told()

    assert told["kind"] == "pasted"


def test_a_typing_tool_is_refused(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.send_slowly(f"{RIGHT}\r".encode(), pace=0.004)

        told = person.told()

    assert told["kind"] == "pasted"


def test_what_the_terminal_says_by_itself_neither_answers_nor_cancels(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.press(REPLIES)
        person.type(RIGHT, between=REPLIES)
        person.sees("> " + RIGHT)
        person.type("\r")

        told = person.told()

    assert told["kind"] == "confirmed"


def test_a_reason_is_asked_for_after_the_right_answer_only(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, reason=True) as person:
        person.sees(PROMPT)
        assert "reason>" not in person.display
        person.type(RIGHT + "\r")
        person.sees("reason>")
        person.type("OPS-7 stale  carts\r")

        told = person.told()

    assert (told["kind"], told["reason"]) == ("confirmed", "OPS-7 stale carts")


@pytest.mark.parametrize(("typed", "kind"), [("ok\r", "wrong"), ("\r", "cancelled"), ("\x03", "cancelled")])
def test_without_a_reason_where_one_is_wanted_the_answer_is_no(tmp_path: Path, typed: str, kind: str) -> None:
    with AskedPerson(tmp_path, reason=True) as person:
        person.sees(PROMPT)
        person.type(RIGHT + "\r")
        person.sees("reason>")
        person.type(typed)

        told = person.told()

    assert told["kind"] == kind


def test_the_window_may_be_resized_while_the_question_stands(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.type(RIGHT[:5])
        person.resize(14)
        person.look(0.3)
        person.type(RIGHT[5:-1])
        person.resize(60)
        person.look(0.3)
        person.type(RIGHT[-1])
        person.sees("> " + RIGHT)
        person.type("\r")

        told = person.told()

    assert told["kind"] == "confirmed"


def test_a_long_answer_stays_on_its_line_in_a_narrow_window(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, columns=30) as person:
        person.sees(PROMPT)
        person.type("0123456789" * 4)
        person.sees("> 34567890123456789")
        rows = person.display.count("34567890123456789")
        person.type("\x03")
        person.told()

    assert rows == 1


def test_the_question_says_where_what_how_much_why_and_what_instead(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        shown = person.display
        person.type("\x03")
        person.told()

    for part in (
        "▲ PRODUCTION", "cache-prod", "critical", "FLUSHDB", "deletes everything: db 0 (can't be put back)",
        "48,211 keys, 41.0 MiB", "every key goes", "use :unlink PATTERN",
        "Type cache-prod and the number of keys lost to go on",
    ):  # fmt: skip
        assert part in shown


def test_escape_sequences_in_what_is_shown_do_nothing(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, facts=["key \x1b[2J\x1b]0;owned\x07\x1b[1;1Hgone"]) as person:
        person.sees(PROMPT)
        shown, output = person.display, person.output
        person.type("\x03")
        person.told()

    assert r"key \x1b[2J\x1b]0;owned\x07\x1b[1;1Hgone" in shown
    assert b"\x1b[2J" not in output


def test_a_dumb_terminal_gets_no_escape_sequence(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, environ={"TERM": "dumb", "LANG": "C", "LC_ALL": "C"}) as person:
        person.sees(PROMPT)
        person.type("cachx\x7fe-prod 48211\r")

        told = person.told()
        output = person.output

    assert told["kind"] == "confirmed"
    assert b"\x1b" not in output
    assert output.isascii()
    assert b"[!! PRODUCTION]" in output


def test_bracketed_paste_is_on_only_while_the_question_stands(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        assert person.output.count(b"\x1b[?2004h") == 1
        assert b"\x1b[?2004l" not in person.output
        person.type("\x03")
        person.told()

        assert person.output.count(b"\x1b[?2004l") == 1


def test_a_terminal_that_hangs_up_says_no(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, ignore_hangup=True) as person:
        person.sees(PROMPT)
        person.type("cache-prod 48211")
        person.hang_up()

        told = person.told()

    assert told["kind"] == "no-terminal"


def test_a_hang_up_ends_the_program_as_it_always_does(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.hang_up()

        assert person.ended() == -signal.SIGHUP


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_deadly_signal_leaves_the_terminal_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    with AskedPerson(tmp_path, wait_for_typeahead=True) as person:
        person.sees("busy")
        before = person.settings
        person.press(b"\r")
        person.sees(PROMPT)
        assert not person.settings[3] & termios.ICANON
        person.signal(number)

        assert person.ended() == -number
        assert person.settings == before
        assert person.output.endswith(b"\x1b[?2004l")


def test_a_handler_of_the_owner_gets_the_signal_once_the_question_is_over(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, own_handler=True) as person:
        person.sees(PROMPT)
        person.signal(signal.SIGTERM)

        told = person.told()

    assert told["kind"] == "cancelled"
    assert told["handled"] == [signal.SIGTERM]
    assert told["settings_kept"]
    assert told["handlers_kept"]


def test_an_interrupt_from_outside_is_a_no(tmp_path: Path) -> None:
    with AskedPerson(tmp_path) as person:
        person.sees(PROMPT)
        person.signal(signal.SIGINT)

        told = person.told()

    assert told["kind"] == "cancelled"
    assert told["settings_kept"]


def test_it_can_be_asked_from_another_thread(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, thread=True) as person:
        person.sees(PROMPT)
        person.type(RIGHT + "\r")

        told = person.told()

    assert told["kind"] == "confirmed"


def test_a_job_in_the_background_is_not_asked(tmp_path: Path) -> None:
    with AskedPerson(tmp_path, background=True) as person:
        told = person.told()

        assert QUESTION not in person.display

    assert told["kind"] == "no-terminal"


def test_without_a_terminal_the_answer_is_no(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    subprocess.run(
        [sys.executable, "-m", "tests.terminal.asking", json.dumps({"report": str(report)})],
        cwd=ROOT, input=f"{RIGHT}\n", text=True, start_new_session=True, timeout=30, check=True,
    )  # fmt: skip

    assert json.loads(report.read_text())["kind"] == "no-terminal"
