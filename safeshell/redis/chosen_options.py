"""What the words after `safeshell redis` choose: where to connect and as whom, what to do there, how to show it.

Values only; how words become them is `options`'.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from safeshell.frozen import frozen
from safeshell.redis.render import OutputFormat


class Action(StrEnum):
    """What is to be done with the connection."""

    COMMANDS = "commands"
    SCAN = "scan"
    BIGKEYS = "bigkeys"
    MEMKEYS = "memkeys"
    HOTKEYS = "hotkeys"
    STAT = "stat"
    LATENCY = "latency"
    LATENCY_HISTORY = "latency-history"
    LATENCY_DIST = "latency-dist"
    INTRINSIC_LATENCY = "intrinsic-latency"
    PIPE = "pipe"
    RDB = "rdb"
    FUNCTIONS_RDB = "functions-rdb"
    EVAL = "eval"
    PRINT_ACL = "print-acl"


@frozen
class ConnectionOptions:
    """Where to connect and as whom, as far as the options say; None is "not said"."""

    host: str | None
    port: int | None
    socket: str | None
    url: str | None
    db: int | None
    user: str | None
    password: str | None
    ask_password: bool
    timeout: float | None
    family: int | None
    tls: bool
    sni: str | None
    cacert: Path | None
    cacertdir: Path | None
    cert: Path | None
    key: Path | None
    insecure: bool
    tls_ciphers: str | None
    tls_ciphersuites: str | None
    protocol: int | None
    name: str | None
    cluster: bool
    sentinels: tuple[str, ...]
    sentinel_master: str | None
    target: str | None

    @property
    def says_where(self) -> bool:
        """Whether a host, socket, URL, Sentinel or target is given by an option."""
        return bool(self.host or self.socket or self.url or self.sentinels or self.target or self.port)


@frozen
class RedisOptions:
    """One `safeshell redis` command line.

    Args:
        connection: where and as whom.
        action: what to do there.
        words: the target (first, perhaps) and the command.
        format: None when output follows standard output's kind.
        delimiter, item_delimiter: of raw output, between replies and between elements.
        repeat: how often a command runs; negative for ever.
        interval: seconds between repetitions, and between samples of --stat and --latency.
        last_from_stdin: standard input is the command's last argument.
        tag_from_stdin: standard input replaces the argument that is this tag.
        quoted_input: the command's words carry redis-cli's quoting.
        errors_apart: error replies go to standard error.
        show_pushes: None when it follows the terminal.
        pattern, count: for --scan and the key statistics.
        samples: of --memkeys.
        file: of --rdb, --functions-rdb and --eval.
        seconds: of --intrinsic-latency and the idle time-out of --pipe.
        yes_i_mean: the target named beforehand, for scripts.
        reason: why, for scripts.
        unlock: whether read-only is left for this command or script.
    """

    connection: ConnectionOptions
    action: Action
    words: tuple[str, ...]
    format: OutputFormat | None
    delimiter: bytes
    item_delimiter: bytes
    repeat: int
    interval: float
    last_from_stdin: bool
    tag_from_stdin: str | None
    quoted_input: bool
    errors_apart: bool
    show_pushes: bool | None
    pattern: str | None
    quoted_pattern: bool
    count: int
    samples: int | None
    file: str | None
    seconds: int
    yes_i_mean: str | None
    reason: str
    unlock: bool
