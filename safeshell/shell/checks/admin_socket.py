"""Words sent to a service over a bare connection: `echo 'show stat' | socat stdio haproxy.sock`.

Only what is plain from the line is looked at: echo, printf, a here-document, a here-string. Facts: HAProxy's
management guide (Runtime API), memcached's protocol.txt, ZooKeeper's four letter words, redis.io/commands,
Tomcat's shutdown port.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation
from safeshell.shell.script import SimpleCommand

_TAKES_OUT: Final = lazy_pattern(
    r"(?:^|[;\s])(?:disable|shutdown\s+(?:frontend|session)|set\s+(?:server|weight|maxconn|rate-limit|map"
    r"|table"
    r"|ssl|timeout)|clear\s+(?:map|acl|table|counters)|del\s+(?:map|acl|server|ssl)|add\s+(?:map|acl|server)"
    r"|enable\s+(?:server|frontend|agent|health)|reload|expert-mode)",
    re.I,
)
_FLUSHES: Final = lazy_pattern(r"(?:^|\s)(?:flush_all|FLUSHALL|FLUSHDB)\b", re.I)
_STOPS: Final = lazy_pattern(
    r"^\s*(?:kill|shutdown|stop|quit!|exit!|die|SHUTDOWN(?:\s+\w+)?|DEBUG\s+(?:SEGFAULT|SLEEP)\b.*|crst"
    r"|srst)\s*$",
    re.I | re.M,
)
_ASKS: Final = lazy_pattern(
    r"\s*(?:show\s+(?!sess\s+\*)[\w ./*#-]+|help|prompt|stats(?:\s+(?!reset)[a-z]+)?|version|ruok|srvr|stat|mntr"
    r"|conf|cons"
    r"|envi|dump|isro|wchs|wchc|wchp|PING|INFO(?:\s+\w+)?|DBSIZE|ROLE|get\s+\S+|gets\s+\S+|quit|exit)?\s*",
    re.I,
)  # fmt: skip
_GETS: Final = lazy_pattern(
    r"\s*(?:GET|HEAD|OPTIONS) \S+(?: HTTP/[\d.]+)?\s*(?:\n[A-Za-z][A-Za-z-]*:[^\n]*|\s)*"
)
_DELETES: Final = lazy_pattern(r"^\s*DELETE /\S*", re.M)
_ESCAPES: Final = lazy_pattern(r"\\[rnt]")


def takes_out(invocation: Invocation) -> bool:
    """What is sent takes servers or sessions out of HAProxy, or changes it while it runs."""
    return _TAKES_OUT.search(_sent(invocation)) is not None


def flushes(invocation: Invocation) -> bool:
    """What is sent empties memcached or Redis."""
    return _FLUSHES.search(_sent(invocation)) is not None


def deletes_over_http(invocation: Invocation) -> bool:
    """What is sent is an HTTP request that deletes something."""
    return _DELETES.search(_sent(invocation)) is not None


def stops(invocation: Invocation) -> bool:
    """What is sent stops the server: ZooKeeper's `kill`, Tomcat's `SHUTDOWN`."""
    return _STOPS.search(_sent(invocation)) is not None


def asks(invocation: Invocation) -> bool:
    """All that is sent is known, and only asks."""
    if not invocation.command.feeds and not invocation.command.redirects:
        return False
    words = _feeding(invocation.command)
    if words is None:
        return False
    if _GETS.fullmatch(words):
        return True
    return all(_ASKS.fullmatch(part) is not None for part in re.split(r"[;\n]", words)) and bool(
        words.strip()
    )


def _sent(invocation: Invocation) -> str:
    """What is plainly sent; "" where that is not known."""
    return _feeding(invocation.command) or ""


def _feeding(command: SimpleCommand) -> str | None:
    """The text that comes in, None when not all of it is plain."""
    for redirect in command.redirects:
        if redirect.operator in ("<<", "<<-", "<<<"):
            return redirect.target.text if redirect.target.known else None
    said = [_said_by(feed) for feed in command.feeds if not _only_waits(feed)]
    return None if not said or None in said else "\n".join(text for text in said if text is not None)


def _only_waits(feed: SimpleCommand) -> bool:
    """`sleep` in `(echo stats; sleep 1) | nc HOST PORT`: it keeps the connection open."""
    return bool(feed.words) and feed.words[0].text == "sleep" and not feed.redirects


def _said_by(feed: SimpleCommand) -> str | None:
    """What the command prints, None when that is not plain."""
    if not feed.words or any(not word.known for word in feed.words):
        return None
    name = feed.words[0].text.rpartition("/")[2]
    if name not in ("echo", "printf") or feed.redirects:
        return None
    texts = [word.text for word in feed.words[1:] if word.text not in ("-n", "-e", "-ne", "-en", "--")]
    return _ESCAPES.sub(lambda match: "\n" if match[0] != "\\t" else " ", " ".join(texts))
