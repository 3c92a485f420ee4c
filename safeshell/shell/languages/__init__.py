"""Reads the texts that wrappers hand to other interpreters: SQL, mongo shell, Python and other scripts.

Each language is a module of its own with `read(text, *, dialect="")`, imported when a line needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from safeshell.shell.inner import Language

if TYPE_CHECKING:
    from safeshell.shell.languages.found import Found

_MODULES: Final = {
    Language.SQL: "sql",
    Language.MONGO: "mongo",
    Language.PYTHON: "python_code",
    Language.PERL: "perl",
    Language.RUBY: "ruby",
    Language.NODE: "node",
    Language.PHP: "php",
    Language.LUA: "lua",
}


def read_in(language: Language, text: str, *, dialect: str = "") -> Found:
    """What a text in some language does; spans are positions in the text. Never raises for any text.

    Args:
        language: any but the shell's and Redis's, which have dialects of their own.
        text: with `UNKNOWN` where only the shell knows.
        dialect: for SQL, the product.
    """
    found: Found = import_module(f"safeshell.shell.languages.{_MODULES[language]}").read(
        text, dialect=dialect
    )
    return found
