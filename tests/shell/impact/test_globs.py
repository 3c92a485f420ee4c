"""Patterns are expanded in process as bash expands them, or to more, never to less."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.shell.impact.deadline import Deadline, OutOfTime
from safeshell.shell.impact.globs import NotExpanded, expanded

NAMES = [
    b"a", b"b", b"ab", b"abc.txt", b"A", b".a", b".hid.txt", b"x-y", b"]", b"[a]", b"a b", b"a*", b"\xff\xfe",
    b"new\nline", "é".encode(), b"7", b"-", b"a]", b"^",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="globs-"))
    for name in NAMES:
        os.close(os.open(os.fsencode(base) + b"/" + name, os.O_CREAT))
    for sub in ("dir", "dir/inner", "other", ".dots"):
        (base / sub).mkdir()
        for name in (b"a", b".a", b"b.txt"):
            os.close(os.open(os.fsencode(base / sub) + b"/" + name, os.O_CREAT))
    os.symlink("dir", base / "to-dir")
    os.symlink("nowhere", base / "dangling")
    yield base
    shutil.rmtree(base)


def by_bash(pattern: str, folder: Path, *options: str) -> list[bytes]:
    script = "".join(f"shopt -s {one}; " for one in ("nullglob", *options)) + f"printf '%s\\0' {pattern}"
    done = subprocess.run(
        ["bash", "-c", os.fsencode(script)], cwd=folder, capture_output=True, check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return sorted(name for name in done.stdout.split(b"\0") if name)


def by_us(pattern: str, folder: Path, *options: str, mixed: bool = False) -> list[bytes]:
    start = os.fsencode(folder) + b"/"
    found = expanded(f"{folder}/{pattern}", Deadline(5), options=frozenset(options), mixed=mixed)
    return sorted(path[len(start) :] for path in found if path + b"/" != start)


PATTERNS = [
    "*", "a*", "*.txt", "?", "??", ".*", ".[!.]*", "[ab]", "[!a]", "[^a]", "[a-z]", "[[:digit:]]", "*/a",
    "*/*", "dir/*", "dir/.*", "to-dir/*", "*dir/*/*", "*/", "[]]", "[!]]", "*a*b*", "*[", "d[ia]r/[!b]", "dangl*",
    "[a", "a[", "nothing*", "**", "*/../a", "./*", "[-]", "[a-]", "[!-a]",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_means_what_bash_makes_of_it(pattern: str, folder: Path) -> None:
    theirs = by_bash(pattern, folder)

    ours = [path for path in by_us(pattern, folder) if os.path.basename(path) not in (b".", b"..")]

    theirs = [path for path in theirs if path not in (b".", b"..") and not path.endswith((b"/.", b"/.."))]
    normal = {os.path.normpath(path) for path in theirs if os.path.lexists(os.fsencode(folder) + b"/" + path)}
    assert {os.path.normpath(path) for path in ours} == normal


@pytest.mark.parametrize(
    "pattern", ["[[:alpha:]]*", "[[:upper:][:digit:]]", "[![:alpha:]]*", "[z-a]", "[!z-a]"]
)
def test_where_shells_and_languages_differ_it_is_more_rather_than_less(pattern: str, folder: Path) -> None:
    theirs = {path for path in by_bash(pattern, folder) if os.path.lexists(os.fsencode(folder) + b"/" + path)}

    assert theirs <= set(by_us(pattern, folder))


@pytest.mark.parametrize("options", [("dotglob",), ("nocaseglob",), ("globstar",), ("globstar", "dotglob")])
@pytest.mark.parametrize("pattern", ["*", "a*", "**", "**/a", "dir/**", "**/*.txt", "**/inner/*"])
def test_a_shells_options_count(pattern: str, options: tuple[str, ...], folder: Path) -> None:
    ours = {os.path.normpath(path) for path in by_us(pattern, folder, *options)}

    assert ours == {os.path.normpath(path) for path in by_bash(pattern, folder, *options)}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "b", ".", "*", "?", "[", "]", "!", "-", "ab", "[ab]", "[!a]", "t"]),
        min_size=1,
        max_size=6,
    )
)
def test_nothing_that_bash_would_hit_is_missed(folder: Path, parts: list[str]) -> None:
    pattern = "".join(parts)
    if pattern in (".", "..") or not set("*?[") & set(pattern) or pattern.startswith("!"):
        return
    theirs = {
        one
        for one in by_bash(pattern.replace("!", "\\!") if pattern[0] == "!" else pattern, folder)
        if one not in (b".", b"..")
    }

    real = {one for one in theirs if os.path.lexists(os.fsencode(folder) + b"/" + one)}
    assert real <= set(by_us(pattern, folder))


def test_where_a_sign_may_have_been_quoted_both_meanings_are_followed(folder: Path) -> None:
    assert b"[a]" in by_us("[a]*", folder, mixed=True)
    assert b"a" in by_us("[a]*", folder, mixed=True)


@pytest.mark.parametrize(
    ("pattern", "shell"), [("!(a)", "bash"), ("@(a|b)", "bash"), ("*(.)", "zsh"), ("(a|b)", "zsh")]
)
def test_what_is_not_followed_is_said(pattern: str, shell: str, folder: Path) -> None:
    with pytest.raises(NotExpanded):
        expanded(f"{folder}/{pattern}", Deadline(5), shell=shell)


def test_time_ends_an_expansion(folder: Path) -> None:
    with pytest.raises(OutOfTime):
        expanded(f"{folder}/*/*", Deadline(0))
