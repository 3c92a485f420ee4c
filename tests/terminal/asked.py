"""A person who is asked: the asking program on a terminal, and what it tells of the answer."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.person import ROOT, Person, python


class AskedPerson(Person):
    """Runs `tests.terminal.asking`.

    Args:
        folder: where the program's report goes.
        columns: the window's.
        environ: added to a plain environment.
        options: what `asking` is told.
    """

    def __init__(
        self, folder: Path, *, columns: int = 80, environ: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        self.report = folder / "report.json"
        options["report"] = str(self.report)
        super().__init__(
            *python("-m", "tests.terminal.asking", json.dumps(options)),
            environ={
                "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color", **(environ or {}),
            },
            columns=columns,
            rows=24,
            folder=ROOT,
        )  # fmt: skip

    def told(self) -> dict[str, Any]:
        """What the program says of the answer, once it has ended well."""
        assert self.ended() == 0, self.text
        told: dict[str, Any] = json.loads(self.report.read_text())
        return told
