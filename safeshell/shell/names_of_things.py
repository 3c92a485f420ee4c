"""Expansions that stand for the names of things: `$POD`, `$(pgrep -o nginx)`; a program takes them as operands.

Only by the look of the expansion: what it will hold nobody knows. For proofs, which an unquoted unknown defeats
when it might as well be options.
"""

from __future__ import annotations

import re

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.word import Word

_PARAMETER = lazy_pattern(r"\$(?:(\w+)|\{(\w+)\})")
_NAMING = lazy_pattern(
    r"(?:[a-z0-9]+_)*(?:pods?|po|ns|namespace|node|host|hostname|server|ip|addr|port|svc|service|deploy|deployment|"
    r"release|app|id|pids?|container|cid|image|tag|rev|sha|commit|branch|files?|dir|path|log|logs?file|url|uri|"
    r"domain|user|db|database|table|bucket|region|zone|cluster|job|topic|queue|group|(?<=_)name|date|day|since)\d*",
    re.I,
)
"""What people call a variable that holds one such name."""

_SUBSTITUTION = lazy_pattern(r"(?:\$\(|`)([^;&`()<>\n]*?)(?:[12]?>/dev/null|2> /dev/null)?\s*[)`]")
_SOURCE = lazy_pattern(
    r"\s*(?:sudo )?(?:pgrep|pidof|hostname|whoami|id|nproc|uname|which|readlink|realpath|wc|date \+%|date -u \+%|"
    r"cat \S+\.pid$|kubectl|oc|k|docker|docker-compose|podman|crictl|aws|gcloud|"
    r"git (?:rev-parse|merge-base|describe|rev-list|symbolic-ref|branch|ls-files|ls-tree))\b.*"
)
_SIEVE = lazy_pattern(
    r"\s*(?:head|tail|grep|egrep|cut|sort|uniq|wc|awk '\{ ?print \$\d+;? ?\}'|tr -d|jq -r)(?: .*)?"
)


def stands_for_names(word: Word) -> bool:
    """Whether all that is unknown of a word looks like names of things."""
    return bool(word.unknowns) and all(names_a_thing(expansion) for expansion in word.unknowns)


def names_a_thing(expansion: str) -> bool:
    """Whether an expansion, as typed, looks like one that yields names and never options.

    Args:
        expansion: `$POD`, `${NS}`, `$(docker ps -q)`.
    """
    variable = _PARAMETER.fullmatch(expansion)
    if variable:
        return _NAMING.fullmatch(variable.group(1) or variable.group(2)) is not None
    found = _SUBSTITUTION.fullmatch(expansion)
    if not found:
        return False
    source, *sieves = found.group(1).split("|")
    return _SOURCE.fullmatch(source) is not None and all(_SIEVE.fullmatch(one) for one in sieves)
