"""What a line's redirections write to is judged like any program, once each."""

from __future__ import annotations

import pytest

from safeshell.shell.context import NO_SESSION
from safeshell.shell.redirections import redirected
from tests.shell.readings import command_of, read, severity


def written(line: str) -> list[tuple[str, str]]:
    return [(one.program, one.operands[0].text) for one in redirected(command_of(line), NO_SESSION)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("echo a > f", [("redirect-write", "f")]),
        ("echo a >| f", [("redirect-write", "f")]),
        ("echo a >f", [("redirect-write", "f")]),
        ("echo a &> f", [("redirect-write", "f")]),
        ("echo a >& f", [("redirect-write", "f")]),
        ("echo a 2> f", [("redirect-write", "f")]),
        ("echo a >> f", [("redirect-append", "f")]),
        ("echo a &>> f", [("redirect-append", "f")]),
        ("cat <> f", [("redirect-readwrite", "f")]),
        ("> f", [("redirect-truncate", "f")]),
        (": > f", [("redirect-truncate", "f")]),
        ("true > f", [("redirect-truncate", "f")]),
        ("cat /dev/null > f", [("redirect-truncate", "f")]),
        ("cat a > f", [("redirect-write", "f")]),
        ("echo > a > b", [("redirect-write", "a"), ("redirect-write", "b")]),
        ("> f echo a", [("redirect-write", "f")]),
        ("cat < f", []),
        ("cat <<< f", []),
        ("ls 2>&1", []),
        ("ls >&2", []),
        ("ls 2>&-", []),
        ("exec 3>&1-", []),
        ("ls > >(cat)", []),
        ("echo 'a > b'", []),
        ("echo a \\> b", []),
        ("[[ a > b ]]; ls", []),
    ],
)
def test_what_writes_is_found_and_nothing_else(line: str, expected: list[tuple[str, str]]) -> None:
    assert written(line) == expected


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("echo x > /etc/passwd", "high"),
        ("echo x > /dev/sda", "critical"),
        ("dmesg > /tmp/x", "low"),
        ("ls > /dev/null", "none"),
        ("ls > /dev/null 2>&1", "none"),
        ("(ls; echo x) > /dev/sda", "critical"),
        ("for i in 1; do echo $i; done > /etc/passwd", "high"),
        ("{ echo x; } >> /etc/sudoers", "medium"),
        ("sudo bash -c 'echo x > /etc/passwd'", "high"),
        ("ssh web 'echo x > /etc/passwd'", "high"),
        ("> /var/log/syslog", "medium"),
        ("f() { echo x; }; f > /dev/sda", "critical"),
    ],
)
def test_a_redirection_is_as_grave_as_what_it_writes_to(line: str, told: str) -> None:
    assert severity(line) == told, read(line).findings


def test_a_redirection_in_front_of_a_wrapper_counts_once() -> None:
    commands = read("sudo nice bash -c 'ls' > /etc/passwd").commands

    assert [command.name for command in commands if command.name.startswith(">")] == ["> /etc/passwd"]


def test_reading_into_a_file_is_no_read() -> None:
    assert read("ls").reads
    assert read("ls 2>&1 | sort < x").reads
    assert not read("ls > out").reads


def test_an_unknown_file_is_shown_with_its_unknown_part() -> None:
    names = [command.name for command in read("echo a > $X/log").commands]

    assert "> $X/log" in names
