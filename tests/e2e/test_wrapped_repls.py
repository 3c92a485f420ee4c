"""Programs without a hook in a guarded terminal: their lines are read from the screen, and held at Enter."""

from __future__ import annotations

import os
import shlex
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.e2e.program import PROGRAM
from tests.person import Person, person_environ
from tests.servers import RedisServer

CONFIG = """\
version = 1

[recording]
environments = []

[environments.production]
mode = "guarded"
undo = false
"""
MACHINE = os.uname().nodename


class ReplPerson(Person):
    """Sits before a program that safeshell has started."""

    def __init__(self, home: Path, *words: str, options: tuple[str, ...] = ()) -> None:
        (home / "safeshell.toml").write_text(CONFIG)
        (home / ".bashrc").write_text("PS1='$ '\n")
        before = (PROGRAM, "--config", str(home / "safeshell.toml"), "--environment", "production")
        super().__init__(
            *before, "shell", *options, "--", *words,
            environ=person_environ(home, SHELL="/bin/bash", PSQLRC="/dev/null", NODE_REPL_HISTORY=""),
            folder=home,
        )  # fmt: skip

    @property
    def title(self) -> str:
        return str(self.screen.title)

    def asked(self, line: str) -> str:
        """Type a line and Enter; what the screen shows when the guard asks."""
        since = len(self.output)
        self.line(line)
        self.wait_until(lambda: b"anything else is no" in self.output[since:], "a question")
        return self.display

    def refuses(self) -> None:
        since = len(self.output)
        self.press("\x03")
        self.wait_until(lambda: b"Refused" in self.output[since:], "the refusal")

    def runs(self, line: str, prints: str) -> None:
        since = len(self.output)
        self.press(f"{line}\r")
        self.wait_until(lambda: f"{prints}\r\n".encode() in self.output[since:], prints)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER)")
        connection.execute("INSERT INTO orders VALUES (7)")
    connection.close()
    return file


def orders(base: Path) -> int:
    connection = sqlite3.connect(base)
    try:
        return int(connection.execute("SELECT count(*) FROM orders").fetchone()[0])
    finally:
        connection.close()


def test_a_program_of_ones_own_is_watched(base: Path, tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "sqlite3", str(base)) as person:
        person.prompt("sqlite> ")
        person.wait_until(lambda: "WATCHED" in person.title, "the title")
        person.runs("SELECT 'is ' || id FROM orders;", "is 7")

        question = person.asked("DELETE FROM orders;")
        assert "PRODUCTION" in question
        assert "DELETE FROM orders;" in question
        person.refuses()
        assert orders(base) == 1

        # The line is there as before, and can be edited: it becomes another one.
        person.wait_until(
            lambda: person.cursor_line.endswith("sqlite> DELETE FROM orders;"), "the line again"
        )
        person.press("\x15SELECT 'still ' || count(*) FROM orders;\r")
        person.sees("still 1")


def test_a_line_that_is_agreed_to_runs(base: Path, tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "sqlite3", str(base)) as person:
        person.prompt("sqlite> ")
        person.asked("DELETE FROM orders;")
        person.answer(f"{MACHINE} DELETE")
        person.prompt("sqlite> ")

        person.wait_until(lambda: orders(base) == 0, "the deletion")
        person.runs("SELECT 'left ' || count(*) FROM orders;", "left 0")


def test_a_statement_of_several_lines_is_asked_about_as_one(base: Path, tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "sqlite3", str(base)) as person:
        person.prompt("sqlite> ")
        person.press("DELETE\r")
        person.prompt("...> ")
        person.press("FROM\r")
        person.wait_until(lambda: person.display.count("...>") == 2, "the second line's prompt")
        question = person.asked("orders;")
        assert "deletes" in question
        person.refuses()

        assert orders(base) == 1


def test_a_recalled_line_is_read_as_well(base: Path, tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "sqlite3", str(base)) as person:
        person.prompt("sqlite> ")
        person.asked("DELETE FROM orders WHERE id = 8;")
        person.answer("yes")
        person.prompt("sqlite> ")
        person.press("\x1b[A")
        person.wait_until(lambda: person.cursor_line.endswith("id = 8;"), "the line before")
        person.press("\r")
        person.wait_until(lambda: person.display.count("anything else is no") == 2, "a question")
        person.refuses()


