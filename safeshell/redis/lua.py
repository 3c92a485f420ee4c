"""Reading a Lua script for Redis: the commands it calls by a literal name, and whether that is all it can call.

A scan of tokens, not an interpreter: `redis.call('DEL', KEYS[1])` is a call; anything by which the script could
reach a command unseen (a computed name, `redis` handed on, `load`, `_G`) makes it opaque. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from safeshell.frozen import frozen

MAX_BYTES: Final = 1 << 20
"""A longer script is not read."""
MAX_CALLS: Final = 1000
"""A script with more calls is not read."""
_MAX_CALL_TOKENS: Final = 2000

_TOKEN: Final = re.compile(
    r"(?P<space>\s++)"
    r"|(?P<comment>--\[(?P<ceq>=*)\[.*?\](?P=ceq)\]|--(?!\[=*\[)[^\n]*+)"
    r"|(?P<long>\[(?P<seq>=*)\[\n?(?P<longtext>.*?)\](?P=seq)\])"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')"
    r"|(?P<name>[A-Za-z_]\w*+)"
    r"|(?P<number>0[xX][0-9a-fA-F]++|\d++(?:\.\d*+)?(?:[eE][+-]?\d++)?)"
    r"|(?P<op>\.\.\.|\.\.|[=~<>]=|[-+*/%^#<>=(){}\];:,.]|\[(?!=*\[))",
    re.DOTALL | re.ASCII,
)
_LUA_ESCAPE: Final = re.compile(r"\\(?:(\d{1,3})|(.))", re.DOTALL)
_LUA_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_HANDLES: Final = frozenset({"redis", "server"})
_HARMLESS_MEMBERS: Final = frozenset(
    {"log", "sha1hex", "error_reply", "status_reply", "setresp", "breakpoint", "debug", "acl_check_cmd",
     "replicate_commands", "set_repl", "LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING", "REPL_ALL",
     "REPL_NONE", "REPL_AOF", "REPL_SLAVE", "REPL_REPLICA", "REDIS_VERSION", "REDIS_VERSION_NUM",
     "SERVER_NAME", "SERVER_VERSION", "SERVER_VERSION_NUM"}
)  # fmt: skip
_WAYS_AROUND: Final = frozenset(
    {"_G", "_ENV", "getfenv", "setfenv", "load", "loadstring", "loadfile", "dofile", "require", "module",
     "rawget", "rawset", "getmetatable", "setmetatable", "debug", "newproxy", "package", "io"}
)  # fmt: skip
_LOOPS: Final = frozenset({"for", "while", "repeat", "function", "goto"})


@frozen
class ScriptCall:
    """One `redis.call` or `redis.pcall`.

    Args:
        words: the command's words; None for one that is worked out when the script runs.
        open_end: there may be more words than these (`unpack(t)`, `...`).
    """

    words: tuple[bytes | None, ...]
    open_end: bool = False


@frozen
class Script:
    """What a script was found to do.

    Args:
        calls: its calls in the order of the text.
        opaque: why it can't be read, in words; empty when it can.
        no_writes: its first line says `flags=no-writes`, which the server enforces.
        loops: a call may be made more than once.
    """

    calls: tuple[ScriptCall, ...] = ()
    opaque: str = ""
    no_writes: bool = False
    loops: bool = False


@frozen
class _Token:
    kind: str
    text: str


@dataclass(slots=True)
class _Found:
    calls: list[ScriptCall] = field(default_factory=list)
    opaque: str = ""


def scan(body: bytes, keys: Sequence[bytes] = (), args: Sequence[bytes] = ()) -> Script:
    """What the script `body` calls.

    Args:
        body: its text.
        keys: what KEYS holds, so that `KEYS[1]` is a known word.
        args: what ARGV holds.
    """
    if len(body) > MAX_BYTES:
        return Script(opaque="it is too long to be read")
    text = body.decode("latin-1")
    no_writes = False
    if text.startswith("#!"):
        first, _, rest = text.partition("\n")
        engine, *options = first[2:].split() or [""]
        no_writes = any(
            option.startswith("flags=") and "no-writes" in option[6:].split(",") for option in options
        )
        if engine.lower() != "lua":
            return Script(opaque="it is not Lua", no_writes=no_writes)
        text = rest
    tokens = _tokens(text)
    if tokens is None:
        return Script(opaque="its text can't be parsed", no_writes=no_writes)
    found = _search(tokens, _tables(tokens, keys, args))
    loops = any(token.kind == "name" and token.text in _LOOPS for token in tokens)
    return Script(tuple(found.calls), found.opaque, no_writes, loops)


def _tokens(text: str) -> list[_Token] | None:
    """The tokens without blanks and comments; None when something is none."""
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            return None
        at = match.end()
        kind = match.lastgroup or ""
        if match["long"] is not None:
            tokens.append(_Token("string", match["longtext"]))
        elif match["string"] is not None:
            tokens.append(_Token("string", _LUA_ESCAPE.sub(_unescaped, match["string"][1:-1])))
        elif match["space"] is None and match["comment"] is None:
            tokens.append(_Token(kind, match[0]))
    return tokens


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1]) & 0xFF)
    return _LUA_LETTERS.get(found[2], found[2])


def _tables(
    tokens: Sequence[_Token], keys: Sequence[bytes], args: Sequence[bytes]
) -> dict[str, Sequence[bytes]]:
    """KEYS and ARGV, each only if the script does nothing with it but look at elements and its length."""
    tables: dict[str, Sequence[bytes]] = {"KEYS": keys, "ARGV": args}
    for at, token in enumerate(tokens):
        if token.kind != "name" or token.text not in tables:
            continue
        counted = at > 0 and tokens[at - 1].text == "#"
        element = _is_op(tokens, at + 1, "[")
        assigned = element and _is_op(tokens, _closing(tokens, at + 1) + 1, "=")
        if not (counted or element) or assigned:
            del tables[token.text]
    return tables


def _search(tokens: Sequence[_Token], tables: dict[str, Sequence[bytes]]) -> _Found:
    found = _Found()
    uses = 0
    for at, token in enumerate(tokens):
        if token.kind != "name" or (at and tokens[at - 1].kind == "op" and tokens[at - 1].text in (".", ":")):
            continue
        if token.text in _WAYS_AROUND:
            found.opaque = f"it uses {token.text}, by which it can call anything"
        elif token.text in _HANDLES:
            _note_use(tokens, at, tables, found)
            uses += 1
        if uses > MAX_CALLS:
            found.opaque = "it makes too many calls"
            break
    return found


def _note_use(tokens: Sequence[_Token], at: int, tables: dict[str, Sequence[bytes]], found: _Found) -> None:
    """What the script does with `redis` at a position."""
    handle = tokens[at].text
    if not _is_op(tokens, at + 1, ".") or at + 2 >= len(tokens) or tokens[at + 2].kind != "name":
        found.opaque = f"it hands {handle} on, or looks into it by a name it works out"
        return
    member = tokens[at + 2].text
    if member in _HARMLESS_MEMBERS:
        return
    if member not in ("call", "pcall"):
        found.opaque = f"it uses {handle}.{member[:40]}"
        return
    call = _call(tokens, at + 3, tables)
    if call is None:
        found.opaque = f"it works out the name of a command when it runs ({handle}.{member})"
    else:
        found.calls.append(call)


def _call(tokens: Sequence[_Token], at: int, tables: dict[str, Sequence[bytes]]) -> ScriptCall | None:
    """The call whose arguments begin at a position; None when the command's name is not written there."""
    if at < len(tokens) and tokens[at].kind == "string":
        return ScriptCall((_bytes(tokens[at].text),))
    if not _is_op(tokens, at, "("):
        return None
    if _closing(tokens, at) == len(tokens):
        return None
    words: list[bytes | None] = []
    open_end = False
    for argument in _arguments(tokens, at):
        words.append(_literal(argument, tables))
        # Only the last of them can stand for several, but a word too many costs nothing here.
        open_end = words[-1] is None and (argument[-1].text in (")", "...") or len(argument) == 0)
    return ScriptCall(tuple(words), open_end) if words and words[0] is not None else None


