"""A certificate of a host or a person as a value, and whether a signature under it holds (PROTOCOL.certkeys).

Whom to trust is decided elsewhere; nothing is read from the world here.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from fnmatch import fnmatchcase
from typing import Final

import paramiko
from paramiko.message import Message

from safeshell.frozen import frozen

_FIELDS: Final = {
    "ssh-ed25519-cert-v01@openssh.com": ("ssh-ed25519", 1),
    "ssh-rsa-cert-v01@openssh.com": ("ssh-rsa", 2),
    "ecdsa-sha2-nistp256-cert-v01@openssh.com": ("ecdsa-sha2-nistp256", 2),
    "ecdsa-sha2-nistp384-cert-v01@openssh.com": ("ecdsa-sha2-nistp384", 2),
    "ecdsa-sha2-nistp521-cert-v01@openssh.com": ("ecdsa-sha2-nistp521", 2),
    "sk-ssh-ed25519-cert-v01@openssh.com": ("sk-ssh-ed25519@openssh.com", 2),
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": ("sk-ecdsa-sha2-nistp256@openssh.com", 3),
}
"""By type: the type of the key inside, and how many strings that key has."""


class CertificateKind(IntEnum):
    """Whose it is."""

    USER = 1
    HOST = 2


@frozen
class Certificate:
    """A certificate.

    Args:
        key: the public key that is certified.
        kind: 1 for a person's, 2 for a host's.
        key_id: what the authority calls it.
        principals: the names that it is for; () for any.
        valid_after, valid_before: seconds since 1970; the second one is the first at which it is no good any more.
        critical: the options that must be understood.
        authority: the public key that signed it.
        signed: the bytes that were signed.
        signature: over them.
    """

    key: bytes
    kind: int
    key_id: str
    principals: tuple[str, ...]
    valid_after: int
    valid_before: int
    critical: tuple[str, ...]
    authority: bytes
    signed: bytes
    signature: bytes


def read_certificate(blob: bytes) -> Certificate | None:
    """Read a certificate; None when it is none."""
    try:
        message = Message(blob)
        plain, count = _FIELDS[message.get_string().decode("ascii")]
        message.get_string()  # nonce
        key = Message()
        key.add_string(plain)
        for _ in range(count):
            key.add_string(message.get_string())
        message.get_int64()  # serial
        kind = message.get_int()
        key_id = message.get_string().decode("utf-8", "replace")
        principals = _strings(message.get_string())
        after, before = message.get_int64(), message.get_int64()
        critical = _strings(message.get_string())[::2]
        message.get_string()  # extensions
        message.get_string()  # reserved
        authority = message.get_string()
        signed = message.get_so_far()
        signature = message.get_string()
    except (KeyError, ValueError, IndexError):
        return None
    if not signature:
        return None
    return Certificate(
        key.asbytes(), kind, key_id, principals, after, before, critical, authority, signed, signature
    )


def what_is_wrong(
    found: Certificate, *, name: str, now: float, kind: CertificateKind, signatures: Collection[str]
) -> str:
    """Why a certificate does not hold for a name; "" when it does. Who signed it is not looked at.

    Args:
        found: the certificate.
        name: the host or person it is shown for.
        now: seconds since 1970.
        kind: whose it has to be.
        signatures: the algorithms that an authority may have used (CASignatureAlgorithms).
    """
    if found.kind != kind:
        return (
            "it is a person's certificate, no host's" if kind == CertificateKind.HOST else "it is no person's"
        )
    if now < found.valid_after:
        return "it is not valid yet"
    if now >= found.valid_before:
        return "it has expired"
    if found.critical:
        return f"it has a condition that is unknown here: {found.critical[0]}"
    if not found.principals or not any(fnmatchcase(name.lower(), one.lower()) for one in found.principals):
        return f"it is not for {name}"
    return _wrong_signature(found, signatures)


def _wrong_signature(found: Certificate, signatures: Collection[str]) -> str:
    made_by = Message(found.signature).get_string().decode("ascii", "replace")
    if made_by not in signatures:
        return f"its authority signed with {made_by}, which is not allowed"
    kind = Message(found.authority).get_string().decode("ascii", "replace")
    try:
        authority = paramiko.PKey.from_type_string(kind, found.authority)
        holds = authority.verify_ssh_sig(found.signed, Message(found.signature))
    except (paramiko.SSHException, ValueError, paramiko.pkey.UnknownKeyType):
        return f"its authority's key is of a type that is unknown here: {kind}"
    return "" if holds else "its authority's signature is wrong"


def _strings(data: bytes) -> tuple[str, ...]:
    message, found = Message(data), []
    while message.packet.tell() < len(data):
        found.append(message.get_string().decode("utf-8", "replace"))
    return tuple(found)
