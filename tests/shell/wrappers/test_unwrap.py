"""Every wrapper gives what it runs: cases in cases.txt, one line a case, and what must hold for any words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.shell.context import ShellContext
from safeshell.shell.inner import InnerText, Unwrapped
from safeshell.shell.script import Redirect, SimpleCommand
from safeshell.shell.syntax import parse
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers import families
from safeshell.shell.wrappers.unwrap import unwrap
from tests.shell.wrappers.unwrapped_text import unwrapped

HERE = Path(__file__).parent


def cases(name: str) -> list[tuple[str, list[str]]]:
    """`line`, then what it runs, each behind `=> `; blank lines and `#` between the cases."""
    found: list[tuple[str, list[str]]] = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("=> "):
            found[-1][1].append(line[3:])
        elif line.strip() and not line.startswith("# "):
            found.append((line, []))
    return found


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.cases")))
def test_a_line_runs_what_its_case_says(name: str) -> None:
    wrong = []
    for line, expected in cases(name):
        found = [one.replace("\n", "⏎") for one in unwrapped(line)]
        if found != expected:
            wrong.append(f"{line}\n    runs     {found}\n    expected {expected}")
    assert not wrong, "\n".join(wrong)


def test_every_family_knows_the_programs_that_are_looked_up_in_it() -> None:
    from importlib import import_module

    for family in set(families.FAMILY_OF.values()):
        table = import_module(f"safeshell.shell.wrappers.{family}").WRAPPERS
        listed = {name for name, of in families.FAMILY_OF.items() if of == family}
        assert set(table) == listed, family


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("bash -c 'rm -rf /'", "rm -rf /"),
        ('ssh web "rm x; ls"', "rm x; ls"),
        ("echo 'rm -rf /' | sh", "rm -rf /"),
        ("eval rm -rf '/x'", None),
        ("watch rm x", "rm x"),
        ("env VAR=1 psql -c 'drop table x'", "drop table x"),
        ("npx --call='rm x'", "rm x"),
    ],
)
def test_a_text_that_stands_in_the_line_is_placed_exactly(line: str, text: str | None) -> None:
    command = parse(line, ShellContext()).commands[-1]
    found = unwrap(command, ShellContext())
    while found is not None and not isinstance(found.inner[0], InnerText):
        inner = found.inner[0]
        found = unwrap(inner.command, ShellContext())  # type: ignore[union-attr] # these cases hold commands
    assert found is not None
    inner_text = found.inner[0]
    assert isinstance(inner_text, InnerText)
    if text is None:
        assert not inner_text.exact
    else:
        assert inner_text.exact
        assert line[inner_text.span[0] : inner_text.span[1]] == text == inner_text.text


def test_a_fed_script_goes_with_the_command_that_reads_it_at_any_depth() -> None:
    line = "ssh web sudo -u app docker exec -i db bash <<'END'\nrm -rf /srv\nEND"
    command = parse(line, ShellContext()).commands[-1]
    found: Unwrapped | None = unwrap(command, ShellContext())
    while found is not None and not isinstance(found.inner[0], InnerText):
        found = unwrap(found.inner[0].command, ShellContext())  # type: ignore[union-attr] # commands until the text
    assert found is not None
    text = found.inner[0]
    assert isinstance(text, InnerText)
    assert text.text.strip() == "rm -rf /srv"


NAMES = st.sampled_from(sorted(families.FAMILY_OF))
PIECES = st.one_of(
    st.sampled_from(
        [
            *"- -- -c -e -i -n -x -X -u -S -exec ; + {} ::: --command --command= run exec -it A=1 ! @f".split(),
            *(UNKNOWN, "", "a b", "$X", "rm", "-rf", "/", "send-keys", "alias.x=!rm", "--parameters"),
            *('commands=["a', "-o", "ProxyCommand=x", "--checkpoint-action=exec=rm", "+!rm", "EXEC:rm"),
        ]
    ),
    st.text(max_size=12),
)


@settings(max_examples=600, deadline=None)
@given(
    name=NAMES,
    texts=st.lists(PIECES, max_size=8),
    feed=st.booleans(),
    here=st.booleans(),
    splits=st.booleans(),
)
def test_no_words_make_it_raise(name: str, texts: list[str], feed: bool, here: bool, splits: bool) -> None:
    words = tuple(
        Word(text, (at, at + len(text)), text, splits=splits, unknowns=("$OPTS",) * text.count(UNKNOWN))
        for at, text in enumerate([name, *texts])
    )
    command = SimpleCommand(
        words,
        span=(0, 50),
        feeds=(SimpleCommand(words[::-1]),) if feed else (),
        redirects=(Redirect("<<<", Word("x\ny")),) if here else (),
    )
    found = unwrap(command, ShellContext())
    assert found is None or found.inner


def test_a_long_list_of_words_is_unwrapped_in_time_that_grows_with_it() -> None:
    line = "xargs -n1 sudo env " + " ".join(f"A{at}=1" for at in range(5000)) + " rm"
    command = parse(line, ShellContext()).commands[-1]
    assert unwrap(command, ShellContext()) is not None
