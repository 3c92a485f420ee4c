"""Judging: a reading in its circumstances becomes a verdict.

Pure: the moment, the mode and the environments come in with `Circumstances`. Combining is always
"the strictest wins", and nothing here can make a verdict milder than the rule before it.
"""

from __future__ import annotations

from datetime import datetime

from safeshell.frozen import frozen
from safeshell.guard.effects import EffectKind, Severity
from safeshell.guard.environment import ChallengeKind, Environment, OutsideWindow
from safeshell.guard.mode import Mode
from safeshell.guard.reading import Finding, Reading
from safeshell.guard.verdict import Verdict, VerdictKind

_WAYS_OUT = {
    "redis": "leave read-only for a while: `:unlock 10m REASON` here, `--unlock --reason TEXT` in a script",
    "shell": "look with a command that only reads, or leave read-only for a while: `safeshell unlock 10m REASON`",
}
"""What to do about a read-only session, by the dialect of the line."""


@frozen
class Circumstances:
    """Where and when a line would run.

    Args:
        environment: the strictest of the session's and of every target that the line addresses.
        mode: the mode in force now.
        target: the name of what would be hit, as the question asks for it.
        now: an aware moment, for the change window.
        enforced: what else holds the session read-only (`the server's ACL user reader`); empty for nothing.
    """

    environment: Environment
    mode: Mode
    target: str
    now: datetime
    enforced: str = ""


def judge(reading: Reading, circumstances: Circumstances) -> Verdict:
    """Whether the line that `reading` describes may run, and after which question."""
    environment, mode = circumstances.environment, circumstances.mode
    severity = reading.severity
    findings = list(reading.findings)
    if reading.refused:
        return _verdict(VerdictKind.DENY, reading, severity, circumstances, findings)
    if mode is Mode.READ_ONLY and not reading.reads:
        findings.append(_not_proven(reading, environment))
        return _verdict(VerdictKind.DENY, reading, severity, circumstances, findings)
    challenge = _challenge(severity, environment, mode)
    reason_required = False
    if _changes(reading) and environment.window and not environment.window.contains(circumstances.now):
        findings.append(_outside(environment))
        if environment.outside_window is OutsideWindow.DENY:
            return _verdict(VerdictKind.DENY, reading, severity, circumstances, findings)
        challenge, reason_required = _strictest_question(environment), True
    if severity in environment.review and mode is not Mode.OPEN:
        findings.append(_second_person(environment))
        return _verdict(
            VerdictKind.REVIEW,
            reading,
            severity,
            circumstances,
            findings,
            challenge=_strictest_question(environment),
            reason_required=True,
        )
    kind = VerdictKind.ALLOW if challenge is ChallengeKind.NONE else VerdictKind.CONFIRM
    return _verdict(
        kind,
        reading,
        severity,
        circumstances,
        findings,
        challenge=challenge,
        reason_required=reason_required,
    )


def _challenge(severity: Severity, environment: Environment, mode: Mode) -> ChallengeKind:
    if severity is Severity.NONE or (mode is Mode.OPEN and severity < Severity.CRITICAL):
        return ChallengeKind.NONE
    return environment.challenge.get(severity, ChallengeKind.NONE)


def _strictest_question(environment: Environment) -> ChallengeKind:
    asked = environment.challenge.get(Severity.CRITICAL, ChallengeKind.TARGET_IMPACT)
    return max(asked, ChallengeKind.TARGET, key=lambda kind: kind.strictness)


def _changes(reading: Reading) -> bool:
    return not reading.reads and any(effect.kind is not EffectKind.READ for effect in reading.effects)


def _verdict(
    kind: VerdictKind,
    reading: Reading,
    severity: Severity,
    circumstances: Circumstances,
    findings: list[Finding],
    *,
    challenge: ChallengeKind = ChallengeKind.NONE,
    reason_required: bool = False,
) -> Verdict:
    return Verdict(
        kind=kind,
        reading=reading,
        severity=severity,
        challenge=challenge,
        reason_required=reason_required,
        environment=circumstances.environment,
        mode=circumstances.mode,
        target=circumstances.target,
        findings=tuple(findings),
    )


def _not_proven(reading: Reading, environment: Environment) -> Finding:
    unproven = [command for command in reading.commands if not command.reads]
    span = unproven[0].span if unproven else (0, len(reading.line))
    name = unproven[0].name if unproven else "this line"
    return Finding(
        rule="mode.read-only",
        severity=Severity.NONE,
        reason=f"{environment.name} is read-only here, and {name} is not proven to only read",
        instead=_WAYS_OUT.get(reading.dialect, ""),
        span=span,
    )


def _outside(environment: Environment) -> Finding:
    assert environment.window is not None
    return Finding(
        rule="window.closed",
        severity=Severity.NONE,
        reason=f"outside the change window of {environment.name} ({environment.window.text})",
        instead="wait for the window"
        if environment.outside_window is OutsideWindow.DENY
        else "wait for the window, or give the reason why it can't wait",
    )


def _second_person(environment: Environment) -> Finding:
    return Finding(
        rule="review.alone",
        severity=Severity.NONE,
        reason=(
            f"{environment.name} wants a second person for this; "
            "there is no way to ask one yet, so the strictest question with a reason stands in"
        ),
    )
