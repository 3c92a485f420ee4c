"""SQL taken apart into tokens and statements, product by product as far as their quoting differs.

What a statement means is not known here. Where the product is not known, the reading that hides less wins:
MySQL's executable comments are code, comments do not nest. Sources: PostgreSQL 16 manual 4.1, MySQL 8.0 manual
9.1, 9.7, SQLite lang_keywords.html, the manuals of psql, mysql and the sqlite3 shell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.word import UNKNOWN

MYSQL: Final = frozenset({"mysql", "mariadb"})
_SLASHED: Final = frozenset({"mysql", "mariadb", "clickhouse", "bigquery", "hive", "spark", "snowflake"})
_BRACKETED: Final = frozenset({"mssql", "sqlite"})
_NESTING: Final = frozenset({"postgresql", "mssql", "clickhouse", "duckdb"})
_PSQL: Final = frozenset({"", "postgresql"})


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    SIGN = "sign"
    UNKNOWN = "unknown"
    META = "meta"


@frozen
class Token:
    """One token.

    Args:
        kind: what it is; `META` is a command to the client itself, all of its line.
        text: the word as typed, the name or string without its quotes, the sign.
        upper: `text` in upper case for words, the sign for signs, "" for everything else.
        start: where it begins in the text.
        end: where it ends.
    """

    kind: Kind
    text: str
    upper: str
    start: int
    end: int


@frozen
class Statement:
    """One statement: its tokens without the separator, and where it stands."""

    tokens: tuple[Token, ...]
    span: Span


@frozen
class Split:
    """A text's statements; `broken` is where a quote or comment was never closed, -1 when all were."""

    statements: tuple[Statement, ...]
    broken: int = -1


_NAME: Final = rf"(?:[^\W\d]|{UNKNOWN})(?:[\w$]|{UNKNOWN})*+"
_PATTERN: Final = lazy_pattern(
    r"(?P<space>\s++)"
    r"|(?P<dash>--[^\n]*+)"
    r"|(?P<hash>\#[^\n]*+)"
    r"|(?P<open>/\*)"
    r"|(?P<close>\*/)"
    r"|(?P<prefix>(?:[eE]|[nN]|[bBxX]|[uU]&|_\w{2,16}\s*+)?+')"
    r'|(?P<double>")'
    r"|(?P<tick>`)"
    r"|(?P<dollar>\$(?:[^\W\d]\w*+)?\$)"
    r"|(?P<number>\d[\w.]*+|\.\d[\w]*+)"
    rf"|(?P<name>{_NAME})"
    r"|(?P<variable>@{1,2}[\w.$`]*+|\$\d++)"
    r"|(?P<meta>\\)"
    r"|(?P<sign><=>|::|<=|>=|<>|!=|\|\||:=|->>?|.)",
    re.DOTALL,
)
_STANDARD_STRING: Final = lazy_pattern(r"'[^']*+(?:''[^']*+)*+'")
_SLASHED_STRING: Final = lazy_pattern(r"'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'", re.DOTALL)
_STANDARD_DOUBLE: Final = lazy_pattern(r'"[^"]*+(?:""[^"]*+)*+"')
_SLASHED_DOUBLE: Final = lazy_pattern(r'"[^"\\]*+(?:(?:""|\\.)[^"\\]*+)*+"', re.DOTALL)
_TICKED: Final = lazy_pattern(r"`[^`]*+(?:``[^`]*+)*+`")
_BRACKETS: Final = lazy_pattern(r"\[[^\]]*+(?:\]\][^\]]*+)*+\]")
_DELIMITER: Final = lazy_pattern(r"delimiter[ \t]++(\S++)[^\n]*+", re.IGNORECASE)
_LINE: Final = lazy_pattern(r"[^\n]*+")
_VERSION_COMMENT: Final = lazy_pattern(r"/\*M?!\d{0,6}")
"""How MySQL begins a comment that it runs, MariaDB one for itself."""
_CLIENT_LINE: Final = {
    "mysql": lazy_pattern(r"(?:source|system|tee|notee|pager|nopager|edit|connect|rehash|status|warnings|nowarning"
                        r"|prompt|charset)\b(?![ \t]*=)[^\n;]*+", re.IGNORECASE),
    "oracle": lazy_pattern(r"(?:[@!]|host\b|start[ \t]+(?!with\b)|spool\b|exit\b|quit\b|connect\b|define\b|prompt\b"
                         r"|set[ \t]+(?!role|transaction|constraint)|show\b|desc(?:ribe)?\b|column\b"
                         r"|whenever\b)"
                         r"[^\n]*+", re.IGNORECASE),
    "mssql": lazy_pattern(r"(?::|!!|exit\b|quit\b)[^\n]*+", re.IGNORECASE),
    "sqlite": lazy_pattern(r"\.[a-zA-Z][^\n]*+"),
    "duckdb": lazy_pattern(r"\.[a-zA-Z][^\n]*+"),
    "cql": lazy_pattern(r"(?:source|capture|login)\b[^\n;]*+", re.IGNORECASE),
}  # fmt: skip
_CLIENT_LINE["mariadb"] = _CLIENT_LINE["mysql"]
_CLIENT_LINE[""] = lazy_pattern(r"\.[a-zA-Z][^\n]*+|source[ \t]++[^\n;=]++", re.IGNORECASE)
_SEPARATOR_LINE: Final = {
    "mssql": lazy_pattern(r"go(?:[ \t]+\d+)?[ \t]*(?=\n|$)", re.IGNORECASE),
    "oracle": lazy_pattern(r"/[ \t]*(?=\n|$)"),
}


