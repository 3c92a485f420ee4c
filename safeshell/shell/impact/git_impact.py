"""What a git command throws away: commits out of a branch, changes in files, files that git does not know."""

from __future__ import annotations

import os
from collections.abc import Sequence

from safeshell.guard.text import counted, visible
from safeshell.shell.impact.deadline import Deadline
from safeshell.shell.impact.findings import Findings
from safeshell.shell.impact.git_history import History
from safeshell.shell.impact.git_index import changed_below, work_tree_of
from safeshell.shell.impact.touch import GitDeed, GitTouch


def measure_git(touches: Sequence[GitTouch], findings: Findings, deadline: Deadline) -> None:
    """Add to `findings` what is thrown away.

    Raises:
        OutOfTime: it took too long to find out.
    """
    for touch in touches:
        if touch.unknown:
            findings.exact = False
            findings.fact(f"cannot tell what git throws away: {touch.unknown}")
            continue
        found = work_tree_of(os.fsencode(touch.folder))
        if found is None:
            continue
        tree = found[0]
        if touch.deed in (GitDeed.RESET, GitDeed.CHECKOUT):
            _changes(tree, findings, deadline)
        history = History(touch.folder, deadline)
        match touch.deed:
            case GitDeed.RESET:
                _reset(history, touch.names, findings)
            case GitDeed.PUSH:
                _push(history, touch.names, findings)
            case GitDeed.BRANCH:
                _branches(history, touch.names, findings)
            case GitDeed.CHECKOUT | GitDeed.CLEAN:
                pass


def _changes(tree: bytes, findings: Findings, deadline: Deadline) -> None:
    changed = changed_below(tree, deadline)
    if changed:
        findings.fact(f"{counted(changed, 'file')} look changed and not committed")


def _reset(history: History, names: tuple[str, ...], findings: Findings) -> None:
    before, after = history.commit("HEAD"), history.commit(names[0] if names else "HEAD")
    lost = history.lost(before, after)
    if lost:
        findings.count(lost, "commits")
        findings.fact(
            f"takes {counted(lost, 'commit')} out of the branch; git reflog finds them for some weeks"
        )


def _push(history: History, names: tuple[str, ...], findings: Findings) -> None:
    """What the remote branch has, as of the last fetch, and will not have any more."""
    remote = names[0] if names else ""
    specs = names[1:] or ("HEAD",)
    for spec in specs:
        source, _, target = spec.removeprefix("+").partition(":")
        local_name = history.full_name(source or "HEAD")
        branch = (target or local_name).removeprefix("refs/heads/")
        there = f"{remote}/{branch}" if remote and branch else "@{upstream}"
        before = history.commit(f"refs/remotes/{there}" if remote else there)
        if not before:
            findings.fact(
                f"what {visible(branch or 'the branch', limit=60)} is at the remote is not known here"
            )
            continue
        if spec.startswith(":"):
            findings.fact(f"deletes the branch {visible(branch, limit=60)} at {visible(remote, limit=60)}")
            continue
        lost = history.lost(before, history.commit(source or "HEAD"))
        if lost:
            findings.count(lost, "commits")
            findings.fact(
                f"takes {counted(lost, 'commit')} out of {visible(there, limit=80)}, as of the last fetch"
            )
        elif lost == 0:
            findings.fact(f"takes no commit out of {visible(there, limit=80)}, as of the last fetch")


def _branches(history: History, names: tuple[str, ...], findings: Findings) -> None:
    for name in names[:20]:
        full = history.full_name(name)
        lost = history.unmerged(history.commit(full), full) if full.startswith("refs/heads/") else None
        if lost:
            findings.count(lost, "commits")
            findings.fact(
                f"{counted(lost, 'commit')} of {visible(name, limit=60)} are in no other branch or tag"
            )
