"""Whether the host is the one that is meant: by known_hosts, by a certificate, or by a person's word.

A changed or revoked key is a full stop, whatever StrictHostKeyChecking says: no question is asked that a hurried
person would answer with yes. Writes one line to the person's known_hosts, and only after a yes (or accept-new, no).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.client.algorithms import CERTIFIED
from safeshell.ssh.client.asking import Person
from safeshell.ssh.client.certificate import CertificateKind, read_certificate, what_is_wrong
from safeshell.ssh.client.failures import NotTrusted
from safeshell.ssh.client.key_file import type_of
from safeshell.ssh.client.known_keys import (
    Line,
    Verdict,
    authorities,
    check,
    known_types,
    names_of,
    new_line,
    other_names,
    read_lines,
)
from safeshell.ssh.client.telling import Telling
from safeshell.ssh.resolved import Resolved

_SHORT: Final = {
    "ssh-ed25519": "ED25519",
    "ssh-rsa": "RSA",
    "ecdsa-sha2-nistp256": "ECDSA",
    "ecdsa-sha2-nistp384": "ECDSA",
    "ecdsa-sha2-nistp521": "ECDSA",
}
_ACCEPTS: Final = frozenset({"no", "off", "false", "accept-new"})
_REFUSES: Final = frozenset({"yes", "true"})


class HostCheck:
    """What is known of one host.

    Args:
        resolved: its configuration.
        person: is asked about a host that is new.
        telling: says what was found and written.
    """

    def __init__(self, resolved: Resolved, person: Person, telling: Telling) -> None:
        self._resolved = resolved
        self._person = person
        self._telling = telling
        self._names = names_of(resolved.hostname, resolved.port, resolved.one("hostkeyalias"))
        self._user_files = _files(resolved.one("userknownhostsfile"))
        self._lines = read_lines(
            _contents([*self._user_files, *_files(resolved.one("globalknownhostsfile"))])
        )
        self._authorities = authorities(self._lines, self._names)

    @property
    def known_types(self) -> frozenset[str]:
        """The types of its keys that are known."""
        return known_types(self._lines, self._names)

    @property
    def certified(self) -> bool:
        """Whether a certificate could say who it is."""
        return bool(self._authorities)

    def decide(self, blob: bytes, address: str) -> None:
        """Decide on the key that the host has shown, which it has proven to have.

        Args:
            blob: the key, or its certificate.
            address: where the connection goes, for the question; "" when a proxy leads there.

        Raises:
            NotTrusted: it isn't the host that is meant, or nobody says so.
        """
        kind = type_of(blob)
        if self._resolved.one("nohostauthenticationforlocalhost") == "yes" and _is_loopback(address):
            self._telling.debug(f"{address}: not checked (NoHostAuthenticationForLocalhost)")
            return
        if kind.endswith(CERTIFIED):
            if self._holds(blob):
                return
            found = read_certificate(blob)
            assert found is not None
            blob, kind = found.key, type_of(found.key)
        finding = check(self._lines, self._names, blob, kind)
        match finding.verdict:
            case Verdict.KNOWN:
                self._telling.debug(
                    f"Host {self._names[0]!r} is known and matches ({finding.line and finding.line.place})"
                )
            case Verdict.NEW:
                self._first_use(blob, kind, address)
            case Verdict.CHANGED:
                raise self._changed(blob, kind, finding.line)
            case Verdict.REVOKED:
                raise self._revoked(blob, kind, finding.line)

    def _holds(self, blob: bytes) -> bool:
        """Whether the host's certificate says that it is the host; one by a stranger says nothing."""
        found = read_certificate(blob)
        if found is None:
            raise NotTrusted("the host's certificate can't be read", where=self._names[0])
        line = self._authorities.get(found.authority)
        if line is None:
            self._telling.debug("the host's certificate is by an authority that is unknown here")
            return False
        revoked = check(self._lines, self._names, found.key, type_of(found.key))
        if revoked.verdict is Verdict.REVOKED:
            raise self._revoked(found.key, type_of(found.key), revoked.line)
        wrong = what_is_wrong(
            found,
            name=self._resolved.one("hostkeyalias") or self._resolved.hostname,
            now=time.time(),
            kind=CertificateKind.HOST,
            signatures=self._resolved.one("casignaturealgorithms").split(","),
        )
        if wrong:
            self._telling.error(
                f"safeshell ssh: {self._names[0]}: the host's certificate is not accepted: {wrong}."
            )
            return False
        self._telling.debug(f"Host {self._names[0]!r} is certified ({visible(found.key_id)}, {line.place})")
        return True

    def _first_use(self, blob: bytes, kind: str, address: str) -> None:
        policy = self._resolved.one("stricthostkeychecking", "ask")
        if policy in _REFUSES:
            raise NotTrusted(
                f"no {_SHORT.get(kind, kind)} host key is known, and StrictHostKeyChecking allows no new one",
                where=self._names[0],
                todo=f"Its key is {self._fingerprint(blob)}. Add it to known_hosts once you know that it is right.",
            )
        if policy not in _ACCEPTS and not self._agreed(blob, kind, address):
            raise NotTrusted("Host key verification failed.", where=self._names[0])
        self._remember(blob, kind)

    def _agreed(self, blob: bytes, kind: str, address: str) -> bool:
        fingerprint = self._fingerprint(blob)
        shown = f"{self._names[0]} ({address})" if address else self._names[0]
        others = other_names(self._lines, blob)
        text = [
            f"The authenticity of host '{shown}' can't be established.",
            f"{_SHORT.get(kind, kind)} key fingerprint is {fingerprint}.",
        ]
        if others:
            text += [
                "This host key is known by the following other names/addresses:",
                *(f"    {one}" for one in others),
            ]
        else:
            text.append("This key is not known by any other names.")
        prompt = "Are you sure you want to continue connecting (yes/no/[fingerprint])? "
        answer = self._person.confirm("\n".join(text), prompt)
        while answer is not None:
            if answer.strip().lower() == "yes" or answer.strip() == fingerprint:
                return True
            if answer.strip().lower() in ("no", ""):
                return False
            answer = self._person.answer("Please type 'yes', 'no' or the fingerprint: ")
        return False

    def _remember(self, blob: bytes, kind: str) -> None:
        if not self._user_files:
            return
        file = self._user_files[0]
        salt = os.urandom(20) if self._resolved.one("hashknownhosts") == "yes" else None
        try:
            file.parent.mkdir(mode=0o700, exist_ok=True)
            with file.open("a+b") as written:
                # A last line without an end would swallow ours.
                if written.tell() and not _ends_with_newline(file):
                    written.write(b"\n")
                written.write(new_line(self._names[0], kind, blob, salt).encode())
        except OSError as error:
            self._telling.error(
                f"Failed to add the host to the list of known hosts ({file}): {error.strerror}."
            )
            return
        short = _SHORT.get(kind, kind)
        self._telling.info(
            f"Warning: Permanently added '{self._names[0]}' ({short}) to the list of known hosts."
        )

    def _changed(self, blob: bytes, kind: str, line: Line | None) -> NotTrusted:
        place = line.place if line else ""
        return NotTrusted(
            f"REMOTE HOST IDENTIFICATION HAS CHANGED: this host shows another {_SHORT.get(kind, kind)} key than the "
            f"known one. Somebody may be between you and it, or it was set up anew. Nothing was sent",
            where=self._names[0],
            todo=f"Known: {place}; shown now: {self._fingerprint(blob)}. Ask who runs the host. If the new key is "
            f"right: ssh-keygen -f {line.file if line else '~/.ssh/known_hosts'} -R '{self._names[0]}'",
        )

    def _revoked(self, blob: bytes, kind: str, line: Line | None) -> NotTrusted:
        return NotTrusted(
            f"REVOKED HOST KEY: this host shows a {_SHORT.get(kind, kind)} key that was taken out of use. "
            "Nothing was sent",
            where=self._names[0],
            todo=f"Revoked at {line.place if line else 'known_hosts'}; shown: {self._fingerprint(blob)}. "
            "Ask who runs the host.",
        )

    def _fingerprint(self, blob: bytes) -> str:
        if self._resolved.one("fingerprinthash", "SHA256").upper() == "MD5":
            return "MD5:" + hashlib.md5(blob, usedforsecurity=False).digest().hex(":")
        return _sha256(blob)


def shown_key(blob: bytes) -> tuple[str, str]:
    """The type and the SHA256 fingerprint of a key, or of the key in a certificate."""
    found = read_certificate(blob)
    key = found.key if found else blob
    return type_of(key), _sha256(key)


def _sha256(blob: bytes) -> str:
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _files(value: str) -> list[Path]:
    return [Path(word).expanduser() for word in value.split() if word != "none"]


def _contents(files: list[Path]) -> Mapping[str, str]:
    found = {}
    for file in files:
        try:
            found[str(file)] = file.read_text("utf-8", "replace")
        except OSError:
            continue
    return found


def _ends_with_newline(file: Path) -> bool:
    with file.open("rb") as read:
        read.seek(-1, os.SEEK_END)
        return read.read(1) == b"\n"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