def split(text: str, dialect: str = "") -> Split:
    """The statements of `text`, in order.

    Args:
        text: any text.
        dialect: the product, "" when not known.
    """
    return _Splitter(text, dialect).run()


class _Splitter:
    """One pass over a text."""

    def __init__(self, text: str, dialect: str) -> None:
        self.text = text
        self.dialect = dialect
        self.delimiter = ";"
        self.tokens: list[Token] = []
        self.statements: list[Statement] = []
        self.body = 0
        self.in_body = False

    def run(self) -> Split:
        text, at, length = self.text, 0, len(self.text)
        while at < length:
            if self.delimiter != ";" and text.startswith(self.delimiter, at):
                self._end()
                at += len(self.delimiter)
                continue
            after = self._line_command(at)
            if after > at:
                at = after
                continue
            match = _PATTERN.match(text, at)
            assert match is not None, "the last alternative takes any character"
            at = self._take(match)
            if at < 0:
                self._end()
                return Split(tuple(self.statements), match.start())
        self._end()
        return Split(tuple(self.statements))

    def _line_command(self, at: int) -> int:
        """Take a command to the client that stands by itself on a line; the place behind it, or `at`."""
        text = self.text
        separator = _SEPARATOR_LINE.get(self.dialect)
        if separator is not None and (at == 0 or text[at - 1] == "\n"):
            match = separator.match(text, at)
            if match:
                self._end()
                return match.end()
        if self.tokens or text[at].isspace():
            return at
        if self.dialect in MYSQL or self.dialect == "":
            match = _DELIMITER.match(text, at)
            if match:
                self.delimiter = match.group(1)
                return match.end()
        pattern = _CLIENT_LINE.get(self.dialect)
        match = pattern.match(text, at) if pattern else None
        if match:
            self._add(Kind.META, match.group(), at, match.end())
            self._end()
            return match.end()
        return at

    def _take(self, match: re.Match[str]) -> int:
        """Take one token; the place behind it, -1 for what is never closed."""
        kind, found, at, end = match.lastgroup, match.group(), match.start(), match.end()
        match kind:
            case "space":
                return end
            case "dash":
                if self.dialect in MYSQL and found[2:3].strip():
                    self._add(Kind.SIGN, "-", at, at + 1)
                    return at + 1
                return end
            case "hash":
                if self.dialect in MYSQL or (self.dialect in ("", "bigquery") and not self._in_expression()):
                    return end
                self._add(Kind.SIGN, "#", at, at + 1)
                return at + 1
            case "open":
                return self._comment(at)
            case "close":
                return end
            case "prefix":
                slashed = found[0] in "eE" or self.dialect in _SLASHED
                return self._quoted(_SLASHED_STRING if slashed else _STANDARD_STRING, Kind.STRING, end - 1)
            case "double":
                slashed = self.dialect in _SLASHED
                return self._quoted(_SLASHED_DOUBLE if slashed else _STANDARD_DOUBLE, Kind.QUOTED, at)
            case "tick":
                return self._quoted(_TICKED, Kind.QUOTED, at)
            case "dollar":
                return self._dollar_quoted(found, at, end)
            case "number":
                self._add(Kind.NUMBER, found, at, end)
            case "name":
                self._name(found, at, end)
            case "variable":
                self._add(Kind.NUMBER if len(found) > 1 else Kind.SIGN, found, at, end)
            case "meta":
                return self._meta(at)
            case _:
                return self._sign(found, at, end)
        return end

    def _sign(self, sign: str, at: int, end: int) -> int:
        if sign == "[" and self.dialect in _BRACKETED:
            return self._quoted(_BRACKETS, Kind.QUOTED, at)
        if sign == ";" and self.delimiter == ";":
            if self.in_body and self.body > 0:
                self._add(Kind.SIGN, ";", at, end)
            else:
                self._end()
            return end
        self._add(Kind.SIGN, sign, at, end)
        return end

    def _comment(self, at: int) -> int:
        text = self.text
        version = _VERSION_COMMENT.match(text, at) if self.dialect in (*MYSQL, "") else None
        if version is not None:
            return version.end()
        if self.dialect in (*MYSQL, "") and text.startswith("/*" + UNKNOWN, at):
            return at + 2  # may be `!`, which a shell with history replaces: what follows is then SQL
        depth, place = 1, at + 2
        nests = self.dialect in _NESTING
        while depth:
            close = text.find("*/", place)
            if close < 0:
                return -1
            inner = text.find("/*", place, close) if nests else -1
            if inner >= 0:
                depth, place = depth + 1, inner + 2
            else:
                depth, place = depth - 1, close + 2
        return place

    def _quoted(self, pattern: re.Pattern[str], kind: Kind, at: int) -> int:
        match = pattern.match(self.text, at)
        if match is None:
            return -1
        quote = match.group()[-1]
        value = match.group()[1:-1]
        self._add(kind, value.replace(quote * 2, quote), at, match.end())
        return match.end()

    def _dollar_quoted(self, tag: str, at: int, end: int) -> int:
        if self.dialect in MYSQL or self.dialect in ("sqlite", "oracle", "mssql"):
            self._add(Kind.WORD, tag, at, end)
            return end
        close = self.text.find(tag, end)
        if close < 0:
            return -1
        self._add(Kind.STRING, self.text[end:close], at, close + len(tag))
        return close + len(tag)

    def _meta(self, at: int) -> int:
        r"""A backslash command: to the end of the line for psql; `\G`, `\g`, `\c` end a statement of mysql."""
        text = self.text
        follows = text[at + 1 : at + 2]
        if follows == ";" and self.dialect in _PSQL:
            self._end()
            return at + 2
        if (
            (self.dialect in MYSQL or self.dialect == "")
            and follows in ("G", "g", "c", "p")
            and (self.dialect in MYSQL or not text[at + 2 : at + 3].isalpha())
        ):
            # psql's \g may carry a file or a program behind it; mysql's does not.
            line = _LINE.match(text, at)
            rest = line.group()[2:].strip() if line else ""
            if self.dialect in MYSQL or not rest or follows == "G":
                if follows == "c":
                    self.tokens.clear()
                self._end()
                return at + 2
        line = _LINE.match(text, at)
        assert line is not None, "an empty line matches"
        end = line.end()
        stop = text.find("\\\\", at + 2, end) if self.dialect in _PSQL else -1
        if stop > 0:
            end = stop
        self._end()
        self._add(Kind.META, text[at:end], at, end)
        self._end()
        return end + 2 if stop > 0 else end

    def _name(self, found: str, at: int, end: int) -> None:
        kind = Kind.UNKNOWN if UNKNOWN in found else Kind.WORD
        self._add(kind, found, at, end)
        if kind is Kind.WORD and self.delimiter == ";":
            self._follow_body(found.upper())

    def _follow_body(self, word: str) -> None:
        """Count BEGIN … END of a routine's body, in which `;` separates the body's own statements."""
        if not self.in_body:
            if word == "BEGIN" and len(self.tokens) > 1 and self.tokens[0].upper == "CREATE":
                self.in_body = any(
                    token.upper in ("TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE", "PROC")
                    for token in self.tokens[:12]
                )
                self.body = int(self.in_body)
            return
        before = self.tokens[-2].upper if len(self.tokens) > 1 else ""
        if word in ("BEGIN", "CASE") and before != "END":
            self.body += 1
        elif word == "END":
            self.body -= 1
        elif before == "END" and word in ("IF", "LOOP", "WHILE", "REPEAT", "FOR"):
            self.body += 1

    def _in_expression(self) -> bool:
        return bool(self.tokens) and self.tokens[-1].kind is not Kind.SIGN

    def _add(self, kind: Kind, text: str, start: int, end: int) -> None:
        upper = text.upper() if kind is Kind.WORD else text if kind is Kind.SIGN else ""
        self.tokens.append(Token(kind, text, upper, start, end))

    def _end(self) -> None:
        if self.tokens:
            span = (self.tokens[0].start, self.tokens[-1].end)
            self.statements.append(Statement(tuple(self.tokens), span))
        self.tokens = []
        self.in_body = False
        self.body = 0


def depths(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, int]]:
    """Each token with the number of parentheses around it; a parenthesis counts as outside of itself."""
    depth = 0
    for token in tokens:
        if token.upper == ")":
            depth = max(depth - 1, 0)
        yield token, depth
        if token.upper == "(":
            depth += 1


def outer(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens outside all parentheses, parentheses taken out."""
    return tuple(token for token, depth in depths(tokens) if depth == 0 and token.upper not in ("(", ")"))


def closing(tokens: tuple[Token, ...]) -> dict[int, int]:
    """For each opening parenthesis, by its index, the index of the one that closes it (the end for none)."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for at, token in enumerate(tokens):
        if token.upper == "(":
            waiting.append(at)
        elif token.upper == ")" and waiting:
            found[waiting.pop()] = at
    for at in waiting:
        found[at] = len(tokens)
    return found
