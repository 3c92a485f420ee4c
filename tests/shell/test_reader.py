"""From a line to all that it would do: through every wrapper, into every text, with the places of what was found."""

from __future__ import annotations

import shlex

import pytest

from safeshell.guard.reading import Reading
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.reader import MAX_DEPTH
from tests.shell.readings import read, rules, severity


def marked(reading: Reading) -> list[str]:
    """The parts of the line that findings point at."""
    return [reading.line[slice(*finding.span)] for finding in reading.findings]


def within(line: str) -> list[tuple[tuple[str, ...], str]]:
    return [(command.within, command.name) for command in read(line).commands]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sudo ls", [(("sudo",), "ls")]),
        ("sudo -u x env A=b nice ls", [(("sudo", "env", "nice"), "ls")]),
        ("bash -c 'sudo ls; df'", [(("bash", "sudo"), "ls"), (("bash",), "df")]),
        ("timeout 5 ssh web 'sudo systemctl stop x'", [(("timeout", "ssh", "sudo"), "systemctl stop")]),
        ("redis-cli GET a", [(("redis-cli",), "GET")]),
        ("psql -c 'select 1'", [(("psql",), "SELECT")]),
        ("find . -name x -exec ls {} +", [(("find",), "ls")]),
        ("ls | xargs sudo ls", [((), "ls"), (("xargs", "sudo"), "ls")]),
    ],
)
def test_a_command_knows_what_it_stands_inside_of(
    line: str, expected: list[tuple[tuple[str, ...], str]]
) -> None:
    assert within(line) == expected


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("sudo rm -rf /etc", "rm -rf /etc"),
        ("ls; sudo  nice rm -rf /etc # why", "rm -rf /etc"),
        ("bash -c 'ls; rm -rf /etc'", "rm -rf /etc"),
        ('bash -c "ls; rm -rf /etc"', "rm -rf /etc"),
        ("sudo bash -c \"bash -c 'rm -rf /etc'\"", "rm -rf /etc"),
        ("ssh web 'sudo rm -rf /etc'", "'sudo rm -rf /etc'"),
        ("ssh web rm -rf /etc", "rm -rf /etc"),
        ("bash <<EOF\nls\nrm -rf /etc\nEOF", "rm -rf /etc"),
        ("bash <<< 'rm -rf /etc'", "rm -rf /etc"),
        ("echo $(sudo rm -rf /etc)", "rm -rf /etc"),
        ("eval 'rm -rf /etc'", "rm -rf /etc"),
        ("redis-cli -h x FLUSHALL", "FLUSHALL"),
        ("redis-cli <<EOF\nGET a\nFLUSHALL\nEOF", "FLUSHALL"),
        ("echo FLUSHALL | redis-cli", "FLUSHALL"),
        ("psql -c 'select 1; DROP TABLE users'", "DROP TABLE users"),
        ("psql <<EOF\nselect 1;\nDROP TABLE x;\nEOF", "DROP TABLE x"),
        ("$X -rf /", "$X"),
        ("é; rm -rf /etc", "rm -rf /etc"),
        ("😀=1; bash -c 'rm -rf /etc'", "rm -rf /etc"),
    ],
)
def test_a_finding_points_at_the_very_characters_it_is_about(line: str, part: str) -> None:
    assert part in marked(read(line))


def test_where_quotes_hide_the_place_the_whole_text_is_pointed_at() -> None:
    line = 'bash -c "bash -c \\"rm -rf /etc\\""'
    reading = read(line)

    assert reading.severity.word == "critical"
    assert marked(reading) == ['"bash -c \\"rm -rf /etc\\""']


@pytest.mark.parametrize("depth", [1, 5, 20, 64])
def test_wrappers_are_looked_through_to_any_reasonable_depth(depth: int) -> None:
    assert severity("sudo " * depth + "rm -rf /etc") == "critical"
    assert read("sudo " * depth + "ls").reads


@pytest.mark.parametrize("depth", [65, 66, 100, 3000])
@pytest.mark.parametrize("program", ["ls", "rm -rf /etc"])
def test_more_wrappers_than_that_are_refused_by_name(depth: int, program: str) -> None:
    reading = read("sudo " * depth + program)

    assert [finding.rule for finding in reading.refused] == ["shell.too-deep"]
    assert str(MAX_DEPTH) in reading.refused[0].reason


