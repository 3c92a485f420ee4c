"""Program texts taken apart: names, strings, numbers, signs, commands in backticks, regular expressions.

One scanner for the languages that people write one-liners in (JavaScript, Ruby, Perl, PHP, Lua); what differs
between them is in a `Grammar`. What a program does is not known here. Never raises,
    linear but for nested interpolation.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.languages.found import words
from safeshell.shell.word import UNKNOWN

MAX_TOKENS: Final = 40_000
"""A text with more tokens is not read."""
_MAX_NESTED: Final = 4
_MAX_MISSED: Final = 20


@frozen
class CodeToken:
    """One token.

    Args:
        kind: `name`, `string`, `command` (text for a shell), `regex`, `number`, `sign`,
            `line` (an end of line).
        text: the name, the string's value with `UNKNOWN` for what is worked out, the sign.
        start: where it begins.
        end: where it ends.
        inside: the tokens of expressions written inside of a string (`"#{…}"`).
    """

    kind: str
    text: str
    start: int
    end: int
    inside: tuple[CodeToken, ...] = ()


@frozen
class Grammar:
    """How a language writes its tokens.

    Args:
        comments: a regular expression of its comments.
        names: of its names, sigils included.
        plain: quotes around strings in which nothing is worked out.
        rich: quotes around strings with expressions inside.
        command: quotes around text for a shell; "" for none.
        opening: what opens an expression in a rich string: `#{` or `${`; "" where only variables are.
        variables: of variables in a rich string, "" for none.
        regexes: `/…/` may be a regular expression.
        percent: Ruby's `%w[…]`, `%x(…)`.
        letters: Perl's `q()`, `qq()`, `qx()`, `qw()`, `m()`, `s()()`, `tr()()`.
        long_brackets: Lua's `[[…]]`.
    """

    comments: str
    names: str
    plain: str = "'"
    rich: str = '"'
    command: str = ""
    opening: str = ""
    variables: str = ""
    regexes: bool = False
    percent: bool = False
    letters: bool = False
    long_brackets: bool = False


@frozen
class Tokens:
    """The tokens of a text; `broken` says that a quote was never closed or that it was too long."""

    tokens: tuple[CodeToken, ...]
    broken: bool = False


_ESCAPE: Final = lazy_pattern(r"\\(?:u\{?([0-9a-fA-F]{1,6})\}?|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b", "a": "\a", "\n": ""}
_PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_NUMBER: Final = lazy_pattern(r"\d[\w]*(?:\.\d[\w]*)?")
_SIGN: Final = lazy_pattern(
    r"&\.|->|::|=>|=~|!~|===?|!==?|<=>|\*\*|&&|\|\||<<=?|>>=?|[-+*/%.<>|&^]=|\+\+|--|\?\.|\?\?|\.\.\.?|.",
    re.DOTALL,
)
_HEREDOC: Final = lazy_pattern(r"<<[-~]?(['\"`]?)([A-Za-z_]\w*)\1")
_PERCENT: Final = lazy_pattern(r"%([qQwWiIxrs]?)([(\[{<!|/^])")
_LETTER_QUOTE: Final = lazy_pattern(
    r"(qq|qw|qx|qr|q|m|s|tr|y)(?=\s*[^\w\s,;=)>}\]]|\s+[^\w\s,;=)>}\]])\s*(.)", re.DOTALL
)
_FLAGS: Final = lazy_pattern(r"[a-z]*")
_LONG: Final = lazy_pattern(r"(?:--)?\[(=*)\[")
_REGEX: Final = lazy_pattern(r"/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_BEFORE_REGEX: Final = words(
    "( , = : [ ! & | ? { } ; + - * % ^ ~ < > => == === != !== && || =~ !~ return if unless and or not puts"
    " print"
    " p when while until split grep elsif case typeof in of x foreach"
)


def tokens_of(text: str, grammar: Grammar) -> Tokens:
    """The tokens of a program text."""
    return _Scanner(text, grammar, 0).run()


class _Scanner:
    """One pass over a text."""

    def __init__(self, text: str, grammar: Grammar, depth: int) -> None:
        self.text = text
        self.grammar = grammar
        self.depth = depth
        self.found: list[CodeToken] = []
        self.missed = 0
        self.comment = re.compile(grammar.comments, re.DOTALL)
        self.name = re.compile(grammar.names)

    def run(self) -> Tokens:
        at, length = 0, len(self.text)
        while at < length:
            if len(self.found) > MAX_TOKENS:
                return Tokens(tuple(self.found), True)
            at = self._one(at)
            if at < 0:
                return Tokens(tuple(self.found), True)
        return Tokens(tuple(self.found))

    def _one(self, at: int) -> int:
        """Take what stands at a place; the place behind it, -1 for a quote that is never closed."""
        text, grammar = self.text, self.grammar
        char = text[at]
        if char == "\n":
            return self._add("line", "\n", at, at + 1)
        if char.isspace():
            return at + 1
        if grammar.long_brackets and (match := _LONG.match(text, at)):
            return self._long(match)
        match = self.comment.match(text, at)
        if match:
            return match.end()
        if char in grammar.plain or char in grammar.rich or char in grammar.command:
            return self._quoted(at)
        if (
            grammar.letters
            and (match := _LETTER_QUOTE.match(text, at))
            and not self._follows("->", "::", "&", "sub")
        ):
            return self._letter_quoted(match)
        if grammar.percent and char == "%" and self._starts_operand() and (match := _PERCENT.match(text, at)):
            return self._percent_quoted(match)
        if char == "<" and grammar.command == "`" and (match := _HEREDOC.match(text, at)):
            return self._heredoc(match)
        if char == "/" and grammar.regexes and self._starts_operand() and (match := _REGEX.match(text, at)):
            return self._add("regex", match.group(), at, match.end())
        match = self.name.match(text, at)
        if match:
            return self._add("name", match.group(), at, match.end())
        match = _NUMBER.match(text, at)
        if match:
            return self._add("number", match.group(), at, match.end())
        match = _SIGN.match(text, at)
        assert match is not None, "the last alternative takes any character"
        return self._add("sign", match.group(), at, match.end())

    def _add(self, kind: str, text: str, start: int, end: int, inside: tuple[CodeToken, ...] = ()) -> int:
        self.found.append(CodeToken(kind, text, start, end, inside))
        return end

    def _follows(self, *texts: str) -> bool:
        return bool(self.found) and self.found[-1].text in texts and self.found[-1].kind in ("sign", "name")

    def _starts_operand(self) -> bool:
        """Whether a value may start here, so that `/` and `%` are no divisions."""
        if not self.found or self.found[-1].kind == "line":
            return True
        last = self.found[-1]
        return last.kind in ("sign", "name") and last.text in _BEFORE_REGEX

    def _quoted(self, at: int) -> int:
        quote = self.text[at]
        grammar = self.grammar
        end = self._close(at + 1, quote, quote, rich=quote not in grammar.plain)
        if end < 0:
            return -1
        kind = "command" if quote in grammar.command else "string"
        value, inside = self._value(at + 1, end, rich=quote not in grammar.plain)
        return self._add(kind, value, at, end + 1, inside)

    def _close(self, at: int, opened: str, closed: str, *, rich: bool) -> int:
        """The place of the closing quote; -1 for none."""
        text, length, depth = self.text, len(self.text), 1
        opening = self.grammar.opening if rich else ""
        while at < length:
            char = text[at]
            if char == "\\":
                at += 2
                continue
            if opening and text.startswith(opening, at):
                at = self._expression_end(at + len(opening)) + 1
                if at <= 0:
                    return -1
                continue
            if char == closed:
                depth -= 1
                if not depth:
                    return at
            elif char == opened:
                depth += 1
            at += 1
        return -1

    def _expression_end(self, at: int) -> int:
        """The place of the brace that closes an expression in a string; -1 for none."""
        depth, text, length = 1, self.text, len(self.text)
        while at < length:
            char = text[at]
            if char == "{":
                depth += 1
            elif char == "}":
                depth -= 1
                if not depth:
                    return at
            at += 1
        return -1

    def _value(self, start: int, end: int, *, rich: bool) -> tuple[str, tuple[CodeToken, ...]]:
        """A string's value, and the tokens of the expressions inside of it."""
        body = self.text[start:end]
        if not rich:
            return body.replace("\\'", "'").replace("\\\\", "\\"), ()
        inside: list[CodeToken] = []
        opening = self.grammar.opening
        if opening and opening in body:
            parts: list[str] = []
            at = 0
            while (found := body.find(opening, at)) >= 0:
                close = self._expression_end(start + found + len(opening)) - start
                if close < 0 or close > len(body):
                    break
                parts += (body[at:found], UNKNOWN)
                if self.depth < _MAX_NESTED:
                    code = body[found + len(opening) : close]
                    inside += _Scanner(code, self.grammar, self.depth + 1).run().tokens
                at = close + 1
            body = "".join((*parts, body[at:]))
        if self.grammar.variables:
            body = re.sub(self.grammar.variables, UNKNOWN, body)
        return _ESCAPE.sub(_unescaped, body), tuple(inside)

    def _letter_quoted(self, match: re.Match[str]) -> int:
        """Perl's `qq{…}` and its kin."""
        letters, opened = match.group(1), match.group(2)
        if opened == "#" and match.group()[len(letters)].isspace():
            return self._add("name", letters, match.start(), match.start() + len(letters))
        closed = _PAIRS.get(opened, opened)
        end = self._close(match.end(), opened, closed, rich=False)
        if end < 0:
            return -1
        value, inside = self._value(match.end(), end, rich=letters in ("qq", "qx"))
        behind = end + 1
        flags = ""
        if letters in ("s", "tr", "y"):
            second = behind
            if opened in _PAIRS:
                while second < len(self.text) and self.text[second].isspace():
                    second += 1
                opened = self.text[second : second + 1]
                closed = _PAIRS.get(opened, opened)
                second += 1
            behind = self._close(second, opened, closed, rich=False) + 1
            if behind <= 0:
                return -1
        if letters in ("s", "tr", "y", "m", "qr"):
            found = _FLAGS.match(self.text, behind)
            flags = found.group() if found else ""
            behind += len(flags)
            if letters == "s" and "e" in flags:
                code = self.text[end + 1 : behind]
                inside = (
                    _Scanner(code.strip("/{}|! "), self.grammar, self.depth + 1).run().tokens
                    if self.depth < _MAX_NESTED
                    else ()
                )
                if flags.count("e") > 1 or not inside:
                    inside = (*inside, CodeToken("name", "eval", 0, 0))
                return self._add("string", UNKNOWN, match.start(), behind, inside)
            return self._add("regex", value, match.start(), behind)
        return self._add("command" if letters == "qx" else "string", value, match.start(), behind, inside)

    def _percent_quoted(self, match: re.Match[str]) -> int:
        """Ruby's `%w[…]` and its kin."""
        letter, opened = match.groups()
        rich = letter not in ("q", "w", "i", "s")
        end = self._close(match.end(), opened, _PAIRS.get(opened, opened), rich=rich)
        if end < 0:
            return -1
        value, inside = self._value(match.end(), end, rich=rich)
        kind = {"x": "command", "r": "regex"}.get(letter, "string")
        return self._add(kind, value, match.start(), end + 1, inside)

    def _long(self, match: re.Match[str]) -> int:
        """Lua's `[[…]]`, or a comment `--[[…]]`."""
        closing = f"]{match.group(1)}]"
        end = self.text.find(closing, match.end())
        if end < 0:
            return -1
        behind = end + len(closing)
        if match.group().startswith("--"):
            return behind
        return self._add("string", self.text[match.end() : end], match.start(), behind)

    def _heredoc(self, match: re.Match[str]) -> int:
        """`<<~END`: what follows the line, to the line that holds only the word."""
        line_end = self.text.find("\n", match.end())
        if line_end < 0:
            return self._add("sign", "<<", match.start(), match.start() + 2)
        if self.missed > _MAX_MISSED:
            return self._add("sign", "<<", match.start(), match.start() + 2)
        close = re.compile(rf"^[ \t]*{re.escape(match.group(2))}[ \t;]*$", re.MULTILINE).search(
            self.text, line_end + 1
        )
        if close is None:
            self.missed += 1
            return self._add("sign", "<<", match.start(), match.start() + 2)
        value, inside = self._value(line_end + 1, close.start(), rich=match.group(1) != "'")
        kind = "command" if match.group(1) == "`" else "string"
        self._add(kind, value, match.start(), close.end(), inside)
        # What stands behind the word on its own line comes before the text; it is read after it here.
        rest = _Scanner(self.text[match.end() : line_end], self.grammar, self.depth + 1)
        if self.depth < _MAX_NESTED:
            self.found += rest.run().tokens
        return close.end()


def _unescaped(match: re.Match[str]) -> str:
    wide, narrow, char = match.groups()
    if wide or narrow:
        code = int(wide or narrow, 16)
        return chr(code) if code < 0x110000 else ""
    return _LETTERS.get(char, char)
