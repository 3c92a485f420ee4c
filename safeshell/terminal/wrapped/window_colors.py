r"""A window's background and tab in the colour of its environment: what to send for that, and to undo it. Pure.

The one idea: the background is only tinted where the terminal has said which one it has, since that shows that it
knows the sequence, and a shade of what is there can be read where what is there could be read. Sources:

- background: xterm's control sequences, OSC 11 (ask, set) and OSC 111 (back to what is configured);
- iTerm2: its "proprietary escape codes", OSC 6 ; 1 ; bg ; … (iterm2.com/documentation-escape-codes.html);
- Windows Terminal 1.15: entry 264 of the colour table is the tab's (github.com/microsoft/terminal/pull/13058);
- kitty: `set-tab-color` of its remote control (sw.kovidgoyal.net/kitty/rc_protocol), heeded where the person's
  kitty.conf allows remote control, and without an answer;
- WezTerm: no sequence for tabs; a user variable that the person's own `format-tab-title` may read
  (wezterm.org/recipes/passing-data.html).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from safeshell.guard.environment import Environment
from safeshell.terminal.capability import has_title
from safeshell.terminal.color import ColorDepth, Rgb, parse_color

_ST: Final = b"\x1b\\"
QUESTION: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""Asks for the background, and then for what every terminal tells about itself: that ends the waiting."""
BACKGROUND_OFF: Final = b"\x1b]111\x1b\\"
_SHARE: Final = 0.22
"""How much of the tint is the environment's colour."""
_BACKGROUND: Final = re.compile(
    rb"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/[0-9a-fA-F]{1,4})?(?:\x07|\x1b\\)"
)
_ATTRIBUTES: Final = re.compile(rb"\x1b\[\?[0-9;]*c")
_USER_VARIABLE: Final = b"safeshell_environment"


class BackgroundAnswer:
    """Takes what a terminal says to `QUESTION` out of what the person types meanwhile."""

    def __init__(self) -> None:
        self.background: Rgb | None = None
        """What it has said; None for nothing."""
        self.typed = b""
        """Everything that is no answer, as it came."""
        self.is_over = False
        """Whether nothing more of an answer is to come."""

    def feed(self, data: bytes) -> None:
        """More of what has come from the terminal, cut anywhere."""
        self.typed += data
        if found := _BACKGROUND.search(self.typed):
            self.background = Rgb(
                *(round(int(part, 16) * 255 / (16 ** len(part) - 1)) for part in found.groups())
            )
            self.typed = self.typed[: found.start()] + self.typed[found.end() :]
        if found := _ATTRIBUTES.search(self.typed):
            self.is_over = True
            self.typed = self.typed[: found.start()] + self.typed[found.end() :]


def may_be_colored(environ: Mapping[str, str], depth: ColorDepth) -> bool:
    """Whether the terminal may be asked for its background, and told another.

    Not in GNU screen, which would tint the window behind all of its own; tmux knows the sequence as its pane's.
    """
    in_screen = "STY" in environ or (environ.get("TERM", "").startswith("screen") and "TMUX" not in environ)
    return depth is not ColorDepth.NONE and has_title(environ, is_tty=True) and not in_screen


def background_on(environment: Environment, background: Rgb) -> bytes:
    """Sets a background that is `background` with a share of the environment's colour.

    Raises:
        ValueError: the environment's colour is none.
    """
    color, _ = parse_color(environment.color)
    mixed = Rgb(
        _mixed(background.red, color.red),
        _mixed(background.green, color.green),
        _mixed(background.blue, color.blue),
    )
    return b"\x1b]11;" + _spelled(mixed) + _ST


def tab_on(environment: Environment, environ: Mapping[str, str]) -> bytes:
    """Gives the tab the environment's colour, on terminals whose way to do that is known; else nothing.

    Raises:
        ValueError: the environment's colour is none.
    """
    color, _ = parse_color(environment.color)
    match _kind(environ):
        case "iTerm2":
            parts = (("red", color.red), ("green", color.green), ("blue", color.blue))
            return b"".join(
                b"\x1b]6;1;bg;%s;brightness;%d\x07" % (name.encode(), value) for name, value in parts
            )
        case "Windows Terminal":
            return b"\x1b]4;264;" + _spelled(color) + _ST
        case "kitty":
            number = color.red << 16 | color.green << 8 | color.blue
            return _kitty_tab(str(number))
        case "WezTerm":
            return _user_variable(environment.name)
        case _:
            return b""


def tab_off(environ: Mapping[str, str]) -> bytes:
    """Gives the tab back the colour that it has by itself."""
    match _kind(environ):
        case "iTerm2":
            return b"\x1b]6;1;bg;*;default\x07"
        case "Windows Terminal":
            return b"\x1b]104;264" + _ST
        case "kitty":
            return _kitty_tab("null")
        case "WezTerm":
            return _user_variable("")
        case _:
            return b""


def _kind(environ: Mapping[str, str]) -> str:
    """Which terminal has the tab; "" for those without a known way, and behind a multiplexer."""
    if "TMUX" in environ or "STY" in environ or environ.get("TERM", "").startswith(("screen", "tmux")):
        return ""
    program = environ.get("TERM_PROGRAM", "")
    # Over ssh only what is sent along is known: LC_TERMINAL is iTerm2's own, TERM is everybody's.
    if program == "iTerm.app" or environ.get("LC_TERMINAL") == "iTerm2":
        return "iTerm2"
    if program == "WezTerm" or environ.get("TERM") == "wezterm":
        return "WezTerm"
    if environ.get("TERM") == "xterm-kitty":
        return "kitty"
    return "Windows Terminal" if "WT_SESSION" in environ else ""


def _kitty_tab(color: str) -> bytes:
    colors = ",".join(f'"{name}":{color}' for name in ("active_bg", "inactive_bg"))
    said = (
        '{"cmd":"set-tab-color","version":[0,14,2],"no_response":true,'
        f'"payload":{{"self":true,"colors":{{{colors}}}}}}}'
    )
    return b"\x1bP@kitty-cmd" + said.encode() + _ST


def _user_variable(value: str) -> bytes:
    return b"\x1b]1337;SetUserVar=%s=%s\x07" % (_USER_VARIABLE, b64encode(value.encode()))


def _mixed(one: int, other: int) -> int:
    return round(one + (other - one) * _SHARE)


def _spelled(color: Rgb) -> bytes:
    return b"rgb:%02x/%02x/%02x" % (color.red, color.green, color.blue)
