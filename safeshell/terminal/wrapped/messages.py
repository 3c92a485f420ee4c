r"""What a shell's hook says to the guard, and the guard's answer: bytes in, values out, and back. Pure.

A request is a row of fields that each end in NUL, as `printf '%s\0'` writes them: the session's secret, a number
of the request's own, its kind, where the shell is, the text, then facts in threes (what, name, value) up to a
field of a single dot. An answer is one line. Nothing of this is shown to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from safeshell.frozen import field, frozen

_HEAD = 8
_LONGEST = 8 << 20
"""Bytes of a request that is not complete; more is no request."""


_OWN = "__safeshell_"
"""What the names of the hooks' own functions begin with."""
_SHIM = "__safeshell_shim"
"""What a function calls that stands for a console of our own."""

BETWEEN_WORDS = "\x1f"
"""Stands between the words of a command line in a request and in its answer."""


class RequestKind(StrEnum):
    """What a shell says or asks."""

    HELLO = "hello"
    PROMPT = "prompt"
    LINE = "line"
    NET = "net"
    MORE = "more"
    UNSEEN = "unseen"
    META = "meta"
    NEST = "nest"
    SHIM = "shim"


@frozen
class Facts:
    """What the names of a line mean in the shell that asks.

    Args:
        variables: values by name.
        exported: values of the variables that say where a command acts.
        unset: names of variables that have no value.
        aliases, functions: bodies by name.
        shims: names of functions that stand for a console of our own.
    """

    variables: dict[str, str] = field(default_factory=dict)
    exported: dict[str, str] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    shims: frozenset[str] = frozenset()

    def joined(self, more: Facts) -> Facts:
        """These and `more`."""
        return Facts(
            {**self.variables, **more.variables},
            {**self.exported, **more.exported},
            self.unset | more.unset,
            {**self.aliases, **more.aliases},
            {**self.functions, **more.functions},
            self.shims | more.shims,
        )


@frozen
class Request:
    """One thing that a shell says.

    Args:
        id: the request's own, to be repeated in the answer.
        kind: what is wanted.
        pid: the shell.
        euid: whom it runs as.
        cwd: its working directory, as it calls it.
        options: the options that are on: single letters and names, between colons.
        text: the line; for a prompt the last status, for a greeting the shell's name and version.
        facts: what the names in it mean.
    """

    id: str
    kind: RequestKind
    pid: int
    euid: int
    cwd: str
    options: str
    text: str
    facts: Facts = field(default_factory=Facts)


class RequestReader:
    """Puts requests together from what comes through the pipe; what is no request of this session is dropped.

    Args:
        secret: what each begins with.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Request]:
        """The requests that `data` completes."""
        self._rest += data
        while True:
            start = self._rest.find(self._secret + b"\0")
            if start < 0:
                # Half a secret may stand at the end.
                self._rest = self._rest[-len(self._secret) :] if len(self._rest) > _LONGEST else self._rest
                return
            fields, end = _fields(self._rest, start)
            again = self._rest.find(self._secret + b"\0", start + 1)
            if again >= 0 and (fields is None or end > again):
                # ^C has cut the first one off.
                self._rest = self._rest[again:]
                continue
            if fields is None:
                if len(self._rest) - start > _LONGEST:
                    self._rest = b""
                return
            self._rest = self._rest[end:]
            request = _request(fields)
            if request is not None:
                yield request


def _fields(data: bytes, start: int) -> tuple[list[bytes] | None, int]:
    """The fields of the request at `start`, without the secret, and where it ends; None while it goes on."""
    parts = data[start:].split(b"\0")
    at = _HEAD
    while at < len(parts) - 1:
        if parts[at] == b".":
            end = start + sum(len(part) + 1 for part in parts[: at + 1])
            return parts[1:at], end
        at += 3
    return None, 0


def _request(fields: list[bytes]) -> Request | None:
    texts = [one.decode("utf-8", "surrogateescape") for one in fields]
    name, kind, pid, euid, cwd, options, text = texts[: _HEAD - 1]
    try:
        return Request(
            name, RequestKind(kind), int(pid), int(euid), cwd, options, text, _facts(texts[_HEAD - 1 :])
        )
    except ValueError:
        return None


def _facts(texts: list[str]) -> Facts:
    facts, unset, shims = Facts(), set(), set()
    for what, name, value in zip(texts[::3], texts[1::3], texts[2::3], strict=True):
        match what:
            case "x":
                facts.exported[name] = facts.variables[name] = value
            case "v":
                facts.variables[name] = value
            case "u":
                unset.add(name)
            case "a" | "g":
                facts.aliases[name] = value
            case "f":
                # Those that give a nested shell its hook are not what a line means by `sudo` or `bash`.
                if _OWN not in value:
                    facts.functions[name] = value
                elif _SHIM in value:
                    shims.add(name)
            case _:
                raise ValueError(what)
    return Facts(
        facts.variables,
        facts.exported,
        frozenset(unset),
        facts.aliases,
        facts.functions,
        frozenset(shims),
    )


def answer(word: str, request: Request, said: str) -> bytes:
    """The line that answers `request`.

    Args:
        word: what this session's answers begin with.
        request: what is answered.
        said: `run`, `no`, `more`, `need NAME…`, `ok TEXT`; line ends in it become blanks.
    """
    one_line = said.replace("\n", " ").replace("\r", " ")
    return f"{word} {request.id} {one_line}\n".encode("utf-8", "surrogateescape")
