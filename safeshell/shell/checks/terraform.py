"""Checks of terraform and terragrunt lines: which verb a run over many modules has, and what only shows.

Sources: `terraform fmt -help`, `terraform workspace -help`, terragrunt's reference of `run-all` and `stack run`.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation
from safeshell.shell.word import Word

_READING = frozenset({"plan", "output", "validate", "show", "graph", "providers", "version"})


def applies(invocation: Invocation) -> bool:
    """Whether a terragrunt run over all modules applies."""
    names = [word.text for word in invocation.operands]
    return "apply-all" in names[:1] or "apply" in names[1:3]


def runs_reading(invocation: Invocation) -> bool:
    """Whether a terragrunt run over all modules only plans or shows."""
    names = [word.text for word in invocation.operands]
    if names[:1] in (["plan-all"], ["output-all"], ["validate-all"]):
        return True
    verb = names[2:3] if names[1:2] == ["run"] else names[1:2]
    return bool(verb) and verb[0] in _READING


def reads(invocation: Invocation) -> bool:
    """Whether `workspace`, `providers` or `fmt` only shows."""
    names = [word.text for word in invocation.operands]
    if names[:1] == ["workspace"]:
        return names[1:2] in (["list"], ["show"])
    if names[:1] == ["providers"]:
        return names[1:2] in ([], ["schema"])
    if names[:1] in (["fmt"], ["hclfmt"]):
        checked = [option.value for option in invocation.given("-check", "-terragrunt-check")]
        return bool(checked and not _is_false(checked[-1])) or _is_false(invocation.value("-write"))
    return False


def _is_false(value: Word | None) -> bool:
    return value is not None and value.text.lower() in ("false", "0", "f")
