"""Asking the server what must be known before a line can be judged: names that the table does not have, the
functions behind FCALL, the scripts behind EVALSHA. Asks by reading commands only, and only when a line needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import Final

from safeshell.frozen import replace
from safeshell.redis.facts import ServerFacts, info_from_reply
from safeshell.redis.reply import (
    Array,
    Bulk,
    Error,
    Integer,
    Map,
    Push,
    Reply,
    Set,
    Status,
    Verbatim,
    items_of,
    pairs_of,
    string_of,
)
from safeshell.redis.table import CommandInfo, command_info

Call = Callable[[Sequence[Sequence[bytes]]], list[Reply]]
"""Sends some commands in one go and returns their replies."""

_FUNCTION_CALLS = {b"FCALL", b"FCALL_RO"}
_SCRIPT_TEXTS = {b"EVAL", b"EVAL_RO"}
_SCRIPT_HASHES = {b"EVALSHA", b"EVALSHA_RO"}
_SHA1 = re.compile(rb"[0-9a-fA-F]{40}")
_MOST_SCRIPTS: Final = 4096


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

    def learn(self, commands: Iterable[Sequence[bytes]], call: Call) -> None:
        """Ask for what judging `commands` needs: names and scripts that are not known yet, functions every time.

        A function may be another one than a moment ago, by anybody; a script is what its hash says for ever.

        Args:
            commands: about to be judged.
            call: asks the server; not called when nothing is missing.
        """
        names: dict[str, bytes] = {}
        scripts: list[bytes] = []
        hashes: dict[bytes, None] = {}
        wants_functions = False
        for argv in commands:
            if not argv:
                continue
            name = argv[0].upper()
            if name in _SCRIPT_TEXTS and len(argv) > 1:
                scripts.append(argv[1])
            if name in _SCRIPT_HASHES and len(argv) > 1 and _SHA1.fullmatch(argv[1]):
                hashes[argv[1].lower()] = None
            wants_functions = wants_functions or name in _FUNCTION_CALLS or name.startswith(b"FUNCTION")
            text = name.decode("utf-8", "replace")
            if len(name) <= 128 and text not in self.facts.live and command_info(text) is None:
                names[text] = argv[0]
        if scripts:
            self._remember(scripts)
        if names:
            self._ask_names(names, call)
        if wants_functions:
            self._ask_functions(call)
        unknown = [sha1 for sha1 in hashes if sha1.decode() not in self.facts.scripts]
        if unknown and self.facts.kind == "valkey":
            self._ask_scripts(unknown, call)

    def remember_loaded(self, argv: Sequence[bytes]) -> None:
        """Keep the text of a script that SCRIPT LOAD put on the server."""
        if len(argv) == 3 and argv[0].upper() == b"SCRIPT" and argv[1].upper() == b"LOAD":
            self._remember([argv[2]])

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

    def _ask_scripts(self, hashes: Sequence[bytes], call: Call) -> None:
        """Valkey (8.0) shows the text of a script that anybody has loaded; Redis keeps it to itself."""
        replies = call([(b"SCRIPT", b"SHOW", sha1) for sha1 in hashes])
        texts = [string_of(reply) for reply in replies if not isinstance(reply, Error)]
        self._remember([text for text in texts if text is not None])

    def _remember(self, scripts: Iterable[bytes]) -> None:
        """Keep scripts by their hash, the latest few thousand of them."""
        import hashlib  # most sessions see no script

        found = {hashlib.sha1(text, usedforsecurity=False).hexdigest(): text for text in scripts}
        if found.keys() - self.facts.scripts.keys():
            latest = list({**self.facts.scripts, **found}.items())[-_MOST_SCRIPTS:]
            self.facts = replace(self.facts, scripts=MappingProxyType(dict(latest)))
