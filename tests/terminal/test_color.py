"""Colours: what is read on them, and what stands in for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.color import (
    NAMED,
    ColorDepth,
    Rgb,
    background_codes,
    background_style,
    contrast,
    palette_index,
    parse_color,
    shown_at,
    text_on,
)

COLORS = st.builds(Rgb, *[st.integers(0, 255)] * 3)
SHOWN_DEPTHS = [ColorDepth.SIXTEEN, ColorDepth.PALETTE, ColorDepth.TRUE]


@given(COLORS, st.sampled_from(SHOWN_DEPTHS))
def test_text_on_any_color_is_readable_at_any_depth(rgb: Rgb, depth: ColorDepth) -> None:
    shown = shown_at(*parse_color(rgb.hex), depth)

    assert contrast(text_on(shown), shown) >= 4.5


@pytest.mark.parametrize(
    ("color", "text"), [("red", "97"), ("yellow", "30"), ("green", "30"), ("blue", "97"), ("black", "97")]
)
def test_text_is_white_on_dark_and_black_on_bright(color: str, text: str) -> None:
    assert background_codes(color, ColorDepth.SIXTEEN).partition(";")[0] == text


@pytest.mark.parametrize(
    ("color", "depth", "codes"),
    [
        ("red", ColorDepth.NONE, ""),
        ("red", ColorDepth.SIXTEEN, "97;41"),
        ("red", ColorDepth.PALETTE, "38;5;231;48;5;160"),
        ("red", ColorDepth.TRUE, "38;2;255;255;255;48;2;198;40;40"),
        ("#FFFFFF", ColorDepth.TRUE, "38;2;0;0;0;48;2;255;255;255"),
        ("#00ff00", ColorDepth.PALETTE, "38;5;16;48;5;46"),
        (" Grey ", ColorDepth.SIXTEEN, "30;47"),
    ],
)
def test_a_color_is_said_in_the_terminals_own_codes(color: str, depth: ColorDepth, codes: str) -> None:
    assert background_codes(color, depth) == codes


@pytest.mark.parametrize("name", ["red", "orange", "yellow", "green", "teal", "blue", "purple", "magenta"])
def test_a_named_color_keeps_its_hue_in_the_palette(name: str) -> None:
    rgb, basic = parse_color(name)
    shown = shown_at(rgb, basic, ColorDepth.PALETTE)

    assert max(shown.red, shown.green, shown.blue) - min(shown.red, shown.green, shown.blue) > 80
    assert palette_index(rgb) >= 16


@pytest.mark.parametrize("depth", SHOWN_DEPTHS)
def test_production_staging_development_and_unlabelled_differ_at_every_depth(depth: ColorDepth) -> None:
    assert len({background_codes(name, depth) for name in ("red", "yellow", "green", "magenta")}) == 4


@pytest.mark.parametrize("text", ["", "rouge", "#fff", "#12345g", "12345", "#1234567", "red\x1b[0m"])
def test_what_is_no_color_is_said_with_what_there_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a colour; write #rrggbb or one of red, "):
        parse_color(text)


def test_styles_for_prompt_toolkit_say_the_same() -> None:
    assert background_style("red", ColorDepth.TRUE) == "bg:#c62828 fg:#ffffff"
    assert background_style("yellow", ColorDepth.SIXTEEN) == "bg:ansiyellow fg:ansiblack"
    assert background_style("red", ColorDepth.NONE) == ""


def test_prompt_toolkit_understands_every_style_and_depth() -> None:
    from prompt_toolkit.output.color_depth import ColorDepth as TheirDepth
    from prompt_toolkit.styles import Style as TheirStyle

    for depth in ColorDepth:
        assert TheirDepth(depth.value)
        for name in NAMED:
            TheirStyle.from_dict({"badge": background_style(name, depth)})
