"""`safeshell` typed inside of a session."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from safeshell.terminal.wrapped.double_start import ACTIVE, refuse_second_guard
from tests.person import python
from tests.terminal.wrapped.wrapped_person import PROMPT, home_in, wrapped

AGAIN = shlex.join(python("-m", "safeshell", "shell", "--", "bash"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_session_inside_a_session_is_refused_and_the_first_one_goes_on(tmp_path: Path, shell: str) -> None:
    with wrapped(home_in(tmp_path), shell) as person:
        person.sees(PROMPT)
        person.enter(
            f"{AGAIN}; echo status $status$?" if shell != "fish" else f"{AGAIN}; echo status $status"
        )
        person.sees("inside a session of safeshell already")
        person.sees("status 77")
        person.enter("echo still-$((40 + 2))" if shell != "fish" else "echo still-(math 40 + 2)")
        person.sees("still-42")


def test_it_can_be_forced(tmp_path: Path) -> None:
    with wrapped(home_in(tmp_path), "bash") as person:
        person.sees(PROMPT)
        person.enter(f"env -u {ACTIVE} {AGAIN}")
        person.sees(lambda screen: screen.count("GUARDED") >= 2 and "already" not in screen)
        person.enter("echo inner-$((40 + 2))")
        person.sees("inner-42")


def test_another_terminal_that_inherits_the_variable_is_not_inside() -> None:
    master, slave = os.openpty()
    try:
        refuse_second_guard({ACTIVE: f"{os.ttyname(slave)}0"}, slave)
        refuse_second_guard({}, slave)
    finally:
        os.close(master)
        os.close(slave)
