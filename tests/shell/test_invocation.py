"""How a command's words are taken apart: what is an option, what its value, and what an operand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.shell.invocation import PLAIN, Invocation, ProgramSpec, invoke, program_of
from safeshell.shell.script import SimpleCommand
from safeshell.shell.word import UNKNOWN, Word
from tests.shell.readings import command_of

WITH_VALUES = ProgramSpec(values=frozenset({"-n", "--name", "--namespace"}))
JAVA = ProgramSpec(values=frozenset({"-name", "-var"}), single_dash=True)
GNU = ProgramSpec(values=frozenset({"--target-directory", "-t"}), abbreviations=True)
MYSQL = ProgramSpec(attached=frozenset({"-p"}), values=frozenset({"-u"}))
SSH = ProgramSpec(values=frozenset({"-p", "-l"}), stop_at_operand=True)
DOCKER = ProgramSpec(values=frozenset({"-H"}), values_in={"run": frozenset({"-e"})}, stops={"run": 1})
TAR = ProgramSpec(values=frozenset({"-f", "-C"}), first_is_options=True)


def taken(line: str, spec: ProgramSpec = PLAIN) -> Invocation:
    return invoke(command_of(line), spec)


def shown(invocation: Invocation) -> tuple[list[str], list[str]]:
    """The options, written `-x` or `-x=value`, and the operands."""
    options = [
        one.name if one.value is None else f"{one.name}={one.value.text}" for one in invocation.options
    ]
    return options, [word.text for word in invocation.operands]


TAKEN = [
    # clusters and numbers
    ("rm -rf x", PLAIN, ["-r", "-f"], ["x"]),
    ("rm x -rf", PLAIN, ["-r", "-f"], ["x"]),
    ("kill -9 12", PLAIN, ["-9"], ["12"]),
    ("head -20 f", PLAIN, ["-20"], ["f"]),
    ("cat -", PLAIN, [], ["-"]),
    ("cat ''", PLAIN, [], [""]),
    ("x -", PLAIN, [], ["-"]),
    # values in the next word, in the same one, behind `=`
    ("k -n prod get", WITH_VALUES, ["-n=prod"], ["get"]),
    ("k -nprod get", WITH_VALUES, ["-n=prod"], ["get"]),
    ("k -n=prod get", WITH_VALUES, ["-n=prod"], ["get"]),
    ("k -vn prod get", WITH_VALUES, ["-v", "-n=prod"], ["get"]),
    ("k -vnprod get", WITH_VALUES, ["-v", "-n=prod"], ["get"]),
    ("k --name prod get", WITH_VALUES, ["--name=prod"], ["get"]),
    ("k --name=prod get", WITH_VALUES, ["--name=prod"], ["get"]),
    ("k --name= get", WITH_VALUES, ["--name="], ["get"]),
    ("k --name -rf", WITH_VALUES, ["--name=-rf"], []),
    ("k --name -- get", WITH_VALUES, ["--name=--"], ["get"]),
    ("k -n", WITH_VALUES, ["-n"], []),
    ("k --name", WITH_VALUES, ["--name"], []),
    ("k --nam prod", WITH_VALUES, ["--nam"], ["prod"]),
    # an option of which nothing is known may still have a value behind `=`
    ("x --new=1 a", PLAIN, ["--new=1"], ["a"]),
    ("x -c=1 a", PLAIN, ["-c=1"], ["a"]),
    ("x --a=b=c", PLAIN, ["--a=b=c"], []),
    ("x -=1 a", PLAIN, ["-=", "-1"], ["a"]),
    # where options end
    ("rm -- -rf x", PLAIN, [], ["-rf", "x"]),
    ("rm -r -- -- x", PLAIN, ["-r"], ["--", "x"]),
    # long options of one dash
    ("find -name x -delete", JAVA, ["-name=x", "-delete"], []),
    ("terraform plan -var a=b", JAVA, ["-var=a=b"], ["plan"]),
    ("terraform plan --var a=b", JAVA, ["--var=a=b"], ["plan"]),
    ("terraform plan -var=a=b", JAVA, ["-var=a=b"], ["plan"]),
    ("java -rf", JAVA, ["-rf"], []),
    # cut short
    ("cp --target-dir /etc f", GNU, ["--target-dir=/etc"], ["f"]),
    ("cp --targ=/etc f", GNU, ["--targ=/etc"], ["f"]),
    # a value only in the same word
    ("mysql -psecret db", MYSQL, ["-p=secret"], ["db"]),
    ("mysql -p db", MYSQL, ["-p"], ["db"]),
    ("mysql -vpsecret db", MYSQL, ["-v", "-p=secret"], ["db"]),
    ("mysql -uroot -p db", MYSQL, ["-u=root", "-p"], ["db"]),
    # nothing after the first operand is an option
    ("ssh -p 22 web rm -rf /", SSH, ["-p=22"], ["web", "rm", "-rf", "/"]),
    ("ssh web -p 22", SSH, [], ["web", "-p", "22"]),
    ("docker -H h run -e A=b img rm -e", DOCKER, ["-H=h", "-e=A=b"], ["run", "img", "rm", "-e"]),
    ("docker exec -e A", DOCKER, ["-e"], ["exec", "A"]),
    # the first word is options
    ("tar xf a.tar b", TAR, ["-x", "-f=a.tar"], ["b"]),
    ("tar -xf a.tar b", TAR, ["-x", "-f=a.tar"], ["b"]),
    ("tar =", TAR, ["-="], []),
    ("tar xfC a.tar /x", TAR, ["-x", "-f=C"], ["a.tar", "/x"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "spec", "options", "operands"), TAKEN)
def test_words_are_taken_apart_as_the_program_would(
    line: str, spec: ProgramSpec, options: list[str], operands: list[str]
) -> None:
    assert shown(taken(line, spec)) == (options, operands)


def test_an_abbreviation_means_the_whole_option() -> None:
    gnu = taken("rm --recu --force x", GNU)

    assert gnu.has("--recursive")
    assert not gnu.has("--recreate")
    assert not taken("rm --recu x").has("--recursive")


def test_two_dashes_are_no_abbreviation_of_everything() -> None:
    assert not taken("rm --=x y", GNU).has("--recursive")
    assert not taken("rm --r y", GNU).has("-r")


def test_the_number_of_dashes_does_not_matter_where_options_are_long_with_one() -> None:
    assert taken("terraform destroy --auto-approve", JAVA).has("-auto-approve")
    assert taken("terraform destroy -auto-approve", JAVA).has("--auto-approve")
    assert not taken("rm -recursive").has("--recursive")


def test_the_value_of_an_option_is_the_first_that_has_one() -> None:
    invocation = taken("k -n --name b -n c", ProgramSpec(values=frozenset({"--name"})))
    value = invocation.value("-n", "--name")

    assert value is not None
    assert value.text == "b"
    assert invocation.value("--other") is None


def test_an_operand_behind_an_unknown_option_may_be_its_value() -> None:
    assert taken("tool --new x delete y").unsure == {0}
    assert taken("tool -q x delete y").unsure == {0}
    assert taken("tool delete --new x y").unsure == {1}


@pytest.mark.parametrize(
    ("line", "spec"),
    [
        ("tool --new=x delete", PLAIN),
        ("tool --quiet delete", ProgramSpec(flags=frozenset({"--quiet"}))),
        ("tool -q delete", ProgramSpec(flags=frozenset({"-q"}))),
        ("tool -rf delete", PLAIN),
        ("mysql -p db", MYSQL),
        ("k --name x get", WITH_VALUES),
        ("tool -- delete", PLAIN),
        ("tar x delete", TAR),
    ],
)
def test_an_operand_is_sure_where_the_option_in_front_takes_none(line: str, spec: ProgramSpec) -> None:
    assert taken(line, spec).unsure == frozenset()


def test_a_word_that_only_the_shell_knows_is_an_operand() -> None:
    assert shown(taken("rm $X -f")) == (["-f"], [UNKNOWN])
    assert shown(taken("rm -$X")) == ([f"-{UNKNOWN}"], [])
    assert shown(taken("tar $X f", TAR)) == ([], [UNKNOWN, "f"])


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("/bin/rm x", "rm"),
        ("./run x", "run"),
        ("rm", "rm"),
        ("psql.exe -c x", "psql"),
        ('"$JAVA_HOME"/bin/java', "java"),
        ("$X", ""),
        ("${X}rm", ""),
        ("./$x", "./"),
        ("bin/$x", "./"),
        ("/usr/bin/", "bin"),
        ("/", "/"),
    ],
)
def test_a_program_is_known_by_its_base_name(line: str, program: str) -> None:
    assert program_of(command_of(line).words[0]) == program


_TEXTS = st.text(st.sampled_from("-=abfn/ x" + UNKNOWN), max_size=6)
_SPECS = st.sampled_from([PLAIN, WITH_VALUES, JAVA, GNU, MYSQL, SSH, DOCKER, TAR])


@given(st.lists(_TEXTS, max_size=8), _SPECS)
def test_every_word_ends_up_somewhere_whatever_is_typed(texts: list[str], spec: ProgramSpec) -> None:
    words = tuple(Word(text) for text in ("tool", *texts))
    found = invoke(SimpleCommand(words), spec)

    assert len(found.operands) <= len(texts)
    assert all(0 <= at < len(found.operands) for at in found.unsure)
    assert all(option.name for option in found.options)
    kept = "".join(word.text for word in found.operands)
    kept += "".join(option.name + (option.value.text if option.value else "") for option in found.options)
    assert set("".join(texts)) - set(kept) <= {"-", "="}


@given(st.lists(_TEXTS, max_size=6), _SPECS)
def test_behind_two_dashes_everything_is_an_operand(texts: list[str], spec: ProgramSpec) -> None:
    words = tuple(Word(text) for text in ("tool", "--", *texts))

    assert [word.text for word in invoke(SimpleCommand(words), spec).operands] == texts
