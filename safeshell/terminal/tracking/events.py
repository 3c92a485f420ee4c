"""What the reading of lines is told, and what it wants done: the values between `ReplWatcher` and its driver."""

from __future__ import annotations

from safeshell.frozen import frozen
from safeshell.terminal.tracking.programs import Program


@frozen
class TtyMode:
    """How the program's terminal takes input now, by its termios.

    Args:
        canonical: line by line, edited by the kernel (ICANON).
        echo: the kernel shows what is typed (ECHO).
    """

    canonical: bool = False
    echo: bool = False

    @property
    def secret(self) -> bool:
        """A line is taken that is not to be seen: a password."""
        return self.canonical and not self.echo


@frozen
class Typed:
    """Bytes from the person's terminal; `at` is in seconds of a clock that never goes back."""

    data: bytes
    at: float
    mode: TtyMode


@frozen
class Printed:
    """Bytes from the program; they have gone to the screen, or go there whatever is said here."""

    data: bytes
    at: float


@frozen
class Tick:
    """Time has passed: to be told when `wake_at` is reached."""

    at: float
    mode: TtyMode


@frozen
class Resized:
    """The window has another size. Told before the program is."""

    columns: int
    rows: int


@frozen
class InFront:
    """Who reads the terminal. To be told before what was printed or typed then.

    Args:
        program: the one whose lines are read from the screen; None for any other.
        busy: something that it started has the terminal: a command of a shell, a pager. Lines that the kernel edits
            are taken for the program's, as it will get them if nobody else does; keys go to whoever is in front.
    """

    program: Program | None
    busy: bool = False


@frozen
class Judged:
    """The guard has spoken on the line that is held: it runs, or stays on the edit line as it is."""

    runs: bool
    at: float


Event = Typed | Printed | Tick | Resized | InFront | Judged


@frozen
class ToProgram:
    """Write this to the program's terminal."""

    data: bytes


@frozen
class HeldLine:
    """A line whose Enter is held until `Judged`. Until then the program's output is not to be read.

    Args:
        text: the statement with this line as its last; what would run.
        line: the line by itself.
        program: whose it is.
        doubts: why the text may not be what would run, sentences without a full stop; () when it is certain.
        typed: what plain typing makes of the line, where that differs from the screen: to be judged as well.
    """

    text: str
    line: str
    program: Program
    doubts: tuple[str, ...] = ()
    typed: str = ""

    @property
    def certain(self) -> bool:
        """Whether the text is what would run, as far as a screen can tell."""
        return not self.doubts

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is to be judged; the strictest verdict counts."""
        return (self.text, self.typed) if self.typed else (self.text,)


@frozen
class Judge:
    """Put a line to the guard."""

    held: HeldLine


@frozen
class Slipped:
    """A statement ran without judgement, as it was taken for unfinished; from now on every line is judged."""

    text: str


@frozen
class Dropped:
    """Input that was typed ahead behind a line that does not run is thrown away."""

    count: int


Action = ToProgram | Judge | Slipped | Dropped
