"""`@frozen`: small immutable values whose classes cost little at every start.

A frozen, slotted dataclass makes six functions out of source text when its module is imported; with the ninety
classes on the way to one command that took 40 ms, a third of the whole. Here one is made, the rest is shared.
That nothing is assigned to a value after it was made is held by the type checker, not at run time.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def frozen(cls: type[_T]) -> type[_T]:
    """Make a value of `cls`: slots, an `__init__` of its fields, equality and hash by them, a readable repr.

    It is a dataclass for `dataclasses.field`, `fields` and `replace`; `field(repr=False)` keeps a secret out of
    the repr.
    """
    made = dataclasses.dataclass(slots=True, eq=False, repr=False)(cls)
    for name, shared in _SHARED.items():
        if name not in cls.__dict__:
            setattr(made, name, shared)
    return made


def _eq(self: Any, other: Any) -> bool:
    if self is other:
        return True
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return] # the way an __eq__ says "ask the other"
    names: tuple[str, ...] = self.__slots__
    return all(getattr(self, name) == getattr(other, name) for name in names)


def _hash(self: Any) -> int:
    return hash(tuple(getattr(self, name) for name in self.__slots__))


def _repr(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


_SHARED = {"__eq__": _eq, "__hash__": _hash, "__repr__": _repr}
