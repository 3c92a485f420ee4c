"""Production's window is tinged where the configuration says so, and never stays so behind the session."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.person import DEADLINE, Person, person_environ, python
from tests.terminal.wrapped.wrapped_person import GUARDED, PROMPT, home_in

TINT = b"\x1b]11;rgb:"
TINT_OFF = b"\x1b]111\x1b\\"
ASKED = b"\x1b]11;?\x1b\\"
CONFIG = GUARDED + "[theme]\ntint = true\ntabs = true\n"


class Beholder(Person):
    """A person whose terminal says which background it has, and what it is; or does not know what that means."""

    background: bytes | None = b"rgb:1010/2020/3030"
    typed_ahead = b""
    _replied = False

    def _take_in(self) -> None:
        super()._take_in()
        if ASKED in self.output and not self._replied:
            self._replied = True
            told = b"\x1b]11;" + self.background + b"\x1b\\" if self.background else b""
            # In pieces, with keys between them, as it happens.
            os.write(self.terminal, told[:7] + b"" + told[7:] + self.typed_ahead)


def beheld(
    home: Path, *options: str, config: str = CONFIG, kind: type[Beholder] = Beholder, **environ: str
) -> Beholder:
    (home_in(home) / ".config/safeshell/config.toml").write_text(config)
    return kind(
        *python("-m", "safeshell", *options, "shell", "--", "bash"),
        environ=person_environ(home, **environ),
        columns=100,
        rows=30,
        folder=home,
    )


PRODUCTION = ("--environment", "production")


def session_of(person: Person) -> int:
    """The process in which the guard is: the child of the one that watches."""
    found = subprocess.run(["pgrep", "-P", str(person.pid)], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def test_productions_background_is_tinged_and_given_back_at_the_end(tmp_path: Path) -> None:
    with beheld(tmp_path, *PRODUCTION) as person:
        person.sees(PROMPT)
        # 22 % of production's red on what the terminal has said.
        assert TINT + b"38/22/2e\x1b\\" in person.output
        assert TINT_OFF not in person.output
        person.leave()
        assert person.output.count(TINT_OFF) == 1
        assert person.echoes


def test_another_environment_has_another_tinge(tmp_path: Path) -> None:
    with beheld(tmp_path, "--environment", "development") as person:
        person.sees("GUARDED P>")
        assert TINT + b"17/34/30\x1b\\" in person.output
        person.leave()


def test_without_a_word_in_the_configuration_nothing_is_tinged(tmp_path: Path) -> None:
    with beheld(tmp_path, *PRODUCTION, config=GUARDED, TERM_PROGRAM="iTerm.app") as person:
        person.sees(PROMPT)
        person.leave()
        assert b"\x1b]11" not in person.output
        assert b"\x1b]6;" not in person.output


@pytest.mark.parametrize(
    "environ",
    [{"NO_COLOR": "1"}, {"TERM": "linux"}, {"TERM": "vt220"}, {"TERM": "screen", "STY": "1.pts"}],
    ids=lambda environ: " ".join(environ.values()),
)
def test_terminals_that_can_not_and_people_who_will_not_are_left_alone(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with beheld(tmp_path, *PRODUCTION, **environ) as person:
        person.sees(PROMPT)
        person.leave()
        assert b"\x1b]11" not in person.output


def test_a_terminal_that_does_not_say_its_background_keeps_it(tmp_path: Path) -> None:
    class Silent(Beholder):
        background = None

    with beheld(tmp_path, *PRODUCTION, kind=Silent) as person:
        person.sees(PROMPT)
        person.leave()
        assert ASKED in person.output
        assert TINT not in person.output
        assert TINT_OFF not in person.output


def test_keys_pressed_while_the_terminal_answers_reach_the_shell(tmp_path: Path) -> None:
    class Hasty(Beholder):
        typed_ahead = b"echo typed-''ahead\r"

    with beheld(tmp_path, *PRODUCTION, kind=Hasty) as person:
        person.sees("typed-ahead")
        assert "rgb:" not in person.display
        person.wait_until(lambda: person.display.rstrip().endswith("P>"), "the prompt")
        person.leave()


def test_the_background_comes_back_when_the_guard_is_killed(tmp_path: Path) -> None:
    with beheld(tmp_path, *PRODUCTION) as person:
        person.sees(PROMPT)
        os.kill(session_of(person), signal.SIGKILL)
        person.ended()
        assert TINT_OFF in person.output
        assert person.echoes


def test_the_background_comes_back_when_the_watching_process_is_killed(tmp_path: Path) -> None:
    with beheld(tmp_path, *PRODUCTION) as person:
        person.sees(PROMPT)
        os.kill(person.pid, signal.SIGKILL)
        person.wait_until(lambda: TINT_OFF in person.output, "the background back")


def test_the_background_comes_back_on_sigterm(tmp_path: Path) -> None:
    with beheld(tmp_path, *PRODUCTION) as person:
        person.sees(PROMPT)
        person.signal(signal.SIGTERM)
        person.ended()
        assert TINT_OFF in person.output


def test_a_suspended_session_shows_no_production(tmp_path: Path) -> None:
    with beheld(tmp_path, *PRODUCTION) as person:
        person.sees(PROMPT)
        session = session_of(person)
        os.kill(session, signal.SIGTSTP)
        person.wait_until(lambda: TINT_OFF in person.output, "the background back")
        wait_for_state(session, "T")
        since = len(person.output)
        for process in (person.pid, session):
            os.kill(process, signal.SIGCONT)
        person.wait_until(lambda: TINT in person.output[since:], "the tinge again")
        person.leave()


@pytest.mark.parametrize(
    ("environ", "on", "off"),
    [
        (
            {"TERM_PROGRAM": "iTerm.app"},
            b"\x1b]6;1;bg;red;brightness;198\x07\x1b]6;1;bg;green;brightness;40\x07\x1b]6;1;bg;blue;brightness;40\x07",
            b"\x1b]6;1;bg;*;default\x07",
        ),
        ({"WT_SESSION": "1"}, b"\x1b]4;264;rgb:c6/28/28\x1b\\", b"\x1b]104;264\x1b\\"),
        ({"TERM": "xterm-kitty"}, b'"colors":{"active_bg":12986408,', b'"colors":{"active_bg":null,'),
        (
            {"TERM_PROGRAM": "WezTerm"},
            b"\x1b]1337;SetUserVar=safeshell_environment=cHJvZHVjdGlvbg==\x07",
            b"\x1b]1337;SetUserVar=safeshell_environment=\x07",
        ),
    ],
    ids=("iTerm2", "Windows Terminal", "kitty", "WezTerm"),
)
def test_a_tab_has_productions_colour_while_the_session_lasts(
    tmp_path: Path, environ: dict[str, str], on: bytes, off: bytes
) -> None:
    with beheld(tmp_path, *PRODUCTION, **environ) as person:
        person.sees(PROMPT)
        assert on in person.output
        assert off not in person.output
        person.leave()
        assert person.output.count(off) == 1


def test_in_tmux_no_tab_is_coloured(tmp_path: Path) -> None:
    with beheld(tmp_path, *PRODUCTION, TERM_PROGRAM="iTerm.app", TMUX="/tmp/tmux-0/default,1,0") as person:
        person.sees(PROMPT)
        person.leave()
        assert b"\x1b]6;" not in person.output


def wait_for_state(pid: int, state: str) -> None:
    give_up_at = time.monotonic() + DEADLINE
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != state:
        assert time.monotonic() < give_up_at, f"process {pid} never was {state}"
        time.sleep(0.01)
