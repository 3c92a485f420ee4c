"""A verdict as the contract's JSON object (DESIGN §4): what `check --json` prints, one a line."""

from __future__ import annotations

from typing import TypedDict

from safeshell.guard.effects import Effect
from safeshell.guard.reading import Finding
from safeshell.guard.verdict import Verdict


class EffectRecord(TypedDict):
    """One effect."""

    kind: str
    extent: str
    object: str
    reversible: bool


class FindingRecord(TypedDict):
    """One finding; `span` counts characters of the line, the end exclusive."""

    rule: str
    severity: str
    reason: str
    instead: str
    span: list[int]


class VerdictRecord(TypedDict):
    """One verdict. `line` has its secrets replaced."""

    line: str
    dialect: str
    target: str
    environment: str
    mode: str
    verdict: str
    severity: str
    challenge: str
    effects: list[EffectRecord]
    findings: list[FindingRecord]


def verdict_record(verdict: Verdict) -> VerdictRecord:
    """The contract's form of `verdict`."""
    return {
        "line": verdict.reading.redacted,
        "dialect": verdict.reading.dialect,
        "target": verdict.target,
        "environment": verdict.environment.name,
        "mode": verdict.mode.value,
        "verdict": verdict.kind.value,
        "severity": verdict.severity.word,
        "challenge": verdict.challenge.value,
        "effects": [effect_record(effect) for effect in verdict.reading.effects],
        "findings": [finding_record(finding) for finding in verdict.findings],
    }


def effect_record(effect: Effect) -> EffectRecord:
    """The contract's form of `effect`."""
    return {
        "kind": effect.kind.value,
        "extent": effect.extent.value,
        "object": effect.object,
        "reversible": effect.reversible,
    }


def finding_record(finding: Finding) -> FindingRecord:
    """The contract's form of `finding`."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "reason": finding.reason,
        "instead": finding.instead,
        "span": list(finding.span),
    }
