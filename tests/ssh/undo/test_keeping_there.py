"""What a line destroys on a host comes back, whatever it is called, and never over newer work."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from safeshell.errors import GuardFailure
from safeshell.ssh.undo.entries import NoSuchHostUndo
from safeshell.ssh.undo.keeper import HostLimits
from tests.ssh.undo.host import SHELLS, Host


@pytest.fixture(params=SHELLS)
def host(tmp_path: Path, request: pytest.FixtureRequest) -> Host:
    return Host(tmp_path, request.param)


@pytest.fixture
def one(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture(params=SHELLS[:2])
def either(tmp_path: Path, request: pytest.FixtureRequest) -> Host:
    return Host(tmp_path, request.param)


def tree(folder: Path) -> dict[bytes, tuple[int, bytes]]:
    """Every path below a folder with its kind, permissions and contents."""
    found = {}
    for root, folders, files in os.walk(os.fsencode(folder)):
        for name in (*folders, *files):
            path = os.path.join(root, name)
            state = os.lstat(path)
            content = b""
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path):
                content = Path(os.fsdecode(path)).read_bytes()
            found[path[len(os.fsencode(folder)) :]] = (state.st_mode, content)
    return found


def fill(folder: Path) -> None:
    (folder / "data/sub/deep").mkdir(parents=True)
    (folder / "data/one").write_text("first")
    (folder / "data/sub/two").write_text("second")
    (folder / "data/sub/deep/three").write_text("third")
    (folder / "data/.hidden").write_text("hidden")
    (folder / "data/..odd").write_text("odd")
    (folder / "data/empty").mkdir(mode=0o700)
    (folder / "data/link").symlink_to("/etc/passwd")
    (folder / "data/dangling").symlink_to("nowhere")
    (folder / "data/run").write_text("#!/bin/sh\n")
    (folder / "data/run").chmod(0o750)


def test_a_folder_comes_back_with_all_that_was_in_it(host: Host) -> None:
    fill(host.work)
    before = tree(host.work)

    kept = host.runs("rm -rf data")

    assert not (host.work / "data").exists()
    report = host.back(kept)
    assert report.complete, report.lines()
    assert tree(host.work) == before
    assert host.entry(kept).restored is not None


NAMES = [
    "two words",
    "-rf",
    "$(touch hit)",
    "`touch hit`",
    "a'b\"c",
    "new\nline",
    "end\n",
    "back\\slash",
    "star*",
]
NAMES += ["\\n", "ünïcödé", "a;b", "%s%n", "[x]", "?", ".dot", "..two", "~", "#", " ", "\t", "a\x1b[2Jb", "&"]
NAMES += [os.fsdecode(b"\xff\xfe"), os.fsdecode(b"\x81\x82\x88")]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_data_and_nothing_else(name: str, either: Host) -> None:
    host = either
    folder = host.work / name
    folder.mkdir()
    (folder / name).write_text("x")
    (folder / "other").write_text("y")
    before = tree(host.work)
    quoted = name.replace("'", "'\\''")

    kept = host.runs(f"rm -rf -- './{quoted}'")

    assert not folder.exists()
    assert host.back(kept).complete
    assert tree(host.work) == before
    kept = host.runs(f"rm -f -- './{quoted}/{quoted}'")
    assert not (folder / name).exists()
    assert host.back(kept).complete
    assert tree(host.work) == before
    assert not (host.work / "hit").exists()


@pytest.mark.parametrize(
    "line",
    [
        "rm *.txt",
        "rm -f a.txt b.txt a.txt",
        "rm -f a* *.txt",
        "echo new > a.txt",
        "truncate -s 0 a.txt b.txt",
        "sed -i s/a/z/ a.txt",
        "cp b.txt a.txt",
        "mv b.txt a.txt",
        "mv a.txt sub",
        "mv sub moved",
        "mv b.txt c.txt; mv a.txt b.txt",
        "mv a.txt c.txt && rm c.txt",
        "mv -t sub a.txt b.txt",
        "ln -sf /etc/passwd a.txt",
        "tee a.txt </dev/null",
        "rm -rf sub/../a.txt ./sub/",
        "echo x > a.txt; rm a.txt",
        "rm -r sub/inner sub",
        "find sub -type f -delete",
        "rmdir hollow",
        "cp -r other/. sub",
        "dd if=/dev/null of=a.txt",
        "rm -f link dangling",
        "echo through > link",
    ],
)
def test_the_way_a_line_destroys_does_not_matter(line: str, one: Host) -> None:
    work = one.work
    (work / "sub").mkdir()
    (work / "hollow").mkdir()
    (work / "other").mkdir()
    (work / "other/inner").write_text("other")
    (work / "sub/inner").write_text("inner")
    (work / "a.txt").write_text("a")
    (work / "b.txt").write_text("b")
    (work / "link").symlink_to("b.txt")
    (work / "dangling").symlink_to("nowhere")
    before = tree(work)

    kept = one.runs(line)

    assert kept, one.asked(line).facts
    assert tree(work) != before
    report = one.back(kept)
    assert report.complete, report.lines()
    assert tree(work) == before


def test_the_question_promises_what_is_kept(one: Host) -> None:
    (one.work / "a").write_text("x")

    impact = one.asked("rm a")

    assert "kept on that host first, for 14 days: safeshell undo puts it back" in impact.facts
    assert impact.way_back
    assert not one.kept.exists(), "a look writes nothing"


def test_what_an_interrupted_line_left_is_completed(host: Host) -> None:
    fill(host.work)
    before = tree(host.work)

    kept = host.runs("rm -rf data/sub data/one data/.hidden; false rm -rf data")
    host.runs("true")

    assert host.back(kept).complete
    assert tree(host.work) == before


def test_a_folder_that_was_removed_in_part_gets_the_rest_back(host: Host) -> None:
    fill(host.work)
    before = tree(host.work)
    host.asked("rm -rf data")
    kept = host.keeper.keep(host.reading("rm -rf data"))
    subprocess.run(["rm", "-rf", "data/sub/deep", "data/one", "data/..odd"], cwd=host.work, check=True)
    host.keeper.settle(kept)

    assert host.back(kept).complete
    assert tree(host.work) == before


def test_newer_work_is_left_alone_and_gone_over_only_when_told(host: Host) -> None:
    (host.work / "a").write_text("old")
    kept = host.runs("echo line > a")
    (host.work / "a").write_text("newer work")

    report = host.back(kept)

    assert not report.complete
    assert "has changed since" in "\n".join(report.lines())
    assert (host.work / "a").read_text() == "newer work"
    report = host.back(kept, overwrite=True)
    assert report.complete
    assert (host.work / "a").read_text() == "old"
    assert report.kept_as
    assert host.back(report.kept_as).complete
    assert (host.work / "a").read_text() == "newer work"


def test_what_the_line_left_is_replaced_and_kept_in_its_turn(host: Host) -> None:
    (host.work / "a").write_text("old")
    kept = host.runs("echo line > a")

    report = host.back(kept)

    assert report.complete
    assert (host.work / "a").read_text() == "old"
    assert host.back(report.kept_as).complete
    assert (host.work / "a").read_text() == "line\n"


def test_an_undo_can_be_undone(host: Host) -> None:
    (host.work / "a").write_text("old")
    kept = host.runs("rm a")
    (host.work / "a").write_text("newer")

    report = host.back(kept, overwrite=True)

    assert (host.work / "a").read_text() == "old"
    assert host.back(report.kept_as).complete
    assert (host.work / "a").read_text() == "newer"


def test_where_nobody_noted_the_end_of_the_line_all_counts_as_newer(one: Host) -> None:
    (one.work / "a").write_text("old")
    kept = one.runs("echo line > a", settled=False)

    assert not one.back(kept).complete
    assert (one.work / "a").read_text() == "line\n"


def test_a_file_with_two_names_stays_one_file(one: Host) -> None:
    (one.work / "a").write_text("old")
    os.link(one.work / "a", one.work / "b")

    assert one.back(one.runs("echo line > a")).complete
    assert (one.work / "a").samefile(one.work / "b")
    assert (one.work / "b").read_text() == "old"


def test_a_plan_changes_nothing(host: Host) -> None:
    fill(host.work)
    kept = host.runs("rm -rf data")
    before = tree(host.home)

    plan = host.restorer.plan(host.entry(kept))

    assert "put back" in "\n".join(plan.lines())
    assert "with 11 things below it" in "\n".join(plan.lines())
    assert tree(host.home) == before


def test_a_moved_file_is_not_moved_over_another(one: Host) -> None:
    (one.work / "a").write_text("a")
    kept = one.runs("mv a b")
    (one.work / "a").write_text("newer")

    report = one.back(kept)

    assert "is there again" in "\n".join(report.lines())
    assert (one.work / "a").read_text() == "newer"


def test_a_way_that_leads_elsewhere_now_is_not_gone(one: Host, tmp_path: Path) -> None:
    (one.work / "sub").mkdir()
    (one.work / "sub/a").write_text("a")
    kept = one.runs("rm sub/a")
    (one.work / "sub").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (one.work / "sub").symlink_to(tmp_path / "elsewhere")

    report = one.back(kept)

    assert "reached through a link now" in "\n".join(report.lines())
    assert not list((tmp_path / "elsewhere").iterdir())


def test_too_much_is_said_before_and_nothing_is_kept(tmp_path: Path) -> None:
    host = Host(tmp_path, limits=HostLimits(10_000, 20_000))
    (host.work / "big").write_bytes(b"x" * 200_000)

    assert "is more than is kept of one line there" in "\n".join(host.asked("rm big").facts)
    assert not host.runs("rm big")
    assert not (host.work / "big").exists()


def test_what_is_only_removed_is_kept_by_its_name_and_costs_nothing(tmp_path: Path) -> None:
    host = Host(tmp_path, limits=HostLimits(10_000, 1 << 30))
    (host.work / "big").write_bytes(b"x" * 2_000_000)
    inode = (host.work / "big").stat().st_ino

    kept = host.runs("rm big")

    assert host.back(kept).complete
    assert (host.work / "big").stat().st_ino == inode
    assert (host.work / "big").stat().st_nlink == 1, "what lives again is kept no more"


def test_a_promise_that_can_not_be_kept_stops_the_line(one: Host) -> None:
    (one.work / "a").write_text("a")
    line = "rm a"
    one.asked(line)
    one.runner.is_off = True

    with pytest.raises(GuardFailure, match="did not run"):
        one.keeper.run_kept(one.reading(line), lambda: pytest.fail("it ran"))

    one.runner.is_off = False
    assert "has just failed" in "\n".join(one.asked(line).facts)


def test_a_scratch_folder_that_others_may_write_is_not_used(one: Host) -> None:
    (one.work / "a").write_text("a")
    one.kept.mkdir(parents=True)
    one.kept.chmod(0o777)

    assert "the scratch folder there can't be used" in "\n".join(one.asked("rm a").facts)
    assert not one.runs("rm a")


def test_the_kept_files_are_for_their_owner_only(one: Host) -> None:
    (one.work / "a").write_text("a")

    one.runs("rm a")

    assert one.kept.stat().st_mode & 0o077 == 0


def test_undo_data_is_not_kept_as_undo_data(one: Host) -> None:
    (one.work / "a").write_text("a")
    one.runs("rm a")

    assert "own undo data lies in it" in "\n".join(one.asked("rm -rf ~/.cache").facts)
    assert not one.runs("rm -rf ~/.cache")


def test_an_entry_that_is_gone_there_is_said_and_forgotten(one: Host) -> None:
    (one.work / "a").write_text("a")
    kept = one.runs("rm a")
    subprocess.run(["rm", "-rf", one.kept], check=True)

    with pytest.raises(NoSuchHostUndo, match="nothing of it any more"):
        one.back(kept)

    assert one.store.load(kept) is None


def test_a_pattern_that_sh_does_not_follow_is_said(one: Host) -> None:
    (one.work / "a").write_text("a")
    (one.work / "b").write_text("b")

    facts = "\n".join(one.asked("shopt -s extglob; rm b !(a)").facts)

    assert "a pattern of alternatives is not followed there" in facts
    assert "so nothing is kept of it" in facts


def test_old_entries_go(one: Host) -> None:
    (one.work / "a").write_text("a")
    first = one.runs("rm a")
    os.utime(one.kept / first, (0, 0))
    (one.work / "b").write_text("b")

    second = one.runs("rm b")

    assert not (one.kept / first).exists()
    assert (one.kept / second).exists()


def test_the_oldest_go_when_there_is_too_much(tmp_path: Path) -> None:
    host = Host(tmp_path, limits=HostLimits(1 << 20, 900 << 10))
    kept = []
    for number in range(3):
        (host.work / "big").write_bytes(b"x" * 400_000)
        kept.append(host.runs("rm big"))
        os.utime(host.kept / kept[-1], (1_700_000_000 + number, 1_700_000_000 + number))
        os.utime(host.kept / kept[-1], None) if number else None

    assert not (host.kept / kept[0]).exists()
    assert (host.kept / kept[2]).exists()


def test_what_the_host_says_is_read_strictly(one: Host) -> None:
    (one.work / "a").write_text("a")
    kept = one.runs("rm a")
    entry = one.entry(kept)

    class Hostile:
        def run(self, script: str, data: bytes, seconds: float) -> bytes:
            return b"made\0/x\x1b]0;evil\x07\0" + b"1\0made\0/y\0many\0\xff\xfe\0/z\0001\0end\0\0000\0"

    from safeshell.ssh.undo.restoring import HostRestorer

    lines = HostRestorer(Hostile(), one.store).plan(entry).lines()

    assert len(lines) == 1
    assert "\x1b" not in lines[0]
