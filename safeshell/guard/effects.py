"""What a command does to the world: kind × extent × object, and how bad that is.

The severity table lives here and nowhere else. Nothing here knows a dialect, a target or an environment.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from safeshell.frozen import frozen


class EffectKind(StrEnum):
    """What is done (DESIGN §2)."""

    READ = "read"
    WRITE = "write"
    OVERWRITE = "overwrite"
    DELETE = "delete"
    CONFIGURE = "configure"
    STOP = "stop"
    GRANT = "grant"
    EXECUTE = "execute"


class Extent(StrEnum):
    """How much it is done to."""

    ONE = "one"
    MANY = "many"
    EVERYTHING = "everything"


class Severity(IntEnum):
    """How bad it is, before anything is known of where it happens."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The severity as the contract writes it: `none`, `low`, `medium`, `high`, `critical`."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> Severity:
        """The severity named by `word`.

        Raises:
            KeyError: no severity has that name.
        """
        return cls[word.upper()]


@frozen
class Effect:
    """One thing that a command does.

    Args:
        kind: what is done.
        extent: to how much.
        object: to what, in words for a person (`key cart:7`, `db 0`, `the server`).
        reversible: whether safeshell (or an inverse command) can put it back.
    """

    kind: EffectKind
    extent: Extent = Extent.ONE
    object: str = ""
    reversible: bool = False


_N, _L, _M, _H, _C = Severity.NONE, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL

# kind → (one, many, everything), each (reversible, not reversible).
_TABLE: dict[EffectKind, tuple[tuple[Severity, Severity], ...]] = {
    EffectKind.READ: ((_N, _N), (_N, _N), (_N, _N)),
    EffectKind.WRITE: ((_L, _L), (_L, _L), (_M, _M)),
    EffectKind.OVERWRITE: ((_L, _M), (_M, _H), (_C, _C)),
    EffectKind.DELETE: ((_M, _M), (_H, _H), (_C, _C)),
    EffectKind.CONFIGURE: ((_M, _M), (_M, _H), (_H, _H)),
    EffectKind.STOP: ((_M, _M), (_M, _H), (_H, _C)),
    EffectKind.GRANT: ((_H, _H), (_H, _H), (_H, _C)),
    EffectKind.EXECUTE: ((_M, _M), (_H, _H), (_H, _H)),
}

_EXTENT_COLUMN = {Extent.ONE: 0, Extent.MANY: 1, Extent.EVERYTHING: 2}


def severity_of(effect: Effect) -> Severity:
    """The severity of one effect: kind × extent × reversibility by the table."""
    reversible, lasting = _TABLE[effect.kind][_EXTENT_COLUMN[effect.extent]]
    return reversible if effect.reversible else lasting


def widest(extents: tuple[Extent, ...]) -> Extent:
    """The widest of some extents; `ONE` for none."""
    return max(extents, key=_EXTENT_COLUMN.__getitem__, default=Extent.ONE)
