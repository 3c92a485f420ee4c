"""What a command of this machine would change: files, processes, a repository's history.

Values only, made from words; nothing here has looked at the machine yet. A path may still be a pattern, and what
only the running shell knows is said, not guessed.
"""

from __future__ import annotations

from enum import StrEnum

from safeshell.frozen import frozen
from safeshell.guard.reading import Touch


class Deed(StrEnum):
    """What a command does to the files that it names."""

    DELETE = "delete"
    REPLACE = "replace"
    WRITE = "write"
    MOVE = "move"
    COPY = "copy"
    PUT = "put"
    MODE = "mode"
    OWNER = "owner"


@frozen
class Place:
    """A file that a command names, as the command would open it.

    Args:
        path: absolute, with `.` and `..` as they are, for they mean what the links on the way make of them.
        glob: it is a pattern.
        mixed: some of the pattern's signs were quoted, and it is not known which.
        unknown: why it can't be told which file that is; "" when it can.
        folder: the working directory in front of it that was not typed; "" for what was typed whole.
    """

    path: str
    glob: bool = False
    mixed: bool = False
    unknown: str = ""
    folder: str = ""


@frozen
class FileTouch(Touch):
    """Files that a command changes.

    Args:
        deed: what it does to `places`; for `MOVE`, `COPY` and `PUT` to what they would replace at `target`.
            `REPLACE` gives a name to another file, `WRITE` changes the file itself, `PUT` removes what is there.
        places: the operands, in order.
        target: where they go; None for deeds without one.
        recursive: folders with all that is below them.
        sure: False when the command does it to some of those only, which nobody can tell beforehand.
        into: True when the target is a folder in any case (`-t`), False when it never is (`-T`), None by looking.
        follows: links are followed on the way down.
        links: a link to a folder as the target is a link and no folder (`ln -n`).
        shell, options: which shell expands the patterns, and its options that are on.
    """

    deed: Deed
    places: tuple[Place, ...]
    target: Place | None = None
    recursive: bool = False
    sure: bool = True
    into: bool | None = None
    follows: bool = False
    links: bool = False
    shell: str = "bash"
    options: frozenset[str] = frozenset()


@frozen
class ProcessTouch(Touch):
    """Processes that a command signals.

    Args:
        signal: as typed, "" for the usual one.
        pids: numbers; negative ones are groups, -1 is everything.
        names: what `killall` and `pkill` look for.
        pattern: the names are regular expressions, found anywhere.
        full: the whole command line is looked at.
        exact: a pattern has to fit all of it.
        icase: without regard to case.
        user: only that user's; "" for anybody's.
        newest, oldest: only one of them.
        unknown: why it can't be told which these are; "" when it can.
    """

    signal: str = ""
    pids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    pattern: bool = False
    full: bool = False
    exact: bool = False
    icase: bool = False
    user: str = ""
    newest: bool = False
    oldest: bool = False
    unknown: str = ""


class GitDeed(StrEnum):
    """What git throws away."""

    RESET = "reset"
    PUSH = "push"
    CHECKOUT = "checkout"
    CLEAN = "clean"
    BRANCH = "branch"


@frozen
class GitTouch(Touch):
    """Work that a git command throws away.

    Args:
        deed: which.
        folder: where git would run; "" when not known.
        names: the revision of a reset, remote and branch of a push, the branches that are deleted.
        unknown: why it can't be told; "" when it can.
    """

    deed: GitDeed
    folder: str
    names: tuple[str, ...] = ()
    unknown: str = ""


@frozen
class ServiceTouch(Touch):
    """Services that are stopped or restarted, by the names of their units."""

    names: tuple[str, ...]
