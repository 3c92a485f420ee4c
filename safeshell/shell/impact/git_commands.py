"""What git commands throw away: commits, changes in files, files it does not know. Pure.

Sources: the manual pages of git 2.40 and later.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from safeshell.shell.impact.touch import GitDeed, GitTouch
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import Word


def git_touches(invocation: Invocation) -> Iterator[GitTouch]:
    """What a git command throws away; nothing for any other."""
    if invocation.program != "git" or not invocation.operands:
        return
    folder, unknown = _folder(invocation)
    verb, rest = invocation.operands[0].text, invocation.operands[1:]
    found = _thrown_away(invocation, verb, rest)
    if found is None:
        return
    deed, words = found
    missing = [word for word in words if not word.known]
    if missing:
        unknown = unknown or f"{(missing[0].unknowns or ('a name',))[0]} is unknown"
    yield GitTouch(deed, folder, tuple(word.text for word in words), unknown)


def _thrown_away(
    invocation: Invocation, verb: str, rest: tuple[Word, ...]
) -> tuple[GitDeed, tuple[Word, ...]] | None:
    match verb:
        case "reset" if invocation.has("--hard", "--merge"):
            return GitDeed.RESET, rest[:1]
        case "push" if _forces(invocation, rest):
            return GitDeed.PUSH, rest
        case "checkout" | "switch" | "restore" if _discards(invocation, verb, rest):
            return GitDeed.CHECKOUT, ()
        case "clean" if invocation.has("-f", "--force") and not invocation.has("-n", "--dry-run"):
            return GitDeed.CLEAN, ()
        case "branch" if invocation.has("-D") or (invocation.has("-d") and invocation.has("-f")):
            return GitDeed.BRANCH, rest
    return None


def _forces(invocation: Invocation, rest: tuple[Word, ...]) -> bool:
    if invocation.has("-n", "--dry-run"):
        return False
    options = ("-f", "--force", "--force-with-lease", "--mirror", "-d", "--delete", "--prune")
    return invocation.has(*options) or any(word.text.startswith(("+", ":")) for word in rest[1:])


def _discards(invocation: Invocation, verb: str, rest: tuple[Word, ...]) -> bool:
    if verb == "restore":
        return not invocation.has("-S", "--staged") or invocation.has("-W", "--worktree")
    if invocation.has("-f", "--force", "--discard-changes"):
        return True
    words = [word.text for word in invocation.words]
    return verb == "checkout" and ("--" in words or any(word.text in (".", ":/", "*") for word in rest))


def _folder(invocation: Invocation) -> tuple[str, str]:
    """Where git would run, and why that is not known."""
    folder = invocation.context.cwd
    if invocation.has("--git-dir", "--work-tree"):
        return "", "another repository is named"
    for option in invocation.given("-C"):
        if option.value is None or not option.value.known:
            return "", "the folder it runs in isn't known"
        folder = posixpath.join(folder, option.value.text)
    return (folder, "") if folder.startswith("/") else ("", "the folder it runs in isn't known")
