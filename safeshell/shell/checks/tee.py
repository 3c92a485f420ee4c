"""tee: whether it writes to any real file.

Facts: the GNU coreutils 9 manual.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation
from safeshell.shell.paths import belongs_to


def to_null(invocation: Invocation) -> bool:
    """Everything it writes to is nothing, or this terminal."""
    return all(belongs_to(word, "@null", invocation.context) for word in invocation.operands)
