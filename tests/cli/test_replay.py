"""`safeshell replay` as a person and a script use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safeshell.guard.mode import Mode
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.recordings.folder import Limits
from safeshell.journal.recordings.labels import verdict_label
from safeshell.journal.recordings.recorder import Recorder, open_recording
from safeshell.journal.recordings.session import RecordedSession
from safeshell.journal.session import Person as Account
from safeshell.journal.session import SessionStart
from safeshell.journal.store import JournalStore
from tests.journal.entries import DONE, entry
from tests.person import Person

ROOT = Path(__file__).parents[2]
BEGAN = datetime(2026, 11, 23, 9, 5, 12, tzinfo=UTC)


class Machine:
    """A person's account, and what was recorded on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state = home / ".local" / "state" / "safeshell"
        self.folder = self.state / "recordings"

    def runs(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "safeshell", "replay", *words],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
            check=False,
            env={**os.environ, "TZ": "UTC", **variables, "PYTHONPATH": str(ROOT)},
        )

    def says(self, *words: str) -> str:
        done = self.runs(*words)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def open(self, *, target: str = "web-1", days: float = 0) -> Recorder:
        session = RecordedSession("shell", target, "production", "read-only", 80, 24, user="anna")
        now = BEGAN + timedelta(days=days)
        return open_recording(
            self.state, Limits(keep_for=timedelta(days=99999)), session, now=now, at=0.0, told=self.surprised
        )

    def recorded(self, *, target: str = "web-1", days: float = 0) -> str:
        recorder = self.open(target=target, days=days)
        recorder.output(b"\x1b]0;web\x07$ \x1b[1mrm\x1b[0m -rf /srv\r\n", 1.0)
        recorder.marker("deny #4: rm -rf /srv (everything below /srv is deleted)", 2.0)
        recorder.output(f"not run on {target}\r\n$ ".encode(), 3.0)
        recorder.marker("allow #5: df", 64.0)
        recorder.output(b"df\r\nDisk FULL \x1b[c\r\n", 65.0)
        recorder.exited(0, 750.0)
        recorder.close()
        return recorder.id

    def surprised(self, said: str) -> None:
        raise AssertionError(said)


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    yield Machine(home)


def test_nothing_recorded_is_said(machine: Machine) -> None:
    assert machine.says("--list") == "Nothing is recorded.\n"
    done = machine.runs()
    assert done.returncode == 2
    assert "nothing is recorded" in done.stderr
    assert not machine.folder.exists()


def test_the_list_is_newest_first_with_what_one_looks_for(machine: Machine) -> None:
    first = machine.recorded()
    second = machine.recorded(target="db-2", days=1)
    rows = machine.says("--list").splitlines()

    assert [row.split()[0] for row in rows] == [second, first]
    assert "2026-11-23 09:05" in rows[1]
    assert "12m30s" in rows[1]
    assert "2 verdicts" in rows[1]
    assert " B" in rows[1]
    assert rows[1].endswith("shell  web-1 (production)")


def test_what_still_runs_or_was_cut_off_is_marked_in_the_list(machine: Machine) -> None:
    running = machine.open()
    assert machine.says("--list").rstrip().endswith(", still running")
    running.marker("deny: rm", 30.0)
    assert "1 verdict " in machine.says("--list")
    os.close(running._descriptor)  # as a kill does it

    assert machine.says("--list").rstrip().endswith(", cut off")


def test_a_damaged_file_is_said_in_its_place_in_the_list(machine: Machine) -> None:
    good, bad = machine.recorded(), machine.recorded()
    next(machine.folder.glob(f"*{bad}.cast")).write_text("oh")
    said = machine.says("--list")

    assert f"{bad}  this is no recording" in said
    assert "web-1" in said and good in said


def test_markers_are_listed_with_their_times(machine: Machine) -> None:
    name = machine.recorded()

    assert machine.says(name, "--markers").splitlines() == [
        "   0:02.0  deny #4: rm -rf /srv (everything below /srv is deleted)",
        "   1:04.0  allow #5: df",
    ]
    assert machine.says("--markers") == machine.says(name[:4], "--markers"), (
        "the last one, and by its first letters"
    )


def test_output_is_searched_as_it_was_read(machine: Machine) -> None:
    name = machine.recorded()

    assert machine.says(name, "--search", "$ RM -rf") == "   0:01.0  $ rm -rf /srv\n"
    assert machine.says(name, "--search", "disk full") == "   1:05.0  Disk FULL\n"


def test_a_search_without_a_name_looks_in_all(machine: Machine) -> None:
    first = machine.recorded()
    second = machine.recorded(target="db-2", days=1)
    rows = machine.says("--search", "not run on").splitlines()

    assert rows[0].startswith(second)
    assert rows[1] == "   0:03.0  not run on db-2"
    assert rows[3].startswith(first)
    assert rows[4] == "   0:03.0  not run on web-1"


def test_a_search_that_finds_nothing_has_status_1(machine: Machine) -> None:
    name = machine.recorded()

    assert machine.runs("--search", "nowhere").returncode == 1
    assert machine.runs(name, "--search", "nowhere").returncode == 1


def test_all_output_at_once_without_what_could_do_harm(machine: Machine) -> None:
    name = machine.recorded()

    assert machine.says(name, "--cat") == (
        "$ \x1b[1mrm\x1b[0m -rf /srv\r\nnot run on web-1\r\n$ df\r\nDisk FULL \r\n".replace("\r\n", "\n")
    )
    assert machine.says(name, "--cat", "--from", "1:04").startswith("df")


