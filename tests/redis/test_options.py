"""redis-cli's options mean what they mean there; what does not fit is said before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.errors import UsageError
from safeshell.redis.chosen_options import Action, RedisOptions
from safeshell.redis.options import asks_for_help, parse_options, parse_with_place
from safeshell.redis.render import OutputFormat

PLAIN = parse_options([])


def value_of(options: RedisOptions, name: str) -> object:
    return getattr(options.connection if hasattr(options.connection, name) else options, name)


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("-h cache.prod", "host", "cache.prod"),
        ("-p 6380", "port", 6380),
        ("-s /run/s", "socket", "/run/s"),
        ("-u redis://h", "url", "redis://h"),
        ("--url redis://h", "url", "redis://h"),
        ("--target cache", "target", "cache"),
        ("-n 3", "db", 3),
        ("-a x", "password", "x"),
        ("--pass x", "password", "x"),
        ("--user ops", "user", "ops"),
        ("--askpass", "ask_password", True),
        ("-t 2.5", "timeout", 2.5),
        ("-4", "family", 4),
        ("-6", "family", 6),
        ("-2", "protocol", 2),
        ("-3", "protocol", 3),
        ("--name me", "name", "me"),
        ("-c", "cluster", True),
        ("--sentinel a:1 --sentinel b --master m", "sentinels", ("a:1", "b")),
        ("--sentinel a:1 --master m", "sentinel_master", "m"),
        ("--tls", "tls", True),
        ("--sni h", "sni", "h"),
        ("--cacert f", "cacert", Path("f")),
        ("--cacertdir f", "cacertdir", Path("f")),
        ("--cert f", "cert", Path("f")),
        ("--key f", "key", Path("f")),
        ("--insecure", "insecure", True),
        ("--tls-ciphers c", "tls_ciphers", "c"),
        ("--tls-ciphersuites c", "tls_ciphersuites", "c"),
        ("--raw", "format", OutputFormat.RAW),
        ("--no-raw", "format", OutputFormat.HUMAN),
        ("--csv", "format", OutputFormat.CSV),
        ("--json", "format", OutputFormat.JSON),
        ("--quoted-json", "format", OutputFormat.QUOTED_JSON),
        ("-d ,", "item_delimiter", b","),
        ("-d \\t", "item_delimiter", b"\t"),
        ("-D \\0", "delimiter", b"\0"),
        ("-D \\\\", "delimiter", b"\\"),
        ("-r 5", "repeat", 5),
        ("-r -1", "repeat", -1),
        ("-i 0.5", "interval", 0.5),
        ("-x", "last_from_stdin", True),
        ("-X TAG", "tag_from_stdin", "TAG"),
        ("--quoted-input", "quoted_input", True),
        ("-e", "errors_apart", True),
        ("--show-pushes yes", "show_pushes", True),
        ("--show-pushes n", "show_pushes", False),
        ("--pattern a*", "pattern", "a*"),
        ("--quoted-pattern a*", "quoted_pattern", True),
        ("--quoted-pattern a*", "pattern", "a*"),
        ("--count 100", "count", 100),
        ("--memkeys-samples 0", "samples", 0),
        ("--rdb f", "file", "f"),
        ("--functions-rdb f", "file", "f"),
        ("--eval f", "file", "f"),
        ("--intrinsic-latency 9", "seconds", 9),
        ("--pipe --pipe-timeout 9", "seconds", 9),
        ("--yes-i-mean cache", "yes_i_mean", "cache"),
        ("--reason OPS-1", "reason", "OPS-1"),
        ("--unlock", "unlock", True),
    ],
)
def test_every_option_says_what_it_says(typed: str, name: str, value: object) -> None:
    assert value_of(parse_options(typed.split()), name) == value
    assert value_of(PLAIN, name) != value


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("", Action.COMMANDS),
        *((f"--{action}", action) for action in Action if action.value in (
            "scan", "bigkeys", "memkeys", "hotkeys", "stat", "latency", "latency-history", "latency-dist",
            "pipe", "print-acl",
        )),
        ("--memkeys-samples 5", Action.MEMKEYS),
        ("--rdb f", Action.RDB),
        ("--functions-rdb f", Action.FUNCTIONS_RDB),
        ("--eval f", Action.EVAL),
        ("--intrinsic-latency 1", Action.INTRINSIC_LATENCY),
    ],
)  # fmt: skip
def test_what_is_done_instead_of_commands_is_an_option(typed: str, action: Action) -> None:
    assert parse_options(typed.split()).action is action


@pytest.mark.parametrize(
    "typed",
    [
        "-p 0", "-p 65536", "-p x", "-p ²", "-p", "-n -1", "-n x", "-n ²", "-n 1.0", "-t x", "-t nan", "-t inf",
        "-i x", "-r x", "-r", "--show-pushes maybe", "--count x", "--pipe-timeout x", "--intrinsic-latency x",
        "--nonsense", "--bigkey", "--scan --bigkeys", "--pipe --rdb f", "-x -X TAG", "--sentinel a:1", "--master m",
        "-s /run/s -h host", "-s /run/s -c", "--cluster info", "--ldb", "--replica", "--lru-test 9",
        "-h cache --cluster", "--rawr",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_usage_error(typed: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_options(typed.split())

    assert raised.value.status == 2


@pytest.mark.parametrize("typed", ["-r -1 PING", "-r -2 PING", "-r -5 PING", "-h a -r -1 PING"])
def test_a_negative_count_repeats_for_ever(typed: str) -> None:
    options = parse_options(typed.split())

    assert options.repeat < 0
    assert options.words == ("PING",)


@pytest.mark.parametrize(
    "command",
    [
        ["SET", "a", "-h", "b"],
        ["RPUSH", "list", "-r", "-1"],
        ["RPUSH", "list", "-i", "-5", "-r", "-1"],
        ["ECHO", "--help"],
        ["SET", "a", "--", "-x"],
        ["SET", "a", ""],
        ["cache", "SET", "a", "--scan"],
    ],
)
def test_from_the_first_word_on_the_command_is_sent_as_typed(command: list[str]) -> None:
    assert parse_options(command).words == tuple(command)
    assert parse_options(["-n", "1", "-r", "-1", *command]).words == tuple(command)


@given(
    command=st.lists(
        st.sampled_from(["-r", "-1", "-h", "--scan", "--", "-x", "a", "", "-i", "-5"]), max_size=6
    )
)
def test_whatever_stands_behind_the_command_is_left_alone(command: list[str]) -> None:
    options = parse_options(["-r", "-1", "RPUSH", *command])

    assert options.words == ("RPUSH", *command)
    assert options.action is Action.COMMANDS


def test_after_two_dashes_a_word_is_no_option() -> None:
    assert parse_options(["-n", "1", "--", "-odd", "x"]).words == ("-odd", "x")


@pytest.mark.parametrize("words", [["-h"], ["--help"]])
def test_asking_for_help_alone_is_answered(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert asks_for_help(words)
    with pytest.raises(SystemExit) as raised:
        parse_options(words)

    assert raised.value.code == 0
    assert "--yes-i-mean" in capsys.readouterr().out


def test_h_with_a_word_behind_it_is_a_host() -> None:
    assert not asks_for_help(["-h", "cache"])


@pytest.mark.parametrize(
    ("typed", "words", "action"),
    [
        ("cache --scan", ("cache",), Action.SCAN),
        ("redis://h --bigkeys", ("redis://h",), Action.BIGKEYS),
        ("-n 1 cache --csv GET --scan", ("cache", "GET", "--scan"), Action.COMMANDS),
        ("cache GET --scan", ("cache", "GET", "--scan"), Action.COMMANDS),
        ("other --scan", ("other", "--scan"), Action.COMMANDS),
        ("-h host cache --scan", ("cache", "--scan"), Action.COMMANDS),
        ("cache - x", ("cache", "-", "x"), Action.COMMANDS),
        ("cache RPUSH l -r -1", ("cache", "RPUSH", "l", "-r", "-1"), Action.COMMANDS),
        ("cache -r -1 RPUSH l -r -1", ("cache", "RPUSH", "l", "-r", "-1"), Action.COMMANDS),
        ("-r -1 cache -i 2 PING", ("cache", "PING"), Action.COMMANDS),
        ("cache -- --scan", ("cache", "--scan"), Action.COMMANDS),
        ("-n 1 -- cache --scan", ("cache", "--scan"), Action.COMMANDS),
    ],
)
def test_options_may_follow_a_place_but_never_a_command(
    typed: str, words: tuple[str, ...], action: Action
) -> None:
    options = parse_with_place(typed.split(), {"cache"})

    assert (options.words, options.action) == (words, action)


def test_a_place_counts_as_said_by_host_port_socket_url_sentinel_or_target() -> None:
    for typed in ("-h a", "-p 1", "-s s", "-u redis://h", "--sentinel a --master m", "--target t"):
        assert parse_options(typed.split()).connection.says_where
    assert not parse_options(["-n", "3", "--user", "x", "--tls"]).connection.says_where
