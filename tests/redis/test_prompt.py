"""The prompt says where you are and what is let through, also without any colour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from safeshell.guard.environment import DEVELOPMENT, PRODUCTION, STAGING, Environment
from safeshell.guard.mode import Mode
from safeshell.redis.banner import BannerView, banner_lines
from safeshell.redis.prompt import PromptView, continuation_fragments, prompt_fragments, title_of
from safeshell.terminal.color import ColorDepth
from safeshell.terminal.theme import Fragments, Theme

COLORFUL = Theme(ColorDepth.TRUE, unicode=True)
HERE = PromptView(PRODUCTION, "cache", role="primary", mode=Mode.READ_ONLY)


def text_of(fragments: Fragments) -> str:
    return "".join(text for _, text in fragments)


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (HERE, " ▲ PRODUCTION  cache primary read-only> "),
        (replace(HERE, db=3), " ▲ PRODUCTION  cache[3] primary read-only> "),
        (replace(HERE, in_multi=True, db=3), " ▲ PRODUCTION  cache[3](TX) primary read-only> "),
        (replace(HERE, role="replica"), " ▲ PRODUCTION  cache replica read-only> "),
        (replace(HERE, role=""), " ▲ PRODUCTION  cache read-only> "),
        (replace(HERE, subscribed=True), " ▲ PRODUCTION  cache(subscribed) primary read-only> "),
        (
            replace(HERE, connected=False, db=3, in_multi=True),
            " ▲ PRODUCTION  cache not connected read-only> ",
        ),
        (replace(HERE, node="10.0.0.7:6379"), " ▲ PRODUCTION  cache@10.0.0.7:6379 primary read-only> "),
        (
            replace(HERE, mode=Mode.GUARDED, unlocked_for=timedelta(seconds=551.2)),
            " ▲ PRODUCTION  cache primary unlocked 9m12s> ",
        ),
        (
            PromptView(DEVELOPMENT, "127.0.0.1:6379", role="primary", mode=Mode.OPEN),
            " ● DEVELOPMENT  127.0.0.1:6379 primary open> ",
        ),
    ],
)
def test_a_prompt_says(view: PromptView, text: str) -> None:
    assert text_of(prompt_fragments(view, COLORFUL)) == text


def test_a_time_just_begun_reads_as_it_was_asked_for() -> None:
    view = replace(HERE, unlocked_for=timedelta(minutes=10) - timedelta(milliseconds=3))

    assert "unlocked 10m> " in text_of(prompt_fragments(view, COLORFUL))


@pytest.mark.parametrize("environment", [PRODUCTION, STAGING, DEVELOPMENT])
def test_the_environment_is_its_color_where_there_are_colors(environment: Environment) -> None:
    style, text = prompt_fragments(replace(HERE, environment=environment), COLORFUL)[0]

    assert environment.name.upper() in text
    assert "bg:#" in style


def test_without_colors_and_symbols_the_word_is_there() -> None:
    fragments = prompt_fragments(HERE, Theme())

    assert text_of(fragments) == "[!! PRODUCTION] cache primary read-only> "
    assert all(not style for style, _ in fragments)


def test_every_further_line_of_an_input_carries_the_environment_and_lines_up() -> None:
    width = len(text_of(prompt_fragments(HERE, COLORFUL)))

    text = text_of(continuation_fragments(HERE, COLORFUL, width))

    assert text.startswith(" ▲ PRODUCTION ")
    assert len(text) == width


def test_a_name_full_of_escapes_can_not_steer_the_terminal() -> None:
    view = replace(HERE, target="\x1b]0;x\x07cache", node="\x1b[2J")

    assert "\x1b" not in text_of(prompt_fragments(view, COLORFUL)) + title_of(view, COLORFUL)


def test_the_title_says_the_same() -> None:
    assert title_of(replace(HERE, db=2), COLORFUL) == "▲ PRODUCTION cache[2] - redis"


def test_the_banner_says_what_holds_a_read_only_session_and_how_to_leave_it() -> None:
    view = BannerView(
        PRODUCTION,
        "cache",
        "rediss://ops@cache.prod:6380/0",
        kind="redis",
        version="7.0.15",
        role="primary",
        replicas=2,
        mode=Mode.READ_ONLY,
        enforced_by="the server: user reader",
        journal="Journal: ~/.local/state/safeshell/journal.db",
    )

    lines = banner_lines(view, Theme(unicode=True))

    assert lines == [
        "[▲ PRODUCTION] cache rediss://ops@cache.prod:6380/0 · Redis 7.0.15 · primary · 2 replicas",
        "Mode read-only: only what is proven to read runs; held by the server: user reader.",
        "Leave it with :unlock 10m REASON (at most 30m).",
        "Journal: ~/.local/state/safeshell/journal.db",
        ":help says what this console adds; HELP COMMAND what a command does.",
    ]
