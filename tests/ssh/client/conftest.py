"""A sshd that the client's tests share, and one that a test may ruin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ssh.sshd import SshServer


@pytest.fixture(scope="package")
def shared_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A server whose keys and configuration no test changes."""
    with SshServer(tmp_path_factory.mktemp("sshd"), lines=["X11Forwarding no"]) as server:
        yield server


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[SshServer]:
    """A server of the test's own."""
    with SshServer(tmp_path / "server") as server:
        yield server
