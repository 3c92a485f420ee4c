"""What known_hosts files say of a host (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): a thin reader over their lines. Pure.

The one idea: a key is known, new, changed or revoked, and a verdict names the line that says so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from fnmatch import fnmatchcase
from typing import Final

from safeshell.frozen import frozen

_MAGIC: Final = "|1|"


class Verdict(Enum):
    """What is known of a key."""

    KNOWN = "known"
    NEW = "new"
    CHANGED = "changed"
    REVOKED = "revoked"


@frozen
class Line:
    """A line that names a key.

    Args:
        file, number: where it stands.
        marker: "", "@cert-authority" or "@revoked".
        names: the patterns of hosts, or a hashed name.
        kind: the key's type.
        blob: the key.
    """

    file: str
    number: int
    marker: str
    names: str
    kind: str
    blob: bytes

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"{self.file}:{self.number}"


@frozen
class Finding:
    """A verdict, and the line that it rests on.

    Args:
        verdict: what is known.
        line: the line; None for a new key.
    """

    verdict: Verdict
    line: Line | None = None


def read_lines(files: Mapping[str, str]) -> tuple[Line, ...]:
    """The lines of known_hosts files that name a key; what can't be read is passed over, as ssh does.

    Args:
        files: contents by name, in the order in which they count.
    """
    return tuple(line for file, text in files.items() for line in _of_file(file, text))


def check(lines: Sequence[Line], names: Sequence[str], blob: bytes, kind: str) -> Finding:
    """What is known of a key of a host.

    Args:
        lines: of the files.
        names: what the host is called; the first is the one that counts, the others may only say that it is known.
        blob: the key.
        kind: its type.
    """
    for line in _for(lines, names):
        if line.marker == "@revoked" and line.blob == blob:
            return Finding(Verdict.REVOKED, line)
    plain = [line for line in _for(lines, names) if not line.marker]
    for line in plain:
        if line.blob == blob:
            return Finding(Verdict.KNOWN, line)
    for line in _for(lines, names[:1]):
        if not line.marker and line.kind == kind:
            return Finding(Verdict.CHANGED, line)
    return Finding(Verdict.NEW)


def authorities(lines: Sequence[Line], names: Sequence[str]) -> dict[bytes, Line]:
    """The authorities whose certificates are good for a host, unless they are revoked."""
    revoked = {line.blob for line in _for(lines, names) if line.marker == "@revoked"}
    found = {line.blob: line for line in _for(lines, names) if line.marker == "@cert-authority"}
    return {blob: line for blob, line in found.items() if blob not in revoked}


def known_types(lines: Sequence[Line], names: Sequence[str]) -> frozenset[str]:
    """The types of the keys that we know of a host."""
    return frozenset(line.kind for line in _for(lines, names) if not line.marker)


def other_names(lines: Sequence[Line], blob: bytes) -> tuple[str, ...]:
    """Where else a key is known: `file:line: names`."""
    return tuple(
        f"{line.place}: {'[hashed name]' if line.names.startswith(_MAGIC) else line.names}"
        for line in lines
        if line.blob == blob and not line.marker
    )


def names_of(host: str, port: int, alias: str) -> tuple[str, ...]:
    """What known_hosts may call a host: with its port where it isn't the usual one, and without."""
    if alias:
        return (alias.lower(),)
    name = host.lower()
    return (name,) if port == 22 else (f"[{name}]:{port}", name)


def new_line(name: str, kind: str, blob: bytes, salt: bytes | None) -> str:
    """The line to add for a host; with a salt (20 bytes), its name is hashed."""
    shown = name
    if salt is not None:
        digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
        shown = f"{_MAGIC}{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"
    return f"{shown} {kind} {base64.b64encode(blob).decode()}\n"


def _of_file(file: str, text: str) -> Iterator[Line]:
    for number, written in enumerate(text.splitlines(), 1):
        words = written.split()
        if not words or words[0].startswith("#"):
            continue
        marker = words.pop(0) if words[0].startswith("@") else ""
        if len(words) < 3:
            continue
        try:
            blob = base64.b64decode(words[2], validate=True)
        except (binascii.Error, ValueError):
            continue
        yield Line(file, number, marker, words[0], words[1], blob)


def _for(lines: Iterable[Line], names: Sequence[str]) -> Iterator[Line]:
    return (line for line in lines if any(_names_it(line.names, name) for name in names))


def _names_it(patterns: str, name: str) -> bool:
    if patterns.startswith(_MAGIC):
        return _hashed_is(patterns, name)
    found = False
    for pattern in patterns.lower().split(","):
        # "[" stands for itself here, unlike in a shell.
        literal = pattern.lstrip("!").replace("[", "[[]")
        if fnmatchcase(name, literal):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _hashed_is(hashed: str, name: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in hashed[len(_MAGIC) :].split("|"))
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)
