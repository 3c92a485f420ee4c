"""Passwords out of commands: which words are secret, by the command's own arguments, and the line without them.

History, journal and screen take lines from here. A line without a secret comes back as the very same text.
Facts: isSensitiveCommand in src/redis-cli.c; notes/redis.md §1 for what redis-cli and iredis leave in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from safeshell.redis.arguments import integer, option_at, upper
from safeshell.redis.tokens import InvalidRepeat, Token, UnbalancedQuotes, split_repeat, split_spans

REDACTED: Final = "***"
"""What stands in a secret's place."""

_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
_SECRET_PARAMETER: Final = rb"pass$|auth$|user$|password|secret|token|-pass"
_URL_LOGIN: Final = r"(?<=://)([^\s/@:\"']{0,256}):([^\s@\"']{1,1024}+)(?=@)"
# A secret as a literal in a script: redis.call('config', 'set', 'masterauth', 'secret'), quotes escaped or not.
_SCRIPT_SECRET: Final = re.compile(
    r"""((?:requirepass|master-?auth|masteruser|primaryauth|[a-z-]*-pass)\\*["']\s*,\s*\\*["'])([^"'\\]+)""",
    re.IGNORECASE,
)
_SUSPECT: Final = re.compile(
    r"auth|acl|hello|migrate|pass|user|secret|token|[\"']", re.IGNORECASE
)  # cheap first look; says nothing by itself
_SENSITIVE_START: Final = (
    r"[\s\d+\"']*(?:auth|hello|migrate|acl[\s\"']+setuser|(?:sentinel[\s\"']+)?config[\s\"']+set"
    r"|sentinel[\s\"']+set|module[\s\"']+loadex)\b[\"']?"
)


_MAY_HOLD_SECRETS: Final = frozenset({"AUTH", "HELLO", "ACL", "CONFIG", "MIGRATE", "SENTINEL", "MODULE"})


def is_secret_parameter(name: bytes) -> bool:
    """Whether a setting of that name (CONFIG SET, SENTINEL SET, a module's) holds a secret or a login."""
    return re.search(_SECRET_PARAMETER, name, re.IGNORECASE) is not None


def redact_argv(argv: Sequence[bytes], *, renamed: Mapping[str, str] = _NO_NAMES) -> list[bytes]:
    """The words with every secret replaced.

    Args:
        argv: the words of one command, as they are sent.
        renamed: names as typed, upper case → real names (`ServerFacts.renamed`).
    """
    words = list(argv)
    for at in secret_words(argv, renamed):
        words[at] = REDACTED.encode()
    return [_without_script_secret(_without_url_password(word)) for word in words]


def redact_line(line: str, *, renamed: Mapping[str, str] = _NO_NAMES) -> str:
    """The line with every secret replaced by `***`, quotes included; numbers in front and quoting are seen through.

    A line that can't be split into words loses everything behind a command that may carry a secret. Several
    lines in one text are each done for itself.

    Args:
        line: as it was typed.
        renamed: as of `redact_argv`.
    """
    if not (renamed or "://" in line or _SUSPECT.search(line)):
        return line
    line = _one_redacted(line, renamed)
    if "\n" in line:
        line = "\n".join(_one_redacted(part, renamed) for part in line.split("\n"))
    if "(" in line:
        line = _SCRIPT_SECRET.sub(rf"\1{REDACTED}", line)
    return re.sub(_URL_LOGIN, rf"\1:{REDACTED}", line) if "://" in line else line


def redact_tokens(line: str, tokens: Sequence[Token], *, renamed: Mapping[str, str] = _NO_NAMES) -> str:
    """As `redact_line`, for a line that has been split already.

    Args:
        line: as it was typed.
        tokens: its words.
        renamed: as of `redact_argv`.
    """
    if "\n" in line or "://" in line or "(" in line:
        return redact_line(line, renamed=renamed)
    return _split_redacted(line, tokens, renamed)


