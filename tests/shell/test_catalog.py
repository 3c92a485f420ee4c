"""What is known of a program: the packs' knowledge, and one's own rules on top."""

from __future__ import annotations

from typing import Any

import pytest

from safeshell.shell.catalog import NOTHING_KNOWN, Catalog, built_in
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.pack_cache import merged_programs, packed
from safeshell.shell.pack_source import PackFile, as_plain

EMPTY: dict[str, Any] = {
    "group": "", "options": (), "without": (), "operands": (), "all_operands": (), "first_operand": (),
    "last_operand": (), "sources": (), "operand_count": "", "environ": (), "places": (), "feeds": None, "when": (),
    "severity": "", "reason": "is ours", "instead": "",
    "effects": ({"kind": "delete", "extent": "one", "object": "", "reversible": False},),
}  # fmt: skip


def own(command: str, **said: Any) -> dict[str, Any]:
    """A rule of one's own in the packs' plain form."""
    return {**EMPTY, "id": f"own.{command}", "command": command, **said}


def rules(line: str, *rules: dict[str, Any]) -> list[str]:
    reading = ShellDialect(catalog=Catalog(rules)).read(line)
    return [finding.rule for finding in reading.findings]


def test_of_a_program_that_no_pack_names_nothing_is_known() -> None:
    assert built_in().program("no-such-program") is NOTHING_KNOWN
    assert built_in().program("") is NOTHING_KNOWN


def test_a_program_is_made_once() -> None:
    assert built_in().program("git") is built_in().program("git")


def test_names_with_signs_hold_for_all_that_fit() -> None:
    assert ShellDialect().read("mkfs.ext4 /dev/sda1").severity.word == "critical"
    assert ShellDialect().read("mkfs.of-tomorrow /dev/sda1").severity.word == "critical"


def test_a_rule_of_ones_own_is_found_for_a_program_that_no_pack_names() -> None:
    assert rules("boat production deploy", own("boat production deploy")) == ["own.boat production deploy"]
    assert rules("boat staging deploy", own("boat production deploy")) == []
    assert rules("sudo bundle exec boat production deploy", own("boat production deploy"))[-1:] == [
        "own.boat production deploy"
    ]


def test_a_rule_of_ones_own_stands_beside_the_packs() -> None:
    assert rules("rm -rf /etc", own("rm", severity="low")) == ["own.rm", "rm.recursive-system"]


def test_a_rule_of_ones_own_never_lowers_what_a_pack_says() -> None:
    read_only = own("rm", effects=({"kind": "read", "extent": "one", "object": "", "reversible": False},))
    reading = ShellDialect(catalog=Catalog([read_only])).read("rm -rf /etc")

    assert reading.severity.word == "critical"
    assert not reading.reads


def test_a_rule_of_ones_own_defeats_the_proof() -> None:
    assert ShellDialect().read("kubectl get pods").reads
    assert not ShellDialect(catalog=Catalog([own("kubectl get")])).read("kubectl get pods").reads


def test_conditions_of_ones_own_rules_hold() -> None:
    rule = own("ship", options=["-p|--production"], without=["--dry-run"], operands=["web*"])

    assert rules("ship -p web-1", rule)
    assert rules("ship web-1 --production", rule)
    assert not rules("ship web-1", rule)
    assert not rules("ship -p --dry-run web-1", rule)
    assert not rules("ship -p db-1", rule)


def test_one_rule_may_name_several_programs_or_a_sign() -> None:
    assert rules("ship x", own("ship|boat x"))
    assert rules("boat x", own("ship|boat x"))
    assert rules("deploy-web x", own("deploy-* x"))


def test_what_several_packs_say_of_a_program_is_joined() -> None:
    def pack(**said: Any) -> dict[str, Any]:
        import msgspec

        return as_plain(msgspec.convert({"about": "x", **said}, PackFile))

    packs = [
        pack(programs=[{"names": ["x"], "values": ["-a"], "in": {"run": ["-c"]}, "stops": {"run": 1}}]),
        pack(programs=[{"names": ["x"], "values": ["-b"], "single_dash": True, "in": {"run": ["-d"]}}]),
    ]
    spec = Catalog(programs=packed(merged_programs(packs))).program("x").spec

    assert spec.values == {"-a", "-b"}
    assert spec.values_in == {"run": frozenset({"-c", "-d"})}
    assert spec.stops == {"run": 1}
    assert spec.single_dash
    assert not spec.abbreviations


@pytest.mark.parametrize("name", ["*", "[", "a*b?", "../x", "x" * 5000, "\x00", "ünïcode"])
def test_any_name_can_be_asked_for(name: str) -> None:
    built_in().program(name)


@pytest.mark.parametrize("name", ["AWS_PROFILE", "DATABASE_URL", "KUBECONFIG", "RAILS_ENV", "APP_ENV"])
def test_a_live_shell_is_asked_for_every_variable_that_a_verdict_hangs_on(name: str) -> None:
    assert name in built_in().variables
