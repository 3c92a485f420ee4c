"""Commands from standard input: a file is judged as a whole before its first line runs, a pipe as it comes.

What was allowed goes out in pipelines, since most of a script's time is waiting; every command of it was judged
all the same, and anything that changes the session's own state goes alone.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from safeshell.errors import ExitStatus, SafeshellError
from safeshell.frozen import replace
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.text import counted, visible
from safeshell.redis.failures import ConnectionLost
from safeshell.redis.reply import Error, Reply
from safeshell.redis.requests import Request, resp_requests
from safeshell.redis.script_place import ScriptPlace
from safeshell.redis.streaming import is_stream, stream
from safeshell.redis.turning_points import went_astray
from safeshell.redis.typed_script import TypedScript

_PIPELINED: Final = 1000
_BLOCK: Final = 1 << 20
_RECORDED: Final = 1 << 20
"""The longest script, in characters, that the journal keeps word by word."""

# What changes the session's state, blocks, or is answered by more than one reply: sent alone and followed.
_ALONE: Final = frozenset({
    b"AUTH", b"BLMOVE", b"BLMOVEM", b"BLMPOP", b"BLPOP", b"BRPOP", b"BRPOPLPUSH", b"BZMPOP", b"BZPOPMAX",
    b"BZPOPMIN", b"CLIENT", b"CONFIG", b"DISCARD", b"EXEC", b"FAILOVER", b"FLUSHALL", b"FLUSHDB", b"FUNCTION",
    b"HELLO", b"MONITOR", b"MULTI", b"PSUBSCRIBE", b"PSYNC", b"PUNSUBSCRIBE", b"QUIT", b"REPLICAOF", b"RESET",
    b"SCRIPT", b"SELECT", b"SHUTDOWN", b"SLAVEOF", b"SSUBSCRIBE", b"SUBSCRIBE", b"SUNSUBSCRIBE", b"SWAPDB",
    b"SYNC", b"UNSUBSCRIBE", b"UNWATCH", b"WAIT", b"WAITAOF", b"WATCH", b"XREAD", b"XREADGROUP", b"ACL", b"MOVE",
    b"COPY", b"MIGRATE",
})  # fmt: skip


class ScriptStopped(SafeshellError):
    """A script did not go on, since what follows would not be what was judged."""


class Tally:
    """What became of a script so far."""

    def __init__(self) -> None:
        self.sent = 0
        self.errors = 0
        self.refused = False

    @property
    def status(self) -> int:
        """The exit status."""
        if self.refused:
            return int(ExitStatus.REFUSED)
        return int(ExitStatus.COMMAND_FAILED if self.errors else ExitStatus.DONE)


def run_script(place: ScriptPlace) -> int:
    """Run the text lines on standard input; the exit status.

    Raises:
        RequestInvalid: a line of a file can't be split into words; nothing was run.
        SafeshellError: the connection is lost, or the guard failed.
    """
    tally = Tally()
    for requests in _batches():
        _run(place, requests, tally, shows=True)
        if tally.refused:
            break
    return tally.status


def insert_from_pipe(place: ScriptPlace) -> int:
    """`--pipe`: run RESP or text commands on standard input, and count errors and replies as redis-cli does.

    Raises:
        RequestInvalid: the stream is malformed; nothing was run.
        SafeshellError: the connection is lost, or the guard failed.
    """
    tally = Tally()
    _run(place, list(resp_requests(sys.stdin.buffer.read())), tally, shows=False)
    if not tally.refused:
        sys.stdout.write(
            "All data transferred. Waiting for the last reply...\nLast reply received from server.\n"
        )
        sys.stdout.write(f"errors: {tally.errors}, replies: {tally.sent}\n")
    return tally.status


def _batches() -> Iterator[list[Request]]:
    """A file as one batch; of a pipe, whatever complete lines have come."""
    source, script = sys.stdin.buffer, TypedScript()
    if stat.S_ISREG(os.fstat(source.fileno()).st_mode):
        yield script.take(source.read().split(b"\n"))
        return
    rest = b""
    while not script.ended and (block := os.read(source.fileno(), _BLOCK)):
        *lines, rest = (rest + block).split(b"\n")
        yield script.take(lines)
    if not script.ended:
        yield script.take([rest])


def _run(place: ScriptPlace, requests: list[Request], tally: Tally, *, shows: bool) -> None:
    if not requests:
        return
    here = place.here
    reading = here.read_batch([request.text for request in requests], [request.argv for request in requests])
    if len(reading.redacted) > _RECORDED:
        kept = reading.redacted[:_RECORDED].rpartition("\n")[0]
        left = counted(len(requests) - kept.count("\n") - 1, "more line")
        reading = replace(reading, redacted=f"{kept}\n… and {left}")
    verdict = here.guard.judge_reading(reading)
    sender = _Sender(place, tally, shows=shows)
    decision = here.guard.submit_judged(
        verdict, lambda: sender.send_all(requests), asked=place.answer_beforehand(verdict)
    )
    if not decision.ran:
        tally.refused = True
        if len(requests) > 1:
            sys.stderr.write(f"None of the {counted(len(requests), 'line')} was run.\n")
        place.tell_refusal(decision)


class _Sender:
    """Sends a batch that may run, in order."""

    def __init__(self, place: ScriptPlace, tally: Tally, *, shows: bool) -> None:
        self._place = place
        self._here = place.here
        self._tally = tally
        self._shows = shows

    def send_all(self, requests: Sequence[Request]) -> Outcome:
        """Send every request; how the whole ended."""
        at = 0
        try:
            while at < len(requests):
                together = self._together(requests, at)
                if requests[at].times > 1:
                    self._repeatedly(requests[at])
                    at += 1
                elif together > 1:
                    self._pipeline(requests[at : at + together])
                    at += together
                else:
                    self._alone(requests[at])
                    at += 1
        except ConnectionLost as lost:
            done = counted(self._tally.sent, "command")
            sys.stdout.buffer.flush()
            where = f"around line {requests[min(at, len(requests) - 1)].number}"
            raise ConnectionLost(
                f"{lost.message}; {done} of the script were answered, the rest ({where}) may or may not have run",
                where=lost.where,
                todo="Nothing was sent twice. Look at the server before you go on.",
                may_have_run=lost.may_have_run,
            ) from None
        if self._tally.errors:
            return Outcome(
                OutcomeKind.FAILED, f"{counted(self._tally.errors, 'error reply', 'error replies')}"
            )
        return Outcome(OutcomeKind.DONE)

    def _together(self, requests: Sequence[Request], at: int) -> int:
        """How many requests from `at` on may go out in one pipeline."""
        if self._here.session.state.in_multi:
            return 1
        end = min(len(requests), at + _PIPELINED)
        for number in range(at, end):
            if requests[number].times > 1 or requests[number].argv[0].upper() in _ALONE:
                return max(1, number - at)
        return end - at

    def _repeatedly(self, request: Request) -> None:
        """Send a command as often as its line says, and no longer than the session may."""
        mode, left = self._here.guard.mode, request.times
        alone = request.argv[0].upper() in _ALONE
        while left:
            if self._here.guard.mode is not mode:
                raise ScriptStopped(
                    f"stopped at line {request.number}: the session is read-only again",
                    todo=f"{counted(left, 'repetition')} and what is after it were not sent.",
                )
            together = 1 if alone or self._here.session.state.in_multi else min(left, _PIPELINED)
            if together > 1:
                self._pipeline([request] * together)
            else:
                self._alone(request)
            left -= together

    def _pipeline(self, requests: Sequence[Request]) -> None:
        argvs = [request.argv for request in requests]
        if self._here.undo:
            self._here.undo.snapshot_chunk(argvs)
        replies = self._here.session.pipeline(argvs)
        self._note(zip(argvs, replies, strict=True))

    def _alone(self, request: Request) -> None:
        if is_stream(request.argv):
            stream(self._here.session, request.argv, self._place.replies, lambda _: None)
            return
        reply = self._here.execute(request.argv)
        self._note([(request.argv, reply)])
        if why := went_astray(request.argv, reply, self._here.session.facts()):
            raise ScriptStopped(f"stopped at line {request.number}: {why}", todo="Nothing after it was sent.")

    def _note(self, answered: Iterable[tuple[Sequence[bytes], Reply]]) -> None:
        out: list[bytes] = []
        for argv, reply in answered:
            self._tally.sent += 1
            if isinstance(reply, Error):
                self._tally.errors += 1
                if not self._shows:
                    sys.stderr.write(visible(reply.data) + "\n")
                elif self._place.options.errors_apart:
                    sys.stderr.buffer.write(self._place.rendered(reply, argv))
                    continue
            if self._shows:
                out.append(self._place.rendered(reply, argv))
        sys.stdout.buffer.write(b"".join(out))
        sys.stdout.buffer.flush()
