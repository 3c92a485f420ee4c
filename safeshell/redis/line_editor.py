"""Reading a line from a person: prompt_toolkit with our prompt, keys, history, completion and hints.

The only module that imports prompt_toolkit, and so the last one that a console imports. It returns text and
decides nothing; what was typed ahead is handed out as a batch or held, never left where a question reads.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, completion_is_selected, has_focus, is_done, is_searching
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import (
    AfterInput,
    ConditionalProcessor,
    Processor,
    Transformation,
    TransformationInput,
)
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.output import create_output
from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.utils import get_cwidth

from safeshell.frozen import frozen
from safeshell.redis.completion import Candidate
from safeshell.redis.history import HistoryFile
from safeshell.terminal.theme import Fragments, Style, Theme

_REFRESH_SECONDS = 0.5
_RECALLED = 10_000
_ENTER = (Keys.ControlM, Keys.ControlJ)


@frozen
class Submitted:
    """What a person entered.

    Args:
        text: one line, or the lines of a paste.
    """

    text: str


@frozen
class Woken:
    """The line is not finished, but a time was over that the caller had asked to be woken at.

    Args:
        text: what stands in the line.
        cursor: where in it the cursor is.
    """

    text: str = ""
    cursor: int = 0


@frozen
class EditorParts:
    """What the editor shows and offers; all of it asked anew whenever it is drawn.

    Args:
        prompt: the fragments before the first line.
        continuation: those before the others, by the first's width.
        complete: the candidates for the text before the cursor; may take its time, typing goes on.
        hint: what may follow the text; must be quick.
        secrets: the parts of a line that are not shown, as starts and ends; must be quick.
    """

    prompt: Callable[[], Fragments]
    continuation: Callable[[int], Fragments]
    complete: Callable[[str], Sequence[Candidate]]
    hint: Callable[[str], str]
    secrets: Callable[[str], Sequence[tuple[int, int]]]


class LineEditor:
    """One person's line, again and again.

    Args:
        parts: what is shown and offered.
        history: the file of what was typed before.
        theme: the looks.
    """

    def __init__(self, parts: EditorParts, history: HistoryFile, theme: Theme) -> None:
        self._parts = parts
        self._theme = theme
        self._input = create_input()
        output = create_output()
        if isinstance(output, Vt100_Output):
            # Asking the terminal where its cursor is gets an answer by way of the keyboard: on a slow line it
            # may come when a question is being asked.
            output.enable_cpr = False
        self._past = _SharedHistory(history)
        self._held: list[KeyPress] = []
        self._wake_after: timedelta | None = None
        self._session: PromptSession[Submitted | Woken] = PromptSession(
            message=self._message,
            multiline=True,
            prompt_continuation=self._continuation,
            history=self._past,
            completer=ThreadedCompleter(_Completer(parts.complete)),
            complete_while_typing=False,
            complete_style=CompleteStyle.COLUMN,
            reserve_space_for_menu=8,
            search_ignore_case=True,
            enable_suspend=True,
            key_bindings=_keys(),
            input_processors=[
                _Masking(parts.secrets),
                ConditionalProcessor(AfterInput(self._hint), ~is_done & Condition(self._is_at_end)),
            ],
            color_depth=ColorDepth(theme.depth.value),
            input=self._input,
            output=output,
        )

    def read(self, *, start: Woken | None = None, wake_after: timedelta | None = None) -> Submitted | Woken:
        """The next line, or lines.

        Args:
            start: an unfinished line to go on with.
            wake_after: give the unfinished line back after this time.

        Raises:
            KeyboardInterrupt: ^C; the line is dropped.
            EOFError: ^D on an empty line, or the terminal is gone.
        """
        self._past.refresh()
        self._wake_after = wake_after
        self._session.refresh_interval = _REFRESH_SECONDS if wake_after is not None else 0
        store_typeahead(self._input, self._held)
        self._held = []
        default = Document(start.text, start.cursor) if start else Document()
        found = self._session.prompt(default=default, pre_run=self._prepare, handle_sigint=True)
        if isinstance(found, Submitted):
            return self._with_lines_behind(found)
        return found

    def drop_typed_ahead(self, *, keep_unfinished: bool) -> bool:
        """Forget the lines that were typed before the editor reads again; whether there were any.

        Args:
            keep_unfinished: keep the keys behind the last Enter, since the rest of their line will come: it will
                stand at the prompt whole, and does nothing until it is entered.
        """
        held, self._held = self._held, []
        if keep_unfinished:
            ends = [at for at, press in enumerate(held, 1) if press.key in _ENTER]
            self._held = held[ends[-1] :] if ends else held
        return len(held) > len(self._held)

    def redraw(self) -> None:
        """Show what has changed; may be called from another thread."""
        self._session.app.invalidate()

    def clear_screen(self) -> None:
        """An empty screen, the cursor at its top."""
        self._session.app.output.erase_screen()
        self._session.app.output.cursor_goto(0, 0)
        self._session.app.output.flush()

    def _prepare(self) -> None:
        if self._wake_after is not None:
            self._session.app.create_background_task(self._wake(self._wake_after))

    async def _wake(self, after: timedelta) -> None:
        await asyncio.sleep(after.total_seconds())
        app = self._session.app
        if app.is_running and not app.is_done:
            buffer = self._session.default_buffer
            app.exit(result=Woken(buffer.text, buffer.cursor_position))

    def _with_lines_behind(self, submitted: Submitted) -> Submitted:
        """Whole lines that came in the same instant belong to the paste; the rest is held for the next read."""
        keys = [*get_typeahead(self._input), *self._arrived()]
        lines: list[str] = []
        line: list[str] = []
        taken = 0
        for at, press in enumerate(keys, 1):
            if press.key in _ENTER:
                lines.append("".join(line))
                line = []
                taken = at
            elif press.key is Keys.BracketedPaste or not isinstance(press.key, Keys):
                line.append(press.data.replace("\r\n", "\n").replace("\r", "\n"))
            else:
                break
        self._held = keys[taken:]
        return Submitted("\n".join((submitted.text, *lines)))

    def _arrived(self) -> list[KeyPress]:
        """The keys that wait in the terminal already."""
        keys: list[KeyPress] = []
        if not hasattr(select, "poll"):
            return keys
        with self._input.raw_mode():
            while select.select([self._input.fileno()], [], [], 0)[0]:
                found = self._input.read_keys()
                keys.extend(found)
                if not found or self._input.closed:
                    break
        return keys

    def _message(self) -> StyleAndTextTuples:
        return list(self._parts.prompt())

    def _continuation(self, width: int, line: int, wraps: int) -> StyleAndTextTuples:
        del line
        # A long line that wraps stays as it is, so that it can be copied off the screen.
        return [] if wraps else list(self._parts.continuation(width))

    def _is_at_end(self) -> bool:
        document = self._session.default_buffer.document
        return document.is_cursor_at_the_end and "\n" not in document.text

    def _hint(self) -> StyleAndTextTuples:
        text = self._session.default_buffer.text
        hint = self._parts.hint(text)
        if not hint:
            return []
        used = sum(get_cwidth(part) for _, part in self._parts.prompt()) + get_cwidth(text)
        columns = self._session.app.output.get_size().columns
        room = columns - used % columns - 2
        shown = hint if text.endswith(" ") else f" {hint}"
        if room < 8:
            return []
        return [self._theme.fragment(shown if len(shown) <= room else shown[: room - 1] + "…", Style.QUIET)]


def _keys() -> KeyBindings:
    bindings = KeyBindings()
    in_line = has_focus(DEFAULT_BUFFER) & ~is_searching

    @bindings.add(Keys.Enter, filter=in_line)
    def submit(event: KeyPressEvent) -> None:
        if completion_is_selected():
            # A word picked from the list is not yet a line that is meant: f, Tab, Enter must not flush.
            event.current_buffer.complete_state = None
        else:
            event.app.exit(result=Submitted(event.current_buffer.text))

    @bindings.add(Keys.Vt100MouseEvent, eager=True)
    def ignore_mouse(event: KeyPressEvent) -> None:
        """Pasted colours (`ESC [ 3 1 m`) look like a mouse report of old, on which the stock binding fails."""

    @bindings.add(Keys.Escape, Keys.Enter, filter=in_line)
    def add_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return bindings


class _Masking(Processor):
    """Shows stars for what is secret, while it is typed and afterwards."""

    def __init__(self, secrets: Callable[[str], Sequence[tuple[int, int]]]) -> None:
        self._secrets = secrets

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        line = transformation_input.document.lines[transformation_input.lineno]
        spans = self._secrets(line)
        if not spans:
            return Transformation(transformation_input.fragments)
        fragments = explode_text_fragments(transformation_input.fragments)
        for start, end in spans:
            for at in range(start, min(end, len(fragments))):
                fragments[at] = (fragments[at][0], "*")
        return Transformation(fragments)


class _Completer(Completer):
    def __init__(self, complete: Callable[[str], Sequence[Candidate]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        del complete_event
        for candidate in self._complete(document.current_line_before_cursor):
            yield Completion(
                candidate.text, -candidate.start, display=candidate.shown, display_meta=candidate.about
            )


class _SharedHistory(History):
    """The history file as prompt_toolkit browses it; other sessions' lines come in with every new line."""

    def __init__(self, file: HistoryFile) -> None:
        super().__init__()
        self._file = file
        self._version: tuple[int, int, int] | None = None

    def refresh(self) -> None:
        """Look whether another session has written."""
        if self._file.version() != self._version:
            self._loaded = False

    def load_history_strings(self) -> Iterable[str]:
        self._version = self._file.version()
        return reversed(self._file.lines()[-_RECALLED:])

    def store_string(self, string: str) -> None:
        """Nothing: the console tells the file what was entered, and what can be recalled is what it keeps."""
