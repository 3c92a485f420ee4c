"""Positions are right wherever TOML lets a key or value stand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.config.positions import Path, Positions, Source

TEXT = """\
# a comment with [brackets] and "quotes" = 1
top = 1
"quoted key" . 'another' = "x"   # dotted
"esc\\u0061ped" = true
[a.b]
name = 'one'
multi = [
  "first", # comment ] in it
  'sec#ond',
  [1, 2],
  { x = "in]ner", y.z = 1979-05-27 07:32:00 },
]
text = \"\"\"
name = "not a key"
  \\"\"\" still ""\"\"\"
literal = '''
[not.a.table]
'quoted' '' end'''''
[a]
name = "two"
b.c = 3
[[list]]
name = "three"
[list.sub]
name = "four"
[[list]]
name = "five"
  [[list.deep]]
  name = "six"
  [[list.deep]]
  name = "seven"
empty = { }
none = []
float = -1.5e-3
""".replace("[a]\nname", "[c]\nname")


def found(text: str, path: Path) -> tuple[int, int, str]:
    source, span = Source(text), Positions(text).value(path)
    return (*source.line_and_column(span[0]), text[span[0] : span[1]])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("top",), (2, 7, "1")),
        (("quoted key", "another"), (3, 28, '"x"')),
        (("escaped",), (4, 18, "true")),
        (("a", "b", "name"), (6, 8, "'one'")),
        (("a", "b", "multi", 0), (8, 3, '"first"')),
        (("a", "b", "multi", 1), (9, 3, "'sec#ond'")),
        (("a", "b", "multi", 2, 1), (10, 7, "2")),
        (("a", "b", "multi", 3, "x"), (11, 9, '"in]ner"')),
        (("a", "b", "multi", 3, "y", "z"), (11, 25, "1979-05-27 07:32:00")),
        (("c", "name"), (20, 8, '"two"')),
        (("c", "b", "c"), (21, 7, "3")),
        (("list", 0, "name"), (23, 8, '"three"')),
        (("list", 0, "sub", "name"), (25, 8, '"four"')),
        (("list", 1, "name"), (27, 8, '"five"')),
        (("list", 1, "deep", 0, "name"), (29, 10, '"six"')),
        (("list", 1, "deep", 1, "name"), (31, 10, '"seven"')),
        (("list", 1, "deep", 1, "empty"), (32, 9, "{ }")),
        (("list", 1, "deep", 1, "none"), (33, 8, "[]")),
        (("list", 1, "deep", 1, "float"), (34, 9, "-1.5e-3")),
    ],
)
def test_a_value_is_found_where_it_stands(path: Path, expected: tuple[int, int, str]) -> None:
    assert found(TEXT, path) == expected


def test_keys_of_headers_and_dotted_keys_are_found() -> None:
    source, positions = Source(TEXT), Positions(TEXT)

    assert source.line_and_column(positions.key(("a", "b"))[0]) == (5, 4)
    assert source.line_and_column(positions.key(("list", 0))[0]) == (22, 3)
    assert source.line_and_column(positions.key(("list", 1))[0]) == (26, 3)
    assert source.line_and_column(positions.key(("list", 1, "deep", 1))[0]) == (30, 10)
    assert source.line_and_column(positions.key(("c", "b"))[0]) == (21, 1)
    assert source.line_and_column(positions.key(("quoted key", "another"))[0]) == (3, 16)


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def assert_every_value_is_found(text: str) -> None:
    positions = Positions(text)
    for path, value in leaves(tomllib.loads(text)):
        start, end = positions.value(path)
        if value == {}:
            continue  # a header alone: its key stands for it
        assert tomllib.loads(f"x = {text[start:end]}")["x"] == value, path


def test_every_value_of_the_sample_is_found() -> None:
    assert_every_value_is_found(TEXT)


keys = st.sampled_from(["a", "b-1", '"q.r"', "'l t'", '"\\u0041"', "c . d", '"]" . e', "1979"])
blanks = st.sampled_from(["", " ", "\t "])
scalars = st.sampled_from(
    [
        '"s"',
        "'#'",
        '"\\""',
        '"a]b"',
        "1",
        "-0.5",
        "true",
        "1979-05-27 07:32:00",
        '"""m\n\\"""" """',
        "'''x\n'y'''",
        "inf",
    ]
)


def containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arrays = st.lists(inner, max_size=3).map(lambda items: "[\n # c ]\n" + " ,\n".join(items) + "\n]")
    tables = st.lists(inner, max_size=3).map(
        lambda items: "{ " + ", ".join(f"k{n}.x = {item}" for n, item in enumerate(items)) + " }"
    )
    return arrays | tables


values = st.recursive(scalars, containers, max_leaves=6)
headers = st.builds(lambda key, array: f"[[{key}]]" if array else f"[ {key} ]", keys, st.booleans())
pairs = st.builds(
    lambda key, space, value: f"{space}{key}{space}={space}{value}{space}# x = 1", keys, blanks, values
)


@settings(deadline=None)
@given(st.lists(headers | pairs, max_size=8).map("\n".join))
def test_every_value_of_any_valid_toml_is_found(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert_every_value_is_found(text)
