"""Questions to the person before the session is there: passwords, passphrases, a new host's key; on /dev/tty.

The one idea: standard input is the remote program's, so it is never read here. Where there is no terminal, the
program of SSH_ASKPASS is asked as ssh does (ssh(1), ENVIRONMENT); where there is neither, there is no answer.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import termios
from collections.abc import Iterator, Mapping
from typing import Final

from safeshell.guard.text import visible

_DEVICE: Final = "/dev/tty"
_LONGEST: Final = 1 << 12


class Person:
    """Who answers.

    Args:
        environ: says whether a program asks instead of the terminal.
        batch: nobody is there to answer (BatchMode).
    """

    def __init__(self, environ: Mapping[str, str], *, batch: bool) -> None:
        self._environ = environ
        self._batch = batch

    def secret(self, prompt: str) -> str | None:
        """A password or passphrase, not shown while it is typed; None when nobody answers."""
        return self._ask(prompt, shown=False)

    def answer(self, prompt: str, *, shown: bool = True) -> str | None:
        """The answer to a question; None when nobody answers."""
        return self._ask(prompt, shown=shown)

    def confirm(self, text: str, prompt: str) -> str | None:
        """The answer to a question behind some lines that explain it; None when nobody answers."""
        return self._ask(f"{text}\n{prompt}", shown=True)

    def _ask(self, prompt: str, *, shown: bool) -> str | None:
        if self._batch:
            return None
        shown_prompt = "\n".join(visible(line, limit=_LONGEST) for line in prompt.split("\n"))
        require = self._environ.get("SSH_ASKPASS_REQUIRE", "")
        program = self._environ.get("SSH_ASKPASS", "")
        if program and require in ("force", "prefer"):
            return self._ask_program(program, shown_prompt)
        try:
            device = os.open(_DEVICE, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            wanted = self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY")
            if program and wanted and require != "never":
                return self._ask_program(program, shown_prompt)
            return None
        try:
            return _read_line(device, shown_prompt, shown=shown)
        except (OSError, termios.error):
            return None
        finally:
            os.close(device)

    def _ask_program(self, program: str, prompt: str) -> str | None:
        try:
            done = subprocess.run(
                [program, prompt],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env=dict(self._environ),
                check=False,
            )
        except OSError:
            return None
        if done.returncode != 0:
            return None
        return done.stdout.decode("utf-8", "surrogateescape").split("\n", 1)[0].removesuffix("\r")


def _read_line(device: int, prompt: str, *, shown: bool) -> str | None:
    with _echo(device, shown=shown):
        os.write(device, prompt.encode("utf-8", "backslashreplace"))
        typed = b""
        while not typed.endswith(b"\n"):
            more = os.read(device, _LONGEST)
            if not more:
                break
            typed += more
        if not shown:
            os.write(device, b"\r\n")
    if not typed:
        return None
    return typed.split(b"\n", 1)[0].decode("utf-8", "surrogateescape").removesuffix("\r")


@contextlib.contextmanager
def _echo(device: int, *, shown: bool) -> Iterator[None]:
    """The terminal reads lines as a person edits them, whatever it did before; what was typed ahead is no answer."""
    former = termios.tcgetattr(device)
    asking = list(former)
    asking[0] |= termios.ICRNL
    asking[1] |= termios.OPOST
    asking[3] |= termios.ICANON | termios.ISIG
    asking[3] = (
        asking[3] | termios.ECHO if shown else asking[3] & ~(termios.ECHO | termios.ECHOE | termios.ECHONL)
    )
    termios.tcsetattr(device, termios.TCSAFLUSH, asking)
    try:
        yield
    finally:
        termios.tcsetattr(device, termios.TCSANOW, former)
