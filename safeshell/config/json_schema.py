"""The declared schema for others to read: as JSON Schema for editors, as a listing for people."""

from __future__ import annotations

from collections.abc import Iterator

from safeshell.config.kinds import Kind
from safeshell.config.schema import SCHEMA, Field, ListOf, MapOf, Node, TableOf


def json_schema() -> dict[str, object]:
    """The schema of a config file as JSON Schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "safeshell configuration",
        **_of(SCHEMA),
    }


def listing() -> str:
    """Every key with what it takes, its default and what it is for; a paragraph each."""
    return "\n".join(_paragraph(path, field) for path, field in fields())


def fields() -> Iterator[tuple[str, Field]]:
    """Every key of the schema by its dotted name; `NAME` stands for names of one's own, `[]` for entries."""
    yield from _below(SCHEMA, "")


def _below(node: Node, path: str) -> Iterator[tuple[str, Field]]:
    match node:
        case TableOf():
            for field in node.fields:
                at = f"{path}.{field.name}" if path else field.name
                yield at, field
                yield from _below(field.node, at)
        case MapOf():
            yield from _below(node.value, f"{path}.NAME")
        case ListOf():
            yield from _below(node.item, f"{path}[]")


def _paragraph(path: str, field: Field) -> str:
    about = f"{path}\n    {field.about}"
    if isinstance(field.node, TableOf):
        return f"{about}\n"
    default = "required" if field.required else f"default: {field.default}" if field.default else ""
    return "\n    ".join(filter(None, (about, f"takes {_takes(field.node)}", default))) + "\n"


def _takes(node: Node) -> str:
    match node:
        case Kind():
            return node.expected
        case ListOf(item=TableOf()):
            return "tables"
        case ListOf():
            return f"an array of: {_takes(node.item)}" + ("; or one" if node.or_one else "")
        case MapOf(value=TableOf()):
            return f"a table for each name of {node.key}"
        case MapOf():
            return f"for each name of {node.key}: {_takes(node.value)}"
        case TableOf():
            return "a table"


def _of(node: Node) -> dict[str, object]:
    match node:
        case Kind():
            return dict(node.json)
        case ListOf():
            array: dict[str, object] = {"type": "array", "items": _of(node.item)}
            return {"anyOf": [_of(node.item), array]} if node.or_one else array
        case MapOf():
            return {"type": "object", "additionalProperties": _of(node.value)}
        case TableOf():
            return _of_table(node)


def _of_table(node: TableOf) -> dict[str, object]:
    schema: dict[str, object] = {
        "type": "object",
        "properties": {field.name: _of_field(field) for field in node.fields},
        "additionalProperties": False,
    }
    # A target may be completed in several files, so that no single file needs all of it.
    required = [field.name for field in node.fields if field.required and field.name != "environment"]
    return schema | ({"required": required} if required else {})


def _of_field(field: Field) -> dict[str, object]:
    default = f" (default: {field.default})" if field.default else ""
    return {**_of(field.node), "description": field.about + default}
