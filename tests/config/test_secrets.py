"""Passwords are got at connect time, and no error shows what came out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from safeshell.config.secrets import NoPassword, fetch_password
from safeshell.config.settings import PasswordSource
from tests.config.conftest import Machine

PRINT = (sys.executable, "-c")


def fetch(source: PasswordSource, environ: dict[str, str] | None = None, timeout: float = 20) -> str | None:
    return fetch_password(source, environ={**os.environ, **(environ or {})}, where="cache", timeout=timeout)


def test_the_first_line_of_a_program_is_the_password() -> None:
    source = PasswordSource(command=(*PRINT, "print('hunter2 $HOME '); print('second')"))

    assert fetch(source) == "hunter2 $HOME "


def test_the_program_is_run_without_a_shell(tmp_path: Path) -> None:
    source = PasswordSource(command=(*PRINT, "import sys; print(sys.argv[1])", f"; touch {tmp_path}/x"))

    assert fetch(source) == f"; touch {tmp_path}/x"
    assert not list(tmp_path.iterdir())


def test_bytes_that_are_not_utf8_survive() -> None:
    source = PasswordSource(command=(*PRINT, r"import sys; sys.stdout.buffer.write(b'p\xff\r\n')"))

    password = fetch(source)

    assert password is not None
    assert os.fsencode(password) == b"p\xff"


def test_a_variable_holds_the_password() -> None:
    assert fetch(PasswordSource(variable="CACHE_PW"), {"CACHE_PW": "hunter2"}) == "hunter2"


def test_a_files_first_line_is_the_password(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("hunter2\r\nother\n")

    assert fetch(PasswordSource(file=tmp_path / "pw")) == "hunter2"


def test_no_source_is_no_password() -> None:
    assert fetch(PasswordSource()) is None
    assert fetch(PasswordSource(value="written")) == "written"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; print('hunter2'); sys.stderr.write('hunter2'); sys.exit(3)", "failed with status 3"),
        ("print(); print('hunter2')", "an empty first line"),
        ("", "an empty first line"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
    ],
)
def test_a_failing_program_is_named_without_its_output(program: str, words: str) -> None:
    with pytest.raises(NoPassword) as raised:
        fetch(PasswordSource(command=(*PRINT, program)))

    assert words in str(raised.value)
    assert Path(sys.executable).name in str(raised.value)
    assert raised.value.where == "cache"
    assert "hunter2" not in str(raised.value)


def test_a_program_that_does_not_answer_is_given_up() -> None:
    with pytest.raises(NoPassword, match="gave no answer within"):
        fetch(PasswordSource(command=(*PRINT, "import signal; signal.pause()")), timeout=0.2)


def test_a_program_cannot_eat_what_was_typed_ahead() -> None:
    assert fetch(PasswordSource(command=(*PRINT, "import sys; print(repr(sys.stdin.read()))"))) == "''"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (PasswordSource(command=("/no/such/program", "hunter2")), "can't be started: no such file"),
        (PasswordSource(variable="NOT_SET_AT_ALL"), "NOT_SET_AT_ALL"),
        (PasswordSource(file=Path("/no/such/file")), "/no/such/file can't be read"),
        (PasswordSource(file=Path("/")), "can't be read"),
    ],
)
def test_a_source_that_is_not_there_is_named(source: PasswordSource, words: str) -> None:
    with pytest.raises(NoPassword) as raised:
        fetch(source)

    assert words in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_loading_a_config_runs_nothing(machine: Machine) -> None:
    mark = machine.root / "ran"

    machine.load(
        f"""
        [targets.a]
        environment = "production"
        redis = "a"
        password_command = ["touch", "{mark}"]
        """
    )

    assert not mark.exists()
