"""From what was read to what is judged: the text, and every reason to think that it is not what would run. Pure."""

from __future__ import annotations

from collections.abc import Callable

from safeshell.terminal.tracking.events import HeldLine
from safeshell.terminal.tracking.line_reading import ReadLine, has_control_pictures
from safeshell.terminal.tracking.open_line import OpenLine
from safeshell.terminal.tracking.programs import Program


def held_line(
    read: ReadLine,
    line: OpenLine | None,
    program: Program,
    *,
    behind: Callable[[str], str],
    noisy: bool,
    canonical: bool,
) -> HeldLine:
    """The line as it is to be judged.

    Args:
        read: what the screen shows.
        line: what is known of it from its first key on; None when no key was pressed.
        program: whose it is.
        behind: puts a text behind the lines of its statement that were submitted before.
        noisy: the program was printing until the last.
        canonical: the kernel edits it.
    """
    doubts = list(read.doubts)
    if line is None:
        return HeldLine(behind(read.text), read.text, program, tuple(doubts))
    text, witness, typed = read.text, "", line.typed
    if read.other and typed.text is not None:
        text = text if typed.agrees_with(text) else read.other
    elif read.other:
        witness = behind(read.other)
        doubts.append("a prompt seems to stand in the middle of it")
    if noisy:
        doubts.append("the program was still printing")
    if line.unseen:
        doubts.append("its prompt was drawn before the screen was followed")
    if canonical and typed.text is None and has_control_pictures(text):
        doubts.append("keys were typed ahead that the program has yet to act on")
    if text.endswith("\n") and not (typed.text or "").endswith("\n"):
        doubts.append("the program seems to have moved on from it")
    if not typed.agrees_with(text):
        if typed.text and not typed.partly_in(text):
            # It may be a password: what was typed stays where it is.
            return HeldLine("", "", program, (*doubts, "what was typed is not shown"))
        witness = behind(typed.text or "")
        doubts.append("the screen shows something else than what was typed")
    if not text.strip() and typed.text == "":
        doubts.clear()  # nothing was typed and nothing is there
    return HeldLine(behind(text), text, program, tuple(dict.fromkeys(doubts)), witness)
