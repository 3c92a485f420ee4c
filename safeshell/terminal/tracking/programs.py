"""Which programs are read from the screen: their language, prompts, editor, and how a statement ends in them.

A table, and the way from a process's words to a row of it, through whatever starts it: `python manage.py shell`,
`kubectl exec -it POD -- psql`. What a line means is the dialects' business. Facts: the programs' manuals, and
what the tests see of the real ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Final

from safeshell.frozen import field, frozen, replace
from safeshell.guard.reading import Address
from safeshell.shell.inner import Language
from safeshell.terminal.tracking.line_editors import (
    KERNEL,
    LIBEDIT,
    LINENOISE,
    NODE,
    PROMPT_TOOLKIT,
    PYREPL,
    READLINE,
    RELINE,
    SHELL,
    SIDEWAYS,
    LineEditor,
)

_NEVER: Final = r"(?!)"


class Ends(Enum):
    """What ends a statement."""

    LINE = auto()
    SEMICOLON = auto()
    BRACKETS = auto()
    """The line, unless a bracket or a quote is open."""
    PYTHON = auto()
    SHELL = auto()


@frozen
class Program:
    """A program whose lines are read from the screen.

    Args:
        name: what it is called, `psql`.
        language: what is typed into it.
        product: for SQL, which, as `InnerText.dialect` names it.
        ends: what ends a statement.
        editor: how it draws the line.
        primary: matches its usual prompt for a new statement, at a row's start; nothing when that says nothing.
        continuation: matches its prompt for the next line of a statement.
        elsewhere: it runs on another machine or in a container: what is on this machine means nothing to it.
        addresses: what it runs on, where that is elsewhere.
        argv: its command line, whose words may name more.
        magic: lines may be commands to the program itself, in a form of its own: `ipython`, `pry`, `perl-debugger`.
    """

    name: str
    language: Language
    product: str = ""
    ends: Ends = Ends.LINE
    editor: LineEditor = READLINE
    primary: str = _NEVER
    continuation: str = _NEVER
    elsewhere: bool = False
    addresses: tuple[Address, ...] = field(default=())
    magic: str = ""
    argv: tuple[str, ...] = field(default=())

    @property
    def primary_pattern(self) -> re.Pattern[str]:
        """`primary`, compiled."""
        return re.compile(self.primary)

    @property
    def continuation_pattern(self) -> re.Pattern[str]:
        """`continuation`, compiled."""
        return re.compile(self.continuation)


_TOOLKIT_SQL: Final = r"(?:\.{3,}|\s*->|\s*>|\.+:?) "


def _sql(name: str, product: str, primary: str, continuation: str, editor: LineEditor = READLINE) -> Program:
    return Program(name, Language.SQL, product, Ends.SEMICOLON, editor, primary, continuation)


_PSQL: Final = _sql(
    "psql", "postgresql", r"[^\s]*[=^!][*!?]?[#>] ", r"[^\s]*[-'\"$(*][*!?]?[#>] "
)  # fmt: skip
_MYSQL: Final = _sql(
    "mysql", "mysql", r"(?:mysql|MySQL|MariaDB) ?(?:\[[^\]]*\])?> ", r" {2,}(?:-|'|\"|`|/\*)> ", LIBEDIT
)
_PYTHON: Final = Program(
    "python", Language.PYTHON, "", Ends.PYTHON, READLINE, r">>> ", r"\.\.\. ?"
)  # fmt: skip
_IPYTHON: Final = Program(
    "ipython",
    Language.PYTHON,
    "",
    Ends.PYTHON,
    PROMPT_TOOLKIT,
    r"In \[\d+\]: ",
    r"\s*\.{3,}: ?",
    magic="ipython",
)
_IRB: Final = Program(
    "irb", Language.RUBY, "", Ends.BRACKETS, RELINE,
    r"(?:\[\d+\] )?[\w-]+\([^)]*\)(?::\d+)*> ", r"(?:\[\d+\] )?[\w-]+\([^)]*\)(?::\d+)*[*\"'`/\]] ?",
)  # fmt: skip
_NODE: Final = Program("node", Language.NODE, "", Ends.BRACKETS, NODE, r"> ", r"(?:\.{3,}|\|) ?")
_SHELL: Final = Program("sh", Language.SHELL, "", Ends.SHELL, READLINE, _NEVER, r"> ")

_TABLE: Final = {
    one.name: one
    for one in (
        _PSQL,
        _MYSQL,
        replace(_MYSQL, name="mariadb", product="mariadb"),
        _sql("sqlite3", "sqlite", r"sqlite> ", r".{3}\.\.\.> "),
        _sql("duckdb", "duckdb", r"(?:D|duckdb\S*) ", r"\W{1,4} ", LINENOISE),
        _sql("clickhouse-client", "clickhouse", r".* :\) ", r".* :-\] "),
        _sql("cqlsh", "cql", r"(?:\S+@)?cqlsh(?::\S+)?> ", r"\s+\.\.\. "),
        _sql("sqlcmd", "mssql", r"1> ", r"\d+> "),
        _sql("sqlplus", "oracle", r"SQL> ", r"\s*\d+\s+", KERNEL),
        _sql("pgcli", "postgresql", r"\S+> ", _TOOLKIT_SQL, PROMPT_TOOLKIT),
        _sql("mycli", "mysql", r".+> ", _TOOLKIT_SQL, PROMPT_TOOLKIT),
        _sql("litecli", "sqlite", r"\S+> ", _TOOLKIT_SQL, PROMPT_TOOLKIT),
        Program("redis-cli", Language.REDIS, editor=LINENOISE,
                primary=r"(?:not connected|[\w.:-]+:\d+|redis \S+)(?:\[\d+\])?(?:\(TX\)|\(subscribed mode\))?> "),
        Program("iredis", Language.REDIS, editor=PROMPT_TOOLKIT, primary=r"\S+:\d+(?:\[\d+\])?> "),
        Program("mongosh", Language.MONGO, "", Ends.BRACKETS, NODE, r"(?:.* )?[\w.-]+> ", r"(?:\.{3,}|\|) ?"),
        Program("mongo", Language.MONGO, "", Ends.BRACKETS, LINENOISE, r"(?:\S+:\S+)?> ", r"\.{3,} ?"),
        _PYTHON,
        replace(_PYTHON, name="python3.13+", editor=PYREPL),
        _IPYTHON,
        replace(_IPYTHON, name="ptpython", primary=r">>> ", continuation=r"\.{3} ?", magic=""),
        _IRB,
        replace(_IRB, name="pry", primary=r"\[\d+\] \S+\([^)]*\)> ", continuation=r"\[\d+\] \S+\([^)]*\)\* ",
                editor=READLINE, magic="pry"),
        _NODE,
        replace(_NODE, name="deno"),
        replace(_NODE, name="bun"),
        Program("php", Language.PHP, "", Ends.BRACKETS, READLINE, r"php > ", r"php [{(\[*'\"<]+ ?>? "),
        Program("psysh", Language.PHP, "", Ends.BRACKETS, READLINE, r"(?:>>>|>) ", r"(?:\.\.\.|\.) ?"),
        Program("lua", Language.LUA, "", Ends.BRACKETS, READLINE, r"> ", r">> "),
        Program("perl", Language.PERL, "", Ends.LINE, READLINE, r" {2}DB<+\d+>+ ", r" {2}cont: ",
                magic="perl-debugger"),
        _SHELL,
        *(replace(_SHELL, name=name) for name in ("bash", "rbash")),
        *(replace(_SHELL, name=name, editor=KERNEL) for name in ("dash", "ash", "busybox")),
        *(replace(_SHELL, name=name, editor=SIDEWAYS) for name in "ksh ksh93 mksh oksh pdksh tcsh csh".split()),
        replace(_SHELL, name="zsh", editor=SHELL, continuation=r"(?:\w+ ?)+> "),
        replace(_SHELL, name="fish", editor=SHELL, continuation=_NEVER),
    )
}  # fmt: skip
_ALIASES: Final = {
    "valkey-cli": "redis-cli",
    "keydb-cli": "redis-cli",
    "ipython3": "ipython",
    "bpython": "ptpython",
    "bb": "busybox",
    "clickhouse": "clickhouse-client",
    "sqlite": "sqlite3",
    "ts-node": "node",
    "nodejs": "node",
    "phpsh": "psysh",
}
_DISTINCT: Final = ("psql", "mysql", "sqlite3", "redis-cli", "python", "ipython", "irb", "php", "perl")
"""Programs whose prompt is enough to tell them by."""
_TOLD_BY_PROMPT: Final = {"python": ("ipython",), "python3.13+": ("ipython",), "irb": ("pry",)}
"""Consoles that frameworks open in one of two programs."""
_CONSOLES: Final = {
    ("python", "shell"): "python",
    ("python", "shell_plus"): "python",
    ("python", "dbshell"): "",
    ("ruby", "console"): "irb",
    ("ruby", "c"): "irb",
    ("php", "tinker"): "psysh",
}
"""What a framework's script opens by a word: `manage.py shell`, `bin/rails console`, `artisan tinker`."""
_FRAMEWORKS: Final = {
    "rails": "ruby",
    "manage": "python",
    "django-admin": "python",
    "flask": "python",
    "artisan": "php",
}
_ENVIRONMENT_SHELLS: Final = frozenset({"poetry", "pipenv", "hatch"})
"""What opens a shell of its own by the word `shell`, on a pseudo-terminal of its own."""
_VERSIONED: Final = re.compile(r"(python|pypy|ruby|irb|perl|lua|php|node|luajit)[-\d.]+|(pypy|luajit)")
_INTERPRETERS: Final = {
    # The letters of options that take a word; those with which no console opens; the options that open one anyway.
    "python": ("WXQ", "cm", "i"),
    "ruby": ("CEIrFKT", "en", ""),
    "node": ("r", "ep", "i"),
    "php": ("cdz", "frBRFES", "a"),
    "perl": ("", "", ""),
    "lua": ("le", "", "i"),
}
_MODULES: Final = {"asyncio": "python", "IPython": "ipython", "code": "python", "ptpython": "ptpython"}
_ROOT_SHELLS: Final = frozenset(
    {"su", "sudo", "doas", "ssh", "mosh", "machinectl", "nsenter", "chroot", "toolbox"}
)
_SHELL_WORDS: Final = re.compile(r"-[A-Za-z]*c[A-Za-z]*|--command(?:=.*)?")
_STEPS: Final = 6


