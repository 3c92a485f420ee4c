"""What lies around a configuration on this machine and decides if our own client can honour it: files, no more."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.ssh.resolved import Resolved

_KERBEROS: Final = Path("/etc/krb5.conf")
_KEYS_OF_TOKENS: Final = (b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com")
_LONGEST: Final = 1 << 14


@frozen
class Surroundings:
    """What was found.

    Args:
        kerberos: whether this machine knows Kerberos at all; without it GSSAPIAuthentication, which some systems
            turn on for everybody, does nothing.
        shared_connection: the socket of a connection that ssh would share; "" without one.
        security_keys: the files of IdentityFile that are keys of a FIDO token.
    """

    kerberos: bool = False
    shared_connection: str = ""
    security_keys: tuple[str, ...] = ()


def look_around(resolved: Resolved) -> Surroundings:
    """Look at the files that a configuration names."""
    path = resolved.one("controlpath", "none")
    return Surroundings(
        kerberos=_KERBEROS.exists() or "KRB5CCNAME" in os.environ or "KRB5_CONFIG" in os.environ,
        shared_connection=path if path != "none" and _is_socket(Path(path).expanduser()) else "",
        security_keys=tuple(
            name for name in resolved.all("identityfile") if _is_of_token(Path(name).expanduser())
        ),
    )


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def _is_of_token(path: Path) -> bool:
    """Whether a private key's file is one of a token: its public half says so, beside it or inside."""
    for file in (path.with_name(f"{path.name}.pub"), path):
        try:
            with file.open("rb") as read:
                text = read.read(_LONGEST)
        except OSError:
            continue
        if any(kind in text or _in_base64(kind, text) for kind in _KEYS_OF_TOKENS):
            return path.exists()
    return False


def _in_base64(kind: bytes, text: bytes) -> bool:
    body = b"".join(line for line in text.splitlines() if not line.startswith(b"-----"))
    try:
        return kind in base64.b64decode(body[: len(body) // 4 * 4])
    except (binascii.Error, ValueError):
        return False
