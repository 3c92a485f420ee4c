"""Redis as a language of lines: from what is typed to a `Reading`, without asking any server.

The join of words, commands and places in the line. Reading is pure: what the session knows comes in at
construction, and a new dialect is made when it changes. Nothing here raises, whatever the line holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from safeshell.frozen import replace
from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding, Reading, Span
from safeshell.redis.addressed import addresses_of
from safeshell.redis.facts import EMPTY, ServerFacts
from safeshell.redis.meaning import Context, Meaning, Remark
from safeshell.redis.plain_lines import MAX_PLAIN, plan_for
from safeshell.redis.quoting import quoted
from safeshell.redis.redact import redact_argv, redact_line, redact_tokens
from safeshell.redis.tokens import InvalidRepeat, Token, UnbalancedQuotes, split_repeat, split_spans
from safeshell.redis.understanding import understand

NAME: Final = "redis"
MAX_LINE: Final = 512 << 20
"""Characters of one line; the server takes no longer word (proto-max-bulk-len)."""

_BARE_WORD: Final = re.compile(rb"[!#-&(-\[\]-~]+")
_ONCE_IS_ENOUGH: Final = re.compile(r"DEL|UNLINK|EXPIRE|TRIM|REM|CLEAR|DESTROY")


class RedisDialect:
    """Reads Redis lines as one session would send them.

    Args:
        facts: what its server told.
        db: the selected database.
        queued: the readings of what was queued since MULTI, for EXEC.
        in_multi: whether commands are being queued.
        now_ms: Unix milliseconds, for times given to EXPIREAT and the like; without it only what is past for
            certain counts as past.
    """

    def __init__(
        self,
        facts: ServerFacts = EMPTY,
        *,
        db: int = 0,
        queued: tuple[Reading, ...] = (),
        in_multi: bool = False,
        now_ms: int | None = None,
    ) -> None:
        self.context = Context(facts, db, now_ms, in_multi, queued)
        self._told = frozenset(facts.renamed) | frozenset(facts.live)

    @property
    def name(self) -> str:
        """`redis`."""
        return NAME

    def read(self, line: str) -> Reading:
        """What one typed line would do; a number in front repeats it, as redis-cli does. Never raises."""
        return self._read_plain(line) or self._read_closely(line)

    def read_argv(self, argv: Sequence[bytes], *, line: str = "", span: Span | None = None) -> Reading:
        """What one command would do whose words are known exactly, as from a command line of the system.

        Args:
            argv: the words as they are sent.
            line: the text it stands in; made of the words when empty.
            span: where in `line` it stands; all of it by default.
        """
        words = [word if _BARE_WORD.fullmatch(word) else quoted(word) for word in argv]
        redacted = b" ".join(
            word if _BARE_WORD.fullmatch(word) else quoted(word) for word in self._redacted(argv)
        ).decode()
        if line:
            place = span or (0, len(line))
            tokens = [Token(word, place) for word in argv]
        else:
            line = b" ".join(words).decode()
            tokens, at = [], 0
            for word, written in zip(argv, words, strict=True):
                tokens.append(Token(word, (at, at + len(written))))
                at += len(written) + 1
        if not argv:
            return Reading(NAME, line, redacted)
        command, unreadable = self._command(argv, tokens, self.context)
        return Reading(NAME, line, redacted, (command,), unreadable, addresses_of([argv]))

    def read_batch(self, lines: Sequence[str]) -> Reading:
        """What several lines would do one after the other, judged as one; spans count from the first line's start.

        Args:
            lines: without their line ends. The reading's line is all of them, joined by line feeds.
        """
        from safeshell.redis.batch import read_batch

        return read_batch(self, lines)

    def plans_hold_for(self, word: str) -> bool:
        """Whether the server told nothing of `word` that could make it another command."""
        return not self._told or word.upper() not in self._told

    def _read_plain(self, line: str) -> Reading | None:
        if len(line) > MAX_PLAIN or not (line.isascii() and line.isprintable()) or '"' in line or "'" in line:
            return None
        words = line.split()
        if len(words) < 2:
            return None
        first = words[0]
        plan = plan_for(first)
        if (
            plan is None
            or plan.remarked
            or not plan.fits(len(words))
            or (self._told and not self.plans_hold_for(first))
        ):
            return None
        if "://" in line:
            return None  # a URL may hold a password, which has to be taken out
        if line[0] == " " or line[-1] == " ":
            start = line.index(first)
            command = plan.command(words[1], start, start + len(line.strip()))
        else:
            command = plan.command(words[1], 0, len(line))
        return Reading("redis", line, line, (command,))

    def _read_closely(self, line: str) -> Reading:
        if len(line) > MAX_LINE:
            too_long = f"longer than {MAX_LINE:,} characters"
            return _unread(line, self.redacted_line(line), "redis.too-long", too_long)
        try:
            tokens = split_spans(line)
        except UnbalancedQuotes as error:
            unsplit = f"it can't be split into words: {error.message}"
            return _unread(line, self.redacted_line(line), "redis.quotes", unsplit)
        redacted = redact_tokens(line, tokens, renamed=self.context.facts.renamed)
        if not tokens:
            return Reading(NAME, line, redacted)
        if "\n" in line.strip() and _breaks(line, tokens):
            return self._read_several(line, redacted)
        return self.read_tokens(line, redacted, tokens, self.context)

    def read_tokens(
        self, line: str, redacted: str, tokens: Sequence[Token], context: Context, *, start: int = 0
    ) -> Reading:
        """What a line does that has been split already, at least one word.

        Args:
            line: as typed.
            redacted: the same without secrets.
            tokens: its words.
            context: the session at that moment.
            start: where the line stands in a longer text, which places are counted from.
        """
        words = [token.value for token in tokens]
        try:
            repeated = split_repeat(words)
        except InvalidRepeat as error:
            return _unread(line, redacted, "redis.repeat", error.message, start)
        command, unreadable = self._command(repeated.argv, tokens[repeated.skipped :], context, start)
        if repeated.count > 1:
            command = _again(command)
        if repeated.skipped:
            command = replace(command, span=(tokens[0].span[0] + start, tokens[-1].span[1] + start))
        return Reading(NAME, line, redacted, (command,), unreadable, addresses_of([repeated.argv]))

    def _command(
        self, argv: Sequence[bytes], tokens: Sequence[Token], context: Context, start: int = 0
    ) -> tuple[Command, tuple[Finding, ...]]:
        understood = understand(argv, context)
        meaning, objects = understood.meaning, understood.objects
        redacted = self._redacted(argv)
        if redacted != list(argv):
            # What is said of the command must not repeat a secret: the words come from the line without it.
            told = understand(redacted, context)
            objects = told.objects
            meaning = _told_by(meaning, told.meaning)
        whole = (tokens[0].span[0] + start, tokens[-1].span[1] + start)
        command = Command(
            understood.name,
            meaning.effects,
            tuple(_finding(remark, tokens, whole, start) for remark in meaning.remarks),
            meaning.reads and not meaning.unreadable,
            whole,
            objects,
        )
        return command, tuple(_finding(remark, tokens, whole, start) for remark in meaning.unreadable)

    def _read_several(self, line: str, redacted: str) -> Reading:
        """A text with line ends outside of quotes: nobody can say here whether it is sent as one or as several."""
        batch = self.read_batch(line.split("\n"))
        finding = Finding(
            "redis.several-lines",
            Severity.HIGH,
            "it is several lines in one",
            "give them one by one",
            (0, len(line)),
        )
        return replace(batch, line=line, redacted=redacted, unreadable=(*batch.unreadable, finding))

    def redacted_line(self, line: str) -> str:
        """`line` without its secrets, renamed commands seen through."""
        return redact_line(line, renamed=self.context.facts.renamed)

    def _redacted(self, argv: Sequence[bytes]) -> list[bytes]:
        return redact_argv(argv, renamed=self.context.facts.renamed)


def _finding(remark: Remark, tokens: Sequence[Token], whole: Span, start: int) -> Finding:
    span = whole
    if 0 < remark.at < len(tokens):
        span = (tokens[remark.at].span[0] + start, tokens[remark.at].span[1] + start)
    return Finding(remark.rule, remark.severity, remark.reason, remark.instead, span)


def _again(command: Command) -> Command:
    """The same command more than once: what takes away one thing each time takes away many."""
    if _ONCE_IS_ENOUGH.search(command.name) and not command.name.startswith("EVAL"):
        return command
    effects = tuple(
        replace(effect, extent=Extent.MANY)
        if effect.extent is Extent.ONE
        and effect.kind in (EffectKind.DELETE, EffectKind.STOP, EffectKind.EXECUTE)
        else effect
        for effect in command.effects
    )
    return replace(command, effects=effects)


def _breaks(line: str, tokens: Sequence[Token]) -> bool:
    """Whether a line end stands between two words."""
    return any("\n" in line[before.span[1] : after.span[0]] for before, after in pairwise(tokens))


def _unread(line: str, redacted: str, rule: str, reason: str, start: int = 0) -> Reading:
    finding = Finding(rule, Severity.HIGH, reason, span=(start, start + len(line)))
    return Reading(NAME, line, redacted, unreadable=(finding,))


def _told_by(meaning: Meaning, told: Meaning) -> Meaning:
    """`meaning` with the words of another that has the same parts; with none where the parts differ."""
    same = len(meaning.effects) == len(told.effects)
    objects = [effect.object for effect in told.effects] if same else [""] * len(meaning.effects)
    effects = tuple(
        replace(effect, object=object_) for effect, object_ in zip(meaning.effects, objects, strict=True)
    )
    return replace(meaning, effects=effects)