def _one_redacted(line: str, renamed: Mapping[str, str]) -> str:
    try:
        tokens = split_spans(line)
    except UnbalancedQuotes:
        found = re.match(_SENSITIVE_START, line, re.IGNORECASE)
        return f"{line[: found.end()]} {REDACTED}" if found and line[found.end() :].strip() else line
    return _split_redacted(line, tokens, renamed)


def _split_redacted(line: str, tokens: Sequence[Token], renamed: Mapping[str, str]) -> str:
    words = [token.value for token in tokens]
    try:
        skipped = split_repeat(words).skipped
    except InvalidRepeat:
        skipped = 1
    secret = secret_words(words[skipped:], renamed)
    return _replaced(line, tokens, [at + skipped for at in secret]) if secret else line


def _replaced(line: str, tokens: Sequence[Token], places: Iterable[int]) -> str:
    for at in sorted(places, reverse=True):
        start, end = tokens[at].span
        line = f"{line[:start]}{REDACTED}{line[end:]}"
    return line


def _without_url_password(word: bytes) -> bytes:
    if b"://" not in word:
        return word
    text = word.decode("utf-8", "surrogateescape")
    return re.sub(_URL_LOGIN, rf"\1:{REDACTED}", text).encode("utf-8", "surrogateescape")


def _without_script_secret(word: bytes) -> bytes:
    if b"(" not in word:
        return word
    text = word.decode("utf-8", "surrogateescape")
    return _SCRIPT_SECRET.sub(rf"\1{REDACTED}", text).encode("utf-8", "surrogateescape")


def secret_words(argv: Sequence[bytes], renamed: Mapping[str, str] = _NO_NAMES) -> list[int]:
    """The positions of the words that are secret.

    Args:
        argv: the words of one command.
        renamed: as of `redact_argv`.
    """
    if len(argv) < 2:
        return []
    typed = upper(argv[0])
    name = renamed.get(typed, typed) if renamed else typed
    if name not in _MAY_HOLD_SECRETS:
        return []
    below = upper(argv[1])
    match name:
        case "AUTH":
            return list(range(2 if len(argv) == 3 else 1, len(argv)))
        case "HELLO":
            return list(_after_auth(argv, 1))
        case "ACL" if below == "SETUSER":
            return [at for at in range(3, len(argv)) if argv[at].lstrip()[:1] in (b">", b"<", b"#", b"!")]
        case "CONFIG" if below == "SET":
            return _secret_values(argv, range(2, len(argv), 2))
        case "MIGRATE":
            return list(_after_auth(argv, 6))
        case "SENTINEL" if below == "SET":
            return _secret_values(argv, range(3, len(argv), 1))
        case "SENTINEL" if below == "CONFIG" and upper(argv[2] if len(argv) > 2 else b"") == "SET":
            return _secret_values(argv, range(3, len(argv), 1))
        case "MODULE" if below == "LOADEX":
            return _secret_values(argv, range(3, len(argv), 1))
    return []


def _after_auth(argv: Sequence[bytes], first: int) -> Iterator[int]:
    """What stands behind AUTH (HELLO: user and password, MIGRATE: password) and behind AUTH2 (user and password)."""
    end = option_at(argv, b"KEYS", first) if upper(argv[0]) == "MIGRATE" else 0
    words = argv[: end or len(argv)]
    hello = integer(argv[1]) is not None and first == 1
    for at in range(first, len(words)):
        word = upper(words[at])
        if word == "AUTH":
            # Too few words: whatever there is may be the password.
            password = at + 2 if hello and at + 2 < len(words) else at + 1
            yield from range(password, min(password + 1, len(words)))
        elif word == "AUTH2":
            password = at + 2 if at + 2 < len(words) else at + 1
            yield from range(password, min(password + 1, len(words)))


def _secret_values(argv: Sequence[bytes], names: range) -> list[int]:
    return [at + 1 for at in names if at + 1 < len(argv) and is_secret_parameter(argv[at])]
