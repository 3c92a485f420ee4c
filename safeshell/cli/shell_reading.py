"""The shell dialect as this process would use it: its own environment for context, the config's own rules on top."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safeshell.config.settings import Rule, Settings
from safeshell.errors import ConfigInvalid
from safeshell.guard.text import visible
from safeshell.shell.catalog import Catalog, built_in
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect, TouchReader
from safeshell.shell.patterns import mistake_in_command, mistake_in_operands, mistake_in_options

if TYPE_CHECKING:
    from safeshell.config.loading import Loaded
    from safeshell.guard.reading import Reading, Span
    from safeshell.redis.dialect import RedisDialect

_SHELLS = ("bash", "zsh", "fish", "sh")


class LateRedis:
    """The Redis dialect, made when a line first speaks Redis: importing it costs more than most lines."""

    def __init__(self) -> None:
        self._dialect: RedisDialect | None = None

    def read(self, line: str) -> Reading:
        """What one Redis line would do."""
        return self._made().read(line)

    def read_argv(self, argv: Sequence[bytes], *, line: str = "", span: Span | None = None) -> Reading:
        """What one Redis command would do."""
        return self._made().read_argv(argv, line=line, span=span)

    def _made(self) -> RedisDialect:
        if self._dialect is None:
            from safeshell.redis.dialect import RedisDialect

            self._dialect = RedisDialect(now_ms=int(time.time() * 1000))
        return self._dialect


def shell_dialect(settings: Settings, *, touches: TouchReader | None = None) -> ShellDialect:
    """Reads lines as the shell that started this process would run them.

    Args:
        settings: the configuration, for rules of one's own.
        touches: says what a line would change on this machine, for those who measure and keep.

    Raises:
        ConfigInvalid: a rule of the config is no pattern.
        PackInvalid: the built-in packs can't be used.
    """
    own = [plain_rule(rule) for rule in settings.rules]
    catalog = Catalog(own) if own else built_in()
    return ShellDialect(
        process_context(os.environ), catalog=catalog, dialects={"redis": LateRedis()}, touches=touches
    )


def prove_rules(loaded: Loaded) -> None:
    """Hold the config's own rules against their own `hits` and `misses`.

    Raises:
        ConfigInvalid: a rule does not do what it says; the text has all that is wrong.
    """
    dialect = ShellDialect(catalog=Catalog([plain_rule(rule) for rule in loaded.settings.rules]))
    wrong = []
    for at, rule in enumerate(loaded.settings.rules):
        for expected, lines in ((True, rule.hits), (False, rule.misses)):
            for line in lines:
                found = any(finding.rule == rule.id for finding in dialect.read(line).findings)
                if found is not expected:
                    place = loaded.provenance.origin(("rules", at)).place
                    does = "hits" if found else "misses"
                    wrong.append(
                        f"{place}: the rule {visible(rule.id)} {does} {visible(line)!r}, which it should not"
                    )
    if wrong:
        raise ConfigInvalid("\n".join(wrong), todo="docs/packs.md tells how rules are matched.")


def process_context(environ: Mapping[str, str]) -> ShellContext:
    """What a program knows of the shell that started it: its environment and the working directory."""
    try:
        cwd = os.getcwd()  # noqa: PTH109 - the text is wanted
    except OSError:
        cwd = ""
    shell = os.path.basename(environ.get("SHELL", ""))  # noqa: PTH119 - the text is wanted
    return ShellContext(
        shell=shell if shell in _SHELLS else "bash",
        cwd=cwd,
        home=environ.get("HOME", ""),
        variables=environ,
        exported=environ,
        root=hasattr(os, "geteuid") and os.geteuid() == 0,
    )


def plain_rule(rule: Rule) -> dict[str, Any]:
    """A rule of the config in the packs' plain form.

    Raises:
        ConfigInvalid: its patterns can't be used.
    """
    mistake = (
        mistake_in_command(rule.command)
        or mistake_in_options((*rule.options, *rule.without))
        or mistake_in_operands(rule.operands)
    )
    if mistake:
        raise ConfigInvalid(
            f"the rule {visible(rule.id)} can't be used: {mistake}", todo="docs/packs.md tells the form."
        )
    return {
        "id": rule.id,
        "command": rule.command,
        "options": rule.options,
        "without": rule.without,
        "operands": rule.operands,
        "effects": ({"kind": rule.kind.value, "extent": rule.extent.value},),
        "severity": rule.severity.word if rule.severity is not None else "",
        "reason": rule.reason,
        "instead": rule.instead,
    }
