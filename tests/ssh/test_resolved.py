from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.ssh.options import read_call
from safeshell.ssh.resolved import NotResolved, read_resolved, resolve


def test_ssh_itself_says_what_its_configuration_comes_to(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host w\n  HostName 10.0.0.7\n  User deploy\n  IdentityFile a\n  IdentityFile b\n")

    found = resolve(read_call(["-F", str(config), "-p", "2222", "w", "uptime"]), "ssh")

    assert (found.hostname, found.user, found.port) == ("10.0.0.7", "deploy", 2222)
    assert found.all("identityfile") == ("a", "b")
    assert found.one("nosuchkeyword", "none") == "none"


def test_a_configuration_that_ssh_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("NoSuchWord yes\n")

    with pytest.raises(NotResolved, match=r"(?i)nosuchword"):
        resolve(read_call(["-F", str(config), "w"]), "ssh")


def test_every_line_of_ssh_counts() -> None:
    found = read_resolved("host w\nport 22\nlocalforward 1 [a]:2\nlocalforward 3 [b]:4\n\n")

    assert found.all("localforward") == ("1 [a]:2", "3 [b]:4")
