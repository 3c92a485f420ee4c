"""How environments, severities and messages look: always a word and a symbol, and colours where possible.

Colour is never the only sign: `▲ PRODUCTION` reads the same on a grey screen. Values in, strings out;
nothing here writes, except `prepare_output`, which readies an old Windows console for escape sequences.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Mapping
from enum import StrEnum

from safeshell.frozen import frozen
from safeshell.guard.effects import Severity
from safeshell.guard.environment import DEVELOPMENT, PRODUCTION, STAGING, UNLABELLED, Environment
from safeshell.guard.text import visible
from safeshell.terminal.capability import color_depth, shows_unicode
from safeshell.terminal.color import ColorDepth, background_codes, background_style

__all__ = [
    "PLAIN",
    "Fragments",
    "Style",
    "Theme",
    "badge",
    "color_depth",
    "paint",
    "prepare_output",
    "style_of",
    "theme_for",
]

Fragments = list[tuple[str, str]]
"""prompt_toolkit's formatted text: (style, text) pairs."""


class Style(StrEnum):
    """What a piece of text is, for its looks."""

    STRONG = "strong"
    QUIET = "quiet"
    REFUSED = "refused"
    WARNING = "warning"
    ADVICE = "advice"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


# Text uses the terminal's own sixteen colours, which the person has chosen to be readable on the background.
# Each style: SGR parameters, and the same for prompt_toolkit.
_STYLES: Mapping[Style, tuple[str, str]] = {
    Style.STRONG: ("1", "bold"),
    Style.QUIET: ("2", "fg:ansibrightblack"),
    Style.REFUSED: ("1;31", "bold fg:ansired"),
    Style.WARNING: ("33", "fg:ansiyellow"),
    Style.ADVICE: ("36", "fg:ansicyan"),
    Style.LOW: ("32", "fg:ansigreen"),
    Style.MEDIUM: ("33", "fg:ansiyellow"),
    Style.HIGH: ("31", "fg:ansired"),
    Style.CRITICAL: ("1;31", "bold fg:ansired"),
}
_OF_SEVERITY = {
    Severity.NONE: Style.QUIET,
    Severity.LOW: Style.LOW,
    Severity.MEDIUM: Style.MEDIUM,
    Severity.HIGH: Style.HIGH,
    Severity.CRITICAL: Style.CRITICAL,
}

# Shapes first: they differ in outline, not only in name. Each with what stands in for it in ASCII.
_SYMBOLS = {
    PRODUCTION.name: ("▲", "!!"),
    STAGING.name: ("♦", "~"),
    DEVELOPMENT.name: ("●", "o"),
    UNLABELLED.name: ("?", "?"),
}
_OWN_SYMBOLS = (
    ("■", "#"),
    ("▼", "v"),
    ("►", ">"),
    ("◄", "<"),
    ("♠", "&"),
    ("♣", "%"),
    ("★", "*"),
    ("○", "@"),
)
_ASCII = {"…": "...", "·": "-", "—": "-", "–": "-", "→": "->", "×": "x", "’": "'", "“": '"', "”": '"'}


