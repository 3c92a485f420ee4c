"""What is sent to a service over a bare connection is read where it is plain, and only there."""

from __future__ import annotations

import pytest

from safeshell.shell.checks import admin_socket
from safeshell.shell.invocation import Invocation, invoke
from safeshell.shell.script import Redirect, SimpleCommand
from safeshell.shell.word import UNKNOWN, Word


def command(
    *texts: str, feeds: tuple[SimpleCommand, ...] = (), redirects: tuple[Redirect, ...] = ()
) -> SimpleCommand:
    return SimpleCommand(tuple(map(Word, texts)), feeds=feeds, redirects=redirects)


def fed_by(*texts: str) -> Invocation:
    """`TEXTS | socat stdio haproxy.sock`."""
    return invoke(command("socat", "stdio", "haproxy.sock", feeds=(command(*texts),)))


@pytest.mark.parametrize(
    "sent",
    [
        "disable server web/a",
        "shutdown sessions server web/a",
        "set server web/a state maint",
        "show stat; disable frontend http",
    ],
)
def test_taking_a_server_out_of_haproxy_is_seen(sent: str) -> None:
    assert admin_socket.takes_out(fed_by("echo", sent))
    assert not admin_socket.asks(fed_by("echo", sent))


@pytest.mark.parametrize(
    "sent", ["show stat", "show info;show servers state", "stats", "ruok", "PING", "stats items"]
)
def test_asking_only_is_proven(sent: str) -> None:
    assert admin_socket.asks(fed_by("echo", sent))
    assert not admin_socket.takes_out(fed_by("echo", sent))


def test_several_lines_of_printf_are_read_one_by_one() -> None:
    assert admin_socket.asks(fed_by("printf", r"stats\r\nquit\r\n"))
    assert not admin_socket.asks(fed_by("printf", r"stats\r\nflush_all\r\n"))
    assert admin_socket.flushes(fed_by("printf", r"flush_all\r\nquit\r\n"))


def test_words_that_stop_a_server_are_seen() -> None:
    assert admin_socket.stops(fed_by("echo", "kill"))
    assert admin_socket.stops(fed_by("echo", "SHUTDOWN"))
    assert not admin_socket.stops(fed_by("echo", "ruok"))


def test_a_here_string_is_read() -> None:
    here = invoke(command("nc", "cache", "11211", redirects=(Redirect("<<<", Word("flush_all")),)))
    assert admin_socket.flushes(here)


@pytest.mark.parametrize("feed", [("cat", "commands"), ("echo", UNKNOWN), ("echo", f"show {UNKNOWN}")])
def test_what_is_not_plain_proves_nothing(feed: tuple[str, ...]) -> None:
    assert not admin_socket.asks(fed_by(*feed))


def test_a_connection_that_nothing_is_sent_over_proves_nothing() -> None:
    assert not admin_socket.asks(invoke(command("nc", "db1", "5432")))
