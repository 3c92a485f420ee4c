"""A person at bash, zsh or fish, as it comes or with the guard inside: one home, a prompt that ends in `$ `."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.program import PROGRAM
from tests.person import DEADLINE, Person, person_environ

CONFIG = """\
version = 1

[recording]
environments = []

[environments.production]
mode = "guarded"
undo = false
"""

RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
HISTORY = {"bash": ".bash_history", "zsh": ".zsh_history", "fish": ".local/share/fish/fish_history"}
PLAIN = {
    "bash": "PS1='$ '\nPS2='> '\n",
    "zsh": (
        "PROMPT='$ '\nPS2='> '\nHISTFILE=~/.zsh_history HISTSIZE=900 SAVEHIST=900\n"
        "unsetopt prompt_sp\nbindkey -e\n"
    ),
    "fish": (
        "function fish_prompt; printf '$ '; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n"
    ),
}
CONTROL_C = "\x03"


class ShellPerson(Person):
    """Sits before a shell whose prompt ends in `$ `.

    Args:
        shell: `bash`, `zsh`, `fish`, with options of its own.
        home: the home folder, where it starts.
        rc: what its rc file says behind the plain prompt.
        guarded: whether safeshell starts it.
        config: safeshell's configuration.
        environment: the environment that safeshell is told to be in; "" for what the configuration says.
        vi: whether its keys are vi's.
        more: environment variables that are added.
    """

    def __init__(
        self,
        shell: str,
        home: Path,
        *,
        rc: str = "",
        guarded: bool = True,
        config: str = CONFIG,
        environment: str = "production",
        vi: bool = False,
        **more: str,
    ) -> None:
        self.shell, *words = shell.split()
        self.home = home
        self.vi = vi
        self._serial = 0
        (home / RC[self.shell]).parent.mkdir(parents=True, exist_ok=True)
        (home / RC[self.shell]).write_text(PLAIN[self.shell] + rc)
        file = home / "safeshell.toml"
        file.write_text(config)
        told = ("--environment", environment) if environment else ()
        program = (PROGRAM, "--config", str(file), *told, *self.command(words))
        super().__init__(
            *(program if guarded else (self.shell, *words, "-i")),
            environ=person_environ(home, SHELL=f"/bin/{self.shell}", EDITOR="true", **more),
            folder=home,
        )
        self.ready()

    def command(self, words: Sequence[str]) -> Sequence[str]:
        """What safeshell is told to start; `words` are the shell's options."""
        return ("shell", "--", self.shell, *words)

    # --- eyes ----------------------------------------------------------------------------------------

    @property
    def left(self) -> str:
        """What stands left of the cursor in its line."""
        screen = self.screen
        return screen.display[screen.cursor.y][: screen.cursor.x]

    def ready(self) -> None:
        """Wait for an empty prompt."""
        self.prompt("$ ")

    def prints(self, pattern: str, *, since: int) -> None:
        """Wait for something printed behind byte `since`; a regular expression."""
        found = re.compile(pattern.encode())
        self.wait_until(lambda: found.search(self.output, since) is not None, pattern)

    # --- hands and eyes --------------------------------------------------------------------------------

    def runs(self, keys: str, prints: str) -> None:
        """Press keys that submit a line; `prints` comes out as a line of its own, and the prompt is back."""
        since = len(self.output)
        self.press(keys)
        self.prints(rf"[\r\n](\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07)*{prints}\r?\n", since=since)
        self.ready()

    def does(self, *lines: str) -> None:
        """Run lines that print nothing and that nobody asks about."""
        for line in lines:
            self._serial += 1
            self.press(f"{line}\r")
            self.ready()
            self.runs(f"echo did-''{self._serial}\r", f"did-{self._serial}")

    def asks(self, keys: str) -> str:
        """Press keys that submit a line; what the screen shows when the guard asks about it."""
        since = len(self.output)
        self.press(keys)
        self.prints("anything else is no", since=since)
        return self.display

    def says_no(self) -> None:
        """Answer the question by ^C."""
        since = len(self.output)
        self.press(CONTROL_C)
        self.prints("Refused", since=since)

    def has(self, text: str) -> None:
        """Wait until the edited line has `text` in it."""
        self.wait_until(lambda: text in self.screen.display[self.screen.cursor.y], f"{text!r} in the line")

    def keeps(self, text: str, *, in_commands: bool = False) -> None:
        """The line is back, and can be edited: it becomes the words of an echo, which runs.

        Args:
            text: the line.
            in_commands: whether the keys are in vi's command mode already, where the shell stays in it.
        """
        self.has(text)
        self._serial += 1
        if in_commands and self.shell != "fish":
            self.press("0i")
        else:
            self.to_start()
        self.runs(f"echo KEPT-{self._serial} \r", rf"KEPT-{self._serial} {re.escape(text)}")

    def to_start(self) -> None:
        """Go to the start of the line, and insert there."""
        if not self.vi:
            self.press("\x01")
            return
        self.to_commands()
        self.press("0i")

    def to_commands(self) -> None:
        """Leave vi's insert mode."""
        column = self.screen.cursor.x
        self.press("\x1b")
        self.wait_until(lambda: self.screen.cursor.x == column - 1, "vi's command mode")

    def drops(self, *, patience: float = 1.0) -> None:
        """Give up the line that is edited; a shell that is busy drawing it may want to hear that twice."""
        give_up_at = time.monotonic() + DEADLINE
        self.press(CONTROL_C)
        while time.monotonic() < give_up_at:
            with contextlib.suppress(AssertionError):
                self.wait_until(lambda: self.left.endswith("$ "), "an empty prompt", seconds=patience)
                break
            self.press(CONTROL_C)
        self.ready()

    def history(self) -> str:
        """What the shell has written into its history file."""
        return (self.home / HISTORY[self.shell]).read_text()


def victim_in(home: Path) -> Path:
    """A folder that the tests' lines delete unless somebody says no."""
    victim = home / "victim"
    if victim.exists():
        shutil.rmtree(victim)
    victim.mkdir(parents=True)
    (victim / "file").write_text("all that is dear\n")
    return victim
