"""What Tab offers: commands, subcommands, options, HELP topics, and keys that this session has seen.

Pure, over a line's text and what is known; no server is asked. Keys come only from what the person typed and
was answered: the console never runs KEYS or SCAN behind anybody's back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.command_docs import Argument, CommandDocs
from safeshell.redis.hints import next_arguments
from safeshell.redis.quoting import quoted

LOCAL_WORDS: Final = ("CLEAR", "CONNECT", "EXIT", "HELP", "QUIT")
"""Words that the console itself answers, as redis-cli does."""
_MAX_KEYS: Final = 1000
_MAX_KEY_BYTES: Final = 512


@frozen
class Candidate:
    """One word that may be meant.

    Args:
        text: what is typed for the person.
        start: how many characters before the cursor it replaces.
        shown: how it looks in a list, safe to show.
        about: a few words on it.
    """

    text: str
    start: int
    shown: str
    about: str = ""


class KeyMemory:
    """The keys that this session's commands and replies have named, per database; the oldest go."""

    def __init__(self, limit: int = _MAX_KEYS) -> None:
        self._limit = limit
        self._keys: OrderedDict[tuple[int, bytes], None] = OrderedDict()

    def saw(self, db: int, keys: Iterable[bytes]) -> None:
        """Remember some keys of a database."""
        for key in keys:
            if not key or len(key) > _MAX_KEY_BYTES:
                continue
            self._keys[(db, key)] = None
            self._keys.move_to_end((db, key))
        while len(self._keys) > self._limit:
            self._keys.popitem(last=False)

    def clear(self) -> None:
        """Forget them all: another server is at hand."""
        self._keys.clear()

    def starting_with(self, db: int, prefix: bytes) -> list[bytes]:
        """The keys of `db` that begin with `prefix`, the last seen first."""
        return [key for at, key in reversed(self._keys) if at == db and key.startswith(prefix)]


@frozen
class Vocabulary:
    """All that a completion may be made of.

    Args:
        docs: the server's commands.
        keys: what this session has seen.
        db: the database in use.
        meta: the meta-commands, `:unlock`, and what each does.
        settings: the names that `:set` knows.
    """

    docs: CommandDocs
    keys: KeyMemory
    db: int
    meta: Sequence[tuple[str, str]] = ()
    settings: Sequence[tuple[str, Sequence[str]]] = ()


def completions(line: str, vocabulary: Vocabulary) -> list[Candidate]:
    """What may be meant by the last word of `line` (the text before the cursor)."""
    words = line.split(" ")
    while len(words) > 1 and not words[0]:
        words.pop(0)
    word = words[-1]
    before = [one for one in words[:-1] if one]
    if line.lstrip().startswith(":"):
        return list(_meta(before, word, vocabulary))
    if before and before[0].isdigit():
        before = before[1:]
    if before and before[0].upper() == "HELP":
        return list(_topics(before[1:], word, vocabulary.docs))
    if not before:
        return list(_commands(word, vocabulary.docs))
    return [*_subcommands(before, word, vocabulary.docs), *_arguments(before, word, vocabulary)]


def in_case_of(typed: str, name: str) -> str:
    """`name` in the letters that the person uses: small ones unless capitals were typed."""
    return name.upper() if typed[:1].isupper() or typed.isupper() else name.lower()


def _commands(word: str, docs: CommandDocs) -> Iterator[Candidate]:
    names = {name: doc.summary for name, doc in docs.by_name.items() if " " not in name}
    names.update(dict.fromkeys(LOCAL_WORDS, "answered by the console"))
    for name in sorted(names):
        if name.startswith(word.upper()):
            yield Candidate(in_case_of(word, name), len(word), in_case_of(word, name), names[name])


