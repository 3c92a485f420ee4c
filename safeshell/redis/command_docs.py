"""What a server says of its own commands: COMMAND DOCS as values, and the syntax line they spell.

Only the model and its parsing from a reply; who asks the server, and when, is elsewhere. Form of the reply:
redis.io/docs/latest/commands/command-docs (Redis 7.0+, Valkey).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.reply import Reply, items_of, pairs_of, string_of

_MAX_DEPTH = 12


@frozen
class Argument:
    """One argument of a command, or a group of them.

    Args:
        name: what it is called in syntax lines.
        type: `key`, `string`, `integer`, `pure-token`, `oneof`, `block`, …, as the server says.
        token: the word typed before it (or, for a pure token, itself); empty without.
        optional, multiple, multiple_token: whether it may be left out, repeated, repeated with its token.
        arguments: the members of a `oneof` or `block`.
    """

    name: str
    type: str
    token: str = ""
    optional: bool = False
    multiple: bool = False
    multiple_token: bool = False
    arguments: tuple[Argument, ...] = ()

    @property
    def syntax(self) -> str:
        """The argument as a syntax line writes it: `[EX seconds|PX milliseconds]`, `key [key ...]`."""
        inner = self.inner
        if self.multiple:
            again = f"{self.token} {inner}" if self.multiple_token and self.token else inner
            inner = f"{inner} [{again} ...]"
        if self.token and self.type != "pure-token":
            inner = f"{self.token} {inner}" if inner else self.token
        return f"[{inner}]" if self.optional else inner

    @property
    def inner(self) -> str:
        """The argument once, without its token, brackets and repetition."""
        if self.type == "pure-token":
            return self.token
        if self.type == "oneof":
            return "|".join(one.syntax for one in self.arguments)
        if self.type == "block":
            return " ".join(one.syntax for one in self.arguments)
        return self.name


@frozen
class CommandDoc:
    """One command or subcommand.

    Args:
        name: as typed, in capitals: `CONFIG SET`.
        summary, since, group, complexity: as the server says, safe to show.
        replaced_by: what to use instead of a deprecated command; empty when it is not deprecated.
        arguments: in their order.
        is_container: whether it is only the first word of its subcommands.
    """

    name: str
    summary: str = ""
    since: str = ""
    group: str = ""
    complexity: str = ""
    replaced_by: str = ""
    arguments: tuple[Argument, ...] = ()
    is_container: bool = False

    @property
    def syntax(self) -> str:
        """Name and arguments."""
        return " ".join((self.name, *(argument.syntax for argument in self.arguments)))


@frozen
class CommandDocs:
    """All commands that a console knows by name.

    Args:
        by_name: capital names, in order, containers and subcommands included.
    """

    by_name: Mapping[str, CommandDoc]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups there are, in order."""
        return tuple(sorted({doc.group for doc in self.by_name.values() if doc.group}))

    def subcommands(self, container: str) -> tuple[str, ...]:
        """The second words of `container`, in capitals; empty for a plain command."""
        prefix = container.upper() + " "
        return tuple(name.removeprefix(prefix) for name in self.by_name if name.startswith(prefix))

    def resolve(self, words: list[str]) -> tuple[CommandDoc | None, int]:
        """The command that `words` begin with, and how many words its name takes; (None, 0) for none."""
        if len(words) > 1 and (doc := self.by_name.get(f"{words[0]} {words[1]}".upper())):
            return doc, 2
        if words and (doc := self.by_name.get(words[0].upper())):
            return doc, 1
        return None, 0


def names_only(names: Mapping[str, bool]) -> CommandDocs:
    """Docs of a server that has none: the names alone.

    Args:
        names: capital names, each with whether it is a container.
    """
    docs = {name: CommandDoc(name, is_container=container) for name, container in sorted(names.items())}
    return CommandDocs(MappingProxyType(docs))


def parse_docs(reply: Reply) -> CommandDocs | None:
    """The docs in a reply to COMMAND DOCS, of RESP2 or RESP3; None when it holds none (an old server)."""
    found: dict[str, CommandDoc] = {}
    for name, body in _fields(reply):
        _add(found, name, body)
    return CommandDocs(MappingProxyType(dict(sorted(found.items())))) if found else None


def _add(found: dict[str, CommandDoc], raw_name: str, body: Reply) -> None:
    name = raw_name.replace("|", " ").upper()
    fields = dict(_fields(body))
    subcommands = list(_fields(fields["subcommands"])) if "subcommands" in fields else []
    found[name] = CommandDoc(
        name=name,
        summary=_text(fields.get("summary")),
        since=_text(fields.get("since")),
        group=_text(fields.get("group")),
        complexity=_text(fields.get("complexity")),
        replaced_by=_text(fields.get("replaced_by")),
        arguments=_arguments(fields.get("arguments"), 0),
        is_container=bool(subcommands),
    )
    for sub_name, sub_body in subcommands:
        _add(found, sub_name if "|" in sub_name else f"{raw_name}|{sub_name}", sub_body)


def _arguments(reply: Reply | None, depth: int) -> tuple[Argument, ...]:
    if reply is None or depth > _MAX_DEPTH:
        return ()
    return tuple(_argument(dict(_fields(one)), depth) for one in items_of(reply) or ())


def _argument(fields: dict[str, Reply], depth: int) -> Argument:
    flags = {string_of(flag) for flag in items_of(fields["flags"]) or ()} if "flags" in fields else set()
    kind = _text(fields.get("type"))
    token = _text(fields.get("token"))
    return Argument(
        name=_text(fields.get("display_text")) or _text(fields.get("name")) or _text(fields.get("display")),
        type=kind,
        token=token if token else '""' if "token" in fields else "",
        optional=b"optional" in flags,
        multiple=b"multiple" in flags or b"multiple_token" in flags,
        multiple_token=b"multiple_token" in flags,
        arguments=_arguments(fields.get("arguments"), depth + 1),
    )


def _fields(reply: Reply) -> Iterator[tuple[str, Reply]]:
    for key, value in pairs_of(reply) or ():
        name = string_of(key)
        if name is not None:
            yield visible(name), value


def _text(reply: Reply | None) -> str:
    text = string_of(reply) if reply is not None else None
    return visible(text, limit=2000) if text is not None else ""
