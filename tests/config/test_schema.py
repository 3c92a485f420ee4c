"""One declared schema: the example shows all of it, JSON Schema and the listing come from it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from safeshell.config import kinds
from safeshell.config.json_schema import fields, json_schema, listing
from safeshell.config.loading import Loaded, load
from safeshell.config.settings import Settings
from safeshell.config.shown import shown_values
from safeshell.terminal.color import NAMED
from tests.config.test_loading import DESIGN_EXAMPLE

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
COMMENTED_KEY = re.compile(r"^#(?=[a-z_]+ *=|\[)", re.MULTILINE)


def load_text(text: str, folder: Path) -> Loaded:
    file = folder / "config.toml"
    file.write_text(text)
    file.chmod(0o600)
    return load(config_file=file, environ={"HOME": str(folder)}, cwd=folder, etc=folder / "none")


def test_the_example_is_valid(tmp_path: Path) -> None:
    loaded = load_text(EXAMPLE.read_text(), tmp_path)

    assert loaded.warnings == ()
    assert len(loaded.settings.targets) == 7


def test_the_example_is_valid_with_every_commented_key(tmp_path: Path) -> None:
    text, count = COMMENTED_KEY.subn("", EXAMPLE.read_text())

    loaded = load_text(text, tmp_path)

    assert count == 4
    assert len(loaded.warnings) == 1  # the password


def test_the_example_can_be_copied_as_it_is_by_anybody(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(EXAMPLE.read_text())
    file.chmod(0o644)

    load(config_file=file, environ={"HOME": str(tmp_path)}, cwd=tmp_path, etc=tmp_path / "none")


def test_every_key_of_the_schema_is_in_the_example() -> None:
    data = tomllib.loads(COMMENTED_KEY.sub("", EXAMPLE.read_text()))
    # Ways to say where a password is exclude each other, and are the same everywhere.
    shared = re.compile(r"\.(readonly|sentinel)\.password(_\w+)?$")

    missing = [path for path, _ in fields() if not shared.search(path) and not _has(data, path.split("."))]

    assert missing == []


def _has(data: object, parts: list[str]) -> bool:
    if not parts:
        return True
    name, rest = parts[0], parts[1:]
    if isinstance(data, list):
        return any(_has(item, parts) for item in data)
    if not isinstance(data, dict):
        return False
    if name == "NAME":
        return any(_has(item, rest) for item in data.values())
    return name.removesuffix("[]") in data and _has(data[name.removesuffix("[]")], rest)


def test_what_the_example_says_of_the_program_is_what_is_built_in(tmp_path: Path) -> None:
    settings, built_in = load_text(EXAMPLE.read_text(), tmp_path).settings, Settings()

    assert settings.undo == built_in.undo
    assert settings.recording == built_in.recording
    assert settings.redis == built_in.redis
    assert settings.theme == built_in.theme
    assert settings.impact_budget == built_in.impact_budget
    assert settings.ask_timeout == built_in.ask_timeout


@pytest.mark.parametrize(
    "path",
    [
        "undo.max_size",
        "undo.keep_for",
        "impact.budget",
        "ask.timeout",
        "redis.pager",
        "recording.environments",
        "recording.max_size",
        "recording.total_size",
        "recording.keep_for",
    ],
)
def test_the_schemas_defaults_are_what_is_built_in(path: str, tmp_path: Path) -> None:
    default = next(field.default for name, field in fields() if name == path)

    assert load_text(f"{path} = {default}\n", tmp_path).settings == Settings()


def test_the_json_schema_names_every_key() -> None:
    schema = json.loads(json.dumps(json_schema()))

    assert set(schema["properties"]) == {path for path, _ in fields() if "." not in path and "[" not in path}
    target = schema["properties"]["targets"]["additionalProperties"]
    assert target["additionalProperties"] is False
    assert target["properties"]["cluster"]["type"] == "boolean"
    assert schema["properties"]["rules"]["items"]["required"] == ["id", "command", "effect", "reason"]


def test_the_listing_explains_every_key() -> None:
    text = listing()

    for path, field in fields():
        assert f"{path}\n    {field.about}\n" in text


def test_colours_are_those_that_the_terminal_knows() -> None:
    assert set(kinds.COLORS) == set(NAMED)


def test_shown_values_can_be_written_into_a_config_again(tmp_path: Path) -> None:
    from safeshell.config.shown import toml

    first = load_text(DESIGN_EXAMPLE, tmp_path)
    lines = [
        f"{value.key} = {toml(value.value)}"
        for value in shown_values(first)
        if value.path[-1] != "window" and value.path[0] not in ("rules", "state")
    ]

    second = load_text("\n".join(lines), tmp_path).settings

    assert second.targets == first.settings.targets
    assert second.undo == first.settings.undo
    assert second.environments["development"] == first.settings.environments["development"]