@frozen
class Theme:
    """The looks of one output.

    Args:
        depth: how many colours it shows.
        unicode: whether it shows symbols; else ASCII stands in.
    """

    depth: ColorDepth = ColorDepth.NONE
    unicode: bool = False

    def symbol(self, environment: Environment) -> str:
        """The environment's shape; environments of your own get one by their name."""
        own = _OWN_SYMBOLS[zlib.crc32(environment.name.encode("utf-8", "replace")) % len(_OWN_SYMBOLS)]
        shape, plain = _SYMBOLS.get(environment.name, own)
        return shape if self.unicode else plain

    def word(self, environment: Environment) -> str:
        """`PRODUCTION`: the name as it is shouted, safe to show."""
        return self.text(visible(environment.name.upper(), limit=40))

    def badge(self, environment: Environment) -> str:
        """Symbol and word in the environment's colour: ` ▲ PRODUCTION `, as a string for a terminal."""
        codes = background_codes(_color(environment), self.depth)
        label = f"{self.symbol(environment)} {self.word(environment)}"
        return f"\x1b[{self._bold('1;')}{codes}m {label} \x1b[0m" if codes else f"[{label}]"

    def badge_fragments(self, environment: Environment) -> Fragments:
        """The same for prompt_toolkit."""
        style = background_style(_color(environment), self.depth)
        label = f"{self.symbol(environment)} {self.word(environment)}"
        return [(f"{self._bold('bold ')}{style}", f" {label} ")] if style else [("", f"[{label}]")]

    def paint(self, text: str, style: Style) -> str:
        """`text` (safe to show already) in a style, as a string for a terminal."""
        shown = self.text(text)
        return f"\x1b[{_STYLES[style][0]}m{shown}\x1b[0m" if shown and self._colorful else shown

    def fragment(self, text: str, style: Style) -> tuple[str, str]:
        """The same for prompt_toolkit."""
        return (_STYLES[style][1] if self._colorful else "", self.text(text))

    def text(self, text: str) -> str:
        """`text` in characters that the output can show: all of them, or ASCII."""
        if self.unicode or text.isascii():
            return text
        spelled = "".join(_ASCII.get(char, char) for char in text)
        return spelled.encode("ascii", "backslashreplace").decode("ascii")

    def _bold(self, sign: str) -> str:
        # With sixteen colours many terminals show bold black as grey, which can't be read on yellow.
        return "" if self.depth is ColorDepth.SIXTEEN else sign

    @property
    def _colorful(self) -> bool:
        return self.depth is not ColorDepth.NONE


_CONFIGURED = {"16": ColorDepth.SIXTEEN, "256": ColorDepth.PALETTE, "true": ColorDepth.TRUE}

PLAIN = Theme()
"""No colours, ASCII only: for pipes and files."""


def theme_for(
    environ: Mapping[str, str],
    *,
    is_tty: bool,
    no_color: bool = False,
    encoding: str | None = "utf-8",
    colors: str = "auto",
    symbols: str = "auto",
) -> Theme:
    """The theme for one output.

    Args:
        environ: the process's environment variables.
        is_tty: whether the output is a terminal; true for `/dev/tty`, which questions are asked on.
        no_color: the person's `--no-color`.
        encoding: the output stream's.
        colors: what the configuration says: `none`, `16`, `256`, `true`; `auto` believes the terminal. NO_COLOR
            and the option win, and what is no terminal gets none.
        symbols: `unicode`, `ascii`, or `auto` for what the output can show.
    """
    depth = color_depth(environ, is_tty=is_tty, no_color=no_color or colors == "none")
    if depth is not ColorDepth.NONE:
        depth = _CONFIGURED.get(colors, depth)
    unicode = symbols == "unicode" or (symbols == "auto" and shows_unicode(environ, encoding))
    return Theme(depth, unicode=unicode)


def badge(environment: Environment, theme: Theme = PLAIN) -> str:
    """Symbol and word of `environment`, in its colour where `theme` has any."""
    return theme.badge(environment)


def paint(text: str, style: Style, theme: Theme = PLAIN) -> str:
    """`text` (safe to show already) in a style."""
    return theme.paint(text, style)


def style_of(severity: Severity) -> Style:
    """The style that says how bad something is."""
    return _OF_SEVERITY[severity]


def prepare_output() -> None:
    """Make an old Windows console understand escape sequences; nothing elsewhere. May be called again."""
    if sys.platform == "win32":
        import colorama

        colorama.just_fix_windows_console()


def _color(environment: Environment) -> str:
    try:
        background_codes(environment.color, ColorDepth.TRUE)
    except ValueError:
        # The config says what is no colour before it comes here; a prompt must not fail over its looks.
        return UNLABELLED.color
    return environment.color
