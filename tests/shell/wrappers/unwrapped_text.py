"""What a line's commands run, written as text that a table can hold."""

from __future__ import annotations

from safeshell.shell.context import ShellContext
from safeshell.shell.inner import Inner, InnerCommand, InnerText, InnerWords
from safeshell.shell.syntax import parse
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers.unwrap import unwrap

BASH = ShellContext(shell="bash")


def unwrapped(line: str) -> list[str]:
    """What the last command of `line` runs, one layer deep, written out.

    `rm -rf x` a command, `$ rm x` a text for a shell, `python: …` a text in a language, `redis> …` words of redis,
    `?rule` what can't be read; `+…` behind words that are added, ` @kind name` for addresses, `away:` in front of
    what runs elsewhere, `&` at the end of a list whose wrapper the packs judge too; `None` for no wrapper.
    """
    command = parse(line, BASH).commands[-1]
    found = unwrap(command, BASH)
    if found is None:
        return ["None"]
    return [_written(one) for one in found.inner] + ([] if found.transparent else ["&"])


def _written(inner: Inner) -> str:
    if isinstance(inner, InnerCommand):
        assigned = "".join(f"{one.name}={one.value.text} " for one in inner.command.assignments)
        text = assigned + _words(inner.command.words) + (" +…" if inner.added else "")
        return _place(inner) + text + _addresses(inner)
    if isinstance(inner, InnerText):
        head = "$ " if inner.language == "shell" else f"{inner.language.value}: "
        dialect = f" ({inner.dialect})" if inner.dialect else ""
        return _place(inner) + head + inner.text.replace(UNKNOWN, "…") + dialect + _addresses(inner)
    if isinstance(inner, InnerWords):
        return f"{inner.language.value}> {_words(inner.words)}{_addresses(inner)}"
    return f"?{inner.rule} {inner.severity.word}"


def _words(words: tuple[Word, ...]) -> str:
    shown = (one.text.replace(UNKNOWN, "…") for one in words)
    return " ".join(f"‹{text}›" if " " in text or not text else text for text in shown)


def _place(inner: InnerCommand | InnerText) -> str:
    return "away: " if inner.elsewhere else ""


def _addresses(inner: InnerCommand | InnerText | InnerWords) -> str:
    return "".join(f" @{one.kind} {one.name}" for one in inner.addresses)
