"""find: what its expression does with what it finds.

Facts: the GNU findutils 4.9 manual, find(1) of FreeBSD and macOS.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import words
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN, Word

_EXECUTING: Final = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_WRITING: Final = frozenset({"-delete", "-fprint", "-fprint0", "-fprintf", "-fls"})
_TESTS: Final = words(
    "-name -iname -path -ipath -wholename -iwholename -regex -iregex -lname -ilname -mtime -mmin -atime"
    " -amin -ctime -cmin"
    " -newer -anewer -cnewer -size -empty -user -group -uid -gid -nouser -nogroup -perm -links -inum"
    " -samefile -used"
    " -Btime -Bmin -Bnewer -quit -readable -writable -executable -fstype -context"
)
_VALUED: Final = words(
    "-name -iname -path -ipath -wholename -iwholename -regex -iregex -lname -ilname -mtime -mmin -atime"
    " -amin -ctime -cmin"
    " -newer -anewer -cnewer -size -user -group -uid -gid -perm -links -inum -samefile -used -type -xtype"
    " -fstype -maxdepth"
    " -mindepth -regextype -printf -context -Btime -Bmin -Bnewer -D -files0-from -flags -mtime"
)
_ANYTHING: Final = frozenset({"*", "*.*", "**", ".*", "?*"})


def reads(invocation: Invocation) -> bool:
    """The expression only prints."""
    return _only(invocation, executes=False)


def only_prints_or_execs(invocation: Invocation) -> bool:
    """The expression prints, or executes commands that are judged by themselves."""
    return _only(invocation, executes=True)


def deletes(invocation: Invocation) -> bool:
    """The expression has `-delete`."""
    return any(text == "-delete" for text, _ in _expression(invocation.words))


def deletes_everything(invocation: Invocation) -> bool:
    """The expression has `-delete`, and no test that leaves anything out."""
    narrowed = False
    for text, value in _expression(invocation.words):
        if text == "-delete":
            return not narrowed
        if text.startswith("-newer") or (text in _TESTS and value not in _ANYTHING):
            narrowed = True
    return False


def _only(invocation: Invocation, *, executes: bool) -> bool:
    for text, _ in _expression(invocation.words):
        if text in _WRITING or (text in _EXECUTING and not executes):
            return False
        if text.startswith("-f") and text not in (
            "-fstype",
            "-follow",
            "-files0-from",
            "-false",
            "-flags",
            "-f",
        ):
            return False
        if text == UNKNOWN:
            return False
    return True


def _expression(words: tuple[Word, ...]) -> list[tuple[str, str]]:
    """The expression's words with their values; what `-exec … ;` runs is left out; a word that may become an
    action is `UNKNOWN`.
    """
    found: list[tuple[str, str]] = []
    at, started = 0, False
    while at < len(words):
        word = words[at]
        text = word.text
        at += 1
        if text.startswith("-"):
            started = True
        if text in _EXECUTING:
            found.append((text, ""))
            while at < len(words) and words[at].text not in (";", "\\;"):
                if words[at].text == "+" and words[at - 1].text == "{}":
                    break
                at += 1
            at += 1
        elif text in _VALUED or (text.startswith("-newer") and text != "-newer"):
            found.append((text, words[at].text if at < len(words) else ""))
            at += 1
        elif started and text.startswith(UNKNOWN):
            found.append((UNKNOWN, ""))
        elif started or UNKNOWN not in text:
            found.append((text, ""))
    return found


def is_run_for_each(invocation: Invocation) -> bool:
    """It is what find runs for the files it finds: a word holds the name that find puts there."""
    return any("{}" in word.unknowns for word in invocation.words)
