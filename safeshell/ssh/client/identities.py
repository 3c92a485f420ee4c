"""Which keys are offered to a server, in ssh's order, and how each of them signs.

The one idea: a candidate is a public key (or a certificate) that somebody can sign for; whoever signs, the agent or
a file, is only asked once the server has said that it would take the key. Passphrases are asked once for the whole
call, jump hosts included, and kept in memory alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import paramiko

from safeshell.frozen import frozen
from safeshell.ssh.client.agent import Agent, AgentKey
from safeshell.ssh.client.algorithms import CERTIFIED
from safeshell.ssh.client.asking import Person
from safeshell.ssh.client.certificate import read_certificate
from safeshell.ssh.client.key_file import (
    NeedsPassphrase,
    NotAKey,
    load,
    public_file,
    public_half,
    too_open,
    type_of,
)
from safeshell.ssh.client.telling import Telling

_DEFAULTS: Final = frozenset(
    f"id_{kind}" for kind in "rsa ecdsa ecdsa_sk ed25519 ed25519_sk xmss dsa mldsa44_ed25519".split()
)
_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256")


class CannotSign(Exception):
    """Nobody signs for the key: a passphrase that is unknown, an agent that refuses."""


@frozen
class Candidate:
    """A key to offer.

    Args:
        blob: the public key or certificate; b"" when only the passphrase would show it.
        name: what to call it in a message.
        file: the private half; None when only the agent has it.
        held: the key by which the agent knows it; b"" when it doesn't.
    """

    blob: bytes
    name: str
    file: Path | None = None
    held: bytes = b""


class Keyring:
    """The private keys of one call that were unlocked, and the agent.

    Args:
        agent: the person's; None without one.
        person: says the passphrases.
        telling: says what is wrong with a file.
        unlocked: keys that were unlocked for another host of the same call; grows.
        attempts: how often a passphrase is asked (NumberOfPasswordPrompts).
    """

    def __init__(
        self,
        agent: Agent | None,
        person: Person,
        telling: Telling,
        unlocked: dict[Path, paramiko.PKey | None],
        *,
        attempts: int,
    ) -> None:
        self._agent = agent
        self._person = person
        self._telling = telling
        self._attempts = attempts
        self._unlocked = unlocked

    def agent_keys(self) -> tuple[AgentKey, ...]:
        """What the agent has."""
        return self._agent.keys() if self._agent else ()

    def signer(self, candidate: Candidate, algorithm: str) -> Callable[[bytes], bytes]:
        """What signs for a candidate.

        Raises:
            CannotSign: its file can't be unlocked.
        """
        plain = algorithm.removesuffix(CERTIFIED)
        agent = self._agent
        if candidate.held and agent:
            return lambda data: agent.sign(candidate.held, data, plain)
        key = self.unlocked(candidate.file) if candidate.file else None
        if key is None:
            raise CannotSign
        return lambda data: key.sign_ssh_data(data, plain).asbytes()

    def unlocked(self, path: Path) -> paramiko.PKey | None:
        """The private key of a file; None when it can't be used. The passphrase is asked at most once a call."""
        if path not in self._unlocked:
            self._unlocked[path] = self._unlock(path)
        return self._unlocked[path]

    def _unlock(self, path: Path) -> paramiko.PKey | None:
        mode = too_open(path)
        if mode:
            self._telling.error(
                f"safeshell ssh: {path}: others may read this private key (mode {mode}), so it is not used.\n"
                f"  chmod 600 {path}"
            )
            return None
        passphrase: str | None = None
        for _ in range(self._attempts + 1):
            try:
                return load(path, passphrase)
            except NotAKey as error:
                self._telling.debug(str(error))
                return None
            except NeedsPassphrase:
                passphrase = self._person.secret(f"Enter passphrase for key '{path}': ")
                if not passphrase:
                    return None
        return None


def candidates(
    files: Sequence[Path],
    certificates: Sequence[Path],
    keyring: Keyring,
    telling: Telling,
    *,
    only_files: bool,
) -> list[Candidate]:
    """The keys to offer, first the first.

    The order is ssh's: certificates, the agent's keys that the configuration names, its others, keys in files alone.

    Args:
        files: IdentityFile, each.
        certificates: CertificateFile, each.
        keyring: the keys that the agent has.
        telling: says which file is missing.
        only_files: leave out what only the agent knows (IdentitiesOnly).
    """
    held = {key.blob: key for key in keyring.agent_keys()}
    plain = [found for path in files for found in _of_file(path, held, telling)]
    by_key = {candidate.blob: candidate for candidate in plain if candidate.blob}
    certified = [
        candidate
        for path in [*certificates, *(path.with_name(f"{path.name}-cert.pub") for path in files)]
        for candidate in _of_certificate(path, by_key, held)
    ]
    named = {candidate.blob for candidate in (*plain, *certified)}
    others = [
        Candidate(key.blob, key.comment or "a key of the agent", held=key.blob)
        for key in held.values()
        if key.blob not in named and not only_files
    ]
    in_agent = [candidate for candidate in plain if candidate.held]
    in_files = [candidate for candidate in plain if not candidate.held]
    return _distinct([*certified, *in_agent, *others, *in_files])


def algorithm_for(blob: bytes, allowed: Iterable[str], taken: Sequence[str]) -> str:
    """The signature algorithm for a key; "" when none is allowed.

    Args:
        blob: the key or certificate.
        allowed: PubkeyAcceptedAlgorithms.
        taken: what the server says it takes; () when it says nothing.
    """
    kind = type_of(blob)
    permitted = frozenset(allowed)
    if kind not in ("ssh-rsa", "ssh-rsa" + CERTIFIED):
        return kind if kind in permitted else ""
    end = CERTIFIED if kind.endswith(CERTIFIED) else ""
    usable = [name + end for name in _RSA if name + end in permitted]
    return next(
        (name for name in usable if not taken or name in taken or name.removesuffix(end) in taken), ""
    )


def _of_file(path: Path, held: dict[bytes, AgentKey], telling: Telling) -> list[Candidate]:
    blob = public_half(path) if path.exists() else public_file(path.with_name(f"{path.name}.pub"))
    if blob is None and path.exists():
        # A public key alone names one of the agent's.
        blob = public_file(path)
    if blob is not None and blob in held:
        return [Candidate(blob, str(path), path if path.exists() else None, blob)]
    if not path.exists():
        if path.name not in _DEFAULTS:
            telling.info(f"no such identity: {path}")
        return []
    return [Candidate(blob or b"", str(path), path)]


def _of_certificate(
    path: Path, by_key: dict[bytes, Candidate], held: dict[bytes, AgentKey]
) -> list[Candidate]:
    blob = public_file(path)
    found = read_certificate(blob) if blob is not None else None
    if blob is None or found is None:
        return []
    if blob in held:
        return [Candidate(blob, str(path), held=blob)]
    if found.key in by_key:
        of = by_key[found.key]
        return [Candidate(blob, str(path), of.file, of.held)]
    return [Candidate(blob, str(path), held=found.key)] if found.key in held else []


def _distinct(found: Iterable[Candidate]) -> list[Candidate]:
    seen: dict[object, Candidate] = {}
    for candidate in found:
        seen.setdefault(candidate.blob or candidate.file, candidate)
    return list(seen.values())
