"""The questions that packs ask of a program that makes HTTP requests: `when = ["http_call.deletes"]`.

Each program's own module makes a `Request` of its words, once for a command, however many questions are asked.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from safeshell.shell.checks.http_request import Request
from safeshell.shell.invocation import Invocation

_MODULES: Final = {
    **dict.fromkeys(("wget", "wget2"), "wget"),
    **dict.fromkeys(("http", "https", "httpie", "xh", "xhs"), "httpie"),
}
"""Who reads the words of a program; all others are read as curl's."""


class _Kept:
    """The request of the command that is being judged: the rules of one command ask one after the other."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: tuple[Invocation, Request] | None = None

    def request_of(self, invocation: Invocation) -> Request:
        # The invocation is held, so that no other one can be the same object.
        made = self._made
        if made is None or made[0] is not invocation:
            self._made = made = (invocation, _read(invocation))
        return made[1]


def _read(invocation: Invocation) -> Request:
    reader = import_module(f"safeshell.shell.checks.{_MODULES.get(invocation.program, 'curl')}")
    request: Request = reader.request_of(invocation)
    return request


request_of: Final = _Kept().request_of
"""The request that a command makes."""


def reads(invocation: Invocation) -> bool:
    """It fetches, and keeps nothing in a file."""
    request = request_of(invocation)
    return request.understood and bool(request.urls) and not request.saves and not request.mutates


def saves(invocation: Invocation) -> bool:
    """It writes a file."""
    return bool(request_of(invocation).saves)


def sends(invocation: Invocation) -> bool:
    """It uses a method that may change something."""
    return request_of(invocation).sends


def mutates(invocation: Invocation) -> bool:
    """It may change something, and is no search that only happens to be a POST."""
    return request_of(invocation).mutates


def deletes(invocation: Invocation) -> bool:
    """It uses DELETE."""
    return "DELETE" in request_of(invocation).methods


def ends_something(invocation: Invocation) -> bool:
    """The last word of its path is one that ends something."""
    return request_of(invocation).ends_something


def search_engine_deletes(invocation: Invocation) -> bool:
    """It deletes indexes, documents or snapshots of a search engine, or closes an index."""
    return request_of(invocation).search_engine_deletes


def search_engine_everything(invocation: Invocation) -> bool:
    """… of every index, or of all that fit a pattern."""
    return request_of(invocation).search_engine_everything


def search_engine_settings(invocation: Invocation) -> bool:
    """It changes settings, mappings, templates or aliases of a search engine."""
    return request_of(invocation).search_engine_settings


def purges(invocation: Invocation) -> bool:
    """It empties a cache, in part or whole."""
    return request_of(invocation).purges


def purges_everything(invocation: Invocation) -> bool:
    """It empties a whole cache."""
    return request_of(invocation).purges_everything


def stops_service(invocation: Invocation) -> bool:
    """It tells a service to stop, restart or drop out."""
    return request_of(invocation).stops_service


def to_pipe_safe(invocation: Invocation) -> bool:
    """Nothing is written to a file here."""
    request = request_of(invocation)
    return request.understood and not request.saves
