from __future__ import annotations

from types import MappingProxyType

import pytest

from safeshell.redis.facts import EMPTY, ServerFacts
from safeshell.redis.reply import Error, Status
from safeshell.redis.turning_points import went_astray


@pytest.mark.parametrize("name", [b"SELECT", b"select", b"MULTI", b"AUTH", b"HELLO", b"EXEC", b"RESET"])
def test_what_follows_a_refused_turn_may_not_run(name: bytes) -> None:
    assert went_astray([name, b"99"], Error(b"ERR DB index is out of range"), EMPTY)


def test_an_ordinary_error_ends_nothing() -> None:
    assert went_astray([b"INCR", b"a"], Error(b"ERR value is not an integer"), EMPTY) is None


def test_a_turn_that_was_taken_ends_nothing() -> None:
    assert went_astray([b"SELECT", b"1"], Status(b"OK"), EMPTY) is None


def test_a_renamed_command_turns_like_the_one_that_it_is() -> None:
    facts = ServerFacts(renamed=MappingProxyType({"PICK": "SELECT"}))

    assert went_astray([b"pick", b"99"], Error(b"ERR"), facts)
