"""Whole sessions without a terminal: events in, commands out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.wrapped.machine import (
    Answered,
    Ask,
    ChildExited,
    ChildStopped,
    Exit,
    ForgetTyped,
    HangUpChild,
    HungUp,
    Output,
    PasteMode,
    Reply,
    ResizeChild,
    Resized,
    SessionMachine,
    Submitted,
    Suspend,
    Typed,
    WriteChild,
    WriteScreen,
)
from safeshell.terminal.wrapped.messages import Request, RequestKind
from safeshell.terminal.wrapped.outer_terminal import WindowSize

LINE = Request("1.1", RequestKind.LINE, 1, 0, "/", "", "rm x")
ON, OFF = b"\x1b[?2004h", b"\x1b[?2004l"


@given(st.binary(min_size=1))
def test_bytes_pass_as_they_are_both_ways(data: bytes) -> None:
    session = SessionMachine()

    assert session.handle(Output(data)) == (WriteScreen(data),)
    assert session.handle(Typed(data)) == (WriteChild(data),)


def test_a_submitted_line_is_asked_about_and_the_shell_hears_what_was_said() -> None:
    session = SessionMachine()

    assert session.handle(Submitted(LINE)) == (Ask(LINE),)
    assert session.handle(Answered(LINE, "no")) == (ForgetTyped(), Reply(LINE, "no"))


def test_a_question_leaves_bracketed_paste_as_the_shell_had_it() -> None:
    session = SessionMachine()
    session.handle(Output(b"prompt> " + ON))

    assert session.handle(Answered(LINE, "no drawn")) == (
        WriteScreen(ON),
        ForgetTyped(),
        Reply(LINE, "no drawn"),
    )
    assert session.handle(Answered(LINE, "run")) == (Reply(LINE, "run"),)

    session.handle(Output(OFF))
    assert session.handle(Answered(LINE, "no drawn")) == (ForgetTyped(), Reply(LINE, "no drawn"))


def test_size_stop_and_end_are_handed_on() -> None:
    session = SessionMachine()
    size = WindowSize(30, 100, 800, 600)

    assert session.handle(Resized(size)) == (ResizeChild(size),)
    assert session.handle(ChildStopped()) == (Suspend(),)
    assert session.handle(ChildExited(7)) == (Exit(7),)


def test_a_hang_up_is_told_once() -> None:
    session = SessionMachine()

    assert session.handle(HungUp()) == (HangUpChild(),)
    assert session.handle(HungUp()) == ()


@given(
    st.lists(st.sampled_from([ON, OFF, b"text", b"\x1b[31m", b"\x1b", b"[?2004"])),
    st.lists(st.integers(1, 9)),
)
def test_the_mode_is_that_of_the_last_sequence_however_it_is_cut(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    mode, at = PasteMode(), 0
    for cut in [*cuts, len(data)]:
        mode.feed(data[at : at + cut])
        at += cut

    assert mode.on == (data.rfind(ON) > data.rfind(OFF))
