"""What happens at a held Enter, and where nothing may be held or read: real programs in real terminals."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeshell.terminal.tracking.events import HeldLine
from safeshell.terminal.tracking.programs import program_of
from tests.servers import needed
from tests.terminal.tracking.real_programs import PostgresServer
from tests.terminal.tracking.watched_terminal import WatchedTerminal, plain_environ

_BASH = ["bash", "--norc", "--noprofile"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {**plain_environ(tmp_path), "PS1": "u@h:~$ "}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


def _harmless(held: HeldLine) -> bool:
    return not any(word in held.text.lower() for word in ("drop", "rm -", "remove"))


def _psql(server: PostgresServer, environ: dict[str, str], *options: str) -> WatchedTerminal:
    words = [needed("psql", "postgresql"), "-X", *options, "-h", str(server.folder), "-p", str(server.port)]
    return WatchedTerminal([*words, "-U", "postgres", "postgres"], environ, allows=_harmless).prompt("=# ")


def test_a_refused_line_does_not_run_and_stays_on_the_edit_line(
    postgres: PostgresServer, environ: dict[str, str]
) -> None:
    with _psql(postgres, environ) as terminal:
        terminal.line("create table kept(a int);")
        terminal.prompt("=# ")
        assert terminal.line("drop table kept;") == "drop table kept;"
        terminal.prompt("drop table kept;")

        terminal.type("\x7f" * len("drop table kept;")).line("select count(*) + 41 from kept;")

        assert terminal.held[-1].text == "select count(*) + 41 from kept;"
        terminal.prompt("=# ").shows("41")
        assert "DROP TABLE" not in terminal.screen


def test_what_was_typed_behind_a_refused_line_is_thrown_away(environ: dict[str, str], tmp_path: Path) -> None:
    with WatchedTerminal(_BASH, environ, allows=_harmless) as terminal:
        terminal.prompt("$ ").burst(f"rm -f {tmp_path}/a\recho late > {tmp_path}/late\r")
        terminal.until(lambda: bool(terminal.held)).rest()

        assert [held.text for held in terminal.held] == [f"rm -f {tmp_path}/a"]
        assert terminal.dropped == 2
        assert not (tmp_path / "late").exists()


def test_every_line_of_a_paste_is_judged_while_the_lines_before_run(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("x")
    with WatchedTerminal(_BASH, environ, allows=_harmless) as terminal:
        terminal.prompt("$ ").burst(f"sleep 0.3\rtrue\rrm -f {tmp_path}/kept\r")
        terminal.until(lambda: len(terminal.held) == 3).rest()

        assert terminal.held[-1].texts[-1] == f"rm -f {tmp_path}/kept"
        assert (tmp_path / "kept").exists()


def test_a_line_typed_ahead_of_a_shell_without_a_hook_is_judged(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("x")
    with WatchedTerminal([needed("dash", "dash"), "-i"], environ, allows=_harmless) as terminal:
        terminal.prompt("$ ").type("sleep 0.4").enter()
        terminal.type(f"rm -f {tmp_path}/kept").enter()
        terminal.rest()

        assert terminal.held[-1].texts[-1] == f"rm -f {tmp_path}/kept"
        assert (tmp_path / "kept").exists()


def test_a_password_is_neither_held_nor_kept(environ: dict[str, str]) -> None:
    code = "import getpass; print('got', len(getpass.getpass('Password: ')))"
    with WatchedTerminal(
        [sys.executable, "-i", "-c", code], environ, program=program_of(["python3"])
    ) as terminal:
        terminal.prompt("Password: ").type("hunter2").burst("\r").shows("got 7")

        assert not terminal.held
        assert "hunter2" not in str(vars(terminal.watcher))
        assert terminal.prompt(">>> ").line("1 + 1") == "1 + 1"


@pytest.mark.parametrize("shown", [b"", b"*"])
def test_what_is_typed_unseen_is_not_told(shown: bytes, environ: dict[str, str]) -> None:
    code = f"""import os, tty
tty.setraw(0)
os.write(1, b'Secret: ')
while (key := os.read(0, 1)) != b'\\r':
    os.write(1, {shown!r})
