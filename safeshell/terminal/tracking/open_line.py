"""What is known of a line from its first key on. A value that changes, of the watcher's."""

from __future__ import annotations

from safeshell.terminal.tracking.typed_text import TypedText


class OpenLine:
    """A line that is being edited.

    Args:
        prompt: what stood left of its first key.
        busy: the program was not at its prompt yet.
        unseen: nothing had been followed when it began.

    Attributes:
        typed: what plain typing makes of it.
        goes_on: the last Enter was let go as the statement was unfinished; the editor is to add a row to it.
        answered: the program has printed since it began.
    """

    def __init__(self, prompt: str, *, busy: bool, unseen: bool) -> None:
        self.prompt = prompt
        self.busy = busy
        self.unseen = unseen
        self.typed = TypedText()
        self.goes_on = False
        self.answered = False
