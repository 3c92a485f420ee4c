"""The bodies of events: what the journal writes of a line before it runs, and of how it ended.

Values in, plain dictionaries out. Only what is safe to keep: the redacted line, never the line itself.
"""

from __future__ import annotations

from safeshell.guard.contract import effect_record, finding_record
from safeshell.guard.effects import Effect, EffectKind, Extent
from safeshell.guard.interfaces import Entry, Outcome
from safeshell.guard.reading import Impact, Reading

LISTED_AT_MOST = 100
"""How many effects and findings of one line are written out; a script's chunk may have thousands."""


def line_body(entry: Entry) -> dict[str, object]:
    """What is known of a line before it runs."""
    verdict, reading = entry.verdict, entry.verdict.reading
    effects = _first_effects(reading)
    findings = verdict.findings
    if len(findings) > LISTED_AT_MOST:
        findings = tuple(sorted(findings, key=lambda finding: -finding.severity)[:LISTED_AT_MOST])
    body: dict[str, object] = {
        "line": reading.redacted,
        "dialect": reading.dialect,
        "target": verdict.target,
        "environment": verdict.environment.name,
        "mode": verdict.mode.value,
        "verdict": verdict.kind.value,
        "severity": verdict.severity.word,
        "challenge": verdict.challenge.value,
        "commands": len(reading.commands),
        "effects": [effect_record(effect) for effect in effects],
        "findings": [finding_record(finding) for finding in findings],
    }
    if entry.answer:
        body["answer"] = entry.answer.kind.value
        body["reason"] = entry.answer.reason
    if entry.impact:
        body["impact"] = _impact(entry.impact)
    if entry.facts:
        body["facts"] = list(entry.facts)
    return body


def outcome_body(outcome: Outcome, seconds: float) -> dict[str, object]:
    """How a line ended.

    Args:
        outcome: what became of it.
        seconds: how long it took.
    """
    body: dict[str, object] = {"outcome": outcome.kind.value, "duration": round(seconds, 6)}
    if outcome.detail:
        body["detail"] = outcome.detail
    if outcome.undo_id:
        body["undo_id"] = outcome.undo_id
    return body


def _first_effects(reading: Reading) -> tuple[Effect, ...]:
    """The line's different effects in order, as many as are listed; `reading.effects` would read on."""
    found: dict[Effect, None] = {}
    for command in reading.commands:
        for effect in command.effects:
            found[effect] = None
        if len(found) >= LISTED_AT_MOST:
            break
    if reading.unreadable:
        found[Effect(EffectKind.EXECUTE, Extent.MANY, "unknown")] = None
    return tuple(found)


def _impact(impact: Impact) -> dict[str, object]:
    return {
        "facts": list(impact.facts),
        "count": impact.count,
        "unit": impact.unit,
        "bytes": impact.bytes,
        "complete": impact.complete,
    }
