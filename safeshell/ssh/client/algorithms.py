"""Which algorithms are offered to a server: what the configuration allows, as far as paramiko has it. Pure.

The one idea: the person's list decides what may be used and in which order; only where it is ssh's own default is
the order ours, with the fastest first. Forms +, - and ^ are those of ssh_config(5); `ssh -G` has applied them
already, our own reader may not have.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from typing import Final

from safeshell.frozen import frozen
from safeshell.ssh.resolved import Resolved

CIPHERS: Final = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)
"""Fastest first, as measured (bench)."""
OLD_CIPHERS: Final = ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc")
"""Used only where a person asks for them."""
MACS: Final = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
)
OLD_MACS: Final = ("hmac-md5", "hmac-sha1-96", "hmac-md5-96")
KEX: Final = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group14-sha256",
)
HOST_KEYS: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
CERTIFIED: Final = "-cert-v01@openssh.com"

_SETS: Final = {
    "ciphers": (CIPHERS, OLD_CIPHERS),
    "macs": (MACS, OLD_MACS),
    "kexalgorithms": (KEX, ()),
    "hostkeyalgorithms": ((*(name + CERTIFIED for name in HOST_KEYS), *HOST_KEYS), ()),
}
_USUAL_FIRST: Final = frozenset({"chacha20-poly1305@openssh.com", "aes128-ctr"})
"""What ssh's own lists of ciphers begin with: such a list is nobody's wish for an order."""


@frozen
class Algorithms:
    """What is offered, first the most wanted.

    Args:
        kex: key exchanges.
        host_keys: signatures of the host.
        ciphers: ciphers, both directions.
        macs: integrity, both directions; not asked with GCM.
        compression: "none" alone, or behind zlib.
        user_keys: signatures of the person.
    """

    kex: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]
    compression: tuple[str, ...]
    user_keys: tuple[str, ...]


def chosen(keyword: str, value: str) -> tuple[str, ...]:
    """What of a keyword's value this client can do; () when nothing.

    Args:
        keyword: `ciphers`, `macs`, `kexalgorithms` or `hostkeyalgorithms`.
        value: names between commas, perhaps behind +, - or ^; "" for the default.
    """
    usual, further = _SETS[keyword]
    known = (*usual, *further)
    if not value:
        return usual
    names = [name.strip() for name in value.lstrip("+-^").split(",") if name.strip()]
    match value[0]:
        case "+":
            return _distinct([*usual, *(name for name in names if name in known)])
        case "-":
            return tuple(name for name in usual if not _matches(name, names))
        case "^":
            return _distinct([*(name for name in names if name in known), *usual])
        case _:
            found = _distinct([name for name in names if name in known])
    if keyword == "ciphers" and names and names[0] in _USUAL_FIRST and len(names) > 2:
        return tuple(sorted(found, key=_speed))
    if (
        keyword == "kexalgorithms"
        and "curve25519-sha256" in found
        and "sntrup761x25519-sha512@openssh.com" in names
    ):
        # ssh's own default, from before it had this one: safe against quantum computers, as that list means to be.
        return _distinct(["mlkem768x25519-sha256", *found])
    return found


def algorithms_of(resolved: Resolved, known_types: Collection[str], *, certified: bool) -> Algorithms:
    """What is offered to the host of `resolved`.

    Args:
        resolved: its configuration.
        known_types: the types of its keys that we know (`ssh-ed25519`, `ssh-rsa`): asked for before all others, so
            that a known host is not met as a new one.
        certified: whether a certificate of the host would be of any use.
    """
    host_keys = chosen("hostkeyalgorithms", resolved.one("hostkeyalgorithms"))
    if not certified:
        host_keys = tuple(name for name in host_keys if not name.endswith(CERTIFIED))
    first = [name for name in host_keys if name.endswith(CERTIFIED) or key_type(name) in known_types]
    return Algorithms(
        kex=chosen("kexalgorithms", resolved.one("kexalgorithms")),
        host_keys=_distinct([*first, *host_keys]),
        ciphers=chosen("ciphers", resolved.one("ciphers")),
        macs=chosen("macs", resolved.one("macs")),
        compression=("zlib@openssh.com", "zlib", "none")
        if resolved.one("compression") == "yes"
        else ("none",),
        user_keys=user_signatures(resolved.one("pubkeyacceptedalgorithms")),
    )


def user_signatures(value: str) -> tuple[str, ...]:
    """The signatures that PubkeyAcceptedAlgorithms allows: all of them, since an agent makes what we can't."""
    usual = (*(name + CERTIFIED for name in HOST_KEYS), *HOST_KEYS)
    return tuple(value.split(",")) if value and value[0] not in "+-^" else usual


def key_type(algorithm: str) -> str:
    """The type of key that makes signatures of `algorithm`."""
    plain = algorithm.removesuffix(CERTIFIED)
    return "ssh-rsa" if plain.startswith("rsa-sha2-") else plain


def _speed(name: str) -> int:
    return CIPHERS.index(name) if name in CIPHERS else len(CIPHERS)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
