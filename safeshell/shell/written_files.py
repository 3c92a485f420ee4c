"""Files that a line writes and then runs: `curl -o f URL && sh f` is `curl URL | sh` in two steps."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation

_DOWNLOADS: Final = {
    "curl": ("-o", "--output"),
    "wget": ("-O", "--output-document"),
    "aria2c": ("-o", "--out"),
}
_READERS: Final = lazy_pattern(
    r"(?:ba|da|z|k|fi|a|mk)?sh|source|\.|exec|python[0-9.]*|perl|ruby|node|php|lua"
)


class WrittenFiles:
    """Follows one line."""

    def __init__(self) -> None:
        self._written: dict[str, bool] = {}

    def note(self, path: str, *, downloaded: bool = False) -> None:
        """Remember that the line writes `path`."""
        if path and not path.startswith("/dev/") and path != "-":
            self._written[_plain(path)] = downloaded

    def note_output(self, invocation: Invocation) -> None:
        """Remember what a download or tee writes."""
        options = _DOWNLOADS.get(invocation.program)
        if options:
            value = invocation.value(*options)
            if value is not None and value.known:
                self.note(value.text, downloaded=True)
        elif invocation.program == "tee":
            for word in invocation.operands:
                self.note(word.text)

    def run_by(self, invocation: Invocation) -> Command | None:
        """The command that runs such a file; None when it runs none."""
        if not self._written:
            return None
        words = invocation.command.words
        path = _plain(words[0].text)
        if path not in self._written and _READERS.fullmatch(invocation.program) and invocation.operands:
            path = _plain(invocation.operands[0].text)
        if path not in self._written:
            return None
        downloaded = self._written[path]
        finding = Finding(
            "shell.written-then-run",
            Severity.HIGH if downloaded else Severity.MEDIUM,
            f"runs a file that this very line {'has downloaded' if downloaded else 'writes'}",
            "look at the file first, then run it by a line of its own",
            invocation.command.span,
        )
        effect = Effect(EffectKind.EXECUTE, Extent.ONE, path)
        return Command(invocation.program, (effect,), (finding,), span=invocation.command.span)


def _plain(path: str) -> str:
    return path.removeprefix("./")
