"""`safeshell config` as a person types it."""

from __future__ import annotations

import json
import os
import stat
import sys
import tomllib
from pathlib import Path

import pexpect
import pytest

from safeshell.cli.main import run
from safeshell.errors import ExitStatus

CONFIG = """\
[environments.production]
color = "blue"

[targets.cache]
environment = "production"
redis = "redis://me:hunter2@cache.prod:6379/0"
password_command = ["vault", "read", "hunter2"]
"""


def config(*words: str) -> int:
    return run(["safeshell", "config", *words])


@pytest.fixture
def user_file(home: Path) -> Path:
    path = home / ".config" / "safeshell" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def test_check_says_that_everything_is_valid(user_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(user_file, "[targets.cache]\nenvironment = 'production'\n")

    assert config("check") == ExitStatus.DONE
    assert capsys.readouterr().out == f"valid: 4 environments, 1 target, 0 rules\n  {user_file}\n"


def test_check_without_any_file_is_fine(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert config("check") == ExitStatus.DONE
    assert "everything is built in" in capsys.readouterr().out


def test_check_tells_all_mistakes_with_status_78(user_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(user_file, "colour = 1\n[environments.production]\nmode = 'opn'\n")

    assert config("check") == ExitStatus.CONFIG_INVALID
    said = capsys.readouterr().err
    assert f"{user_file}:1:1: there is no key `colour`" in said
    assert f'{user_file}:3:8: `mode` can\'t be "opn"' in said
    assert 'did you mean "open"?' in said
    assert "Traceback" not in said


def test_check_takes_one_file_alone(
    user_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(user_file, "this is broken")
    write(tmp_path / "team.toml", "[environments.production]\nundo = 5\n")

    assert config("check", "team.toml") == ExitStatus.CONFIG_INVALID
    said = capsys.readouterr().err
    assert f"{tmp_path}/team.toml:2:8" in said
    assert str(user_file) not in said
    assert config("check", "gone.toml") == ExitStatus.CONFIG_INVALID
    assert "there is no such file" in capsys.readouterr().err


def test_check_takes_a_projects_file_as_one(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "repo").mkdir()
    write(tmp_path / "repo" / ".safeshell.toml", "environments.production.mode = 'open'\n")

    assert config("check", "repo/.safeshell.toml") == ExitStatus.CONFIG_INVALID
    assert "may only tighten" in capsys.readouterr().err


def test_warnings_are_told_beside_the_answer(user_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(user_file, CONFIG)

    assert config("check") == ExitStatus.DONE
    said = capsys.readouterr()
    assert f"{user_file}:6: a password is written here" in said.err
    assert "hunter2" not in said.err + said.out


def test_show_says_where_each_value_came_from_and_hides_secrets(
    user_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(user_file, CONFIG)

    assert config("show") == ExitStatus.DONE
    lines = capsys.readouterr().out.splitlines()
    placed = dict(line.rsplit("  # ", 1) for line in lines)
    placed = {line.rstrip(): place for line, place in placed.items()}
    assert placed['environments.production.color = "blue"'] == f"{user_file}:2"
    assert placed['environments.production.mode = "read-only"'] == "built-in"
    assert placed['environments.staging.color = "yellow"'] == "built-in"
    assert placed['targets.cache.redis = ["redis://me:(hidden)@cache.prod:6379/0"]'] == f"{user_file}:6"
    assert placed['targets.cache.password_command = ["vault", "…"]'] == f"{user_file}:7"
    assert placed['ask.timeout = "2m"'] == "built-in"
    assert "hunter2" not in "".join(lines)


def test_show_as_json(user_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(user_file, CONFIG)

    assert config("show", "environments.production", "--json") == ExitStatus.DONE
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["environments.production.color"] == {
        "key": "environments.production.color",
        "value": "blue",
        "from": f"{user_file}:2",
    }
    assert rows["environments.production.unlock.reason"]["value"] is True
    assert all(key.startswith("environments.production.") for key in rows)


def test_show_of_a_wrong_key_names_the_nearest(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert config("show", "environments.prodution") == ExitStatus.USAGE
    assert "Did you mean environments.production?" in capsys.readouterr().err


def test_path_lists_each_layer(user_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(user_file, "")

    assert config("path") == ExitStatus.DONE
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert rows[0][0] == "system"
    assert rows[1] == ["user", f"exists          {user_file}"]
    assert rows[-1] == ["project", f"does not exist  {tmp_path}/.safeshell.toml"]


def test_path_shows_the_named_file(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["safeshell", "--config", "x.toml", "config", "path"]) == ExitStatus.DONE
    assert f"does not exist  {tmp_path}/x.toml" in capsys.readouterr().out


def test_schema_is_json_or_a_listing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert config("schema") == ExitStatus.DONE
    assert json.loads(capsys.readouterr().out)["properties"]["targets"]
    assert config("schema", "--text") == ExitStatus.DONE
    assert "targets.NAME.password_command\n" in capsys.readouterr().out


def test_init_without_a_terminal_wants_yes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert config("init") == ExitStatus.REFUSED
    assert "--yes" in capsys.readouterr().err
    assert not (home / ".config" / "safeshell").exists()


def test_init_writes_a_private_valid_file(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@cache.prod.example.com:6380/0")
    umask = os.umask(0)
    try:
        assert config("init", "--yes") == ExitStatus.DONE
    finally:
        os.umask(umask)

    path = home / ".config" / "safeshell" / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "hunter2" not in path.read_text()
    assert tomllib.loads(path.read_text())["targets"]["cache-prod"] == {
        "environment": "production",
        "redis": "redis://cache.prod.example.com:6380/0",
    }
    assert config("check") == ExitStatus.DONE
    assert capsys.readouterr().err == ""


def test_init_never_touches_a_file_that_is_there(
    user_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(user_file, "# mine\n")

    assert config("init", "--yes") == ExitStatus.COMMAND_FAILED
    assert "--output FILE" in capsys.readouterr().err
    assert user_file.read_text() == "# mine\n"
    assert config("init", "--yes", "--output", "new.toml") == ExitStatus.DONE
    assert (tmp_path / "new.toml").exists()
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    assert config("init", "--yes", "--output", "dangling") == ExitStatus.COMMAND_FAILED
    assert not (tmp_path / "elsewhere").exists()


def test_init_says_why_a_file_cannot_be_written(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert config("init", "--yes", "--output", "/dev/null/x") == ExitStatus.COMMAND_FAILED
    assert "can't be written" in capsys.readouterr().err


def spawn(*words: str) -> pexpect.spawn[str]:
    environ = {**os.environ, "REDIS_URL": "redis://cache.prod", "TERM": "dumb"}
    return pexpect.spawn(
        sys.executable, ["-m", "safeshell", "config", *words], env=environ, encoding="utf-8", timeout=20
    )


def test_init_asks_a_few_questions_on_a_terminal(home: Path) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "config").write_text("Host web-live\nHost who-knows\n")
    child = spawn("init")

    child.expect("This machine is .*: ")
    child.sendline("")
    child.expect(r"redis://cache.prod \(from \$REDIS_URL\) is .*\[production\]: ")
    child.sendline("staging")
    child.expect(r"1 SSH hosts look like production: web-live\s+Right\? \[Y/n\] ")
    child.sendline("y")
    child.expect("whose names say nothing come as comments: who-knows")
    child.expect("is written, readable by you alone")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 0
    targets = tomllib.loads((home / ".config/safeshell/config.toml").read_text())["targets"]
    assert targets["cache-prod"]["environment"] == "staging"
    assert targets["ssh-production"]["ssh"] == ["web-live"]


@pytest.mark.parametrize(("key", "status"), [("\x04", 77), ("\x03", 130)])
def test_leaving_the_questions_writes_nothing(home: Path, key: str, status: int) -> None:
    child = spawn("init")

    child.expect("This machine is .*: ")
    child.send(key)
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == status
    assert not (home / ".config" / "safeshell").exists()
