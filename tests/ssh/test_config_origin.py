"""Where a value that ssh has resolved was said: the file and the line, without running anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.ssh.config_machine import ThisMachine
from safeshell.ssh.config_origin import Origins
from safeshell.ssh.options import read_call
from safeshell.ssh.resolved import resolve


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config"


def _origins(config: Path, *options: str, host: str = "web") -> Origins:
    return Origins(read_call(["-F", str(config), *options, host]), ThisMachine())


def _place(origins: Origins, keyword: str, value: str) -> str:
    found = origins.of(keyword, value)
    return found.place if found else ""


def test_each_value_that_ssh_says_is_found_on_its_line(config: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.write_text("\n  PKCS11Provider /usr/lib/x.so\nUserKnownHostsFile ~/a b\n")
    more.chmod(0o600)
    config.write_text(
        f"# mine\nHost db\n  Port 1\nHost web\n  IdentityFile one\n  Port = 2222\nInclude {more}\n"
        "IdentityFile two\nLocalForward 8080 db:80\nGSSAPIAuthentication yes\nHostName %h.test\n"
    )
    call = read_call(["-F", str(config), "-l", "me", "web"])
    said = resolve(call, "ssh")
    expected = {
        "port": "config:6",
        "identityfile": "config:5 config:8",
        "pkcs11provider": "more:2",
        "userknownhostsfile": "more:3",
        "localforward": "config:9",
        "gssapiauthentication": "config:10",
        "hostname": "config:11",
    }
    for keyword, places in expected.items():
        found = [_place(Origins(call, ThisMachine()), keyword, value) for value in said.all(keyword)]
        assert [place.rpartition("/")[2] for place in found] == places.split()
    assert _place(Origins(call, ThisMachine()), "user", "me") == "-l me"


def test_the_line_itself_can_be_shown(config: Path) -> None:
    config.write_text("Host *\n\tPKCS11Provider  /x.so  \n")
    found = _origins(config).of("pkcs11provider", "/x.so")
    assert found and (found.line, found.text) == (2, "PKCS11Provider  /x.so")


def test_an_option_is_told_as_it_was_typed(config: Path) -> None:
    config.write_text("ControlMaster yes\n")
    origins = _origins(config, "-o", "ControlMaster=auto", "-J", "a")
    assert _place(origins, "controlmaster", "auto") == "-o ControlMaster=auto"
    assert _place(origins, "proxyjump", "a") == "-J a"


def test_what_nobody_has_said_comes_from_nowhere(config: Path) -> None:
    config.write_text("Host other\nPort 22\n")
    assert _origins(config).of("port", "22") is None
    assert _origins(config).of("nosuchkeyword", "x") is None


def test_no_program_is_run_to_find_a_line_and_both_its_answers_are_tried(
    config: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    config.write_text(
        f'Match exec "touch {run}"\nPort 5\nMatch !exec "touch {run}"\nPort 6\nMatch final\nUser x\n'
    )
    origins = _origins(config)
    assert _place(origins, "port", "5") == f"{config}:2"
    assert _place(origins, "port", "6") == f"{config}:4"
    assert not run.exists()


def test_a_value_in_a_spelling_of_another_ssh_is_found_by_its_keyword(config: Path) -> None:
    config.write_text("RekeyLimit 1G\n")
    assert _place(_origins(config), "rekeylimit", "1073741824 0 new") == f"{config}:1"


def test_a_configuration_that_cannot_be_read_says_nothing(config: Path) -> None:
    config.write_text("Port 5\nFrobnicate yes\n")
    assert _origins(config).of("port", "5") is None
    assert _origins(config).values("port") == ()
