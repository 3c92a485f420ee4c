"""`safeshell log`: what is shown, found, followed and verified."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from safeshell.cli.main import run
from safeshell.guard.challenge import AnswerKind
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.verdict import VerdictKind
from safeshell.journal.recorder import JournalRecorder, NoteKind
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from tests.journal.entries import DONE, FLUSH, asked_flush, entry, session, tampering, write_lines

Log = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(home: Path) -> Path:
    """The state folder of this test's person."""
    return state_folder()


@pytest.fixture
def log(home: Path, capsys: pytest.CaptureFixture[str]) -> Log:
    """Runs `safeshell log …`; status, output, errors."""

    def call(*words: str) -> tuple[int, str, str]:
        try:
            status = run(["safeshell", "log", *words])
        except SystemExit as left:
            status = int(left.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.fixture
def busy_day(folder: Path) -> Path:
    """A journal with something of everything in it."""
    anna = JournalRecorder(JournalStore(folder), session())
    anna.complete(anna.begin(entry("GET cart:7")), DONE)
    anna.note(NoteKind.UNLOCKED, "10m: OPS-7")
    anna.complete(anna.begin(asked_flush()), DONE)
    anna.complete(
        anna.begin(asked_flush(AnswerKind.TIMED_OUT)), Outcome(OutcomeKind.REFUSED, AnswerKind.TIMED_OUT)
    )
    anna.close()
    bert = JournalRecorder(JournalStore(folder), session(user="root", sudo_user="bert", target="queue"))
    denied = entry("FLUSHALL", kind=VerdictKind.DENY, command=FLUSH, target="queue")
    bert.complete(bert.begin(denied), Outcome(OutcomeKind.REFUSED, "production is read-only"))
    bert.begin(entry("DEBUG SLEEP 1000", target="queue"))
    bert.close()
    return folder


def lines_of(output: str) -> list[str]:
    return [json.loads(row).get("line", "") for row in output.splitlines()]


def test_before_the_first_line_it_says_so(log: Log) -> None:
    status, out, err = log()

    assert (status, out) == (0, "")
    assert "Nothing has been journalled yet" in err


def test_the_table_shows_what_was_typed_and_what_came_of_it_newest_last(log: Log, busy_day: Path) -> None:
    status, out, _ = log()

    rows = out.splitlines()
    assert status == 0
    assert [row.split("  ")[-1] for row in rows if "OPS" not in row] == [
        "GET cart:7",
        "FLUSHALL",
        "DEBUG SLEEP 1000",
    ]
    for row, words in zip(
        rows,
        (
            "production cache done GET cart:7",
            "production cache unlocked 10m: OPS-7",
            "production cache done, asked FLUSHDB (OPS-7 the cache is poisoned)",
            "production cache no answer in time FLUSHDB (OPS-7 the cache is poisoned)",
            "production queue denied FLUSHALL",
            "production queue no outcome DEBUG SLEEP 1000",
        ),
        strict=True,
    ):
        assert " ".join(row.split()[3:]) == words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--target", "queue"], ["FLUSHALL", "DEBUG SLEEP 1000"]),
        (["--target", "que"], []),
        (["--environment", "staging"], []),
        (["--verdict", "deny"], ["FLUSHALL"]),
        (["--verdict", "confirm"], ["FLUSHDB", "FLUSHDB"]),
        (["--user", "bert"], ["FLUSHALL", "DEBUG SLEEP 1000"]),
        (["--user", "anna", "--grep", "CART"], ["GET cart:7"]),
        (["--grep", "poisoned"], ["FLUSHDB", "FLUSHDB"]),
        (["--grep", "read-only"], ["FLUSHALL"]),
        (["--session", "10"], ["FLUSHALL", "DEBUG SLEEP 1000"]),
        (["--session", "99"], []),
        (["--limit", "2"], ["FLUSHALL", "DEBUG SLEEP 1000"]),
        (["--since", "1h", "--target", "queue"], ["FLUSHALL", "DEBUG SLEEP 1000"]),
        (["--until", "1h"], []),
        (["--since", "today", "--until", "today", "--verdict", "deny"], ["FLUSHALL"]),
        (["--until", "yesterday"], []),
    ],
)
def test_filters_find_what_they_name(log: Log, busy_day: Path, words: list[str], found: list[str]) -> None:
    status, out, _ = log("--json", *words)

    assert status == 0
    assert lines_of(out) == found


