from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.config.settings import Settings, Target
from safeshell.errors import Refused
from safeshell.guard.environment import BUILT_IN
from safeshell.ssh.host_identity import check_host, check_pins, read_keys

KEY, OTHER = "SHA256:" + "a" * 43, "SHA256:" + "b" * 43
PRODUCTION, DEVELOPMENT, UNLABELLED = (BUILT_IN[name] for name in ("production", "development", "unlabelled"))


def seen(path: Path, name: str, environment: str, key: str = KEY, settings: Settings | None = None) -> str:
    note = check_host(
        path, frozenset([key]), name=name, environment=BUILT_IN[environment], settings=settings or Settings()
    )
    return f"{note.environment.name}: {note.text}"


def test_a_key_under_another_name_keeps_its_environment_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    assert seen(path, "web", "production") == "production: "
    assert seen(path, "lab", "development") == (
        "production: this is the very host known as web (production): it is treated as production"
    )
    assert seen(path, "lab", "development", OTHER) == "development: "


def test_a_stricter_name_stays_stricter_and_nothing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    seen(path, "lab", "development")

    assert seen(path, "web", "production") == "production: "


def test_a_name_without_a_label_says_nothing_of_a_host(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    seen(path, "10.0.0.1", "unlabelled")

    assert seen(path, "lab", "development") == "development: "


def test_a_key_in_the_configuration_is_known_before_it_was_ever_seen(tmp_path: Path) -> None:
    settings = Settings(targets={"db": Target("db", "production", pins=(KEY,))})

    assert seen(tmp_path / "h", "lab", "development", settings=settings).startswith("production: ")


def test_a_target_that_is_pinned_to_another_key_is_refused() -> None:
    check_pins([], frozenset([KEY]), "web")
    check_pins([KEY, "0123"], frozenset([KEY]), "web")
    check_pins(["a" * 40], frozenset([KEY]), "the pins of its Redis are none of its host's")
    for keys in (frozenset([OTHER]), frozenset[str]()):
        with pytest.raises(Refused, match="not the pinned host"):
            check_pins([KEY], keys, "web")


def test_without_a_key_the_name_counts(tmp_path: Path) -> None:
    note = check_host(tmp_path / "h", frozenset(), name="web", environment=DEVELOPMENT, settings=Settings())

    assert note.environment is DEVELOPMENT
    assert "not known" in note.text


def test_a_damaged_file_is_said_and_is_no_end(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    path.write_text("{")

    assert "damaged" in seen(path, "web", "production")
    assert seen(path, "lab", "development").startswith("production")


def test_what_transports_write_is_read() -> None:
    assert read_keys(f"[127.0.0.1]:22 ssh-ed25519 {KEY}\nx NONE NONE\n\n") == {KEY}
