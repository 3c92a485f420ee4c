"""What is said of files before the question: how many, how old, who uses them, what git and mounts make of them."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest

from safeshell.guard.reading import Impact
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.impact.git_index import read_index
from safeshell.shell.impact.mounts import mounts
from safeshell.shell.impact.probe import ShellProbe
from safeshell.shell.impact.touches import touches_of

BUDGET = timedelta(seconds=5)


def measured(line: str, folder: Path, *, budget: timedelta = BUDGET) -> Impact:
    context = ShellContext(cwd=str(folder), home="/nonexistent")
    return ShellProbe().measure_reading(ShellDialect(context, touches=touches_of).read(line), budget)


def said(line: str, folder: Path) -> str:
    return "\n".join(measured(line, folder).facts).replace(str(folder.resolve()), "DIR")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    for name in ("one", "two", "deep/three"):
        (tmp_path / "data" / name).write_bytes(b"x" * 1000)
    (tmp_path / "f").write_text("f")
    return tmp_path


def test_files_folders_and_bytes_are_counted(folder: Path) -> None:
    impact = measured("rm -rf data f", folder)

    assert (impact.count, impact.unit, impact.bytes, impact.complete) == (4, "files", 3001, True)
    assert "deletes 4 files in 2 folders, 2.9 KiB: DIR/data, DIR/f" in said("rm -rf data f", folder)


def test_nested_operands_are_counted_once(folder: Path) -> None:
    assert measured("rm -rf data data/deep data/one ./data/../data", folder).count == 3


def test_a_folder_without_r_is_not_deleted(folder: Path) -> None:
    assert said("rm data", folder) == "deletes nothing, as things are now"


@pytest.mark.parametrize(
    ("age", "words"),
    [(1, "just now"), (40, "4"), (180, "3 minutes ago"), (3 * 3600, "3h ago"), (9 * 86400, "9 days ago")],
)
def test_the_newest_change_is_told(folder: Path, age: int, words: str) -> None:
    now = time.time()
    for path in (folder / "data").rglob("*"):
        os.utime(path, (now - 1e7, now - 1e7))
    os.utime(folder / "data" / "deep" / "three", (now - age, now - age))

    facts = said("rm -rf data", folder)

    assert "DIR/data/deep/three" in facts
    assert words in facts


def test_what_is_not_known_is_said_and_no_count_is_asked_for(folder: Path) -> None:
    impact = measured("rm -rf $DIR/x data", folder)

    assert impact.count is None
    assert "cannot tell all that it hits: $DIR is unknown" in impact.facts


def test_what_is_chosen_by_tests_is_an_upper_bound(folder: Path) -> None:
    impact = measured("find data -name one -delete", folder)

    assert impact.count is None
    assert any(fact.startswith("deletes up to 3 files") for fact in impact.facts)


def test_a_process_that_has_files_open_is_named(folder: Path) -> None:
    with subprocess.Popen(
        ["tail", "-f", "data/one", "data/two"], cwd=folder, stdout=subprocess.DEVNULL
    ) as tail:
        try:
            _wait_for_open(tail.pid, str(folder / "data" / "two"))
            facts = said("rm -rf data", folder)
        finally:
            tail.kill()

    assert f"tail (process {tail.pid}) has 2 of these files open" in facts


def test_a_process_that_works_in_a_folder_is_named(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=folder / "data") as sleeper:
        try:
            _wait_for(lambda: os.readlink(f"/proc/{sleeper.pid}/exe").endswith(("sleep", "coreutils")))
            facts = said("rm -rf data", folder)
        finally:
            sleeper.kill()

    assert f"runs or works in there: sleep ({sleeper.pid})" in facts


def test_a_link_on_the_way_is_told(folder: Path) -> None:
    (folder / "current").symlink_to("data")

    assert "DIR/current leads to DIR/data: it is hit there" in said("rm -rf current/*", folder)
    assert "leads to" not in said("rm -rf current", folder)


def test_links_that_lead_out_are_told_to_stay(folder: Path) -> None:
    (folder / "data" / "out").symlink_to("../f")
    (folder / "data" / "in").symlink_to("one")

    assert "1 link in it lead elsewhere; what is there stays" in said("rm -rf data", folder)


def test_that_links_are_followed_is_told(folder: Path) -> None:
    assert "links are followed" in said("chown -RL 0 data", folder)


def test_mounted_file_systems_are_told(folder: Path) -> None:
    (folder / "data" / "mnt").mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", str(folder / "data" / "mnt")], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("only the superuser mounts")
    try:
        assert "DIR/data/mnt is a mounted file system: tmpfs" in said("rm -rf data", folder)
    finally:
        subprocess.run(["umount", "-l", str(folder / "data" / "mnt")], check=True)


def test_the_table_of_mounts_is_read(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "36 35 98:0 /r /mnt\\040two rw,noatime master:1 - ext4 /dev/sd\\040a rw\nnonsense\n"
        "24 1 0:22 / /proc rw shared:5 - proc proc rw\n"
    )

    found = mounts(table)

    assert [(mount.point, mount.kind) for mount in found] == [(b"/mnt two", "ext4"), (b"/proc", "proc")]
    assert mounts(tmp_path / "nothing") == []


def test_names_that_paint_are_written_out(tmp_path: Path) -> None:
    (tmp_path / "x\x1b[31m\n").write_text("x")

    facts = said("rm -f *", tmp_path)

    assert "\x1b" not in facts
    assert "x\\x1b[31m\\n" in facts


def test_nothing_is_changed_by_looking(folder: Path) -> None:
    before = {path: path.lstat() for path in folder.rglob("*")}

    for line in ("rm -rf *", "mv data f", "cp -r data f", "echo > f", "chmod -R 0 .", "find . -delete"):
        measured(line, folder)

    assert {path: path.lstat() for path in folder.rglob("*")} == before


# git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.email", "me@example.com")
    git(folder, "config", "user.name", "Me")
    for number in range(4):
        (folder / f"f{number}").write_text(f"{number}\n")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", str(number))
    return folder


def git(folder: Path, *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout


def test_changed_files_that_git_knows_are_counted(repository: Path) -> None:
    (repository / "f1").write_text("changed and longer\n")
    (repository / "f2").unlink()

    assert "2 files that git knows look changed and not committed" in said("rm -rf .", repository)
    assert "DIR is a git repository, with all of its history" in said("rm -rf .", repository)
    assert "git" not in said("rm f3", repository)


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_the_index_is_read_in_each_of_its_forms(repository: Path, version: str) -> None:
    (repository / "a folder").mkdir()
    for name in ("é", "a folder/x", "a folder/xy", "long" * 40):
        (repository / name).write_text(name)
    git(repository, "add", ".")
    git(repository, "add", "--intent-to-add", ".")
    git(repository, "update-index", "--index-version", version)
    if version == "3":
        git(repository, "update-index", "--skip-worktree", "f0")

    entries = read_index(repository / ".git" / "index")

    assert entries is not None
    assert [entry.name for entry in entries] == git(repository, "ls-files", "-z").encode().split(b"\0")[:-1]
    assert all(entry.present for entry in entries) == (version != "3")


@pytest.mark.parametrize(
    "damage", [b"", b"DIRC", b"DIRC\0\0\0\x02\xff\xff\xff\xff", b"DIRC\0\0\0\x09\0\0\0\0", b"x" * 200]
)
def test_a_damaged_index_tells_nothing(repository: Path, damage: bytes) -> None:
    (repository / ".git" / "index").write_bytes(damage)

    assert read_index(repository / ".git" / "index") is None
    assert measured("rm -rf .", repository).complete


def test_commits_that_a_reset_takes_out_are_counted(repository: Path) -> None:
    impact = measured("git reset --hard HEAD~2", repository)

    assert (impact.count, impact.unit) == (2, "commits")
    assert "takes 2 commits out of the branch; git reflog finds them for some weeks" in impact.facts


def test_commits_that_a_forced_push_takes_out_are_counted(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(repository, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(repository, "push", "-q", "-u", "origin", "main")
    git(repository, "reset", "-q", "--hard", "HEAD~3")

    for line in (
        "git push -f",
        "git push --force origin main",
        "git push origin +main",
        "git push -f origin HEAD:main",
    ):
        impact = measured(line, repository)
        assert (impact.count, impact.unit) == (3, "commits"), line
        assert "3 commits out of" in impact.facts[0], line


def test_commits_that_only_a_deleted_branch_has_are_counted(repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "side")
    git(repository, "commit", "-q", "--allow-empty", "-m", "only here")
    git(repository, "checkout", "-q", "main")

    assert "1 commit of side are in no other branch or tag" in said("git branch -D side", repository)


@pytest.mark.parametrize(
    "name",
    ["--output=x", "-h", "HEAD; touch pwned", "$(touch pwned)", "--upload-pack=touch", "a" * 300, "@{u}"],
)
def test_no_typed_name_is_an_option_of_git(repository: Path, name: str) -> None:
    before = sorted(path.name for path in repository.iterdir())

    measured(f"git reset --hard '{name}'", repository)
    measured(f"git push -f origin '{name}'", repository)
    measured(f"git branch -D -- '{name}'", repository)

    assert sorted(path.name for path in repository.iterdir()) == before


def test_nothing_that_a_repository_configures_is_run(repository: Path, tmp_path: Path) -> None:
    """Monitors, hooks, filters, helpers: a repository may come from anywhere."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "credential.helper",
        "diff.external",
    ):
        git(repository, "config", name, str(trap))
    git(repository, "config", "filter.x.clean", str(trap))
    (repository / ".gitattributes").write_text("* filter=x\n")
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (repository / ".git" / "hooks" / hook).write_text(trap.read_text())
        (repository / ".git" / "hooks" / hook).chmod(0o755)
    (repository / "f1").write_text("dirty")
    (repository / "git").write_text(trap.read_text())
    (repository / "git").chmod(0o755)
    (tmp_path / "sprung").unlink(missing_ok=True)

    for line in (
        "rm -rf .",
        "git reset --hard HEAD~1",
        "git push -f origin main",
        "git checkout -- .",
        "git clean -fdx",
        "git branch -D main",
    ):
        measured(line, repository)

    assert not (tmp_path / "sprung").exists()


