"""What `safeshell redis` does instead of commands: walking, sampling, measuring, fetching, inserting.

Each goes through the guard as a line of its own, so that it is judged, recorded and refused like any other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from safeshell.errors import ExitStatus, SafeshellError, UsageError
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.reading import Command, Finding, Reading
from safeshell.redis.acl import acl_rule
from safeshell.redis.chosen_options import Action, RedisOptions
from safeshell.redis.connection import Connection
from safeshell.redis.key_statistics import big_keys, hot_keys, memory_keys
from safeshell.redis.live_statistics import latency, latency_spectrum, rolling_statistics
from safeshell.redis.oneshot import argv_of, run_once
from safeshell.redis.quoting import quoted
from safeshell.redis.rdb_file import fetch_rdb
from safeshell.redis.render import OutputFormat
from safeshell.redis.reply import integer_of
from safeshell.redis.scan_keys import print_keys, scan_keys
from safeshell.redis.script import insert_from_pipe
from safeshell.redis.script_place import ScriptPlace
from safeshell.redis.tokens import split_line

_READ = Effect(EffectKind.READ, Extent.EVERYTHING, "the database")


def run_action(place: ScriptPlace, words: Sequence[str]) -> int:
    """Do what the options ask for; the exit status.

    Args:
        place: the session.
        words: what is left of the command line: keys and arguments for --eval, nothing else.

    Raises:
        UsageError: words where none belong.
        SafeshellError: the connection is lost, or the server refuses.
    """
    options = place.options
    if options.action is Action.EVAL:
        return run_once(place, _eval_argv(options, words))
    if words:
        raise UsageError(f"--{options.action} takes no command", where="safeshell redis")
    if options.action is Action.PIPE:
        return insert_from_pipe(place)
    if options.action is Action.PRINT_ACL:
        state = place.here.session.state
        print(acl_rule(state.kind, state.version))  # noqa: T201 - what was asked for
        return int(ExitStatus.DONE)
    return _through_the_guard(place, _reading(options), _work(place))


def _through_the_guard(place: ScriptPlace, reading: Reading, work: Callable[[], None]) -> int:
    def run() -> Outcome:
        try:
            work()
        except KeyboardInterrupt:
            return Outcome(OutcomeKind.INTERRUPTED)
        finally:
            sys.stdout.flush()
        return Outcome(OutcomeKind.DONE)

    verdict = place.here.guard.judge_reading(reading)
    decision = place.here.guard.submit_judged(verdict, run, asked=place.answer_beforehand(verdict))
    if not decision.ran:
        place.tell_refusal(decision)
        return int(ExitStatus.REFUSED)
    return int(ExitStatus.DONE)


def _reading(options: RedisOptions) -> Reading:
    """An action as a line: all of them only read, but a transfer makes the server fork."""
    line = f"--{options.action}"
    if options.action in (Action.RDB, Action.FUNCTIONS_RDB):
        finding = Finding(
            "redis.transfer",
            Severity.MEDIUM,
            "the server forks and sends everything it holds, as to a new replica",
            "take it from a replica",
            (0, len(line)),
        )
        return Reading("redis", line, line, (Command(line, (_READ,), (finding,), reads=True),))
    return Reading("redis", line, line, (Command(line, (_READ,), reads=True, span=(0, len(line))),))


def _work(place: ScriptPlace) -> Callable[[], None]:
    options, caller = place.options, place.here.session.connection
    live = sys.stdout.isatty()
    match options.action:
        case Action.SCAN:
            shown = quoted if place.output is OutputFormat.HUMAN else bytes
            return lambda: print_keys(_batches(options, caller), sys.stdout.buffer, written=shown)
        case Action.STAT:
            times = -1 if options.repeat == 1 else options.repeat
            return partial(rolling_statistics, caller, sys.stdout, interval=options.interval, times=times)
        case Action.LATENCY | Action.LATENCY_HISTORY:
            history = options.action is Action.LATENCY_HISTORY
            return partial(latency, caller, sys.stdout, live=live, history=history, interval=options.interval)
        case Action.LATENCY_DIST:
            times = -1 if live else 1
            return partial(latency_spectrum, caller, sys.stdout, interval=options.interval, times=times)
        case Action.RDB | Action.FUNCTIONS_RDB:
            functions = options.action is Action.FUNCTIONS_RDB
            assert options.file is not None
            target = None if options.file == "-" else Path(options.file)
            return partial(fetch_rdb, place.here.session.state.address, target, functions_only=functions)
        case _:
            return lambda: _sample(options, caller)


def _sample(options: RedisOptions, caller: Connection) -> None:
    total = integer_of(caller.call(b"DBSIZE")) or 0
    batches = _batches(options, caller)
    sys.stdout.write("\n# Scanning the entire keyspace. Press ^C to stop; -i 0.1 makes it gentler.\n\n")
    if options.action is Action.BIGKEYS:
        big_keys(caller, batches, sys.stdout, total=total)
    elif options.action is Action.MEMKEYS:
        memory_keys(caller, batches, sys.stdout, total=total, samples=options.samples)
    else:
        hot_keys(caller, batches, sys.stdout, total=total)


def _batches(options: RedisOptions, caller: Connection) -> Iterator[list[bytes]]:
    pattern = options.pattern
    raw = None if pattern is None else pattern.encode("utf-8", "surrogateescape")
    if pattern is not None and options.quoted_pattern:
        (raw,) = split_line(pattern) or [b""]
    return scan_keys(caller, pattern=raw, count=options.count, pause=options.interval)


def _eval_argv(options: RedisOptions, words: Sequence[str]) -> list[bytes]:
    """EVAL with the file's text, the keys before a lone comma and the arguments after it."""
    assert options.file is not None
    try:
        script = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        raise SafeshellError(f"can't read the script ({error.strerror})", where=options.file) from None
    rest = argv_of(options, words)
    at = rest.index(b",") if b"," in rest else len(rest)
    return [b"EVAL", script, b"%d" % at, *rest[:at], *rest[at + 1 :]]
