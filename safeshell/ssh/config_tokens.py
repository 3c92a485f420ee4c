"""What stands for something else in the values of ssh_config: `%h` and its like, `${NAME}`, `~`. Pure.

Which keyword knows which of them is the reader's matter. Source: ssh_config(5), TOKENS and ENVIRONMENT VARIABLES.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.config_line import LineMistake

_TOKEN: Final = re.compile(r"%(.?)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$\{([^}]*)(\}?)", re.DOTALL)
_EITHER: Final = re.compile(r"%(.?)|\$\{([^}]*)(\}?)", re.DOTALL)


def with_tokens(text: str, tokens: Mapping[str, str]) -> str:
    """`text` with its tokens put in.

    Args:
        text: the value.
        tokens: what each letter stands for; `%%` is known without.

    Raises:
        LineMistake: a token that isn't among them.
    """
    return _TOKEN.sub(lambda found: _token(found[1], tokens), text)


def with_variables(text: str, environ: Mapping[str, str]) -> str:
    """`text` with the values of `${NAME}` put in.

    Raises:
        LineMistake: a variable that isn't set, or a brace that isn't closed.
    """
    return _VARIABLE.sub(lambda found: _variable(found[1], found[2], environ), text)


def with_both(text: str, tokens: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """`text` with its tokens and variables put in, neither of them inside the other.

    Raises:
        LineMistake: as `with_tokens` and `with_variables`.
    """

    def of(found: re.Match[str]) -> str:
        if found[2] is None:
            return _token(found[1], tokens)
        return _variable(found[2], found[3], environ)

    return _EITHER.sub(of, text)


def with_home(text: str, home: str, home_of: Callable[[str], str | None]) -> str:
    """`text` with the home that `~` or `~USER` at its beginning stands for.

    Args:
        text: a path.
        home: of the person here.
        home_of: the home of another; None for somebody who isn't there.

    Raises:
        LineMistake: there is no such person.
    """
    if not text.startswith("~"):
        return text
    name, _, behind = text[1:].partition("/")
    found = home if not name else home_of(name)
    if found is None:
        raise LineMistake(f"there is nobody called {visible(name)} here")
    return f"{found.rstrip('/')}/{behind.lstrip('/')}"


def connection_hash(local_host: str, host: str, port: str, user: str) -> str:
    """What `%C` stands for (OpenSSH 9.2)."""
    words = f"{local_host}{host}{port}{user}".encode("utf-8", "surrogateescape")
    return hashlib.sha1(words, usedforsecurity=False).hexdigest()


def _token(letter: str, tokens: Mapping[str, str]) -> str:
    if letter == "%":
        return "%"
    if letter not in tokens:
        raise LineMistake(f"%{visible(letter)} is not known there")
    return tokens[letter]


def _variable(name: str, brace: str, environ: Mapping[str, str]) -> str:
    if not brace:
        raise LineMistake("${ has no } behind it")
    if name not in environ:
        raise LineMistake(f"the variable {visible(name)} is not set")
    return environ[name]
