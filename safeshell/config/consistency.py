"""What only the whole configuration can say: names that must exist, keys that need or exclude each other.

Tells each mistake in the file that wrote the key it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from safeshell.config.building import build_environments, get, table
from safeshell.config.diagnostics import Diagnostic, diagnostic
from safeshell.config.kinds import nearest
from safeshell.config.merged import Merged, Origin
from safeshell.config.positions import Path
from safeshell.guard.text import visible


def check_consistency(merged: Merged, unread: AbstractSet[Path]) -> list[Diagnostic]:
    """All mistakes that no file has alone.

    Args:
        merged: all files together.
        unread: the places of values that were mistakes themselves, and so are not missing.
    """
    environments = build_environments(merged.values)
    mistakes: list[Diagnostic | None] = []
    for name, said in table(merged.values, "targets").items():
        if isinstance(said, Mapping):
            mistakes += _of_target(merged, ("targets", name), said, environments, unread)
    mistakes += _recorded(merged, environments)
    mistakes += _double_rules(merged)
    return [mistake for mistake in mistakes if mistake is not None]


def _of_target(
    merged: Merged,
    path: Path,
    said: Mapping[str, object],
    environments: Iterable[str],
    unread: AbstractSet[Path],
) -> list[Diagnostic | None]:
    name = path[-1]
    told: list[Diagnostic | None] = []
    environment = get(said, "environment", str, "")
    if "environment" not in said and (*path, "environment") not in unread:
        told.append(
            _told(
                merged.first_origin(path), f"[targets.{name}] has no `environment`", _there_are(environments)
            )
        )
    elif "environment" in said and environment not in environments:
        near = nearest(environment, environments)
        hint = f'did you mean "{near}"?' if near else _there_are(environments)
        told.append(
            _told(
                merged.origin((*path, "environment")),
                f'there is no environment "{environment}"',
                hint,
                at_value=True,
            )
        )
    if "sentinel" in said and said.get("cluster"):
        told.append(
            _told(merged.origin((*path, "cluster")), "a target has a sentinel or is a cluster, not both")
        )
    return told


def _recorded(merged: Merged, environments: Iterable[str]) -> list[Diagnostic | None]:
    """A misspelt name would leave sessions without a recording, and nobody would notice."""
    told: list[Diagnostic | None] = []
    for name in get(table(merged.values, "recording"), "environments", tuple, ()):
        if name not in environments:
            near = nearest(str(name), environments)
            origin = merged.origin(("recording", "environments"))
            hint = f'did you mean "{near}"?' if near else _there_are(environments)
            told.append(_told(origin, f'there is no environment "{name}"', hint, at_value=True))
    return told


def _double_rules(merged: Merged) -> list[Diagnostic | None]:
    seen: dict[str, int] = {}
    told: list[Diagnostic | None] = []
    for index, rule in enumerate(get(merged.values, "rules", tuple, ())):
        name = get(rule, "id", str, "")
        if name in seen:
            first = merged.origin(("rules", seen[name], "id")).place
            told.append(
                _told(
                    merged.origin(("rules", index, "id")),
                    f'there is a rule "{name}" already',
                    f"at {first}",
                    at_value=True,
                )
            )
        elif name:
            seen[name] = index
    return told


def _told(origin: Origin, message: str, help_text: str = "", *, at_value: bool = False) -> Diagnostic | None:
    layer = origin.layer
    if layer is None:
        return None
    positions = layer.positions
    span = positions.value(origin.path) if at_value else positions.key(origin.path)
    return diagnostic(
        layer.name, layer.source, span, visible(message, limit=400), visible(help_text, limit=600)
    )


def _there_are(environments: Iterable[str]) -> str:
    return f"there are {', '.join(environments)}"
