"""Rules and proofs as they are used: what a command must be for them to fit, and what then follows.

Made from plain data (a pack's, a cache's, or a rule in a person's own config) when their program is first met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from safeshell.frozen import frozen
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.invocation import Invocation, ProgramSpec
from safeshell.shell.names_of_things import names_a_thing
from safeshell.shell.patterns import WordPattern, command_pattern, count_fits, fits, given, leading
from safeshell.shell.proof_doubts import changes_before, hidden_options, turned_off
from safeshell.shell.script import Place
from safeshell.shell.word import Word

_VARIABLE = lazy_pattern(r"\$(?:\w+|\{\w+\})")

Check = Callable[[Invocation], bool]


@frozen
class Conditions:
    """When a rule or a proof fits; the meaning of each is told in docs/packs.md."""

    command: tuple[WordPattern, ...]
    options: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    operands: tuple[str, ...] = ()
    all_operands: tuple[str, ...] = ()
    first_operand: tuple[str, ...] = ()
    last_operand: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    operand_count: str = ""
    environ: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    feeds: bool | None = None
    when: tuple[str, ...] = ()

    def operands_of(self, invocation: Invocation, words: tuple[Word, ...]) -> tuple[Word, ...] | None:
        """The operands that are left after the command's own words; None when the conditions do not hold.

        Args:
            invocation: the command.
            words: its operands, as this reading of them has it.
        """
        start = leading(self.command, words)
        if start < 0:
            return None
        if self.options and not all(given(invocation, entry) for entry in self.options):
            return None
        if self.without and any(given(invocation, entry) for entry in self.without):
            return None
        rest = words[start:]
        if self.operand_count and not count_fits(self.operand_count, len(rest)):
            return None
        return rest if self._fit(invocation, rest) else None

    def _fit(self, invocation: Invocation, rest: tuple[Word, ...]) -> bool:
        return (
            (not self.asks_operands or self._operands_fit(rest, invocation.context))
            and (not self.environ or all(_is_set(invocation, entry) for entry in self.environ))
            and (not self.places or any(place in invocation.command.places for place in self.places))
            and (self.feeds is None or self.feeds == _is_fed(invocation))
            and (not self.when or all(_holds(invocation, name) for name in self.when))
        )

    @property
    def asks_operands(self) -> bool:
        """Whether something is asked of the operands; most rules ask nothing."""
        return bool(
            self.operands or self.all_operands or self.first_operand or self.last_operand or self.sources
        )

    def _operands_fit(self, rest: tuple[Word, ...], context: ShellContext) -> bool:
        return (
            all(any(fits(word, entry, context) for word in rest) for entry in self.operands)
            and (bool(rest) or not (self.all_operands or self.first_operand or self.last_operand))
            and all(fits(word, entry, context) for entry in self.all_operands for word in rest)
            and all(fits(rest[0], entry, context) for entry in self.first_operand)
            and all(fits(rest[-1], entry, context) for entry in self.last_operand)
            and all(any(fits(word, entry, context) for word in rest[:-1] or rest) for entry in self.sources)
        )


@frozen
class Rule:
    """What is destructive.

    Args:
        id: stable, `git.push-force`.
        conditions: when it fits.
        effects: what the command then does; an object may hold `{operands}` and the like.
        severity: raises what follows from the effects.
        reason: what happens.
        instead: what to do instead.
        group: of one group only the first that fits counts.
    """

    id: str
    conditions: Conditions
    effects: tuple[Effect, ...]
    severity: Severity
    reason: str
    instead: str = ""
    group: str = ""


@frozen
class Proof:
    """What only reads: a command that fits changes nothing."""

    conditions: Conditions
    only: tuple[str, ...] = ()
    known_operands: bool = False

    def holds(self, invocation: Invocation) -> bool:
        """Whether the command is proven to change nothing, as far as its words go."""
        rest = self.conditions.operands_of(invocation, invocation.operands)
        if rest is None:
            return False
        taken = len(invocation.operands) - len(rest)
        if not all(word.known for word in invocation.operands[:taken]):
            return False
        if self._is_doubtful(invocation, invocation.operands[:taken]):
            return False
        if self.only and not all(
            _is_among(invocation, at, self.only) for at in range(len(invocation.options))
        ):
            return False
        if self.known_operands:
            return all(word.known for word in rest)
        # An unquoted unknown may become an option, or several.
        return not (self._is_narrow() and any(may_be_options(word, invocation) for word in invocation.words))

    def _is_doubtful(self, invocation: Invocation, own: tuple[Word, ...]) -> bool:
        """Whether what fits may still mean something else; `own` are the command's own words."""
        asked = self.conditions
        if asked.options and turned_off(invocation, _names(asked.options)):
            return True
        if any(pattern.many for pattern in asked.command) and changes_before(own):
            return True
        barred = _names(asked.without)
        return bool(barred or self.only) and any(
            any(invocation.means(option, name) for name in barred)
            or (bool(self.only) and not any(invocation.means(option, name) for name in _names(self.only)))
            for option in hidden_options(invocation)
        )

    def _is_narrow(self) -> bool:
        """Whether more than the command's own words decides."""
        asked = self.conditions
        return bool(
            self.only
            or asked.without
            or asked.options
            or asked.when
            or asked.operand_count
            or asked.operands
            or asked.all_operands
            or asked.first_operand
            or asked.last_operand
            or asked.sources
        )


