"""The kinds of single values a config may hold: what each looks like, and how it is read.

One place says for every kind what is expected, how a TOML value becomes ours, and its JSON Schema.
Nothing here knows where a value stands. No message quotes a secret.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from safeshell.config.redis_place import RedisPlace, parse_place
from safeshell.frozen import frozen, replace
from safeshell.guard.durations import parse_duration
from safeshell.guard.effects import Severity
from safeshell.guard.window import parse_days, parse_hours
from safeshell.lazy_pattern import lazy_pattern

COLORS = (
    "red", "orange", "yellow", "green", "teal", "cyan", "blue", "purple", "magenta", "pink", "brown",
    "gray", "grey", "white", "black",
)  # fmt: skip
"""The colours that `safeshell.terminal.color` has names for; a test holds the two together."""

SENTINEL_PORT = 26379

_MILLISECONDS = lazy_pattern(r"(\d{1,9})\s*ms")
_SIZE = lazy_pattern(r"(\d{1,15})\s*(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB|)", re.IGNORECASE)
_PIN = lazy_pattern(r"[0-9a-f]{40}|SHA256:[A-Za-z0-9+/]{43}=?")
_VARIABLE = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")


class Unfit(ValueError):
    """A value that is not of its kind.

    Args:
        why: a clause that goes on after the value's name; "" when the kind's own words are enough.
        nearest: what was probably meant, as TOML; "" for no idea.
    """

    def __init__(self, why: str = "", *, nearest: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.nearest = nearest


@frozen
class Place:
    """Where relative paths start.

    Args:
        folder: of the config file.
        home: of the person, for `~`.
    """

    folder: Path
    home: Path


@frozen
class Kind:
    """One kind of value.

    Args:
        expected: what it looks like, for `expected …`.
        read: the value as the program uses it; raises Unfit.
        json: its JSON Schema.
        secret: whether its value may never be shown.
    """

    expected: str
    read: Callable[[object, Place], object]
    json: Mapping[str, object]
    secret: bool = False


def nearest(word: str, known: Iterable[str]) -> str:
    """The one of `known` that `word` probably means; "" for none."""
    by_plain = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_plain, n=1, cutoff=0.5)
    return by_plain[found[0]] if found else ""


def quoted(text: str) -> str:
    """`text` as a TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def choice(*words: str) -> Kind:
    """One of some words."""

    def read(value: object, _: Place) -> object:
        if value not in words:
            raise Unfit(nearest=quoted(found) if (found := nearest(str(value), words)) else "")
        return value

    *most, last = (quoted(word) for word in words)
    return Kind(f"{', '.join(most)} or {last}", read, {"enum": list(words)})


def words_of(names: type[StrEnum]) -> Kind:
    """One of an enum's values, read as its member."""
    plain = choice(*(member.value for member in names))
    return Kind(plain.expected, lambda value, place: names(str(plain.read(value, place))), plain.json)


def whole(least: int, most: int) -> Kind:
    """A whole number."""

    def read(value: object, _: Place) -> object:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Unfit
        return value

    words = f"a whole number from {least} to {most}" if most < 10**9 else f"a whole number from {least} on"
    return Kind(words, read, {"type": "integer", "minimum": least, "maximum": most})


def _text(value: object, _: Place) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unfit
    return value


def _flag(value: object, _: Place) -> bool:
    if not isinstance(value, bool):
        raise Unfit(nearest=str(value).lower() if str(value).lower() in ("true", "false") else "")
    return value


def _said(read: Callable[[str], object]) -> Callable[[object, Place], object]:
    """A reader of text whose ValueError says what is wrong."""

    def checked(value: object, place: Place) -> object:
        text = _text(value, place)
        try:
            return read(text)
        except Unfit:
            raise
        except ValueError as error:
            raise Unfit(str(error)) from None

    return checked


def _checked_text(check: Callable[[str], object]) -> Callable[[object, Place], object]:
    """A reader of text that is kept as text when `check` has nothing against it."""

    def same(text: str) -> str:
        check(text)
        return text

    return _said(same)


def _duration(text: str) -> timedelta:
    if found := _MILLISECONDS.fullmatch(text.strip()):
        return timedelta(milliseconds=int(found[1]))
    return parse_duration(text)


def _size(value: object, _: Place) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise Unfit
    unit = found[2].lower()
    power = " kmgt".index(unit[0]) if unit and unit != "b" else 0
    return int(found[1]) * int((1024 if "i" in unit else 1000) ** power)


