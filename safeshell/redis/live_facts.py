"""Asking the server what must be known before a line can be judged: names that the table does not have, the
functions behind FCALL, the scripts behind EVALSHA. Asks by reading commands only, and only when a line needs it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType

from safeshell.redis.facts import ServerFacts, info_from_reply
from safeshell.redis.reply import (
    Array,
    Bulk,
    Integer,
    Map,
    Push,
    Reply,
    Set,
    Status,
    Verbatim,
    integer_of,
    items_of,
    pairs_of,
    string_of,
)
from safeshell.redis.table import CommandInfo, command_info

Call = Callable[[Sequence[Sequence[bytes]]], list[Reply]]
"""Sends some commands in one go and returns their replies."""

_FUNCTION_CALLS = {b"FCALL", b"FCALL_RO"}
_SCRIPT_TEXT = {b"EVAL": 1, b"EVAL_RO": 1}


def plain(reply: Reply) -> object:
    """A reply as lists, bytes and ints, whatever RESP version it came in; None for what has no such form."""
    match reply:
        case Array(items) | Set(items) | Push(items):
            return [plain(item) for item in items]
        case Map(pairs):
            return [plain(one) for pair in pairs for one in pair]
        case Status(data) | Bulk(data):
            return data
        case Verbatim(_, data):
            return data
        case Integer(value):
            return value
        case _:
            return None


class LiveFacts:
    """What has been learned of one server so far.

    Args:
        version, kind: the server's.
    """

    def __init__(self, *, version: str, kind: str) -> None:
        self.facts = ServerFacts(version=version, kind=kind)
        self._functions_known = False

    def learn(self, commands: Iterable[Sequence[bytes]], call: Call) -> None:
        """Ask for all that judging `commands` needs and that is not known yet, in one go.

        Args:
            commands: about to be judged.
            call: asks the server; not called when nothing is missing.
        """
        names: dict[str, bytes] = {}
        wants_functions = False
        for argv in commands:
            if not argv:
                continue
            name = argv[0].upper()
            self._remember_script(name, argv)
            wants_functions = wants_functions or name in _FUNCTION_CALLS or name.startswith(b"FUNCTION")
            text = name.decode("utf-8", "replace")
            if len(name) <= 128 and text not in self.facts.live and command_info(text) is None:
                names[text] = argv[0]
        if names:
            self._ask_names(names, call)
        if wants_functions:
            self._ask_functions(call)

    def remember_loaded(self, argv: Sequence[bytes]) -> None:
        """Keep the text of a script that SCRIPT LOAD put on the server."""
        if len(argv) == 3 and argv[0].upper() == b"SCRIPT" and argv[1].upper() == b"LOAD":
            self._remember(argv[2])

    def forget_functions(self) -> None:
        """Functions may have changed: ask again before the next FCALL."""
        self._functions_known = False

    def _ask_names(self, names: dict[str, bytes], call: Call) -> None:
        live: dict[str, CommandInfo] = dict(self.facts.live)
        renamed = dict(self.facts.renamed)
        (reply,) = call([(b"COMMAND", b"INFO", *names.values())])
        entries = items_of(reply) or ()
        for typed, entry in zip(names, entries, strict=False):
            found = info_from_reply(plain(entry))
            if not found:
                continue
            real = found[0].name
            if real != typed:
                renamed[typed] = real
            for info in found:
                live[typed + info.name.removeprefix(real)] = info
        self.facts = replace(self.facts, live=MappingProxyType(live), renamed=MappingProxyType(renamed))

    def _ask_functions(self, call: Call) -> None:
        if self._functions_known:
            return
        (reply,) = call([(b"FUNCTION", b"LIST")])
        functions: dict[str, bool] = {}
        for library in items_of(reply) or ():
            fields = {string_of(key): value for key, value in pairs_of(library) or ()}
            for function in items_of(fields.get(b"functions", Array(()))) or ():
                about = {string_of(key): value for key, value in pairs_of(function) or ()}
                name = string_of(about.get(b"name", Array(())))
                flags = items_of(about.get(b"flags", Array(()))) or ()
                if name is not None:
                    functions[name.decode("utf-8", "replace")] = b"no-writes" in map(string_of, flags)
        self.facts = replace(self.facts, functions=MappingProxyType(functions))
        self._functions_known = True

    def _remember_script(self, name: bytes, argv: Sequence[bytes]) -> None:
        if name in _SCRIPT_TEXT and len(argv) > 1:
            self._remember(argv[1])

    def _remember(self, script: bytes) -> None:
        digest = hashlib.sha1(script, usedforsecurity=False).hexdigest()
        if digest not in self.facts.scripts:
            scripts = {**self.facts.scripts, digest: script}
            self.facts = replace(self.facts, scripts=MappingProxyType(scripts))


def replicas_of(fields: dict[str, str]) -> int:
    """The number of connected replicas in INFO's fields."""
    return integer_of(Bulk(fields.get("connected_slaves", "0").encode())) or 0
