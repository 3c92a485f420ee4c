"""Whatever a config file holds, it gives settings, or mistakes at lines that exist; nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.config.diagnostics import ConfigMistakes
from safeshell.config.json_schema import fields
from safeshell.config.loading import load
from safeshell.config.shown import shown_values
from tests.config.test_schema import EXAMPLE

EXAMPLE_LINES = EXAMPLE.read_text().splitlines()
WORDS = sorted({part.removesuffix("[]") for path, _ in fields() for part in path.split(".")})

tomlish = st.lists(
    st.sampled_from([*WORDS, "production", "a", "1", '"x"', "'y'", "true", "[", "]", "[[", "]]", "{", "}", "=",
                     " = ", ".", ",", "\n", "\n", "#", '"""', "-1", "1979-05-27", '"redis://a:b@c/0"',
                     '"mon-thu"', "\u202e"]),
    max_size=30,
).map("".join)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any-text")


def check(folder: Path, raw: bytes, *, project: bool) -> None:
    file = folder / (".safeshell.toml" if project else "config.toml")
    file.write_bytes(raw)
    file.chmod(0o600)
    environ = {"HOME": str(folder)}
    try:
        loaded = load(config_file=None if project else file, environ=environ, cwd=folder, etc=folder / "none")
    except ConfigMistakes as error:
        lines = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
        for told in error.diagnostics:
            assert told.file == str(file)
            assert 0 <= told.line <= len(lines)
            assert told.line == 0 or 1 <= told.column <= len(lines[told.line - 1]) + 1
            assert str(told)
    else:
        assert all(value.place for value in shown_values(loaded))
    finally:
        file.unlink()


@given(
    raw=st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | tomlish.map(str.encode),
    project=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_any_text_gives_settings_or_mistakes(folder: Path, raw: bytes, project: bool) -> None:
    check(folder, raw, project=project)


@given(seed=st.integers(0, 2**32), project=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_change_of_the_example_gives_settings_or_mistakes(folder: Path, seed: int, project: bool) -> None:
    chance = random.Random(seed)
    lines = list(EXAMPLE_LINES)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        line = lines[at]
        match chance.randrange(5):
            case 0:
                lines[at] = line.replace(chance.choice(WORDS), chance.choice(WORDS))
            case 1:
                del lines[at]
            case 2:
                lines.insert(at, chance.choice(EXAMPLE_LINES))
            case 3:
                cut = chance.randrange(len(line) + 1)
                lines[at] = line[:cut] + chance.choice("\"'[]{}=.,#5\t\x00é") + line[cut:]
            case _:
                name, equals, _ = line.partition("=")
                lines[at] = (
                    f"{name}{equals} {chance.choice(['5', 'true', '[]', '{}', '[1, {x = 2}]', '1.5', chr(39) * 2])}"
                )
    check(folder, "\n".join(lines).encode(), project=project)
