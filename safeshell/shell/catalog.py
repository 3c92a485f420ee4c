"""What is known of every program: the built-in packs, and a person's own rules on top.

Entries are made when a line first names their program, and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from safeshell.shell.invocation import PLAIN, ProgramSpec
from safeshell.shell.pack_cache import PackedPrograms, packed_programs
from safeshell.shell.patterns import alternatives, command_pattern, program_names
from safeshell.shell.rules import AddressRule, LoadRule, ProgramRules, proof_from, rule_from

NOTHING_KNOWN = ProgramRules(PLAIN)
"""What is known of a program that no pack names."""


class Catalog:
    """The rules and proofs of one session.

    Args:
        own: rules of the config, in the packs' plain form.
        programs: the packs' entries by program; the built-in ones by default.
    """

    def __init__(self, own: Sequence[dict[str, Any]] = (), programs: PackedPrograms | None = None) -> None:
        self._packed = packed_programs() if programs is None else programs
        self._own = tuple(own)
        own_signs = (name for name in _names(self._own) if "*" in name or "?" in name)
        self._signs = tuple(dict.fromkeys((*self._packed.signs, *own_signs)))
        self._made: dict[str, ProgramRules] = {}

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that say where some program acts: `AWS_PROFILE`, `DATABASE_URL`."""
        return self._packed.variables

    def program(self, name: str) -> ProgramRules:
        """What is known of the program `name`, a basename."""
        found = self._made.get(name)
        if found is None:
            if len(self._made) > 4096:
                self._made.clear()
            found = self._made[name] = self._make(name)
        return found

    def _make(self, name: str) -> ProgramRules:
        names = [name, *(sign for sign in self._signs if sign != name and fnmatchcase(name, sign))]
        plain = [entry for one in names if (entry := self._packed.entry(one)) is not None]
        own = [rule for rule in self._own if any(one in program_names(rule["command"]) for one in names)]
        if not plain and not own:
            return NOTHING_KNOWN
        return ProgramRules(
            _spec(plain),
            tuple(rule_from(rule) for rule in (*own, *(rule for entry in plain for rule in entry["rules"]))),
            tuple(proof_from(proof) for entry in plain for proof in entry["reads"]),
            tuple(_address(one) for entry in plain for one in entry["addresses"]),
            tuple(_load(one) for entry in plain for one in entry["loads"]),
        )


@cache
def built_in() -> Catalog:
    """The catalogue of the built-in packs alone.

    Raises:
        PackInvalid: a pack can't be used.
    """
    return Catalog()


def _names(rules: Sequence[dict[str, Any]]) -> list[str]:
    return [name for rule in rules for name in program_names(rule["command"])]


def _address(plain: dict[str, Any]) -> AddressRule:
    return AddressRule(
        command_pattern(plain["command"])[1:],
        plain["kind"],
        tuple(plain.get("options", ())),
        plain.get("operand", 0),
        tuple(plain.get("variables", ())),
        plain.get("remote", False),
    )


def _load(plain: dict[str, Any]) -> LoadRule:
    return LoadRule(
        command_pattern(plain["command"])[1:],
        plain["file"],
        tuple(plain.get("options", ())),
        plain.get("operand", 0),
        plain.get("path", ""),
        tuple(plain.get("without", ())),
        plain.get("listed", False),
    )


def _spec(entries: Sequence[dict[str, Any]]) -> ProgramSpec:
    specs = [spec for entry in entries for spec in entry["specs"]]
    if not specs:
        return PLAIN
    values_in: dict[str, frozenset[str]] = {}
    stops: dict[str, int] = {}
    for spec in specs:
        stops.update(spec.get("stops", {}))
        for subcommand, values in spec.get("in", {}).items():
            values_in[subcommand] = values_in.get(subcommand, frozenset()) | frozenset(values)

    def all_of(key: str) -> frozenset[str]:
        return frozenset(name for spec in specs for name in spec.get(key, ()))

    return ProgramSpec(
        values=all_of("values"),
        values_in=values_in,
        attached=all_of("attached"),
        flags=all_of("flags"),
        stops=stops,
        known=_options_told(entries) if any(spec.get("abbreviations") for spec in specs) else frozenset(),
        single_dash=any(spec.get("single_dash") for spec in specs),
        abbreviations=any(spec.get("abbreviations") for spec in specs),
        first_is_options=any(spec.get("first_is_options") for spec in specs),
        stop_at_operand=any(spec.get("stop_at_operand") for spec in specs),
        secrets=all_of("secrets"),
    )


def _options_told(entries: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Every option that the packs say something of: such a name is itself, and no longer one cut short."""
    return frozenset(
        name
        for entry in entries
        for one in (*entry["rules"], *entry["reads"], *entry["specs"])
        for key in ("options", "without", "only", "values", "flags")
        for words in one.get(key, ())
        for name, _ in alternatives(words)
    )
