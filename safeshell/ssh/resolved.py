"""What ssh's configuration comes to for one host, in the words of `ssh -G`.

ssh itself is asked where it is there: nobody else reads its configuration exactly. The answer is a value; whoever
connects, labels or checks works with that.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.options import SshCall

_PATIENCE: Final = 10.0
"""Seconds for `ssh -G`; `Match exec` in a configuration may run a program."""
_NOT_ASKED: Final = "GsWONf"
"""Options that say what is done with a connection; ssh wants the rest of the call for some of them."""


class NotResolved(SafeshellError):
    """The configuration can't be read for this host; ssh's own words say why."""


@frozen
class Resolved:
    """The configuration of one host.

    Args:
        values: every value by keyword, which is in lower case.
    """

    values: Mapping[str, tuple[str, ...]]

    def one(self, keyword: str, default: str = "") -> str:
        """The keyword's value."""
        return self.values.get(keyword, (default,))[0]

    def all(self, keyword: str) -> tuple[str, ...]:
        """The keyword's values."""
        return self.values.get(keyword, ())

    @property
    def hostname(self) -> str:
        """Where the connection goes."""
        return self.one("hostname")

    @property
    def user(self) -> str:
        """Who logs in."""
        return self.one("user")

    @property
    def port(self) -> int:
        """The port."""
        return int(self.one("port", "22"))


def read_resolved(text: str) -> Resolved:
    """Read what `ssh -G` prints: a keyword and its value a line."""
    values: dict[str, tuple[str, ...]] = {}
    for line in text.split("\n"):
        keyword, _, value = line.partition(" ")
        if keyword:
            values[keyword] = (*values.get(keyword, ()), value)
    return Resolved(values)


def resolve(call: SshCall, program: str) -> Resolved:
    """What ssh would do for `call`.

    Args:
        call: the options and the destination.
        program: the system's ssh; "" where there is none, and its configuration is read by ourselves.

    Raises:
        NotResolved: the configuration can't be read, or the destination.
    """
    if not program:
        from safeshell.ssh.config_machine import ThisMachine
        from safeshell.ssh.config_reader import read_config

        return read_config(call, ThisMachine()).resolved
    own = tuple(word for pair in call.options if pair[0] not in _NOT_ASKED for word in _words(pair))
    try:
        done = subprocess.run(
            (program, *own, "-G", "--", call.destination),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotResolved(f"{program} does not say what it would do: {error}", where="ssh -G") from error
    if done.returncode != 0:
        said = visible(done.stderr.decode("utf-8", "replace").strip())
        raise NotResolved(
            said or f"ssh -G ended with {done.returncode}",
            where="ssh -G",
            todo="Mend that in ~/.ssh/config, or name another file with -F.",
        )
    return read_resolved(done.stdout.decode("utf-8", "surrogateescape"))


def _words(pair: tuple[str, str]) -> tuple[str, ...]:
    return SshCall((pair,)).words()
