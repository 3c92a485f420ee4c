"""The lines of a statement that have been submitted already, and what the program's prompt says of them.

The watcher's memory of one program: its prompts, and whether the next line begins a statement or goes on with one.
"""

from __future__ import annotations

from safeshell.terminal.tracking.programs import Program
from safeshell.terminal.tracking.prompts import PromptMemory
from safeshell.terminal.tracking.statements import Statements


class StatementSoFar:
    """What was submitted of the statement that is being typed.

    Attributes:
        text: its lines, "" when the next line begins one.
        goes_on: they were let through as unfinished.
        memory: the prompts that the program has shown.
    """

    def __init__(self) -> None:
        self.text = ""
        self.goes_on = False
        self.memory = PromptMemory()
        self._judged = ""
        self._given_up = False
        self._rules: dict[str, Statements] = {}

    def behind(self, text: str) -> str:
        """The statement with one more line."""
        return f"{self.text}\n{text}" if self.text else text

    def unfinished(self, text: str, program: Program) -> bool:
        """Whether the program surely waits for more."""
        return self._rules_of(program).unfinished(text)

    def adds_nothing(self, line: str) -> bool:
        """Whether a line only ends what was judged as it stands."""
        return bool(self.text) and self.text == self._judged and not line.strip()

    def submitted(self, text: str, *, goes_on: bool) -> None:
        """Enter went to the program, and `text` is all of the statement up to there."""
        self.text, self.goes_on, self._given_up = text, goes_on, False

    def judged(self, text: str, program: Program) -> None:
        """The guard has let this run."""
        self._judged = text
        self._rules_of(program).ran(text)

    def given_up(self) -> None:
        """The person pressed ^C or its like."""
        self._given_up = True

    def edited_again(self) -> None:
        """All of it is still on the edit line: what is read there is the whole statement."""
        self.text = ""

    def without_prompt(self) -> None:
        """A line begins before the program shows its prompt: only what surely goes on is a part of it."""
        if not self.goes_on:
            self.text = ""

    def heed(self, prompt: str, program: Program) -> str:
        """Learn from the prompt that the program shows now.

        Returns:
            What ran unjudged, as it was taken for unfinished and the prompt says that it was not; else "".
        """
        slipped = ""
        if self.text and not program.continuation_pattern.fullmatch(prompt):
            begins = self.memory.begins(prompt) or program.primary_pattern.fullmatch(prompt) is not None
            if begins and self.goes_on and not self._given_up:
                slipped = self.text
                self._rules_of(program).distrusted = True
            if begins or not self.goes_on:
                self.text, self.goes_on = "", False
        self.memory.note(prompt, begins=not self.text)
        return slipped

    def _rules_of(self, program: Program) -> Statements:
        if program.name not in self._rules:
            self._rules[program.name] = Statements(program)
        return self._rules[program.name]
