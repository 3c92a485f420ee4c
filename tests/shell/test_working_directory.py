"""Lines that go somewhere before they act: what counts is where the command would run."""

from __future__ import annotations

import pytest

from safeshell.shell.context import ShellContext
from tests.shell.readings import read, severity

AT_WORK = ShellContext(cwd="/srv/app", home="/home/me")

HARMLESS = [
    "cd /tmp/x && rm -rf *",
    "cd /tmp/x && rm -rf build && ls",
    "(cd /tmp/x && rm -rf *)",
    "cd /tmp/x && (rm -rf *)",
    "cd /tmp/x && sudo rm -rf *",
    "cd /tmp/x && bash -c 'rm -rf *'",
    "bash -c 'cd /tmp/x && rm -rf *'",
    "ssh web 'cd /tmp/x && rm -rf *'",
    "cd /tmp/x && make 2>/dev/null && rm -rf *",
    "{ cd /tmp/x && make; } && rm -rf *",
    "cd /tmp/x &&\n  rm -rf *",
    "cd /tmp/x \\\n && rm -rf *",
    "cd /tmp/x >/dev/null && rm -rf *",
    "cd /tmp/x && tar xf $(ls *.tar | head -1) && rm -rf src",
    "cd /tmp/x && for one in a b; do rm -rf $one; done",
    "if cd /tmp/x; then rm -rf *; fi",
    "cd /tmp/x || exit; rm -rf *",
    "cd /tmp/x || exit 1\nls\nrm -rf build",
    "cd /tmp/x || { echo gone >&2; exit 1; }; rm -rf *",
    "cd /tmp/x && cd y && rm -rf *",
    "pushd /tmp/x && rm -rf *",
    "command cd /tmp/x && rm -rf *",
    "D=/tmp/x; cd $D && rm -rf *",
    'cd /tmp/x && rm -rf "$PWD"/*',
]

CRITICAL = [
    # to where a system stands
    "cd /etc && rm -rf *",
    "cd /etc; rm -rf *",
    "cd /etc\nrm -rf *",
    "cd / && rm -rf *",
    "(cd /; rm -rf *)",
    "cd /tmp/x; cd /etc; rm -rf conf.d",
    "cd /tmp/../etc && rm -rf x",
    "cd //etc/ && rm -rf x",
    "cd $'/etc' && rm -rf x",
    "cd /usr && cd lib && rm -rf x",
    "cd -P -- /etc && rm -rf x",
    "pushd /etc && rm -rf *",
    "command cd /etc && rm -rf x",
    "builtin cd /etc; rm -rf x",
    "\\cd /etc; rm -rf x",
    "time cd /etc && rm -rf x",
    "cd /etc; sudo rm -rf x",
    "cd /etc; sh -c 'rm -rf x'",
    "bash -c 'cd /etc && rm -rf x'",
    "ssh web 'cd /etc && rm -rf x'",
    "f() { cd /etc; }; f; rm -rf x",
    "for d in /etc /usr; do cd $d; rm -rf x; done",
    "cd /etc; echo $(rm -rf x)",
    "(cd /etc && rm -rf x | cat)",
    "(cd /etc; echo $(rm -rf x))",
    "(cd /etc; (rm -rf x))",
    "cd /tmp/x && (cd /etc; rm -rf x)",
    # home
    "cd && rm -rf *",
    "cd ~ && rm -rf *",
    "cd -- && rm -rf *",
    # out of the harmless place again
    "cd /tmp/x && rm -rf ..",
    "cd /tmp/x && rm -rf ../../etc",
    "cd /tmp/x && rm -rf /",
    "cd /tmp && rm -rf .",
    "cd /tmp/x && cd - && rm -rf *",
    "cd /tmp/x && popd && rm -rf *",
    "pushd /tmp/x && ls; popd; rm -rf *",
    "cd /tmp/x && rm -rf $OLDPWD/*",
    # it may have failed
    "cd /tmp/x; rm -rf *",
    "cd /tmp/x\nrm -rf *",
    "cd /tmp/x || rm -rf *",
    "cd /tmp/x & rm -rf *",
    "cd /tmp/x && ls; rm -rf *",
    "cd /tmp/x && rm -rf *; rm -rf *",
    "cd /tmp/x && ls || rm -rf *",
    "cd /tmp/x # && \nrm -rf *",
    "cd '/tmp/a && b' ; rm -rf *",
    "! cd /tmp/x && rm -rf *",
    "if ! cd /tmp/x; then rm -rf *; fi",
    "cd /tmp/x || echo gone; rm -rf *",
    "cd /tmp/x || (exit 1); rm -rf *",
    "cd /tmp/x || { [ -d y ] && exit; }; rm -rf *",
    "cd /tmp/x || exit; cd y; rm -rf *",
    # it was another shell that went
    "(cd /tmp/x && ls); rm -rf *",
    "cd /tmp/x | rm -rf *",
    "echo $(cd /tmp/x && ls); rm -rf *",
    "bash -c 'cd /tmp/x' && rm -rf *",
    # nobody knows where
    'cd "$X"; rm -rf *',
    'cd "$X" && rm -rf *',
    "cd /tmp/$X && rm -rf *",
    "cd $(mktemp) ; rm -rf *",
    "cd nowhere && rm -rf *",
    "cd /tmp/* && rm -rf *",
    "cd '' && rm -rf *",
]


@pytest.mark.parametrize("line", HARMLESS)
def test_a_line_that_surely_stays_in_a_folder_for_temporary_files_is_not_asked_about(line: str) -> None:
    assert severity(line) == "low", read(line).findings


@pytest.mark.parametrize("line", CRITICAL)
def test_a_line_that_may_act_somewhere_grave_is_asked_about(line: str) -> None:
    assert severity(line) == "critical", read(line).findings


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("cd .. && rm -rf x", "high"),
        ("cd ../.. && rm -rf *", "critical"),
        ("cd ../../etc; rm -rf x", "critical"),
        ("cd ../../tmp/x && rm -rf *", "low"),
        ("cd ../../home/me && rm -rf *", "critical"),
        ("cd && rm -rf *", "critical"),
        ("cd build && rm -rf *", "critical"),
    ],
)
def test_a_relative_way_starts_where_the_session_is(line: str, told: str) -> None:
    assert severity(line, AT_WORK) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("(cd /etc; ls); (rm -rf x)", "high"),
        ("(cd /etc; ls); echo $(rm -rf x)", "high"),
        ("(cd /etc); rm -rf x", "high"),
        ("echo $(cd /etc; pwd); rm -rf x", "high"),
        ("ssh web 'cd /etc'; rm -rf x", "high"),
    ],
)
def test_where_a_shell_inside_went_says_nothing_of_the_one_outside(line: str, told: str) -> None:
    assert severity(line) == told


def test_redirections_are_about_the_directory_that_the_line_went_to() -> None:
    assert severity("cd /dev && echo > sda") == "critical"
    assert severity("cd /etc; echo x > passwd") == "high"


def test_looking_around_changes_nothing() -> None:
    for line in ("cd /etc && ls", "cd /var/log; tail -f syslog", "(cd /; ls)", "pushd /etc; popd"):
        assert severity(line) == "none", line