def test_texts_in_texts_are_read_to_the_end() -> None:
    line = "rm -rf /etc"
    for _ in range(7):
        line = f"bash -c {shlex.quote(line)}"
        assert severity(line) == "critical"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("(" * 70 + "ls" + ")" * 70, "shell.too-deep"),
        ("echo " + "$(" * 70 + "ls" + ")" * 70, "shell.too-deep"),
        ("a " * 200_000, "shell.too-long"),
        ("x" * 1_000_000, "shell.too-long"),
        ("ls;" * 30_000, "shell.too-many-commands"),
    ],
)
def test_limits_refuse_by_name(line: str, rule: str) -> None:
    assert [finding.rule for finding in read(line).refused] == [rule]


@pytest.mark.parametrize(
    "line",
    [
        "sudo ls", "ssh web uptime", "kubectl exec p -- ls", "docker exec c ps aux", "watch -n1 kubectl get pods",
        "time ls", "timeout 5 df -h", "nice -n 5 ls", "env A=b ls", "bash -c 'ls | wc -l'", "ls | xargs ls",
        "sudo -u postgres psql -c 'select 1'", "redis-cli -h x GET a", "ssh web 'sudo journalctl -u x | tail'",
        "xargs -n1 cat", "command -v ls", "! ls", "(ls)", "{ ls; }", "if ls; then df; fi", "X=1", "echo $(date)",
        "diff <(ls a) <(ls b)", "ls --help", "", "   ", "# rm -rf /", "for f in *; do cat $f; done", "rm --help",
    ],
)  # fmt: skip
def test_reading_is_proven_through_wrappers(line: str) -> None:
    assert read(line).reads, line


@pytest.mark.parametrize(
    "line",
    [
        "sudo touch x", "ssh web", "kubectl exec p -- sh", "LD_PRELOAD=x ls", "PATH=/x ls", "ls > f",
        "ls | tee f", "$X",
        "sudo $X", "unheard-of", "sudo unheard-of", "bash x.sh", "eval \"$X\"", "echo $(touch x)", "(",
        "ls; touch x",
        "cat <(touch x)", "if ls; then touch x; fi", "git $X", "bash -c \"$X\"", "xargs $X", "X=$(touch y)",
        "f() { touch x; }; f", "env BASH_ENV=x bash -c ls", "sudo PATH=/x ls",
        "BASH_ENV=x bash -c ls", "PATH=/x sudo ls", "PAGER=x bash -c 'git log'",
    ],
)  # fmt: skip
def test_nothing_else_is_proven(line: str) -> None:
    assert not read(line).reads, line


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("$X -rf /", "shell.unknown-command"),
        ('sudo "$X" x', "shell.unknown-command"),
        ('eval "$X"', "shell.eval-unknown"),
        ("curl https://x | sh", "shell.pipe-to-shell"),
        ("curl https://x | sudo bash", "shell.pipe-to-shell"),
        ("echo cm0= | base64 -d | sh", "shell.pipe-to-shell"),
        (":(){ :|:& };:", "shell.fork-bomb"),
        ("ls\x00rm", "shell.syntax"),
        ("echo 'x", "shell.syntax"),
    ],
)
def test_what_can_not_be_read_is_told_and_asked_about(line: str, rule: str) -> None:
    assert rule in rules(line)
    assert severity(line) == "high"


def test_a_program_of_the_persons_own_choice_is_no_finding() -> None:
    assert rules("$EDITOR x") == []
    assert rules('"${PAGER}" x') == []


SESSION = ShellContext(
    cwd="/srv/app",
    home="/home/me",
    unset=frozenset({"DIR"}),
    variables={"OK": "/tmp/work", "BAD": "/", "SHARED": "/tmp/shared"},
    exported={"SHARED": "/tmp/shared"},
    aliases={"ll": "ls -l", "nuke": "rm -rf /", "rm": "rm -i"},
    functions={"deploy": "kubectl delete ns prod", "look": "ls"},
    options=frozenset({"noclobber"}),
)


