"""The fixed programs that keep and put back on a host, and the lines that they are told. Pure.

Nothing of what was typed is ever in a program's text. `back.sh` answers in triples, which are read strictly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from safeshell.frozen import frozen

ID: Final = re.compile(r"[23456789abcdefghjkmnpqrstvwxyz]{6}")
_NUMBER: Final = re.compile(rb"[0-9]{1,18}")


@frozen
class Said:
    """One thing that `back.sh` has done, would do, or could not.

    Args:
        word: what.
        path: about what, as the host has it; b"" for the whole.
        number: of things that lie there, itself among them.
    """

    word: str
    path: bytes
    number: int


@cache
def keeping() -> str:
    """The program that keeps."""
    return _text("remote/touched.sh") + _text("undo/store.sh") + _text("undo/keep.sh")


@cache
def putting_back() -> str:
    """The program that settles, plans, puts back and forgets."""
    return _text("remote/touched.sh") + _text("undo/store.sh") + _text("undo/back.sh")


def coded(path: str) -> str:
    """A path as the programs read it, in one line."""
    return path.replace("\\", "\\\\").replace("\n", "\\n")


def lines(*values: str | int) -> bytes:
    """Values a line each, as the programs read them first of all."""
    return "".join(f"{value}\n" for value in values).encode("utf-8", "surrogateescape")


def triples(said: bytes) -> Iterator[Said]:
    """What `back.sh` has said; what is not of its form is left out."""
    parts = said.split(b"\0")
    for word, path, number in zip(parts[0::3], parts[1::3], parts[2::3], strict=False):
        count = number.strip()
        if word.isalpha() and _NUMBER.fullmatch(count):
            yield Said(word.decode("ascii", "replace"), path, int(count))


def _text(name: str) -> str:
    text = files("safeshell.ssh").joinpath(name).read_text("utf-8")
    # What says nothing to a machine does not go over.
    kept = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in kept if line and not line.startswith("#"))
