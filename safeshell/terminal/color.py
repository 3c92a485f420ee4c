"""Colours as numbers: names and `#rrggbb`, contrast, and the nearest that a terminal can show.

Arithmetic only: no environment of a target, no output. A background's text is white or black, whichever
is easier to read on the colour that is really shown (the WCAG 2 contrast of one of them is never below 4.5).
"Near" is measured in Oklab, where a green stays a green; in RGB the nearest of many a colour is a grey.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from safeshell.frozen import frozen


class ColorDepth(StrEnum):
    """How many colours a terminal shows. The values are the names of prompt_toolkit's own enumeration."""

    NONE = "DEPTH_1_BIT"
    SIXTEEN = "DEPTH_4_BIT"
    PALETTE = "DEPTH_8_BIT"
    TRUE = "DEPTH_24_BIT"


@frozen
class Rgb:
    """A colour; each part is 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def luminance(self) -> float:
        """Relative luminance, 0 for black to 1 for white (WCAG 2)."""
        red, green, blue = (_linear(part / 255) for part in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @property
    def hex(self) -> str:
        """`#rrggbb`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


WHITE = Rgb(255, 255, 255)
BLACK = Rgb(0, 0, 0)

# What terminals show for SGR 40-47, as xterm defines them; people's own palettes are near.
_BASIC = (
    Rgb(0, 0, 0),
    Rgb(205, 0, 0),
    Rgb(0, 205, 0),
    Rgb(205, 205, 0),
    Rgb(0, 0, 238),
    Rgb(205, 0, 205),
    Rgb(0, 205, 205),
    Rgb(229, 229, 229),
)
_BASIC_NAMES = (
    "ansiblack",
    "ansired",
    "ansigreen",
    "ansiyellow",
    "ansiblue",
    "ansimagenta",
    "ansicyan",
    "ansigray",
)

# A name's exact colour, and which of the eight stands for it where there are no more.
NAMED: Mapping[str, tuple[Rgb, int]] = {
    "red": (Rgb(198, 40, 40), 1),
    "orange": (Rgb(239, 108, 0), 3),
    "yellow": (Rgb(249, 197, 19), 3),
    "green": (Rgb(46, 125, 50), 2),
    "teal": (Rgb(0, 121, 107), 6),
    "cyan": (Rgb(0, 172, 193), 6),
    "blue": (Rgb(21, 101, 192), 4),
    "purple": (Rgb(94, 53, 177), 5),
    "magenta": (Rgb(173, 20, 137), 5),
    "pink": (Rgb(236, 104, 160), 5),
    "brown": (Rgb(135, 75, 25), 3),
    "gray": (Rgb(97, 97, 97), 7),
    "grey": (Rgb(97, 97, 97), 7),
    "white": (Rgb(245, 245, 245), 7),
    "black": (Rgb(16, 16, 16), 0),
}

_CUBE = (0, 95, 135, 175, 215, 255)


def parse_color(text: str) -> tuple[Rgb, int]:
    """The colour that `text` names (`red`, `#c62828`), and the nearest of the eight basic ones (0 to 7).

    Raises:
        ValueError: neither a known name nor `#rrggbb`; the message says what there is.
    """
    word = text.strip().lower()
    if word in NAMED:
        return NAMED[word]
    if not re.fullmatch(r"#[0-9a-f]{6}", word):
        raise ValueError(f"{text!r} is not a colour; write #rrggbb or one of {', '.join(NAMED)}")
    rgb = Rgb(int(word[1:3], 16), int(word[3:5], 16), int(word[5:7], 16))
    return rgb, min(range(8), key=lambda index: _distance(rgb, _BASIC[index]))


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: Rgb) -> Rgb:
    """White or black, whichever is easier to read on `background`."""
    return max(WHITE, BLACK, key=lambda text: contrast(text, background))


def shown_at(rgb: Rgb, basic: int, depth: ColorDepth) -> Rgb:
    """The colour that a terminal of `depth` really shows for `rgb`; `basic` is its stand-in among eight."""
    match depth:
        case ColorDepth.TRUE:
            return rgb
        case ColorDepth.PALETTE:
            return _palette_rgb(palette_index(rgb))
        case _:
            return _BASIC[basic]


@lru_cache(maxsize=64)
def palette_index(rgb: Rgb) -> int:
    """The nearest of the palette's fixed colours, 16 to 255; the first sixteen are the person's to change."""
    return min(range(16, 256), key=lambda index: _distance(rgb, _palette_rgb(index)))


def background_codes(color: str, depth: ColorDepth) -> str:
    """The SGR parameters of `color` as background with readable text on it; empty at depth `NONE`.

    Raises:
        ValueError: `color` is none.
    """
    rgb, basic = parse_color(color)
    dark_text = text_on(shown_at(rgb, basic, depth)) == BLACK
    match depth:
        case ColorDepth.NONE:
            return ""
        case ColorDepth.SIXTEEN:
            return f"{30 if dark_text else 97};{40 + basic}"
        case ColorDepth.PALETTE:
            return f"38;5;{16 if dark_text else 231};48;5;{palette_index(rgb)}"
        case ColorDepth.TRUE:
            text = "0;0;0" if dark_text else "255;255;255"
            return f"38;2;{text};48;2;{rgb.red};{rgb.green};{rgb.blue}"


def background_style(color: str, depth: ColorDepth) -> str:
    """The same as a prompt_toolkit style, `bg:#c62828 fg:#ffffff`; empty at depth `NONE`.

    Raises:
        ValueError: `color` is none.
    """
    if depth is ColorDepth.NONE:
        return ""
    rgb, basic = parse_color(color)
    shown = shown_at(rgb, basic, depth)
    dark_text = text_on(shown) == BLACK
    if depth is ColorDepth.SIXTEEN:
        return f"bg:{_BASIC_NAMES[basic]} fg:{'ansiblack' if dark_text else 'ansiwhite'}"
    return f"bg:{shown.hex} fg:{(BLACK if dark_text else WHITE).hex}"


def _palette_rgb(index: int) -> Rgb:
    if index >= 232:
        return Rgb(*[8 + 10 * (index - 232)] * 3)
    rest = index - 16
    return Rgb(_CUBE[rest // 36], _CUBE[rest // 6 % 6], _CUBE[rest % 6])


def _distance(one: Rgb, other: Rgb) -> float:
    return sum((a - b) ** 2 for a, b in zip(_oklab(one), _oklab(other), strict=True))


def _oklab(rgb: Rgb) -> tuple[float, float, float]:
    """Lightness and two colour axes (Björn Ottosson's Oklab and its published matrices)."""
    red, green, blue = (_linear(part / 255) for part in (rgb.red, rgb.green, rgb.blue))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
