"""Any tree, destroyed in any of these ways by the real programs, comes back identical."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shell.undo.machine import Machine, tree

NAMES = st.one_of(
    st.sampled_from(
        [b"a", b"b", b"c.txt", b".hidden", b"-rf", b"with space", b"*", b"[x]", b"new\nline", b"\xff\xfe"]
    ),
    st.binary(min_size=1, max_size=12).filter(
        lambda name: not {0, 47} & set(name) and name not in (b".", b"..")
    ),
)
FILES = st.tuples(
    st.just("file"),
    st.binary(max_size=200),
    st.sampled_from([0o644, 0o600, 0o755, 0o400, 0o000, 0o4755]),
    st.integers(0, 2_000_000_000_000_000_000),
)
LINKS = st.tuples(st.just("link"), st.sampled_from([b"a", b"..", b"not-there", b"c.txt"]))
TWINS = st.tuples(st.just("twin"))
TREES = st.recursive(
    st.dictionaries(NAMES, st.one_of(FILES, LINKS, TWINS), max_size=5),
    lambda inner: st.dictionaries(NAMES, st.one_of(FILES, LINKS, TWINS, inner), max_size=4),
    max_leaves=12,
)
Shape = dict[bytes, Any]
LINES = st.sampled_from(
    [
        "rm -rf top",
        "rm -rf -- top/*",
        "shopt -s dotglob; rm -rf top/*",
        "mv top gone",
        "mv top gone && rm -rf gone",
        "chmod -R 755 top",
        "find top -type f -delete",
        "find top -delete",
        "rm -rf top; mkdir top; echo new > top/a",
        "cd top && rm -rf -- * .hidden",
        "sed -i s/a/b/ top/a top/b",
        "echo over > top/a; truncate -s 1 top/b; rm top/c.txt",
        "cp -r spare/. top",
        "ln -sf /etc/passwd top/a",
        "mv spare/a top/b; mv top/b top/c.txt",
        "echo over > top/a; mv top elsewhere",
        "mv top elsewhere; sed -i s/a/b/ elsewhere/a",
        "mv top/a spare; mv spare top/b; mv top gone",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES, LINES)
def test_any_tree_comes_back_identical(shape: Shape, line: str) -> None:
    base = Path(tempfile.mkdtemp(prefix="undo-"))
    try:
        machine = Machine(base)
        _make(os.fsencode(machine.work) + b"/top", shape, [])
        (machine.work / "spare").mkdir()
        (machine.work / "spare" / "a").write_text("spare a")
        (machine.work / "spare" / "b").write_text("spare b")
        before = tree(machine.work)

        undo_id = machine.run(line)
        after = tree(machine.work)

        if undo_id:
            report = machine.undo(undo_id)
            assert report.complete, report.lines()
        now = tree(machine.work)
        assert {name: _without_folder_time(now.get(name)) for name in before} == {
            name: _without_folder_time(seen) for name, seen in before.items()
        }
        assert {os.path.basename(name) for name in set(now) - set(before)} <= set(
            map(os.path.basename, after)
        )
        if not line.startswith(
            (
                "cd",
                "cp",
                "ln",
                "mv spare",
                "mv top/a",
                "mv top elsewhere",
                "sed",
                "echo",
                "rm -rf -- top",
                "shopt",
            )
        ):
            assert {name: now.get(name) for name in before} == before, "the times of folders, too"
    finally:
        _open_up(base)
        shutil.rmtree(base)


def _without_folder_time(seen: tuple[object, ...] | None) -> tuple[object, ...] | None:
    """A folder in which a command made or removed something by name is newer; it lost nothing by that."""
    if seen is None or not stat.S_ISDIR(int(str(seen[0]))):
        return seen
    return (*seen[:4], 0, *seen[5:])


def _make(path: bytes, shape: Shape, made: list[bytes]) -> None:
    os.mkdir(path)
    # A pipe by a name that no line writes to: nobody reads from it.
    os.mkfifo(path + b"/pipe-of-nobody", 0o640)
    for name, what in shape.items():
        inside = path + b"/" + name
        if isinstance(what, dict):
            _make(inside, what, made)
            continue
        kind, *rest = what
        if kind == "file":
            content, mode, time = rest
            with open(inside, "wb") as file:
                file.write(content)
            os.chmod(inside, mode)
            os.utime(inside, ns=(time, time))
            made.append(inside)
        elif kind == "link":
            os.symlink(rest[0], inside)
        elif made:
            os.link(made[-1], inside)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))


def _open_up(folder: Path) -> None:
    for root, folders, _ in os.walk(os.fsencode(folder)):
        for name in folders:
            path = root + b"/" + name
            if not os.path.islink(path):
                os.chmod(path, 0o700)
