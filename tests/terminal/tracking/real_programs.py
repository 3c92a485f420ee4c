"""The programs of the table of `test_real_programs`, and the throw-away servers that two of them need."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from safeshell.frozen import field, frozen
from tests.servers import DEADLINE, RedisServer, free_port, needed


@frozen
class RealProgram:
    """One program of the table.

    Args:
        name: what it is called in the table.
        argv: makes its command line; starts what it needs.
        prompt: what its prompt ends with.
        plain: a harmless statement with a number in it, and no bracket that an editor would close.
        long: a statement with so many letters in it.
        slow: a statement that takes half a second.
        completed: keys with a Tab, and the line that they make; None where nothing is completed.
        statement: the lines of one statement.
        next_prompt: what the prompt for the second line ends with.
        history: keys recall earlier lines.
        search: ^R searches them, and Enter submits what was found (reline's ends the search).
        edits: the cursor can go back on the line.
        brackets_paste: it tells the terminal to announce a paste.
        line_feed: ^J is Enter.
        scrolls_inside: it scrolls a line that is longer than the screen, so that only a part of that is shown.
        wide: its editor knows of wide characters; else what is on the screen may be no more than doubted.
        environ: what is set for it.
    """

    name: str
    argv: Callable[[Servers], list[str]]
    prompt: str
    plain: Callable[[int], str]
    long: Callable[[int], str]
    slow: str
    completed: tuple[str, str] | None
    statement: tuple[str, ...]
    next_prompt: str
    history: bool = True
    search: bool = True
    edits: bool = True
    brackets_paste: bool = True
    line_feed: bool = True
    scrolls_inside: bool = False
    wide: bool = True
    environ: dict[str, str] = field(default_factory=dict)


class PostgresServer:
    """A throw-away PostgreSQL that listens on a socket in its own folder."""

    def __init__(self) -> None:
        # A short path: a socket's name may have 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="safeshell-pg-", dir="/tmp"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        user = None
        if os.geteuid() == 0:
            user = "postgres"
            shutil.chown(self.folder, user)
        data = self.folder / "data"
        words = [
            _postgres("initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "--no-instructions",
        ]
        done = subprocess.run(words, capture_output=True, cwd=self.folder, user=user, check=False, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        words = [
            _postgres("postgres"),
            "-D",
            str(data),
            "-k",
            str(self.folder),
            "-h",
            "",
            "-p",
            str(self.port),
        ]
        log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [*words, "-c", "fsync=off"], stdout=log, stderr=log, cwd=self.folder, user=user
        )
        log.close()
        end = time.monotonic() + DEADLINE
        while subprocess.run(
            [_postgres("pg_isready"), "-h", str(self.folder), "-p", str(self.port)],
            capture_output=True,
            check=False,
        ).returncode:
            assert time.monotonic() < end, (self.folder / "log").read_text()
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(DEADLINE)
        shutil.rmtree(self.folder, ignore_errors=True)


def _postgres(program: str) -> str:
    """A program of the server, which Debian keeps off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(found[-1]) if found else needed(program, "postgresql")


class Servers:
    """Servers that are started when the first program asks for them."""

    def __init__(self) -> None:
        self._redis: RedisServer | None = None
        self._postgres: PostgresServer | None = None

    @property
    def redis(self) -> RedisServer:
        if self._redis is None:
            self._redis = RedisServer().start()
        return self._redis

    @property
    def postgres(self) -> PostgresServer:
        if self._postgres is None:
            self._postgres = PostgresServer().__enter__()
        return self._postgres

    def stop(self) -> None:
        if self._redis is not None:
            self._redis.stop()
        if self._postgres is not None:
            self._postgres.__exit__()


def _psql(servers: Servers) -> list[str]:
    server = servers.postgres
    return [
        needed("psql", "postgresql"), "-X", "-h", str(server.folder), "-p", str(server.port), "-U", "postgres",
        "postgres",
    ]  # fmt: skip


def _sql_long(length: int) -> str:
    return f"select '{_letters(length)}';"


def _letters(length: int) -> str:
    """Letters of which no two stretches are the same, so that a piece that is lost or doubled shows."""
    return "".join(f"{number:04x}" for number in range(length // 4 + 1))[:length]


PROGRAMS = (
    RealProgram(
        "psql", _psql, "postgres=# ",
        plain=lambda n: f"select {n};",
        long=_sql_long,
        slow="select pg_sleep(0.5);",
        completed=("select 1 from pg_stat_activi\t;", "select 1 from pg_stat_activity ;"),
        statement=("select", "  1,", "2;"),
        next_prompt="postgres-# ",
    ),
    RealProgram(
        "sqlite3", lambda _: [needed("sqlite3", "sqlite3")], "sqlite> ",
        plain=lambda n: f"select {n};",
        long=_sql_long,
        slow="with recursive c(n) as (select 1 union all select n+1 from c where n<1500000) select max(n) from c;",
        completed=None,
        statement=("select", "  1,", "2;"),
        next_prompt="...> ",
    ),
    RealProgram(
        "redis-cli", lambda servers: [needed("redis-cli", "redis-tools"), "-p", str(servers.redis.port)], "> ",
        plain=lambda n: f"SET key {n}",
        long=lambda n: f"SET key {_letters(n)}",
        slow="DEBUG SLEEP 0.5",
        completed=("DBSI\t", "DBSIZE"),
        statement=(),
        next_prompt="",
        search=False,
        brackets_paste=False,
        line_feed=False,
        wide=False,
    ),
    RealProgram(
        "python", lambda _: [sys.executable, "-q"], ">>> ",
        plain=lambda n: f"{n} + 1",
        long=lambda n: f"len('{_letters(n)}')",
        slow="import time; time.sleep(0.5)",
        completed=("copyrig\t", "copyright()"),
        statement=("for i in range(2):", "    print(i)", ""),
        next_prompt="... ",
        brackets_paste=False,
    ),
    RealProgram(
        "node", lambda _: [needed("node", "nodejs")], "> ",
        plain=lambda n: f"{n} + 1",
        long=lambda n: f"'{_letters(n)}'.length",
        slow="for (const end = Date.now() + 500; Date.now() < end;);",
        completed=("Math.flo\t(1.5)", "Math.floor(1.5)"),
        statement=("[1, 2].map((x) => {", "return x + 1", "})"),
        next_prompt="... ",
        brackets_paste=False,
    ),
    RealProgram(
        "irb", lambda _: [needed("irb", "irb"), "-f", "--noautocomplete"], "> ",
        plain=lambda n: f"{n} + 1",
        long=lambda n: f"'{_letters(n)}'.size",
        slow="sleep 0.5",
        completed=None,
        statement=("[1, 2].map {", "7", "}"),
        next_prompt="* ",
        search=False,
        brackets_paste=False,
        scrolls_inside=True,
    ),
    RealProgram(
        "bash", lambda _: [needed("bash", "bash"), "--norc", "--noprofile"], "$ ",
        plain=lambda n: f"echo {n}",
        long=lambda n: f"echo {_letters(n)}",
        slow="sleep 0.5",
        completed=("echo /etc/hostna\t", "echo /etc/hostname "),
        statement=("for i in 1 2; do", "echo $i", "done"),
        next_prompt="> ",
        environ={"PS1": "u@h:~$ "},
    ),
    RealProgram(
        "dash", lambda _: [needed("dash", "dash"), "-i"], "$ ",
        plain=lambda n: f"echo {n}",
        long=lambda n: f"echo {_letters(n)}",
        slow="sleep 0.5",
        completed=None,
        statement=("for i in 1 2; do", "echo $i", "done"),
        next_prompt="> ",
        history=False, search=False, edits=False, brackets_paste=False,
        environ={"PS1": "dash$ "},
    ),
)  # fmt: skip
