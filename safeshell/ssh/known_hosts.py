"""What known_hosts files say of a host's key (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT; hostfile.c of OpenSSH). Pure.

The one idea: a verdict names the line that it rests on. A line that can't be read is told by its number, and the
others count as ever. Files are read and written by `known_hosts_files`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.host_certificate import (
    CA_SIGNATURES,
    Certificate,
    public_part,
    read_certificate,
    what_is_wrong,
)
from safeshell.ssh.host_key import CERTIFIED, NotAKey, check_plain_key, decode_key, fingerprint, type_of
from safeshell.ssh.wildcards import matches_list

_HASHED: Final = "|1|"
_BLANKS: Final = " \t"
USUAL_PORT: Final = 22


class Marker(Enum):
    """What stands before the names of a line."""

    NONE = ""
    AUTHORITY = "@cert-authority"
    REVOKED = "@revoked"


class KeyVerdict(Enum):
    """What is known of the key that a host has shown."""

    KNOWN = "known"
    """It is the host's, by a line of its own."""
    CERTIFIED = "certified"
    """It is the host's, by a certificate of an authority that is trusted for that name."""
    NEW = "new"
    """Nothing is known of the host's keys."""
    CHANGED = "changed"
    """The host is known by other keys, and not by this one."""
    REVOKED = "revoked"
    """The key, or the authority that certified it, must not be trusted."""


@frozen
class KnownKey:
    """A line that can be read.

    Args:
        file: its file, as it was named.
        line: its number, from 1.
        marker: what stands before the names.
        hosts: the names, patterns, or the hash of a name, as written.
        kind: the key's type.
        key: the key, or a certificate where somebody has put one there.
        comment: what stands behind the key.
    """

    file: str
    line: int
    marker: Marker
    hosts: str
    kind: str
    key: bytes
    comment: str = ""

    @property
    def place(self) -> str:
        """Where it stands: `FILE:LINE`."""
        return f"{self.file}:{self.line}"

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its key."""
        return fingerprint(self.key)

    @property
    def hashed(self) -> bool:
        """Whether the name can't be read from it."""
        return self.hosts.startswith(_HASHED)


@frozen
class UnreadableLine:
    """A line, or a whole file, that can't be read.

    Args:
        file: its file.
        line: its number; 0 for the whole file.
        reason: why, as the rest of a sentence.
    """

    file: str
    line: int
    reason: str


@frozen
class KnownHosts:
    """What stands in the files, in their order.

    Args:
        keys: the lines that can be read.
        unreadable: those that can't; ssh passes them over, too.
    """

    keys: tuple[KnownKey, ...] = ()
    unreadable: tuple[UnreadableLine, ...] = ()


@frozen
class HostName:
    """What a host is called in known_hosts.

    Args:
        host: the name or address that the connection goes to.
        port: the port there.
        alias: the HostKeyAlias; "" for none. It stands alone, without a port.
    """

    host: str
    port: int = USUAL_PORT
    alias: str = ""

    @property
    def written(self) -> str:
        """The name that is looked up, and written into a new line: `host`, or `[host]:port`."""
        if self.alias:
            return self.alias.lower()
        host = self.host.lower()
        return host if self.port == USUAL_PORT else f"[{host}]:{self.port}"

    @property
    def certified(self) -> str:
        """The name that a certificate has to be for: the one without a port."""
        return (self.alias or self.host).lower()

    @property
    def without_port(self) -> HostName | None:
        """The name that may vouch for a host at an unusual port that is not known by itself; None where none may."""
        return None if self.alias or self.port == USUAL_PORT else HostName(self.host)


@frozen
class KeyCheck:
    """What is known of a key, and by which line.

    Args:
        verdict: what is known.
        line: the line that says so: of the known key, the authority, the key that stands there instead, or the
            revocation; None for a new host.
        distrust: why the host's certificate was not enough, as the rest of "its certificate is not accepted: …"; "".
    """

    verdict: KeyVerdict
    line: KnownKey | None = None
    distrust: str = ""


