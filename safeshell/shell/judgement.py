"""One command against the packs: its effects and findings, the proof that it only reads, the targets it names.

Pure. Which commands a line holds is the reader's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from safeshell.frozen import replace
from safeshell.guard.effects import Effect, EffectKind, Severity, severity_of
from safeshell.guard.reading import Address, Command, Finding, Load
from safeshell.guard.text import visible
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.invocation import Invocation
from safeshell.shell.patterns import leading
from safeshell.shell.rules import AddressRule, LoadRule, ProgramRules, Rule, may_be_options
from safeshell.shell.tampering import is_rewritten
from safeshell.shell.unknown_programs import plain_deed
from safeshell.shell.word import UNKNOWN, Word

_PLACEHOLDER = lazy_pattern(r"\{(operands|last|\d+|-[\w-]+)\}")
_HELP = frozenset({"--help", "--version"})


def judged(invocation: Invocation, known: ProgramRules, *, name: str = "") -> Command:
    """What one command does.

    Args:
        invocation: the command.
        known: what the packs say of its program.
        name: how to call it; its program and subcommand by default.
    """
    span = invocation.command.span
    called = name or called_by(invocation)
    if is_help(invocation):
        return Command(called, reads=True, span=span)
    matched = _matching(invocation, known.rules)
    findings = tuple(
        Finding(rule.id, _severity(rule), _filled(rule.reason, invocation, rest), rule.instead, span)
        for rule, rest in matched
    )
    effects = tuple(
        dict.fromkeys(_effect(effect, invocation, rest) for rule, rest in matched for effect in rule.effects)
    )
    changes = any(effect.kind is not EffectKind.READ for effect in effects)
    proven = not changes and _is_proven(invocation, known, read_by_rule=bool(effects))
    if not proven and not matched:
        deed = plain_deed(invocation, has_rules=bool(known.rules))
        if deed is not None:
            effects, findings = (deed[0],), (deed[1],)
    objects = tuple(shown_word(word) for word in invocation.operands[:20])
    return Command(called, effects, findings, proven, span, objects)


def _is_proven(invocation: Invocation, known: ProgramRules, *, read_by_rule: bool) -> bool:
    """Whether a rule or a proof says that the command only reads, and nothing of it is another than it looks."""
    words, context = invocation.command.words, invocation.context
    if any(is_rewritten(word, context) for word in words if word.unknowns or word.glob):
        return False
    if read_by_rule and not any(may_be_options(word, invocation) for word in invocation.words):
        return True
    return any(proof.holds(invocation) for proof in known.proofs)


def _severity(rule: Rule) -> Severity:
    return max((rule.severity, *(severity_of(effect) for effect in rule.effects)))


def called_by(invocation: Invocation) -> str:
    """The command's name for people: the program, and its first operand where that looks like a subcommand."""
    first = invocation.operands[0].text if invocation.operands else ""
    if (
        first.isascii()
        and re.fullmatch(r"[a-z][a-z0-9:-]{1,30}", first)
        and invocation.program not in _NO_SUBCOMMANDS
    ):
        return f"{invocation.program} {first}"
    return visible(invocation.program, limit=60)


_NO_SUBCOMMANDS = frozenset(
    "rm rmdir mv cp ln ls cat echo printf cd grep egrep rg find less more head tail touch mkdir tee chmod chown"
    " sed awk dd tar kill killall pkill man which type test sort wc cut diff ssh scp ping dig curl wget source ."
    " read unset".split()
)


def is_help(invocation: Invocation) -> bool:
    """Whether the command asks its program for its manual or version and nothing else."""
    words = invocation.words
    if not words or len(words) > 4:
        return False
    if invocation.spec.stop_at_operand and len(words) > 1:
        return False  # `redis-cli monitor --help` sends both words
    last = words[-1].text
    return last in _HELP and all(word.text[:1] not in ("-", UNKNOWN) and word.known for word in words[:-1])


def addresses_of(invocation: Invocation, rules: Sequence[AddressRule]) -> Iterator[Address]:
    """The targets that a command names by its options, operands or the variables it uses."""
    contexts = named = False
    for rule in rules:
        start = leading(rule.command, invocation.operands)
        if start < 0:
            continue
        contexts = contexts or rule.kind == "kubernetes"
        rest = invocation.operands[start:]
        if rule.remote:
            yield from _remote_hosts(rule.kind, rest)
            continue
        word = invocation.value(*(name for entry in rule.options for name in entry.split("|")))
        if word is None and 0 < rule.operand <= len(rest):
            word = rest[rule.operand - 1]
        text = word.text if word else _variable(invocation, rule.variables)
        if text:
            named = named or rule.kind == "kubernetes"
            yield Address(rule.kind, "*" if UNKNOWN in text else text)
    if contexts and not named and not invocation.elsewhere:
        yield Address("kubeconfig", _kubeconfig(invocation))