# processes


def test_processes_that_a_signal_hits_are_named_with_their_age_and_children(tmp_path: Path) -> None:
    script = "sleep 61.5 & echo ready; wait"
    with subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as parent:
        try:
            assert parent.stdout is not None
            parent.stdout.readline()
            _wait_for(lambda: b"61.5" in _commands_of_children(parent.pid))
            impact = measured(f"kill -9 {parent.pid}", tmp_path)
        finally:
            os.killpg(parent.pid, 9)

    assert impact.count == 1
    assert impact.unit == "processes"
    assert impact.facts[0].startswith(f"hits 1 process: bash ({parent.pid}, for ")
    assert "they have started 1 more: sleep" in impact.facts[1]


def test_a_pattern_hits_what_pgrep_finds(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "62.25"]) as one, subprocess.Popen(["sleep", "62.75"]) as two:
        try:
            _wait_for(
                lambda: all(b"sleep" in Path(f"/proc/{p.pid}/cmdline").read_bytes() for p in (one, two))
            )
            for words in (
                "-f 'sleep 62[.]'",
                "-fx 'sleep 62.25'",
                "-n -f 'sleep 62'",
                "-f nothing-like-this-runs-here",
            ):
                theirs = subprocess.run(
                    ["bash", "-c", f"pgrep {words}"], capture_output=True, text=True, check=False
                ).stdout.split()
                theirs = [pid for pid in theirs if pid in (str(one.pid), str(two.pid))]
                facts = "\n".join(measured(f"pkill {words}", tmp_path).facts)
                assert [str(p.pid) for p in (one, two) if f"({p.pid}, " in facts] == theirs, words
            assert f"({one.pid}, " in "\n".join(measured("killall sleep", tmp_path).facts) or measured(
                "killall sleep", tmp_path
            ).count not in (None, 0)
        finally:
            one.kill()
            two.kill()