def _arguments(tokens: Sequence[_Token], opening: int) -> Iterator[list[_Token]]:
    """The arguments between brackets, each its tokens."""
    end = _closing(tokens, opening)
    depth = 0
    argument: list[_Token] = []
    for token in tokens[opening + 1 : end]:
        if token.kind == "op" and token.text in "([{":
            depth += 1
        elif token.kind == "op" and token.text in ")]}":
            depth -= 1
        if token.kind == "op" and token.text == "," and depth == 0:
            yield argument
            argument = []
        else:
            argument.append(token)
    if argument:
        yield argument


def _literal(argument: Sequence[_Token], tables: dict[str, Sequence[bytes]]) -> bytes | None:
    if len(argument) == 1 and argument[0].kind in ("string", "number"):
        return _bytes(argument[0].text)
    if len(argument) == 2 and argument[0].text == "-" and argument[1].kind == "number":
        return b"-" + _bytes(argument[1].text)
    if len(argument) == 4 and argument[0].text in tables and argument[2].kind == "number":
        table, index = tables[argument[0].text], argument[2].text
        if argument[0].kind == "name" and index.isdigit() and 0 < int(index[:12]) <= len(table):
            return table[int(index[:12]) - 1]
    return None


def _closing(tokens: Sequence[_Token], opening: int) -> int:
    """The position of the bracket that closes the one at `opening`; the end when none near enough does."""
    depth = 0
    for at in range(opening, min(len(tokens), opening + _MAX_CALL_TOKENS)):
        if tokens[at].kind != "op":
            continue
        if tokens[at].text in "([{":
            depth += 1
        elif tokens[at].text in ")]}":
            depth -= 1
            if depth == 0:
                return at
    return len(tokens)


def _is_op(tokens: Sequence[_Token], at: int, text: str) -> bool:
    return at < len(tokens) and tokens[at].kind == "op" and tokens[at].text == text


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")
