"""The interactive console: read what was entered, do it, again; and say what went wrong without falling over.

The loop and its order only. How keys become a line is `line_editor`, what may run is the guard's and how it is
run `line_run`'s, what `:words` do is `meta_actions`.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from safeshell.errors import ExitStatus, SafeshellError, UsageError
from safeshell.frozen import field, frozen, replace
from safeshell.guard.durations import written
from safeshell.guard.interfaces import OutcomeKind
from safeshell.guard.pipeline import Decision
from safeshell.guard.text import counted, visible
from safeshell.redis.address import ServerAddress
from safeshell.redis.banner import BannerView, banner_lines
from safeshell.redis.completion import LOCAL_WORDS, Candidate, KeyMemory, Vocabulary, completions
from safeshell.redis.console_session import ConsoleSession
from safeshell.redis.console_settings import CHOICES, ConsoleSettings, preferred
from safeshell.redis.docs_source import DocsSource
from safeshell.redis.failures import AuthenticationFailed
from safeshell.redis.flush_care import FlushCare
from safeshell.redis.help import help_text, what_the_guard_knows
from safeshell.redis.hints import hint_after
from safeshell.redis.history import HistoryFile, HistoryUnwritable
from safeshell.redis.line_editor import EditorParts, LineEditor, Submitted, Woken
from safeshell.redis.line_run import LineRunner
from safeshell.redis.masking import secret_spans
from safeshell.redis.meta import META_HELP
from safeshell.redis.meta_actions import ConsoleState, MetaActions
from safeshell.redis.paste import check_paste, lines_of
from safeshell.redis.pipe import split_pipe
from safeshell.redis.prompt import PromptView, continuation_fragments, prompt_fragments, title_of
from safeshell.redis.redact import redact_line
from safeshell.redis.reply import Error
from safeshell.redis.reply_output import ReplyOutput
from safeshell.redis.signals import ended_by_signals
from safeshell.redis.tokens import UnbalancedQuotes, split_line, split_repeat
from safeshell.terminal.theme import Style, Theme
from safeshell.terminal.title import WindowTitle

HISTORY_NAME = "redis_history"


@frozen
class ConsolePlaces:
    """Where a console keeps its own things.

    Args:
        history: the file of what was typed.
        dumps: the folder of dump files that were given no name.
        preferences: files whose `:set` lines are obeyed at the start, in order.
    """

    history: Path
    dumps: Path
    preferences: tuple[Path, ...] = ()

    @classmethod
    def under(cls, state_folder: Path) -> ConsolePlaces:
        """The usual places: the state folder, and redis-cli's preferences file."""
        rc_file = os.environ.get("REDISCLI_RCFILE") or str(Path.home() / ".redisclirc")
        return cls(state_folder / HISTORY_NAME, state_folder / "dumps", (Path(rc_file),))


Connect = Callable[[ServerAddress], ConsoleSession]
"""Opens a guarded session somewhere else, with that place's own target, environment and mode."""
LogLines = Callable[[str, int], list[str]]
"""The last lines of a target in the journal, for the screen."""


@frozen
class ConsoleWorld:
    """What a console needs besides its session.

    Args:
        theme: the looks of the terminal.
        places: of its files.
        connect: for CONNECT.
        log_lines: for `:log`.
        settings: before the preferences files.
    """

    theme: Theme
    places: ConsolePlaces
    connect: Connect
    log_lines: LogLines
    settings: ConsoleSettings = field(default_factory=ConsoleSettings)


