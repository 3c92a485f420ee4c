"""kill: which signal to which processes.

Facts: kill(1) of procps and util-linux, bash's builtin, kill(2).
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_LISTING: Final = frozenset({"-l", "-L", "--list", "--table"})
_OWN: Final = frozenset({"$!", "${!}", "$$", "$BASHPID", "$(jobs -p)", "`jobs -p`"})


def _parsed(invocation: Invocation) -> tuple[str, list[str]]:
    """The signal's name or number, "" for the usual one, and the processes."""
    texts = [word.text for word in invocation.words]
    signal, at = "", 0
    while at < len(texts):
        text = texts[at]
        if text == "--":
            return signal, texts[at + 1 :]
        if text in ("-s", "-n", "--signal", "-q", "--queue", "--timeout"):
            signal = texts[at + 1] if text in ("-s", "-n", "--signal") and at + 1 < len(texts) else signal
            at += 2
        elif text.startswith("--signal="):
            signal = text.partition("=")[2]
            at += 1
        elif text.startswith("-") and len(text) > 1 and not signal:
            # The first word with a dash is the signal, `kill -1` included; a second one is a group.
            signal = text[1:]
            at += 1
        else:
            break
    return signal, texts[at:]


def reads(invocation: Invocation) -> bool:
    """It lists signals, or asks whether processes are there (signal 0)."""
    words = [word.text for word in invocation.words]
    if words[:1] and words[0] in _LISTING:
        return True
    signal, processes = _parsed(invocation)
    return (
        signal in ("0", "EXIT") and bool(processes) and not any(text.startswith("-s") for text in processes)
    )


def continues(invocation: Invocation) -> bool:
    """It only lets stopped processes run on."""
    signal, processes = _parsed(invocation)
    return signal.upper().removeprefix("SIG") in ("CONT", "18") and bool(processes)


def everything(invocation: Invocation) -> bool:
    """Every process that one may signal: process -1."""
    _, processes = _parsed(invocation)
    return "-1" in processes and not reads(invocation)


def init(invocation: Invocation) -> bool:
    """Process 1, on which the system or the container stands."""
    _, processes = _parsed(invocation)
    return "1" in processes and not reads(invocation)


def own_job(invocation: Invocation) -> bool:
    """Only jobs of this shell: `%1`, `$!`."""
    words = [word for word in invocation.words if not word.text.startswith("-")]
    return bool(words) and all(
        word.text.startswith("%") or (word.text == UNKNOWN and word.unknowns[:1] and word.unknowns[0] in _OWN)
        for word in words
    )
