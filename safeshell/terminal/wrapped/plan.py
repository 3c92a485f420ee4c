"""A session about to begin, and what it works with: values, and the one call that makes the rest of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from safeshell.config.settings import KernelHold
from safeshell.frozen import frozen
from safeshell.guard.environment import Environment
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Reading
from safeshell.journal.recordings.recorder import Recorder
from safeshell.shell.dialect import ShellDialect
from safeshell.terminal.theme import Theme
from safeshell.terminal.tracking.programs import Program
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.repl_gate import ReadRepl
from safeshell.terminal.wrapped.session_screen import SessionScreen
from safeshell.terminal.wrapped.session_words import Note
from safeshell.terminal.wrapped.shims import Shim


@frozen
class Equipment:
    """What a session works with.

    Args:
        guard: its guard.
        dialect: reads its lines.
        note: writes into the journal what is no line.
        recorder: keeps what the screen shows.
        look: a reading with what the files say that its line would load.
        settle: notes how a line has left what was kept of it.
        read_repl: what a text would do in a program without a hook.
        close: ends the session in the journal.
    """

    guard: Guard
    dialect: ShellDialect
    note: Note
    recorder: Recorder
    look: Callable[[Reading], Reading]
    settle: Callable[[str], None]
    read_repl: ReadRepl
    close: Callable[[], None]


class Equip(Protocol):
    """Makes what a session works with, once the shell is on its way."""

    def __call__(self, screen: SessionScreen, size: WindowSize) -> Equipment:
        """The equipment of a session that asks and tells on `screen`."""


@frozen
class Plan:
    """A session about to begin.

    Args:
        argv: the shell or other program.
        environ: the environment that it gets.
        names: variables whose values say where a command would act.
        theme: the terminal's looks.
        equip: makes what it works with.
        environment: the session's, for the window's looks.
        target: what the session acts on, for the title.
        kernel: whether the kernel is to hold it read-only; None for a session that may write.
        watch: whether lines of programs without a hook are read from the screen.
        forced: what such programs are taken for; None to look.
        tint: whether the background is to have the environment's colour.
        tab: whether the window's tab is.
        shims: programs that are a console of our own at its prompt.
        own_program: the words that start this program as it was started, with its configuration.
    """

    argv: Sequence[str]
    environ: Mapping[str, str]
    names: Sequence[str]
    theme: Theme
    equip: Equip
    environment: Environment
    target: str
    kernel: KernelHold | None = None
    watch: bool = True
    forced: Program | None = None
    tint: bool = False
    tab: bool = False
    shims: Sequence[Shim] = ()
    own_program: Sequence[str] = ("safeshell",)
