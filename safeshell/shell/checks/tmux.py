"""tmux: whether more than one command stands on its command line.

Facts: tmux(1), PARSING SYNTAX: a word that is or ends with `;` ends a command; `#(…)` in a format runs a shell.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def goes_on(invocation: Invocation) -> bool:
    """Whether another command follows, or a format runs one: `tmux ls ";" kill-server`."""
    return any(word.text.endswith(";") or "#(" in word.text for word in invocation.words)
