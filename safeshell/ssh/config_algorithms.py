"""Lists of algorithms in ssh_config, put together from the lists that OpenSSH 9.2 begins with. Pure.

`+list` adds, `^list` puts first, `-list` takes away, and `*` and `?` choose among all that ssh knows. A name that
is unknown here is kept: whether it can be used is known when connecting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from safeshell.frozen import frozen
from safeshell.ssh.wildcards import matches, matches_list

_ED, _ED_SK = "ssh-ed25519", "sk-ssh-ed25519@openssh.com"
_ECDSA: Final = ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_ECDSA_SK: Final = "sk-ecdsa-sha2-nistp256@openssh.com"
_CERT: Final = "-cert-v01@openssh.com"


@frozen
class Known:
    """The algorithms of one kind.

    Args:
        usual: those that are used, the best first.
        all: all that ssh knows, in its order.
    """

    usual: tuple[str, ...]
    all: tuple[str, ...]


def _certified(kind: str) -> str:
    return kind.removesuffix("@openssh.com") + _CERT


_SIGNATURES: Final = (_ED, *_ECDSA, _ED_SK, _ECDSA_SK, "rsa-sha2-512", "rsa-sha2-256")
_HOST_KEYS: Final = Known(
    (*(_certified(kind) for kind in _SIGNATURES), *_SIGNATURES),
    (
        *(f"{kind}" for pair in ((_ED, _certified(_ED)), (_ED_SK, _certified(_ED_SK))) for kind in pair),
        *(kind for plain in (*_ECDSA, _ECDSA_SK) for kind in (plain, _certified(plain))),
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
        *(
            kind
            for plain in ("ssh-dss", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512")
            for kind in (plain, _certified(plain))
        ),
    ),
)
_ETM: Final = "-etm@openssh.com"
_MACS: Final = ("umac-64", "umac-128", "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1")

KNOWN: Final[Mapping[str, Known]] = {
    "ciphers": Known(
        (
            "chacha20-poly1305@openssh.com",
            "aes128-ctr",
            "aes192-ctr",
            "aes256-ctr",
            "aes128-gcm@openssh.com",
            "aes256-gcm@openssh.com",
        ),
        (
            "3des-cbc",
            "aes128-cbc",
            "aes192-cbc",
            "aes256-cbc",
            "aes128-ctr",
            "aes192-ctr",
            "aes256-ctr",
            "aes128-gcm@openssh.com",
            "aes256-gcm@openssh.com",
            "chacha20-poly1305@openssh.com",
        ),
    ),
    "macs": Known(
        (
            *(f"{name}{_ETM}" for name in _MACS),
            *(f"{name}@openssh.com" if name.startswith("umac") else name for name in _MACS),
        ),
        (
            *"hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96".split(),
            *"umac-64@openssh.com umac-128@openssh.com".split(),
            *(
                f"{name}{_ETM}"
                for name in "hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96 "
                "umac-64 umac-128".split()
            ),
        ),
    ),
    "kexalgorithms": Known(
        (
            "sntrup761x25519-sha512",
            "sntrup761x25519-sha512@openssh.com",
            "curve25519-sha256",
            "curve25519-sha256@libssh.org",
            "ecdh-sha2-nistp256",
            "ecdh-sha2-nistp384",
            "ecdh-sha2-nistp521",
            "diffie-hellman-group-exchange-sha256",
            "diffie-hellman-group16-sha512",
            "diffie-hellman-group18-sha512",
            "diffie-hellman-group14-sha256",
        ),
        (
            "diffie-hellman-group1-sha1",
            "diffie-hellman-group14-sha1",
            "diffie-hellman-group14-sha256",
            "diffie-hellman-group16-sha512",
            "diffie-hellman-group18-sha512",
            "diffie-hellman-group-exchange-sha1",
            "diffie-hellman-group-exchange-sha256",
            "ecdh-sha2-nistp256",
            "ecdh-sha2-nistp384",
            "ecdh-sha2-nistp521",
            "curve25519-sha256",
            "curve25519-sha256@libssh.org",
            "sntrup761x25519-sha512",
            "sntrup761x25519-sha512@openssh.com",
        ),
    ),
    "hostkeyalgorithms": _HOST_KEYS,
    "hostbasedacceptedalgorithms": _HOST_KEYS,
    "pubkeyacceptedalgorithms": _HOST_KEYS,
    "casignaturealgorithms": Known(
        _SIGNATURES,
        (
            *(_ED, _ED_SK, *_ECDSA, _ECDSA_SK, "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"),
            *("ssh-dss", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"),
        ),
    ),
}


def assemble(keyword: str, written: str) -> str:
    """The list that a value stands for.

    Args:
        keyword: one of `KNOWN`.
        written: the value; "" for none.
    """
    known = KNOWN[keyword]
    usual = known.usual
    sign, names = (written[:1], written[1:]) if written[:1] in ("+", "-", "^") else ("", written)
    if not written:
        chosen: Iterable[str] = usual
    elif sign == "+":
        chosen = (*usual, *names.split(","))
    elif sign == "^":
        chosen = (*names.split(","), *usual)
    elif sign == "-":
        chosen = (one for one in usual if not matches_list(one, names))
    else:
        chosen = names.split(",")
    spelled = (one for name in chosen for one in _spelled(name, known.all))
    return ",".join(dict.fromkeys(one for one in spelled if one))


def _spelled(name: str, every: tuple[str, ...]) -> tuple[str, ...]:
    """The names that a pattern stands for; a name stands for itself."""
    if not set(name) & set("*?!"):
        return (name,)
    return tuple(one for one in every if matches(one, name))
