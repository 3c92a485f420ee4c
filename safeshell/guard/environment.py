"""An environment as the policy sees it: its name, its mode, what it asks, when it may be changed.

The built-in environments live here, so that everything works without a config file (DESIGN §5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from safeshell.frozen import field, frozen
from safeshell.guard.effects import Severity
from safeshell.guard.mode import Mode, UnlockRule
from safeshell.guard.window import Window


class ChallengeKind(StrEnum):
    """The questions there are, from none to the one that needs most knowledge."""

    NONE = "none"
    YES = "yes"
    TARGET = "target"
    TARGET_IMPACT = "target+impact"

    @property
    def strictness(self) -> int:
        """0 for `none` up to 3 for `target+impact`."""
        return tuple(ChallengeKind).index(self)


class OutsideWindow(StrEnum):
    """What a changing line outside the change window gets."""

    DENY = "deny"
    CONFIRM = "confirm"


Challenges = Mapping[Severity, ChallengeKind]

STRICT_CHALLENGES: Challenges = MappingProxyType(
    {
        Severity.LOW: ChallengeKind.NONE,
        Severity.MEDIUM: ChallengeKind.YES,
        Severity.HIGH: ChallengeKind.TARGET,
        Severity.CRITICAL: ChallengeKind.TARGET_IMPACT,
    }
)
_STAGING_CHALLENGES: Challenges = MappingProxyType(
    {
        Severity.LOW: ChallengeKind.NONE,
        Severity.MEDIUM: ChallengeKind.NONE,
        Severity.HIGH: ChallengeKind.YES,
        Severity.CRITICAL: ChallengeKind.TARGET,
    }
)
_RELAXED_CHALLENGES: Challenges = MappingProxyType(
    {
        Severity.LOW: ChallengeKind.NONE,
        Severity.MEDIUM: ChallengeKind.NONE,
        Severity.HIGH: ChallengeKind.NONE,
        Severity.CRITICAL: ChallengeKind.YES,
    }
)


@frozen
class Environment:
    """What a target belongs to.

    Args:
        name: `production`, `staging`, `development`, `unlabelled`, or your own.
        color: a colour's name or `#rrggbb`.
        mode: the mode its sessions start in.
        challenge: which question each severity gets.
        review: severities that need a second person.
        unlock: how far read-only may be left.
        window: when it may be changed; None for always.
        outside_window: what changing lines get outside it.
        undo: whether what is destroyed is kept first.
        journal_required: whether a journal that can't be written stops the line.
        strictness: order between environments; the strictest addressed one counts.
    """

    name: str
    color: str = "magenta"
    mode: Mode = Mode.GUARDED
    challenge: Challenges = field(default_factory=lambda: STRICT_CHALLENGES)
    review: frozenset[Severity] = frozenset()
    unlock: UnlockRule = field(default_factory=UnlockRule)
    window: Window | None = None
    outside_window: OutsideWindow = OutsideWindow.CONFIRM
    undo: bool = True
    journal_required: bool = False
    strictness: int = 50


PRODUCTION = Environment(
    name="production",
    color="red",
    mode=Mode.READ_ONLY,
    unlock=UnlockRule(max=timedelta(minutes=30), reason=True),
    journal_required=True,
    strictness=100,
)
STAGING = Environment(
    name="staging", color="yellow", mode=Mode.GUARDED, challenge=_STAGING_CHALLENGES, strictness=40
)
DEVELOPMENT = Environment(
    name="development",
    color="green",
    mode=Mode.OPEN,
    challenge=_RELAXED_CHALLENGES,
    undo=False,
    strictness=10,
)
UNLABELLED = Environment(name="unlabelled", color="magenta", mode=Mode.GUARDED, strictness=60)

BUILT_IN: Mapping[str, Environment] = MappingProxyType(
    {env.name: env for env in (PRODUCTION, STAGING, DEVELOPMENT, UNLABELLED)}
)


def strictest(*environments: Environment) -> Environment:
    """The strictest of some environments (at least one); the first among equals."""
    return max(environments, key=lambda env: (env.strictness, env.mode.strictness))