def program_of(argv: Sequence[str], executable: str = "") -> Program | None:
    """The program that a process's words start, when its lines can be read from the screen; None for any other.

    Args:
        argv: as the process has them; one word with blanks in it, as programs that rename themselves leave it, is
            split.
        executable: the file that runs, where it is known: `sh` may be dash, `python3` has the version in its name.
    """
    words = list(argv)
    if len(words) == 1 and " " in words[0]:
        words = words[0].split()
    found = _program(words, _STEPS)
    if found is None:
        return None
    found = replace(found, argv=tuple(argv))
    if found.elsewhere or not executable:
        return found
    real = PurePosixPath(executable).name
    if found.language is Language.SHELL and real in _TABLE and _TABLE[real].language is Language.SHELL:
        return replace(found, name=real, editor=_TABLE[real].editor, continuation=_TABLE[real].continuation)
    if found.name == "python" and (own := _own_console("python", real)) is not None:
        return replace(own, argv=found.argv)
    return found


def program_named(name: str) -> Program | None:
    """The program that is to be taken for another one: by its name, or by its language.

    Args:
        name: `psql`, `mongosh`, …, or a language: `sql`, `shell`, `redis`, `python`, `ruby`, `mongo`, `node`, `php`,
            `perl`, `lua`.
    """
    found = _TABLE.get(_ALIASES.get(name, name))
    if found is not None:
        return found
    if name == Language.SQL.value:
        return Program("sql", Language.SQL, "", Ends.LINE)
    return next((one for one in _TABLE.values() if one.language.value == name), None)


