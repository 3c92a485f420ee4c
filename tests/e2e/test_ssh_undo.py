"""What was destroyed on a host in a session comes back by `safeshell undo` at home, over a connection of its own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.e2e.program import Done, safeshell
from tests.e2e.remote_shell import REMOTE_CONFIG, RemotePerson

_CONFIG = REMOTE_CONFIG.replace("undo = false", "undo = true")
_SCRATCH = _CONFIG + '\n[ssh]\nscratch = "~/.cache/kept"\n'


@pytest.fixture(params=["openssh", "paramiko"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def undo(home: Path, *words: str, mode: str = "guarded") -> Done:
    return safeshell(
        "--mode",
        mode,
        "undo",
        *words,
        environ={"HOME": str(home), "SAFESHELL_CONFIG": str(home / "safeshell.toml")},
    )


def filled(home: Path) -> Path:
    """A folder to lose."""
    folder = home / "shop"
    (folder / "new\nline").mkdir(parents=True)
    (folder / "new\nline/$(touch hit)").write_text("orders")
    (folder / "-rf").write_text("customers")
    return folder


def test_a_folder_that_was_removed_on_a_host_comes_back_by_its_undo(home: Path, transport: str) -> None:
    shop = filled(home)
    with RemotePerson("bash", home, config=_SCRATCH, transport=transport) as person:
        question = person.asks("rm -rf shop\r")
        assert "kept on that host first, for 14 days" in " ".join(question.split())
        person.answer(os.uname().nodename)
        person.wait_until(lambda: not shop.exists(), "the folder to go")
        person.sees("Kept: safeshell undo")
        kept = re.findall(r"Kept: safeshell undo (\w{6})", person.text)[-1]

        listed = undo(home, "--list").out.decode()
        assert kept in listed
        assert "rm -rf shop" in listed
        planned = undo(home, kept, "--dry-run")
        assert planned.status == 0, planned.err
        assert "with 3 things below it" in planned.out.decode()
        assert not shop.exists()

        assert undo(home, kept, mode="read-only").status == 77, "putting back is a change"
        assert undo(home, kept, "--yes-i-mean", "laptop").status == 77
        assert not shop.exists()

        done = undo(home, kept)
        assert done.status == 0, done.err + done.out.decode()
    assert (shop / "new\nline/$(touch hit)").read_text() == "orders"
    assert (shop / "-rf").read_text() == "customers"
    assert not (home / "hit").exists()
    assert ", put back" in undo(home, "--list").out.decode()


def test_newer_work_on_the_host_is_asked_about(home: Path, transport: str) -> None:
    (home / "orders").write_text("all of them")
    with RemotePerson("bash", home, config=_SCRATCH, transport=transport) as person:
        person.asks("rm orders\r")
        person.answer("yes")
        person.sees("Kept: safeshell undo")
        person.ready()
        (home / "orders").write_text("of today")

        assert undo(home).status == 77
        assert undo(home, "--overwrite").status == 77, "nobody could be asked"
        assert (home / "orders").read_text() == "of today"
        done = undo(home, "--overwrite", "--yes-i-mean", "web", "--reason", "it was the wrong one")
        assert done.status == 0, done.err + done.out.decode()
        assert (home / "orders").read_text() == "all of them"
        kept = re.findall(r"What it replaced is kept there: safeshell undo (\w{6})", done.out.decode())[-1]
        assert undo(home, kept).status == 0
    assert (home / "orders").read_text() == "of today"


def test_without_a_scratch_folder_undo_is_said_to_be_absent(home: Path, transport: str) -> None:
    filled(home)
    with RemotePerson("bash", home, config=_CONFIG, transport=transport) as person:
        question = person.asks("rm -rf shop\r")
        assert "there is no undo on that host" in " ".join(question.split())
        person.says_no()
    assert not (home / ".cache/kept").exists()


def test_a_host_that_is_another_one_now_gets_nothing_back(home: Path, transport: str) -> None:
    shop = filled(home)
    with RemotePerson("bash", home, config=_SCRATCH, transport=transport) as person:
        person.asks("rm -rf shop\r")
        person.answer(os.uname().nodename)
        person.sees("Kept: safeshell undo")
        config = person.server.client_config
        config.write_text(config.read_text().replace(f"Port {person.server.port}", "Port 1"))

        done = undo(home, "--yes-i-mean", "web")

        assert done.status == 77
        assert "leads to" in done.err
    assert not shop.exists()
