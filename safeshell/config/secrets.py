"""Getting a password from where the config says it is, at the moment of connecting and not before.

Errors name the program, variable or file, never what came out of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from safeshell.config.settings import PasswordSource
from safeshell.errors import TargetUnreachable
from safeshell.guard.text import visible

TIMEOUT_SECONDS = 60.0
"""How long a password program may take; a person may have to touch a key or type a PIN meanwhile."""

MAX_BYTES = 1 << 16


class NoPassword(TargetUnreachable):
    """The configured source gave no password."""


def fetch_password(
    source: PasswordSource,
    *,
    environ: Mapping[str, str],
    where: str,
    timeout: float = TIMEOUT_SECONDS,
) -> str | None:
    """The password; None when the config names no source.

    Args:
        source: where it is to be had.
        environ: the process's environment variables.
        where: the target's name, for errors.
        timeout: seconds that a program may take.

    Returns:
        The first line of what the source gives, without its line end; bytes that are not UTF-8 survive as
        surrogates.

    Raises:
        NoPassword: the source can't be used or is empty.
    """
    if source.command:
        return _first_line(_run(source.command, environ, where, timeout), _named(source), where)
    if source.file is not None:
        return _first_line(_read(source.file, where), _named(source), where)
    if source.variable:
        found = environ.get(source.variable)
        if not found:
            raise NoPassword(
                f"the environment variable {source.variable}, which holds the password, is not set",
                where=where,
                todo=f"Set it, or change password_env of {where} in your config.",
            )
        return found
    return source.value


def _named(source: PasswordSource) -> str:
    if source.command:
        # The arguments may be secrets themselves.
        return f"the password command {visible(Path(source.command[0]).name)}"
    return f"the password file {visible(str(source.file), limit=400)}"


def _run(command: tuple[str, ...], environ: Mapping[str, str], where: str, timeout: float) -> bytes:
    import subprocess

    name = _named(PasswordSource(command=command))
    program = Path(command[0]).expanduser() if command[0].startswith("~/") else command[0]
    try:
        # What it complains about may quote the secret, so nothing of it is shown. Standard input is closed:
        # what a person has typed ahead is meant for the console.
        done = subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoPassword(f"{name} gave no answer within {timeout:g} s", where=where) from None
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "no such name can be").lower()
        raise NoPassword(f"{name} can't be started: {why}", where=where, todo=_TRY) from None
    if done.returncode:
        ended = f"status {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
        raise NoPassword(f"{name} failed with {ended}; what it printed is not shown", where=where, todo=_TRY)
    return done.stdout


_TRY = "Try it by hand: it must print the password on its first line, without asking in this terminal."


def _read(path: Path, where: str) -> bytes:
    try:
        # Not blocking: a named pipe without a writer would hang the console.
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            return file.read(MAX_BYTES) or b""
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "no such name can be").lower()
        raise NoPassword(f"{_named(PasswordSource(file=path))} can't be read: {why}", where=where) from None


def _first_line(output: bytes, name: str, where: str) -> str:
    line = output.partition(b"\n")[0].removesuffix(b"\r")
    if not line:
        raise NoPassword(f"{name} gave an empty first line", where=where)
    return line.decode("utf-8", "surrogateescape")
