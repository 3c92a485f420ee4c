from __future__ import annotations

import itertools

import pytest

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity, severity_of, widest


@pytest.mark.parametrize("kind", list(EffectKind))
@pytest.mark.parametrize("reversible", [True, False])
def test_a_wider_extent_is_never_milder(kind: EffectKind, reversible: bool) -> None:
    severities = [severity_of(Effect(kind, extent, reversible=reversible)) for extent in Extent]

    assert severities == sorted(severities)


@pytest.mark.parametrize(("kind", "extent"), list(itertools.product(EffectKind, Extent)))
def test_what_can_be_put_back_is_never_graver_than_what_cannot(kind: EffectKind, extent: Extent) -> None:
    assert severity_of(Effect(kind, extent, reversible=True)) <= severity_of(Effect(kind, extent))


def test_reading_is_harmless_and_deleting_everything_is_critical_even_with_undo() -> None:
    assert severity_of(Effect(EffectKind.READ, Extent.EVERYTHING)) is Severity.NONE
    assert severity_of(Effect(EffectKind.DELETE, Extent.EVERYTHING, reversible=True)) is Severity.CRITICAL


def test_the_widest_extent_wins() -> None:
    assert widest((Extent.MANY, Extent.ONE)) is Extent.MANY
    assert widest((Extent.MANY, Extent.EVERYTHING)) is Extent.EVERYTHING
    assert widest(()) is Extent.ONE


def test_severities_go_by_their_words() -> None:
    assert [severity.word for severity in Severity] == ["none", "low", "medium", "high", "critical"]
    assert all(Severity.from_word(severity.word) is severity for severity in Severity)
