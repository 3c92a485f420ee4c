"""A short place for the files of these tests: questions cut long paths, and cut them elsewhere on each machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """An empty folder with a short name."""
    folder = Path(tempfile.mkdtemp(prefix="i", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