class RedisConsole:
    """The console of one person at one terminal.

    Args:
        here: the session at hand and its guard.
        world: the rest.
    """

    def __init__(self, here: ConsoleSession, world: ConsoleWorld) -> None:
        self._world = world
        self._theme = world.theme
        self._state = ConsoleState(here, world.settings)
        self._keys = KeyMemory()
        self._docs = DocsSource(lambda: self._here.session.state.address, changed=self._redraw)
        self._history = HistoryFile(world.places.history, redact=self._redacted)
        self._history_works = True
        output = ReplyOutput(lambda: self._state.settings)
        care = FlushCare()
        self._runner = LineRunner(
            self._state, output=output, say=self._say, keys=self._keys, care=care, theme=self._theme
        )
        self._meta = MetaActions(
            self._state,
            say=self._say,
            told=self._runner.tell,
            status=self._status,
            log_lines=world.log_lines,
            dumps=world.places.dumps,
            care=care,
        )
        self._title = WindowTitle(self._say, os.environ, is_tty=sys.stdout.isatty())
        self._editor = LineEditor(self._parts(), self._history, self._theme)

    @property
    def _here(self) -> ConsoleSession:
        return self._state.here

    def run(self) -> int:
        """Converse until the person leaves; the exit status."""
        self._obey_preferences()
        self._say_banner()
        unfinished: Woken | None = None
        with self._title, ended_by_signals():
            while True:
                try:
                    self._lock_when_over()
                    self._title.set(title_of(self._view(), self._theme))
                    entered = self._editor.read(start=unfinished, wake_after=self._here.guard.unlocked_for())
                    unfinished = None
                    if isinstance(entered, Woken):
                        unfinished = entered
                    elif not self._do(entered):
                        return int(ExitStatus.DONE)
                except KeyboardInterrupt:
                    unfinished = None
                except EOFError:
                    return int(ExitStatus.DONE)

    def _do(self, entered: Submitted) -> bool:
        """Do what was entered; whether to go on."""
        lines = lines_of(entered.text)
        self._remember(lines)
        if not lines:
            return True
        try:
            self._lock_when_over()
            if len(lines) > 1:
                check_paste(lines)
                self._connected()
                self._mind(self._runner.run_batch(lines))
                return True
            return self._do_line(lines[0])
        except UnbalancedQuotes as error:
            self._say(f"Invalid argument(s)\n{self._theme.paint(f'  {error}', Style.QUIET)}\n")
        except SafeshellError as error:
            self._tell_error(error)
            self._drop_typed_ahead(keep_unfinished=True)
        except EOFError:
            self._say("\nCancelled.\n")
        except KeyboardInterrupt:
            self._tell_interrupted()
        return True

    def _do_line(self, text: str) -> bool:
        """Do one line; whether to go on."""
        if text.lstrip().startswith(":"):
            self._meta.run(text)
            return True
        words = [word.decode("utf-8", "surrogateescape") for word in self._words(text)]
        name = words[0].upper() if words else ""
        match name:
            case "QUIT" | "EXIT" if len(words) == 1:
                return False
            case "CLEAR" if len(words) == 1:
                self._editor.clear_screen()
            case "HELP" | "?":
                self._say(help_text(words[1:], self._docs.soon(), judged=what_the_guard_knows))
            case "CONNECT":
                self._connect(words[1:])
            case _:
                self._connected()
                self._mind(self._runner.run_line(text))
        return True

    def _words(self, text: str) -> list[bytes]:
        redis = split_pipe(text).redis if self._state.settings.pipes else text
        return split_line(redis)

    def _mind(self, decision: Decision) -> None:
        """What an ended line means for what was typed meanwhile: it was meant for another situation."""
        if decision.answer is not None:
            # The rest of an unfinished line, typed into the question, went with the question.
            self._drop_typed_ahead(keep_unfinished=False)
        elif decision.outcome.kind is OutcomeKind.CONNECTION_LOST:
            self._drop_typed_ahead(keep_unfinished=True)

    def _connected(self) -> None:
        """Connect anew where the connection was lost.

        Raises:
            SafeshellError: there is none to be had; the line is not run.
        """
        state = self._here.session.state
        if state.connected:
            return
        self._here.reconnect()
        state = self._here.session.state
        db = f", database {state.db}" if state.db else ""
        self._say(f"Connected again{db}. Nothing was resent.\n")
        if state.lost_queue is not None:
            queued = counted(state.lost_queue, "queued command")
            self._say(f"The transaction with {queued} is lost; commands run at once again.\n")

    def _connect(self, words: list[str]) -> None:
        """CONNECT: another server, with its own environment; the password of this one stays here."""
        if len(words) != 2 or not words[1].isdecimal() or not 0 < int(words[1]) < 65536:
            raise UsageError("where to?", where="CONNECT", todo="Write CONNECT HOST PORT.")
        address = ServerAddress(host=words[0], port=int(words[1]))
        there = self._without_login(address)
        if there is None:
            self._say(
                f"{address.place} wants a login; that of {self._here.guard.target} is not sent to it.\n"
            )
            user = input("User (empty for the default one): ").strip()
            password = getpass.getpass("Password: ")
            there = self._world.connect(replace(address, username=user, password=password))
        self._here.session.close()
        self._here.close_journal()
        self._state.here = there
        self._keys.clear()
        self._docs.forget()
        self._say_banner()

    def _without_login(self, address: ServerAddress) -> ConsoleSession | None:
        """A session as nobody in particular; None when the server wants to know who it is."""
        try:
            there = self._world.connect(address)
        except AuthenticationFailed:
            return None
        reply = there.session.execute([b"PING"])
        if isinstance(reply, Error) and reply.code == b"NOAUTH":
            there.session.close()
            return None
        return there

    def _lock_when_over(self) -> None:
        try:
            if text := self._here.lock_when_over():
                self._say(self._theme.paint(text, Style.WARNING) + "\n")
        except SafeshellError as error:
            self._tell_error(error)

    def _redacted(self, line: str) -> str:
        return redact_line(line, renamed=self._here.session.facts().renamed)

    def _remember(self, lines: tuple[str, ...]) -> None:
        """Keep what was entered; what a renamed command is called has to be known for that."""
        session = self._here.session
        for line in lines:
            is_own = line.lstrip().startswith(":") or line.split()[0].upper() in LOCAL_WORDS
            with contextlib.suppress(SafeshellError):
                if session.state.connected and not is_own:
                    session.learn(split_repeat(self._words(line)).argv)
        try:
            self._history.append(lines)
        except HistoryUnwritable as error:
            if self._history_works:
                self._tell_error(error)
            self._history_works = False

    def _obey_preferences(self) -> None:
        for rc_file in self._world.places.preferences:
            self._state.settings, wrong = preferred(self._state.settings, rc_file)
            for sentence in wrong:
                self._say(f"{visible(sentence, limit=300)}\n")

    def _status(self) -> list[str]:
        """The lines of `:target`."""
        state = self._here.session.state
        lines = banner_lines(self._banner_view(), self._theme)
        if left := self._here.guard.unlocked_for():
            lines.append(f"Read-only again in {written(left)}.")
        lines.append(f"db {state.db}, user {visible(state.user, limit=60)}, RESP{state.protocol}")
        if state.run_id:
            lines.append(f"run id {state.run_id}, replication id {state.replid}")
        return lines

    def _say_banner(self) -> None:
        for line in banner_lines(self._banner_view(), self._theme):
            self._say(f"{line}\n")

    def _banner_view(self) -> BannerView:
        state, guard = self._here.session.state, self._here.guard
        return BannerView(
            environment=guard.environment,
            target=guard.target,
            url=state.address.describe(),
            kind=state.kind,
            version=state.version,
            role=state.role,
            replicas=state.connected_replicas,
            mode=guard.mode,
            enforced_by=self._here.enforced_by,
            journal=self._here.journal,
        )

    def _view(self) -> PromptView:
        state, guard = self._here.session.state, self._here.guard
        own = self._here.address.place
        return PromptView(
            environment=guard.environment,
            target=guard.target,
            node=state.address.place if state.cluster and state.address.place != own else "",
            db=state.db,
            role="" if state.role == "unknown" else state.role,
            mode=guard.mode,
            unlocked_for=guard.unlocked_for(),
            in_multi=state.in_multi,
            subscribed=bool(state.subscribed),
            connected=state.connected,
        )

    def _parts(self) -> EditorParts:
        return EditorParts(
            prompt=lambda: prompt_fragments(self._view(), self._theme),
            continuation=lambda width: continuation_fragments(self._view(), self._theme, width),
            complete=self._complete,
            hint=self._hint,
            secrets=self._secrets,
        )

    def _complete(self, text: str) -> list[Candidate]:
        vocabulary = Vocabulary(
            self._docs.soon(),
            self._keys,
            self._here.session.state.db,
            meta=tuple((meta.value, about.about) for meta, about in META_HELP.items()),
            settings=tuple((name, values) for name, (values, _) in CHOICES.items()),
        )
        return completions(text, vocabulary)

    def _hint(self, text: str) -> str:
        if not self._state.settings.hints or not text.strip() or text.lstrip().startswith(":"):
            return ""
        words = text.split()
        if words[0].isdigit():
            words = words[1:]
        return "" if "|" in words else hint_after(words, self._docs.now())

    def _secrets(self, text: str) -> list[tuple[int, int]]:
        return secret_spans(text, renamed=self._here.session.facts().renamed)

    def _redraw(self) -> None:
        self._editor.redraw()

    def _tell_error(self, error: SafeshellError) -> None:
        where = f"{error.where}: " if error.where else ""
        self._say(self._theme.paint(f"{where}{error.message}", Style.WARNING) + "\n")
        if error.todo:
            self._say("".join(f"  {line}\n" for line in error.todo.splitlines()))

    def _drop_typed_ahead(self, *, keep_unfinished: bool) -> None:
        if self._editor.drop_typed_ahead(keep_unfinished=keep_unfinished):
            self._say(self._theme.paint("What was typed meanwhile is dropped.", Style.QUIET) + "\n")

    def _tell_interrupted(self) -> None:
        self._drop_typed_ahead(keep_unfinished=False)
        told = (
            ""
            if self._here.session.state.connected
            else (" Whether it ran is unknown; it may still be running. The next line connects again.")
        )
        self._say(f"\nInterrupted.{told}\n")

    def _say(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
