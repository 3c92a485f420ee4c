"""The outermost layer: global options, the command's name, and the one place where errors become text.

Only the typed command's module is imported, so that `safeshell check` starts fast.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from safeshell.cli.commands import BY_NAME, COMMANDS
from safeshell.errors import ExitStatus, SafeshellError, UsageError
from safeshell.guard.mode import Mode
from safeshell.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]  # argparse exports no public name for it

_LINKS = {"redis-cli": "redis", "valkey-cli": "redis", "ssh": "ssh"}
_OWN_WORDS = ("redis", "ssh")
"""Commands that read their words themselves, as the programs do for which they stand: `-h HOST` is no argparse."""

_AS_A_SHELL = ("-c", "-l", "--login", "-i", "-lc", "-cl", "-ic", "-ci", "-lic", "-il", "-li")
"""First words by which a login shell is told what to do: `cli.login`."""

_EPILOG = """examples:
  safeshell redis cache                 the console of the configured target `cache`
  safeshell redis -h cache.prod -n 2    as redis-cli, guarded
  safeshell check --dialect redis -- FLUSHALL
  safeshell config init                 say what is production
  safeshell demo                        try it on a throw-away server

exit status: 0 done, 1 the command failed, 2 usage, 69 target unreachable, 70 internal error,
             77 refused, 78 configuration invalid; check: 0 allow, 10 confirm, 11 review, 12 deny
"""


_GLOBAL = ("--config", "--environment", "--mode", "--no-color", "--verbose")


class _Parser(argparse.ArgumentParser):
    """argparse, with our errors: one sentence, what to do, status 2."""

    def error(self, message: str) -> NoReturn:
        misplaced = message.startswith("unrecognized") and any(option in message for option in _GLOBAL)
        raise UsageError(
            message,
            where=self.prog.removeprefix("safeshell").strip(),
            todo="Options for every command stand before it: safeshell --environment production check …"
            if misplaced
            else f"See {self.prog} --help.",
        )


def run(argv: Sequence[str]) -> int:
    """Run one command line.

    Args:
        argv: the process's arguments, the program's name first.

    Returns:
        The exit status (`safeshell.errors.ExitStatus`).
    """
    words = list(argv[1:])
    link = _LINKS.get(Path(argv[0]).name) if argv else None
    if link:
        words = [link, *words]
    elif argv and (argv[0].startswith("-") or (words and words[0] in _AS_A_SHELL)):
        from safeshell.cli.login import login_words

        words = login_words(argv[0], words) or words
    verbose = "--verbose" in words
    try:
        return _dispatch(words)
    except SafeshellError as error:
        _tell(str(error))
        return int(error.status)
    except KeyboardInterrupt:
        return int(ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has left (`| head`); nothing is wrong, and nobody is there to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return int(ExitStatus.DONE)
    except Exception as failure:  # noqa: BLE001 - the last resort: a sentence instead of a traceback
        return _internal_error(failure, verbose=verbose)


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """The parser of the global options, with the parser of `command` (all of them as stubs for None)."""
    parser: argparse.ArgumentParser = _Parser(
        prog="safeshell",
        description="A production-safety guard for the consoles where people take production down by hand.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"safeshell {__version__}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this configuration file")
    parser.add_argument("--environment", metavar="NAME", help="take the session as belonging to NAME")
    parser.add_argument(
        "--mode", type=_mode, metavar="MODE", help="start stricter: read-only, guarded or open"
    )
    parser.add_argument("--no-color", action="store_true", help="no colours (as NO_COLOR)")
    parser.add_argument("--verbose", action="store_true", help="say more of what is done")
    # Without `prog` argparse draws the usage to find it out, and that takes longer than the rest.
    subparsers = parser.add_subparsers(
        prog="safeshell", dest="command", metavar="COMMAND", title="commands", required=True
    )
    for entry in COMMANDS:
        if command is None:
            subparsers.add_parser(entry.name, help=entry.summary, add_help=False)
        elif entry.name == command:
            add: Callable[[SubParsers], None] = import_module(entry.module).add_parser
            add(subparsers)
    return parser


def _dispatch(words: list[str]) -> int:
    command, at = _command_of(words)
    if command is None:
        if any(word in ("-h", "--help", "--version") for word in words):
            build_parser(None).parse_args(words)
        command, at = "shell", len(words)
        words = [*words, command]
    if command not in BY_NAME:
        import difflib

        near = difflib.get_close_matches(command, BY_NAME, n=1)
        hint = f"Did you mean `safeshell {near[0]}`?" if near else "See safeshell --help."
        raise UsageError(f"there is no command {command!r}", where="safeshell", todo=hint)
    if command in _OWN_WORDS:
        arguments = build_parser(command).parse_args(words[: at + 1])
        arguments.words = words[at + 1 :]
    else:
        arguments = build_parser(command).parse_args(words)
    run_command: Callable[[argparse.Namespace], int] = arguments.run
    return run_command(arguments)


def _command_of(words: list[str]) -> tuple[str | None, int]:
    """The first word that is neither a global option nor its value, and its place."""
    takes_value = {"--config", "--environment", "--mode"}
    at = 0
    while at < len(words):
        word = words[at]
        if word in takes_value:
            at += 2
        elif word.startswith("-"):
            at += 1
        else:
            return word, at
    return None, at


def _mode(word: str) -> Mode:
    try:
        return Mode(word)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{word!r} is no mode; there are {', '.join(mode.value for mode in Mode)}"
        ) from None


def _tell(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"safeshell: {text}\n")


def _internal_error(failure: Exception, *, verbose: bool) -> int:
    _tell(
        f"internal error ({type(failure).__name__}: {failure}). Nothing more was run.\n"
        "  This is a bug: please report it with what you typed; --verbose shows where it happened."
    )
    if verbose:
        import traceback

        traceback.print_exception(failure)
    return int(ExitStatus.INTERNAL)