def test_the_global_environment_filters_too(
    log: Log, busy_day: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["safeshell", "--environment", "staging", "log", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_json_tells_everything(log: Log, busy_day: Path) -> None:
    _, out, _ = log("--json")

    found = [json.loads(row) for row in out.splitlines()]
    asked, denied, killed = found[2], found[4], found[5]
    assert [record["kind"] for record in found] == ["line", "note", *["line"] * 4]
    assert asked["answer"] == "confirmed"
    assert asked["reason"] == "OPS-7 the cache is poisoned"
    assert asked["impact"]["count"] == 48211
    assert asked["effects"] == [
        {"kind": "delete", "extent": "everything", "object": "db 0", "reversible": False}
    ]
    assert asked["outcome"] == "done"
    assert asked["duration"] > 0
    assert denied["verdict"] == "deny"
    assert (denied["user"], denied["sudo_user"], denied["host"]) == ("root", "bert", "laptop")
    assert killed["outcome"] is None


def test_json_of_stray_bytes_is_valid_and_tells_the_exact_line(log: Log, folder: Path) -> None:
    raw = b"SET \xff\x00 \x1b]0;owned\x07"
    write_lines(folder, raw.decode("utf-8", "surrogateescape"))

    _, out, _ = log("--json")

    assert "\\ud" not in out
    found = json.loads(out)
    assert found["line"] == "SET \\xff\x00 \x1b]0;owned\x07"
    assert base64.b64decode(found["line_base64"]) == raw


def test_escape_sequences_never_reach_the_screen(log: Log, folder: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e\r\n"
    write_lines(folder, f"GET {evil}", target=evil, user=evil)

    _, table, _ = log()
    _, shown, _ = log("show", "2")

    for text in (table, shown):
        assert not set(text) & set("\x1b\x07\u202e\r")
    assert len(table.splitlines()) == 1


def test_the_newest_fifty_are_shown_and_that_there_are_more(log: Log, folder: Path) -> None:
    write_lines(folder, *(f"GET {n}" for n in range(60)))

    _, out, err = log()
    _, everything, quiet = log("--limit", "0")

    assert [row.split()[-1] for row in out.splitlines()] == [str(n) for n in range(10, 60)]
    assert "newest 50" in err
    assert len(everything.splitlines()) == 60
    assert quiet == ""


def test_show_tells_everything_of_one_line(log: Log, busy_day: Path) -> None:
    status, out, _ = log("show", "5")

    assert status == 0
    for words in (
        "FLUSHDB",
        "anna at laptop /dev/pts/3",
        "confirm, severity critical",
        "delete · everything · db 0 (can't be put back)",
        "every key of db 0 is deleted (redis.flush)",
        "48,211 keys in db 0",
        "target+impact: confirmed",
        "OPS-7 the cache is poisoned",
        "done after",
    ):
        assert words in out


def test_a_line_whose_session_was_killed_says_so(log: Log, busy_day: Path) -> None:
    _, out, _ = log("--json", "--grep", "DEBUG")
    number = json.loads(out)["id"]

    _, shown, _ = log("show", str(number))

    assert "no outcome recorded" in shown


@pytest.mark.parametrize(
    "words", [["show", "999"], ["show", "x"], ["--since", "soon"], ["--verdict", "maybe"]]
)
def test_wrong_words_are_a_usage_error(log: Log, busy_day: Path, words: list[str]) -> None:
    status, out, err = log(*words)

    assert (status, out) == (2, "")
    assert err.startswith("safeshell: ")


def test_verify_says_that_a_journal_is_whole(log: Log, busy_day: Path) -> None:
    status, out, _ = log("verify")
    as_json = json.loads(log("verify", "--json")[1])

    assert status == 0
    assert out.startswith("The journal is whole: 14 events.")
    assert as_json["whole"] is True
    assert as_json["hash"] in out


def test_verify_says_where_a_journal_is_broken_and_what_that_means(log: Log, busy_day: Path) -> None:
    with tampering(busy_day) as connection:
        connection.execute("UPDATE events SET body = replace(body, 'FLUSHALL', 'GET') WHERE kind = 'line'")

    status, out, _ = log("verify")

    assert status == 1
    assert out.startswith(
        "The journal is broken at event 11: it does not fit its hash and the event before.\n"
    )
    assert "This event was changed" in out


def test_a_tampered_journal_is_still_shown(log: Log, busy_day: Path) -> None:
    with tampering(busy_day) as connection:
        connection.execute("UPDATE events SET body = '[[', session = 77 WHERE seq IN (1, 2, 3)")
        connection.execute("UPDATE events SET at = -9223372036854775808 WHERE seq = 5")
        connection.execute("UPDATE events SET at = 9223372036854775806 WHERE seq = 7")

    assert log()[0] == 0
    assert log("--json")[0] == 0
    assert log("show", "2")[0] == 0


def test_a_file_that_is_no_journal_is_told(log: Log, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "journal.db").write_bytes(b"dear diary\n" * 500)

    status, _, err = log()

    assert status == 70
    assert "no journal" in err
    assert log("verify")[0] == 1


def test_reading_needs_no_more_than_reading(log: Log, busy_day: Path) -> None:
    before = (busy_day / "journal.db").read_bytes()

    log()
    log("verify")

    assert (busy_day / "journal.db").read_bytes() == before


def test_a_reader_who_leaves_early_is_no_error(folder: Path) -> None:
    write_lines(folder, *(f"SET k:{n} {'x' * 900}" for n in range(300)))
    program = f"{sys.executable} -m safeshell log --limit 0"

    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {program} | head -1"], capture_output=True, text=True, check=False,
        timeout=30,
    )  # fmt: skip

    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert done.returncode == 0


def test_follow_shows_what_happens_until_interrupted(folder: Path) -> None:
    write_lines(folder, "GET before")
    following = subprocess.Popen(
        [sys.executable, "-m", "safeshell", "log", "-f", "--json", "--target", "cache"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["line"] == "GET before"
        write_lines(folder, "GET elsewhere", target="queue")
        recorder = JournalRecorder(JournalStore(folder), session())
        number = recorder.begin(entry("DEBUG SLEEP 9"))
        running = json.loads(following.stdout.readline())
        recorder.complete(number, DONE)
        ended = json.loads(following.stdout.readline())
        recorder.close()
        following.send_signal(signal.SIGINT)
        out, err = following.communicate(timeout=20)
    finally:
        following.kill()
        following.wait()

    assert running["line"] == ended["line"] == "DEBUG SLEEP 9"
    assert (running["outcome"], ended["outcome"]) == (None, "done")
    assert (following.returncode, out, err) == (0, "", "")


def test_follow_waits_for_a_journal_that_has_not_begun(home: Path, folder: Path) -> None:
    following = subprocess.Popen(
        [sys.executable, "-m", "safeshell", "log", "-f", "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert following.stdout is not None
        write_lines(folder, "PING")
        assert json.loads(following.stdout.readline())["line"] == "PING"
    finally:
        following.kill()
        following.communicate()


@pytest.mark.parametrize("columns", [80, 140])
def test_on_a_terminal_the_environment_is_a_word_and_nothing_is_wider_than_it(
    busy_day: Path, columns: int
) -> None:
    write_lines(busy_day, "SET k " + "很长的值" * 100)
    screen = pexpect.spawn(
        sys.executable,
        ["-m", "safeshell", "log"],
        dimensions=(50, columns),
        env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        encoding="utf-8",
        timeout=20,
    )
    screen.expect(pexpect.EOF)
    screen.close()
    out = screen.before or ""

    import pyte

    display = pyte.Screen(columns, 50)
    pyte.Stream(display).feed(out)
    rows = [row.rstrip() for row in display.display if row.strip()]

    assert "▲ PRODUCTION" in out
    assert "\x1b[" in out
    assert len(rows) == len(out.splitlines()), "a row was wrapped"


def test_a_broken_configuration_hides_no_journal(log: Log, home: Path, busy_day: Path) -> None:
    (home / ".config" / "safeshell").mkdir(parents=True)
    (home / ".config" / "safeshell" / "config.toml").write_text("version = 1\nno such thing")

    status, out, err = log("--verdict", "deny")

    assert status == 0
    assert "FLUSHALL" in out
    assert "safeshell config check" in err


def test_the_journal_is_read_where_the_configuration_says(log: Log, home: Path, tmp_path: Path) -> None:
    (home / ".config" / "safeshell").mkdir(parents=True)
    (home / ".config" / "safeshell" / "config.toml").write_text(
        f'version = 1\n[state]\nfolder = "{tmp_path}/records"\n'
    )
    write_lines(tmp_path / "records", "GET a")

    _, out, _ = log("--json")

    assert lines_of(out) == ["GET a"]
