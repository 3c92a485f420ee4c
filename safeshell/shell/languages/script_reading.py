"""Reads a one-liner of a script language by its calls: what they do is in the language's own tables.

A literal scan: names and strings as they are written. What is computed is no alarm and no proof; only a text that
evaluates another text is unreadable. A text is proven to read when every name in it is known to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding
from safeshell.shell.inner import Inner
from safeshell.shell.languages.calls import DOTS, Call, Index, calls_of, groups, index_of
from safeshell.shell.languages.code_tokens import CodeToken, Grammar, tokens_of
from safeshell.shell.languages.found import (
    MAX_CHARACTERS,
    Deed,
    Found,
    program,
    reading,
    shell_text,
    unproven,
    unreadable,
    words,
)
from safeshell.shell.word import UNKNOWN

Rule = Deed | Callable[[Call], Deed | None]
"""What a call does, or how that follows from its arguments; None when these make it harmless."""

_MAX_DEEDS: Final = 200
_LIBRARIES: Final = words("? fs File FileUtils Dir os io Process Kernel promises process require Pathname")
_GIVEN: Final = frozenset({"=", "+=", "=>", "||=", "in", "of"})
_MEMBER: Final = frozenset({".", "->", "&.", "?."})


@frozen
class ScriptLanguage:
    """A script language's tables. Names are keyed as `name`, `.method` (behind anything), or `Owner.method`.

    Args:
        name: as it is shown: `ruby`.
        grammar: how it writes tokens.
        rules: what calls do.
        shells: calls whose first argument is a line for a shell.
        programs: calls whose arguments are a program and its words, when there are several or a list.
        opaque: calls that evaluate a text.
        sql: calls whose first argument is SQL.
        reads: names that are proven to change nothing.
        keywords: the language's own words.
        bare_arguments: arguments may follow without parentheses.
        sigils: what a variable's name begins with.
        constants: names with a capital may stand alone.
        members: a name behind a dot that is not called is only looked at.
    """

    name: str
    grammar: Grammar
    rules: Mapping[str, Rule]
    shells: frozenset[str]
    programs: frozenset[str]
    opaque: frozenset[str]
    sql: frozenset[str]
    reads: frozenset[str]
    keywords: frozenset[str]
    bare_arguments: bool = False
    sigils: str = ""
    constants: bool = True
    members: bool = False


def read_script(text: str, language: ScriptLanguage) -> Found:
    """What a text of that language does, as far as it is written there. Never raises."""
    whole = (0, len(text))
    if len(text) > MAX_CHARACTERS:
        return unreadable(
            "script.too-long", Severity.HIGH, f"the {language.name} code is too long to be read", whole
        )
    if text.strip() == UNKNOWN:
        return unreadable(
            "script.unknown", Severity.MEDIUM,
                f"only the running shell knows what this {language.name} code is", whole,
            "write the code out",
        )  # fmt: skip
    found = tokens_of(text, language.grammar)
    reader = _Reader(language)
    for tokens in groups(found.tokens):
        reader.take(index_of(tokens))
    return reader.result(whole, understood=not found.broken and UNKNOWN not in _outside_strings(found.tokens))


def _outside_strings(tokens: tuple[CodeToken, ...]) -> str:
    return "".join(token.text for token in tokens if token.kind in ("name", "sign", "number"))


def key_of(call: Call, table: Mapping[str, object] | frozenset[str]) -> str:
    """The key under which a table knows the call; "" when it does not."""
    name = call.name
    if call.chain:
        for key in (f"{call.chain[-1]}.{name}", f".{name}"):
            if key in table:
                return key
        return ""
    return name if name in table else ""


class _Reader:
    """What was found so far."""

    def __init__(self, language: ScriptLanguage) -> None:
        self.language = language
        self.commands: dict[Command, None] = {}
        self.unreadable: list[Finding] = []
        self.inner: list[Inner] = []
        self.proven = True

    def take(self, index: Index) -> None:
        language = self.language
        known = _variables(index)
        for token in index.tokens:
            if token.kind == "command":
                self.inner.append(
                    shell_text(token.text, (token.start + 1, max(token.end - 1, token.start + 1)))
                )
        for call in calls_of(index, bare_arguments=language.bare_arguments):
            if len(self.commands) + len(self.inner) + len(self.unreadable) > _MAX_DEEDS:
                self._too_many(call)
                return
            self._take_call(call, index, known)

    def _too_many(self, call: Call) -> None:
        reason = f"the {self.language.name} code does more than can be read"
        self.unreadable.append(
            Finding("script.too-long", Severity.HIGH, reason, "run it from a reviewed file", call.span)
        )

    def _take_call(self, call: Call, index: Index, known: frozenset[str]) -> None:
        language = self.language
        rule_key = key_of(call, language.rules)
        if rule_key:
            rule = language.rules[rule_key]
            deed = rule if isinstance(rule, Deed) else rule(call)
            if deed is not None:
                thing = call.strings()[0] if call.strings() else _owner(call)
                self.commands[deed.command(f"{language.name} {call.path}"[:80], thing, call.span)] = None
            return
        if key_of(call, language.shells) or key_of(call, language.programs):
            self._runs(call)
        elif key_of(call, language.sql):
            self._sql(call)
        elif key_of(call, language.opaque):
            self._opaque(call)
        elif not self._is_harmless(call, index, known):
            self.proven = False

    def _runs(self, call: Call) -> None:
        arguments = list(call.split())
        if arguments and arguments[0] and arguments[0][0].text in ("[", "{"):
            arguments = list(Call((), "", arguments[0][1:-1]).split())
        else:
            arguments = [_unlisted(one) for one in arguments if not _is_option(one)]
        texts = [Call((), "", one).first_text() or UNKNOWN for one in arguments]
        if not texts:
            self.proven = False
        elif len(texts) == 1 and key_of(call, self.language.shells):
            start, end = _place(call)
            self.inner.append(shell_text(texts[0], (start, end)))
        else:
            listed = [word for text in texts for word in text.split("\x00") if word]
            self.inner.append(program(listed, call.span))

    def _sql(self, call: Call) -> None:
        from safeshell.shell.languages import sql

        text = call.first_text()
        found = sql.read(text).told_at(call.span) if text else Found()
        if not text:
            self.proven = False
        self.commands.update(dict.fromkeys(found.commands))
        self.unreadable += found.unreadable
        self.inner += found.inner

    def _opaque(self, call: Call) -> None:
        self.unreadable.append(
            Finding(
                "script.evaluates", Severity.MEDIUM,
                    f"{call.path[:60]} runs a text as {self.language.name} code",
                "write the code out", call.span,
            )
        )  # fmt: skip

    def _is_harmless(self, call: Call, index: Index, known: frozenset[str]) -> bool:
        language = self.language
        name = call.name
        if name in language.keywords and not (call.chain and call.called):
            return True
        if key_of(call, language.reads):
            return True
        if (
            language.constants
            and name[:1].isupper()
            and not call.called
            and index.text(call.at - 1) not in _MEMBER
        ):
            return True
        if language.members and call.chain and not call.called:
            return True
        is_variable = name in known or (bool(language.sigils) and name[0] in language.sigils)
        return (is_variable and not call.chain and not call.called) or _is_key(call, index)

    def result(self, whole: tuple[int, int], *, understood: bool) -> Found:
        name = self.language.name
        commands = tuple(self.commands)
        if not (self.proven and understood) and all(command.reads for command in commands):
            commands = (*commands, unproven(name, whole))
        elif not commands and not self.unreadable:
            commands = (reading(name, whole),)
        return Found(commands, tuple(self.unreadable), tuple(self.inner))


def _owner(call: Call) -> str:
    """What a method is called on, when that says something to a person: `User.where`, not `fs`."""
    return "" if not call.chain or call.chain[-1] in _LIBRARIES else ".".join(call.chain)


def _variables(index: Index) -> frozenset[str]:
    """Names that the text gives a value to, or takes as parameters."""
    names: set[str] = set()
    in_bars = False
    for at, token in enumerate(index.tokens):
        if token.kind == "sign" and token.text == "|":
            before = index.text(at - 1)
            in_bars = not in_bars and before in ("{", "do")
        elif token.kind == "name":
            behind = index.text(at + 1)
            before = index.text(at - 1)
            if in_bars or behind in _GIVEN or before in ("let", "const", "var", "local", "my", "for"):
                if before not in DOTS:
                    names.add(token.text)
            elif index.text(at - 1) == "(" and behind in (",", ")"):
                names |= _parameters(index, at)
    return frozenset(names)


def _parameters(index: Index, at: int) -> set[str]:
    """The names of `(a, b) =>` and `function (a, b)` around an index."""
    start = at
    while start > 0 and index.text(start) != "(" and at - start < 40:
        start -= 1
    close = index.pairs.get(start, -1)
    if index.text(start) != "(" or close < 0 or close - start > 40:
        return set()
    is_function = index.text(close + 1) in ("=>", "{") and index.text(start - 1) in (
        "function",
        "",
        "(",
        ",",
        "=",
    )
    if not (is_function or index.text(start - 1) == "function" or index.text(start - 2) == "function"):
        return set()
    return {token.text for token in index.tokens[start:close] if token.kind == "name"}


def _is_key(call: Call, index: Index) -> bool:
    """A key of a hash or object: `name: 1`, `:name`, Perl's `->{name}`."""
    at = call.at
    if index.text(at + 1) == ":" and index.text(at - 1) in ("{", ",", "(", ""):
        return True
    if (index.text(at - 2), index.text(at - 1), index.text(at + 1)) == ("->", "{", "}"):
        return True
    behind_colon = index.text(at - 1) == ":" and index.text(at - 2) in ("(", ",", "[", "{", "=>", "")
    return behind_colon and not call.called


def _is_option(tokens: tuple[CodeToken, ...]) -> bool:
    """A keyword argument or an options object at the end of a call: `{stdio: 1}`, `exception: true`."""
    return len(tokens) > 1 and (tokens[0].text == "{" or (tokens[1].text == ":" and tokens[0].kind == "name"))


def _unlisted(tokens: tuple[CodeToken, ...]) -> tuple[CodeToken, ...]:
    """The words of a list argument joined as one text with NULs between them."""
    if len(tokens) > 1 and tokens[0].text == "[" and tokens[0].kind == "sign":
        words = [token.text for token in tokens[1:] if token.kind == "string"]
        if sum(token.kind == "name" for token in tokens):
            words.append(UNKNOWN)
        return (CodeToken("string", "\x00".join(words), tokens[0].start, tokens[-1].end),)
    return tokens


def _place(call: Call) -> tuple[int, int]:
    first = call.arguments[0]
    return (first.start, call.arguments[-1].end)


def stops(rule: str, reason: str, extent: Extent = Extent.ONE, instead: str = "") -> Deed:
    """A deed that takes something out of service."""
    return Deed(rule, EffectKind.STOP, extent, reason, instead)
