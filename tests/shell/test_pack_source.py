"""A pack that does not fit the form is refused, and the message says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.shell.pack_source import PackInvalid, as_plain, load_pack

RULE = """\
[[rules]]
id = "x.y"
command = "x y"
effect = { kind = "delete" }
reason = "deletes"
hits = ["x y"]
"""


def loaded(folder: Path, text: str, *, about: str = 'about = "x"\n') -> dict[str, list[dict[str, object]]]:
    path = folder / "x.toml"
    path.write_text(about + text)
    return as_plain(load_pack(path))


def test_a_pack_becomes_plain_data_without_its_own_tests(tmp_path: Path) -> None:
    plain = loaded(tmp_path, RULE)
    (rule,) = plain["rules"]

    assert rule["effects"] == [{"kind": "delete", "extent": "one", "object": "", "reversible": False}]
    assert "hits" not in rule
    assert "misses" not in rule
    assert "effect" not in rule


def test_several_effects_stay_in_order(tmp_path: Path) -> None:
    text = RULE.replace(
        'effect = { kind = "delete" }', 'effects = [{ kind = "stop" }, { kind = "write", extent = "many" }]'
    )
    (rule,) = loaded(tmp_path, text)["rules"]

    effects = rule["effects"]
    assert isinstance(effects, list)
    assert [one["kind"] for one in effects] == ["stop", "write"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("reason =", "raeson =", "raeson"),
        ('"delete"', '"destroy"', "destroy"),
        ('{ kind = "delete" }', '{ kind = "delete", extent = "all" }', "all"),
        ('effect = { kind = "delete" }\n', "", "no effect"),
        ('command = "x y"', 'command = ""', "program"),
        ('command = "x y"', 'command = "[x] y"', "program"),
        ("reason", 'operands = ["@tmp"]\nreason', "@tmp"),
        ("reason", 'options = ["-f|force"]\nreason', "force"),
        ("reason", 'severity = "bad"\nreason', "bad"),
        ("reason", 'operands = "x"\nreason', "operands"),
        ("reason", 'places = ["kitchen"]\nreason', "kitchen"),
        ('hits = ["x y"]', "", "hits"),
        ("[[rules]]", "[[ruels]]", "ruels"),
        ("[[rules]]", "[[rules", ""),
    ],
)
def test_a_mistake_is_told_with_the_pack_and_the_word(old: str, new: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(PackInvalid) as caught:
        loaded(tmp_path, RULE.replace(old, new))

    assert str(tmp_path / "x.toml") in str(caught.value.where)
    assert told in str(caught.value)


def test_a_mistake_names_its_rule(tmp_path: Path) -> None:
    with pytest.raises(PackInvalid, match=r"x\.y"):
        loaded(tmp_path, RULE.replace("reason", 'operands = ["@tmp"]\nreason'))


@pytest.mark.parametrize(
    "text",
    [
        '[[reads]]\ncommand = "x"\nonly = ["f"]\nhits = ["x"]\n',
        '[[addresses]]\ncommand = "x"\nkind = "ssh"\noptions = ["host"]\n',
        '[[loads]]\ncommand = ""\nfile = "yaml"\n',
        '[[programs]]\nnames = "x"\n',
    ],
)
def test_every_kind_of_entry_is_looked_at(text: str, tmp_path: Path) -> None:
    with pytest.raises(PackInvalid):
        loaded(tmp_path, text)


def test_a_pack_needs_a_line_about_itself(tmp_path: Path) -> None:
    with pytest.raises(PackInvalid, match="about"):
        loaded(tmp_path, RULE, about="")


def test_a_pack_that_is_not_there_or_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"about = '\xff'")
    for name in ("gone.toml", "bytes.toml"):
        with pytest.raises(PackInvalid):
            load_pack(tmp_path / name)
