"""What is about to be hit on a host is measured there, with whatever names the files and processes have."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safeshell.guard.environment import BUILT_IN
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Impact
from safeshell.shell.catalog import built_in
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.impact.touches import touches_of
from safeshell.ssh.impact.measuring import RemoteProbe
from safeshell.ssh.side_channel import CommandRunner, HostUnavailable, Runner
from tests.ssh.sshd import SshServer


class Here:
    """Runs programs by this machine's sh."""

    def __init__(self, shell: str = "sh") -> None:
        self.shell = shell

    def run(self, script: str, data: bytes, seconds: float) -> bytes:
        done = subprocess.run(
            [self.shell, "-c", script], input=data, capture_output=True, timeout=30, check=True
        )
        return done.stdout


class Nowhere:
    """A host that does not answer."""

    def run(self, script: str, data: bytes, seconds: float) -> bytes:
        raise HostUnavailable("the host does not answer on another channel")


def measured(line: str, folder: Path, runner: Runner | None = None) -> Impact:
    context = ShellContext(cwd=str(folder), home=str(folder))
    reading = ShellDialect(built_in(), touches=touches_of).with_context(context).read(line)
    environment = BUILT_IN["production"]
    verdict = judge(reading, Circumstances(environment, Mode.GUARDED, "web", datetime.now(UTC)))
    return RemoteProbe(runner or Here()).measure(verdict, timedelta(seconds=1))


def facts(impact: Impact) -> str:
    return "\n".join(impact.facts)


@pytest.fixture(params=["sh", "bash"])
def runner(request: pytest.FixtureRequest) -> Runner:
    return Here(request.param)


def test_files_and_bytes_below_a_folder_are_counted(tmp_path: Path, runner: Runner) -> None:
    (tmp_path / "data/sub").mkdir(parents=True)
    (tmp_path / "data/one").write_bytes(b"x" * 10_000)
    (tmp_path / "data/sub/two").write_bytes(b"x" * 10_000)

    impact = measured("rm -rf data", tmp_path, runner)

    assert (impact.count, impact.unit, impact.complete) == (4, "files and folders", True)
    assert impact.bytes is not None
    assert impact.bytes >= 20_000
    assert "no undo" in facts(impact)


NAMES = [
    "two words",
    "-rf",
    "$(touch hit)",
    "`touch hit`",
    "a'b\"c",
    "new\nline",
    "back\\slash",
    "star*",
    "\\n",
]
NAMES += ["ünïcödé", "a;b", "%s%n"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_data_and_nothing_else(name: str, tmp_path: Path, runner: Runner) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "file").write_text("x")
    quoted = name.replace("'", "'\\''")

    impact = measured(f"rm -rf -- './{quoted}'", tmp_path, runner)

    assert "hits 2 files and folders" in facts(impact), facts(impact)
    assert not (tmp_path / "hit").exists()


def test_a_pattern_is_expanded_there(tmp_path: Path, runner: Runner) -> None:
    for number in range(5):
        (tmp_path / f"log {number}.txt").write_text("x")
    (tmp_path / "kept.md").write_text("x")

    assert "hits 5 files" in facts(measured("rm *.txt", tmp_path, runner))


def test_what_is_not_there_is_said(tmp_path: Path, runner: Runner) -> None:
    assert "deletes nothing" in facts(measured("rm -rf none", tmp_path, runner))


def test_a_link_is_counted_and_not_followed(tmp_path: Path, runner: Runner) -> None:
    (tmp_path / "big").mkdir()
    for number in range(20):
        (tmp_path / f"big/{number}").write_text("x")
    (tmp_path / "link").symlink_to("big")

    assert measured("rm -rf link", tmp_path, runner).count == 1


def test_a_host_that_is_to_stop_says_what_it_is_doing(tmp_path: Path, runner: Runner) -> None:
    said = facts(measured("shutdown -h now", tmp_path, runner))

    assert f"{os.uname().nodename} has been up for" in said
    assert "load" in said


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_processes_are_named_before_they_are_killed(
    tmp_path: Path, runner: Runner, sleeper: subprocess.Popen[bytes]
) -> None:
    impact = measured(f"kill -9 {sleeper.pid}", tmp_path, runner)

    assert impact.count == 1
    assert f"python3.11 ({sleeper.pid}" in facts(impact) or f"python ({sleeper.pid}" in facts(impact)
    assert "hits no process" in facts(measured("kill 999999", tmp_path, runner))


def test_who_needs_a_service_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: Runner) -> None:
    program = tmp_path / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        'case $1 in\n  list-dependencies) printf "%s\\n" "$6" shop.service api.service multi-user.target ;;\n'
        "  is-active) echo active ;;\n  list-units) echo a; echo b ;;\nesac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    said = facts(measured("systemctl stop postgresql.service", tmp_path, runner))

    assert "postgresql.service is active there" in said
    assert "needed by 2 units: shop.service, api.service" in said


def test_a_host_that_does_not_answer_is_said_and_is_no_end(tmp_path: Path) -> None:
    impact = measured("rm -rf data", tmp_path, Nowhere())

    assert not impact.complete
    assert "could not be measured" in facts(impact)


def test_escape_sequences_in_names_of_users_and_processes_are_neutralised(tmp_path: Path) -> None:
    class Hostile:
        def run(self, script: str, data: bytes, seconds: float) -> bytes:
            who = b"name\t\x1b]0;x\x07evil\nuptime\t5\nuser\t\x1b[2Jmallory pts/1\n"
            return who + b"load\t1 1 1\nport\tx\nprocess\t\x1b\n"

    assert "\x1b" not in facts(measured("shutdown -h now", tmp_path, Hostile()))


def test_over_a_real_connection_whatever_the_login_shell(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for shell in ("/bin/bash", "/bin/zsh", "/usr/bin/fish", "/bin/dash"):
        with SshServer(tmp_path / shell.replace("/", "-"), shell=shell) as server:
            config = ("-F", str(server.client_config))
            here = CommandRunner(("ssh", *config, server.alias))
            # sshd runs a command by the account's own shell: the one that is tried runs it in its place.
            assert here.run("cat; echo $0", b"data ", 10).startswith(b"data ")
            assert "hits 1 file" in facts(measured("rm -rf data", tmp_path, here))
