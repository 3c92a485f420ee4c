"""Packs as they are written: TOML → plain data that can be kept in a cache, every mistake told by place.

Strict: an unknown key, a wrong kind of value, an unknown class or effect is an error of the pack. The form is
described in docs/packs.md.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from safeshell.errors import SafeshellError
from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.shell.patterns import mistake_in_command, mistake_in_operands, mistake_in_options
from safeshell.shell.script import Place

PACKS = Path(__file__).parent / "packs"
"""The folder of the built-in packs."""


class PackInvalid(SafeshellError):
    """A pack that can't be used."""


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """Every key must be known."""


class EffectEntry(_Strict):
    """`effect = { … }`."""

    kind: EffectKind
    extent: Extent = Extent.ONE
    object: str = ""
    reversible: bool = False


class ProgramEntry(_Strict, rename={"values_in": "in"}):
    """`[[programs]]`."""

    names: tuple[str, ...]
    values: tuple[str, ...] = ()
    values_in: dict[str, tuple[str, ...]] = {}
    stops: dict[str, int] = {}
    attached: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    single_dash: bool = False
    abbreviations: bool = False
    first_is_options: bool = False
    stop_at_operand: bool = False
    secrets: tuple[str, ...] = ()


class _Conditions(_Strict, kw_only=True):
    """What rules and proofs have in common: when they fit."""

    command: str
    options: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    operands: tuple[str, ...] = ()
    all_operands: tuple[str, ...] = ()
    first_operand: tuple[str, ...] = ()
    last_operand: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    operand_count: str = ""
    environ: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    feeds: bool | None = None
    when: tuple[str, ...] = ()
    hits: tuple[str, ...]
    misses: tuple[str, ...] = ()


class RuleEntry(_Conditions, kw_only=True):
    """`[[rules]]`."""

    id: str
    group: str = ""
    effect: EffectEntry | None = None
    effects: tuple[EffectEntry, ...] = ()
    severity: str = ""
    reason: str
    instead: str = ""


class ProofEntry(_Conditions, kw_only=True):
    """`[[reads]]`."""

    only: tuple[str, ...] = ()
    known_operands: bool = False


class AddressEntry(_Strict):
    """`[[addresses]]`."""

    command: str
    kind: str
    options: tuple[str, ...] = ()
    operand: int = 0
    variables: tuple[str, ...] = ()
    remote: bool = False


class LoadEntry(_Strict):
    """`[[loads]]`."""

    command: str
    file: str
    options: tuple[str, ...] = ()
    operand: int = 0
    path: str = ""
    without: tuple[str, ...] = ()
    listed: bool = False


class PackFile(_Strict):
    """A whole pack."""

    about: str
    programs: tuple[ProgramEntry, ...] = ()
    rules: tuple[RuleEntry, ...] = ()
    reads: tuple[ProofEntry, ...] = ()
    addresses: tuple[AddressEntry, ...] = ()
    loads: tuple[LoadEntry, ...] = ()


def load_pack(path: Path) -> PackFile:
    """Read one pack.

    Raises:
        PackInvalid: it can't be read or does not fit the form; the message names the place in it.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        pack = msgspec.convert(written, PackFile)
    except (OSError, ValueError) as error:  # tomllib's and msgspec's errors are ValueErrors
        raise PackInvalid(f"the pack can't be read: {error}", where=str(path)) from None
    for rule in pack.rules:
        _refuse(path, rule.id, _mistake_in(rule))
    for proof in pack.reads:
        _refuse(path, f"reads {proof.command!r}", _mistake_in(proof))
    for address in pack.addresses:
        _refuse(path, f"addresses {address.command!r}", _mistake_at(address.command, address.options))
    for load in pack.loads:
        _refuse(path, f"loads {load.command!r}", _mistake_at(load.command, (*load.options, *load.without)))
    return pack


def as_plain(pack: PackFile) -> dict[str, Any]:
    """The pack as marshal can keep it, its hits and misses left out."""
    plain: dict[str, Any] = msgspec.to_builtins(pack)
    for entry in (*plain["rules"], *plain["reads"]):
        entry.pop("hits", None)
        entry.pop("misses", None)
    for rule in plain["rules"]:
        one = rule.pop("effect", None)
        rule["effects"] = ([one] if one else []) + list(rule["effects"])
    return plain


def _refuse(path: Path, label: str, mistake: str) -> None:
    if mistake:
        raise PackInvalid(f"{label}: {mistake}", where=str(path))


def _mistake_at(command: str, options: tuple[str, ...]) -> str:
    return mistake_in_command(command) or mistake_in_options(options)


def _mistake_in(entry: RuleEntry | ProofEntry) -> str:
    mistake = (
        mistake_in_command(entry.command)
        or mistake_in_options((*entry.options, *entry.without))
        or mistake_in_operands(
            (*entry.operands, *entry.all_operands, *entry.first_operand, *entry.last_operand, *entry.sources)
        )
    )
    if isinstance(entry, ProofEntry):
        return mistake or mistake_in_options(entry.only)
    if not entry.effect and not entry.effects:
        return mistake or "it says no effect"
    if entry.severity and entry.severity.upper() not in Severity.__members__:
        return mistake or f"there is no severity {entry.severity!r}"
    return mistake
