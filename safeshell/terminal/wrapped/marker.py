"""What a guarded shell's prompt and title show: where one is, what may run, whether the guard stands there. Pure."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from enum import StrEnum
from typing import Final

from safeshell.guard.durations import written
from safeshell.guard.environment import Environment
from safeshell.guard.mode import Mode
from safeshell.guard.text import visible
from safeshell.terminal.theme import Style, Theme


class Badge(StrEnum):
    """Whether lines are read before they run."""

    GUARDED = "GUARDED"
    """The shell itself asks."""
    WATCHED = "WATCHED"
    """Lines are read from the screen."""
    UNGUARDED = "UNGUARDED"
    """They are not read."""


_TITLE: Final = "\x1b]0;"
_END: Final = "\x07"
_ESCAPE: Final = re.compile(r"\x1b\[[0-9;]*m|\x1b\]0;[^\x07]*\x07")


BETWEEN: Final = "\x1f"
"""Stands between what goes before the shell's own prompt and what goes behind it."""


def prompt_signs(front: str, title: str, shell: str) -> str:
    """What the shell's hook is told at a prompt.

    Args:
        front: stands in front of the shell's own prompt; may hold colours.
        title: the window's, set behind the prompt, since a prompt may set one of its own.
        shell: its kind: each has signs that it takes as its own, and wants to know what takes no room.
    """
    if shell == "fish":
        return f"{front}{BETWEEN}{title}"
    return f"{_for_prompt(front, shell)}{BETWEEN}{_for_prompt(f'{_TITLE}{title}{_END}', shell)}"


def front_sign(
    theme: Theme, environment: Environment, mode: Mode, *, unlocked_for: timedelta | None, badge: Badge
) -> str:
    """Where one is, what may run, and whether lines are read; with colours.

    Args:
        theme: the terminal's looks.
        environment: the session's.
        mode: the one in force now.
        unlocked_for: how long read-only stays left; None when it is not.
        badge: whether lines are read.
    """
    said = _mode_words(mode, unlocked_for)
    style = Style.WARNING if badge is Badge.UNGUARDED else Style.QUIET
    return f"{theme.badge(environment)} {theme.paint(f'{said} {badge.value}', style)}"


def window_title(
    theme: Theme,
    environment: Environment,
    target: str,
    mode: Mode,
    badge: Badge,
    *,
    unlocked_for: timedelta | None = None,
) -> str:
    """The window's title: the same as in front of the prompt, and what the session acts on."""
    sign = theme.symbol(environment)
    place = visible(target, limit=60)
    return f"{sign} {theme.word(environment)} {place} · {_mode_words(mode, unlocked_for)} · {badge.value}"


def _mode_words(mode: Mode, unlocked_for: timedelta | None) -> str:
    if unlocked_for is None:
        return mode.value
    # Minutes that have begun, so that a prompt does not differ from the last for nothing; seconds towards the end.
    left = timedelta(seconds=int(unlocked_for.total_seconds()))
    if left > timedelta(minutes=2):
        left = timedelta(minutes=math.ceil(left.total_seconds() / 60))
    return f"unlocked {written(max(left, timedelta(seconds=1)))}"


def _for_prompt(text: str, shell: str) -> str:
    """`text` so that the shell shows it as it is and knows how wide it is."""
    if shell == "zsh":
        # zshmisc(1), PROMPT EXPANSION.
        plain = re.sub(r"[\\`$!]", "_", text).replace("%", "%%")
        return _ESCAPE.sub(lambda found: f"%{{{found[0]}%}}", plain)
    # bash(1), PROMPTING: \[ … \] take no room; a backslash, a dollar and a backtick have meanings.
    plain = re.sub(r"[\\`$]", "_", text)
    return _ESCAPE.sub(lambda found: f"\\[{found[0]}\\]", plain)
