"""rm: whether it asks before it deletes. The last of `-f`, `-i`, `-I` and `--interactive` counts.

Facts: rm(1) of GNU coreutils 9, POSIX rm.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation

_ASKING: Final = ("-f", "--force", "-i", "-I", "--interactive")


def _last(invocation: Invocation) -> str:
    """`always`, `once` or `never`; "" when none of these options is given."""
    found = ""
    for option in invocation.given(*_ASKING):
        if invocation.means(option, "--interactive"):
            said = option.value.text if option.value is not None else "always"
            found = {"yes": "always", "no": "never", "none": "never"}.get(said, said)
        else:
            found = {"-i": "always", "-I": "once"}.get(option.name, "never")
    return found


def asks_each(invocation: Invocation) -> bool:
    """It asks before each file."""
    return _last(invocation) == "always"


def asks(invocation: Invocation) -> bool:
    """It asks, at least once."""
    return _last(invocation) in ("always", "once")
