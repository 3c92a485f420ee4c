"""Interpreters of small languages that mostly start other programs: expect, Tcl, Emacs Lisp.

A literal scan for the words that run something (`spawn`, `exec`, `send`; `shell-command`); what is worked out is not
seen, and nothing here is a proof. Sources: expect(1), Tcl's exec(n) and open(n), the Emacs Lisp manual.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, InnerText, Language, Unwrapped
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too
from safeshell.shell.wrappers.front import front, walk
from safeshell.shell.wrappers.standard_input import Origin, standard_input

_MAX_FOUND: Final = 50
_TCL: Final = lazy_pattern(
    r"(?:^|[;{\[\n])\s*(?:spawn|exec|system)\s+(?:-(?:noecho|open|pty|ignorestderr|keepnewline|--)\s+)*([^\n;\]}]+)"
    r"|\bopen\s+[\"{]\|\s*([^\"}]+)"
)
_SENT: Final = lazy_pattern(r"\bsend\s+(?:-(?:s|h|-)\s+)*\"((?:[^\"\\]|\\.)*)\"", re.S)
_BARE_ENDS: Final = frozenset({"reboot", "poweroff", "halt", "shutdown"})
_LISP: Final = lazy_pattern(
    r"\((?P<name>[a-z-]*shell-command[a-z-]*|delete-file|delete-directory|kill-emacs-hook)\s+\"(?P<text>(?:[^\"\\]|\\.)*)\""
    r"(?P<rest>[^)]*)",
    re.S,
)


def _tcl(call: Call) -> Unwrapped | None:
    """`expect -c SCRIPT`, and scripts on the standard input of expect and tclsh."""
    taken = walk(call.words, front("-D -i -n -N -v -b -d", "-c -f"))
    texts = [(one.text, one.span) for one in taken.values("-c")]
    if not texts and (not taken.operands or taken.operands[0].text == "-") and not taken.has("-f"):
        came = standard_input(call.command)
        texts = [(came.text, came.span)] if came.origin is Origin.TEXT else []
    inner: list[Inner] = []
    for text, span in texts:
        for match in _TCL.finditer(text):
            started = (match[1] or match[2]).replace("{", "'").strip()
            inner.append(InnerText(started, Language.SHELL, span))
        for match in _SENT.finditer(text):
            # A single word is an answer, perhaps a password.
            sent = re.sub(r"\\[rn]", "\n", match[1]).strip()
            if " " in sent or sent in _BARE_ENDS:
                inner.append(InnerText(sent, Language.SHELL, span, elsewhere=True))
    return judged_too(*inner[:_MAX_FOUND])


def _emacs(call: Call) -> Unwrapped | None:
    """`emacs --batch --eval LISP`."""
    texts: list[Word] = []
    for at, one in enumerate(call.words):
        name, equals, _ = one.text.partition("=")
        if name.lstrip("-") in ("e", "eval", "execute") and name[:1] == "-":
            texts += [one] if equals else call.words[at + 1 : at + 2]
    inner = [
        InnerText(_as_shell(match), Language.SHELL, one.span)
        for one in texts
        for match in _LISP.finditer(one.text)
    ]
    return judged_too(*inner[:_MAX_FOUND]) if inner else PACKS_JUDGE


def _as_shell(match: re.Match[str]) -> str:
    text = re.sub(r"\\(.)", r"\1", match["text"])
    if "shell-command" in match["name"]:
        return text or UNKNOWN
    recursive = match["name"] == "delete-directory" and match["rest"].split()[:1] not in ([], ["nil"])
    return ("rm -r -- " if recursive else "rm -- ") + shlex.quote(text)


WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("expect", "tclsh", "wish"), _tcl),
    **dict.fromkeys(("emacs", "emacsclient"), _emacs),
}
