"""Shells that are handed a text: `sh -c TEXT`, scripts on standard input, `bash <(curl …)`.

A script that is a file is not read: it is a program like any other. An interactive shell is for the packs to judge.
Sources: bash(1), dash(1), zsh(1), ksh(1), fish(1), tcsh(1).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Final

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Address, Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, InnerText, Language, Opaque, Unwrapped
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, hides_all, transparent
from safeshell.shell.wrappers.front import front, walk
from safeshell.shell.wrappers.standard_input import Origin, StandardInput, standard_input, substituted

SHELLS: Final = frozenset(
    "sh bash dash zsh ksh ksh93 mksh lksh ash yash rbash rzsh osh posh hush csh tcsh fish".split()
)
"""Shells that take `-c TEXT`."""

_VALUE_LONG: Final = frozenset({"--rcfile", "--init-file", "--emulate"})
_FISH: Final = front(
    "-i -l -n -N -P -v -h --interactive --login --no-execute --no-config --private --version --help",
    "-c -C -d -o -D -f -p --command --init-command --debug --debug-output --debug-stack-frames --features"
    " --profile --profile-startup",
)
_POWERSHELL: Final = frozenset({"-c", "-command", "/c", "-commandwithargs"})
_ONLY_ARGUMENTS: Final = lazy_pattern(r'(?:exec\s+)?(?:"\$@"|\$@|"\$\*"|\$\*|"\$0" "\$@"|\$0 "?\$@"?)\s*;?')
_PARAMETER: Final = lazy_pattern(r'(?P<quote>"?)(?<!\\)\$(?P<open>\{)?(?P<sign>[0-9@*])(?(open)\})(?P=quote)')
_PLAIN_VALUE: Final = lazy_pattern(rf"[\w@%+=:,./*?{UNKNOWN}-]+")
_MAX_PARAMETERS: Final = 64
_DOWNLOADERS: Final = frozenset(
    {"curl", "wget", "http", "https", "xh", "aria2c", "fetch", "lynx", "nc", "ncat"}
)


def _shell(call: Call) -> Unwrapped | None:
    return shell_call(call, call.words)


def shell_call(
    call: Call,
    words: Iterable[Word],
    *,
    elsewhere: bool = False,
    addresses: tuple[Address, ...] = (),
) -> Unwrapped | None:
    """What a Bourne-like shell runs that is given `words` as its arguments."""
    words = tuple(words)
    text_wanted = reads_input = looks = False
    at = 0
    while at < len(words):
        text = words[at].text
        if text in ("--", "-"):
            at += 1
            break
        if text[:1] not in ("-", "+"):
            break
        at += 1
        if text.startswith("--"):
            looks = looks or text in ("--version", "--help")
            if text in ("--command", "--commands"):
                text_wanted = True
            at += text in _VALUE_LONG
            continue
        letters = text[1:]
        if text[0] == "-":
            text_wanted = text_wanted or "c" in letters
            reads_input = reads_input or "s" in letters
            looks = looks or "n" in letters
        # Each `o` or `O` takes a word: `-euo pipefail -c`.
        at += min(letters.count("o") + letters.count("O"), 1)
    rest = words[at:]
    if looks and not text_wanted:
        return PACKS_JUDGE
    if text_wanted:
        if not rest:
            return PACKS_JUDGE
        return _given_text(call, rest, elsewhere=elsewhere, addresses=addresses)
    if rest and not reads_input:
        return _script_file(call, rest[0])
    return fed_script(call, elsewhere=elsewhere, addresses=addresses)


def _given_text(
    call: Call, rest: tuple[Word, ...], *, elsewhere: bool, addresses: tuple[Address, ...]
) -> Unwrapped | None:
    """`-c TEXT [name [arguments]]`."""
    given = rest[0]
    if len(rest) > 1 and _ONLY_ARGUMENTS.fullmatch(given.text.strip()):
        # `sh -c 'exec "$@"' name ls` runs the words behind it, `sh -c '$0 "$@"' ls` all of them.
        arguments = rest[1:] if "$0" in given.text else rest[2:]
        if arguments:
            return transparent(call.runs(arguments, elsewhere=elsewhere, addresses=addresses))
    printing = printing_program(given)
    if printing and hides_all(given.text):
        return transparent(unread_script(printing, given.span))
    filled = with_parameters(given, rest[1:])
    return transparent(call.runs_text([filled], elsewhere=elsewhere, addresses=addresses))


def with_parameters(given: Word, arguments: tuple[Word, ...]) -> Word:
    """The text of `sh -c TEXT name x y` with `$1`, `$2`, `$@` replaced, where its quotes leave no doubt."""
    if not arguments or "$" not in given.text or "'" in given.text or len(arguments) > _MAX_PARAMETERS:
        return given
    texts = [one.text for one in arguments]

    def replaced(match: re.Match[str]) -> str:
        sign, quote = match["sign"], match["quote"]
        wanted = texts[1:] if sign in ("@", "*") else texts[int(sign) : int(sign) + 1]
        return " ".join(_quoted(text, quote) for text in wanted) or quote * 2

    text = _PARAMETER.sub(replaced, given.text)
    if text == given.text:
        return given
    unknowns = given.unknowns + tuple(unknown for one in arguments for unknown in one.unknowns)
    return Word(text, given.span, text, unknowns=unknowns)


def _quoted(text: str, quote: str) -> str:
    return quote + text + quote if _PLAIN_VALUE.fullmatch(text) else shlex.quote(text)


def printing_program(given: Word) -> str:
    """The program whose output a word is: `curl` of `$(curl -fsSL x)`."""
    for source in given.unknowns:
        inside = source.strip("$()`").split()
        if source[:2] == "$(" or source[:1] == "`":
            return inside[0] if inside else ""
    return ""


def _script_file(call: Call, operand: Word) -> Unwrapped | None:
    printed = substituted(operand)
    if printed:
        return transparent(unread_script(printed.split()[0] if printed.split() else "", operand.span))
    if operand.text in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
        return fed_script(call)
    return PACKS_JUDGE


def fed_script(
    call: Call,
    *,
    elsewhere: bool = False,
    addresses: tuple[Address, ...] = (),
) -> Unwrapped | None:
    """What a shell runs that reads its commands from standard input."""
    came = standard_input(call.command)
    inner = script_in(came, elsewhere=elsewhere, addresses=addresses)
    return transparent(inner) if inner is not None else PACKS_JUDGE


def script_in(
    came: StandardInput, *, elsewhere: bool = False, addresses: tuple[Address, ...] = ()
) -> Inner | None:
    """The script that comes in; None when a person types it, or when it is a file, which is not read."""
    if came.origin is Origin.TEXT:
        if hides_all(came.text):
            return unread_script(came.name, came.span)
        return InnerText(came.text, Language.SHELL, came.span, came.exact, elsewhere, addresses)
    return unread_script(came.name, came.span) if came.origin is Origin.PROGRAM else None


def unread_script(program: str, span: Span, *, severity: Severity = Severity.HIGH) -> Opaque:
    """A script that a program prints and a shell runs at once."""
    if program in _DOWNLOADERS:
        reason = f"runs what `{program}` downloads, unread"
    elif program:
        reason = f"runs what `{program}` prints, unread"
    else:
        reason = "runs a script that nobody has read"
    return Opaque(
        "shell.pipe-to-shell", reason, severity, "save it to a file, read it, then run the file", span
    )


def _fish(call: Call) -> Unwrapped | None:
    taken = walk(call.words, _FISH)
    texts = [*taken.values("-c", "--command"), *taken.values("-C", "--init-command")]
    if texts:
        return transparent(*(call.runs_text([one]) for one in texts))
    if taken.has("-n", "--no-execute", "-v", "--version", "-h", "--help"):
        return PACKS_JUDGE
    return _script_file(call, taken.operands[0]) if taken.operands else fed_script(call)


def _powershell(call: Call) -> Unwrapped | None:
    """`pwsh -c TEXT`, `cmd /c TEXT`: read as far as a command is a name and its words."""
    for at, one in enumerate(call.words):
        if one.text.lower() in _POWERSHELL and call.words[at + 1 :]:
            return transparent(call.runs_text(call.words[at + 1 :]))
        if one.text.lower() in ("-encodedcommand", "-enc", "-e", "-ec"):
            return transparent(unread_script("", call.command.span))
    return PACKS_JUDGE if call.words else fed_script(call)


def _plain_c(call: Call) -> Unwrapped | None:
    """Other shells with `-c TEXT`: nushell, elvish, xonsh."""
    taken = walk(call.words, front(values="-c --commands --command", known=True))
    text = taken.value("-c", "--commands", "--command")
    return transparent(call.runs_text([text])) if text is not None else PACKS_JUDGE


def _applet(call: Call) -> Unwrapped | None:
    """`busybox rm x`: the first word is the program."""
    if not call.words or call.words[0].text.startswith("-"):
        return PACKS_JUDGE
    return transparent(call.runs(call.words))


WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(SHELLS - {"fish"}, _shell),
    "fish": _fish,
    "pwsh": _powershell,
    "powershell": _powershell,
    "cmd": _powershell,
    "nu": _plain_c,
    "elvish": _plain_c,
    "xonsh": _plain_c,
    "busybox": _applet,
    "toybox": _applet,
}
