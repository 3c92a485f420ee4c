"""One command from the command line: exactly its words, judged, asked about, run, repeated if wanted."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from safeshell.errors import ExitStatus, UsageError
from safeshell.guard.interfaces import Outcome
from safeshell.guard.text import visible
from safeshell.redis.chosen_options import RedisOptions
from safeshell.redis.reply import Error, Reply
from safeshell.redis.script_place import ScriptPlace, outcome_of
from safeshell.redis.streaming import is_stream, stream
from safeshell.redis.tokens import UnbalancedQuotes, split_line


def argv_of(options: RedisOptions, words: Sequence[str]) -> list[bytes]:
    """The command's words as the server gets them, standard input among them where -x or -X says so.

    Raises:
        UsageError: a word's quotes do not fit, or the tag of -X is missing.
    """
    argv = [word.encode("utf-8", "surrogateescape") for word in words]
    if options.quoted_input:
        argv = [_unquoted(word) for word in words]
    if options.last_from_stdin:
        argv.append(sys.stdin.buffer.read())
    if options.tag_from_stdin is not None:
        tag = options.tag_from_stdin.encode("utf-8", "surrogateescape")
        if argv.count(tag) != 1:
            raise UsageError(
                f"-X {visible(tag)}: that word stands {argv.count(tag)} times in the command",
                todo="Write it once, where standard input belongs.",
            )
        argv[argv.index(tag)] = sys.stdin.buffer.read()
    return argv


def run_once(place: ScriptPlace, argv: Sequence[bytes]) -> int:
    """Run one command, `-r` times; the exit status.

    Raises:
        GuardFailure: the guard failed; the command did not run.
        SafeshellError: the connection is lost.
    """
    options, left = place.options, place.options.repeat
    status = ExitStatus.DONE
    while left:
        status = _run(place, argv)
        left -= 1
        if status is ExitStatus.REFUSED:
            break
        if left and options.interval:
            time.sleep(options.interval)
    return int(status)


def _run(place: ScriptPlace, argv: Sequence[bytes]) -> ExitStatus:
    verdict = place.here.judge_argv(argv)
    replies: list[Reply] = []

    def run() -> Outcome:
        if is_stream(argv):
            return stream(place.here.session, argv, place.replies, lambda _: None)
        replies.append(place.here.execute(argv))
        place.write(replies[-1], argv)
        return outcome_of(replies[-1])

    decision = place.here.guard.submit_judged(verdict, run, asked=place.answer_beforehand(verdict))
    if not decision.ran:
        place.tell_refusal(decision)
        return ExitStatus.REFUSED
    failed = any(isinstance(reply, Error) for reply in replies)
    return ExitStatus.COMMAND_FAILED if failed else ExitStatus.DONE


def _unquoted(word: str) -> bytes:
    try:
        words = split_line(word)
    except UnbalancedQuotes:
        words = []
    if len(words) != 1:
        raise UsageError(
            f"with --quoted-input every word is one quoted string, and this is not: {visible(word)}"
        )
    return words[0]
