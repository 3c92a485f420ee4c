"""What is said when a console opens: where you are, what may run, what holds it, and how to get further.

Pure; at most six lines.
"""

from __future__ import annotations

from safeshell.frozen import frozen
from safeshell.guard.durations import written
from safeshell.guard.environment import Environment
from safeshell.guard.mode import Mode
from safeshell.guard.text import counted, visible
from safeshell.terminal.theme import Style, Theme

_KINDS = {"redis": "Redis", "valkey": "Valkey"}


@frozen
class BannerView:
    """What a banner says.

    Args:
        environment: of the session.
        target: its name, or `host:port`.
        url: where it leads, without secrets.
        kind, version: of the server.
        role: `primary`, `replica`, …; empty while unknown.
        replicas: how many are connected.
        mode: in force.
        enforced_by: what holds a read-only session, in words: `the server: user reader`; empty for nothing.
        journal: where lines are written, or why they are not; empty to say nothing.
    """

    environment: Environment
    target: str
    url: str
    kind: str = ""
    version: str = ""
    role: str = ""
    replicas: int = 0
    mode: Mode = Mode.GUARDED
    enforced_by: str = ""
    journal: str = ""


def banner_lines(view: BannerView, theme: Theme) -> list[str]:
    """The banner, safe to show."""
    name = _KINDS.get(view.kind.lower(), visible(view.kind, limit=40)) or "server"
    server = f"{name} {visible(view.version, limit=40)}".strip()
    where = visible(view.url, limit=120)
    facts = [server, visible(view.role, limit=40)]
    if view.replicas:
        facts.append(counted(view.replicas, "replica"))
    lines = [
        f"{theme.badge(view.environment)} {theme.paint(visible(view.target, limit=80), Style.STRONG)} "
        + theme.text(" · ".join(fact for fact in (where, *facts) if fact)),
        theme.text(_mode(view)),
    ]
    if view.mode is Mode.READ_ONLY:
        rule = view.environment.unlock
        reason = " REASON" if rule.reason else ""
        lines.append(theme.text(f"Leave it with :unlock 10m{reason} (at most {written(rule.max)})."))
    if view.journal:
        lines.append(theme.paint(view.journal, Style.QUIET))
    lines.append(
        theme.paint(":help says what this console adds; HELP COMMAND what a command does.", Style.QUIET)
    )
    return lines


def _mode(view: BannerView) -> str:
    match view.mode:
        case Mode.READ_ONLY:
            held = f"; held by {visible(view.enforced_by, limit=120)}" if view.enforced_by else ""
            return f"Mode read-only: only what is proven to read runs{held}."
        case Mode.GUARDED:
            return "Mode guarded: what destroys is asked about first."
        case Mode.OPEN:
            return "Mode open: only catastrophes are asked about."
