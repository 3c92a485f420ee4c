"""A private key in a file: its public half without the passphrase, and the key itself with it.

Asks nobody; the caller has the passphrase. Formats: OpenSSH's own (PROTOCOL.key) and PEM.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import stat
from pathlib import Path
from typing import Final

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from paramiko.message import Message

from safeshell.errors import SafeshellError

_MAGIC: Final = b"openssh-key-v1\0"
_BEGIN: Final = "-----BEGIN OPENSSH PRIVATE KEY-----"
_CLASSES: Final[dict[str, type[paramiko.PKey]]] = {
    "ssh-ed25519": paramiko.Ed25519Key,
    "ssh-rsa": paramiko.RSAKey,
    "ecdsa-sha2-nistp256": paramiko.ECDSAKey,
    "ecdsa-sha2-nistp384": paramiko.ECDSAKey,
    "ecdsa-sha2-nistp521": paramiko.ECDSAKey,
}


class NeedsPassphrase(Exception):
    """The key is encrypted, and no passphrase or the wrong one was given."""


class NotAKey(SafeshellError):
    """The file holds no private key that this client can use."""


def type_of(blob: bytes) -> str:
    """The type of a public key or certificate by its own first word; "" when it is none."""
    try:
        return Message(blob).get_string().decode("ascii")
    except (UnicodeDecodeError, ValueError):
        return ""


def public_file(path: Path) -> bytes | None:
    """The key or certificate of a file in the one-line form `type base64 comment`; None when it isn't one."""
    try:
        words = path.read_text("utf-8", "replace").split()
    except (OSError, ValueError):
        return None
    if len(words) < 2:
        return None
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    return blob if type_of(blob) == words[0] else None


def public_half(path: Path) -> bytes | None:
    """The public half of a private key's file, as far as it can be read without its passphrase."""
    beside = public_file(path.with_name(path.name + ".pub"))
    if beside is not None:
        return beside
    try:
        text = path.read_text("ascii")
    except (OSError, ValueError):
        return None
    head, _, rest = text.partition(_BEGIN)
    if rest and not head.strip():
        return _public_inside(rest.partition("-----END")[0])
    try:
        return load(path, None).asbytes()
    except (NeedsPassphrase, NotAKey):
        return None


def load(path: Path, passphrase: str | None) -> paramiko.PKey:
    """The private key.

    Raises:
        NeedsPassphrase: it is encrypted, and this isn't its passphrase.
        NotAKey: it can't be read, or is of a type that this client doesn't know.
    """
    try:
        text = path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise NotAKey("no key can be read there", where=str(path)) from error
    if "BEGIN PRIVATE KEY" in text or "BEGIN ENCRYPTED PRIVATE KEY" in text:
        text, passphrase = _from_pkcs8(text, passphrase, path), None
    for kind in dict.fromkeys(_likely(text)):
        try:
            return kind.from_private_key(io.StringIO(text), passphrase or None)
        except paramiko.PasswordRequiredException as error:
            raise NeedsPassphrase from error
        except (paramiko.SSHException, ValueError, TypeError, IndexError, AssertionError) as error:
            if passphrase and _is_encrypted(text):
                raise NeedsPassphrase from error
    raise NotAKey("this is no private key that can be used here", where=str(path))


def too_open(path: Path) -> str:
    """The rights of a key's file in octal when others may read it and it is ours; "" when it is fine."""
    try:
        found = path.stat()
    except OSError:
        return ""
    mode = stat.S_IMODE(found.st_mode)
    return f"{mode:04o}" if found.st_uid == os.getuid() and mode & 0o077 else ""


def _likely(text: str) -> list[type[paramiko.PKey]]:
    head, _, rest = text.partition(_BEGIN)
    blob = _public_inside(rest.partition("-----END")[0]) if rest and not head.strip() else None
    if blob is not None:
        kind = _CLASSES.get(type_of(blob))
        return [kind] if kind else []
    if "BEGIN RSA PRIVATE" in text:
        return [paramiko.RSAKey]
    if "BEGIN EC PRIVATE" in text:
        return [paramiko.ECDSAKey]
    return []


def _from_pkcs8(text: str, passphrase: str | None, path: Path) -> str:
    """The same key in OpenSSH's form, which paramiko reads."""
    encrypted = "ENCRYPTED" in text
    if encrypted and not passphrase:
        raise NeedsPassphrase
    try:
        key = load_pem_private_key(text.encode(), passphrase.encode() if encrypted and passphrase else None)
        return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode("ascii")
    except (ValueError, TypeError) as error:
        if encrypted:
            raise NeedsPassphrase from error
        raise NotAKey("this is no private key that can be used here", where=str(path)) from error
    except UnsupportedAlgorithm as error:
        raise NotAKey("this kind of key is unknown here", where=str(path)) from error


def _is_encrypted(text: str) -> bool:
    if "ENCRYPTED" in text:
        return True
    _, _, rest = text.partition(_BEGIN)
    try:
        data = base64.b64decode(rest.partition("-----END")[0])
    except (binascii.Error, ValueError):
        return False
    return Message(data[len(_MAGIC) :]).get_string() != b"none"


def _public_inside(body: str) -> bytes | None:
    try:
        data = base64.b64decode(body)
    except (binascii.Error, ValueError):
        return None
    if not data.startswith(_MAGIC):
        return None
    message = Message(data[len(_MAGIC) :])
    for _ in ("cipher", "derivation", "its options"):
        message.get_string()
    if message.get_int() < 1:
        return None
    blob = message.get_string()
    return blob if type_of(blob) else None
