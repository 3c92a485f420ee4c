"""Small immutable values: what they promise is what dataclasses promise, for less at start."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from typing import Any

import pytest

from safeshell import frozen as module
from safeshell.frozen import field, frozen, replace


@frozen
class Point:
    """A place.

    Args:
        x: to the right.
    """

    x: int
    y: int = 2
    labels: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.x + self.y


@frozen
class Named(Point):
    name: str = "none"
    y: int = 5


@frozen
class Login:
    user: str
    password: str = field(default="", repr=False)


@frozen
class Empty:
    pass


def test_fields_are_given_in_order_by_name_or_by_default() -> None:
    assert (Point(1).x, Point(1).y, Point(1).labels) == (1, 2, [])
    assert (Point(1, 3, ["a"]).y, Point(y=4, x=1).y) == (3, 4)


def test_a_factory_makes_a_new_value_each_time() -> None:
    one, other = Point(1), Point(1)
    one.labels.append("mine")

    assert other.labels == []


def test_none_can_be_given_where_there_is_a_default() -> None:
    made: Any = Point
    assert made(1, None, None).y is None
    assert made(1, None, None).labels is None


def test_a_missing_unknown_or_double_argument_is_an_error() -> None:
    made: Any = Point
    with pytest.raises(TypeError):
        made()
    with pytest.raises(TypeError):
        made(1, z=3)
    with pytest.raises(TypeError):
        made(1, x=3)
    with pytest.raises(TypeError):
        made(1, 2, [], 4)


def test_values_are_equal_by_their_fields_and_their_class() -> None:
    assert Point(1) == Point(1, 2)
    assert Point(1) != Point(2)
    assert Point(1, 5) != Named(1)
    assert Named(1, name="a") == Named(1, name="a")
    others: list[object] = [(1, 2, []), 1, None, "Point"]
    assert Point(1) not in others
    assert Empty() == Empty()


def test_equal_values_have_one_hash() -> None:
    assert hash(Login("a", "b")) == hash(Login("a", "b"))
    assert len({Login("a"), Login("a"), Login("b")}) == 2
    with pytest.raises(TypeError):
        hash(Point(1))


def test_a_secret_is_kept_out_of_the_shown_form() -> None:
    assert repr(Login("me", "s3cret")) == "Login(user='me')"
    assert repr(Point(1)) == "Point(x=1, y=2, labels=[])"
    assert repr(Empty()) == "Empty()"


def test_a_secret_still_counts_for_equality() -> None:
    assert Login("me", "a") != Login("me", "b")


def test_a_class_below_has_the_fields_of_the_one_above_first() -> None:
    named = Named(1)

    assert (named.x, named.y, named.name, named.total) == (1, 5, "none", 6)
    assert [one.name for one in dataclasses.fields(Named)] == ["x", "y", "labels", "name"]
    assert isinstance(named, Point)


def test_there_is_no_room_for_other_attributes() -> None:
    point: Any = Point(1)

    assert not hasattr(point, "__dict__")
    with pytest.raises(AttributeError):
        point.z = 1
    named: Any = Named(1)
    assert not hasattr(named, "__dict__")


def test_some_fields_are_replaced_and_the_others_stay() -> None:
    labels = ["a"]
    point = Point(1, 3, labels)
    moved = replace(point, x=9)

    assert (moved.x, moved.y) == (9, 3)
    assert moved.labels is labels
    assert point.x == 1
    assert type(replace(Named(1), name="b")) is Named


def test_an_unknown_field_can_not_be_replaced() -> None:
    changes: dict[str, Any] = {"z": 1}
    with pytest.raises(TypeError):
        replace(Point(1), **changes)


def test_dataclasses_know_them() -> None:
    value: Any = Point(1, labels=["a"])

    known: Any = dataclasses
    assert known.is_dataclass(value)
    assert dataclasses.asdict(value) == {"x": 1, "y": 2, "labels": ["a"]}
    assert dataclasses.astuple(value) == (1, 2, ["a"])
    assert dataclasses.replace(value, y=7).y == 7
    by_name = {one.name: one for one in dataclasses.fields(value)}
    assert by_name["x"].default is dataclasses.MISSING
    assert by_name["y"].default == 2
    assert by_name["labels"].default_factory is list
    hidden: Any = Login("a")
    assert {one.name: one.repr for one in dataclasses.fields(hidden)} == {"user": True, "password": False}
    inner: Any = Named(1)
    assert dataclasses.asdict(inner) == {"x": 1, "y": 5, "labels": [], "name": "none"}


def test_a_value_in_a_value_is_taken_apart_too() -> None:
    @frozen
    class Line:
        start: Point
        others: tuple[Point, ...] = ()

    line: Any = Line(Point(1), (Point(2),))

    assert dataclasses.asdict(line)["start"] == {"x": 1, "y": 2, "labels": []}
    assert dataclasses.asdict(line)["others"][0]["x"] == 2


def test_they_match_by_place() -> None:
    match Point(1, 3):
        case Point(x, y):
            assert (x, y) == (1, 3)
        case _:
            pytest.fail("does not match")
    assert Named.__match_args__ == ("x", "y", "labels", "name")


def test_what_a_class_says_itself_stays() -> None:
    @frozen
    class Loud:
        text: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Loud) and self.text.lower() == other.text.lower()

        def __hash__(self) -> int:
            return hash(self.text.lower())

        def __repr__(self) -> str:
            return "LOUD"

    assert Loud("A") == Loud("a")
    assert len({Loud("A"), Loud("a")}) == 1
    assert repr(Loud("a")) == "LOUD"
    assert Point.__doc__ is not None
    assert "A place" in Point.__doc__
    assert Point.__qualname__ == "Point"
    assert Point.__module__ == __name__


def test_values_can_be_copied_and_pickled() -> None:
    point = Point(1, labels=["a"])
    deep = copy.deepcopy(point)

    assert copy.copy(point) == point
    assert deep == point
    assert deep.labels is not point.labels
    assert pickle.loads(pickle.dumps(point)) == point


def test_the_module_does_not_bring_dataclasses_along() -> None:
    code = f"import sys; import {module.__name__}; print('dataclasses' in sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
