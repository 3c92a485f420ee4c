"""Whether a text is well formed, by the kind of file it is; the first mistake with its place.

Pure, and no more than the form: what the settings mean is for the tool's own checker (`nginx -t`, `sshd -t`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern

MAX_DEPTH: Final = 1000
"""How deep YAML may be nested; the time it takes grows with the square of that."""

_SETTING: Final = lazy_pattern(
    r"""[^\S\n]*+(?:\#[^\n]*+|(?:export[^\S\n]++)?[A-Za-z_][\w.-]*+[^\S\n]*+"""
    r"""(?:[=:][^\S\n]*+(?:"(?:[^"\\]|\\.)*+"|'[^']*+')?[^\n]*+)?)?(?:\n|\Z)""",
    re.S,
)
"""One `NAME=value`, its quoted value maybe of several lines; a name alone (taken from outside); a comment."""


@frozen
class Mistake:
    """Where a file is broken: line and column count from 1."""

    line: int
    column: int
    reason: str


def mistake_in(kind: str, text: str) -> Mistake | None:
    """The first mistake in a file of that kind; None for a well-formed one, and for kinds that can't be told."""
    check = _CHECKS.get(kind)
    return check(text) if check else None


def _yaml(text: str) -> Mistake | None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    anchors: set[str] = set()
    depth = 0
    try:
        # Only parsed: a tag of somebody's own (`!Ref`, `!vault`) is no mistake of form, and composing a tree out of
        # deep nesting would end the process.
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                anchors.clear()
            elif isinstance(event, yaml.AliasEvent) and event.anchor not in anchors:
                mark = event.start_mark
                at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
                return Mistake(*at, f"there is no anchor &{event.anchor} before it")
            elif isinstance(event, yaml.NodeEvent) and event.anchor:
                anchors.add(event.anchor)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                return Mistake(1, 1, "is nested too deeply to be read")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.problem, error.context) if part)
        return Mistake(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, said or "is no YAML")
    except yaml.reader.ReaderError as error:
        strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line, column = _place(text, strange.start() if strange else 0)
        return Mistake(line, column, f"holds a character that YAML does not allow: {error.reason}")
    return None


def _json(text: str) -> Mistake | None:
    import json

    decoder = json.JSONDecoder()
    at = len(text) - len(text.lstrip())
    try:
        # Several documents one after the other are what `kubectl` and `jq` take, too.
        while True:
            _, at = decoder.raw_decode(text, at)
            at += len(text[at:]) - len(text[at:].lstrip())
            if at == len(text):
                return None
    except json.JSONDecodeError as error:
        return Mistake(error.lineno, error.colno, error.msg)
    except RecursionError:
        return Mistake(1, 1, "is nested too deeply to be read")


def _toml(text: str) -> Mistake | None:
    import tomllib

    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        reason = str(error).partition(" (at ")[0]
        if place and place[1]:
            return Mistake(int(place[1]), int(place[2]), reason)
        return Mistake(*_place(text, len(text)), f"{reason} at the end")
    except RecursionError:
        return Mistake(1, 1, "is nested too deeply to be read")
    return None


def _ini(text: str) -> Mistake | None:
    import configparser

    parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
    try:
        parser.read_string(text)
    except configparser.MissingSectionHeaderError as error:
        return Mistake(error.lineno, 1, "a setting stands before the first [section]")
    except configparser.ParsingError as error:
        return Mistake(error.errors[0][0], 1, "is neither a setting nor a [section]")
    return None


def _xml(text: str) -> Mistake | None:
    from xml.parsers import expat

    parser = expat.ParserCreate()
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        return Mistake(error.lineno, error.offset + 1, expat.ErrorString(error.code) or "is no XML")
    return None


def _dotenv(text: str) -> Mistake | None:
    at = 0
    while at < len(text):
        match = _SETTING.match(text, at)
        if match is None:
            return Mistake(*_place(text, at), "is no NAME=value")
        at = match.end()
    return None


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column of a character, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _crontab(text: str) -> Mistake | None:
    from safeshell.shell.preflight.crontab import mistake_in_crontab

    return mistake_in_crontab(text)


def _blocks(text: str) -> Mistake | None:
    from safeshell.shell.preflight.blocks import mistake_in_blocks

    return mistake_in_blocks(text)


_CHECKS: Final[dict[str, Callable[[str], Mistake | None]]] = {
    "yaml": _yaml,
    "json": _json,
    "toml": _toml,
    "ini": _ini,
    "xml": _xml,
    "dotenv": _dotenv,
    "crontab": _crontab,
    "nginx": _blocks,
    "named": _blocks,
}
