"""Says who we are, in ssh's order: what PreferredAuthentications has first of what the server would still take.

The one idea: one loop over the server's replies. Each says what it would take now, so a right answer that was not
enough (a second factor) just goes on with the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.client.agent import AgentRefused
from safeshell.ssh.client.algorithms import Algorithms
from safeshell.ssh.client.asking import Person
from safeshell.ssh.client.failures import NotLetIn
from safeshell.ssh.client.identities import Candidate, CannotSign, Keyring, algorithm_for, candidates
from safeshell.ssh.client.telling import Telling
from safeshell.ssh.client.userauth import Questions, Reply, UserAuth
from safeshell.ssh.client.wire import Wire
from safeshell.ssh.resolved import Resolved

_USUAL_ORDER: Final = ("publickey", "keyboard-interactive", "password")
_YES: Final = frozenset({"yes", "true", "unbound", "host-bound"})


class Authenticating:
    """One login.

    Args:
        wire: the connection.
        resolved: the configuration of the host.
        algorithms: what may be used.
        keyring: the private keys.
        files, certificates: IdentityFile and CertificateFile, expanded.
        person: answers the server's questions.
        telling: tells the person.
    """

    def __init__(
        self,
        wire: Wire,
        resolved: Resolved,
        algorithms: Algorithms,
        keyring: Keyring,
        files: Sequence[Path],
        certificates: Sequence[Path],
        person: Person,
        telling: Telling,
    ) -> None:
        self._wire = wire
        self._resolved = resolved
        self._algorithms = algorithms
        self._keyring = keyring
        self._files = files
        self._certificates = certificates
        self._person = person
        self._telling = telling
        self._attempts = int(resolved.one("numberofpasswordprompts", "3"))
        self._name = f"{resolved.user}@{resolved.hostname}"
        self._spent: set[str] = set()
        self._tried = {"password": 0, "keyboard-interactive": 0}
        self._used: set[bytes] = set()
        self._keys: Iterator[Candidate] | None = None

    def run(self) -> str:
        """Log in; the method that did it.

        Raises:
            NotLetIn: the server took nothing that we have.
            Gone: the connection ended.
        """
        auth = UserAuth(self._wire, self._resolved.user, self._telling.of_server)
        reply, method = auth.begin(), "none"
        order = self._order()
        first = reply.methods
        while not reply.let_in:
            now = next((one for one in order if one in reply.methods and one not in self._spent), None)
            if now is None:
                raise self._refused(reply.methods or first)
            tried = self._try(now, auth)
            if tried is None:
                self._spent.add(now)
                continue
            if tried.partial:
                self._telling.debug(f"{now}: right, and the server wants more ({', '.join(tried.methods)})")
                self._keys = None
            reply, method = (
                tried if tried.let_in or tried.methods else Reply(let_in=False, methods=first),
                now,
            )
        self._telling.debug(f"Authenticated to {self._name} using {method!r}.")
        return method

    def _order(self) -> tuple[str, ...]:
        wanted = self._resolved.one("preferredauthentications")
        order = tuple(wanted.split(",")) if wanted else _USUAL_ORDER
        enabled = {
            "publickey": self._resolved.one("pubkeyauthentication", "yes") in _YES,
            "keyboard-interactive": self._resolved.one("kbdinteractiveauthentication", "yes") in _YES,
            "password": self._resolved.one("passwordauthentication", "yes") in _YES,
        }
        return tuple(method for method in order if enabled.get(method))

    def _try(self, method: str, auth: UserAuth) -> Reply | None:
        """Try a method once; None when there is nothing left to try with it."""
        if method == "publickey":
            return self._try_key(auth)
        if self._tried[method] >= self._attempts:
            return None
        self._tried[method] += 1
        return self._try_password(auth) if method == "password" else self._try_questions(auth)

    def _try_key(self, auth: UserAuth) -> Reply | None:
        if self._keys is None:
            self._keys = iter(
                candidates(
                    self._files,
                    self._certificates,
                    self._keyring,
                    self._telling,
                    only_files=self._resolved.one("identitiesonly") == "yes",
                )
            )
        for candidate in self._keys:
            reply = self._offer(auth, candidate)
            if reply is not None:
                if reply.let_in or reply.partial:
                    self._used.add(candidate.blob)
                return reply
        return None

    def _offer(self, auth: UserAuth, candidate: Candidate) -> Reply | None:
        """Offer a key; None when the server was not asked for a decision, or said that it would not do."""
        blob = candidate.blob
        known = bool(blob)
        if not known:
            # Only the passphrase shows what key it is (an encrypted PEM file without its .pub).
            key = self._keyring.unlocked(candidate.file) if candidate.file else None
            if key is None:
                return None
            blob = key.asbytes()
        if blob in self._used:
            return None
        algorithm = algorithm_for(blob, self._algorithms.user_keys, self._wire.signature_algorithms)
        if not algorithm:
            self._telling.debug(f"{candidate.name}: its kind of key may not be used")
            return None
        self._telling.debug(f"Offering public key: {candidate.name}")
        if known and (refused := auth.takes_key(algorithm, blob)) is not None:
            return refused if refused.let_in or refused.partial else None
        try:
            return auth.sign_in(algorithm, blob, self._keyring.signer(candidate, algorithm))
        except (CannotSign, AgentRefused):
            self._telling.error(f"safeshell ssh: {visible(candidate.name)}: nobody signs for this key.")
            return None

    def _try_password(self, auth: UserAuth) -> Reply | None:
        self._say_again("password")
        password = self._person.secret(f"{self._name}'s password: ")
        if password is None:
            return None
        reply = auth.password(password)
        if isinstance(reply, str):
            self._telling.of_server(reply)
            raise NotLetIn(
                "the server wants a new password before it lets anybody in",
                where=self._name,
                todo='Change it with the system\'s ssh: transport = "ssh".',
            )
        return reply

    def _try_questions(self, auth: UserAuth) -> Reply | None:
        asked, given_up = False, False

        def answers(questions: Questions) -> list[str] | None:
            nonlocal asked, given_up
            if not asked:
                self._say_again("keyboard-interactive")
            asked = asked or bool(questions.prompts)
            for text in (questions.name, questions.instruction):
                if text:
                    self._telling.of_server(text)
            given: list[str] = []
            for prompt, shown in questions.prompts:
                answer = self._person.answer(f"({self._name}) {prompt}", shown=shown)
                if answer is None:
                    given_up = True
                    return None
                given.append(answer)
            return given

        reply = auth.questions(self._resolved.one("kbdinteractivedevices"), answers)
        if not reply.let_in and not reply.partial and (given_up or not asked):
            self._spent.add("keyboard-interactive")
        return reply

    def _say_again(self, method: str) -> None:
        if self._tried[method] > 1:
            self._telling.error("Permission denied, please try again.")

    def _refused(self, methods: Sequence[str]) -> NotLetIn:
        return NotLetIn(
            f"Permission denied ({visible(','.join(methods))}).",
            where=self._name,
            todo="None of your keys, passwords or answers was taken; safeshell ssh -v shows what was tried.",
        )
