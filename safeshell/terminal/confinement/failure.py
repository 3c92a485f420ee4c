"""The one error of this package: a session that was to be confined, and is not, does not start."""

from __future__ import annotations

from safeshell.errors import ExitStatus, SafeshellError


class ConfinementFailed(SafeshellError):
    """The kernel does not hold this session read-only, so it must not begin."""

    status = ExitStatus.REFUSED
