"""What the everyday destroying commands destroy is put back as it was: names, contents, modes, times, links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.shell.undo.machine import Machine, tree

OLD = 1_500_000_000_123_456_789


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    work = machine.work
    (work / "a").mkdir()
    (work / "a" / "x").write_bytes(b"x" * 100)
    (work / "a" / "deep").mkdir()
    (work / "a" / "deep" / "er").write_bytes(b"")
    os.symlink("x", work / "a" / "link")
    os.symlink("nowhere", work / "a" / "dangling")
    os.mkfifo(work / "a" / "pipe", 0o640)
    (work / "f").write_text("old one\n")
    (work / "g").write_text("another\n")
    os.link(work / "g", work / "g2")
    (work / "script").write_text("#!/bin/sh\n")
    (work / "script").chmod(0o4755)
    (work / "- -rf").write_text("a name like an option")
    Path(os.fsdecode(os.fsencode(work) + b"/bad\xff\xfename\n\x1b[31m")).write_text("no UTF-8")
    os.symlink("f", work / "to-f")
    for path in sorted(work.rglob("*"), reverse=True):
        os.utime(path, ns=(OLD, OLD), follow_symlinks=False)
    return machine


LINES = [
    "rm f",
    "rm -rf a",
    "rm -rf -- *",
    "rm -r a f g",
    "rm -rf a/deep a",
    "rm -rf ./a//",
    "/bin/rm -f f",
    "sudo rm f || rm f",
    "rm -- '- -rf'",
    "rm bad*",
    "rm [fg]*",
    "unlink f",
    "find a -delete",
    "find . -name x -delete",
    "find . -type f -exec rm {} +",
    "mv f renamed",
    "mv f g",
    "mv a b",
    "mv f g script a/",
    "mv -t a f",
    "mv f f.bak; mv g f",
    "mv a b && rm -rf b",
    "mv g g2",
    "cp f g",
    "cp -a g f",
    "cp --remove-destination f g",
    "cp f to-f; cp script to-f",
    "echo new > f",
    "echo new > to-f",
    "echo new >| f",
    ": > f",
    "> f",
    "echo x | tee f g >/dev/null",
    "sed -i s/old/new/ f",
    "sed -i -e s/old/new/ -e s/o/0/ f g",
    "perl -pi -e s/old/new/ f",
    "truncate -s 0 f",
    "truncate -s 1 g",
    "dd if=/dev/zero of=f bs=1 count=3",
    "dd if=/dev/zero of=g bs=1 count=3 conv=notrunc",
    "ln -sf g f",
    "ln -f g f",
    "install -m 600 f script",
    "shred f",
    "shred -u f",
    "sort -r -o g g f",
    "chmod -R 700 .",
    "chmod 000 f script",
    "chmod -x script",
    "chmod u+x to-f",
    "for i in f g; do rm $i; done",
    "x=f; rm $x",
    "cd a && rm x",
    "(cd a; rm -rf ./*)",
    "cd a/deep; rm *",
    "cd nowhere; rm -rf ./*",
    "bash -c 'rm f'",
    "rm f & wait",
    "rm -rf a && mkdir a && echo fresh > a/x",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_undone_as_if_it_had_never_run(machine: Machine, line: str) -> None:
    before = tree(machine.work)

    undo_id = machine.run(line)
    after = tree(machine.work)
    report = machine.undo(undo_id)

    assert after != before, "the line did nothing"
    assert report.complete, report.lines()
    now = tree(machine.work)
    added = {name for name in now if name not in before}
    assert added <= set(after), "undo made files of its own"
    assert {name: now.get(name) for name in before} == before | _times_of_folders(before, now, line)


def _times_of_folders(
    before: dict[bytes, tuple[object, ...]], now: dict[bytes, tuple[object, ...]], line: str
) -> dict[bytes, tuple[object, ...]]:
    """A folder in which a file was named by the line has a new time: it is no part of what was destroyed."""
    if not any(word in line for word in ("a/", "cd ", "-t a")):
        return {}
    return {
        name: (*seen[:4], now[name][4], *seen[5:])
        for name, seen in before.items()
        if name in now and seen[5] is None
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser gives files away")
def test_owners_are_put_back(machine: Machine) -> None:
    before = tree(machine.work)

    undo_id = machine.run("chown -R 1234:4321 a script")

    assert tree(machine.work) != before
    assert machine.undo(undo_id).complete
    assert tree(machine.work) == before


def test_extended_attributes_come_back_with_a_copy(machine: Machine) -> None:
    try:
        os.setxattr(machine.work / "f", "user.note", b"kept\0too")
    except OSError:
        pytest.skip("this file system has no extended attributes")

    undo_id = machine.run("cp g f; rm f; touch f")
    machine.undo(undo_id)

    assert os.getxattr(machine.work / "f", "user.note") == b"kept\0too"


def test_holes_stay_holes(machine: Machine) -> None:
    sparse = machine.work / "sparse"
    with sparse.open("wb") as file:
        file.seek(100 << 20)
        file.write(b"end")

    undo_id = machine.run("echo > sparse")
    entry = machine.load(undo_id)
    machine.undo(undo_id)

    assert entry.head.held < 1 << 20
    assert sparse.stat().st_size == (100 << 20) + 3
    assert sparse.stat().st_blocks * 512 < 1 << 20
    assert sparse.read_bytes().endswith(b"\0end")


def test_what_is_removed_is_kept_by_a_further_name_and_takes_no_room(machine: Machine) -> None:
    inode = (machine.work / "f").stat().st_ino

    undo_id = machine.run("rm f")

    kept = Path(os.fsdecode(machine.store.data_path(undo_id, 0)))
    assert kept.stat().st_ino == inode


@pytest.mark.parametrize("line", ["echo new > f", "cp g f", "truncate -s 0 f", "dd if=g of=f", "tee f < g"])
def test_what_is_written_over_is_never_kept_by_a_further_name(machine: Machine, line: str) -> None:
    inode = (machine.work / "f").stat().st_ino

    undo_id = machine.run(line)

    kept = Path(os.fsdecode(machine.store.data_path(undo_id, 0)))
    assert kept.stat().st_ino != inode
    assert kept.read_text() == "old one\n"


def test_a_file_that_is_removed_and_written_by_one_line_is_kept_apart(machine: Machine) -> None:
    undo_id = machine.run("echo new > f; rm f")
    machine.undo(undo_id)

    assert (machine.work / "f").read_text() == "old one\n"


def test_a_file_with_two_names_written_over_by_one_and_removed_by_the_other(machine: Machine) -> None:
    undo_id = machine.run("echo new > g; rm g2")
    machine.undo(undo_id)

    assert (machine.work / "g").read_text() == (machine.work / "g2").read_text() == "another\n"


NOT_KEPT = [
    "ls",
    "cat f",
    "echo x >> f",
    "rm nothing",
    "mkdir new",
    "cp f new",
    "echo x > new",
    "rm a",
    "ssh h rm f",
]


@pytest.mark.parametrize("line", NOT_KEPT)
def test_lines_that_destroy_nothing_keep_nothing(machine: Machine, line: str) -> None:
    reading = machine.read(line)
    machine.probe.measure_reading(reading, machine.store.keep_for)

    assert machine.keeper.keep(reading) == ""
    assert machine.store.entries() == []


@pytest.mark.parametrize(
    ("line", "way_back"),
    [
        ("rm -rf a", True),
        ("rm f; mv g f", True),
        ("rm f; docker exec web rm /f", False),
        ("rm f; kubectl delete namespace shop", False),
        ("rm f $UNKNOWN/*", False),
        ("rm not-there", False),
    ],
)
def test_a_way_back_is_only_promised_for_all_that_a_line_destroys(
    machine: Machine, line: str, way_back: bool
) -> None:
    assert machine.asked(line).way_back is way_back
