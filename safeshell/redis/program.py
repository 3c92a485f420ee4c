"""`safeshell redis`: from a command line to the console, a script, or one command. Wires, decides nothing."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator, Mapping

from safeshell.config.matching import find_redis
from safeshell.config.settings import Settings
from safeshell.errors import ExitStatus, UsageError
from safeshell.frozen import frozen, replace
from safeshell.guard.environment import Environment
from safeshell.guard.mode import Mode
from safeshell.guard.text import visible
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.chosen_options import Action, RedisOptions
from safeshell.redis.console_session import ConsoleSession
from safeshell.redis.console_settings import ConsoleSettings
from safeshell.redis.endpoint import Endpoint, endpoint_at, endpoint_of
from safeshell.redis.opening import Opener, closed
from safeshell.redis.render import OutputFormat
from safeshell.redis.reply_output import ReplyOutput
from safeshell.redis.script_place import ScriptPlace
from safeshell.terminal.theme import Theme, prepare_output, theme_for

_JSON = (OutputFormat.JSON, OutputFormat.QUOTED_JSON)


@frozen
class Start:
    """What the outermost layer has found out.

    Args:
        settings: the configuration.
        environ: the process's environment variables.
        environment: named by an option; None when none is.
        mode: asked for by an option; None when none is.
        no_color: whether colours are off.
        verbose: whether more is said.
    """

    settings: Settings
    environ: Mapping[str, str]
    environment: Environment | None
    mode: Mode | None
    no_color: bool
    verbose: bool


def run(options: RedisOptions, start: Start) -> int:
    """Do what one command line asks for; the exit status.

    Raises:
        SafeshellError: it can't be done; the error says why.
    """
    if options.action is Action.INTRINSIC_LATENCY:
        from safeshell.redis.live_statistics import intrinsic_latency

        intrinsic_latency(sys.stdout, seconds=options.seconds)
        return int(ExitStatus.DONE)
    prepare_output()
    endpoint = endpoint_of(
        options.connection, options.words, start.settings, environ=start.environ, ask_password=_ask_password
    )
    endpoint = _as_configured(endpoint, options, start.settings)
    interactive = options.action is Action.COMMANDS and not endpoint.words and sys.stdin.isatty()
    opener = _opener(start, interactive=interactive)
    with _opened(opener, endpoint) as here:
        gc.freeze()
        gc.enable()  # what is loaded stays; from here on a session may last
        if interactive:
            return _console(here, opener, options, start)
        place = _script_place(here, options, start)
        place.check_named_target()
        if options.unlock:
            here.unlock(here.guard.environment.unlock.max, options.reason)
        if options.action is not Action.COMMANDS:
            # Each way of being used imports what it needs: one command should start fast.
            from safeshell.redis.actions import run_action

            return run_action(place, endpoint.words)
        if endpoint.words:
            from safeshell.redis.oneshot import argv_of, run_once

            return run_once(place, argv_of(options, endpoint.words))
        from safeshell.redis.script import run_script

        return run_script(place)


def _as_configured(endpoint: Endpoint, options: RedisOptions, settings: Settings) -> Endpoint:
    """The endpoint with what neither the command line nor the target says."""

    def completed(address: ServerAddress) -> ServerAddress:
        if options.connection.timeout is None:
            seconds = settings.redis.connect_timeout.total_seconds()
            address = replace(address, connect_timeout=seconds)
        # JSON wants maps to be objects, which only RESP3 tells apart; redis-cli does the same.
        if options.format in _JSON and options.connection.protocol is None:
            address = replace(address, protocol=Protocol.RESP3)
        return address

    reader = completed(endpoint.reader) if endpoint.reader else None
    return replace(endpoint, address=completed(endpoint.address), reader=reader)


@contextlib.contextmanager
def _opened(opener: Opener, endpoint: Endpoint) -> Iterator[ConsoleSession]:
    here = opener.open(endpoint)
    try:
        yield here
    finally:
        closed(here, _tell)


def _opener(start: Start, *, interactive: bool) -> Opener:
    settings = start.settings

    def environment_of(address: ServerAddress) -> Environment:
        return find_redis(
            settings, host=address.host, port=address.port, unix_socket=str(address.unix_socket or "")
        ).environment

    return Opener(
        settings=settings,
        environment=start.environment,
        mode=start.mode,
        theme=_theme(start, is_tty=True),
        discard_typeahead=_discard_typeahead if interactive else lambda: None,
        tell=_tell,
        find_environment=environment_of,
    )


def _console(here: ConsoleSession, opener: Opener, options: RedisOptions, start: Start) -> int:
    from safeshell.redis.console import ConsolePlaces, ConsoleWorld, RedisConsole

    theme = _theme(start, is_tty=sys.stdout.isatty(), encoding=sys.stdout.encoding)
    chosen = start.settings.redis
    settings = ConsoleSettings(
        format=options.format or OutputFormat.HUMAN,
        pager=chosen.pager,
        hints=chosen.hints,
        pipes=chosen.pipes,
        timing=chosen.timing,
    )

    def connect(address: ServerAddress) -> ConsoleSession:
        endpoint = endpoint_at(address, start.settings, environ=start.environ)
        return opener.open(_as_configured(endpoint, options, start.settings))

    world = ConsoleWorld(
        theme=theme,
        places=ConsolePlaces.under(opener.folder),
        connect=connect,
        log_lines=lambda target, count: _log_lines(opener, target, count),
        settings=settings,
    )
    return RedisConsole(here, world).run()


def _log_lines(opener: Opener, target: str, count: int) -> list[str]:
    import shutil

    from safeshell.journal.listing import Look, table
    from safeshell.journal.query import Filter, newest
    from safeshell.journal.reader import JournalReader

    reader = JournalReader(opener.folder)
    if not reader.exists():
        return []
    records, _ = newest(reader, Filter(target=target), count)
    look = Look(
        width=shutil.get_terminal_size().columns,
        environment=str,
        environment_width=max((len(record.environment) for record in records), default=0),
        tint=lambda text, _: text,
    )
    return list(table(records, look))


def _script_place(here: ConsoleSession, options: RedisOptions, start: Start) -> ScriptPlace:
    output = options.format or (OutputFormat.HUMAN if sys.stdout.isatty() else OutputFormat.RAW)
    settings = ConsoleSettings(format=output)
    theme = _theme(start, is_tty=sys.stderr.isatty(), encoding=sys.stderr.encoding)
    return ScriptPlace(options, here, theme, output, ReplyOutput(lambda: settings))


def _theme(start: Start, *, is_tty: bool, encoding: str | None = "utf-8") -> Theme:
    looks = start.settings.theme
    return theme_for(
        start.environ,
        is_tty=is_tty,
        no_color=start.no_color,
        encoding=encoding,
        colors=looks.colors,
        symbols=looks.symbols,
    )


def _discard_typeahead() -> None:
    """Drop what prompt_toolkit has read and not used: it would come back as the next line."""
    from prompt_toolkit.application import get_app_or_none
    from prompt_toolkit.input.typeahead import clear_typeahead

    app = get_app_or_none()
    if app is not None:
        clear_typeahead(app.input)


def _ask_password() -> str:
    import getpass

    if not sys.stdin.isatty():
        raise UsageError("--askpass needs a terminal to ask on", todo="Use REDISCLI_AUTH in a script.")
    return getpass.getpass("Please input password: ")


def _tell(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(visible(text, limit=2000).replace("\\n", "\n") + "\n")