def test_older_players_get_the_older_form(machine: Machine) -> None:
    name = machine.recorded()
    header, *events = [json.loads(line) for line in machine.says(name, "--v2").splitlines()]

    assert (header["version"], header["width"]) == (2, 80)
    assert events[-1] == [750.0, "x", "0"]


def test_any_file_can_be_named(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "talk.cast"
    file.write_text(
        '{"version": 2, "width": 80, "height": 24}\n[1.5, "o", "hello\\r\\n"]\n[2, "m", ""]\nnonsense\n'
    )
    done = machine.runs("talk.cast", "--markers")

    assert done.stdout == "   0:02.0\n"
    assert done.stderr == "Left out as unreadable: 1 line of talk.cast.\n"
    assert machine.runs("./gone.cast", "--cat").returncode == 70
    assert machine.runs(str(ROOT / "pyproject.toml"), "--cat").returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["zzz9"], "there is no recording 'zzz9'"),
        (["17"], "the journal has no line 17"),
        (["--markers", "--cat"], "not allowed with"),
        (["--speed", "0"], "is no speed"),
        (["--speed", "nan"], "is no speed"),
        (["--idle-limit", "-1"], "is no number of seconds"),
        (["--from", "nowhere", "--cat"], "is no time"),
        (["--cat", "--from", "#99"], "is no time"),
        ([], "the output is none"),
    ],
)
def test_what_does_not_fit_is_told(words: list[str], said: str, machine: Machine) -> None:
    machine.recorded()
    done = machine.runs(*words)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_name_that_several_begin_with_is_told(machine: Machine) -> None:
    names = [machine.recorded() for _ in range(2)]
    paths = [next(machine.folder.glob(f"*{name}.cast")) for name in names]
    for place, path in enumerate(paths):
        path.rename(path.with_name(path.name[:-11] + f"kkkkk{place + 2}.cast"))
    done = machine.runs("kkk", "--markers")

    assert done.returncode == 2
    assert "2 recordings begin with 'kkk'" in done.stderr


def test_a_broken_configuration_does_not_hide_what_was_recorded(machine: Machine) -> None:
    name = machine.recorded()
    config = machine.home / ".config" / "safeshell" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("version = 7\n")
    done = machine.runs("--list")

    assert done.returncode == 0
    assert name in done.stdout
    assert "does not validate" in done.stderr


def journalled(machine: Machine, recorder: Recorder | None) -> int:
    """A denied line in the journal, of a session that is recorded; its number."""
    start = SessionStart(
        "shell", "web-1", "production", Mode.GUARDED, "", Account("anna", "", "laptop", 1, ""),
        recording=recorder.id if recorder else "",
    )  # fmt: skip
    journal = JournalRecorder(JournalStore(machine.state), start)
    said = entry("rm -rf /srv")
    number = journal.begin(said)
    journal.complete(number, DONE)
    if recorder:
        recorder.output(b"before", 1.0)
        recorder.marker(verdict_label(said.verdict, number), 60.0)
        recorder.output(b"after", 61.0)
        recorder.close()
    journal.close()
    return int(number)


def test_a_line_of_the_journal_leads_to_its_place_in_the_recording(machine: Machine) -> None:
    recorder = machine.open()
    number = journalled(machine, recorder)
    shown = subprocess.run(
        [sys.executable, "-m", "safeshell", "log", "show", str(number)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout  # fmt: skip

    assert f"safeshell replay {recorder.id} --from '#{number}'" in shown
    assert machine.says(recorder.id, "--cat", "--from", f"#{number}") == "after"
    assert machine.says(str(number), "--cat") == "after"


def test_a_line_of_a_session_that_was_not_recorded_is_told(machine: Machine) -> None:
    number = journalled(machine, None)
    done = machine.runs(str(number))

    assert done.returncode == 2
    assert f"line {number} was not recorded" in done.stderr


def at_terminal(machine: Machine, *words: str) -> Person:
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return Person(sys.executable, "-m", "safeshell", "replay", *words, environ=environ, rows=30)


def test_it_is_played_in_the_terminal(machine: Machine) -> None:
    name = machine.recorded()
    with at_terminal(machine, name, "--speed", "4", "--idle-limit", "1") as person:
        person.sees("not run on web-1")
        person.sees("Disk FULL")
        assert person.ended() == 0
        assert b"\x1b[c" not in person.output


def test_it_begins_at_a_verdict_and_leads_to_the_next(machine: Machine) -> None:
    machine.recorded()
    with at_terminal(machine, "--from", "deny", "--idle-limit", "0") as person:
        person.sees("rm -rf /srv")
        person.press("]")
        person.sees("allow #5: df")
        person.press("q")
        assert person.ended() == 0


def test_a_terminal_without_escape_sequences_is_told(machine: Machine) -> None:
    machine.recorded()
    environ = {**os.environ, "TERM": "dumb", "PYTHONPATH": str(ROOT)}
    with Person(sys.executable, "-m", "safeshell", "replay", environ=environ) as person:
        person.sees("the output is none")
        assert person.ended() == 2


def test_help_has_examples_and_the_keys(machine: Machine) -> None:
    said = machine.says("--help")

    assert "safeshell replay --list" in said
    assert "space  pause" in said
    assert "exit status" in said
