"""Which characters of a line that is being typed are not shown: its secrets. Pure, and quick for other lines."""

from __future__ import annotations

from collections.abc import Mapping

from safeshell.guard.reading import Span
from safeshell.redis.redact import redact_line, secret_words
from safeshell.redis.tokens import InvalidRepeat, UnbalancedQuotes, split_repeat, split_spans


def secret_spans(line: str, *, renamed: Mapping[str, str]) -> list[Span]:
    """The secret parts of `line`, quotes included; a line whose quotes do not fit yet hides all that may be one.

    Args:
        line: as far as it is typed.
        renamed: names as typed, upper case → real names (`ServerFacts.renamed`).
    """
    redacted = redact_line(line, renamed=renamed)
    if redacted == line:
        return []
    try:
        tokens = split_spans(line)
        skipped = split_repeat([token.value for token in tokens]).skipped
    except (UnbalancedQuotes, InvalidRepeat):
        pairs = enumerate(zip(line, redacted, strict=False))
        start = next((at for at, (typed, shown) in pairs if typed != shown), len(line))
        return [(start, len(line))]
    words = [token.value for token in tokens[skipped:]]
    return [tokens[at + skipped].span for at in secret_words(words, renamed)]
