"""Scripts that a line runs by name are read as if they stood in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Reading
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.preflight.script_files import MAX_SIZE, with_scripts
from safeshell.shell.script_runs import script_runs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "deploy.sh", "#!/bin/bash\nset -e\ncd /srv\n\nrm -rf /srv/shop\n")
    write(tmp_path / "look.sh", "#!/usr/bin/env bash\ndf -h\nls -l /srv\n")
    write(tmp_path / "tool.py", "#!/usr/bin/env python3\nimport shutil; shutil.rmtree('/srv')\n")
    write(tmp_path / "bare", "rm -rf /srv/shop\n")
    return tmp_path


def write(file: Path, text: str | bytes) -> None:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    file.chmod(0o755)


def read(
    line: str, folder: Path, *, shell: str = "bash", home: str = "/nonexistent", **known: str
) -> Reading:
    context = ShellContext(shell=shell, cwd=str(folder), home=home, variables=known)
    dialect = ShellDialect(context, touches=script_runs)
    return with_scripts(dialect.read(line), lambda text, inner: dialect.with_context(inner).read(text))


@pytest.mark.parametrize(
    "line",
    [
        "./deploy.sh",
        "bash deploy.sh",
        "sh -x ./deploy.sh --now",
        "source deploy.sh",
        ". ./deploy.sh",
        "sudo ./deploy.sh",
        "ls && ./deploy.sh &",
        "bash < deploy.sh",
        "cat deploy.sh | bash",
        "./bare",
        "nohup ./deploy.sh > log",
    ],
)
def test_a_script_is_what_stands_in_it(folder: Path, line: str) -> None:
    reading = read(line, folder)

    assert reading.severity >= Severity.HIGH
    assert not reading.reads


def test_the_question_names_file_and_line(folder: Path) -> None:
    reasons = [finding.reason for finding in read("./deploy.sh", folder).findings]

    assert any(reason.startswith("./deploy.sh:5: ") for reason in reasons), reasons


@pytest.mark.parametrize("line", ["./look.sh", "bash look.sh", "source look.sh"])
def test_a_harmless_script_is_not_asked_about(folder: Path, line: str) -> None:
    assert read(line, folder).severity < Severity.MEDIUM


def test_a_program_of_another_language_is_no_shell_script(folder: Path) -> None:
    assert read("./tool.py", folder).severity < Severity.HIGH


def test_a_script_in_the_home_folder_is_found(folder: Path) -> None:
    assert read("~/deploy.sh", Path("/"), home=str(folder)).severity >= Severity.HIGH


def test_what_a_sourced_file_only_defines_is_judged_when_it_is_called(folder: Path) -> None:
    write(folder / "lib.sh", "wipe() { rm -rf /srv/shop; }\nalias x='rm -rf /'\n")
    write(folder / "calls.sh", "wipe() { rm -rf /srv/shop; }\nwipe\n")

    assert read("source lib.sh", folder).severity < Severity.MEDIUM
    assert read("source calls.sh", folder).severity >= Severity.HIGH


def test_scripts_that_run_scripts_are_followed_and_never_for_ever(folder: Path) -> None:
    write(folder / "outer.sh", "./inner.sh\n./outer.sh\n")
    write(folder / "inner.sh", "./deploy.sh\n")

    assert read("./outer.sh", folder).severity >= Severity.HIGH


def test_a_variable_of_the_session_is_known_to_a_sourced_file_only(folder: Path) -> None:
    write(folder / "clean.sh", 'rm -rf "$DIR"/*\n')

    sourced = read("source clean.sh", folder, DIR="/srv/shop/tmp")
    started = read("./clean.sh", folder, DIR="/srv/shop/tmp")

    assert "/srv/shop/tmp" in repr(sourced.effects)
    assert "/srv/shop/tmp" not in repr(started.effects)


@pytest.mark.parametrize(
    "content",
    [b"\x7fELF\0rm -rf /srv/shop", b"#!/bin/bash\n" + b"# long\n" * (MAX_SIZE // 6) + b"rm -rf /\n", b""],
)
def test_what_is_no_text_or_too_long_is_left_as_a_program_that_nobody_knows(
    folder: Path, content: bytes
) -> None:
    write(folder / "thing", content)

    reading = read("./thing", folder)

    assert reading.severity < Severity.HIGH
    assert not reading.reads


def test_nothing_but_a_plain_file_is_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "gone").symlink_to("not-there")

    for line in ("bash pipe", "./pipe", "source gone", "bash /dev/stdin", "source /dev/zero", "bash ."):
        assert read(line, folder).severity < Severity.HIGH


@pytest.mark.parametrize(
    "line", ["echo ./deploy.sh", "cat deploy.sh", "bash -n deploy.sh", "chmod +x ./deploy.sh"]
)
def test_a_script_that_is_only_named_is_not_read(folder: Path, line: str) -> None:
    assert read(line, folder).severity < Severity.MEDIUM
