"""Lines that need no grammar: bare words and blanks. They are most lines, and parsing is most of a process's start.

What is taken here reads exactly as the grammar would read it (the tests hold the two against each other); in the
least doubt the answer is None.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.script import Script, SimpleCommand
from safeshell.shell.word import Word

_BLANKS: Final = " \t"
_PLAIN: Final = lazy_pattern(
    r"[ \t]*[A-Za-z0-9_./-]+(?:[ \t]+[A-Za-z0-9_./:,@%+-][A-Za-z0-9_./:=,@%+-]*)*[ \t]*"
)
_SHELLS: Final = ("bash", "sh")
_MAX: Final = 2000
# What is grammar in bash, or changes what later words mean, when it stands first (bash(1), RESERVED WORDS).
_SPECIAL: Final = frozenset(
    "if then else elif fi for while until do done case esac select function time coproc in alias unalias export"
    " declare typeset local readonly read unset set shopt eval mapfile readarray getopts let printf source . trap"
    " cd pushd popd".split()
)


def plain_script(text: str, context: ShellContext) -> Script | None:
    """The one command of a line of bare words; None when the line needs the grammar."""
    if len(text) > _MAX or context.shell not in _SHELLS or _PLAIN.fullmatch(text) is None:
        return None
    first, *_ = text.split(None, 1)
    if first in _SPECIAL or first in context.aliases or first in context.functions or first.isdigit():
        return None
    words = []
    at, end = 0, len(text)
    while at < end:
        if text[at] in _BLANKS:
            at += 1
            continue
        start = at
        while at < end and text[at] not in _BLANKS:
            at += 1
        word = text[start:at]
        words.append(Word(word, (start, at), word))
    command = SimpleCommand(tuple(words), span=(words[0].span[0], words[-1].span[1]))
    return Script((command,), names=(first,))
