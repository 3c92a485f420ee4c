"""What becomes of a transaction, step by step and without a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from safeshell.redis.address import ServerAddress
from safeshell.redis.reply import Array, Error, Reply, Status
from safeshell.redis.session_state import SessionState, after, lost

OK = Status(b"OK")
QUEUED = Status(b"QUEUED")


def state(**parts: object) -> SessionState:
    return replace(SessionState(ServerAddress(), "cache"), **parts)  # type: ignore[arg-type] # fields by name


def stepped(start: SessionState, *steps: tuple[str, Reply]) -> SessionState:
    for line, reply in steps:
        start = after(start, [word.encode() for word in line.split()], reply)
    return start


@pytest.mark.parametrize(
    "error", [b"EXECABORT Transaction discarded", b"MOVED 1 h:1", b"ASK 1 h:1", b"TRYAGAIN x", b"CROSSSLOT x"]
)
def test_an_exec_that_the_server_threw_away_ends_the_transaction(error: bytes) -> None:
    end = stepped(state(), ("MULTI", OK), ("SELECT 3", QUEUED), ("EXEC", Error(error)))
    assert (end.in_multi, end.queued, end.db) == (False, (), 0)


def test_what_was_queued_counts_only_when_it_ran() -> None:
    queue: Sequence[tuple[str, Reply]] = (("MULTI", OK), ("SELECT 3", QUEUED), ("SELECT 99", QUEUED))
    assert stepped(state(), *queue).db == 0
    assert stepped(state(), *queue, ("EXEC", Array((OK, Error(b"ERR DB index is out of range"))))).db == 3
    assert stepped(state(), *queue, ("DISCARD", OK)).db == 0


def test_swapdb_leaves_the_number_that_is_selected() -> None:
    assert stepped(state(db=3), ("SWAPDB 3 4", OK)).db == 3


def test_losing_the_connection_twice_keeps_what_was_lost_first() -> None:
    queued = stepped(state(), ("WATCH k", OK), ("MULTI", OK), ("SET k v", QUEUED))
    once = lost(queued)
    assert (once.lost_queue, once.lost_watch) == (1, True)
    assert lost(once) == once
