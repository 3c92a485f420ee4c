"""A certificate as a value, and whether it holds for a host (PROTOCOL.certkeys; sshkey.c of OpenSSH). Pure.

Which authority is trusted with which name stands in known_hosts, and is not looked at here.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.host_key import CERTIFIED, KeyBytes, NotAKey, check_plain_key, plain_type, read_key_parts

CA_SIGNATURES: Final = frozenset(
    "ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com "
    "sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256".split()
)
"""Signatures that an authority may have made unless CASignatureAlgorithms says so (ssh_config(5), OpenSSH 9.2)."""


class CertificateKind(IntEnum):
    """Whose certificate it is."""

    USER = 1
    HOST = 2


@frozen
class Certificate:
    """A certificate.

    Args:
        key: the public key that it is about.
        kind: a `CertificateKind`, or another number that nobody knows.
        key_id: what its authority calls it.
        principals: the names that it is for; () for any.
        valid_after: the first second, since 1970, at which it holds.
        valid_before: the first one at which it doesn't any more.
        critical: options without which it must not be used.
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


def read_certificate(blob: bytes) -> Certificate:
    """Read a certificate.

    Raises:
        NotAKey: it isn't one, or of a type that is unknown here.
    """
    data = KeyBytes(blob)
    kind = data.text()
    if not kind.endswith(CERTIFIED):
        raise NotAKey(f"{visible(kind)} is no certificate")
    data.string()  # nonce
    key = read_key_parts(plain_type(kind), data)
    data.number(8)  # serial
    whose = data.number()
    key_id = data.text()
    principals = _strings(data.string())
    after, before = data.number(8), data.number(8)
    critical = _strings(data.string())[::2]
    data.string()  # extensions
    data.string()  # reserved
    authority = data.string()
    signed = data.read_so_far
    signature = data.string()
    check_plain_key(authority)
    if not data.at_end:
        raise NotAKey("something stands behind the certificate")
    return Certificate(key, whose, key_id, principals, after, before, critical, authority, signed, signature)


def public_part(blob: bytes) -> bytes:
    """The key itself: of a certificate the one that it is about, else all of it.

    Raises:
        NotAKey: it is neither a key nor a certificate.
    """
    if KeyBytes(blob).text().endswith(CERTIFIED):
        return read_certificate(blob).key
    check_plain_key(blob)
    return blob


def what_is_wrong(
    certificate: Certificate, *, name: str, now: float, signatures: Collection[str] = CA_SIGNATURES
) -> str:
    """Why a certificate does not hold for a host; "" when it does. Whether its authority is trusted isn't looked at.

    Args:
        certificate: the certificate.
        name: of the host, without its port; its HostKeyAlias where it has one.
        now: seconds since 1970.
        signatures: the kinds of signature that an authority may have made.
    """
    if certificate.kind != CertificateKind.HOST:
        return "it is not a host's certificate"
    if now < certificate.valid_after:
        return "it is not valid yet"
    if now >= certificate.valid_before:
        return "it has expired"
    if certificate.principals and name not in certificate.principals:
        names = ", ".join(certificate.principals)
        return f"it is for {visible(names)}, and not for {visible(name)}"
    if certificate.critical:
        return f"it has a condition that is unknown here: {visible(certificate.critical[0])}"
    return _wrong_signature(certificate, signatures)


def _wrong_signature(certificate: Certificate, signatures: Collection[str]) -> str:
    from safeshell.ssh.key_signature import signature_holds

    try:
        made_by = KeyBytes(certificate.signature).text()
        if made_by not in signatures:
            return f"its authority signed it with {visible(made_by)}, which is not allowed"
        holds = signature_holds(certificate.authority, certificate.signed, certificate.signature)
    except NotAKey as error:
        return f"its signature can't be read: {error.message}"
    return "" if holds else "its authority's signature is wrong"


def _strings(data: bytes) -> tuple[str, ...]:
    reader = KeyBytes(data)
    found: list[str] = []
    while not reader.at_end:
        found.append(reader.text())
    return tuple(found)
