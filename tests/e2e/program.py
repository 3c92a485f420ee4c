"""The real program as a process of its own: without a terminal, as a script starts it, or with a person at one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.person import Person

PROGRAM = str(Path(sys.executable).parent / "safeshell")
DEADLINE = 60.0


@dataclass(frozen=True)
class Done:
    """How one run ended."""

    status: int
    out: bytes
    err: str

    def told(self) -> str:
        """The first line of what was said on standard error, which is a sentence and no traceback."""
        assert "Traceback" not in self.err, self.err
        lines = self.err.splitlines()
        assert lines, "nothing was said"
        assert all(line.startswith("  ") for line in lines[1:]), f"more than one thing was said:\n{self.err}"
        return lines[0]


def environment(added: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", **(added or {})}


def safeshell(
    *words: str | bytes,
    given: bytes | BinaryIO | None = None,
    environ: Mapping[str, str] | None = None,
    program: str = PROGRAM,
) -> Done:
    """Run the program to its end.

    Args:
        words: its arguments, exactly.
        given: standard input: bytes come through a pipe, a file is the file; nothing (/dev/null) by default.
        environ: added to the environment.
        program: what is started; a link to the program, for one.
    """
    piped = isinstance(given, bytes)
    how = {"input": given} if piped else {"stdin": subprocess.DEVNULL if given is None else given}
    done = subprocess.run(
        [program, *words],
        capture_output=True,
        timeout=DEADLINE,
        check=False,
        env=environment(environ),
        **how,
    )
    return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def at_safeshell(*words: str, columns: int = 120, rows: int = 40) -> Person:
    """A person who has started the program in a terminal of that size."""
    return Person(
        PROGRAM, *words, environ=environment({"TERM": "xterm-256color"}), columns=columns, rows=rows
    )
