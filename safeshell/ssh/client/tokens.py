"""Tokens (%h, %u, …), ${NAME} and ~ in the values of ssh's configuration that `ssh -G` leaves as they are. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from safeshell.ssh.client.failures import SshFailed

_TOKEN: Final = re.compile(r"%(.)|\$\{([^}]*)\}", re.DOTALL)


def expanded(text: str, tokens: Mapping[str, str], environ: Mapping[str, str], *, keyword: str) -> str:
    """`text` with its tokens and variables put in.

    Args:
        text: the value.
        tokens: by letter; `%%` is known to everybody.
        environ: the variables.
        keyword: whose value it is, for the error.

    Raises:
        SshFailed: a token that this keyword does not have, or a variable that is not set.
    """

    def of(found: re.Match[str]) -> str:
        letter, name = found[1], found[2]
        if letter == "%":
            return "%"
        if letter in tokens:
            return tokens[letter]
        if letter is None and name in environ:
            return environ[name]
        raise SshFailed(
            f"{found[0]} is not known there", where=f"{keyword} {text}", todo="Mend that in ~/.ssh/config."
        )

    return _TOKEN.sub(of, text)


def host_tokens(
    *, host: str, hostname: str, port: int, user: str, alias: str, jump: str, local: Mapping[str, str]
) -> dict[str, str]:
    """The tokens that say where a connection goes.

    Args:
        host: as it was typed.
        hostname: where it goes.
        port: the port there.
        user: who logs in.
        alias: HostKeyAlias; may be empty.
        jump: ProxyJump; may be empty.
        local: `d`, `u`, `i`, `l`, `L`: home, user, its number, and this machine's names.
    """
    return {
        **local,
        "n": host,
        "h": hostname,
        "p": str(port),
        "r": user,
        "k": alias or host,
        "j": jump,
        "C": hashlib.sha1(
            f"{local.get('l', '')}{hostname}{port}{user}{jump}".encode(), usedforsecurity=False
        ).hexdigest(),
    }