def read_known_hosts(texts: Mapping[str, str]) -> KnownHosts:
    """Read known_hosts files. Fails for nothing.

    Args:
        texts: what stands in them by name, in the order in which they count.
    """
    keys: list[KnownKey] = []
    unreadable: list[UnreadableLine] = []
    for file, text in texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            written = line.removesuffix("\r").lstrip(_BLANKS)
            if not written or written.startswith("#"):
                continue
            try:
                keys.append(_read_line(file, number, written))
            except NotAKey as error:
                unreadable.append(UnreadableLine(file, number, error.message))
    return KnownHosts(tuple(keys), tuple(unreadable))


def check(
    known: KnownHosts,
    name: HostName,
    key: bytes,
    *,
    now: float,
    signatures: Collection[str] = CA_SIGNATURES,
) -> KeyCheck:
    """What is known of the key that a host has shown. It has to have proven that the key is its own.

    A host at an unusual port that is not known by itself is known by its name alone, if that has this very key; a
    key that is revoked under that name is no new one.

    Args:
        known: the lines of the files.
        name: what the host is called.
        key: the key, or its certificate.
        now: seconds since 1970, for certificates.
        signatures: the kinds of signature that an authority may have made (CASignatureAlgorithms).

    Raises:
        NotAKey: the host has shown something that is neither a key nor a certificate.
    """
    if not type_of(key).endswith(CERTIFIED):
        check_plain_key(key)
        return _check_plain(known, name, key)
    return _check_certificate(known, name, read_certificate(key), now, signatures)


def known_types(known: KnownHosts, name: HostName) -> tuple[str, ...]:
    """The types of the host's keys that are known: those to ask it for first."""
    return tuple(dict.fromkeys(one.kind for one in _lines_of(known, name, Marker.NONE)))


def authorities(known: KnownHosts, name: HostName) -> tuple[KnownKey, ...]:
    """The authorities whose certificates are good for the host; with one, certificates are to be asked for first."""
    return tuple(_lines_of(known, name, Marker.AUTHORITY))


def known_elsewhere(known: KnownHosts, key: bytes, name: HostName | None = None) -> tuple[KnownKey, ...]:
    """The lines by which this key, or the key in this certificate, is known under other names.

    Args:
        known: the lines of the files.
        key: the key.
        name: the name under which it is met now; its own lines are left out.

    Raises:
        NotAKey: `key` is none.
    """
    public = public_part(key)
    return tuple(
        one
        for one in known.keys
        if one.marker is Marker.NONE and public_part(one.key) == public and not (name and _names(one, name))
    )


def line_to_add(name: HostName, key: bytes, *, salt: bytes | None = None) -> str:
    """The line, without its end, by which a key is known from now on.

    Args:
        name: what the host is called.
        key: its key; of a certificate, the key that it is about.
        salt: 20 random bytes to write the name as a hash of it (HashKnownHosts); None to write it out.

    Raises:
        NotAKey: `key` is none, or the name can't stand in such a line.
    """
    public = public_part(key)
    written = name.written
    if not written or any(char in " \t\r\n,*?!#|@\0" for char in written):
        raise NotAKey(f"{written!r} can't be the name of a host in known_hosts")
    shown = written if salt is None else _HASHED + _hash_of(written, salt)
    return f"{shown} {type_of(public)} {base64.b64encode(public).decode()}"


def _read_line(file: str, number: int, written: str) -> KnownKey:
    marker, rest = Marker.NONE, written
    if written.startswith("@"):
        said, rest = _first_word(written)
        markers = {one.value: one for one in (Marker.AUTHORITY, Marker.REVOKED)}
        if said not in markers:
            raise NotAKey(f"{visible(said)} is neither @cert-authority nor @revoked")
        marker = markers[said]
    hosts, rest = _first_word(rest)
    kind, rest = _first_word(rest)
    encoded, comment = _first_word(rest)
    if not encoded or kind.startswith("#"):
        raise NotAKey("it has no key behind its names")
    if hosts.startswith("|"):
        _salt_and_hash(hosts)
    key = decode_key(encoded)
    if type_of(key) != kind:
        raise NotAKey(f"its key is not of the type {visible(kind)}")
    public_part(key)
    return KnownKey(file, number, marker, hosts, kind, key, comment)


