"""What ends a call of the client before the remote side has a word: one error, said once, status 255.

Nothing is printed here. The sentences are in the spirit of ssh's own.
"""

from __future__ import annotations

from safeshell.errors import SafeshellError


class SshFailed(SafeshellError):
    """The client could not do its own part; the call ends with 255, as ssh's does."""


class NotReached(SshFailed):
    """Nobody answered at the host's addresses, or not as an SSH server does."""


class NotTrusted(SshFailed):
    """The host is not the one that is known, or nobody said that it may be trusted."""


class NotLetIn(SshFailed):
    """The server took none of what we have to say who we are."""