def _color(value: object, place: Place) -> str:
    word = _text(value, place).strip().lower()
    if word in COLORS or re.fullmatch(r"#[0-9a-f]{6}", word):
        return word
    raise Unfit(nearest=quoted(found) if (found := nearest(word, COLORS)) else "")


def _timezone(text: str) -> None:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Unfit(
            nearest=quoted(found) if (found := nearest(text, zoneinfo.available_timezones())) else ""
        ) from None


def _server(text: str) -> RedisPlace:
    place = parse_place(text)
    if not place.url:
        raise Unfit
    return place


def _sentinel(text: str) -> RedisPlace:
    place = _server(text)
    if place.unix_socket:
        raise Unfit
    if "://" not in text and place.port is None:
        host = f"[{place.host}]" if ":" in place.host else place.host
        return parse_place(f"{host}:{SENTINEL_PORT}")
    return place


def _glob(text: str) -> str:
    if any(char <= " " or char == "\x7f" for char in text):
        raise ValueError("a pattern of names has no blanks")
    return text


def _remote_folder(value: object, _: Place) -> str:
    if not isinstance(value, str):
        raise Unfit
    text = value.rstrip("/") if value.strip("/") else value
    if not text:
        return ""
    if not text.startswith(("~/", "/")) or ".." in text.split("/") or not text.isprintable():
        raise Unfit
    if text == "/":
        raise Unfit("a folder of its own is wanted, not all of the host")
    return text


def _path(value: object, place: Place) -> Path:
    text = _text(value, place)
    if "\0" in text:
        raise Unfit
    if text == "~" or text.startswith("~/"):
        return place.home / text[2:]
    return place.folder / text


def _argv(value: object, place: Place) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value) and value[0]:
        return tuple(value)
    try:
        words = shlex.split(_text(value, place))
    except ValueError as error:
        raise Unfit(f"can't be split into words: {str(error).lower()}") from None
    if not words or not words[0]:
        raise Unfit
    return tuple(words)


def _secret(value: object, _: Place) -> str:
    if not isinstance(value, str):
        raise Unfit
    return value


def _pin(text: str) -> str:
    if not _PIN.fullmatch(text):
        raise Unfit
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise Unfit
    return text


_STRING = {"type": "string", "minLength": 1}
SEVERITIES = tuple(severity.word for severity in Severity if severity is not Severity.NONE)

TEXT = Kind("some text in quotes", _text, _STRING)
FLAG = Kind("true or false", _flag, {"type": "boolean"})
VERSION = replace(whole(1, 1), expected="1, the only format so far")
COLOR = Kind(f"#rrggbb, or one of {', '.join(COLORS)}", _color, _STRING)
DURATION = Kind('a duration, like "300ms", "30s", "10m", "1h30m" or "14d"', _said(_duration), _STRING)
SIZE = Kind('a size, like "64MiB" or "500KB"', _size, {"type": ["string", "integer"]})
DAYS = Kind('days, like "mon-thu" or "mon,wed,fri"', _checked_text(parse_days), _STRING)
HOURS = Kind('hours, like "09:00-15:30"', _checked_text(parse_hours), _STRING)
TIMEZONE = Kind('a time zone, like "Europe/Berlin" or "UTC"', _checked_text(_timezone), _STRING)
REDIS_PLACE = Kind("a Redis URL, a host, or a pattern of hosts", _said(parse_place), _STRING)
REDIS_SERVER = Kind("a Redis URL or host, no pattern", _said(_server), _STRING)
SENTINEL = Kind('a Sentinel, like "sentinel-1.example.com:26379"', _said(_sentinel), _STRING)
GLOB = Kind('a name or a pattern, like "web-*.example.com"', _said(_glob), _STRING)
REMOTE_FOLDER = Kind(
    'a folder on a host, like "~/.cache/safeshell"; "" for none', _remote_folder, {"type": "string"}
)
PATH = Kind("a file's path, from this file's folder or ~/ on", _path, _STRING)
ARGV = Kind(
    'a program and its arguments, like "pass show cache" or ["pass", "show", "cache"]',
    _argv,
    {"anyOf": [_STRING, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
)
VARIABLE = Kind("the name of an environment variable", _said(_variable), _STRING)
SECRET = Kind("a password in quotes", _secret, {"type": "string"}, secret=True)
PIN = Kind(
    "a run or replication id (40 hexadecimal digits) or an SSH key's SHA256:… fingerprint",
    _said(_pin),
    _STRING,
)
