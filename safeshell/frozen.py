"""`@frozen`: small immutable values whose classes cost little at every start.

A frozen, slotted dataclass makes six functions out of source text when its module is imported, and the module
`dataclasses` itself brings `inspect` and half of the standard library's own tools; with the hundred and fifty
classes on the way to one command that took more than the whole command may. Here one function is made of each
class, when its first value is, the rest is shared, and `dataclasses` is imported when somebody asks it something.
That nothing is assigned to a value after it was made is held by the type checker, not at run time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform, overload

_T = TypeVar("_T")
_NOT_GIVEN: Any = type("NotGiven", (), {"__repr__": lambda _: "<not given>"})()


class _Field:
    """How a field's default is made, and whether its value may be shown."""

    __slots__ = ("default", "factory", "shown")

    def __init__(self, default: Any, factory: Any, shown: bool) -> None:  # noqa: FBT001 - used below only
        self.default = default
        self.factory = factory
        self.shown = shown


@overload
def field(*, default: _T, repr: bool = True) -> _T: ...
@overload
def field(*, default_factory: Callable[[], _T], repr: bool = True) -> _T: ...
@overload
def field(*, repr: bool = True) -> Any: ...
def field(*, default: Any = _NOT_GIVEN, default_factory: Any = _NOT_GIVEN, repr: bool = True) -> Any:  # noqa: A002 - its name there
    """A field of a frozen value, as `dataclasses.field` says it.

    Args:
        default: what it is when nothing is given.
        default_factory: makes what it is when nothing is given.
        repr: whether the value's repr shows it; False keeps a secret out of there.
    """
    return _Field(default, default_factory, repr)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_T]) -> type[_T]:
    """Make a value of `cls`: slots, an `__init__` of its fields, equality and hash by them, a readable repr.

    The functions `replace`, `fields` and `asdict` of `dataclasses` know it, too.
    """
    body = dict(cls.__dict__)
    own: dict[str, _Field] = {}
    for name in body.get("__annotations__", ()):
        default = body.pop(name, _NOT_GIVEN)
        own[name] = default if isinstance(default, _Field) else _Field(default, _NOT_GIVEN, True)
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    known: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        known.update(base.__dict__.get("__frozen_fields__", {}))
    known.update(own)
    body.update({name: shared for name, shared in _SHARED.items() if name not in body})
    body["__slots__"] = tuple(own)
    body["__match_args__"] = tuple(known)
    body["__frozen_fields__"] = known
    body["__dataclass_fields__"] = _FIELDS
    if "__init__" not in body:
        body["__init__"] = _first_init
    make: Any = type(cls)
    made: type[_T] = make(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    return made


def replace(value: _T, **changes: Any) -> _T:
    """The value with some of its fields changed, as `dataclasses.replace` makes it.

    Raises:
        TypeError: it has no field of that name.
    """
    made: Any = value.__class__
    for name in made.__frozen_fields__:
        if name not in changes:
            changes[name] = getattr(value, name)
    copy: _T = made(**changes)
    return copy


def _first_init(self: Any, *given: Any, **named: Any) -> None:
    """Stands in for a class's `__init__` until the first value of it is made: most are not in most processes."""
    cls: Any = next(one for one in type(self).__mro__ if one.__dict__.get("__init__") is _first_init)
    cls.__init__ = _init(cls.__frozen_fields__)
    cls.__init__(self, *given, **named)


def _init(fields: dict[str, _Field]) -> Any:
    """The `__init__`: plain assignments, as fast as one written by hand."""
    names: dict[str, Any] = {"_not_given": _NOT_GIVEN}
    arguments, lines = [], []
    for name, one in fields.items():
        if one.factory is not _NOT_GIVEN:
            names[f"_make_{name}"] = one.factory
            arguments.append(f"{name}=_not_given")
            lines.append(f" self.{name} = _make_{name}() if {name} is _not_given else {name}")
            continue
        if one.default is not _NOT_GIVEN:
            names[f"_default_{name}"] = one.default
            arguments.append(f"{name}=_default_{name}")
        else:
            arguments.append(name)
        lines.append(f" self.{name} = {name}")
    source = f"def __init__(self, {', '.join(arguments)}):\n" + ("\n".join(lines) or " pass")
    exec(source, names)  # noqa: S102 - made of the names of a class's own fields
    return names["__init__"]


class _DataclassFields:
    """What `dataclasses` looks for on a class: made when it is first asked for."""

    def __get__(self, value: object, cls: type[Any]) -> Any:
        import dataclasses

        def as_field(one: _Field) -> Any:
            if one.factory is not _NOT_GIVEN:
                return dataclasses.field(default_factory=one.factory, repr=one.shown)
            if one.default is not _NOT_GIVEN:
                return dataclasses.field(default=one.default, repr=one.shown)
            return dataclasses.field(repr=one.shown)

        described = [(name, object, as_field(one)) for name, one in cls.__frozen_fields__.items()]
        found = dataclasses.make_dataclass(cls.__name__, described, eq=False, repr=False).__dict__
        cls.__dataclass_fields__ = found["__dataclass_fields__"]
        return cls.__dataclass_fields__


def _eq(self: Any, other: Any) -> bool:
    if self is other:
        return True
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return] # the way an __eq__ says "ask the other"
    return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)


def _hash(self: Any) -> int:
    return hash(tuple(getattr(self, name) for name in self.__match_args__))


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, one in self.__frozen_fields__.items() if one.shown)
    return f"{type(self).__qualname__}({', '.join(shown)})"


_FIELDS = _DataclassFields()
_SHARED = {"__eq__": _eq, "__hash__": _hash, "__repr__": _repr}
