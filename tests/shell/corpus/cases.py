"""The corpus as values: which files a class has, and how one of them is read.

A file `CLASS/FAMILY.toml` has `lines` (one command line a line), `texts` (command lines of several lines) and
`known` (tables with `line` and `why`): lines that are judged wrong for a reason, and still count as wrong.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


def families(*names: str) -> list[str]:
    """The files of some classes, as `CLASS/FAMILY`."""
    return [f"{name}/{path.stem}" for name in names for path in sorted((HERE / name).glob("*.toml"))]


@cache
def known(family: str) -> frozenset[str]:
    """The lines of one file that are known to be judged wrong."""
    return frozenset(case["line"] for case in _table(family).get("known", ()))


@cache
def lines(family: str) -> tuple[str, ...]:
    """Every command line of one file."""
    table = _table(family)
    single = [line for line in table.get("lines", "").splitlines() if line]
    several = [text.removesuffix("\n") for text in table.get("texts", ())]
    return (*single, *several, *(case["line"] for case in table.get("known", ())))


def all_lines(*names: str) -> list[str]:
    """Every command line of some classes, in the order of their files."""
    return [line for family in families(*names) for line in lines(family)]


@cache
def _table(family: str) -> dict:
    return tomllib.loads((HERE / f"{family}.toml").read_text(encoding="utf-8"))
