"""The lines that the guard was made for: what a line means depends on the shell that it is typed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.guarded_shell import CONFIG, ShellPerson, victim_in

_POSIX = """\
alias gp='git push -f' g=git
alias push='g push'
clean() { rm -rf "$1"; }
all() { clean "$@"; }
"""
_FISH = """\
alias gp 'git push -f'
alias g git
alias push 'g push'
function clean; rm -rf $argv[1]; end
function all; clean $argv; end
"""
RC = {"bash": _POSIX, "zsh": _POSIX, "fish": _FISH}


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def person(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShellPerson]:
    """A shell for all lines of this module: what they set, they set anew."""
    home = tmp_path_factory.mktemp(request.param)
    victim_in(home)
    (home / "elsewhere").mkdir()
    with ShellPerson(request.param, home, rc=RC[request.param]) as found:
        yield found


def asked(person: ShellPerson, line: str) -> str:
    """What the question says about a line, which is refused and given up."""
    shown = person.asks(f"{line}\r")
    person.says_no()
    person.has(line[-12:])
    person.drops()
    assert (person.home / "victim").exists()
    return shown


def test_an_alias_that_forces_a_push_is_asked_about(person: ShellPerson) -> None:
    assert "git push" in asked(person, "gp origin main") or "gp origin main" in person.text


def test_an_alias_of_an_alias_is_followed(person: ShellPerson) -> None:
    asked(person, "push --force origin main")


def test_an_empty_variable_before_a_glob_is_the_root(person: ShellPerson) -> None:
    person.does("set -e DIR" if person.shell == "fish" else "unset DIR")
    assert "/*" in asked(person, "rm -rf $DIR/*")


def test_a_variable_of_an_earlier_line_is_told(person: ShellPerson) -> None:
    person.does(f"set D {person.home}/victim" if person.shell == "fish" else f"D={person.home}/victim")
    assert f"{person.home}/victim" in asked(person, "rm -rf $D")


def test_an_array_is_not_taken_for_its_first_element(person: ShellPerson) -> None:
    person.does("set A elsewhere victim" if person.shell == "fish" else "A=(elsewhere victim)")
    asked(person, "rm -rf $A" if person.shell == "fish" else 'rm -rf "${A[@]}"')


def test_a_function_that_calls_a_function_is_followed(person: ShellPerson) -> None:
    asked(person, "all victim")


def test_a_function_of_this_session_is_followed_and_forgotten_with_it(person: ShellPerson) -> None:
    if person.shell == "fish":
        person.does("function hi; echo hi; end", "hi >/dev/null", "functions -e hi")
    else:
        person.does("hi() { echo hi; }", "hi >/dev/null", "unset -f hi")
    person.press("hi\r")
    person.ready()


def test_a_cd_that_must_work_says_where_and_one_that_may_fail_says_here(person: ShellPerson) -> None:
    guarded = asked(person, "cd /nonexistent && rm -rf *")
    loose = asked(person, "cd /nonexistent; rm -rf *")

    assert "/nonexistent" in guarded
    assert str(person.home) in loose or "victim" in loose or "2 folders" in loose


TARGETS = (
    CONFIG
    + """
[environments.development]
mode = "open"

[targets.shop]
environment = "production"
aws = ["shop-prod"]
kubernetes = ["shop-prod"]
"""
)
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: shop-prod
contexts: [{name: shop-prod, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
"""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_an_exported_name_of_production_makes_the_next_line_a_line_to_production(
    shell: str, tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text(KUBECONFIG)
    export = "set -gx {} {}" if shell == "fish" else "export {}={}"
    with ShellPerson(shell, tmp_path, config=TARGETS, environment="development") as person:
        assert "DEVELOPMENT" in person.display
        person.does("command -v kubectl >/dev/null")
        person.does(export.format("KUBECONFIG", tmp_path / "shop.yaml"))
        question = person.asks("kubectl delete namespace shop\r")

        assert "PRODUCTION" in question
        assert "shop" in question
        red = person.cell("▲ PRODUCTION").bg
        person.says_no()
        person.drops()
        person.does(export.format("AWS_PROFILE", "shop-prod"))
        person.asks("aws s3 rb s3://backups --force\r")
        assert person.cell("▲ PRODUCTION").bg == red != "default"
        person.says_no()