"""
    with WatchedTerminal([sys.executable, "-c", code], environ, program=program_of(["node"])) as terminal:
        held = terminal.prompt("Secret: ").burst("hunter2").enter()

        assert (held.text, held.typed, held.certain) == ("", "", False)
        assert held.doubts == ("what was typed is not shown",)


def test_a_full_screen_program_is_left_alone(environ: dict[str, str], tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("".join(f"line {number}\n" for number in range(300)))
    with WatchedTerminal(_BASH, environ) as terminal:
        terminal.prompt("$ ").type(f"less {text}").enter()
        terminal.shows("line 20").burst("\r\r\r").shows("line 25")
        terminal.type("q").prompt("$ ")

        assert len(terminal.held) == 1
        assert terminal.line("echo back") == "echo back"


def test_the_pager_of_a_program_gets_its_keys(postgres: PostgresServer, environ: dict[str, str]) -> None:
    pager = {**environ, "PAGER": "less", "LESS": "", "PSQL_PAGER": "less"}
    with _psql(postgres, pager) as terminal:
        terminal.type("select generate_series(1, 500);").enter()
        terminal.shows("20").burst("\r\r").type("q").prompt("=# ")

        assert len(terminal.held) == 1
        assert terminal.line("select 7;") == "select 7;"


def test_what_writes_into_the_line_makes_it_doubted(environ: dict[str, str]) -> None:
    with WatchedTerminal(_BASH, environ) as terminal:
        terminal.prompt("$ ").line("(sleep 0.3; echo NOISE) &")
        terminal.prompt("$ ").type("echo ov").shows("NOISE").type("er")
        held = terminal.enter()

        assert held.text == "echo over" or (not held.certain and "echo over" in held.texts)
        assert terminal.prompt("$ ").line("echo fine") == "echo fine"


def test_a_statement_that_ran_unjudged_is_told_and_is_the_last_one(
    postgres: PostgresServer, environ: dict[str, str]
) -> None:
    with _psql(postgres, environ) as terminal:
        terminal.line(r"\set SINGLELINE on")
        terminal.prompt("^# ").type("select 1").burst("\r").prompt("^# ")
        terminal.type("drop table").enter()

        assert terminal.slipped == ["select 1"]
        assert terminal.held[-1].text == "drop table"


def test_a_line_that_was_left_on_the_edit_line_is_judged_as_a_whole(environ: dict[str, str]) -> None:
    with WatchedTerminal(_BASH, environ) as terminal:
        terminal.prompt("$ ").line("echo one")
        terminal.prompt("$ ").line("echo two")
        # ^O runs a recalled line and puts the one after it on the line.
        terminal.prompt("$ ").type("\x1b[A\x1b[A").enter(b"\x0f")
        assert terminal.held[-1].text == "echo one"
        terminal.prompt("echo two").enter()
        assert terminal.held[-1].text == "echo two"

        terminal.prompt("$ ").type("\x1b[A\x1b[A\x1b[A").enter(b"\x0f")
        terminal.rest().type("#").enter()
        assert terminal.held[-1].text.endswith("#")
        assert terminal.held[-1].text.startswith("echo")


def test_the_prompt_in_a_shell_elsewhere_tells_whose_line_it_is(
    postgres: PostgresServer, environ: dict[str, str]
) -> None:
    pod = program_of(["kubectl", "exec", "-it", "db-0", "--", "sh"])
    with WatchedTerminal([needed("dash", "dash"), "-i"], environ, program=pod) as terminal:
        shell = (
            terminal.prompt("$ ").type(f"psql -X -h {postgres.folder} -p {postgres.port} -U postgres").enter()
        )
        inside = terminal.prompt("=# ").type("select 1;").enter()
        again = terminal.prompt("=# ").type("\x1b[A").enter()
        terminal.prompt("=# ").line("\\q")
        back = terminal.prompt("$ ").type("echo back").enter()

        told = [(held.program.name, held.text) for held in (inside, again, back)]
        assert shell.program.name == "sh"
        assert told == [("psql", "select 1;"), ("psql", "select 1;"), ("sh", "echo back")]


@pytest.mark.parametrize("seconds", [0.03, 0.12])
def test_a_far_session_is_waited_for(seconds: float, environ: dict[str, str]) -> None:
    far = [sys.executable, str(Path(__file__).with_name("far_away.py")), str(seconds), *_BASH]
    pod = program_of(["kubectl", "exec", "-it", "web-1", "--", "bash"])
    with WatchedTerminal(far, environ, program=pod) as terminal:
        assert terminal.prompt("$ ").line("echo one") == "echo one"
        assert terminal.prompt("$ ").burst("echo two three").enter().text == "echo two three"
        terminal.prompt("$ ")
        terminal.burst("\x1b[A\r").until(lambda: len(terminal.held) == 3)
        assert terminal.held[-1].text == "echo two three"


def test_a_line_is_held_no_longer_than_a_person_notices(environ: dict[str, str]) -> None:
    with WatchedTerminal(_BASH, environ) as terminal:
        for number in range(10):
            terminal.prompt("$ ").line(f"echo {number}")

        assert sorted(terminal.held_for)[5] < 0.1
