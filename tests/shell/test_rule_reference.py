"""docs/rules says what the packs say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from safeshell.shell.pack_source import PACKS

ROOT = Path(__file__).parents[2]


def test_the_rule_reference_is_what_the_packs_say() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "script" / "rules", "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_every_pack_has_a_page() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")}

    assert pages == {path.stem for path in PACKS.glob("*.toml")} | {"README"}
