"""Whether a signature under some bytes was made by a key (RFC 4253 §6.6, RFC 5656, RFC 8332, PROTOCOL.u2f). Pure.

`cryptography` does the arithmetic, and is imported when the first signature is looked at: it comes with paramiko.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from safeshell.ssh.host_key import KeyBytes, NotAKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

_SECURITY_KEY: Final = "sk-"


def signature_holds(key: bytes, signed: bytes, signature: bytes) -> bool:
    """Whether `signature` is one by `key` under `signed`.

    Raises:
        NotAKey: the key or the signature can't be read, or their types don't go together.
    """
    parts = KeyBytes(signature)
    made_by = parts.text()
    made = parts.string()
    of_key = KeyBytes(key)
    kind = of_key.text()
    rsa_types = ("rsa-sha2-256", "rsa-sha2-512", "ssh-rsa")
    if made_by != kind and not (kind == "ssh-rsa" and made_by in rsa_types):
        raise NotAKey(f"a signature of type {made_by!r} is not by a key of type {kind!r}")
    message = signed
    if kind.startswith(_SECURITY_KEY):
        message = _as_the_token_signs(kind, key, signed, parts)
    if not parts.at_end:
        raise NotAKey("something stands behind the signature")
    if kind.endswith(("ed25519", "ed25519@openssh.com")):
        return _ed25519(of_key.string(), message, made)
    if "ecdsa" in kind:
        return _ecdsa(of_key.text(), of_key.string(), message, made)
    if kind == "ssh-rsa":
        exponent, modulus = int.from_bytes(of_key.string()), int.from_bytes(of_key.string())
        return _rsa(exponent, modulus, made_by, message, made)
    raise NotAKey(f"signatures by a key of type {kind!r} are not known here")


def _as_the_token_signs(kind: str, key: bytes, signed: bytes, parts: KeyBytes) -> bytes:
    """What a FIDO token was given to sign: hashes of the application and the bytes, and its own counter."""
    data = KeyBytes(key)
    for _ in range(3 if "ecdsa" in kind else 2):
        data.string()
    application = data.string()
    flags, counter = parts.number(1), parts.number()
    return b"".join(
        (
            hashlib.sha256(application).digest(),
            flags.to_bytes(1),
            counter.to_bytes(4),
            hashlib.sha256(signed).digest(),
        )
    )


def _ed25519(public: bytes, message: bytes, made: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(made, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _ecdsa(curve_name: str, point: bytes, message: bytes, made: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    curve, digest = _curve(curve_name)
    numbers = KeyBytes(made)
    r, s = int.from_bytes(numbers.string()), int.from_bytes(numbers.string())
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
        public.verify(encode_dss_signature(r, s), message, ec.ECDSA(digest))
    except (InvalidSignature, ValueError):
        return False
    return True


def _curve(name: str) -> tuple[EllipticCurve, HashAlgorithm]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    known: dict[str, tuple[EllipticCurve, HashAlgorithm]] = {
        "nistp256": (ec.SECP256R1(), hashes.SHA256()),
        "nistp384": (ec.SECP384R1(), hashes.SHA384()),
        "nistp521": (ec.SECP521R1(), hashes.SHA512()),
    }
    if name not in known:
        raise NotAKey(f"the curve {name!r} is not known here")
    return known[name]


def _rsa(exponent: int, modulus: int, made_by: str, message: bytes, made: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    digests: dict[str, HashAlgorithm] = {
        "rsa-sha2-256": hashes.SHA256(),
        "rsa-sha2-512": hashes.SHA512(),
        "ssh-rsa": hashes.SHA1(),  # noqa: S303 - only where CASignatureAlgorithms allows it by name
    }
    # A signature may be written without its leading zeros (RFC 8332 §3 asks for none to be left out; some do).
    size = (modulus.bit_length() + 7) // 8
    try:
        public = RSAPublicNumbers(exponent, modulus).public_key()
        public.verify(made.rjust(size, b"\0"), message, padding.PKCS1v15(), digests[made_by])
    except (InvalidSignature, ValueError):
        return False
    return True
