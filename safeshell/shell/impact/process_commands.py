"""Which processes kill, pkill and killall name, and which services systemctl stops. Pure.

Sources: kill(1) and pkill(1) of procps, killall(1) of psmisc, systemctl(1), service(8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from safeshell.guard.reading import Touch
from safeshell.guard.text import visible
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.impact.touch import ProcessTouch, ServiceTouch
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import Word

_SIGNAL: Final = lazy_pattern(
    r"-(?:\d{1,2}|(?:SIG)?(?:HUP|INT|QUIT|ILL|TRAP|ABRT|IOT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD"
    r"|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR|SYS|RTM(?:IN|AX)(?:[+-]\d+)?|EXIT))"
)
_LETTERS: Final = lazy_pattern(r"-[fxinoecI]+")
_LONG: Final = {
    "--full": "f",
    "--exact": "x",
    "--ignore-case": "i",
    "--newest": "n",
    "--oldest": "o",
    "--echo": "e",
    "--count": "c",
    "--regexp": "r",
    "--wait": "w",
    "--quiet": "q",
    "--verbose": "v",
    "--process-group": "g",
}
_USER: Final = ("-u", "-U", "--euid", "--uid", "--user")
_SIGNAL_OPTION: Final = ("-s", "--signal")
_STOPPING: Final = frozenset("stop restart try-restart kill reload-or-restart isolate condrestart".split())
_PROBES: Final = ("0", "EXIT")


def process_touches(invocation: Invocation) -> Iterator[Touch]:
    """What a command signals or stops; nothing for any that is not known here."""
    match invocation.program:
        case "kill":
            yield from _kill(invocation)
        case "pkill":
            yield from _pkill(invocation)
        case "killall":
            yield from _killall(invocation)
        case "systemctl":
            yield from _systemctl(invocation)
        case "service":
            yield from _service(invocation)


def _kill(invocation: Invocation) -> Iterator[Touch]:
    words = list(invocation.words)
    signal = ""
    while words and words[0].text.startswith("-") and not signal:
        text = words[0].text
        if text in ("-l", "-L", "--list", "--table"):
            return
        words.pop(0)
        if text == "--":
            break
        if text in ("-s", "-n", "--signal", "-q", "--queue") and words:
            value = words.pop(0).text
            signal = value if text in ("-s", "-n", "--signal") else ""
        elif text.startswith("--signal="):
            signal = text.partition("=")[2]
        else:
            signal = text[1:]
    if words and words[0].text == "--":
        words.pop(0)
    if _probes(signal):
        return
    pids = tuple(int(word.text) for word in words if _is_number(word))
    others = [word for word in words if not _is_number(word) and not word.text.startswith("%")]
    if pids:
        yield ProcessTouch(signal, pids)
    if others:
        yield ProcessTouch(signal, unknown=_unknown(others))


def _pkill(invocation: Invocation) -> Iterator[Touch]:
    letters, signal, strange = _options(invocation)
    if _probes(signal):
        return
    names = invocation.operands[:1]
    user = invocation.value(*_USER)
    if strange or any(not word.known for word in (*names, *([user] if user else []))):
        unknown = f"{' '.join(strange)} was not looked at" if strange else _unknown(list(names))
        yield ProcessTouch(signal, unknown=unknown)
        return
    yield ProcessTouch(
        signal,
        names=tuple(word.text for word in names),
        pattern=True,
        full="f" in letters,
        exact="x" in letters,
        icase="i" in letters,
        user=user.text if user else "",
        newest="n" in letters,
        oldest="o" in letters,
    )


def _killall(invocation: Invocation) -> Iterator[Touch]:
    if invocation.has("-l", "--list"):
        return
    letters, signal, strange = _options(invocation, ("-r", "-w", "-q", "-v", "-g", "-e", "--interactive"))
    if _probes(signal):
        return
    user = invocation.value("-u", "--user")
    words = list(invocation.operands)
    if strange or any(not word.known for word in (*words, *([user] if user else []))):
        unknown = f"{' '.join(strange)} was not looked at" if strange else _unknown(words)
        yield ProcessTouch(signal, unknown=unknown)
        return
    yield ProcessTouch(
        signal,
        names=tuple(word.text for word in words),
        pattern="r" in letters,
        icase="I" in letters or invocation.has("--ignore-case"),
        user=user.text if user else "",
        exact="r" not in letters,
    )


def _options(invocation: Invocation, more: tuple[str, ...] = ()) -> tuple[str, str, list[str]]:
    """The letters given, the signal, and the options that choose in a way not followed here."""
    letters, signal, strange = "", "", []
    for option in invocation.options:
        name = option.name
        if _SIGNAL.fullmatch(name.upper()):
            signal = name[1:]
        elif name in _SIGNAL_OPTION:
            signal = option.value.text if option.value else ""
        elif name in _LONG:
            letters += _LONG[name]
        elif name in more:
            letters += name[-1:]
        elif _LETTERS.fullmatch(name):
            letters += name[1:]
        elif name not in _USER:
            strange.append(visible(name, limit=30))
    return letters, signal, strange


def _systemctl(invocation: Invocation) -> Iterator[Touch]:
    verb = invocation.operands[0].text if invocation.operands else ""
    stops = verb in _STOPPING or (verb in ("disable", "mask") and invocation.has("--now"))
    if not stops or invocation.has("--user", "-H", "--host", "-M", "--machine", "--root"):
        return
    names = tuple(word.text for word in invocation.operands[1:] if word.known)
    if names:
        yield ServiceTouch(names)


def _service(invocation: Invocation) -> Iterator[Touch]:
    words = invocation.operands
    if len(words) >= 2 and words[0].known and words[1].text in _STOPPING:
        yield ServiceTouch((words[0].text,))


def _probes(signal: str) -> bool:
    return signal.upper().removeprefix("SIG") in _PROBES


def _is_number(word: Word) -> bool:
    digits = word.text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 12


def _unknown(words: list[Word]) -> str:
    names = [visible(name, limit=60) for word in words for name in (word.unknowns or (word.source,))]
    return f"{' and '.join(dict.fromkeys(names[:3]))} {'is' if len(names) == 1 else 'are'} unknown"
