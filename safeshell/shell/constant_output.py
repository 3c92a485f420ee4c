"""What a command prints when that is plain from its words: `echo`, `printf`, `cat <<EOF`, `pwd`, `which`, `mktemp`.

For `$(echo rm) -rf /`: nothing is run to find out.
"""

from __future__ import annotations

from collections.abc import Callable

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.script import SimpleCommand
from safeshell.shell.variables import Value
from safeshell.shell.word import UNKNOWN, Word

_ESCAPED = lazy_pattern(r"\\")
_DIRECTIVE = lazy_pattern(r"%(.)")


def constant_output(
    commands: tuple[SimpleCommand, ...], working_directory: Callable[[], str]
) -> Value | None:
    """What a substitution of these commands yields; None when that is not plain.

    Args:
        commands: all that the substitution runs, those nested in it included.
        working_directory: gives it, `.` when it is not known.
    """
    if len(commands) != 1:
        return None
    command = commands[0]
    words = command.words
    if not words or command.assignments or any(not word.known or word.glob for word in words):
        return None
    name = words[0].text.rpartition("/")[2]
    text: str | None = None
    if name == "cat" and len(words) == 1 and len(command.redirects) == 1:
        redirect = command.redirects[0]
        if redirect.operator in ("<<", "<<-", "<<<") and redirect.target.known:
            text = redirect.target.text
    elif command.redirects and not _discards(command):
        return None
    elif name == "echo":
        text = _echoed(words[1:])
    elif name == "printf":
        text = _formatted(words[1:])
    elif name == "mktemp":
        text = _made([word.text for word in words[1:]])
    elif name == "pwd" and len(words) == 1:
        text = working_directory()
    elif name in ("which", "type", "command", "whence"):
        text = _found(name, [word.text for word in words[1:]])
    return None if text is None or UNKNOWN in text else Value(text.rstrip("\n"))


def _discards(command: SimpleCommand) -> bool:
    """Whether all that is redirected is the error output."""
    return all(one.descriptor == 2 and one.operator in (">", ">>", ">&") for one in command.redirects)


def _echoed(words: tuple[Word, ...]) -> str | None:
    texts = [word.text for word in words]
    while texts and texts[0] in ("-n", "-e", "-E", "-ne", "-en"):
        texts.pop(0)
    text = " ".join(texts)
    return None if _ESCAPED.search(text) else text


def _formatted(words: tuple[Word, ...]) -> str | None:
    texts = [word.text for word in words]
    if texts[:1] == ["--"]:
        texts.pop(0)
    if not texts or texts[0] == "-v":
        return None
    form, values = texts[0], texts[1:]
    directives = _DIRECTIVE.findall(form)
    if "\\" in form.replace("\\n", "") or any(one not in "s%" for one in directives):
        return None
    count = directives.count("s")
    if count == 0:
        return form.replace("%%", "%").replace("\\n", "\n")
    rounds = [values[at : at + count] for at in range(0, len(values), count)] or [[]]
    return "".join(_filled(form, [*one, *[""] * (count - len(one))]) for one in rounds)


def _filled(form: str, values: list[str]) -> str:
    rest = iter(values)
    text = _DIRECTIVE.sub(lambda found: next(rest) if found.group(1) == "s" else "%", form)
    return text.replace("\\n", "\n")


def _made(texts: list[str]) -> str | None:
    """What mktemp makes, by its template: nothing else bears such a name."""
    rest = [text for text in texts if text not in ("-d", "-q", "--directory", "--quiet")]
    if not rest:
        return "/tmp/tmp.XXXXXXXXXX"  # noqa: S108 - mktemp's own; nothing is opened here
    return rest[0] if len(rest) == 1 and rest[0].startswith("/") else None


def _found(name: str, texts: list[str]) -> str | None:
    """The program that `which rm` names: its bare name means the same."""
    options = texts[:-1]
    if not texts or any(not one.startswith("-") for one in options) or texts[-1].startswith("-"):
        return None
    if name in ("command", "whence") and options != ["-v"]:
        return None
    if name == "type" and options not in (["-p"], ["-P"]):
        return None
    return texts[-1]
