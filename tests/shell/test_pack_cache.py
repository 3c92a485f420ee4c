"""Packs are read once and kept; what is kept is made anew as soon as it does not fit any more."""

from __future__ import annotations

import marshal
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

from safeshell.shell import pack_source
from safeshell.shell.pack_cache import PACKS, PackedPrograms, packed_programs
from safeshell.shell.pack_source import PackInvalid

PACK = """\
about = "x"
[[programs]]
names = ["x", "xx"]
values = ["-n"]
[[rules]]
id = "x.y"
command = "x y"
effect = { kind = "delete" }
reason = "deletes"
hits = ["x y"]
"""


@pytest.fixture
def packs(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "x.toml").write_text(PACK)
    return folder


def kept(packs: Path) -> Path:
    (found,) = (packs / "__pycache__").glob("packs.*.marshal")
    return found


def said(programs: PackedPrograms) -> dict[str, dict[str, Any] | None]:
    return {name: programs.entry(name) for name in programs.places}


def ids(programs: PackedPrograms, name: str) -> list[str]:
    entry = programs.entry(name)
    assert entry is not None
    return [rule["id"] for rule in entry["rules"]]


def test_what_packs_say_is_gathered_by_program(packs: Path) -> None:
    programs = said(packed_programs(packs))
    other = programs["xx"]

    assert sorted(programs) == ["x", "xx"]
    assert ids(packed_programs(packs), "x") == ["x.y"]
    assert other is not None
    assert other["rules"] == []
    assert list(other["specs"][0]["values"]) == ["-n"]
    assert packed_programs(packs).entry("z") is None


def test_the_second_time_no_pack_is_read(packs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = said(packed_programs(packs))

    def refuse(_: Path) -> NoReturn:
        raise AssertionError("the packs were read again")

    monkeypatch.setattr(pack_source, "load_pack", refuse)
    assert said(packed_programs(packs)) == first


def test_a_changed_pack_is_read_again(packs: Path) -> None:
    packed_programs(packs)
    (packs / "x.toml").write_text(PACK.replace('"x.y"', '"x.other"'))

    assert ids(packed_programs(packs), "x") == ["x.other"]


def test_a_new_pack_and_one_that_is_gone_are_seen(packs: Path) -> None:
    packed_programs(packs)
    (packs / "z.toml").write_text(PACK.replace('["x", "xx"]', '["z"]').replace('"x y"', '"z y"'))
    assert "z" in packed_programs(packs)

    (packs / "x.toml").unlink()
    assert sorted(said(packed_programs(packs))) == ["z"]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x00",
        b"nonsense",
        marshal.dumps(None),
        marshal.dumps(()),
        marshal.dumps(("key",)),
        marshal.dumps({"a": 1}),
        marshal.dumps(7),
        b"\xff" * 8,
        (1 << 40).to_bytes(8, "big") + b"x",
        (4).to_bytes(8, "big") + b"Nope",
    ],
)
def test_a_broken_cache_is_made_anew(broken: bytes, packs: Path) -> None:
    whole = said(packed_programs(packs))
    place = kept(packs)
    good = place.read_bytes()
    place.write_bytes(broken)

    assert said(packed_programs(packs)) == whole
    assert place.read_bytes() == good


def test_a_cut_cache_is_made_anew(packs: Path) -> None:
    whole = said(packed_programs(packs))
    place = kept(packs)
    place.write_bytes(place.read_bytes()[:-20])

    assert len(packed_programs(packs)) == 2
    assert said(packed_programs(packs)) == whole


def test_where_nothing_can_be_written_beside_the_packs_the_users_cache_is_taken(
    packs: Path, home: Path
) -> None:
    (packs / "__pycache__").write_text("a file where the folder would be")
    programs = said(packed_programs(packs))

    (place,) = (home / ".cache" / "safeshell").glob("packs.*.marshal")
    assert place.stat().st_size > 0
    assert said(packed_programs(packs)) == programs


def test_where_nothing_can_be_written_at_all_packs_are_read_each_time(packs: Path, home: Path) -> None:
    (packs / "__pycache__").write_text("")
    (home / ".cache" / "safeshell").write_text("")

    assert sorted(said(packed_programs(packs))) == ["x", "xx"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to somebody else")
def test_a_cache_that_somebody_else_owns_is_not_believed(packs: Path) -> None:
    whole = said(packed_programs(packs))
    place = kept(packs)
    place.write_bytes(place.read_bytes().replace(b"deletes", b"ignores"))
    assert said(packed_programs(packs)) != whole
    os.chown(place, 12345, 12345)

    assert said(packed_programs(packs)) == whole


def test_nothing_half_written_is_left_behind(packs: Path) -> None:
    packed_programs(packs)

    assert [path.name for path in (packs / "__pycache__").iterdir()] == [kept(packs).name]


def test_a_broken_pack_is_told_and_not_kept(packs: Path) -> None:
    (packs / "y.toml").write_text("about = 1\n")
    with pytest.raises(PackInvalid):
        packed_programs(packs)
    assert not (packs / "__pycache__").exists()


def test_every_built_in_pack_can_be_used() -> None:
    programs = packed_programs(PACKS)

    assert all(name in programs for name in ("rm", "git", "kubectl", "redirect-write"))
    assert all(programs.entry(name) for name in programs.places)