def loads_of(invocation: Invocation, rules: Sequence[LoadRule]) -> Iterator[Load]:
    """The files that a command would load."""
    for rule in rules:
        start = leading(rule.command, invocation.operands)
        if start < 0 or (rule.without and invocation.has(*(n for e in rule.without for n in e.split("|")))):
            continue
        names = [name for entry in rule.options for name in entry.split("|")]
        files = [option.value for option in invocation.given(*names) if option.value]
        rest = invocation.operands[start:]
        if not files and 0 < rule.operand <= len(rest):
            files = [rest[rule.operand - 1]]
        if not files and rule.path:
            files = [Word(path) for path in rule.path.split("|")]
        if rule.listed:
            files = [Word(path) for word in files for path in word.text.split(",")]
        for word in files:
            if word.known and word.text not in ("", "-") and "://" not in word.text:
                yield Load(rule.file, _path(word.text, invocation.context), invocation.command.span)


def _path(text: str, context: ShellContext) -> str:
    """A file as the command would open it, as far as working directory and home are known."""
    if text.startswith("~/") and context.home:
        return context.home + text[1:]
    return text if text.startswith("/") or not context.cwd else f"{context.cwd}/{text}"


def shown_word(word: Word, limit: int = 80) -> str:
    """A word for a person: what only the running shell knows as it was typed."""
    text = word.text
    for typed in word.unknowns:
        text = text.replace(UNKNOWN, typed, 1)
    return shown(text, limit)


def shown(text: str, limit: int = 80) -> str:
    """A word for a person: what is unknown as `…`, everything active written out."""
    return visible(text.replace(UNKNOWN, "…"), limit=limit)


def _kubeconfig(invocation: Invocation) -> str:
    """The files whose current context a command uses that names none; "" for the default one.

    Source: kubectl's own order, `--kubeconfig`, `$KUBECONFIG`, `~/.kube/config`.
    """
    given = invocation.value("--kubeconfig")
    return given.text if given else _variable(invocation, ("KUBECONFIG",))


def _remote_hosts(kind: str, operands: Sequence[Word]) -> Iterator[Address]:
    """The hosts in `user@host:path` and `rsync://host/` operands."""
    for word in operands:
        scheme, separator, rest = word.text.partition("://")
        place = rest.partition("/")[0] if separator else word.text.partition(":")[0]
        if (separator and scheme.isalnum()) or (":" in word.text and "/" not in place and place):
            yield Address(kind, "*" if UNKNOWN in place else place)


def _matching(invocation: Invocation, rules: Sequence[Rule]) -> list[tuple[Rule, tuple[Word, ...]]]:
    """The rules that fit, of each group the first, with the operands left to each."""
    found = list(_fitting(invocation, rules, invocation.operands))
    if not found and invocation.unsure:
        # An option that nobody told of may have taken the word behind it: `tool --new-option x delete y`.
        sure = tuple(word for at, word in enumerate(invocation.operands) if at not in invocation.unsure)
        fitting = _fitting(invocation, rules, sure)
        found = [
            (rule, rest) for rule, rest in fitting if any(e.kind is not EffectKind.READ for e in rule.effects)
        ]
    return found


def _fitting(
    invocation: Invocation, rules: Sequence[Rule], operands: tuple[Word, ...]
) -> Iterator[tuple[Rule, tuple[Word, ...]]]:
    groups: set[str] = set()
    for rule in rules:
        if rule.group and rule.group in groups:
            continue
        rest = rule.conditions.operands_of(invocation, operands)
        if rest is not None:
            if rule.group:
                groups.add(rule.group)
            yield rule, rest


def _effect(effect: Effect, invocation: Invocation, rest: tuple[Word, ...]) -> Effect:
    if "{" not in effect.object:
        return effect
    return replace(effect, object=_filled(effect.object, invocation, rest))


def _filled(text: str, invocation: Invocation, rest: tuple[Word, ...]) -> str:
    if "{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        what = match[1]
        if what == "operands":
            return _listed(rest)
        if what == "last":
            return shown_word(rest[-1]) if rest else "…"
        if what.isdigit():
            at = int(what) - 1
            return shown_word(rest[at]) if at < len(rest) else "…"
        given = invocation.value(what)
        return shown_word(given) if given else ""

    filled = " ".join(_PLACEHOLDER.sub(value, text).split())
    bare = " ".join(_PLACEHOLDER.sub("", text).split())
    return f"{filled} …".lstrip() if filled == bare else filled


def _listed(words: Iterable[Word]) -> str:
    texts = [shown_word(word) for word in words]
    if len(texts) > 4:
        return f"{', '.join(texts[:3])} and {len(texts) - 3:,} more"
    return ", ".join(texts)


def _variable(invocation: Invocation, names: Sequence[str]) -> str:
    for name in names:
        for assignment in reversed(invocation.command.assignments):
            if assignment.name == name:
                return assignment.value.text
        value = invocation.context.exported.get(name)
        if value:
            return value
    return ""
