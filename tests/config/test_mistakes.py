"""Mistakes are told like a compiler's: where, the line, a caret, what was expected; all of them at once."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.config.conftest import Machine

TARGET = '[targets.a]\nenvironment = "production"\n'


def test_a_mistake_is_told_with_its_place_the_line_a_caret_and_the_nearest_name(machine: Machine) -> None:
    told = machine.mistake("version = 1\n[environments.production]\n  colour = 'red'\n")

    assert str(told) == dedent(
        f"""\
        {machine.user}:3:3: there is no key `colour` in [environments.production]
          3 |   colour = 'red'
            |   ^^^^^^
            = did you mean `color`?"""
    )


def test_all_mistakes_of_all_files_are_told_at_once(machine: Machine) -> None:
    told = machine.mistakes(
        "[environments.production]\nmode = 'readonly'\nunlock = { max = 30, reasn = true }\n[nonsense]\n",
        etc="[targets.web]\nssh = 5\n",
        project="[environments.production]\nmode = 'open'\nx = 1\n",
    )

    assert [(mistake.file, mistake.line, mistake.column) for mistake in told] == [
        (str(machine.etc), 1, 10),
        (str(machine.etc), 2, 7),
        (str(machine.user), 2, 8),
        (str(machine.user), 3, 18),
        (str(machine.user), 3, 22),
        (str(machine.user), 4, 2),
        (str(machine.project), 2, 8),
        (str(machine.project), 3, 1),
    ]


def test_a_file_that_is_no_toml_does_not_hide_the_mistakes_of_others(machine: Machine) -> None:
    told = machine.mistakes("mode = \n", etc="[nonsense]\n")

    assert [mistake.file for mistake in told] == [str(machine.etc), str(machine.user)]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a = \n", 1, 5, "no value that TOML knows"),
        ("version = 1\n\n[targets\n", 3, 9, "expected ']'"),
        ("x = 1\nx = 2\n", 2, 1, "there twice"),
        ("x = 1\nx = 2", 2, 1, "there twice"),
        ("[a]\n[a]\n", 2, 3, "twice"),
        ("a = 'x\n", 1, 7, "never closed"),
        ('a = "x\n', 1, 7, "never closed"),
        ('a = "x', 1, 7, "a quote is opened and never closed"),
        ("x = " + "[" * 3000, 1, 1, "nested"),
        ("x = " + "[" * 40 + "]" * 40, 1, 1, "nested"),
        ("x = " + "9" * 5000, 1, 1, "too long"),
        ("x = 1 y = 2\n", 1, 7, "expected newline"),
    ],
)
def test_what_is_no_toml_is_told_with_its_place(
    machine: Machine, text: str, line: int, column: int, words: str
) -> None:
    told = machine.mistake(text)

    assert words in told.message
    assert (told.line, told.column) == (line, column)


def test_what_is_no_utf8_is_told_with_its_place(machine: Machine) -> None:
    machine.user.parent.mkdir(parents=True)
    machine.user.write_bytes(b"version = 1\n# caf\xe9\n")
    machine.user.chmod(0o600)

    told = machine.mistake()

    assert (told.line, told.column, told.message) == (2, 6, "the byte 0xe9 is not UTF-8")


def test_a_huge_file_is_told_to_be_one(machine: Machine) -> None:
    assert machine.mistake("#" * (1 << 20) + "\n").message == "is larger than 1 MiB"


def test_a_byte_order_mark_and_windows_line_ends_are_fine(machine: Machine) -> None:
    machine.user.parent.mkdir(parents=True)
    machine.user.write_bytes(b"\xef\xbb\xbfversion = 1\r\n[targets.a]\r\nenvironment = 'prod'\r\n")
    machine.user.chmod(0o600)

    told = machine.mistake()

    assert (told.line, told.column) == (3, 15)


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ("mode = 'Guarded'", "8-16", 'did you mean "guarded"?'),
        ("mode = 5", "8-8", 'expected "read-only", "guarded" or "open"'),
        ("color = 'redd'", "9-14", 'did you mean "red"?'),
        ("unlock = 5", "10-10", "a table with max, reason"),
        ("unlock.max = '30'", "14-17", "30s, 10m, 1h30m or 2d"),
        ("unlock.max = ''", "14-15", "expected a duration"),
        ("unlock.reason = 'true'", "17-22", "did you mean true?"),
        ("challenge = { high = 'impact' }", "22-29", 'expected "none", "yes", "target" or "target+impact"'),
        ("challenge.hihg = 'yes'", "11-14", "did you mean `high`?"),
        ("review = 'high'", "10-15", "an array of"),
        ("review = ['high', 'bad']", "19-23", 'expected "low"'),
        ("window = { days = 'mon-foo' }", "19-27", "'foo' is not a day"),
        ("window = { hours = '9' }", "20-22", "write 09:00-15:30"),
        ("window = { timezone = 'Europe/Berln' }", "23-36", 'did you mean "Europe/Berlin"?'),
        ("window = { outside = 'ask' }", "22-26", '"deny" or "confirm"'),
        ("undo = 1", "8-8", "true or false"),
        ("undo = 1979-05-27 07:32:00 # a date", "8-26", "`undo` can't be a date or time"),
    ],
)
def test_every_key_of_an_environment_is_checked(machine: Machine, said: str, place: str, words: str) -> None:
    told = machine.mistake(f"[environments.production]\n{said}\n")

    first, last = map(int, place.split("-"))
    assert (told.line, told.column) == (2, first)
    assert told.excerpt.splitlines()[1].count("^") == last - first + 1
    assert words in str(told)


@pytest.mark.parametrize(
    ("said", "column", "words"),
    [
        ("enviroment = 'x'", 1, "did you mean `environment`?"),
        ("redis = 'http://x'", 9, "no kind of Redis URL"),
        ("redis = 'redis://x/abc'", 9, "the database's number"),
        ("redis = 'x:99999'", 9, "a port is a number"),
        ("redis = ['ok', 'not ok']", 16, "no blanks"),
        ("redis = ['ok', 5]", 16, "expected a Redis URL"),
        ("redis = ''", 9, "expected a Redis URL"),
        ("ssh = ['a', '']", 13, "a name or a pattern"),
        ("floors = { '*' = -1 }", 18, "a whole number from 0 on"),
        ("floors = { '*' = true }", 18, "can't be true"),
        ("environ = { X = 5 }", 17, "some text in quotes"),
        ('password_command = "a \'b"', 20, "can't be split into words"),
        ("password_command = []", 20, "a program and its arguments"),
        ("password_env = 'A B'", 16, "the name of an environment variable"),
        ("pin = 'abc'", 7, "40 hexadecimal digits"),
        ("tls = { key = 'k' }", 9, "`key` needs `cert` beside it"),
        ("environment = 5", 15, "some text in quotes"),
        ("tls = true", 7, "a table with cacert"),
        ("readonly = {}", 1, "[targets.a.readonly] has no `username` or `redis`"),
        ("readonly.redis = 'a*'", 18, "no pattern"),
        ("sentinel = { hosts = ['a'] }", 1, "has no `master`"),
        ("sentinel = { hosts = ['a'], master = 'm' }\ncluster = true", 1, "not both"),
        ("password_env = 'A'\npassword_file = 'b'", 1, "both say where the password is"),
        ("environ = 5", 11, "a table with a key for each name of an environment variable"),
    ],
)
def test_every_key_of_a_target_is_checked(machine: Machine, said: str, column: int, words: str) -> None:
    told = machine.mistake((TARGET if "environment" not in said else "[targets.a]\n\n") + said + "\n")

    assert told.line in (3, 4)
    assert told.column == column
    assert words in str(told)


def test_a_target_needs_an_environment_that_exists(machine: Machine) -> None:
    missing, unknown = machine.mistakes("[targets.a]\n[targets.b]\nenvironment = 'prodction'\n")

    assert (missing.line, missing.message) == (1, "[targets.a] has no `environment`")
    assert (unknown.line, unknown.column) == (3, 15)
    assert unknown.help == 'did you mean "production"?'


def test_an_own_environment_counts_whichever_file_names_it(machine: Machine) -> None:
    loaded = machine.load("[environments.qa]\n", etc="[targets.a]\nenvironment = 'qa'\n")

    assert loaded.settings.environment_of(loaded.settings.targets["a"]).name == "qa"


def test_two_rules_of_one_name_are_a_mistake_that_names_the_first(machine: Machine) -> None:
    rule = "[[rules]]\nid = 'x'\ncommand = 'x'\neffect.kind = 'stop'\nreason = 'stops'\n"

    told = machine.mistake(rule, etc=rule)

    assert (told.file, told.line, told.help) == (str(machine.user), 2, f"at {machine.etc}:2")


def test_a_rule_says_what_it_is_about(machine: Machine) -> None:
    told = machine.mistakes("[[rules]]\nid = 'x'\n[[rules]]\n")

    assert [(mistake.line, mistake.message) for mistake in told] == [
        (1, "[rules] has no `command`"),
        (1, "[rules] has no `effect`"),
        (1, "[rules] has no `reason`"),
        (3, "[rules] has no `id`"),
        (3, "[rules] has no `command`"),
        (3, "[rules] has no `effect`"),
        (3, "[rules] has no `reason`"),
    ]


def test_a_tab_before_the_mistake_keeps_the_caret_below_it(machine: Machine) -> None:
    told = machine.mistake("[environments.production]\n\t\tundo = 5\n")

    line, carets = told.excerpt.splitlines()
    assert line.index("5") == carets.index("^")
    assert told.column == 10


def test_wide_characters_before_the_mistake_keep_the_caret_below_it(machine: Machine) -> None:
    told = machine.mistake('environments.production = { "漢字" = 1 }\n')

    line, carets = told.excerpt.splitlines()
    assert carets.index("^") == line.index('"')
    assert carets.count("^") == len('"漢字"') + 2


def test_a_long_line_is_cut_around_the_mistake(machine: Machine) -> None:
    told = machine.mistake("nonsense = [" + "'x', " * 500 + "]\n")

    assert told.excerpt
    assert max(map(len, told.excerpt.splitlines())) < 130


def test_nothing_in_a_config_can_speak_to_the_terminal(machine: Machine) -> None:
    (one, *_) = machine.mistakes('"\\u001b]0;owned\\u0007" = "\u202e"\n')

    assert "\x1b" not in str(one)
    assert "\x07" not in str(one)
    assert "\u202e" not in str(one)
    assert r"\x1b]0;owned\x07" in one.message


def test_the_unknown_version_of_a_later_program_is_told(machine: Machine) -> None:
    assert "1, the only format so far" in machine.mistake("version = 2\n").help


def test_an_environment_that_is_to_be_recorded_must_exist(machine: Machine) -> None:
    told = machine.mistake("[recording]\nenvironments = ['staging', 'prodction']\n")

    assert (told.line, told.message) == (2, 'there is no environment "prodction"')
    assert 'did you mean "production"?' in told.help
