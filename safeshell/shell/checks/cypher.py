"""cypher-shell: what a Cypher text among its words does, by its clauses.

Strings, quoted names and comments are taken out first. Facts: the Neo4j Cypher manual, cypher-shell's manual.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_CYPHER_SHELL: Final = spec(
    "-a --address --uri -u --username -p --password -d --database -f --file -P --param --format --encryption"
    " --impersonate --change-password --sample-rows --error-format --history --access-mode --idle-timeout"
    " --log"
)
_QUOTED: Final = lazy_pattern(
    r"'(?:[^'\\]|\\.)*+(?:'|\\?\Z)|\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|`[^`]*+`?|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
"""Strings, quoted names and comments; what is not closed goes to the end."""
_LOSES: Final = lazy_pattern(r"\b(?:DELETE|DROP|REMOVE|STOP|TERMINATE)\b", re.IGNORECASE)
_CHANGES: Final = lazy_pattern(
    r"\b(?:DELETE|DROP|REMOVE|STOP|TERMINATE|CREATE|MERGE|SET|FOREACH|LOAD|CALL|ALTER|GRANT|DENY|REVOKE|START|USE|RENAME"
    r"|DEALLOCATE|REALLOCATE|ENABLE|DRYRUN|INSERT|FINISH)\b",
    re.IGNORECASE,
)
_STARTS: Final = lazy_pattern(
    r"\s*(?:MATCH|OPTIONAL\s+MATCH|RETURN|UNWIND|WITH|SHOW|EXPLAIN|PROFILE|:help|:info"
    r"|:sysinfo)\b",
    re.IGNORECASE,
)
_HARMLESS_CALL: Final = lazy_pattern(
    r"\bCALL\s+(?:dbms\.(?:components|listQueries|listConfig|listConnections|cluster\.overview|cluster\.role)"
    r"|db\.(?:labels|relationshipTypes|propertyKeys|indexes|constraints|schema\.\w+|info|ping))\b",
    re.IGNORECASE,
)


def reads(invocation: Invocation) -> bool:
    """There is a text, and every one of them only looks."""
    texts = _texts(invocation)
    return bool(texts) and all(_only_looks(text) for text in texts)


def loses(invocation: Invocation) -> bool:
    """A text deletes, drops or stops something, or is not known."""
    return any(UNKNOWN in text or _LOSES.search(_QUOTED.sub(" ", text)) for text in _texts(invocation))


def _texts(invocation: Invocation) -> tuple[str, ...]:
    return tuple(word.text for word in retaken(invocation, _CYPHER_SHELL).operands)


def _only_looks(text: str) -> bool:
    if UNKNOWN in text:
        return False
    bare = _HARMLESS_CALL.sub("RETURN", _QUOTED.sub(" ", text))
    return _STARTS.match(bare) is not None and _CHANGES.search(bare) is None
