"""ulimit: whether it shows or sets limits of this shell.

Facts: bash's ulimit.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def reads(invocation: Invocation) -> bool:
    """No limit is given."""
    return all(word.text.startswith("-") and word.known for word in invocation.words)
