"""How many lines of each class are judged as their label says.

Rates, not single lines: some labels are a matter of taste, and tools are among them that no pack knows. What must
hold line by line stands in tests/shell/everyday and in the packs themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeshell.guard.mode import Mode
from safeshell.guard.verdict import VerdictKind
from tests.shell.everyday.test_everyday import verdict

HERE = Path(__file__).parent

# Class → the mode it is judged in, whether it must be let through, the share that must be judged so.
CLASSES = {
    "destructive": (Mode.GUARDED, False, 0.97),
    "bypass_attempts": (Mode.GUARDED, False, 0.97),
    "harmless": (Mode.GUARDED, True, 0.98),
    "false_alarms": (Mode.GUARDED, True, 0.98),
    "changing": (Mode.READ_ONLY, False, 0.995),
    "diagnosis": (Mode.READ_ONLY, True, 0.98),
}


def lines(name: str) -> Iterator[str]:
    for path in sorted((HERE / name).glob("*.toml")):
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        yield from (line for line in written.get("lines", "").splitlines() if line.strip())
        yield from written.get("texts", ())


@pytest.mark.parametrize("name", CLASSES)
def test_enough_lines_are_judged_as_they_are_labelled(name: str) -> None:
    mode, passes, share = CLASSES[name]
    found = list(lines(name))
    wrong = [line for line in found if (verdict(line, mode) is VerdictKind.ALLOW) is not passes]

    assert len(found) > 100
    assert 1 - len(wrong) / len(found) >= share, "\n".join(wrong)
