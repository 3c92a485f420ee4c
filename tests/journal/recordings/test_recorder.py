"""Recordings on disk: what stays after an end in order, a kill, a full disk."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safeshell.journal.recordings.folder import Limits, RecordingsFolder, is_being_written
from safeshell.journal.recordings.recorder import Recorder, open_recording
from tests.journal.recordings.asciicast import events_in, output_in
from tests.journal.recordings.test_recording import SESSION

NOW = datetime(2026, 11, 23, 9, 5, 12, tzinfo=UTC)
Open = Callable[..., Recorder]


class Disk:
    """A state folder, and what was said about it."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.told: list[str] = []

    def open(self, *, limits: Limits = Limits(), now: datetime = NOW, at: float = 50.0) -> Recorder:  # noqa: B008
        return open_recording(self.state, limits, SESSION, now=now, at=at, told=self.told.append)

    def recorded(self, *, days_ago: float = 0, size: int = 0) -> str:
        """A finished recording of some days ago; its name."""
        moment = NOW - timedelta(days=days_ago)
        recorder = self.open(now=moment, limits=Limits(keep_for=timedelta(days=9999)))
        recorder.output(b"x" * size, 50.0)
        recorder.close()
        assert recorder.path
        os.utime(recorder.path, (moment.timestamp(), moment.timestamp()))
        return recorder.id

    @property
    def names(self) -> list[str]:
        return [one.id for one in RecordingsFolder(self.state).files()]


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def test_a_recording_is_its_owners_alone(disk: Disk) -> None:
    former = os.umask(0)
    try:
        recorder = disk.open()
    finally:
        os.umask(former)

    assert recorder.path
    assert stat.S_IMODE(recorder.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(recorder.path.parent.stat().st_mode) == 0o700
    assert recorder.path.name == f"20261123T090512Z-{recorder.id}.cast"
    recorder.close()


def test_what_happened_is_in_the_file(disk: Disk) -> None:
    recorder = disk.open()
    recorder.output(b"$ ", 51.0)
    recorder.marker("deny #4: rm -rf /", 52.0)
    recorder.resized(80, 24, 53.0)
    recorder.exited(3, 54.0)
    recorder.close()

    assert recorder.path
    assert events_in(recorder.path) == [
        (1.0, "o", "$ "), (2.0, "m", "deny #4: rm -rf /"), (3.0, "r", "80x24"), (4.0, "x", "3"),
    ]  # fmt: skip
    assert disk.told == []


def test_a_marker_is_on_disk_when_the_line_runs(disk: Disk) -> None:
    recorder = disk.open()
    recorder.output(b"$ rm", 51.0)
    recorder.marker("allow: rm", 51.1)

    assert recorder.path
    assert events_in(recorder.path) == [(1.0, "o", "$ rm"), (1.1, "m", "allow: rm")]
    recorder.close()


def test_a_loop_knows_when_there_is_something_to_write(disk: Disk) -> None:
    recorder = disk.open()
    assert recorder.due_at() is None
    recorder.output(b"x", 60.0)
    assert recorder.due_at() == 61.0
    recorder.flush_due(60.5)
    assert recorder.path
    assert events_in(recorder.path) == []
    recorder.flush_due(61.0)

    assert output_in(recorder.path.read_bytes()) == "x"
    assert recorder.due_at() is None
    recorder.close()


def test_output_is_written_as_it_comes_without_anybody_asking(disk: Disk) -> None:
    recorder = disk.open()
    for number in range(100):
        recorder.output(b"x" * 10_000, 60.0 + number / 1000)

    assert recorder.path
    assert len(output_in(recorder.path.read_bytes())) > 900_000
    recorder.close()


def test_a_closed_recorder_does_nothing(disk: Disk) -> None:
    recorder = disk.open()
    recorder.close()
    assert recorder.path
    before = recorder.path.read_bytes()
    recorder.output(b"x", 60.0)
    recorder.marker("deny", 60.0)
    recorder.resized(1, 1, 60.0)
    recorder.exited(0, 60.0)
    recorder.flush_due(99.0)
    recorder.close()

    assert recorder.path.read_bytes() == before
    assert not recorder.is_recording


def test_a_recorder_that_is_off_does_nothing() -> None:
    recorder = Recorder.off()
    recorder.output(b"x", 1.0)
    recorder.marker("deny", 1.0)
    recorder.close()

    assert (recorder.id, recorder.path, recorder.due_at(), recorder.is_recording) == ("", None, None, False)


def test_a_killed_process_leaves_a_readable_recording(disk: Disk) -> None:
    script = (
        "import os, signal, sys, time\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from safeshell.journal.recordings.folder import Limits\n"
        "from safeshell.journal.recordings.recorder import open_recording\n"
        "from tests.journal.recordings.test_recording import SESSION\n"
        "r = open_recording(Path(sys.argv[1]), Limits(), SESSION, now=datetime.now(UTC), at=0.0, told=print)\n"
        "for n in range(300): r.output(b'%d ' % n, n / 10)\n"
        "r.marker('deny: rm', 31.0)\n"
        "r.output(b'lost', 31.1)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, disk.state], check=False, cwd=Path(__file__).parents[3], timeout=30
    )
    (file,) = RecordingsFolder(disk.state).files()
    data = file.path.read_bytes()

    assert output_in(data) == "".join(f"{n} " for n in range(300))
    assert events_in(file.path)[-1] == (31.0, "m", "deny: rm")
    assert not is_being_written(file.path)


def test_a_disk_that_takes_no_more_ends_the_recording_with_one_sentence(disk: Disk) -> None:
    script = (
        "import resource, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from safeshell.journal.recordings.folder import Limits\n"
        "from safeshell.journal.recordings.recorder import open_recording\n"
        "from tests.journal.recordings.test_recording import SESSION\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "r = open_recording(Path(sys.argv[1]), Limits(), SESSION, now=datetime.now(UTC), at=0.0, told=print)\n"
        "for n in range(300): r.output(b'%06d ' % n * 1000, n)\n"
        "r.marker('deny: rm', 301.0)\n"
        "r.close()\n"
        "print(r.is_recording)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, disk.state],
        check=True, cwd=Path(__file__).parents[3], timeout=30, capture_output=True, text=True,
    )  # fmt: skip
    (file,) = RecordingsFolder(disk.state).files()

    said, still = done.stdout.splitlines()
    assert said == f"The recording of this session ends here: File too large ({file.path})."
    assert still == "False"
    assert len(output_in(file.path.read_bytes())) > 50_000, "what was written is whole lines"


def test_a_folder_that_cant_be_made_is_told_and_the_session_goes_on(disk: Disk) -> None:
    disk.state.write_text("a file where the folder should be")
    recorder = disk.open()
    recorder.output(b"x", 60.0)
    recorder.close()

    assert not recorder.is_recording
    assert len(disk.told) == 1
    assert disk.told[0].startswith("This session is not recorded: ")
    assert "\n" not in disk.told[0]


def test_a_recordings_folder_that_is_no_folder_is_told(disk: Disk) -> None:
    disk.state.mkdir()
    (disk.state / "recordings").write_text("")

    assert not disk.open().is_recording
    assert len(disk.told) == 1


def test_a_running_recording_is_known_as_such(disk: Disk) -> None:
    recorder = disk.open()

    assert recorder.path
    assert is_being_written(recorder.path)
    recorder.close()
    assert not is_being_written(recorder.path)


def test_children_do_not_hold_the_recording(disk: Disk) -> None:
    recorder = disk.open()
    child = subprocess.Popen(["sleep", "30"])
    try:
        recorder.close()

        assert recorder.path
        assert not is_being_written(recorder.path)
    finally:
        child.kill()
        child.wait()


def test_recordings_go_when_their_time_is_over(disk: Disk) -> None:
    disk.recorded(days_ago=31)
    kept = disk.recorded(days_ago=29)
    disk.open(limits=Limits(keep_for=timedelta(days=30))).close()

    assert disk.names[1:] == [kept]


def test_the_oldest_recordings_go_when_all_take_too_much(disk: Disk) -> None:
    names = [disk.recorded(days_ago=days, size=10_000) for days in (1, 2, 3, 4)]
    disk.open(limits=Limits(total_size=25_000)).close()

    assert disk.names[1:] == names[:2]


def test_a_recording_that_is_still_written_is_not_removed(disk: Disk) -> None:
    running = disk.open(now=NOW - timedelta(days=99))
    disk.open(now=NOW, limits=Limits(keep_for=timedelta(seconds=1), total_size=0)).close()

    assert running.id in disk.names
    running.close()


def test_other_files_in_the_folder_are_left_alone(disk: Disk) -> None:
    disk.recorded()
    folder = disk.state / "recordings"
    (folder / "talk.cast").write_text("mine")
    (folder / "20200101T000000Z-kkkkkk.cast").symlink_to(folder / "talk.cast")
    disk.open(limits=Limits(keep_for=timedelta(seconds=1), total_size=0)).close()

    assert (folder / "talk.cast").read_text() == "mine"
    assert (folder / "20200101T000000Z-kkkkkk.cast").is_symlink()


def test_fifty_sessions_at_once_have_a_recording_each(disk: Disk) -> None:
    recorders = [disk.open() for _ in range(50)]
    for number, recorder in enumerate(recorders):
        recorder.output(b"session %d" % number, 51.0)
    for recorder in recorders:
        recorder.close()

    assert len({recorder.id for recorder in recorders}) == 50
    said = {output_in(recorder.path.read_bytes()) for recorder in recorders if recorder.path}
    assert said == {f"session {number}" for number in range(50)}


def test_a_name_is_no_number_and_is_found_by_its_first_letters(disk: Disk) -> None:
    name = disk.recorded()

    assert not name[0].isdigit()
    assert RecordingsFolder(disk.state).find(name[:3]).id == name
