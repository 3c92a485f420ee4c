"""A public key as SSH writes it in bytes (RFC 4253 §6.6, PROTOCOL.certkeys): its type, its parts, its fingerprint.

Whom a key belongs to is decided elsewhere. What isn't exactly a key is none: there is no half-read one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from safeshell.errors import SafeshellError

CERTIFIED: Final = "-cert-v01@openssh.com"
"""How the type of a certificate ends."""

_STRINGS: Final = {
    "ssh-ed25519": 1,
    "sk-ssh-ed25519@openssh.com": 2,
    "ssh-rsa": 2,
    "ssh-dss": 4,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}
"""How many strings follow the type, by type."""
_LABELS: Final = {
    "ssh-ed25519": "ED25519",
    "sk-ssh-ed25519@openssh.com": "ED25519-SK",
    "ssh-rsa": "RSA",
    "ssh-dss": "DSA",
    "sk-ecdsa-sha2-nistp256@openssh.com": "ECDSA-SK",
}


class NotAKey(SafeshellError):
    """These bytes are no public key that is known here."""


class KeyBytes:
    """Reads the parts of a key, a certificate or a signature, from its beginning.

    Args:
        data: all of it.
    """

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def read_so_far(self) -> bytes:
        """What has been read."""
        return self._data[: self._at]

    @property
    def at_end(self) -> bool:
        """Whether all of it has been read."""
        return self._at == len(self._data)

    def number(self, size: int = 4) -> int:
        """A number of `size` bytes.

        Raises:
            NotAKey: the bytes end before.
        """
        return int.from_bytes(self._take(size))

    def string(self) -> bytes:
        """Bytes with their length before them.

        Raises:
            NotAKey: the bytes end before.
        """
        return self._take(self.number())

    def text(self) -> str:
        """A string that is text; what isn't UTF-8 in it is replaced.

        Raises:
            NotAKey: the bytes end before.
        """
        return self.string().decode("utf-8", "replace")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise NotAKey("the key is cut off")
        self._at += size
        return taken


def plain_type(kind: str) -> str:
    """The type of the key in a certificate of this type; every other type is its own.

    `ssh-ed25519-cert-v01@openssh.com` has a `ssh-ed25519`, `sk-ssh-ed25519-cert-v01@openssh.com` a
    `sk-ssh-ed25519@openssh.com`.
    """
    if not kind.endswith(CERTIFIED):
        return kind
    name = kind.removesuffix(CERTIFIED)
    return f"{name}@openssh.com" if name.startswith("sk-") else name


def type_of(blob: bytes) -> str:
    """The type that a key or certificate says it has.

    Raises:
        NotAKey: it says none.
    """
    return KeyBytes(blob).text()


def read_key_parts(kind: str, data: KeyBytes) -> bytes:
    """Read the parts of a key behind its type, and put them together as a key of their own.

    Raises:
        NotAKey: a type that is unknown here, or the bytes end before.
    """
    count = _STRINGS.get(kind)
    if count is None:
        raise NotAKey(f"{kind!r} is no type of key that is known here")
    parts = [data.string() for _ in range(count)]
    return b"".join(len(part).to_bytes(4) + part for part in (kind.encode(), *parts))


def check_plain_key(blob: bytes) -> str:
    """See that `blob` is exactly a public key without a certificate; its type.

    Raises:
        NotAKey: it isn't.
    """
    data = KeyBytes(blob)
    kind = data.text()
    read_key_parts(kind, data)
    if not data.at_end:
        raise NotAKey("something stands behind the key")
    return kind


def decode_key(written: str) -> bytes:
    """The bytes of a key that is written in base64, as in known_hosts or a .pub file.

    Raises:
        NotAKey: it isn't base64.
    """
    try:
        return base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAKey("the key is not base64") from error


def fingerprint(blob: bytes) -> str:
    """What people compare a key by, as ssh shows it: `SHA256:` and 43 characters."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def key_label(kind: str) -> str:
    """What ssh calls a type of key in its sentences: `ED25519`, `RSA`, `ECDSA`."""
    kind = plain_type(kind)
    return "ECDSA" if kind.startswith("ecdsa-") else _LABELS.get(kind, kind)