def test_the_ports_of_what_is_killed_are_told(tmp_path: Path) -> None:
    code = (
        "import socket,time;s=socket.create_server(('127.0.0.1',0));"
        "print(s.getsockname()[1],flush=True);time.sleep(60)"
    )
    with subprocess.Popen(["python3", "-c", code], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            facts = measured(f"kill {server.pid}", tmp_path).facts
        finally:
            server.kill()

    assert f"listens on port {port}" in facts


def test_a_process_that_is_not_there_is_no_hit(tmp_path: Path) -> None:
    impact = measured("kill 4194399", tmp_path)

    assert impact.facts == ("hits no process that runs now",)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "[", "(?=a)", "a" * 300])
def test_a_pattern_that_would_take_forever_is_not_followed(tmp_path: Path, pattern: str) -> None:
    began = time.monotonic()
    impact = measured(f"pkill -f '{pattern}'", tmp_path)

    assert time.monotonic() - began < 2
    assert impact.count is None
    assert any("cannot tell" in fact for fact in impact.facts)


def test_a_line_that_touches_nothing_here_says_nothing(tmp_path: Path) -> None:
    assert measured("ls -la", tmp_path) == Impact()
    assert measured("kubectl delete ns x", tmp_path) == Impact()


def _commands_of_children(pid: int) -> bytes:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return b" ".join(Path(f"/proc/{child}/cmdline").read_bytes() for child in children)


def _wait_for_open(pid: int, path: str) -> None:
    def opened() -> bool:
        return any(
            os.path.realpath(f"/proc/{pid}/fd/{number}") == path for number in os.listdir(f"/proc/{pid}/fd")
        )

    _wait_for(opened)


def _wait_for(condition: object) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if condition():  # type: ignore[operator] # called as it is
                return
        except OSError:
            pass
        os.sched_yield()
    raise AssertionError("it did not come to pass")
