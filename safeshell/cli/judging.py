"""What `check` and `explain` share: where a line would run, and the judge of it. Runs and asks nothing."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.config.loading import load
from safeshell.config.matching import find_target
from safeshell.errors import ExitStatus, UsageError
from safeshell.frozen import frozen
from safeshell.guard.environment import UNLABELLED, Environment, strictest
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Dialect
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

DIALECTS = ("redis",)


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
        environment, target, mode: the place.
    """

    dialect: Dialect
    environment: Environment
    target: str
    mode: Mode

    def judge(self, line: str) -> Verdict:
        """What would be said of `line`."""
        where = Circumstances(self.environment, self.mode, self.target, datetime.now(UTC))
        return judge(self.dialect.read(line), where)


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where a line would run."""
    parser.add_argument(
        "--dialect", choices=DIALECTS, default="redis", help="the language of the line (redis)"
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
    environment, target = settings.environments[UNLABELLED.name], ""
    if arguments.target:
        match = find_target(settings, arguments.target)
        environment, target = match.environment, match.name
    if arguments.environment:
        asked = environment_named(settings, arguments.environment)
        # Naming an environment labels what has no label; it does not make production into something else.
        environment = (
            strictest(environment, asked) if target and environment.name != UNLABELLED.name else asked
        )
    mode = Mode(arguments.line_mode) if arguments.line_mode else arguments.mode or environment.mode
    return LineJudge(_dialect(arguments.dialect), environment, target, mode)


def _dialect(name: str) -> Dialect:
    readers: dict[str, Callable[[], Dialect]] = {"redis": _redis}
    return readers[name]()


def _redis() -> Dialect:
    from safeshell.redis.dialect import RedisDialect

    return RedisDialect(now_ms=int(time.time() * 1000))


def line_of(words: list[str]) -> str:
    """The line that a shell has split into `words`; words that need it are quoted again."""
    return words[0] if len(words) == 1 else " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if word and not any(char in word for char in " \t\"'\\\n"):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
