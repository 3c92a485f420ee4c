"""No password reaches history, journal or screen, however it is typed; nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.redis.dialect import RedisDialect
from safeshell.redis.facts import ServerFacts
from safeshell.redis.redact import redact_argv, redact_line

SECRET_LINES = [
    ("AUTH hunter2", "AUTH ***"),
    ("auth hunter2", "auth ***"),
    ('"auth" hunter2', '"auth" ***'),
    ('"\\x61uth" hunter2', '"\\x61uth" ***'),
    ("AUTH bob hunter2", "AUTH bob ***"),
    ("AUTH bob 'hunter2'", "AUTH bob ***"),
    ("AUTH bob hunter2 hunter2", "AUTH *** *** ***"),
    ("2 AUTH hunter2", "2 AUTH ***"),
    ("0 AUTH hunter2", "0 AUTH ***"),
    ('AUTH "hunter2', "AUTH ***"),
    ("  AUTH   hunter2  ", "  AUTH   ***  "),
    ("HELLO 3 AUTH bob hunter2", "HELLO 3 AUTH bob ***"),
    ("HELLO 3 SETNAME x AUTH bob hunter2", "HELLO 3 SETNAME x AUTH bob ***"),
    ("HELLO 3 AUTH hunter2", "HELLO 3 AUTH ***"),
    ("ACL SETUSER bob on >hunter2 ~*", "ACL SETUSER bob on *** ~*"),
    ("ACL SETUSER bob <hunter2", "ACL SETUSER bob ***"),
    ("ACL SETUSER bob #hunter2", "ACL SETUSER bob ***"),
    ("acl setuser bob '>hunter2'", "acl setuser bob ***"),
    ("CONFIG SET requirepass hunter2", "CONFIG SET requirepass ***"),
    ("CONFIG SET maxmemory 1 RequirePass hunter2", "CONFIG SET maxmemory 1 RequirePass ***"),
    ("CONFIG SET masterauth hunter2", "CONFIG SET masterauth ***"),
    ("CONFIG SET masteruser hunter2", "CONFIG SET masteruser ***"),
    ("CONFIG SET primaryauth hunter2", "CONFIG SET primaryauth ***"),
    ("CONFIG SET tls-key-file-pass hunter2", "CONFIG SET tls-key-file-pass ***"),
    ("MIGRATE h 6379 k 0 100 AUTH hunter2", "MIGRATE h 6379 k 0 100 AUTH ***"),
    ("MIGRATE h 6379 k 0 100 AUTH2 bob hunter2 KEYS a", "MIGRATE h 6379 k 0 100 AUTH2 bob *** KEYS a"),
    ("SENTINEL SET m auth-pass hunter2", "SENTINEL SET m auth-pass ***"),
    ("SENTINEL SET m quorum 2 auth-pass hunter2", "SENTINEL SET m quorum 2 auth-pass ***"),
    ("SENTINEL CONFIG SET sentinel-pass hunter2", "SENTINEL CONFIG SET sentinel-pass ***"),
    ("MODULE LOADEX x.so CONFIG x.token hunter2", "MODULE LOADEX x.so CONFIG x.token ***"),
    ("SET url redis://bob:hunter2@h:1", "SET url redis://bob:***@h:1"),
    ("GET a\nAUTH hunter2\nGET b", "GET a\nAUTH ***\nGET b"),
    ('ACL SETUSER bob "\n>hunter2"\nAUTH hunter2', None),
]

HARMLESS_LINES = [
    "GET auth", "SET auth x", "SET k 'AUTH hunter2'", "ACL GETUSER bob", "ACL WHOAMI", "CONFIG GET requirepass",
    "CONFIG SET maxmemory 1", "HELLO 3", "MIGRATE AUTH 6379 AUTH 0 100", "SENTINEL MASTERS", 'GET "a', "", "PING",
    "SET site http://example.com:80/a",
]  # fmt: skip


@pytest.mark.parametrize(("line", "shown"), SECRET_LINES, ids=[line for line, _ in SECRET_LINES])
def test_a_secret_is_replaced(line: str, shown: str | None) -> None:
    redacted = redact_line(line)
    assert "hunter2" not in redacted
    if shown is not None:
        assert redacted == shown


@pytest.mark.parametrize(("line", "shown"), SECRET_LINES, ids=[line for line, _ in SECRET_LINES])
def test_a_reading_carries_no_secret_but_its_line(line: str, shown: str | None) -> None:
    readings = [RedisDialect().read(line)]
    if (
        shown is not None
    ):  # a secret whose quotes reach over a line end is nobody's when lines are read one by one
        readings.append(RedisDialect().read_batch(line.split("\n")))
    for reading in readings:
        assert reading.redacted == redact_line(line)
        told = [
            reading.redacted,
            *(f"{f.reason} {f.instead}" for f in reading.findings),
            *(e.object for e in reading.effects),
        ]
        assert "hunter2" not in " ".join(told)


@pytest.mark.parametrize("line", HARMLESS_LINES)
def test_a_line_without_a_secret_is_the_very_same(line: str) -> None:
    assert redact_line(line) == line


def test_a_renamed_command_is_seen_through() -> None:
    renamed = {"LOGIN_9F": "AUTH"}
    assert redact_line("login_9f hunter2", renamed=renamed) == "login_9f ***"
    facts = ServerFacts(renamed=renamed)
    assert RedisDialect(facts).read("login_9f hunter2").redacted == "login_9f ***"


def test_words_of_a_command_line_are_redacted_too() -> None:
    assert redact_argv([b"CONFIG", b"SET", b"requirepass", b"hunter2"])[3] == b"***"
    assert RedisDialect().read_argv([b"AUTH", b"bob", b"hunter2"]).redacted == "AUTH bob ***"


@given(
    st.text(), st.sampled_from(["AUTH", "ACL SETUSER x", "CONFIG SET requirepass", "GET", "HELLO 3 AUTH a"])
)
def test_redacting_never_fails(rest: str, start: str) -> None:
    assert isinstance(redact_line(f"{start} {rest}"), str)


@given(st.lists(st.binary()))
def test_redacting_keeps_the_number_of_words(words: list[bytes]) -> None:
    assert len(redact_argv(words)) == len(words)
