"""The house rules that a machine can hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "safeshell").rglob("*.py"))


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_what_lives_in_it(source: Path) -> None:
    assert ast.get_docstring(ast.parse(source.read_text())), f"{source.name} has no docstring"


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc", "base", "manager"}

    assert not [str(path) for path in SOURCES if path.stem in drawers]


def test_the_guard_knows_the_standard_library_and_itself() -> None:
    outside = {
        f"{source.name} imports {name}"
        for source in (ROOT / "safeshell/guard").glob("*.py")
        for name in _imported(source)
        if not (
            name in sys.stdlib_module_names
            or name in ("safeshell.errors", "safeshell.frozen", "safeshell.lazy_pattern", "__future__")
        )
        and not name.startswith("safeshell.guard")
    }

    assert not outside


def _imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module if node.module.startswith("safeshell") else node.module.partition(".")[0])
    return names
