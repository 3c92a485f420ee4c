"""Checks of `gh api` and `glab api`: which HTTP method a line uses, and what it sends.

Sources: `gh help api` (fields turn GET into POST, `-X` wins), docs.github.com on GraphQL (a `mutation` changes).
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation

_FIELDS: Final = ("-f", "--raw-field", "-F", "--field", "--input")
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def api_reads(invocation: Invocation) -> bool:
    """Whether an `api` call is a GET, or a GraphQL query that is no mutation."""
    if _is_graphql(invocation):
        texts = [option.value for option in invocation.given(*_FIELDS) if option.value is not None]
        named = [text for text in texts if text.text.startswith("query=")]
        if len(named) != 1 or not named[0].known or invocation.has("--input"):
            return False
        query = named[0].text.removeprefix("query=").lstrip()
        return query.startswith(("{", "query")) and "mutation" not in query
    return _method(invocation) in _READING


def api_deletes(invocation: Invocation) -> bool:
    """Whether an `api` call is a DELETE, or a GraphQL mutation that deletes."""
    if _is_graphql(invocation):
        return any(
            option.value is not None and "delete" in option.value.text.lower()
            for option in invocation.given(*_FIELDS)
        )
    return _method(invocation) == "DELETE"


def _is_graphql(invocation: Invocation) -> bool:
    return len(invocation.operands) > 1 and invocation.operands[1].text.strip("/").endswith("graphql")


def _method(invocation: Invocation) -> str:
    """The method in capitals; "?" when only the running shell knows it."""
    named = [option.value for option in invocation.given("-X", "--method") if option.value is not None]
    if named:
        return named[-1].text.upper() if named[-1].known else "?"
    return "POST" if invocation.has(*_FIELDS) else "GET"


def lists(invocation: Invocation) -> bool:
    """Whether `gh repo deploy-key|autolink`, `gh ssh-key` or `gh gpg-key` only lists or shows."""
    return any(word.text in ("list", "ls", "view") for word in invocation.operands[1:3])
