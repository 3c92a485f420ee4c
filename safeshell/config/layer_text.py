"""Reading one config file: its text, its TOML, and whether others can read it.

What the TOML means is not known here.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property

from safeshell.config.diagnostics import Diagnostic, diagnostic
from safeshell.config.layers import LayerFile, LayerKind
from safeshell.config.positions import Positions, Source
from safeshell.guard.text import visible
from safeshell.lazy_pattern import lazy_pattern

MAX_BYTES = 1 << 20
MAX_DEPTH = 32

_AT_LINE = lazy_pattern(r" \(at line (\d+), column (\d+)\)$")
_AT_END = " (at end of document)"
_OPEN_QUOTE = "a quote is opened and never closed"
_CLEARER = {
    "Cannot overwrite a value": "this key is there twice",
    "Invalid value": "there is no value that TOML knows here; text stands in quotes",
    "Unterminated string": _OPEN_QUOTE,
    'Expected "\'"': _OPEN_QUOTE,
    "Illegal character '\\n'": _OPEN_QUOTE,
}


class Layer:
    r"""One file as read.

    Args:
        file: which.
        text: its text; line ends are `\n`.
        data: its TOML.
        shared: whether others than its owner can read it.
    """

    def __init__(self, file: LayerFile, text: str, data: Mapping[str, object], *, shared: bool) -> None:
        self.file = file
        self.text = text
        self.data = data
        self.shared = shared

    @property
    def name(self) -> str:
        """The file's name for messages."""
        return visible(str(self.file.path), limit=400)

    @cached_property
    def source(self) -> Source:
        """The text by lines."""
        return Source(self.text)

    @cached_property
    def positions(self) -> Positions:
        """Where its keys and values stand; found only when somebody asks."""
        return Positions(self.text)


class LayerUnreadable(Exception):
    """A file can't be used at all.

    Args:
        diagnostic: why.
    """

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def read_layers(files: tuple[LayerFile, ...]) -> Iterator[Layer | Diagnostic]:
    """Each file that exists, read; or what is wrong with it."""
    for file in files:
        try:
            layer = read_layer(file)
        except LayerUnreadable as error:
            yield error.diagnostic
        else:
            if layer is not None:
                yield layer


def read_layer(file: LayerFile) -> Layer | None:
    """Read one file; None when there is none and nobody asked for it.

    Raises:
        LayerUnreadable: it can't be read, or is no TOML.
    """
    name = visible(str(file.path), limit=400)
    try:
        with file.path.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            raw = opened.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        if not file.explicit:
            return None
        raise LayerUnreadable(Diagnostic(name, 0, 0, "there is no such file")) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such name can be"
        raise LayerUnreadable(Diagnostic(name, 0, 0, f"can't be read: {why.lower()}")) from None
    if len(raw) > MAX_BYTES:
        raise LayerUnreadable(Diagnostic(name, 0, 0, f"is larger than {MAX_BYTES >> 20} MiB"))
    text = _decoded(name, raw)
    shared = file.kind is LayerKind.PROJECT or _others_read(mode)
    return Layer(file, text, _parsed(name, text), shared=shared)


def _others_read(mode: int) -> bool:
    # Windows has no such bits; a pipe (`--config <(…)`) is nobody else's.
    return sys.platform != "win32" and stat.S_ISREG(mode) and bool(mode & 0o077)


def _decoded(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace").replace("\r\n", "\n")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        byte = raw[error.start]
        raise LayerUnreadable(
            Diagnostic(name, line, column, f"the byte 0x{byte:02x} is not UTF-8", help="save it as UTF-8")
        ) from None


def _parsed(name: str, text: str) -> dict[str, object]:
    import tomllib  # 5 ms that who has no config file need not wait

    try:
        data: dict[str, object] = tomllib.loads(text)
    except RecursionError:
        raise LayerUnreadable(_too_deep(name)) from None
    except ValueError as error:
        raise LayerUnreadable(_syntax_mistake(name, text, str(error))) from None
    if _is_deeper(data, MAX_DEPTH):
        raise LayerUnreadable(_too_deep(name))
    return data


def _too_deep(name: str) -> Diagnostic:
    return Diagnostic(name, 1, 1, f"tables or arrays are nested more than {MAX_DEPTH} deep")


def _is_deeper(data: object, depth: int) -> bool:
    level = [data]
    for _ in range(depth):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def _syntax_mistake(name: str, text: str, error: str) -> Diagnostic:
    """The words and position of tomllib, as ours."""
    source = Source(text)
    if found := _AT_LINE.search(error):
        message, at = error[: found.start()], source.offset(int(found[1]), int(found[2]))
    elif error.endswith(_AT_END):
        message, at = error.removesuffix(_AT_END), len(text.rstrip())
    else:  # a number of thousands of digits
        return Diagnostic(name, 1, 1, "a number in it is too long", help="see `safeshell config schema`")
    if message == "Cannot overwrite a value":
        # tomllib stands behind the value by now, perhaps on the next line.
        line, _ = source.line_and_column(max(0, len(text[:at].rstrip()) - 1))
        start = source.offset(line, 1)
        at = start + len(source.line(line)) - len(source.line(line).lstrip())
    told = diagnostic(name, source, (at, at + 1), visible(_CLEARER.get(message, _lower(message))))
    if any(text[:at].count(quotes) % 2 for quotes in ('"""', "'''")):
        # Inside a string of several lines nobody knows whether this line is a secret.
        return Diagnostic(name, told.line, told.column, told.message)
    return told


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
