"""What a command and its reply do to a session's state, as values. Against servers: test_session.py."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.reply import Array, Bulk, Error, Integer, Nil, NilKind, Reply, Status
from safeshell.redis.session_state import (
    SessionState,
    after,
    after_message,
    at_node,
    connected_anew,
    lost,
    turns_replies_off,
)

OK, QUEUED = Status(b"OK"), Status(b"QUEUED")
REFUSED = Error(b"ERR no")
START = SessionState(ServerAddress(username="ops", password="old"), "cache", db=2, user="ops")
QUEUING = replace(START, in_multi=True, queued=((b"GET", b"a"),), watching=True)
LISTENING = replace(START, subscribed=1)


def then(start: SessionState, line: str, reply: Reply) -> SessionState:
    return after(start, [word.encode() for word in line.split()], reply)


@pytest.mark.parametrize(
    ("line", "reply", "changed"),
    [
        ("SELECT 5", OK, {"db": 5}),
        ("select 5", OK, {"db": 5}),
        ("SELECT 99", REFUSED, {}),
        ("MULTI", OK, {"in_multi": True}),
        ("WATCH a b", OK, {"watching": True}),
        ("GET a", Bulk(b"SELECT 5"), {}),
        ("AUTH other", REFUSED, {}),
        ("HELLO 3", Array(()), {"protocol": 3}),
        ("HELLO 3", Error(b"NOPROTO unsupported protocol version"), {}),
        ("RESET", Status(b"RESET"), {"db": 0, "user": "default", "protocol": 2}),
        ("QUIT", OK, {"connected": False}),
        ("QUIT", REFUSED, {}),
        ("EXEC", Error(b"ERR EXEC without MULTI"), {}),
        ("DISCARD", Error(b"ERR DISCARD without MULTI"), {}),
    ],
)
def test_a_command_changes_exactly_what_its_reply_confirms(
    line: str, reply: Reply, changed: dict[str, object]
) -> None:
    found = then(START, line, reply)

    expected = replace(START, **changed)  # type: ignore[arg-type] # fields by name
    assert replace(found, address=START.address) == expected


@pytest.mark.parametrize(
    ("line", "reply", "changed"),
    [
        ("SELECT 5", QUEUED, {"queued": ((b"GET", b"a"), (b"SELECT", b"5"))}),
        ("NONSENSE", REFUSED, {}),
        ("MULTI", Error(b"ERR MULTI calls can not be nested"), {}),
        ("EXEC", Array((Bulk(b"1"),)), {"in_multi": False, "queued": (), "watching": False}),
        ("EXEC", Nil(NilKind.ARRAY), {"in_multi": False, "queued": (), "watching": False}),
        ("EXEC", Error(b"EXECABORT discarded"), {"in_multi": False, "queued": (), "watching": False}),
        ("EXEC now", REFUSED, {}),
        ("DISCARD", OK, {"in_multi": False, "queued": (), "watching": False}),
        ("DISCARD now", REFUSED, {}),
    ],
)
def test_in_a_transaction_only_what_the_server_queued_is_queued(
    line: str, reply: Reply, changed: dict[str, object]
) -> None:
    assert then(QUEUING, line, reply) == replace(QUEUING, **changed)  # type: ignore[arg-type] # fields by name


def test_an_empty_line_changes_nothing() -> None:
    assert after(QUEUING, [], OK) is QUEUING


@pytest.mark.parametrize(
    ("line", "user", "password"),
    [("AUTH new", "", "new"), ("AUTH kim new", "kim", "new"), ("HELLO 3 AUTH kim new", "kim", "new")],
)
def test_a_login_by_hand_is_how_the_session_connects_from_then_on(
    line: str, user: str, password: str
) -> None:
    found = then(START, line, OK)

    assert found.user == (user or "default")
    assert (found.address.username, found.address.password) == (user, password)


def test_a_connection_name_that_is_called_auth_is_no_login() -> None:
    found = then(START, "HELLO 3 SETNAME AUTH", Array(()))

    assert (found.user, found.address.password) == ("ops", "old")


def test_after_reset_the_next_connection_logs_in_as_the_session_first_did() -> None:
    reset = then(START, "RESET", Status(b"RESET"))

    assert reset.user == "default"
    assert connected_anew(lost(reset)).user == "ops"


@pytest.mark.parametrize(
    ("before", "queue", "watch"),
    [
        (START, None, False),
        (replace(START, watching=True), None, True),
        (replace(START, in_multi=True), 0, False),
        (QUEUING, 1, True),
    ],
)
def test_a_lost_connection_says_what_went_with_it_until_the_next_answer(
    before: SessionState, queue: int | None, watch: bool
) -> None:
    gone = lost(before)

    assert (gone.connected, gone.in_multi, gone.queued, gone.watching) == (False, False, (), False)
    assert (gone.lost_queue, gone.lost_watch, gone.db) == (queue, watch, 2)
    again = connected_anew(gone)
    assert (again.connected, again.lost_queue, again.lost_watch) == (True, queue, watch)
    answered = then(again, "PING", Status(b"PONG"))
    assert (answered.lost_queue, answered.lost_watch) == (None, False)


def test_quitting_loses_nothing() -> None:
    assert then(QUEUING, "QUIT", OK).lost_queue is None


def test_subscriptions_follow_what_the_server_counts() -> None:
    message = Array((Bulk(b"subscribe"), Bulk(b"news"), Integer(2)))

    assert after_message(LISTENING, message).subscribed == 2
    assert after_message(LISTENING, Array((Bulk(b"message"), Bulk(b"news"), Bulk(b"9")))) == LISTENING
    assert then(LISTENING, "RESET", Status(b"RESET")).subscribed == 0


def test_at_another_node_the_session_stays_who_it_is() -> None:
    node = SessionState(ServerAddress(), "cache", role="primary", run_id="r2", replid="p2")

    found = at_node(QUEUING, ServerAddress("10.0.0.2", 7001, password="not this"), node)

    assert (found.address.place, found.address.username, found.address.password) == (
        "10.0.0.2:7001", "ops", "old",
    )  # fmt: skip
    assert (found.db, found.user, found.run_id, found.in_multi) == (2, "ops", "r2", False)


def test_a_new_connection_speaks_what_the_session_asked_for_by_hello() -> None:
    assert then(START, "HELLO 3", Array(())).address.protocol is Protocol.RESP3


@pytest.mark.parametrize(
    ("line", "silent"),
    [
        ("CLIENT REPLY OFF", True),
        ("client reply skip", True),
        ("KUNDE REPLY OFF", True),
        ("CLIENT REPLY ON", False),
        ("CLIENT REPLY", False),
        ("SET REPLY OFF", False),
    ],
)
def test_what_makes_a_server_silent_is_known_whatever_it_is_called(line: str, silent: bool) -> None:
    assert turns_replies_off([w.encode() for w in line.split()], {"KUNDE": "CLIENT"}) is silent


WORDS = st.sampled_from(
    [b"SELECT", b"MULTI", b"EXEC", b"AUTH", b"HELLO", b"RESET", b"WATCH", b"SUBSCRIBE", b"3"]
)
REPLIES = st.sampled_from([OK, QUEUED, REFUSED, Array(()), Nil(NilKind.ARRAY), Integer(-1), Bulk(b"\xff")])


@given(steps=st.lists(st.tuples(st.lists(WORDS | st.binary(max_size=8), max_size=4), REPLIES), max_size=12))
def test_no_words_and_no_reply_break_the_state(steps: list[tuple[list[bytes], Reply]]) -> None:
    state = START
    for argv, reply in steps:
        state = after(state, argv, reply)
        assert state.db >= 0
        assert state.in_multi or not state.queued
