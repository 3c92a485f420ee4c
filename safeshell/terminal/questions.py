"""A question as lines of a screen: where, what would happen, to how much, why, what instead, what to type.

Pure: a question, a theme and a width in, lines out. Everything quoted goes through `visible`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safeshell.guard.challenge import Question
from safeshell.guard.effects import Effect, EffectKind, Extent, severity_of
from safeshell.guard.reading import Impact
from safeshell.guard.text import sized, visible
from safeshell.guard.verdict import Verdict
from safeshell.terminal.screen import wrapped
from safeshell.terminal.theme import Style, Theme, style_of

_MOST_LINES = 12
_MOST_EFFECTS = 6
_LONGEST_LINE = 400

_VERBS = {
    EffectKind.READ: "reads",
    EffectKind.WRITE: "writes",
    EffectKind.OVERWRITE: "overwrites",
    EffectKind.DELETE: "deletes",
    EffectKind.CONFIGURE: "changes settings",
    EffectKind.STOP: "stops",
    EffectKind.GRANT: "changes who may do what",
    EffectKind.EXECUTE: "runs what can't be read",
}
_EXTENTS = {Extent.ONE: "", Extent.MANY: " many", Extent.EVERYTHING: " everything"}
# Verbs that are a sentence by themselves say how far as a note, not as their object.
_WHOLE = (EffectKind.CONFIGURE, EffectKind.GRANT, EffectKind.EXECUTE)


def draw(question: Question, theme: Theme, width: int = 80) -> list[str]:
    """The lines that put `question` before a person, with colours by `theme`, wrapped at `width` cells."""
    verdict = question.verdict
    lines = [_head(verdict, theme)]
    lines += _quoted_line(verdict.reading.redacted, theme, width)
    lines += _effects(verdict, theme, width, way_back=question.impact.way_back)
    for fact in _facts(question.impact):
        lines += _item("", fact, theme, width)
    for reason in _reasons(verdict):
        lines += _item("why", reason, theme, width, style=Style.WARNING)
    for advice in dict.fromkeys((*verdict.instead, *question.impact.offers)):
        lines += _item("instead", advice, theme, width, style=Style.ADVICE)
    lines.append("")
    lines += [theme.paint(part, Style.STRONG) for part in wrapped(theme.text(_invitation(question)), width)]
    return lines


def draw_reason(theme: Theme, width: int = 80, *, least: int) -> list[str]:
    """The lines that ask for a reason of at least `least` characters."""
    text = f"And why? At least {least} characters; it is written to the journal."
    return [theme.paint(part, Style.STRONG) for part in wrapped(theme.text(text), width)]


def effect_words(effect: Effect, *, way_back: bool = False) -> str:
    """An effect as a sentence without its subject: `deletes everything: db 0 (can't be put back)`.

    Args:
        effect: what a command does.
        way_back: what it destroys is kept first.
    """
    words = _VERBS[effect.kind]
    about = visible(effect.object, limit=_LONGEST_LINE)
    if effect.kind in _WHOLE:
        note = "" if effect.extent is Extent.ONE else f" ({effect.extent.value})"
        said = f"{words}{note}: {about}" if about else words + note
    elif effect.extent is Extent.ONE:
        said = f"{words} {about}" if about else words
    else:
        said = words + _EXTENTS[effect.extent] + (f": {about}" if about else "")
    if effect.kind is EffectKind.READ or effect.reversible or way_back:
        return said
    return f"{said} (can't be put back)"


def _head(verdict: Verdict, theme: Theme) -> str:
    target = theme.paint(visible(verdict.target, limit=80) or "this session's target", Style.STRONG)
    severity = theme.paint(verdict.severity.word, style_of(verdict.severity))
    return f"{theme.badge(verdict.environment)} {target}{theme.text(' · ')}{severity}"


def _quoted_line(redacted: str, theme: Theme, width: int) -> list[str]:
    typed = redacted.rstrip("\n").split("\n")
    shown = [theme.text(visible(line, limit=_LONGEST_LINE)) for line in typed[:_MOST_LINES]]
    if len(typed) > _MOST_LINES:
        shown.append(theme.text(f"… and {len(typed) - _MOST_LINES:,} lines more"))
    parts = [part for line in shown for part in wrapped(f"  {line}", width, indent="    ")]
    return [theme.paint(part, Style.STRONG) for part in parts]


def _effects(verdict: Verdict, theme: Theme, width: int, *, way_back: bool) -> Iterator[str]:
    worst_first = sorted(verdict.reading.effects, key=severity_of, reverse=True)
    for effect in worst_first[:_MOST_EFFECTS]:
        words = effect_words(effect, way_back=way_back)
        yield from _item("", words, theme, width, style=style_of(severity_of(effect)))
    if len(worst_first) > _MOST_EFFECTS:
        yield from _item("", f"… and {len(worst_first) - _MOST_EFFECTS:,} effects more", theme, width)


def _facts(impact: Impact) -> Iterator[str]:
    """What was measured; the count is always among it, since the answer may need it."""
    told = {number.replace(",", "") for fact in impact.facts for number in re.findall(r"\d[\d,]*", fact)}
    if impact.count is not None and str(impact.count) not in told:
        size = f", {sized(impact.bytes)}" if impact.bytes is not None else ""
        yield f"{impact.count:,} {impact.unit or 'things'}{size}"
    yield from impact.facts
    if not impact.complete:
        yield "measured only in part: the time for measuring was over"


def _reasons(verdict: Verdict) -> list[str]:
    gravest_first = sorted(verdict.findings, key=lambda finding: finding.severity, reverse=True)
    return list(dict.fromkeys(finding.reason for finding in gravest_first if finding.reason))


def _invitation(question: Question) -> str:
    return f"{visible(question.prompt, limit=_LONGEST_LINE)}; anything else is no."


def _item(label: str, text: str, theme: Theme, width: int, *, style: Style | None = None) -> list[str]:
    shown = theme.text(visible(text, limit=_LONGEST_LINE))
    first, *rest = wrapped(f"  {label:<8}{shown}" if label else f"  {shown}", width, indent=" " * 10)
    if not label:
        return [theme.paint(part, style) if style else part for part in (first, *rest)]
    # The label is quiet, what it labels is not.
    head, body = first[:10], first[10:]
    painted = theme.paint(body, style) if style else body
    return [theme.paint(head, Style.QUIET) + painted, *(theme.paint(p, style) if style else p for p in rest)]
