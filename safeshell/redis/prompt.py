"""The prompt: where you are and what is let through, on every line, as coloured fragments.

Pure: a view of the session in, (style, text) pairs out. The environment is a word and a shape before it is a
colour, and the lines that a long or pasted input takes carry it too.
"""

from __future__ import annotations

from datetime import timedelta

from safeshell.frozen import frozen
from safeshell.guard.durations import written
from safeshell.guard.environment import Environment
from safeshell.guard.mode import Mode
from safeshell.guard.text import visible
from safeshell.terminal.theme import Fragments, Style, Theme

_MAX_TARGET = 48


@frozen
class PromptView:
    """What a prompt says.

    Args:
        environment: of the session.
        target: its name, or `host:port`.
        node: the server now talked to, where that is not the target's own (a cluster's redirection); else empty.
        db: shown as `[3]` unless it is 0, as redis-cli does.
        role: `primary`, `replica`, …; empty while unknown.
        mode: in force now.
        unlocked_for: what is left of an unlocked time; None while locked.
        in_multi: commands are being queued.
        subscribed: messages are awaited.
        connected: whether there is a connection.
    """

    environment: Environment
    target: str
    node: str = ""
    db: int = 0
    role: str = ""
    mode: Mode = Mode.GUARDED
    unlocked_for: timedelta | None = None
    in_multi: bool = False
    subscribed: bool = False
    connected: bool = True


def prompt_fragments(view: PromptView, theme: Theme) -> Fragments:
    """` ▲ PRODUCTION  cache-prod[3](TX) primary read-only> `."""
    parts = [*theme.badge_fragments(view.environment), ("", " ")]
    parts.append(theme.fragment(visible(view.target, limit=_MAX_TARGET), Style.STRONG))
    if view.node:
        parts.append(theme.fragment(f"@{visible(view.node, limit=_MAX_TARGET)}", Style.QUIET))
    if not view.connected:
        parts += [("", " "), theme.fragment("not connected", Style.WARNING)]
    else:
        parts.append(("", _redis_state(view)))
        if view.role:
            parts += [("", " "), theme.fragment(view.role, Style.QUIET)]
    parts += [("", " "), _mode(view, theme), ("", "> ")]
    return parts


def continuation_fragments(view: PromptView, theme: Theme, width: int) -> Fragments:
    """What stands before the further lines of one input: the environment, and dots up to `width`."""
    badge = theme.badge_fragments(view.environment)
    used = sum(len(text) for _, text in badge)
    return [
        *badge,
        theme.fragment(" " * max(0, width - used - 2) + "… "[-max(0, width - used) :], Style.QUIET),
    ]


def title_of(view: PromptView, theme: Theme) -> str:
    """The window's title."""
    mark = f"{theme.symbol(view.environment)} {theme.word(view.environment)}"
    db = f"[{view.db}]" if view.db else ""
    return f"{mark} {visible(view.target, limit=_MAX_TARGET)}{db} - redis"


def _redis_state(view: PromptView) -> str:
    db = f"[{view.db}]" if view.db else ""
    return f"{db}{'(TX)' if view.in_multi else ''}{'(subscribed)' if view.subscribed else ''}"


def _mode(view: PromptView, theme: Theme) -> tuple[str, str]:
    if view.unlocked_for is not None:
        # Rounded up, so that a time just begun reads as it was asked for, and 0s is over.
        left = timedelta(seconds=-(-view.unlocked_for // timedelta(seconds=1)))
        return theme.fragment(f"unlocked {written(left)}", Style.WARNING)
    return theme.fragment(view.mode.value, Style.QUIET)
