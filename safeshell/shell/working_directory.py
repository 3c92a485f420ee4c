"""Where the commands of a line run: `cd /etc && rm -rf *` is a line about `/etc/*`.

A `cd` counts for what stands behind it in the same shell. As long as only `&&` joins it to what follows, it is
taken to have worked; behind anything else it may have failed, so that it only counts where it makes the line worse.
"""

from __future__ import annotations

from typing import Final

from safeshell.frozen import replace
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.invocation import program_of
from safeshell.shell.paths import absolute, belongs_to
from safeshell.shell.script import Place, SimpleCommand
from safeshell.shell.word import Word

_MOVING: Final = ("cd", "pushd", "popd")
_PREFIXES: Final = ("command", "builtin")
_LEAVING: Final = ("exit", "return", "die", "continue", "break")
_SAYING: Final = ("echo", "printf")
_COMMENT: Final = lazy_pattern(r"(?:^|(?<=\s))#[^\n]*")
_ON_SUCCESS: Final = lazy_pattern(r"(?:[\s;]*(?:[})]|fi\b|done\b))*\s*(?:&&|\|(?!\|))")
_ON_FAILURE: Final = lazy_pattern(r"\s*\|\|\s*(?:\{\s+)?")
_NEXT: Final = lazy_pattern(r"\s*[;\n]\s*")
_THEN: Final = lazy_pattern(r"\s*[;\n]\s*then\b")


class WorkingDirectory:
    """Follows the `cd`s of one text.

    Args:
        context: what is known of the shell at its start.
        text: the text, "" when spans do not count characters of it.
        start: where its first character stands in the outermost line.
        shells: by a shell's number, the shell it was made by.
    """

    def __init__(self, context: ShellContext, text: str, start: int, shells: tuple[int, ...]) -> None:
        self._context = context
        self._text = text
        self._start = start
        self._by_shell: dict[int, ShellContext] = {}
        self._shells = shells
        self._if_worked: set[int] = set()
        """The shells whose directory is only known as long as nothing runs after a failure."""
        self._or_left: tuple[SimpleCommand, ShellContext] | None = None
        """A `cd … || …`, behind which the line may leave, and what is known where it worked."""
        self._last: SimpleCommand | None = None

    def context_for(self, command: SimpleCommand) -> ShellContext:
        """What is known of the shell when `command` runs."""
        last, self._last = self._last, command
        between = self._between(last, command) if last else ""
        if last is None:
            return self._context
        if _is_moving(last):
            self._move(last, command, between)
        elif not (_holds(command, last) or self._joined(last, between)):
            for shell in self._if_worked:
                self._by_shell[shell] = _lost(self._of(shell))
            self._if_worked.clear()
        self._leave(command, last, between)
        return self._of(command.shell)

    def _of(self, shell: int) -> ShellContext:
        while shell and shell not in self._by_shell:
            shell = self._shells[shell]
        return self._by_shell.get(shell, self._context)

    def _joined(self, last: SimpleCommand, between: str) -> bool:
        """Whether what follows only runs when `last` worked."""
        if _ON_SUCCESS.match(between):
            return not self._before(last).endswith("!")
        return bool(_THEN.match(between)) and self._before(last).endswith("if")

    def _move(self, cd: SimpleCommand, following: SimpleCommand, between: str) -> None:
        before = self._of(cd.shell)
        program, *arguments = _bare(cd)
        operands = [word for word in arguments if word.text[:1] != "-" or word.text == "-"]
        target = operands[0] if operands else Word("~")
        self._if_worked.discard(cd.shell)
        if program.text == "popd" or not target.known or target.text in ("-", "") or target.glob:
            self._by_shell[cd.shell] = _lost(before)
            return
        path = absolute(target.text, before)
        if path.startswith("~") and before.home:
            path = before.home + path[1:]
        if not path.startswith(("/", "~")):
            self._by_shell[cd.shell] = _lost(before)
            return
        there = replace(before, cwd=path, moved=True)
        if any(
            belongs_to(Word(path), kind, before)
            for kind in ("@root", "@system", "@in-system", "@home", "@dotfile")
        ):
            self._by_shell[cd.shell] = there
        elif self._joined(cd, between):
            self._by_shell[cd.shell] = there
            self._if_worked.add(cd.shell)
        else:
            self._by_shell[cd.shell] = _lost(before)
            if _ON_FAILURE.fullmatch(between) and following.shell == cd.shell:
                self._or_left = (cd, there)

    def _leave(self, command: SimpleCommand, last: SimpleCommand, between: str) -> None:
        """Follow `cd DIR || exit` and `cd DIR || { echo …; exit; }`: what stands behind is in DIR."""
        if self._or_left is None:
            return
        cd, there = self._or_left
        if last is not cd and last.words and last.words[0].text in _LEAVING:
            self._or_left = None
            self._by_shell[cd.shell] = there
        elif not (
            command.words
            and command.shell == cd.shell
            and command.words[0].text in (*_LEAVING, *_SAYING)
            and (last is cd or _NEXT.fullmatch(between))
        ):
            self._or_left = None

    def _between(self, last: SimpleCommand, following: SimpleCommand) -> str:
        text = self._text[last.span[1] - self._start : following.span[0] - self._start]
        return _COMMENT.sub("", text.replace("\\\n", ""))

    def _before(self, command: SimpleCommand) -> str:
        at = command.span[0] - self._start
        return self._text[max(at - 8, 0) : at].rstrip()


def _bare(command: SimpleCommand) -> tuple[Word, ...]:
    words = command.words
    while len(words) > 1 and words[0].text in _PREFIXES:
        words = words[1:]
    return words


def _is_moving(command: SimpleCommand) -> bool:
    return (
        bool(command.words) and program_of(_bare(command)[0]) in _MOVING and "/" not in command.words[0].text
    )


def _holds(command: SimpleCommand, last: SimpleCommand) -> bool:
    """Whether `last` is a substitution in a word of `command`, or `command` itself in a loop's turn before."""
    if command.span == last.span:
        return Place.LOOP in command.places
    return command.span[0] <= last.span[0] and last.span[1] <= command.span[1]


def _lost(context: ShellContext) -> ShellContext:
    return replace(context, cwd="", moved=False)