@frozen
class AddressRule:
    """How a command names the target that it acts on."""

    command: tuple[WordPattern, ...]
    kind: str
    options: tuple[str, ...] = ()
    operand: int = 0
    variables: tuple[str, ...] = ()
    remote: bool = False


@frozen
class LoadRule:
    """How a command names a file that it loads and that can be checked before."""

    command: tuple[WordPattern, ...]
    file: str
    options: tuple[str, ...] = ()
    operand: int = 0
    path: str = ""
    without: tuple[str, ...] = ()
    listed: bool = False


@frozen
class ProgramRules:
    """All that is known of one program."""

    spec: ProgramSpec
    rules: tuple[Rule, ...] = ()
    proofs: tuple[Proof, ...] = ()
    addresses: tuple[AddressRule, ...] = ()
    loads: tuple[LoadRule, ...] = ()


def rule_from(plain: Mapping[str, Any]) -> Rule:
    """A rule from a pack's plain data, which leaves out what stays at its default."""
    severity = plain.get("severity")
    return Rule(
        id=plain["id"],
        conditions=conditions_from(plain),
        effects=tuple(
            Effect(
                EffectKind(one["kind"]),
                Extent(one.get("extent", "one")),
                one.get("object", ""),
                one.get("reversible", False),
            )
            for one in plain["effects"]
        ),
        severity=Severity.from_word(severity) if severity else Severity.NONE,
        reason=plain["reason"],
        instead=plain.get("instead", ""),
        group=plain.get("group", ""),
    )


def proof_from(plain: Mapping[str, Any]) -> Proof:
    """A proof from a pack's plain data."""
    return Proof(conditions_from(plain), tuple(plain.get("only", ())), plain.get("known_operands", False))


def conditions_from(plain: Mapping[str, Any]) -> Conditions:
    """The conditions that rules and proofs share."""
    said = ((name, plain[name]) for name in _CONDITIONS if name in plain)
    told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said}
    return Conditions(command=command_pattern(plain["command"])[1:], **told)


_CONDITIONS = tuple(name for name in Conditions.__match_args__ if name != "command")


@cache
def check_named(name: str) -> Check:
    """The check `sed.reads`: the function `reads` of the module `checks.sed`.

    Raises:
        ImportError, AttributeError: there is none; the packs' tests hold that there is.
    """
    module, _, function = name.partition(".")
    check: Check = getattr(import_module(f"safeshell.shell.checks.{module}"), function)
    return check


def may_be_options(word: Word, invocation: Invocation) -> bool:
    """Whether the running shell may make options of a word: an unquoted expansion that nobody knows.

    A plain variable in a loop is what the loop goes through (`for p in $(kubectl get pods -o name)`): operands.
    """
    if not word.splits:
        return False
    looping = Place.LOOP in invocation.command.places
    return not all(
        names_a_thing(expansion) or (looping and _VARIABLE.fullmatch(expansion))
        for expansion in word.unknowns
    )


def _holds(invocation: Invocation, name: str) -> bool:
    if name.startswith("!"):
        return not check_named(name[1:])(invocation)
    return check_named(name)(invocation)


@cache
def _names(entries: tuple[str, ...]) -> tuple[str, ...]:
    """The options of entries that ask for no value."""
    return tuple(name for entry in entries for name in entry.split("|") if "=" not in name)


def _is_among(invocation: Invocation, at: int, entries: tuple[str, ...]) -> bool:
    option = invocation.options[at]
    return any(invocation.means(option, name) for entry in entries for name in entry.split("|"))


def _is_set(invocation: Invocation, entry: str) -> bool:
    name, equals, pattern = entry.partition("=")
    for assignment in reversed(invocation.command.assignments):
        if assignment.name == name:
            return not equals or fits(assignment.value, pattern, invocation.context)
    value = invocation.context.exported.get(name)
    return value is not None and (not equals or fits(Word(value), pattern, invocation.context))


def _is_fed(invocation: Invocation) -> bool:
    command = invocation.command
    return bool(command.feeds) or any(redirect.operator[:1] == "<" for redirect in command.redirects)