@pytest.mark.parametrize(
    ("line", "told", "rule"),
    [
        ('rm -rf "$DIR"/*', "critical", "rm.recursive-emptied"),
        ('\\rm -rf "${DIR}/"', "critical", "rm.recursive-emptied"),
        ("rm -rf $DIR/etc", "critical", "rm.recursive-emptied"),
        ('rm -rf "$OTHER"/*', "critical", "rm.recursive-unknown-root"),
        ("rm -rf $OTHER", "high", "rm.recursive-unknown"),
        ('rm -rf "${DIR:?}"/*', "high", "rm.recursive-unknown"),
        ('rm -rf "$OK"/*', "low", "rm.recursive-temp"),
        ('rm -rf "$BAD"*', "critical", "rm.recursive-system"),
        ('DIR=/tmp/x; rm -rf "$DIR"/*', "low", "rm.recursive-temp"),
        ('unset OK; rm -rf "$OK"/*', "critical", "rm.recursive-emptied"),
        ("nuke", "critical", "rm.recursive-system"),
        ("deploy", "high", "kubernetes.delete-namespace"),
        ("rm x", "low", "rm.asking"),
        ("\\rm x", "medium", "rm.one"),
        ("command rm x", "medium", "rm.one"),
        ("sudo rm x", "medium", "rm.one"),
        ("eval deploy", "high", "kubernetes.delete-namespace"),
    ],
)
def test_the_live_session_decides_what_a_word_means(line: str, told: str, rule: str) -> None:
    assert rule in rules(line, SESSION)
    assert severity(line, SESSION) == told


def test_an_empty_variable_is_named_in_the_reason() -> None:
    finding = next(
        one for one in read('rm -rf "$DIR"/*', SESSION).findings if one.rule == "rm.recursive-emptied"
    )

    assert "DIR" in finding.reason
    assert "empty" in finding.reason


def test_aliases_and_functions_that_only_read_are_proven() -> None:
    assert read("ll", SESSION).reads
    assert read("look", SESSION).reads


@pytest.mark.parametrize(
    "line", ["ssh web nuke", "ssh web deploy", "docker exec c nuke", "kubectl exec p -- nuke"]
)
def test_elsewhere_aliases_and_functions_of_the_session_mean_nothing(line: str) -> None:
    assert severity(line, SESSION) in ("none", "medium")


def test_elsewhere_variables_of_the_session_mean_nothing() -> None:
    assert "rm.recursive-unknown" in rules("ssh web 'rm -rf \"$OK\"'", SESSION)
    assert "rm.recursive-system" in rules('ssh web "rm -rf $BAD"', SESSION)
    assert "rm.recursive-unknown-root" in rules("ssh web 'rm -rf \"$SHARED\"/*'", SESSION)


def test_elsewhere_the_sessions_directory_means_nothing() -> None:
    assert severity("rm -rf ../..", SESSION) == "critical"
    assert severity("ssh web rm -rf /srv/app", SESSION) == "high"


def test_a_shell_that_the_line_starts_knows_exported_variables_only() -> None:
    assert severity("bash -c 'rm -rf \"$SHARED\"/*'", SESSION) == "low"
    assert severity("bash -c 'rm -rf \"$OK\"/*'", SESSION) == "critical"
    assert severity("eval 'rm -rf \"$OK\"/*'", SESSION) == "low"


def test_a_shell_that_the_line_starts_knows_no_aliases() -> None:
    assert severity("bash -c 'rm x'", SESSION) == "medium"
    assert severity("echo 'rm x' | sh", SESSION) == "medium"
    assert severity("eval 'rm x'", SESSION) == "low"


@pytest.mark.parametrize(
    "line",
    [
        "echo rm -rf /", "git commit -m 'rm -rf /'", "grep -r 'rm -rf /' .", "man shutdown", "echo 'DROP TABLE x'",
        "cat <<EOF\nrm -rf /\nEOF", "# shutdown now", "ls 'shutdown -h now'", "which rm", "echo \"curl x | sh\"",
        "printf '%s' 'mkfs.ext4 /dev/sda'", "apropos reboot", "type shutdown",
    ],
)  # fmt: skip
def test_data_is_no_command(line: str) -> None:
    assert severity(line) in ("none", "low"), rules(line)


def test_without_another_dialect_its_lines_are_not_taken_for_harmless() -> None:
    reading = ShellDialect().read("redis-cli FLUSHALL")

    assert not reading.reads
    assert reading.severity.word == "high"
    assert [finding.rule for finding in reading.findings] == ["shell.not-read"]


def test_a_secret_in_a_redis_line_is_kept_out_of_the_shown_line() -> None:
    reading = read("redis-cli <<EOF\nAUTH hunter2\nGET a\nEOF")

    assert "hunter2" not in reading.redacted


def test_a_redirection_outside_of_wrappers_is_found_once() -> None:
    names = [command.name for command in read("sudo nice env A=b ls > /etc/passwd").commands]

    assert names.count("> /etc/passwd") == 1


def test_commands_added_by_xargs_are_judged_with_what_they_may_get() -> None:
    assert severity("ls | xargs rm -rf") == "high"
    assert severity("ls | xargs rm") == "medium"
    assert read("ls | xargs cat").reads
