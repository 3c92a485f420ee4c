"""jq: a filter that can only print.

Facts: the jq 1.7 manual; jq writes nothing but its standard output.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN


def reads(invocation: Invocation) -> bool:
    """Whatever the filter is, unless an option of another program named jq (`-i`, `--in-place`) is given."""
    return not invocation.has("-i", "--in-place", "--inplace") and not any(
        word.text.startswith("-") and UNKNOWN in word.text for word in invocation.words
    )
