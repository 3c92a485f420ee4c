"""What `check` and `explain` share: where a line would run, and the judge of it. Runs and asks nothing."""

from __future__ import annotations

import argparse
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.config.addressed import environment_addressed
from safeshell.config.kube_context import current_context
from safeshell.config.loading import load
from safeshell.config.matching import Match, find_environ, find_local, find_target, strictest_match
from safeshell.errors import ExitStatus, UsageError
from safeshell.frozen import frozen
from safeshell.guard.environment import UNLABELLED, Environment, strictest
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Dialect, Reading
from safeshell.guard.verdict import Verdict, VerdictKind

if TYPE_CHECKING:
    from safeshell.config.loading import Loaded
    from safeshell.config.settings import Settings

EXIT_OF = {
    VerdictKind.ALLOW: ExitStatus.DONE,
    VerdictKind.CONFIRM: ExitStatus.CONFIRM,
    VerdictKind.REVIEW: ExitStatus.REVIEW,
    VerdictKind.DENY: ExitStatus.DENY,
}

DIALECTS = ("shell", "redis")


def load_config(arguments: argparse.Namespace) -> Loaded:
    """The configuration that the global options name.

    Raises:
        ConfigInvalid: it does not validate.
    """
    return load(config_file=arguments.config, environ=os.environ, cwd=Path.cwd())


def environment_named(settings: Settings, name: str) -> Environment:
    """The environment `name`.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in settings.environments:
        raise UsageError(
            f"there is no environment {name!r}",
            todo=f"There are {', '.join(sorted(settings.environments))}.",
        )
    return settings.environments[name]


@frozen
class LineJudge:
    """Judges lines as a session at one place would.

    Args:
        dialect: reads them.
        environment, target, mode: the place; a line that addresses a stricter one is judged as there.
        settings: what addresses mean.
    """

    dialect: Dialect
    environment: Environment
    target: str
    mode: Mode
    settings: Settings

    def judge(self, line: str) -> Verdict:
        """What would be said of `line`."""
        reading = self.dialect.read(line)
        if reading.loads:
            from safeshell.shell.preflight.files import checked

            reading = checked(reading)
        environment, target = place_addressed(self.settings, reading, self.environment, self.target)
        mode = self.mode
        if environment is not self.environment:
            mode = max(mode, environment.mode, key=lambda one: one.strictness)
        return judge(reading, Circumstances(environment, mode, target, datetime.now(UTC)))


def place_addressed(
    settings: Settings, reading: Reading, environment: Environment, target: str
) -> tuple[Environment, str]:
    """Where a line acts that was typed at `target`: there, or at what it addresses if that is stricter."""
    addressed = environment_addressed(settings, reading.addresses, kube_context=current_context)
    if addressed and addressed.environment.strictness > environment.strictness:
        return addressed.environment, addressed.name or target
    return environment, target


def place_here(settings: Settings, named: Environment | None) -> tuple[Environment, str]:
    """The place of a shell on this machine: its environment and its name.

    Args:
        settings: the configuration.
        named: the environment that an option names; None when none does.
    """
    environment, target = _here(settings)
    return (_labelled(environment, target, named), target) if named else (environment, target)


def _labelled(environment: Environment, target: str, named: Environment) -> Environment:
    # Naming an environment labels what has no label; it does not make production into something else.
    return strictest(environment, named) if target and environment.name != UNLABELLED.name else named


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where a line would run."""
    parser.add_argument(
        "--dialect",
        choices=DIALECTS,
        help="the language of the line (shell; redis where the target is a Redis server)",
    )
    parser.add_argument("--target", metavar="T", help="a target of the configuration, a host or a URL")
    parser.add_argument(
        "--mode",
        dest="line_mode",
        choices=[mode.value for mode in Mode],
        help="as if the session were in this mode (the environment's own by default)",
    )


def line_judge(arguments: argparse.Namespace) -> LineJudge:
    """The judge for the place that the options name.

    Raises:
        ConfigInvalid: the configuration does not validate.
        UsageError: no such target or environment.
    """
    settings = load_config(arguments).settings
    match = find_target(settings, arguments.target) if arguments.target else None
    dialect = arguments.dialect or ("redis" if match and _is_redis(match, arguments.target) else "shell")
    environment, target = settings.environments[UNLABELLED.name], ""
    if match:
        environment, target = match.environment, match.name
    elif dialect == "shell":
        environment, target = _here(settings)
    if arguments.environment:
        environment = _labelled(environment, target, environment_named(settings, arguments.environment))
    mode = Mode(arguments.line_mode) if arguments.line_mode else arguments.mode or environment.mode
    return LineJudge(_dialect(dialect, settings), environment, target, mode, settings)


def _here(settings: Settings) -> tuple[Environment, str]:
    """The environment of a shell on this machine, by the config and by what the shell exports."""
    local, exported = find_local(settings), find_environ(settings, os.environ)
    found = strictest_match((local, exported)) if exported else local
    return (found.environment, found.name) if found else (local.environment, local.name)


def _is_redis(match: Match, text: str) -> bool:
    target = match.target
    if target is None or not target.redis:
        return text.startswith(("redis:", "rediss:", "valkey:", "valkeys:", "unix:"))
    return not (target.local or target.ssh)


def _dialect(name: str, settings: Settings) -> Dialect:
    if name == "redis":
        from safeshell.redis.dialect import RedisDialect

        return RedisDialect(now_ms=int(time.time() * 1000))
    from safeshell.cli.shell_reading import shell_dialect

    return shell_dialect(settings)


def line_of(words: list[str], dialect: str) -> str:
    """The line that a shell has split into `words`; words that need it are quoted again, as `dialect` does."""
    if len(words) == 1:
        return words[0]
    if dialect == "shell":
        from shlex import join

        return join(words)
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if word and not any(char in word for char in " \t\"'\\\n"):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
