"""What the policy answers: allow, confirm, review or deny, and everything that says why."""

from __future__ import annotations

from enum import StrEnum

from safeshell.frozen import frozen
from safeshell.guard.effects import Severity
from safeshell.guard.environment import ChallengeKind, Environment
from safeshell.guard.mode import Mode
from safeshell.guard.reading import Finding, Reading


class VerdictKind(StrEnum):
    """DESIGN §2; ordered from mildest to strictest."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    REVIEW = "review"
    DENY = "deny"

    @property
    def strictness(self) -> int:
        """0 for `allow` up to 3 for `deny`."""
        return tuple(VerdictKind).index(self)


@frozen
class Verdict:
    """The answer to one line.

    Args:
        kind: whether it may run.
        reading: what the line would do.
        severity: the worst of it, as raised by rules.
        challenge: the question for `confirm` and `review`; `none` otherwise.
        reason_required: the question also wants a reason.
        environment: the strictest that the line addresses.
        mode: the mode it was judged in.
        target: the name of the target that the question asks for.
        findings: why; the reading's and the policy's own.
    """

    kind: VerdictKind
    reading: Reading
    severity: Severity
    challenge: ChallengeKind
    reason_required: bool
    environment: Environment
    mode: Mode
    target: str
    findings: tuple[Finding, ...]

    @property
    def why(self) -> str:
        """The gravest finding's reason; empty when there is nothing to say."""
        gravest = max(self.findings, key=lambda finding: finding.severity, default=None)
        return gravest.reason if gravest else ""

    @property
    def instead(self) -> tuple[str, ...]:
        """What to do instead, each piece of advice once."""
        return tuple(dict.fromkeys(f.instead for f in self.findings if f.instead))
