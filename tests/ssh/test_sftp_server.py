"""What a forced command makes of the sftp subsystem's line."""

from __future__ import annotations

import pytest

from safeshell.ssh.sftp_server import sftp_line

HERE = "/usr/libexec/openssh/sftp-server"


def served(line: str, *, read_only: bool = False) -> str | None:
    return sftp_line(line, read_only=read_only, there=lambda path: path == HERE)


def test_internal_sftp_is_the_program_that_is_there() -> None:
    assert served("internal-sftp -f AUTH -l INFO") == f"{HERE} -f AUTH -l INFO"


def test_a_program_by_its_path_stays() -> None:
    assert served("/usr/lib/openssh/sftp-server -l INFO") == "/usr/lib/openssh/sftp-server -l INFO"


def test_a_read_only_place_is_told_to_the_server() -> None:
    assert served("internal-sftp -l INFO", read_only=True) == f"{HERE} -R -l INFO"
    assert served("internal-sftp -l R", read_only=True) == f"{HERE} -R -l R"


@pytest.mark.parametrize("options", ["-R", "-eR", "-l INFO -R", "-lINFO -R"])
def test_what_is_read_only_already_stays(options: str) -> None:
    assert served(f"internal-sftp {options}", read_only=True) == f"{HERE} {options}"


@pytest.mark.parametrize(
    "line",
    [
        "ls",
        "",
        "sftp host",
        "internal-sftp; rm x",
        "internal-sftp $(rm x)",
        "internal-sftp 'x",
        "a sftp-server",
    ],
)
def test_any_other_line_is_a_line(line: str) -> None:
    assert served(line) is None


def test_without_a_server_the_line_is_left() -> None:
    assert sftp_line("internal-sftp", read_only=False, there=lambda _: False) is None
