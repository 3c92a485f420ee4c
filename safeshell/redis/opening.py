"""Opening a guarded session at an endpoint: the connection, who it is, its guard, undo and journal.

What CONNECT in the console does again for another server. Decides nothing about lines.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.config.matching import find_redis
from safeshell.config.settings import Settings
from safeshell.errors import Refused, SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.challenge import Answer, AnswerKind, Question
from safeshell.guard.environment import UNLABELLED, Environment, strictest
from safeshell.guard.interfaces import Asker, NothingKept, UndoKeeper
from safeshell.guard.mode import Mode, strictest_mode
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Reading
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.session import SessionStart, person_here
from safeshell.journal.state import private_folder, state_folder
from safeshell.journal.store import JournalStore
from safeshell.redis.address import ServerAddress
from safeshell.redis.addressed import ANYWHERE
from safeshell.redis.console_session import ConsoleSession
from safeshell.redis.dialect import RedisDialect
from safeshell.redis.endpoint import Endpoint
from safeshell.redis.identity import Acquaintance, Identity, IdentityStore, check_identity, check_pins
from safeshell.redis.on_demand import ProbeOnDemand, UndoOnDemand
from safeshell.redis.session import Locate, RedisSession
from safeshell.redis.session_state import SessionState
from safeshell.terminal.theme import Theme

if TYPE_CHECKING:
    from safeshell.redis.undo import RedisUndo
    from safeshell.redis.undo_store import UndoStore

IDENTITY_NAME = "redis_servers.json"
UNDO_NAME = "undo"


@frozen
class Opener:
    """Opens sessions for one person at one terminal.

    Args:
        settings: the configuration.
        environment: named by an option; None when none is.
        mode: asked for by an option; None when none is.
        theme: of the terminal that questions are asked on.
        discard_typeahead: drops what a console has read ahead.
        tell: says a sentence to the person.
        find_environment: the environment of an address, for a cluster's nodes.
    """

    settings: Settings
    environment: Environment | None
    mode: Mode | None
    theme: Theme
    discard_typeahead: Callable[[], None]
    tell: Callable[[str], None]
    find_environment: Callable[[ServerAddress], Environment]

    @property
    def folder(self) -> Path:
        """Where state is kept."""
        return state_folder(self.settings.state_folder)

    def open(self, endpoint: Endpoint) -> ConsoleSession:
        """A guarded session at `endpoint`.

        Raises:
            TargetUnreachable: no connection.
            Refused: the server is not the one that the configuration pins.
        """
        normal = endpoint.address
        if endpoint.sentinels is not None:
            from safeshell.redis.sentinel import find_primary

            normal = find_primary(endpoint.sentinels.addresses, endpoint.sentinels.master, normal)
            endpoint = self._found_at(endpoint, normal)
        labelled = self._labelled(endpoint.environment)
        mode = strictest_mode(labelled.mode, self.mode or labelled.mode)
        reader = endpoint.reader if mode is Mode.READ_ONLY else None
        if reader and reader.place == endpoint.address.place:
            # The reader is another user of the same server, which a Sentinel may just have told.
            reader = replace(reader, host=normal.host, port=normal.port)
        session = RedisSession.open(
            reader or normal,
            target=endpoint.name,
            cluster=endpoint.cluster,
            on_redirect=lambda address: self._check_node(address, environment),
            on_new_server=lambda found: self._check_new(found, endpoint, labelled, environment),
            locate=_locating(endpoint, normal),
            told=self.tell,
        )
        try:
            environment = self._identified(session.state, endpoint, labelled)
            # A name that deceived may turn out to be production: then its mode counts too.
            mode = strictest_mode(mode, environment.mode)
            return self._guarded(session, endpoint, environment, mode, normal, reader)
        except BaseException:
            session.close()
            raise

    def _found_at(self, endpoint: Endpoint, address: ServerAddress) -> Endpoint:
        """`endpoint` once its Sentinels have said where it is: what is labelled there counts too."""
        match = find_redis(self.settings, host=address.host, port=address.port)
        if match.target is None:
            return endpoint
        environment = match.environment
        if endpoint.target is not None:
            return replace(endpoint, environment=strictest(endpoint.environment, environment))
        return replace(endpoint, environment=environment, name=match.name, target=match.target)

    def _labelled(self, environment: Environment) -> Environment:
        if self.environment is None:
            return environment
        # Naming an environment labels what has no label; it does not make production into something else.
        if environment.name == UNLABELLED.name:
            return self.environment
        return strictest(environment, self.environment)

    def _identified(self, state: SessionState, endpoint: Endpoint, environment: Environment) -> Environment:
        identity = Identity(state.run_id, state.replid, state.role, state.version, state.kind, state.replid2)
        if endpoint.target and (wrong := check_pins(endpoint.target.pins, identity)):
            raise Refused(wrong, where=endpoint.name, todo="Look where you are; nothing was sent.")
        if not (state.run_id or state.replid):
            return environment
        store = IdentityStore(private_folder(self.folder) / IDENTITY_NAME)
        note = check_identity(
            store,
            identity,
            target_name=endpoint.name,
            environment_name=environment.name,
            environments=self.settings.environments,
        )
        deceived = note.environment_name != environment.name
        if note.text and (deceived or note.acquaintance is Acquaintance.REPLACED):
            self.tell(note.text)
        known = self.settings.environments.get(note.environment_name)
        return strictest(environment, known) if known else environment

    def _check_node(self, address: ServerAddress, environment: Environment) -> None:
        found = self.find_environment(address)
        if found.name != UNLABELLED.name and found.strictness > environment.strictness:
            raise Refused(
                f"the cluster redirects to {address.place}, which is {found.name}, not {environment.name}",
                todo="Connect to it by its own name if you mean it.",
            )

    def _check_new(
        self, found: SessionState, endpoint: Endpoint, labelled: Environment, environment: Environment
    ) -> None:
        """See that a server which answers in place of the one before may be gone on with.

        Args:
            found: what it says of itself.
            endpoint: where the session was to lead.
            labelled: the environment of the endpoint by itself.
            environment: the session's.

        Raises:
            Refused: it is not the pinned one, or belongs to something stricter than this session.
        """
        known = self._identified(found, endpoint, labelled)
        there = self.find_environment(found.address)
        stricter = strictest(known, there) if there.name != UNLABELLED.name else known
        if stricter.strictness > environment.strictness:
            raise Refused(
                f"what answers now is {found.address.place}, which is {stricter.name}, not {environment.name}",
                todo="Connect to it by its own name if you mean it.",
            )

    def _guarded(
        self,
        session: RedisSession,
        endpoint: Endpoint,
        environment: Environment,
        mode: Mode,
        normal: ServerAddress,
        reader: ServerAddress | None,
    ) -> ConsoleSession:
        # Where neither a reader is configured nor a replica answers, there is nothing that could be proven.
        holds = mode is Mode.READ_ONLY and (reader is not None or session.state.role == "replica")
        connection = session.connection
        enforced = "the client's proof of each line" if mode is Mode.READ_ONLY else ""
        if holds:
            from safeshell.redis.readonly import prove

            enforced = prove(connection.call, pipeline=connection.pipeline).description
        settings = self.settings.undo

        @cache
        def make_store() -> UndoStore:
            # One for the whole session: it knows which entries are the session's own.
            from safeshell.redis.undo_store import UndoStore

            return UndoStore(self.folder / UNDO_NAME, keep_for=settings.keep_for, budget=settings.total_size)

        def make_undo() -> RedisUndo:
            from safeshell.redis.undo import RedisUndo

            return RedisUndo(session, make_store(), max_bytes=settings.max_size, told=self.tell)

        undo = UndoOnDemand(session, make_undo) if environment.undo else None
        keeper: UndoKeeper = undo or NothingKept()
        start = SessionStart("redis", endpoint.name, environment.name, mode, normal.describe(), person_here())
        recorder = JournalRecorder(JournalStore(self.folder), start)
        guard = Guard(
            dialect=RedisDialect(db=session.state.db),
            environment=environment,
            target=endpoint.name,
            mode=mode,
            probe=ProbeOnDemand(session, undo_limit=settings.max_size if environment.undo else None),
            asker=self._asker(),
            keeper=keeper,
            recorder=recorder,
            clock=lambda: datetime.now(UTC),
            place_of=lambda reading: (self._addressed(reading, environment), endpoint.name),
            budget=self.settings.impact_budget,
            ask_timeout=self.settings.ask_timeout,
            told=self.tell,
        )
        return ConsoleSession(
            session=session,
            guard=guard,
            address=replace(normal),
            make_store=make_store,
            reader=reader,
            undo=undo,
            enforced_by=enforced,
            journal=f"Journal in {self.folder}",
            note=recorder.note,
            close_journal=recorder.close,
        )

    def _addressed(self, reading: Reading, environment: Environment) -> Environment:
        """The strictest of the session's environment and those of the servers that a line writes to."""
        found = [environment]
        for address in reading.addresses:
            if address == ANYWHERE:
                # It may be any server that the configuration knows: the strictest of them counts.
                environments = self.settings.environments
                found += [environments[target.environment] for target in self.settings.targets.values()]
                continue
            host, _, port = address.name.rpartition(":")
            there = self.find_environment(ServerAddress(host=host, port=int(port) if port.isdigit() else 0))
            # A place without a label says nothing of itself; the session's own environment goes on.
            found += [there] if there.name != UNLABELLED.name else []
        return strictest(*found)

    def _asker(self) -> Asker:
        # Whoever's standard input is no terminal is a script, even with a terminal behind it: nobody is asked.
        if not sys.stdin.isatty():
            return _Nobody()
        from safeshell.terminal.asker import TerminalAsker

        return TerminalAsker(self.theme, environ=os.environ, discard_typeahead=self.discard_typeahead)


def _locating(endpoint: Endpoint, found: ServerAddress) -> Locate:
    """Where to connect again: Sentinels are asked anew, as the primary that they named may be one no more.

    Args:
        endpoint: with its Sentinels, or without.
        found: the primary that they have named.
    """
    sentinels = endpoint.sentinels
    if sentinels is None:
        return lambda address: address
    theirs = {found.place}

    def locate(address: ServerAddress) -> ServerAddress:
        if address.place not in theirs:
            return address  # a reader at a place of its own, which no Sentinel has named
        from safeshell.redis.sentinel import find_primary

        now = find_primary(sentinels.addresses, sentinels.master, address)
        theirs.add(now.place)
        return now

    return locate


class _Nobody:
    """Where nobody can be asked, the answer is no."""

    def ask(self, question: Question) -> Answer:
        """No."""
        del question
        return Answer(AnswerKind.NO_TERMINAL)


def closed(here: ConsoleSession, tell: Callable[[str], None]) -> None:
    """End a session and its journal; a journal that can't be written any more is told, and no more."""
    here.session.close()
    try:
        here.close_journal()
    except SafeshellError as error:
        tell(str(error))