def program_by_prompt(prompt: str, outer: Program) -> Program:
    """The program that a prompt belongs to, where only that can tell: in a shell elsewhere, in a framework's
    console.

    Args:
        prompt: what stands left of the line.
        outer: the program as the processes say.
    """
    for name in _TOLD_BY_PROMPT.get(outer.name, ()) or (_DISTINCT if _is_shell_elsewhere(outer) else ()):
        one = _TABLE[name]
        if one.primary_pattern.fullmatch(prompt) or (
            name != "python" and one.continuation_pattern.fullmatch(prompt)
        ):
            return replace(one, elsewhere=outer.elsewhere, addresses=outer.addresses, argv=outer.argv)
    return outer


def _is_shell_elsewhere(program: Program) -> bool:
    return program.elsewhere and program.language is Language.SHELL


def _program(words: Sequence[str], steps: int) -> Program | None:
    if not words or not steps:
        return None
    name = PurePosixPath(words[0]).name.removeprefix("-")
    for ending in (".py", ".rb", ".js", ".mjs", ".exe"):
        name = name.removesuffix(ending)
    versioned = _VERSIONED.fullmatch(name)
    if versioned:
        name = {"pypy": "python", "luajit": "lua"}.get(versioned.group(1) or name, versioned.group(1) or name)
    name = _ALIASES.get(name, name)
    if name in _ENVIRONMENT_SHELLS and list(words[1:2]) == ["shell"]:
        return _SHELL
    if name in _FRAMEWORKS:
        return _console_of(_FRAMEWORKS[name], words, "")
    if name in _INTERPRETERS:
        return _interpreter(name, words, steps, versioned=words[0])
    known = _TABLE.get(name)
    if known is None:
        return _started(words, steps)
    if known.language is Language.SHELL:
        return _interactive_shell(known, words)
    if name == "psql" and any(word in ("-S", "--single-line") for word in words):
        return replace(known, ends=Ends.LINE)
    return known


