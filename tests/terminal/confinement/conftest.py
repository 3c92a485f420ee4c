"""Who acts: root, where the tests run as root, and an ordinary user."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from safeshell.terminal.confinement.hold import Holder
from safeshell.terminal.confinement.means import available
from tests.terminal.confinement.place import NOBODY, Place


def _users() -> list[int]:
    return [0, NOBODY] if os.geteuid() == 0 else [os.geteuid()]


@pytest.fixture(params=_users(), ids=lambda uid: "root" if uid == 0 else "user")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A folder to be protected, for each kind of user."""
    made = Place(request.param)
    yield made
    made.remove()


@pytest.fixture
def needs_landlock() -> None:
    if available().strongest is not Holder.LANDLOCK:
        pytest.skip("this kernel has no Landlock")
