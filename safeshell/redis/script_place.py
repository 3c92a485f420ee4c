"""What commands without a console share: where replies go, what is answered beforehand, how a refusal is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import BinaryIO

from safeshell.errors import Refused
from safeshell.frozen import frozen
from safeshell.guard.challenge import Answer, AnswerKind
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.pipeline import Decision
from safeshell.guard.text import visible
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.redis.chosen_options import RedisOptions
from safeshell.redis.console_session import ConsoleSession
from safeshell.redis.render import OutputFormat, render
from safeshell.redis.reply import Error, Reply
from safeshell.redis.reply_output import ReplyOutput
from safeshell.terminal.theme import Theme
from safeshell.terminal.verdict_text import refusal_lines


@frozen
class ScriptPlace:
    """Everything that runs commands without a console.

    Args:
        options: of the command line.
        here: the session and its guard.
        theme: for what is said on standard error.
        output: how replies are written.
        replies: where a stream of messages goes.
    """

    options: RedisOptions
    here: ConsoleSession
    theme: Theme
    output: OutputFormat
    replies: ReplyOutput

    def rendered(self, reply: Reply, argv: Sequence[bytes]) -> bytes:
        """One reply as it is written to standard output."""
        return render(
            reply,
            self.output,
            command=argv,
            delimiter=self.options.delimiter,
            item_delimiter=self.options.item_delimiter,
        )

    def write(self, reply: Reply, argv: Sequence[bytes]) -> None:
        """Write one reply; an error goes to standard error where the options say so."""
        apart = self.options.errors_apart and isinstance(reply, Error)
        stream: BinaryIO = sys.stderr.buffer if apart else sys.stdout.buffer
        stream.write(self.rendered(reply, argv))
        stream.flush()

    def check_named_target(self) -> None:
        """Nothing runs when the options name another target than this, question or not.

        Raises:
            Refused: they do.
        """
        named = self.options.yes_i_mean
        if named is not None and named != self.here.guard.target:
            raise Refused(
                f"--yes-i-mean names {visible(named)!r}, but this is {self.here.guard.target}; nothing was run",
                todo="Look where you are.",
            )

    def answer_beforehand(self, verdict: Verdict) -> Answer | None:
        """The answer that the options give to a question, None where they give none.

        Raises:
            Refused: a reason is wanted, and the options give none.
        """
        if self.options.yes_i_mean is None or verdict.kind is not VerdictKind.CONFIRM:
            return None
        if verdict.reason_required and not self.options.reason.strip():
            raise Refused(
                f"{verdict.environment.name} wants a reason for this: {verdict.why}",
                todo="Add --reason 'TICKET-123 why'.",
            )
        return Answer(AnswerKind.NAMED, self.options.reason)

    def tell_refusal(self, decision: Decision) -> None:
        """Say why a line did not run, and what to do instead, on standard error."""
        sys.stdout.flush()
        width = os.get_terminal_size(2).columns if sys.stderr.isatty() else 1000
        lines = refusal_lines(decision.verdict, decision.answer, theme=self.theme, width=width)
        unasked = decision.answer and decision.answer.kind is AnswerKind.NO_TERMINAL
        if unasked and decision.verdict.kind is VerdictKind.CONFIRM:
            lines.append(f"  In a script, name the target beforehand: --yes-i-mean {self.here.guard.target}")
        sys.stderr.write("".join(f"{line}\n" for line in lines))


def outcome_of(reply: Reply) -> Outcome:
    """What became of a command that was answered by `reply`."""
    if isinstance(reply, Error):
        return Outcome(OutcomeKind.FAILED, visible(reply.data))
    return Outcome(OutcomeKind.DONE)
