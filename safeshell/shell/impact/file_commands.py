"""What the programs that change files do to the operands they are given. One small function per way of doing it.

Sources: the manual pages of GNU coreutils, findutils, sed, of BSD's and of perl; POSIX for redirections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from safeshell.frozen import replace
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.impact.places import found_below, place_of, placed
from safeshell.shell.impact.touch import Deed, FileTouch, Place
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import Word

_MODE_LETTERS: Final = frozenset("-r -w -x -X -s -t -u -g -o".split())
_FIND_ACTIONS: Final = ("-delete",)
_FIND_WIDE: Final = frozenset(
    "-delete -depth -d -xdev -mount -x -follow -noleaf -daystart -warn -nowarn -print -print0 -true".split()
)
_FIND_LEADING: Final = frozenset("-H -L -P -E -X -d -s -x".split())
_SCRIPT_OPTIONS: Final = ("-e", "-f", "--expression", "--file")
_ATTACHED_MODE: Final = lazy_pattern(r"-[rwxXstugo]+(?:[+=-].*)?")

Touches = Iterator[FileTouch]


def file_touches(invocation: Invocation) -> Touches:
    """What a command changes of files; nothing for any that is not known here."""
    read = _PROGRAMS.get(invocation.program)
    if read is not None:
        yield from read(invocation)


def programs() -> frozenset[str]:
    """The names of the programs that are known here."""
    return frozenset(_PROGRAMS)


def _touch(
    invocation: Invocation,
    deed: Deed,
    words: Sequence[Word],
    *,
    recursive: bool = False,
    follows: bool = False,
) -> Touches:
    """`deed` done to `words`; what `find` hands over is all below the place it searches, surely or not."""
    context = invocation.context
    certain: list[Place] = []
    for word in words:
        below = found_below(word, context)
        if below is None:
            certain.append(place_of(word, context))
        else:
            touch = FileTouch(deed, (below,), recursive=True, sure=False, follows=follows)
            yield _in_shell(touch, context)
    if certain:
        touch = FileTouch(deed, tuple(certain), recursive=recursive, follows=follows)
        yield _in_shell(touch, context)


def _rm(invocation: Invocation) -> Touches:
    recursive = invocation.has("-r", "-R", "--recursive")
    return _touch(invocation, Deed.DELETE, invocation.operands, recursive=recursive)


def _delete(invocation: Invocation) -> Touches:
    return _touch(invocation, Deed.DELETE, invocation.operands)


def _write(invocation: Invocation) -> Touches:
    return _touch(invocation, Deed.WRITE, invocation.operands)


def _redirect(invocation: Invocation) -> Touches:
    if "noclobber" in invocation.context.options and invocation.context.shell != "zsh":
        return iter(())
    return _touch(invocation, Deed.WRITE, invocation.operands)


def _tee(invocation: Invocation) -> Touches:
    return iter(()) if invocation.has("-a", "--append") else _write(invocation)


def _dd(invocation: Invocation) -> Touches:
    outputs = [word for word in invocation.operands if word.text.startswith("of=")]
    return _touch(invocation, Deed.WRITE, [_tail(word, len("of=")) for word in outputs])


def _sed(invocation: Invocation) -> Touches:
    if not invocation.has("-i", "--in-place"):
        return
    files = invocation.operands if invocation.has(*_SCRIPT_OPTIONS) else invocation.operands[1:]
    deed = Deed.WRITE if invocation.has("-c", "--copy", "--follow-symlinks") else Deed.REPLACE
    yield from _touch(invocation, deed, files)


def _perl(invocation: Invocation) -> Touches:
    if invocation.has("-i"):
        files = invocation.operands if invocation.has("-e", "-E") else invocation.operands[1:]
        yield from _touch(invocation, Deed.REPLACE, files)


def _output(*options: str) -> Callable[[Invocation], Touches]:
    def read(invocation: Invocation) -> Touches:
        value = invocation.value(*options)
        return _touch(invocation, Deed.WRITE, [value] if value and value.text != "-" else [])

    return read


def _chmod(invocation: Invocation) -> Touches:
    given = invocation.has("--reference") or any(
        option.name in _MODE_LETTERS or _ATTACHED_MODE.fullmatch(option.name) for option in invocation.options
    )
    return _attributes(invocation, Deed.MODE, invocation.operands[0 if given else 1 :])


def _chown(invocation: Invocation) -> Touches:
    files = invocation.operands[0 if invocation.has("--reference") else 1 :]
    return _attributes(invocation, Deed.OWNER, files)


def _attributes(invocation: Invocation, deed: Deed, files: Sequence[Word]) -> Touches:
    recursive = invocation.has("-R", "--recursive")
    return _touch(invocation, deed, files, recursive=recursive, follows=recursive and invocation.has("-L"))


def _mv(invocation: Invocation) -> Touches:
    return _carried(invocation, Deed.MOVE, recursive=True)


def _cp(invocation: Invocation) -> Touches:
    recursive = invocation.has("-r", "-R", "-a", "--recursive", "--archive")
    put = invocation.has("--remove-destination", "-l", "--link", "-s", "--symbolic-link")
    return _carried(invocation, Deed.PUT if put else Deed.COPY, recursive=recursive)


def _ln(invocation: Invocation) -> Touches:
    if not invocation.has("-f", "--force", "-b", "--backup"):
        return iter(())
    if len(invocation.operands) == 1 and not invocation.has("-t", "--target-directory"):
        return _carried(invocation, Deed.PUT, into=Word(".", source="."))
    return _carried(invocation, Deed.PUT, links=invocation.has("-n", "-h", "--no-dereference"))


def _install(invocation: Invocation) -> Touches:
    return iter(()) if invocation.has("-d", "--directory") else _carried(invocation, Deed.PUT)


def _carried(
    invocation: Invocation,
    deed: Deed,
    *,
    recursive: bool = False,
    into: Word | None = None,
    links: bool = False,
) -> Touches:
    """Sources that go to a target: the last operand, or what `-t` names."""
    if invocation.has("-n", "--no-clobber") and deed in (Deed.COPY, Deed.PUT) and not links:
        return
    folder = into or invocation.value("-t", "--target-directory")
    words = invocation.operands if folder else invocation.operands[:-1]
    target = folder or (invocation.operands[-1] if invocation.operands else None)
    if not words or target is None:
        return
    is_folder = True if folder else False if invocation.has("-T", "--no-target-directory") else None
    touch = FileTouch(
        deed,
        placed(words, invocation.context),
        place_of(target, invocation.context),
        recursive=recursive,
        into=is_folder,
        links=links,
    )
    yield _in_shell(touch, invocation.context)


def _find(invocation: Invocation) -> Touches:
    """`find PLACE… TEST… -delete`: with tests it is some of all that lies below, which nobody can tell."""
    words = list(invocation.words)
    if not any(word.text in _FIND_ACTIONS for word in words):
        return
    while words and words[0].text in _FIND_LEADING:
        words.pop(0)
    places = []
    while words and words[0].text[:1] not in ("-", "(", "!", ","):
        places.append(words.pop(0))
    sure = all(word.text in _FIND_WIDE for word in words)
    found = placed(places or [Word(".", source=".")], invocation.context)
    yield _in_shell(FileTouch(Deed.DELETE, found, recursive=True, sure=sure), invocation.context)


def _in_shell(touch: FileTouch, context: ShellContext) -> FileTouch:
    return replace(touch, shell=context.shell, options=context.options)


def _tail(word: Word, start: int) -> Word:
    return Word(
        word.text[start:],
        word.span,
        word.source[start:],
        word.glob,
        word.splits,
        word.empties,
        word.unknowns,
    )


_PROGRAMS: Final[dict[str, Callable[[Invocation], Touches]]] = {
    "rm": _rm,
    "grm": _rm,
    "rmdir": _delete,
    "unlink": _delete,
    "find": _find,
    "gfind": _find,
    "redirect-write": _redirect,
    "redirect-truncate": _redirect,
    "tee": _tee,
    "dd": _dd,
    "truncate": _write,
    "shred": _write,
    "sponge": _write,
    "sed": _sed,
    "gsed": _sed,
    "perl": _perl,
    "ruby": _perl,
    "sort": _output("-o", "--output"),
    "curl": _output("-o", "--output"),
    "wget": _output("-O", "--output-document"),
    "chmod": _chmod,
    "chown": _chown,
    "chgrp": _chown,
    "mv": _mv,
    "gmv": _mv,
    "cp": _cp,
    "gcp": _cp,
    "ln": _ln,
    "install": _install,
}
