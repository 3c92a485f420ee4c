"""What is known of the shell in which a line would run: values that its console asked for beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from safeshell.frozen import field, frozen

_NOTHING: Mapping[str, str] = MappingProxyType({})


@frozen
class ShellContext:
    """The live session, as far as it was asked.

    Args:
        shell: `bash`, `sh`, `zsh`, `fish`.
        cwd: the working directory; "" when not known.
        home: the home directory; "" when not known.
        variables: values by name, exported or not; `unset` holds those known to have none.
        unset: names known to be unset or empty.
        exported: the environment that programs get: what addresses targets (`AWS_PROFILE`, `KUBECONFIG`).
        aliases: bodies by name.
        functions: bodies by name.
        options: the shell options that are on: `noclobber`, `nounset`, `extglob`, `nullglob`.
        root: whether the session is the superuser's.
        moved: the line itself went to `cwd`.
        existing: of the paths that the line writes, those known to exist.
        fed: standard input is no person's keyboard but what another program sends, unread.
    """

    shell: str = "bash"
    cwd: str = ""
    home: str = ""
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    unset: frozenset[str] = frozenset()
    exported: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    aliases: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    functions: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    options: frozenset[str] = frozenset()
    root: bool = False
    moved: bool = False
    existing: frozenset[str] = frozenset()
    fed: bool = False


NO_SESSION = ShellContext()
"""Nothing is known."""
