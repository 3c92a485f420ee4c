"""Whether the host is the one that is meant: by known_hosts, by a certificate, or by a person's word.

A changed or revoked key is a full stop, whatever StrictHostKeyChecking says: no question is asked that a hurried
person would answer with yes. Writes one line to the person's known_hosts, and only after a yes (or accept-new, no).
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import time
from pathlib import Path
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.guard.text import visible
from safeshell.ssh.client.asking import Person
from safeshell.ssh.client.certificate import read_certificate
from safeshell.ssh.client.failures import NotTrusted
from safeshell.ssh.client.telling import Telling
from safeshell.ssh.host_key import CERTIFIED, fingerprint, key_label, type_of
from safeshell.ssh.known_hosts import (
    HostName,
    KeyVerdict,
    KnownKey,
    authorities,
    check,
    known_elsewhere,
    known_types,
    line_to_add,
)
from safeshell.ssh.known_hosts_files import add, read_files
from safeshell.ssh.resolved import Resolved

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
        self._name = HostName(resolved.hostname, resolved.port, resolved.one("hostkeyalias"))
        self._user_files = _files(resolved.one("userknownhostsfile"))
        self._known = read_files([*self._user_files, *_files(resolved.one("globalknownhostsfile"))])

    @property
    def known_types(self) -> frozenset[str]:
        """The types of its keys that are known."""
        return frozenset(known_types(self._known, self._name))

    @property
    def certified(self) -> bool:
        """Whether a certificate could say who it is."""
        return bool(authorities(self._known, self._name))

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
        found = check(
            self._known,
            self._name,
            blob,
            now=time.time(),
            signatures=self._resolved.one("casignaturealgorithms").split(","),
        )
        if found.distrust:
            self._telling.error(
                f"safeshell ssh: {self._name.written}: the host's certificate is not accepted: {found.distrust}."
            )
        if kind.endswith(CERTIFIED) and found.verdict is not KeyVerdict.CERTIFIED:
            # A certificate that does not count leaves a key like any other.
            certificate = read_certificate(blob)
            assert certificate is not None, "it was read just now"
            blob = certificate.key
            kind = type_of(blob)
        match found.verdict:
            case KeyVerdict.KNOWN | KeyVerdict.CERTIFIED:
                said = found.verdict.name.lower()
                self._telling.debug(f"Host {self._name.written!r} is {said} ({_place(found.line)})")
            case KeyVerdict.NEW:
                self._first_use(blob, kind, address)
            case KeyVerdict.CHANGED:
                raise self._changed(blob, kind, found.line)
            case KeyVerdict.REVOKED:
                raise self._revoked(blob, kind, found.line)

    def _first_use(self, blob: bytes, kind: str, address: str) -> None:
        policy = self._resolved.one("stricthostkeychecking", "ask")
        if policy in _REFUSES:
            raise NotTrusted(
                f"no {key_label(kind)} host key is known, and StrictHostKeyChecking allows no new one",
                where=self._name.written,
                todo=f"Its key is {self._fingerprint(blob)}. Add it to known_hosts once you know that it is right.",
            )
        if policy not in _ACCEPTS and not self._agreed(blob, kind, address):
            raise NotTrusted("Host key verification failed.", where=self._name.written)
        self._remember(blob, kind)

    def _agreed(self, blob: bytes, kind: str, address: str) -> bool:
        fingerprint = self._fingerprint(blob)
        shown = f"{self._name.written} ({address})" if address else self._name.written
        others = [one.hosts for one in known_elsewhere(self._known, blob, self._name)]
        text = [
            f"The authenticity of host '{shown}' can't be established.",
            f"{key_label(kind)} key fingerprint is {fingerprint}.",
        ]
        if others:
            text += [
                "This host key is known by the following other names/addresses:",
                *(f"    {visible(one, limit=200)}" for one in others),
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
            add(file, line_to_add(self._name, blob, salt=salt))
        except SafeshellError as error:
            self._telling.error(f"safeshell ssh: {error}")
            return
        short = key_label(kind)
        self._telling.info(
            f"Warning: Permanently added '{self._name.written}' ({short}) to the list of known hosts."
        )

    def _changed(self, blob: bytes, kind: str, line: KnownKey | None) -> NotTrusted:
        place = _place(line)
        return NotTrusted(
            f"REMOTE HOST IDENTIFICATION HAS CHANGED: this host shows another {key_label(kind)} key than the "
            f"known one. Somebody may be between you and it, or it was set up anew. Nothing was sent",
            where=self._name.written,
            todo=f"Known: {place}; shown now: {self._fingerprint(blob)}. Ask who runs the host. If the new key is "
            f"right: ssh-keygen -f {line.file if line else '~/.ssh/known_hosts'} -R '{self._name.written}'",
        )

    def _revoked(self, blob: bytes, kind: str, line: KnownKey | None) -> NotTrusted:
        return NotTrusted(
            f"REVOKED HOST KEY: this host shows a {key_label(kind)} key that was taken out of use. "
            "Nothing was sent",
            where=self._name.written,
            todo=f"Revoked at {_place(line)}; shown: {self._fingerprint(blob)}. Ask who runs the host.",
        )

    def _fingerprint(self, blob: bytes) -> str:
        if self._resolved.one("fingerprinthash", "SHA256").upper() == "MD5":
            return "MD5:" + hashlib.md5(blob, usedforsecurity=False).digest().hex(":")
        return fingerprint(blob)


def shown_key(blob: bytes) -> tuple[str, str]:
    """The type and the SHA256 fingerprint of a key, or of the key in a certificate."""
    found = read_certificate(blob)
    key = found.key if found else blob
    return type_of(key), fingerprint(key)


def _place(line: KnownKey | None) -> str:
    return f"{line.file}:{line.line}" if line else "known_hosts"


def _files(value: str) -> list[Path]:
    return [Path(word).expanduser() for word in value.split() if word != "none"]


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