def _interactive_shell(shell: Program, words: Sequence[str]) -> Program | None:
    """A shell that reads its lines from the terminal: no `-c TEXT`, no script."""
    rest = list(words[1:])
    if shell.name == "busybox" and rest:
        return _interactive_shell(shell, rest) if rest[0] in ("sh", "ash") else None
    while rest:
        word = rest.pop(0)
        if _SHELL_WORDS.fullmatch(word):
            return None
        if word in ("-O", "-o", "+O", "+o", "--rcfile", "--init-file", "-C", "--init-command"):
            rest[:1] = []
        elif word[:1] not in "-+":
            return None
    return shell


def _interpreter(name: str, words: Sequence[str], steps: int, *, versioned: str) -> Program | None:
    """The console that an interpreter opens, or the one that its script is."""
    values, runs, opens = _INTERPRETERS[name]
    own = _own_console(name, versioned)
    opened = name == "perl" and any(word.startswith("-d") for word in words[1:])
    if opened:
        return own
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] not in ("-", "--"):
        word = words[at]
        at += 1
        if word in ("--interactive", "-i", "-a") or (
            opens and not word.startswith("--") and word[-1:] in opens
        ):
            return own
        if word.startswith("--"):
            continue
        if name == "python" and "m" in word:
            module = words[at] if word.endswith("m") and at < len(words) else word.partition("m")[2]
            return _TABLE.get(_MODULES.get(module, "")) or _program([module, *words[at + 1 :]], steps - 1)
        if any(letter in runs for letter in word[1:]):
            return None
        if word[-1] in values:
            at += 1
    rest = [word for word in words[at:] if word != "--"]
    if not rest or rest[0] == "-":
        return own if name in ("python", "node", "lua") else None
    script = PurePosixPath(rest[0]).name
    console = None if script in _ENVIRONMENT_SHELLS else _console_of(name, rest, versioned)
    if console is not None:
        return console
    inner = _program([script, *rest[1:]], steps - 1)
    return inner if inner is not None and script not in _INTERPRETERS else None


def _console_of(language: str, words: Sequence[str], called: str) -> Program | None:
    """The console that a framework's script opens by one of the words behind its name."""
    for word in words[1:3]:
        console = _CONSOLES.get((language, word))
        if console is not None:
            return _own_console(language, called) if console == language else _TABLE.get(console)
    return None


def _own_console(name: str, called: str) -> Program | None:
    if name == "ruby":
        return None
    if name == "python":
        version = re.search(r"3\.(\d+)$", called)
        return _TABLE["python3.13+"] if version and int(version.group(1)) >= 13 else _TABLE["python"]
    return _TABLE.get(name)


def _started(words: Sequence[str], steps: int) -> Program | None:
    """What a program starts that starts others: `sudo -u postgres psql`, `docker exec -it DB mysql`."""
    from safeshell.shell.context import NO_SESSION
    from safeshell.shell.inner import InnerCommand
    from safeshell.shell.script import SimpleCommand
    from safeshell.shell.word import Word
    from safeshell.shell.wrappers.unwrap import unwrap

    unwrapped = unwrap(SimpleCommand(tuple(Word(word) for word in words)), NO_SESSION)
    for inner in unwrapped.inner if unwrapped is not None else ():
        if not isinstance(inner, InnerCommand):
            continue
        found = _program([word.text for word in inner.command.words], steps - 1)
        if found is not None:
            addresses = tuple(dict.fromkeys((*found.addresses, *inner.addresses)))
            return replace(found, elsewhere=found.elsewhere or inner.elsewhere, addresses=addresses)
    if PurePosixPath(words[0]).name in _ROOT_SHELLS and not (unwrapped is not None and unwrapped.inner):
        return replace(_SHELL, name=PurePosixPath(words[0]).name, elsewhere=True)
    return None
