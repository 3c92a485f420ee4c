"""`redis-cli` typed at a guarded prompt is our console: each line is asked about once, by whoever sees most."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safeshell.guard.text import visible
from tests.e2e.guarded_shell import CONTROL_C, ShellPerson
from tests.servers import RedisServer

SHELLS = ("bash", "zsh", "fish")
CONFIG = """\
version = 1

[recording]
environments = []

[environments.production]
mode = "guarded"

[targets.laptop]
environment = "development"
local = true

[targets.cache-prod]
environment = "production"
redis = "redis://127.0.0.1:{port}/0"

[shell]
redis_cli = {shim}
"""
KEYS = 7
NOT_COUNTED = "cache-prod FLUSHALL"
"""What the shell's question wants, since it does not look at the server."""
ASKED = "anything else is no"
At = Callable[..., ShellPerson]


@pytest.fixture
def at(home: Path, redis_server: RedisServer) -> Iterator[At]:
    """People at a development laptop whose Redis is production's."""
    people: list[ShellPerson] = []
    redis_server.send("DEBUG", "POPULATE", str(KEYS))

    def sit(
        shell: str, *, shim: bool = True, environment: str = "", rc: str = "", **environ: str
    ) -> ShellPerson:
        config = CONFIG.format(port=redis_server.port, shim=str(shim).lower())
        person = ShellPerson(
            shell,
            home,
            config=config,
            environment=environment,
            rc=rc,
            PORT=str(redis_server.port),
            PATH=f"{home}/bin:{os.environ['PATH']}",
            **environ,
        )
        people.append(person)
        return person

    yield sit
    for person in people:
        person.close()


def keys(server: RedisServer) -> int:
    return int(server.send("DBSIZE"))


def questions(person: ShellPerson) -> int:
    return person.output.count(ASKED.encode())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_flush_is_asked_about_once_by_the_console(shell: str, at: At, redis_server: RedisServer) -> None:
    person = at(shell)
    shown = person.asks("redis-cli -p $PORT FLUSHALL\r")
    # Only the console counts keys.
    assert "cache-prod" in shown
    assert str(KEYS) in shown
    person.answer(f"cache-prod {KEYS}")
    person.sees("OK")
    person.ready()
    assert questions(person) == 1
    assert keys(redis_server) == 0
    person.runs("echo status-$status\r" if shell == "fish" else "echo status-$?\r", "status-0")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_flush_that_is_not_confirmed_does_not_run(shell: str, at: At, redis_server: RedisServer) -> None:
    person = at(shell)
    person.asks("redis-cli -p $PORT FLUSHALL\r")
    person.press(CONTROL_C)
    person.sees("Refused")
    person.ready()
    assert questions(person) == 1
    assert keys(redis_server) == KEYS
    person.runs("echo status-$status\r" if shell == "fish" else "echo status-$?\r", "status-77")


@pytest.mark.parametrize("shell", SHELLS)
def test_without_a_command_the_console_opens(shell: str, at: At, redis_server: RedisServer) -> None:
    person = at(shell)
    person.press("redis-cli -p $PORT\r")
    person.prompt("guarded> ")
    person.press("dbsize\r")
    person.sees(f"(integer) {KEYS}")
    person.prompt("guarded> ")
    person.press("\x04")
    person.ready()
    assert questions(person) == 0


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", "redis-cli -p $PORT FLUSHALL | cat"),
        ("zsh", "redis-cli -p $PORT FLUSHALL | cat"),
        ("fish", "redis-cli -p $PORT FLUSHALL | cat"),
        ("bash", "true; redis-cli -p $PORT FLUSHALL"),
        ("zsh", "true; redis-cli -p $PORT FLUSHALL"),
        ("fish", "true; redis-cli -p $PORT FLUSHALL"),
        ("bash", "command redis-cli -p $PORT FLUSHALL"),
        ("bash", "env redis-cli -p $PORT FLUSHALL"),
        ("bash", "redis-cli -p $PORT FLUSHALL >flushed"),
    ],
)
def test_other_lines_are_asked_about_once_by_the_shell_and_run_redis_cli(
    shell: str, line: str, at: At, redis_server: RedisServer
) -> None:
    person = at(shell)
    person.asks(f"{line}\r")
    person.answer(NOT_COUNTED)
    person.wait_until(lambda: keys(redis_server) == 0, "the keys gone")
    person.ready()
    assert questions(person) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_backslash_means_redis_cli_itself(shell: str, at: At, redis_server: RedisServer) -> None:
    person = at(shell)
    person.press("\\redis-cli -p $PORT\r")
    person.sees(f"127.0.0.1:{redis_server.port}>")
    person.press("\x04")
    person.ready()


