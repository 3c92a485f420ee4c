"""What a line would do to files, in numbers and in what makes them matter: age, mounts, users, git, links.

Each fact is found by itself and within its part of the time, the gravest first; what could not be found out in
time is left out, and the impact is then not complete.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from safeshell.guard.durations import written
from safeshell.guard.text import counted, sized, visible
from safeshell.shell.impact.deadline import Deadline, OutOfTime
from safeshell.shell.impact.findings import Findings
from safeshell.shell.impact.mounts import mounted_in, mounts
from safeshell.shell.impact.resolving import Fate, Hit, Hits
from safeshell.shell.impact.tree import Tally, leads_out

_DONE: Final = {
    Fate.GONE: "deletes",
    Fate.REPLACED: "replaces",
    Fate.WRITTEN: "overwrites",
    Fate.MOVED: "moves",
    Fate.MODE: "changes the permissions of",
    Fate.OWNER: "changes the owner of",
}
_LOSING: Final = (Fate.GONE, Fate.REPLACED, Fate.WRITTEN)
_RECENT: Final = timedelta(days=2).total_seconds()
_SHOWN: Final = 3
_VIRTUAL: Final = frozenset(
    "proc sysfs devpts cgroup2 cgroup mqueue debugfs tracefs securityfs pstore bpf".split()
)


def measure_files(
    hits: Hits, findings: Findings, deadline: Deadline, *, now: Callable[[], float] = time.time
) -> None:
    """Add to `findings` what `hits` come to."""
    counting = deadline.part(0.6)
    tallies: dict[Fate, Tally] = {}
    for fate in Fate:
        chosen = _outermost([hit for hit in hits.hits if hit.fate is fate])
        if not chosen:
            continue
        tally = tallies[fate] = Tally()
        for hit in chosen:
            tally.add_tree(hit.path, counting, recursive=hit.recursive)
        sure = hits.complete and all(hit.sure for hit in chosen)
        _say_how_many(findings, fate, tally, chosen, sure=sure)
    _count(findings, tallies)
    _after_counting(hits, tallies, findings, deadline, now())
    for reason in hits.unknown:
        findings.exact = False
        findings.fact(f"cannot tell all that it hits: {reason}")
    if not hits.complete:
        findings.complete = False


def _after_counting(
    hits: Hits, tallies: dict[Fate, Tally], findings: Findings, deadline: Deadline, now: float
) -> None:
    roots = [hit.path for hit in _outermost([hit for hit in hits.hits if hit.fate is not Fate.MOVED])]

    def users() -> None:
        _say_users(findings, roots, deadline)

    def git() -> None:
        _say_git(findings, hits, deadline)

    for fact in (users, git):
        try:
            fact()
        except OutOfTime:
            findings.complete = False
    _say_mounts(findings, hits)
    _say_age(findings, tallies, now)
    _say_links(findings, hits, tallies, roots)
    _say_shut(findings, tallies)


def _say_how_many(findings: Findings, fate: Fate, tally: Tally, hits: Sequence[Hit], *, sure: bool) -> None:
    things, folders = tally.things, tally.folders
    if not tally.complete:
        findings.complete = False
    more = "" if tally.complete else "more than "
    up_to = "" if sure else "up to " if tally.complete else ""
    parts = []
    if things or not folders:
        parts.append(f"{more}{up_to}{counted(_rounded(things, tally), 'file')}")
    if folders:
        many = counted(_rounded(folders, tally), "folder")
        parts.append(many if parts else f"{more}{up_to}{many}")
    size = f", {more}{sized(tally.bytes)}" if fate in _LOSING and tally.bytes else ""
    name = f": {_named(hits)}"
    findings.fact(f"{_DONE[fate]} {' in '.join(parts)}{size}{name}")
    findings.exact = findings.exact and sure
    if fate in _LOSING:
        findings.weigh(tally.bytes)


def _count(findings: Findings, tallies: dict[Fate, Tally]) -> None:
    """What a question may ask for: how many files are lost; where none is, how many are changed."""
    counted_ones = [tallies[fate] for fate in _LOSING if fate in tallies] or list(tallies.values())
    things = sum(tally.things for tally in counted_ones)
    if things:
        findings.count(things, "files")
    elif counted_ones:
        findings.count(sum(tally.folders for tally in counted_ones), "folders")


def _rounded(number: int, tally: Tally) -> int:
    """A number that was cut short, with two digits that count."""
    if tally.complete or number < 100:
        return number
    step: int = 10 ** (len(str(number)) - 2)
    return number // step * step


def _named(hits: Sequence[Hit]) -> str:
    names = ", ".join(visible(hit.path, limit=80) for hit in hits[:_SHOWN])
    more = len(hits) - _SHOWN
    return f"{names} and {more:,} more" if more > 0 else names


def _outermost(hits: Sequence[Hit]) -> list[Hit]:
    """Without what lies in another one that is hit with all below it."""
    roots = {hit.path for hit in hits if hit.recursive}
    seen: set[bytes] = set()
    kept = []
    for hit in hits:
        if hit.path in seen:
            continue
        seen.add(hit.path)
        above = os.path.dirname(hit.path)  # noqa: PTH120 - bytes
        while above not in roots and len(above) > 1:
            above = os.path.dirname(above)  # noqa: PTH120 - bytes
        if above not in roots or above == hit.path:
            kept.append(hit)
    return kept


def _say_users(findings: Findings, roots: list[bytes], deadline: Deadline) -> None:
    from safeshell.shell.impact.processes import processes, users_of

    if not roots:
        return
    part = deadline.part(0.6)
    real = [os.path.realpath(root) for root in roots[:200]]
    uses = users_of(real, processes(part), part)
    with_files = [use for use in uses if use.files]
    for use in with_files[:_SHOWN]:
        name = visible(use.process.name, limit=40)
        findings.fact(
            f"{name} (process {use.process.pid}) has {counted(use.files, 'of these files', 'of these files')} open"
        )
    if len(with_files) > _SHOWN:
        findings.fact(
            f"and {counted(len(with_files) - _SHOWN, 'more process', 'more processes')} have some open"
        )
    living = [use for use in uses if use.lives and not use.files]
    if living:
        names = ", ".join(
            f"{visible(use.process.name, limit=40)} ({use.process.pid})" for use in living[:_SHOWN]
        )
        more = f" and {len(living) - _SHOWN:,} more" if len(living) > _SHOWN else ""
        findings.fact(f"runs or works in there: {names}{more}")


def _say_git(findings: Findings, hits: Hits, deadline: Deadline) -> None:
    from safeshell.shell.impact.git_index import changed_below, work_tree_of

    roots = _outermost([hit for hit in hits.hits if hit.fate in _LOSING])
    for hit in roots[:20]:
        if work_tree_of(hit.path) is None:
            continue
        changed = changed_below(hit.path, deadline)
        name = visible(hit.path, limit=80)
        if os.path.isdir(os.path.join(hit.path, b".git")) and hit.fate is Fate.GONE:  # noqa: PTH112, PTH118
            findings.fact(f"{name} is a git repository, with all of its history")
        if changed:
            findings.fact(f"{counted(changed, 'file')} that git knows look changed and not committed: {name}")


def _say_mounts(findings: Findings, hits: Hits) -> None:
    known = mounts()
    recursive = [hit for hit in hits.hits if hit.recursive]
    for hit in recursive[:50]:
        inside = mounted_in(hit.path, known)
        real = [mount for mount in inside if mount.kind not in _VIRTUAL]
        for mount in real[:_SHOWN]:
            at = visible(mount.point, limit=80)
            findings.fact(f"{at} is a mounted file system: {mount.kind}, {visible(mount.source, limit=60)}")
        if len(real) > _SHOWN:
            findings.fact(f"and {len(real) - _SHOWN:,} more are mounted below {visible(hit.path, limit=80)}")


def _say_age(findings: Findings, tallies: dict[Fate, Tally], now: float) -> None:
    newest = max(
        (tallies[fate] for fate in _LOSING if fate in tallies), key=lambda one: one.newest, default=None
    )
    if newest is None or not newest.newest:
        return
    age = now - newest.newest
    if age < -60:
        return  # a time in the future tells nothing
    what = visible(newest.newest_path, limit=80)
    ago = _ago(age)
    findings.fact(f"changed {ago}: {what}" if age < _RECENT else f"the last change was {ago}: {what}")


def _ago(seconds: float) -> str:
    if seconds < 5:
        return "just now"
    if seconds < 120:
        return f"{int(seconds)} seconds ago"
    if seconds < 7200:
        return f"{int(seconds // 60)} minutes ago"
    if seconds < 172_800:
        return f"{written(timedelta(hours=int(seconds // 3600))).removesuffix('00m')} ago"
    days = int(seconds // 86400)
    return f"{days:,} days ago" if days < 730 else f"{days // 365} years ago"


def _say_links(findings: Findings, hits: Hits, tallies: dict[Fate, Tally], roots: list[bytes]) -> None:
    for typed, real in hits.led[:_SHOWN]:
        findings.fact(f"{visible(typed, limit=80)} leads to {visible(real, limit=80)}: it is hit there")
    tally = tallies.get(Fate.GONE)
    if tally is not None and tally.link_paths:
        out = sum(leads_out(link, roots) for link in tally.link_paths)
        if out:
            more = "" if len(tally.link_paths) < 1000 else "at least "
            findings.fact(f"{more}{counted(out, 'link')} in it lead elsewhere; what is there stays")
    if any(hit.follows for hit in hits.hits):
        findings.exact = False
        findings.fact("links are followed: files outside are changed as well, and are not counted")


def _say_shut(findings: Findings, tallies: dict[Fate, Tally]) -> None:
    shut = [path for tally in tallies.values() for path in tally.shut]
    if shut:
        findings.exact = False
        findings.fact(
            f"{counted(len(shut), 'folder')} can't be looked into, {visible(shut[0], limit=80)} for one"
        )
