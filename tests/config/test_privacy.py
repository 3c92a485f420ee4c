"""Passwords in config files: a mistake where others read them, and never shown."""

from __future__ import annotations

import pytest

from tests.config.conftest import Machine

FILES = [
    '[targets.a]\nenvironment = "production"\nredis = "redis://me:hunter2@a"\n',
    '[targets.a]\nenvironment = "production"\nredis = ["b", "rediss://:hunter2@a/0"]\n',
    '[targets.a]\nenvironment = "production"\npassword = "hunter2"\n',
    '[targets.a]\nenvironment = "production"\nreadonly = { username = "r", password = "hunter2" }\n',
    '[targets.a]\nenvironment = "production"\nreadonly.redis = "redis://r:hunter2@b"\n',
    '[targets.a]\nenvironment = "production"\nsentinel = { hosts = ["s"], master = "m", password = "hunter2" }\n',
]


@pytest.mark.parametrize("text", FILES)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_password_in_a_file_that_others_read_is_a_mistake(machine: Machine, text: str, mode: int) -> None:
    machine.write(machine.user, text, mode)

    told = machine.mistake()

    assert told.line == 3
    assert "others can read" in told.message
    assert "chmod 600" in told.help
    assert "hunter2" not in str(told)


@pytest.mark.parametrize("text", FILES)
def test_in_a_private_file_it_is_a_warning(machine: Machine, text: str) -> None:
    (warning,) = machine.load(text).warnings

    assert warning.startswith(f"{machine.user}:3: ")
    assert "password_command" in warning
    assert "hunter2" not in warning


@pytest.mark.parametrize("text", FILES)
def test_in_a_projects_file_it_is_a_mistake_however_private(machine: Machine, text: str) -> None:
    told = machine.mistake(project=text)

    assert "project" in told.message
    assert "hunter2" not in str(told)


def test_a_shared_file_without_passwords_is_fine(machine: Machine) -> None:
    machine.write(machine.user, '[targets.a]\nenvironment = "production"\nredis = "redis://me@a"\n', 0o644)

    assert machine.load().warnings == ()


@pytest.mark.parametrize(
    "line",
    [
        'pasword = "hunter2"',
        'password = "hunter2" "',
        "password = hunter2",
        "password = '''hunter2",
        'password = """\nhunter2\n',
        'password = """hunter2""" 5',
        "redis_password = 'hunter2'",
        'auth-token = "hunter2',
        "readonly = { username = 'r', password = 'hunter2', pasword = 'hunter2' }",
        "redis = 'redis://me:hunter2@a b'",
        "redis = 'redis://me:hunter2@a/x'",
        "redis = 'redis://me:hun/hunter2@a'",
        "redis = 'http://me:hunter2@a'",
        "redis = ['redis://me:hunter2@a', 'redis://me:hunter2@b:0']",
        "redis = { x = 'redis://me:hunter2@a' }",
        "redis = 'redis://me:hunter2@a",
        "password = ['hunter2']",
        "password = 5 # no",
    ],
)
def test_no_mistake_shows_a_password(machine: Machine, line: str) -> None:
    told = machine.mistakes(f"[targets.a]\nenvironment = 'production'\n{line}\n")

    assert told
    assert "hunter2" not in "\n".join(map(str, told))
