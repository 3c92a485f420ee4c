"""A person before `safeshell shell`, with a home of their own and an environment whose lines are asked about."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.person import Person, person_environ, python

GUARDED = 'version = 1\n[environments.production]\nmode = "guarded"\n'
MACHINE = subprocess.run(["uname", "-n"], capture_output=True, text=True, check=True).stdout.strip()
"""What a question asks for: this machine's name."""
PROMPT = "GUARDED P>"


def home_in(folder: Path) -> Path:
    """A home whose shells have a short prompt, and whose config asks in production."""
    (folder / ".config/safeshell").mkdir(parents=True, exist_ok=True)
    (folder / ".config/fish").mkdir(exist_ok=True)
    (folder / ".config/safeshell/config.toml").write_text(GUARDED)
    (folder / ".bashrc").write_text("PS1='P> '\n")
    (folder / ".zshrc").write_text("PROMPT='P> '\nunsetopt PROMPT_SP\n")
    (folder / ".config/fish/config.fish").write_text(
        "function fish_prompt; printf 'P> '; end\nset -g fish_greeting\n"
    )
    return folder


def wrapped(
    home: Path,
    *program: str,
    environment: str = "production",
    columns: int = 100,
    rows: int = 30,
    **environ: str,
) -> Person:
    """A person before a wrapped program."""
    return Person(
        *python("-m", "safeshell", "--environment", environment, "shell", "--", *program),
        environ=person_environ(home, **environ),
        columns=columns,
        rows=rows,
        folder=home,
    )
