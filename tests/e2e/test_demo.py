"""`safeshell demo`: what its welcome says works as told, and nothing of it is left afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import at_safeshell, safeshell
from tests.person import Person


@pytest.fixture
def temporary(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that is the demo's alone, and empty when it has ended."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == [], "a folder is left"
    assert servers_in(folder) == [], "a server is left"
    assert [path for path in home.rglob("*") if path.is_file()] == [], "the person's own files were touched"


def servers_in(folder: Path) -> list[str]:
    """The processes whose working directory is, or was, in `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = os.readlink(process / "cwd")
        except OSError:
            continue
        if place.startswith(str(folder)):
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def prompted(person: Person) -> None:
    """Wait until a new line may be typed."""
    person.sees(
        lambda screen: screen.rstrip().endswith(">") and "PRODUCTION" in screen.rstrip().splitlines()[-1]
    )


def test_the_three_things_of_the_welcome_happen_as_told(temporary: Path) -> None:
    with at_safeshell("demo") as person:
        screen = person.sees("read-only>")
        assert "Three things to try" in screen
        assert "PRODUCTION" in screen
        assert "cache-prod" in screen
        assert len(servers_in(temporary)) == 1

        person.enter("FLUSHDB")
        person.sees("production is read-only here")
        person.enter("DBSIZE")
        person.sees("(integer) ")

        person.enter(":unlock 5m trying the demo")
        person.sees("unlocked 4m")
        person.enter("DEL cart:7")
        person.sees("yes")
        person.answer("yes")
        person.sees("(integer) 1\n")
        prompted(person)
        person.enter("HGETALL cart:7")
        person.sees("(empty")
        person.enter(":undo")
        person.sees("Put back 1 key")
        prompted(person)
        person.enter("EXISTS cart:7")
        person.sees(lambda screen: "(integer) 1" in screen.split("EXISTS cart:7")[-1])

        person.enter("FLUSHDB")
        person.sees("Type cache-prod and the number of keys")
        person.look(1.2)
        person.press("\x03")
        person.sees("Refused")
        assert person.leave() == 0


def test_the_end_of_the_terminal_ends_the_demo_too(temporary: Path) -> None:
    with at_safeshell("demo") as person:
        person.sees("read-only>")
        person.press("\x04")
        assert person.ended() == 0


def test_a_flush_from_a_pipe_is_refused(temporary: Path) -> None:
    done = safeshell("demo", given=b"FLUSHALL\n")

    assert done.status == 77
    assert "production is read-only here" in done.err


def test_a_read_from_a_pipe_is_answered(temporary: Path) -> None:
    done = safeshell("demo", given=b"SCARD features:enabled\n")

    assert done.status == 0
    assert done.out.endswith(b"3\n")


def test_a_demo_inside_a_demo_is_refused(temporary: Path) -> None:
    done = safeshell("demo", given=b"PING\n", environ={"SAFESHELL_DEMO_PASSWORD": "x"})

    assert done.status == 77
    assert "a demo is running already" in done.told()


def test_without_any_server_program_it_says_what_to_install(temporary: Path, tmp_path: Path) -> None:
    """Only where the extra that carries one is not installed either."""
    empty = tmp_path / "empty"
    empty.mkdir()

    done = safeshell("demo", given=b"PING\n", environ={"PATH": str(empty)})

    if done.status != 0:
        assert done.status == 69
        assert "no redis-server here" in done.told()
