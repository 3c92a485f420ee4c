"""Looks: the word and the symbol are always there, colours where there are any."""

from __future__ import annotations

import re
import subprocess
import sys

import pyte
import pytest

from safeshell.guard.effects import Severity
from safeshell.guard.environment import BUILT_IN, PRODUCTION, Environment
from safeshell.terminal.color import ColorDepth
from safeshell.terminal.theme import PLAIN, Style, Theme, badge, paint, style_of, theme_for

EVERY_THEME = [Theme(depth, unicode) for depth in ColorDepth for unicode in (True, False)]


@pytest.mark.parametrize("theme", EVERY_THEME, ids=str)
@pytest.mark.parametrize("environment", BUILT_IN.values(), ids=lambda environment: environment.name)
def test_the_word_and_the_symbol_are_always_there(environment: Environment, theme: Theme) -> None:
    shown = re.sub(r"\x1b\[[\d;]*m", "", badge(environment, theme))

    assert environment.name.upper() in shown
    assert theme.symbol(environment) in shown
    assert "".join(text for _, text in theme.badge_fragments(environment)) == shown


@pytest.mark.parametrize("unicode", [True, False])
def test_every_built_in_environment_has_its_own_symbol(unicode: bool) -> None:
    symbols = [Theme(ColorDepth.NONE, unicode).symbol(environment) for environment in BUILT_IN.values()]

    assert len(set(symbols)) == len(symbols)
    assert unicode or all(symbol.isascii() for symbol in symbols)


def test_an_environment_of_your_own_never_wears_a_built_in_symbol() -> None:
    taken = {Theme(ColorDepth.NONE, True).symbol(environment) for environment in BUILT_IN.values()}

    own = {Theme(ColorDepth.NONE, True).symbol(Environment(f"eu-{number}")) for number in range(100)}

    assert not own & taken
    assert len(own) > 4


def test_without_colors_there_is_no_escape_sequence() -> None:
    for theme in (PLAIN, Theme(ColorDepth.NONE, unicode=True)):
        assert "\x1b" not in badge(PRODUCTION, theme) + paint("text", Style.REFUSED, theme)
        assert theme.badge_fragments(PRODUCTION)[0][0] == ""
        assert theme.fragment("text", Style.REFUSED) == ("", "text")


def test_production_is_red_on_a_screen() -> None:
    screen = pyte.Screen(40, 2)
    pyte.Stream(screen).feed(badge(PRODUCTION, Theme(ColorDepth.TRUE, unicode=True)) + "after")

    first, after = screen.buffer[0][1], screen.buffer[0][16]

    assert (first.data, first.bg, first.fg, first.bold) == ("▲", "c62828", "ffffff", True)
    assert (after.bg, after.fg) == ("default", "default")


def test_what_cannot_be_shown_is_spelled() -> None:
    assert PLAIN.text("“a” → 3 × b … ü") == '"a" -> 3 x b ... \\xfc'
    assert Theme(ColorDepth.NONE, unicode=True).text("a → ü") == "a → ü"


def test_a_hostile_name_or_a_wrong_color_breaks_no_prompt() -> None:
    shown = badge(Environment("pr\x1b[2Jod", color="no colour"), Theme(ColorDepth.SIXTEEN, unicode=True))

    assert "\x1b[2J" not in shown
    assert "\x1b[97;45m" in shown


def test_every_severity_has_a_style_and_the_two_worst_differ() -> None:
    assert len({style_of(severity) for severity in Severity}) == len(Severity)


def test_the_theme_follows_the_terminal() -> None:
    environ = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}

    assert theme_for(environ, is_tty=True) == Theme(ColorDepth.PALETTE, unicode=True)
    assert theme_for(environ, is_tty=True, no_color=True) == Theme(ColorDepth.NONE, unicode=True)
    assert theme_for(environ, is_tty=False, encoding="ascii") == PLAIN


def test_prompt_toolkit_takes_the_fragments() -> None:
    from prompt_toolkit.formatted_text import FormattedText, fragment_list_to_text
    from prompt_toolkit.styles import Style as TheirStyle

    for theme in EVERY_THEME:
        fragments = theme.badge_fragments(PRODUCTION) + [theme.fragment("text", style) for style in Style]
        assert "PRODUCTION" in fragment_list_to_text(FormattedText(fragments))
        for style, _ in fragments:
            TheirStyle.from_dict({"it": style})


def test_nothing_heavy_is_imported_for_looks_or_questions() -> None:
    program = (
        "import sys, safeshell.terminal.asker, safeshell.terminal.title, safeshell.terminal.verdict_text;"
        "heavy = {'prompt_toolkit', 'colorama', 'asyncio', 'termios', 'msgspec'}; print(heavy & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
