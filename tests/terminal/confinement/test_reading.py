"""What goes on working in a read-only session: looking, and the scratch folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.confinement.place import Place

pytestmark = pytest.mark.usefixtures("needs_landlock")

LOOKING = [
    "ls -la / /etc /proc/self/fd",
    "cat file folder/inner",
    "ps aux",
    "TERM=xterm top -b -n1",
    "man ls",
    "less file",
    "find . -type f -exec cat {} +",
    "sort file | uniq -c | wc -l",
    "tee /dev/null < file > /dev/zero",
    "echo to nowhere > /dev/null 2> /dev/null",
    "(echo to a pipe > /dev/stderr) 2>&1 | cat",
    "cat <(echo substituted) > >(cat)",
    "df -h && uptime && id && date",
    "mkfifo $TMPDIR/pipe && (echo through > $TMPDIR/pipe & cat $TMPDIR/pipe)",
    "dd if=/dev/zero of=/dev/null count=1 2>&1",
    "head -c 8 /dev/urandom | od -c",
    "nice ls && timeout 5 ls && setsid ls",
    "ulimit -c 0 && bash -c 'ulimit -a'",
]


@pytest.mark.parametrize("line", LOOKING)
def test_looking_works(place: Place, line: str) -> None:
    program = line.split()[0].rpartition("=")[2]
    if program in ("man", "top", "less") and not shutil.which(program):
        pytest.skip(f"no {program} here")

    done = place.shell(line)

    assert (done.returncode, done.stderr) == (0, "")


WRITING_THERE = [
    "echo a > $TMPDIR/f && echo b >> $TMPDIR/f && cat $TMPDIR/f && rm $TMPDIR/f",
    "ls -la / > $TMPDIR/list && mkdir $TMPDIR/d && mv $TMPDIR/list $TMPDIR/d/list && cp $TMPDIR/d/list $TMPDIR/e",
    "ln $TMPDIR/../scratch/e2 $TMPDIR/e3 2>/dev/null; echo x > $TMPDIR/e2 && ln $TMPDIR/e2 $TMPDIR/e3",
    "sort -S 1 -T $TMPDIR file",
    "f=$(mktemp) && echo x > $f && rm $f && mktemp -d",
    "cp file $TMPDIR/mine && sed -i s/precious/mine/ $TMPDIR/mine && grep mine $TMPDIR/mine",
]


@pytest.mark.parametrize("line", WRITING_THERE)
def test_the_scratch_folder_is_written_to(place: Place, line: str) -> None:
    done = place.shell(line)

    # sed -i gives its new file the old one's permissions, which is said, and does no harm.
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "dash"])
def test_here_documents_of_any_size_work(place: Place, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    line = "n=$(seq 40000); cat <<X | tail -n 1\n$n\nX\ncat <<X\nsmall\nX\n"

    done = place.shell(line, program=shutil.which(shell) or "")

    assert (done.stdout, done.stderr) == ("40000\nsmall\n", "")


def test_git_looks_and_does_not_commit(place: Place) -> None:
    repository = place.outside / "repository"
    as_author = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", f"safe.directory={repository}"]
    subprocess.run(["git", "init", "-q", repository], check=True)
    (repository / "a").write_text("a\n")
    subprocess.run(["git", *as_author, "-C", repository, "add", "a"], check=True)
    subprocess.run(["git", *as_author, "-C", repository, "commit", "-q", "-m", "first"], check=True)
    for path in (repository, *repository.rglob("*")):
        os.chown(path, place.uid, -1)
    before = place.state()

    looked = place.shell("cd repository && git status --short && git log --oneline && git diff && git branch")
    changed = place.shell(
        "cd repository && git -c user.name=A -c user.email=a@b.c commit --allow-empty -m second"
    )

    assert (looked.returncode, looked.stderr) == (0, "")
    assert "first" in looked.stdout
    assert changed.returncode != 0
    assert "Permission denied" in changed.stderr
    assert place.state() == before


def test_python_prints(place: Place) -> None:
    program = sys.executable if place.uid == os.geteuid() else "/usr/bin/python3"
    if not Path(program).exists():
        pytest.skip("no Python that this user may run")

    done = place.shell(
        f"{program} -c 'import json, tempfile; tempfile.TemporaryFile(); print(json.dumps(1))'"
    )

    assert (done.stdout, done.stderr) == ("1\n", "")


REFUSALS = {
    "> file": "Permission denied",
    "> new": "Permission denied",
    "rm -f file": "Permission denied",
    "mv file moved": "Permission denied",
    "mkdir made": "Permission denied",
    "chmod 600 file": "Operation not permitted",
    "touch -d yesterday file": "Permission denied",
    "touch -m -r /etc/passwd folder": "Operation not permitted",
    "ln -s file link": "Permission denied",
    "cp file copy": "Permission denied",
    "sed -i s/a/b/ file": "Permission denied",
    "find . -name inner -delete": "Permission denied",
    "truncate -s 0 file": "Permission denied",
    "exec bash -c 'exec dash -c \"rm file\"'": "Permission denied",
    "echo x > /proc/self/oom_score_adj": "Permission denied",
}


@pytest.mark.parametrize("line", REFUSALS)
def test_a_refused_program_explains_itself(place: Place, line: str) -> None:
    before = place.state()

    done = place.shell(line)

    assert done.returncode != 0
    assert REFUSALS[line] in done.stderr
    assert place.state() == before


def test_more_paths_may_be_written_when_they_are_named(place: Place) -> None:
    pipe = place.outside / "ask"
    os.mkfifo(pipe)
    os.chown(pipe, place.uid, -1)
    holding = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        done = place.shell("echo asked > ask; rm -f ask; echo x > file", writable=[pipe])

        assert os.read(holding, 100) == b"asked\n"
        assert "rm: cannot remove 'ask'" in done.stderr
        assert (place.outside / "file").read_text() == "precious\n"
    finally:
        os.close(holding)


def test_programs_that_gain_rights_gain_none(place: Place) -> None:
    if not shutil.which("su"):
        pytest.skip("no setuid program here")

    done = place.shell("grep NoNewPrivs /proc/self/status")

    assert done.stdout.split() == ["NoNewPrivs:", "1"]


def test_sudo_says_why_it_does_not_work(place: Place) -> None:
    if place.uid == 0:
        pytest.skip("root needs no sudo")

    assert "no new privileges" in place.shell("sudo -n true").stderr
