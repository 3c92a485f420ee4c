"""What of a recording may reach a terminal: what draws, and nothing that acts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.terminal.replaying.harmless import LEAVE, HarmlessOutput

HARMFUL = {
    "clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "clipboard, ended otherwise": "\x1b]52;c;cm0gLXJmIC8=\x1b\\",
    "title": "\x1b]0;not the title\x07",
    "colour asked for": "\x1b]11;?\x1b\\",
    "colour changed": "\x1b]11;#000000\x07",
    "link": "\x1b]8;;file:///etc\x1b\\",
    "notification": "\x1b]9;hello\x07",
    "device attributes": "\x1b[c",
    "secondary attributes": "\x1b[>c",
    "tertiary attributes": "\x1b[=0c",
    "old identification": "\x1bZ",
    "cursor position asked for": "\x1b[6n",
    "status asked for": "\x1b[5n",
    "private status": "\x1b[?6n",
    "mode asked for": "\x1b[?2004$p",
    "terminal's version": "\x1b[>q",
    "title asked for": "\x1b[21t",
    "window moved": "\x1b[3;0;0t",
    "parameters asked for": "\x1b[x",
    "checksum of the screen": "\x1b[1;1;1;1;1;1*y",
    "answerback": "\x05",
    "printing": "\x1b[5i",
    "mouse": "\x1b[?1000h",
    "mouse and focus": "\x1b[?1002;1004;1006h",
    "bracketed paste": "\x1b[?2004h",
    "cursor keys": "\x1b[?1h",
    "keypad": "\x1b=",
    "kitty's keyboard": "\x1b[>1u",
    "kitty's keyboard asked for": "\x1b[?u",
    "other keys": "\x1b[>4;2m",
    "132 columns": "\x1b[?3h",
    "new line mode": "\x1b[20h",
    "keyboard locked": "\x1b[2h",
    "setting asked for": "\x1bP$qm\x1b\\",
    "capability asked for": "\x1bP+q544e\x1b\\",
    "key programmed": "\x1bP1;1|17/6c73\x1b\\",
    "passed through tmux": "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
    "sixel": "\x1bPq#0;2;0;0;0~\x1b\\",
    "kitty's graphics": "\x1b_Ga=T,f=100;AAAA\x1b\\",
    "private message": "\x1b^x\x1b\\",
    "start of string": "\x1bXx\x1b\\",
    "another character set": "\x1b%@",
    "lines above the screen erased, as clear does": "\x1b[3J",
    "lines above the screen erased, by more words": "\x1b[3;2J",
    "tab stops changed": "\x1b[3g\x1bH",
    "clipboard in one character": "\x9d52;c;eA==\x9c",
    "attributes in one character": "\x9bc",
    "delete": "\x7f",
}
DRAWING = [
    "plain text, ümläuts, 漢字 🙂",
    "one\r\ntwo\ttab\b",
    "\x1b[1;38;5;196;4:3mcolour\x1b[0m",
    "\x1b[2J\x1b[H\x1b[K\x1b[3;4Hhere\x1b[2A\x1b[5C",
    "\x1b[?1049h\x1b[?25l\x1b[2;20r\x1b[?7l\x1b[?1049l",
    "\x1b7\x1b8\x1b[s\x1b[u\x1b[2 q\x1bM",
    "\x1b(0lqk\x1b(B",
    "\x1b[2L\x1b[3M\x1b[4@\x1b[5P\x1b[6X",
]


def shown(*texts: str) -> str:
    output = HarmlessOutput()
    return "".join(map(output.feed, texts))


@pytest.mark.parametrize("sequence", HARMFUL.values(), ids=HARMFUL.keys())
def test_what_acts_on_anything_but_the_screen_is_left_out(sequence: str) -> None:
    assert shown(f"before{sequence}after") == "beforeafter"


@pytest.mark.parametrize("sequence", HARMFUL.values(), ids=HARMFUL.keys())
def test_it_is_left_out_however_it_is_cut(sequence: str) -> None:
    assert shown("before", *sequence, "after") == "beforeafter"


@pytest.mark.parametrize("text", DRAWING)
def test_what_draws_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == text
    assert shown(*text) == text


def test_of_several_modes_the_harmless_ones_stay() -> None:
    assert shown("\x1b[?25;1000;7;2004h") == "\x1b[?25;7h"


def test_a_reset_of_the_terminal_is_a_clear_screen() -> None:
    out = shown("\x1bc")

    assert "\x1bc" not in out
    assert out.startswith(LEAVE)
    assert out.endswith("\x1b[H\x1b[2J")


def test_the_whole_screen_is_that_of_the_recorded_terminal() -> None:
    output = HarmlessOutput()
    output.rows = 24

    assert output.feed("\x1b[r") == "\x1b[1;24r"
    assert output.feed("\x1b[;r") == "\x1b[1;24r"
    assert output.feed("\x1b[3;10r") == "\x1b[3;10r"


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[12\x07c",
        "\x1b[\x1b[c",
        "\x1b[6\u0430n",
        "\x1b]0;a\x1b[6n",
        "\x1b]52;c;\x18\x1b[c",
        "\x1b[" + "1" * 300 + "c",
    ],
    ids=repr,
)
def test_a_broken_sequence_is_no_way_to_smuggle_one(text: str) -> None:
    assert "\x1b" not in shown(text, "end")


@settings(max_examples=500, deadline=None)
@given(text=st.text(alphabet="\x1b\x9b\x9d\x90[]P_\\?>=;:0156cnhlmrtpqu$ \x07\x18\x05a", max_size=40))
def test_whatever_comes_nothing_goes_out_that_makes_a_terminal_answer(text: str) -> None:
    out = shown(text)

    assert shown(out) == out, "what is let through is let through again, as a whole"
    assert not any(
        forbidden in out for forbidden in ("\x1b[c", "\x1b[6n", "\x1b]", "\x1bP", "\x1bZ", "\x05", "\x9b")
    )
