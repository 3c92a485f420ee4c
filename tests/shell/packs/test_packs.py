"""Every pack holds what it says: each rule and proof hits its hits and misses its misses."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.guard.effects import Severity, severity_of
from safeshell.guard.reading import Reading
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.pack_source import PACKS, PackFile, ProofEntry, RuleEntry, load_pack
from safeshell.shell.rules import check_named

FILES = sorted(PACKS.glob("*.toml"))
LOADED: dict[Path, PackFile] = {}
PERSON = ShellContext(home="/home/me")


def pack_at(path: Path) -> PackFile:
    if path not in LOADED:
        LOADED[path] = load_pack(path)
    return LOADED[path]


def read(line: str) -> Reading:
    return ShellDialect(PERSON).read(line)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_rule_hits_and_misses_what_it_says(path: Path) -> None:
    wrong = []
    for rule in pack_at(path).rules:
        for line in rule.hits:
            found = {finding.rule for finding in read(line).findings}
            if rule.id not in found:
                wrong.append(f"{rule.id} should hit   {line!r}; found {sorted(found)}")
        for line in rule.misses:
            if rule.id in {finding.rule for finding in read(line).findings}:
                wrong.append(f"{rule.id} should miss  {line!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_proof_proves_what_it_says(path: Path) -> None:
    wrong = []
    for proof in pack_at(path).reads:
        for line in proof.hits:
            reading = read(line)
            if not reading.reads:
                unproven = [command.name for command in reading.commands if not command.reads]
                problems = [finding.rule for finding in reading.unreadable]
                wrong.append(f"{proof.command!r} should prove   {line!r}; not proven: {unproven} {problems}")
        wrong += [f"{proof.command!r} must not prove {line!r}" for line in proof.misses if read(line).reads]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_pack_is_complete(path: Path) -> None:
    pack = pack_at(path)
    assert pack.about
    for entry in (*pack.rules, *pack.reads):
        assert entry.hits, f"{path.stem}: {_label(entry)} has no hits"
        for name in entry.when:
            check_named(name.removeprefix("!"))
    for rule in pack.rules:
        effects = (rule.effect, *rule.effects) if rule.effect else rule.effects
        harmless = all(effect.kind.value == "read" for effect in effects)
        assert rule.misses or harmless or rule.group, f"{rule.id} has no misses"
        assert rule.reason.strip(), f"{rule.id} gives no reason"
        assert not rule.reason.endswith("."), f"{rule.id}: a reason is no whole sentence"


def test_ids_are_told_once() -> None:
    seen: dict[str, str] = {}
    for path in FILES:
        for rule in pack_at(path).rules:
            assert rule.id not in seen, f"{rule.id} is in {path.stem} and in {seen[rule.id]}"
            seen[rule.id] = path.stem


def test_a_severity_never_lowers_what_follows_from_the_effect() -> None:
    from safeshell.guard.effects import Effect

    for path in FILES:
        for rule in pack_at(path).rules:
            if not rule.severity:
                continue
            effects = (rule.effect, *rule.effects) if rule.effect else rule.effects
            table = max(severity_of(Effect(e.kind, e.extent, e.object, e.reversible)) for e in effects)
            assert Severity.from_word(rule.severity) >= table, (
                f"{rule.id}: the effect alone is {table.word}; {rule.severity} would not lower it"
            )


def _label(entry: RuleEntry | ProofEntry) -> str:
    return entry.id if isinstance(entry, RuleEntry) else entry.command
