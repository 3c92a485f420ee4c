"""INFO's replies as fields. Pure text; nothing is asked here."""

from __future__ import annotations

from safeshell.redis.reply import Reply, string_of


def info_fields(reply: Reply) -> dict[str, str]:
    """The `name:value` lines of an INFO reply; empty for an error."""
    text = (string_of(reply) or b"").decode("utf-8", "replace")
    pairs = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: value.strip() for name, separator, value in pairs if separator}


def info_number(fields: dict[str, str], name: str) -> int | None:
    """A field as a whole number; None when it is missing or none."""
    text = fields.get(name, "")
    return int(text) if text.removeprefix("-").isdigit() else None


def keyspace(fields: dict[str, str]) -> dict[int, tuple[int, int]]:
    """Every database that has keys: how many, and how many of them expire."""
    found: dict[int, tuple[int, int]] = {}
    for name, value in fields.items():
        if name.startswith("db") and name[2:].isdigit():
            counts = dict(part.partition("=")[::2] for part in value.split(","))
            keys, expires = counts.get("keys", ""), counts.get("expires", "0")
            if keys.isdigit():
                found[int(name[2:])] = (int(keys), int(expires) if expires.isdigit() else 0)
    return found
