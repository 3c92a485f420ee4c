"""The small patterns that packs are written in."""

from __future__ import annotations

import pytest

from safeshell.shell.context import NO_SESSION
from safeshell.shell.invocation import PLAIN, ProgramSpec, invoke
from safeshell.shell.patterns import (
    command_pattern,
    count_fits,
    fits,
    given,
    leading,
    mistake_in_command,
    mistake_in_operands,
    mistake_in_options,
    program_names,
)
from tests.shell.readings import command_of, word_of


def taken(pattern: str, line: str) -> int:
    """How many leading operands of the line the command pattern takes; -1 when it does not fit."""
    return leading(command_pattern(pattern)[1:], invoke(command_of(line)).operands)


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("git push", "git push origin main", 1),
        ("git push", "git pull", -1),
        ("git push", "git", -1),
        ("git push", "git Push", -1),
        ("git push", "git origin push", -1),
        ("git", "git push", 0),
        ("git push|pull", "git pull x", 1),
        ("aws ec2 delete-*", "aws ec2 delete-volume", 2),
        ("aws ec2 delete-*", "aws ec2 describe-volume", -1),
        ("aws ec2 delete-?", "aws ec2 delete-ab", -1),
        ("aws * delete-*", "aws ec2 delete-x", 2),
        ("gcloud [alpha|beta] compute delete", "gcloud beta compute delete x", 3),
        ("gcloud [alpha|beta] compute delete", "gcloud compute delete x", 2),
        ("gcloud [alpha|beta] compute delete", "gcloud gamma compute delete x", -1),
        ("gcloud [compute] compute delete", "gcloud compute delete", 2),
        ("gcloud ** delete", "gcloud a b c delete x", 4),
        ("gcloud ** delete", "gcloud delete", 1),
        ("gcloud ** delete", "gcloud a b", -1),
        ("gcloud ** delete *", "gcloud delete x delete", 2),
        ("git push", "git $X", -1),
        ("git *", "git $X", 1),
        ("aws ec2 delete-*", "aws ec2 delete-$X", -1),
        ("git push", "git 'push'", 1),
        ("git push", "git pu''sh", 1),
    ],
)
def test_a_command_pattern_takes_its_leading_operands(pattern: str, line: str, expected: int) -> None:
    assert taken(pattern, line) == expected


def test_a_command_pattern_begins_with_names_of_programs() -> None:
    assert program_names("kubectl|oc get") == ("kubectl", "oc")
    assert program_names("mkfs.*") == ("mkfs.*",)


@pytest.mark.parametrize(
    ("entry", "line", "expected"),
    [
        ("-f|--force", "x -f", True),
        ("-f|--force", "x --force", True),
        ("-f|--force", "x -vf", True),
        ("-f|--force", "x --forced", False),
        ("-f|--force", "x f", False),
        ("-f|--force", "x -- -f", False),
        ("--mode=fast", "x --mode=fast", True),
        ("--mode=fast", "x --mode FAST", True),
        ("--mode=FAST", "x --mode fast", True),
        ("--mode=fast", "x --mode=slow", False),
        ("--mode=fast", "x --mode=faster", False),
        ("--mode=f*", "x --mode=faster", True),
        ("--mode=f?st", "x --mode=fast", True),
        ("--mode=slow|--mode=fast", "x --mode=slow --mode=fast", True),
        ("--mode=fast", "x --mode=slow --mode=fast", True),
        ("-m=fast", "x -mfast", True),
        ("-m=fast", "x -m fast", True),
        ("-m=fast", "x -m=fast", True),
        ("--mode=", "x --mode", True),
        ("--mode=", "x --mode=", True),
        ("--mode=*", "x --mode=$X", True),
        ("--mode=fast", "x --mode=$X", False),
        ("+main", "x push +main", True),
        ("+main", "x push main", False),
    ],
)
def test_options_are_found_however_they_are_written(entry: str, line: str, expected: bool) -> None:
    spec = ProgramSpec(values=frozenset({"--mode", "-m"}))

    assert given(invoke(command_of(line), spec), entry) is expected


def test_a_long_option_of_one_dash_is_compared_with_its_value() -> None:
    spec = ProgramSpec(values=frozenset({"-lock"}), single_dash=True)

    assert given(invoke(command_of("terraform -lock=false x"), spec), "-lock=false")
    assert given(invoke(command_of("terraform --lock=false x"), spec), "-lock=false")
    assert not given(invoke(command_of("terraform -lock=true x"), spec), "-lock=false")


@pytest.mark.parametrize(
    ("entry", "written", "expected"),
    [
        ("x", "x", True),
        ("x|y", "y", True),
        ("x", "X", False),
        ("*.log", "a.log", True),
        ("*.log", "dir/a.log", True),
        ("a?c", "abc", True),
        ("@temp|@made", "node_modules", True),
        ("!@temp", "/etc/x", True),
        ("!@temp", "/tmp/x", False),
        ("!x", "y", True),
        ("/etc/*", "/etc/$X", True),
        ("/etc/*", "$X", False),
        ("*.sql", "$X.sql", True),
        ("x", "$X", False),
        ("*", "$X", True),
        ("@unknown", "$X", True),
        ("[ab]", "[ab]", True),
    ],
)
def test_an_operand_fits_a_text_a_class_or_what_it_is_not(entry: str, written: str, expected: bool) -> None:
    assert fits(word_of(written), entry, NO_SESSION) is expected


@pytest.mark.parametrize(
    ("written", "fitting", "others"),
    [
        ("0", [0], [1, 2]),
        ("1", [1], [0, 2]),
        ("2+", [2, 3, 99], [0, 1]),
        ("0-1", [0, 1], [2]),
        ("2-4", [2, 3, 4], [1, 5]),
    ],
)
def test_numbers_of_operands(written: str, fitting: list[int], others: list[int]) -> None:
    assert all(count_fits(written, count) for count in fitting)
    assert not any(count_fits(written, count) for count in others)


def test_mistakes_in_patterns_are_told() -> None:
    assert "program" in mistake_in_command("")
    assert "program" in mistake_in_command("[git] push")
    assert mistake_in_command("git push") == ""
    assert "dash" in mistake_in_options(("-f|force",))
    assert "dash" in mistake_in_options(("-",))
    assert mistake_in_options(("-f|--force=x", "+main")) == ""
    assert "@tmp" in mistake_in_operands(("x|@tmp",))
    assert "@tmp" in mistake_in_operands(("!@tmp",))
    assert mistake_in_operands(("@temp|x", "!@made")) == ""


def test_an_abbreviated_option_is_found_by_its_whole_name() -> None:
    spec = ProgramSpec(abbreviations=True)

    assert given(invoke(command_of("rm --rec x"), spec), "-r|--recursive")
    assert not given(invoke(command_of("rm --rec x"), PLAIN), "-r|--recursive")