@pytest.mark.parametrize("shell", SHELLS)
def test_it_can_be_turned_off(shell: str, at: At, redis_server: RedisServer) -> None:
    person = at(shell, shim=False)
    person.press("redis-cli -p $PORT\r")
    person.sees(f"127.0.0.1:{redis_server.port}>")
    person.press("\x04")
    person.ready()
    person.asks("redis-cli -p $PORT FLUSHALL\r")
    person.says_no()
    assert keys(redis_server) == KEYS


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_find_redis_cli_on_path(shell: str, at: At, home: Path) -> None:
    bin_folder = home / "bin"
    bin_folder.mkdir()
    (bin_folder / "redis-cli").write_text("#!/bin/sh\necho the-program-itself $#\n")
    (bin_folder / "redis-cli").chmod(0o755)
    script = home / "count.sh"
    script.write_text("#!/bin/bash\nredis-cli -p 1 DBSIZE\n")
    script.chmod(0o755)
    person = at(shell)
    person.runs("./count.sh\r", "the-program-itself 3")
    person.runs("sh -c 'redis-cli DBSIZE'\r", "the-program-itself 1")
    # Pipes, and both sides of one at once.
    person.runs("redis-cli GET k | cat\r", "the-program-itself 2")
    person.runs("redis-cli GET k | redis-cli -x GET k\r", "the-program-itself 3")
    person.runs(
        "echo (redis-cli DBSIZE)\r" if shell == "fish" else "echo $(redis-cli DBSIZE)\r",
        "the-program-itself 1",
    )
    # What the console does not take stays the program's.
    person.runs("redis-cli --cluster info 127.0.0.1:1\r", "the-program-itself 3")
    person.runs("redis-cli --version\r", "the-program-itself 1")


@pytest.mark.parametrize("shell", SHELLS)
def test_words_reach_the_console_exactly(shell: str, at: At, redis_server: RedisServer) -> None:
    person = at(shell)
    person.runs("redis-cli -p $PORT ECHO 'a  b \"c\" $d'\r", visible(r'"a  b \\"c\\" \$d"'))
    person.runs("redis-cli -p $PORT SET fresh ''\r", "OK")
    assert redis_server.send("STRLEN", "fresh") == b"0"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_function_of_ones_own_is_left_alone(shell: str, at: At) -> None:
    person = at(
        shell,
        rc="function redis-cli\n echo my-own $argv\nend\n"
        if shell == "fish"
        else "redis-cli() { echo my-own $*; }\n",
    )
    person.runs("redis-cli PING\r", "my-own PING")


def test_an_alias_of_ones_own_is_read_and_asked_about_once(at: At, redis_server: RedisServer) -> None:
    person = at("bash", rc="alias redis-cli='redis-cli -p $PORT'\n")
    person.asks("redis-cli FLUSHALL\r")
    person.answer(NOT_COUNTED)
    person.wait_until(lambda: keys(redis_server) == 0, "the keys gone")
    person.ready()
    assert questions(person) == 1


def test_where_the_terminal_is_no_output_any_more_the_shell_asks(
    at: At, redis_server: RedisServer, home: Path
) -> None:
    person = at("bash")
    person.press("exec 3>&1 >out.txt\r")
    person.ready()
    person.asks("redis-cli -p $PORT FLUSHALL\r")
    person.answer(NOT_COUNTED)
    person.wait_until(lambda: keys(redis_server) == 0, "the keys gone")
    person.ready()
    assert questions(person) == 1
    assert (home / "out.txt").read_text() == "OK\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("kernel", ["auto", "off"])
def test_a_read_only_session_has_a_read_only_console(
    shell: str, kernel: str, redis_server: RedisServer, home: Path
) -> None:
    redis_server.send("SET", "fresh", "1")
    config = CONFIG.format(port=redis_server.port, shim=f'true\nkernel = "{kernel}"').replace(
        "guarded", "read-only"
    )
    with ShellPerson(shell, home, config=config, PORT=str(redis_server.port)) as person:
        person.press("redis-cli -p $PORT DEL fresh\r")
        person.sees("Refused")
        person.ready()
        assert redis_server.send("EXISTS", "fresh") == b"1"
        person.runs("echo status-$status\r" if shell == "fish" else "echo status-$?\r", "status-77")
        person.runs("redis-cli -p $PORT EXISTS fresh\r", r"\(integer\) 1")
        person.press("redis-cli -p $PORT\r")
        person.prompt("read-only> ")
        person.press("get fresh\r")
        # It has a journal to write, although the shell around it may write nothing.
        person.sees('"1"')
        person.prompt("read-only> ")
        person.press("\x04")
        person.ready()
        person.runs("echo back\r", "back")