def _first_word(text: str) -> tuple[str, str]:
    """The first word, and what stands behind it; only blanks and tabs part words here."""
    word = re.match(f"[^{_BLANKS}]*", text)
    assert word
    return word[0], text[word.end() :].lstrip(_BLANKS)


def _check_plain(known: KnownHosts, name: HostName, key: bytes) -> KeyCheck:
    revoked = _revoked(known, name, key)
    if revoked:
        return KeyCheck(KeyVerdict.REVOKED, revoked)
    own = list(_lines_of(known, name, Marker.NONE))
    same = next((one for one in own if one.key == key), None)
    if same:
        return KeyCheck(KeyVerdict.KNOWN, same)
    if own:
        # The key of the same type is the one that a person will look for.
        kind = type_of(key)
        return KeyCheck(KeyVerdict.CHANGED, next((one for one in own if one.kind == kind), own[-1]))
    if name.without_port:
        fallback = _check_plain(known, name.without_port, key)
        if fallback.verdict in (KeyVerdict.KNOWN, KeyVerdict.REVOKED):
            return fallback
    return KeyCheck(KeyVerdict.NEW)


def _check_certificate(
    known: KnownHosts, name: HostName, certificate: Certificate, now: float, signatures: Collection[str]
) -> KeyCheck:
    revoked = _revoked(known, name, certificate.key) or _revoked(known, name, certificate.authority)
    if revoked:
        return KeyCheck(KeyVerdict.REVOKED, revoked)
    trusted = (one for one in authorities(known, name) if public_part(one.key) == certificate.authority)
    line = next(trusted, None)
    distrust = ""
    if line:
        distrust = what_is_wrong(certificate, name=name.certified, now=now, signatures=signatures)
        if not distrust:
            return KeyCheck(KeyVerdict.CERTIFIED, line)
    elif name.without_port:
        fallback = _check_certificate(known, name.without_port, certificate, now, signatures)
        if fallback.verdict in (KeyVerdict.KNOWN, KeyVerdict.CERTIFIED, KeyVerdict.REVOKED):
            return fallback
        distrust = fallback.distrust
    # A certificate that doesn't count leaves a key like any other.
    plain = _check_plain(known, name, certificate.key)
    return KeyCheck(plain.verdict, plain.line, distrust)


def _revoked(known: KnownHosts, name: HostName, key: bytes) -> KnownKey | None:
    return next((one for one in _lines_of(known, name, Marker.REVOKED) if public_part(one.key) == key), None)


def _lines_of(known: KnownHosts, name: HostName, marker: Marker) -> Iterator[KnownKey]:
    return (one for one in known.keys if one.marker is marker and _names(one, name))


def _names(line: KnownKey, name: HostName) -> bool:
    if line.hashed:
        salt, _ = _salt_and_hash(line.hosts)
        return hmac.compare_digest(line.hosts, _HASHED + _hash_of(name.written, salt))
    return matches_list(name.written, line.hosts.lower()) is True


def _salt_and_hash(hosts: str) -> tuple[bytes, bytes]:
    salt, bar, digest = hosts.removeprefix(_HASHED).partition("|")
    if not hosts.startswith(_HASHED) or not bar:
        raise NotAKey("the hash of its name can't be read")
    found = decode_key(salt), decode_key(digest)
    if any(len(part) != hashlib.sha1(usedforsecurity=False).digest_size for part in found):
        raise NotAKey("the hash of its name can't be read")
    return found


def _hash_of(name: str, salt: bytes) -> str:
    digest = hmac.new(salt, name.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return f"{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"
