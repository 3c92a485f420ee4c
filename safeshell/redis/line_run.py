"""Running what was entered: a line or a batch is read, judged, asked about, sent exactly as judged, and shown.

The guard decides; here is the order in which it is asked, and what a person is told of the end.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence

from safeshell.errors import Refused
from safeshell.frozen import replace
from safeshell.guard.effects import Severity
from safeshell.guard.environment import ChallengeKind
from safeshell.guard.interfaces import Outcome, OutcomeKind, Run
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Decision
from safeshell.guard.reading import Finding
from safeshell.guard.text import counted, visible
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.redis.completion import KeyMemory
from safeshell.redis.console_session import ConsoleSession
from safeshell.redis.console_settings import StopOn
from safeshell.redis.failures import ConnectionLost
from safeshell.redis.flush_care import FlushCare
from safeshell.redis.keys import named_keys
from safeshell.redis.meta_actions import ConsoleState
from safeshell.redis.paste import Paste, goes_beyond, paste_lines
from safeshell.redis.pipe import PipedLine, refused_because, split_pipe
from safeshell.redis.redact import redact_line
from safeshell.redis.reply import Error, Reply, items_of, string_of
from safeshell.redis.reply_output import ReplyOutput
from safeshell.redis.streaming import is_stream, is_unanswered, stream, unsubscribe
from safeshell.redis.tokens import split_line, split_repeat
from safeshell.redis.turning_points import went_astray
from safeshell.terminal.theme import Style, Theme
from safeshell.terminal.verdict_text import refusal_lines, warning_lines

_KEY_REPLIES = {b"KEYS", b"SCAN", b"RANDOMKEY"}
_MOST_KEYS = 200


class LineRunner:
    """Runs lines.

    Args:
        state: the session at hand, and the settings.
        output: where replies go.
        say: shows some text, which ends its own lines.
        keys: remembers the keys that were named.
        care: looks after flushes.
        theme: the looks.
    """

    def __init__(
        self,
        state: ConsoleState,
        *,
        output: ReplyOutput,
        say: Callable[[str], None],
        keys: KeyMemory,
        care: FlushCare,
        theme: Theme,
    ) -> None:
        self._state = state
        self._output = output
        self._say = say
        self._keys = keys
        self._care = care
        self._theme = theme
        self._astray = ""

    def run_line(self, text: str) -> Decision:
        """Run one line.

        Raises:
            SafeshellError: it is none, or the guard failed; it did not run.
            KeyboardInterrupt: while it ran; whether it did is unknown.
        """
        line = self._parts(text)
        verdict = self._with_big_read(line.redis, self._here.judge(line.redis))
        return self._submit(verdict, lambda: self._send(line))

    def run_batch(self, lines: Sequence[str]) -> Decision:
        """Run several lines as one: judged and asked about as a whole, then each in its turn.

        Raises:
            SafeshellError, KeyboardInterrupt: as `run_line`.
        """
        batch = Paste(tuple(lines), self._state.settings.pipes)
        verdict = self._here.judge_batch(batch.redis_lines)
        if verdict.kind is not VerdictKind.ALLOW:
            width = shutil.get_terminal_size().columns
            shown = [self._redacted(line) for line in batch.lines]
            self._say("".join(f"{line}\n" for line in paste_lines(batch, verdict, shown, self._theme, width)))
        return self._submit(verdict, lambda: self._send_batch(batch, verdict))

    def tell(self, decision: Decision) -> None:
        """Say what a person has to know of how a line ended."""
        width = shutil.get_terminal_size().columns
        if not decision.ran:
            lines = refusal_lines(decision.verdict, decision.answer, theme=self._theme, width=width)
            self._say("".join(f"{line}\n" for line in lines))
            return
        if decision.verdict.kind is VerdictKind.ALLOW:
            lines = warning_lines(decision.verdict, theme=self._theme, width=width)
            self._say("".join(f"{line}\n" for line in lines))
        kept = decision.outcome.kind in (OutcomeKind.DONE, OutcomeKind.FAILED)
        if decision.outcome.undo_id and kept and decision.verdict.kind is not VerdictKind.ALLOW:
            self._say(
                self._theme.paint(f"Kept: :undo {decision.outcome.undo_id} puts it back.", Style.QUIET) + "\n"
            )

    @property
    def _here(self) -> ConsoleSession:
        return self._state.here

    def _parts(self, text: str) -> PipedLine:
        line = split_pipe(text) if self._state.settings.pipes else PipedLine(text, None)
        guarded = self._here.guard.mode is not Mode.OPEN
        reason = refused_because(line.shell) if line.shell and guarded else ""
        if reason:
            raise Refused(
                f"{reason}; nothing was run",
                todo="Look at the reply first (| less), or use :unlink PATTERN to delete by pattern.",
            )
        return line

    def _redacted(self, text: str) -> str:
        return redact_line(text, renamed=self._here.session.facts().renamed)

    def _submit(self, verdict: Verdict, run: Run) -> Decision:
        backups = self._care.before(self._here.session, verdict)
        decision = self._here.guard.submit_judged(verdict, run)
        self.tell(decision)
        self._say("".join(f"{line}\n" for line in self._care.after(decision, backups)))
        return decision

    def _with_big_read(self, line: str, verdict: Verdict) -> Verdict:
        """A read of very much at once is asked about too, where questions are asked at all."""
        environment = verdict.environment
        asks = environment.challenge.get(Severity.MEDIUM, ChallengeKind.NONE) is not ChallengeKind.NONE
        if verdict.kind is not VerdictKind.ALLOW or verdict.mode is Mode.OPEN or not asks:
            return verdict
        offer = self._here.big_read_offer(split_repeat(split_line(line)).argv)
        if not offer:
            return verdict
        finding = Finding("redis.big-read", Severity.MEDIUM, offer, span=(0, len(line)))
        return replace(
            verdict,
            kind=VerdictKind.CONFIRM,
            severity=Severity.MEDIUM,
            challenge=ChallengeKind.YES,
            findings=(*verdict.findings, finding),
        )

    def _send_batch(self, batch: Paste, agreed: Verdict) -> Outcome:
        for number, text in enumerate(batch.lines, 1):
            line = self._parts(text)
            shown = f"{number:>4}  {visible(self._redacted(text.strip()), limit=200)}"
            self._say(self._theme.paint(shown, Style.QUIET) + "\n")
            verdict = self._here.judge(line.redis)
            if verdict.kind is VerdictKind.DENY or goes_beyond(agreed, verdict):
                return self._ended(
                    batch, number - 1, "the next line turned out to be worse than the batch was judged"
                )
            outcome = self._send(line)
            if why := self._gone_astray():
                return self._ended(batch, number, why)
            if outcome.kind in (OutcomeKind.CONNECTION_LOST, OutcomeKind.INTERRUPTED):
                return self._ended(batch, number, "", outcome.kind)
            if outcome.kind is OutcomeKind.FAILED and self._state.settings.stop is StopOn.ERROR:
                return self._ended(batch, number, "an error was answered (:set stop refused goes on)")
        return Outcome(OutcomeKind.DONE)

    def _gone_astray(self) -> str:
        """Why nothing may follow what was sent last; empty when it may. Asked once."""
        why, self._astray = self._astray, ""
        return why

    def _ended(self, batch: Paste, done: int, why: str, kind: OutcomeKind = OutcomeKind.FAILED) -> Outcome:
        left = len(batch.lines) - done
        reason = f": {why}" if why else ""
        text = f"{counted(done, 'line')} ran, {left:,} did not{reason}"
        self._say(f"Stopped. {text}.\n")
        return Outcome(kind, text)

    def _send(self, line: PipedLine) -> Outcome:
        """Send one line, exactly as it was judged, as often as it says."""
        repeated = split_repeat(split_line(line.redis))
        argv = list(repeated.argv)
        try:
            with self._output.piped_to(line.shell):
                session = self._here.session
                if is_stream(argv) and not session.state.in_multi:
                    return stream(session, argv, self._output, self._say)
                if is_unanswered(argv, session.state.protocol) and not session.state.in_multi:
                    return unsubscribe(session, argv, self._output)
                return self._send_repeatedly(argv, repeated.count)
        except ConnectionLost as lost:
            if argv[0].upper() == b"SHUTDOWN":
                self._say("The server has closed the connection, as SHUTDOWN does.\n")
                return Outcome(OutcomeKind.DONE)
            return self._lost(lost)

    def _send_repeatedly(self, argv: list[bytes], count: int) -> Outcome:
        outcome = Outcome(OutcomeKind.DONE)
        began = time.monotonic()
        mode = self._here.guard.mode
        for _ in range(count):
            if self._here.guard.mode is not mode:
                self._say("Stopped: the session is read-only again.\n")
                return Outcome(OutcomeKind.FAILED, "read-only again in the middle of a repeated command")
            reply = self._here.execute(argv)
            self._astray = went_astray(argv, reply, self._here.session.facts()) or ""
            self._remember(argv, reply)
            self._output.show(reply, argv)
            for push in self._here.session.connection.take_pushes():
                self._output.show_push(push)
            if isinstance(reply, Error):
                outcome = Outcome(OutcomeKind.FAILED, visible(reply.data))
            if not self._output.wants_more:
                break
        self._output.show_time(time.monotonic() - began)
        return outcome

    def _lost(self, lost: ConnectionLost) -> Outcome:
        """Say what a lost connection means; nothing is resent."""
        self._here.session.notice_loss()
        queue = self._here.session.state.lost_queue
        sent = lost.todo if lost.may_have_run else "The last command was not sent."
        self._say(self._theme.paint(f"Connection lost: {lost.message}.", Style.WARNING) + f" {sent}\n")
        if self._here.session.state.lost_watch:
            self._say("What WATCH guarded is lost; an EXEC would run unguarded.\n")
        if queue is not None:
            self._say(f"The open transaction with {counted(queue, 'queued command')} is lost.\n")
        self._say("Nothing is resent. The next line connects again.\n")
        return Outcome(OutcomeKind.CONNECTION_LOST, lost.message)

    def _remember(self, argv: list[bytes], reply: Reply) -> None:
        """Keep the keys that were named or answered, for completion."""
        db = self._here.session.state.db
        if isinstance(reply, Error):
            return
        named = named_keys(argv, self._here.session.facts())
        self._keys.saw(db, [one.key for one in named][:_MOST_KEYS])
        if argv[0].upper() in _KEY_REPLIES:
            items = items_of(reply) or (reply,)
            if argv[0].upper() == b"SCAN":
                items = items_of(items[-1]) or ()
            found = (string_of(item) for item in items[:_MOST_KEYS])
            self._keys.saw(db, [key for key in found if key])