def test_a_paste_of_several_lines_stops_at_the_first_that_is_refused(base: Path, tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "sqlite3", str(base)) as person:
        person.prompt("sqlite> ")
        person.press("SELECT 1;\rDELETE FROM orders;\rDROP TABLE orders;\r")
        person.sees("anything else is no")
        person.refuses()
        person.wait_until(lambda: person.cursor_line.endswith("DELETE FROM orders;"), "the refused line")

        assert orders(base) == 1


def test_a_program_started_inside_a_guarded_shell_is_watched_and_the_shell_guards_again(
    base: Path, tmp_path: Path
) -> None:
    with ReplPerson(tmp_path, "bash") as person:
        person.prompt("$ ")
        person.press(f"sqlite3 {base}\r")
        person.prompt("sqlite> ")
        person.wait_until(lambda: "WATCHED" in person.title, "the title")
        person.asked("DROP TABLE orders;")
        person.refuses()
        person.press("\x15.quit\r")
        person.prompt("$ ")
        assert "GUARDED" in person.title
        assert "WATCHED" not in person.title
        person.asked("rm -rf /srv/shop")
        person.refuses()
        assert orders(base) == 1


@pytest.mark.parametrize("line", ["exec dash", "exec bash --norc", "env bash --norc", "dash"])
def test_a_shell_without_the_hook_is_watched(line: str, tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "bash") as person:
        person.prompt("$ ")
        person.press(f"{line}\r")
        person.wait_until(
            lambda: person.cursor_line.endswith(("#", "$")) and "GUARDED" not in person.cursor_line,
            "its prompt",
        )
        person.wait_until(lambda: "WATCHED" in person.title, "the title")

        person.asked("rm -rf /srv/shop")
        person.refuses()


def test_python_is_read_as_python(tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "python3") as person:
        person.prompt(">>> ")
        person.runs("print('is', 6 * 7)", "is 42")
        person.asked("import shutil; shutil.rmtree('/srv/shop')")
        person.refuses()


def test_a_program_of_another_name_is_what_it_is_said_to_be(base: Path, tmp_path: Path) -> None:
    ours = tmp_path / "our-db"
    ours.symlink_to("/usr/bin/sqlite3")
    with ReplPerson(tmp_path, str(ours), str(base), options=("--dialect", "sql")) as person:
        person.prompt("sqlite> ")
        person.asked("DROP TABLE orders;")
        person.refuses()

        assert orders(base) == 1


def test_redis_cli_is_read_as_redis(redis_server: RedisServer, tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "redis-cli", "-p", str(redis_server.port)) as person:
        person.prompt("> ")
        person.runs("SET cart:1 x", "OK")
        person.asked("FLUSHALL")
        person.refuses()

        assert redis_server.send("DBSIZE") == b"1"


def test_what_reads_no_lines_gets_its_keys_as_ever(tmp_path: Path) -> None:
    with ReplPerson(tmp_path, "bash") as person:
        person.prompt("$ ")
        person.runs("echo go-''on; cat", "go-on")
        person.press("rm -rf /srv/shop\r")
        person.wait_until(lambda: person.display.count("rm -rf /srv/shop") == 2, "the line twice")
        person.press("\x04")
        person.prompt("$ ")


def test_a_terminal_of_its_own_is_not_said_to_be_guarded(tmp_path: Path) -> None:
    tmux = ("tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null")
    try:
        with ReplPerson(tmp_path, "bash") as person:
            person.prompt("$ ")
            person.press(f"{shlex.join(tmux)} new-session 'echo in-side; cat'\r")
            person.sees("in-side")
            person.wait_until(lambda: "UNGUARDED" in person.title, "the title")
            person.press("\x04")
            person.prompt("$ ")
            person.wait_until(lambda: "UNGUARDED" not in person.title, "the title")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)