def _subcommands(before: Sequence[str], word: str, docs: CommandDocs) -> Iterator[Candidate]:
    if len(before) != 1:
        return
    for name in docs.subcommands(before[0]):
        if name.startswith(word.upper()):
            written = in_case_of(word or before[0], name)
            yield Candidate(written, len(word), written, docs.by_name[f"{before[0].upper()} {name}"].summary)


def _arguments(before: Sequence[str], word: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    doc, length = vocabulary.docs.resolve(list(before))
    if doc is None or doc.is_container:
        return
    offered: set[str] = set()
    keys_wanted = False
    for argument in next_arguments(doc.arguments, before[length:]):
        keys_wanted = keys_wanted or _takes_key(argument)
        for token in _tokens(argument):
            if token not in offered and token.startswith(word.upper()) and token.isalpha():
                offered.add(token)
                written = in_case_of(word or before[0], token)
                yield Candidate(written, len(word), written, argument.syntax)
    if keys_wanted:
        yield from _keys(word, vocabulary)


def _keys(word: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    in_quotes = word.startswith('"')
    prefix = word.removeprefix('"').encode("utf-8", "surrogateescape")
    for key in vocabulary.keys.starting_with(vocabulary.db, prefix):
        text = quoted_key(key, always=in_quotes)
        yield Candidate(text, len(word), visible(text, limit=80), "key")


def quoted_key(key: bytes, *, always: bool = False) -> str:
    r"""A key as it can be typed: bare where that is the same, else quoted, with `\xHH` where needed."""
    text = key.decode("utf-8", "replace")
    plain = text.encode() == key and text.isprintable() and not any(char in '"\\' for char in text)
    if not plain:
        return quoted(key).decode("ascii")
    bare = bool(text) and not always and not any(char in " '|" for char in text)
    return text if bare else f'"{text}"'


def _takes_key(argument: Argument) -> bool:
    """Whether the argument may begin with a key."""
    if argument.type == "key" and not argument.token:
        return True
    if argument.type == "oneof":
        return any(_takes_key(member) for member in argument.arguments)
    return argument.type == "block" and bool(argument.arguments) and _takes_key(argument.arguments[0])


def _tokens(argument: Argument) -> Iterator[str]:
    """The words that the argument may begin with."""
    if argument.token:
        yield argument.token.upper()
    elif argument.type == "oneof":
        for member in argument.arguments:
            yield from _tokens(member)
    elif argument.type == "block" and argument.arguments:
        for member in argument.arguments:
            yield from _tokens(member)
            if not member.optional:
                return


def _topics(before: Sequence[str], word: str, docs: CommandDocs) -> Iterator[Candidate]:
    if not before:
        for group in docs.groups:
            if f"@{group}".startswith(word.lower()):
                yield Candidate(f"@{group}", len(word), f"@{group}", "a group of commands")
    typed = " ".join((*before, word)).upper()
    for name, doc in docs.by_name.items():
        if name.startswith(typed) and name.count(" ") == len(before):
            last = in_case_of(word or "".join(before), name.rpartition(" ")[2])
            yield Candidate(last, len(word), last, doc.summary)


def _meta(before: Sequence[str], word: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    if not before:
        for name, about in vocabulary.meta:
            if name.startswith(word.lower()):
                yield Candidate(name, len(word), name, about)
        return
    if before[0].lower() == ":help" and len(before) == 1:
        for name, about in vocabulary.meta:
            if name.removeprefix(":").startswith(word.lower().removeprefix(":")):
                bare = name.removeprefix(":")
                yield Candidate(bare, len(word), bare, about)
    if before[0].lower() == ":set":
        values = dict(vocabulary.settings)
        names = tuple(values) if len(before) == 1 else values.get(before[1].lower(), ())
        for name in names:
            if len(before) < 3 and name.startswith(word.lower()):
                yield Candidate(name, len(word), name)
    if before[0].lower() == ":mode" and len(before) == 1:
        for mode in ("read-only", "guarded", "open"):
            if mode.startswith(word.lower()):
                yield Candidate(mode, len(word), mode)
