"""A line that would load a broken file does not run; nothing but regular files is opened for that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safeshell.guard.reading import Reading
from safeshell.shell.context import ShellContext
from safeshell.shell.preflight import files
from safeshell.shell.preflight.files import checked
from tests.shell.readings import read

BAD = "a: [1\nb: 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "good.yaml").write_text("a: 1\n")
    (tmp_path / "bad.json").write_text('{"a": 1,}')
    (tmp_path / "tabs").write_text("60 * * * * ls\n")
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "one.yaml").write_text("a: 1\n")
    (tmp_path / "all" / "two.yml").write_text(BAD)
    (tmp_path / "all" / "read.me").write_text(BAD)
    return tmp_path


def looked_at(line: str, folder: Path, home: str = "") -> Reading:
    return checked(read(line, ShellContext(cwd=str(folder), home=home)))


def told(line: str, folder: Path) -> list[str]:
    """What is said of the files, the folder left out."""
    found = looked_at(line, folder).refused
    assert all(finding.rule == "preflight.broken-file" for finding in found)
    return [finding.reason.replace(f"{folder}/", "").partition(": ")[0] for finding in found]


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("kubectl apply -f bad.yaml", ["bad.yaml:2:2"]),
        ("kubectl apply --filename=bad.yaml", ["bad.yaml:2:2"]),
        ("kubectl apply -fbad.yaml", ["bad.yaml:2:2"]),
        ("kubectl --context prod -n web apply -f bad.yaml", ["bad.yaml:2:2"]),
        ("sudo kubectl apply -f bad.yaml", ["bad.yaml:2:2"]),
        ("bash -c 'kubectl apply -f bad.yaml'", ["bad.yaml:2:2"]),
        ("kubectl apply -f good.yaml -f bad.yaml -f bad.json", ["bad.yaml:2:2", "bad.json:1:9"]),
        ("kubectl apply -f all", ["all/two.yml:2:2"]),
        ("kubectl apply -f all/", ["all/two.yml:2:2"]),
        ("kubectl apply -f 'bad'.yaml", ["bad.yaml:2:2"]),
        ("F=bad.yaml; kubectl apply -f $F", ["bad.yaml:2:2"]),
        ("cd all && kubectl apply -f two.yml", ["all/two.yml:2:2"]),
        ("cd all && kubectl apply -f ../bad.yaml", ["all/../bad.yaml:2:2"]),
        ("helm upgrade x chart -f bad.yaml", ["bad.yaml:2:2"]),
        ("docker compose -f bad.yaml up -d", ["bad.yaml:2:2"]),
        ("docker-compose -f bad.yaml up", ["bad.yaml:2:2"]),
        ("ansible-playbook bad.yaml", ["bad.yaml:2:2"]),
        ("crontab tabs", ["tabs:1:1"]),
        ("crontab -u web tabs", ["tabs:1:1"]),
        ("kubectl apply -f good.yaml", []),
        ("kubectl get -f bad.yaml", []),
        ("cat bad.yaml", []),
        ("kubectl apply -f gone.yaml", []),
        ("kubectl apply -f -", []),
        ("kubectl apply -f https://example.com/bad.yaml", []),
        ("kubectl apply -f $X", []),
        ("kubectl apply -f", []),
        ("crontab -l", []),
        ("crontab -", []),
        ("ssh web kubectl apply -f bad.yaml", []),
        ("docker exec web kubectl apply -f bad.yaml", []),
        ("kubectl exec p -- crontab tabs", []),
        ("cd $X && kubectl apply -f bad.yaml", []),
        ("cd gone; kubectl apply -f bad.yaml", []),
        ("echo kubectl apply -f bad.yaml", []),
    ],
)
def test_a_broken_file_is_told_by_its_place(line: str, places: list[str], folder: Path) -> None:
    assert told(line, folder) == places


def test_an_absolute_path_and_one_in_the_home_directory(folder: Path) -> None:
    assert told(f"kubectl apply -f {folder}/bad.yaml", Path("/")) == [f"{folder}/bad.yaml:2:2"]
    (finding,) = looked_at("kubectl apply -f ~/bad.yaml", Path("/"), home=str(folder)).refused
    assert finding.reason.startswith(f"{folder}/bad.yaml:2:2: not well-formed yaml")


def test_a_finding_points_at_the_command_and_says_what_to_do(folder: Path) -> None:
    line = "ls && kubectl apply -f bad.yaml"
    (finding,) = looked_at(line, folder).refused

    assert line[slice(*finding.span)] == "kubectl apply -f bad.yaml"
    assert "mend the file" in finding.instead
    (finding,) = looked_at("crontab tabs", folder).refused
    assert "crontab -T" in finding.instead


def test_a_byte_order_mark_is_no_mistake(folder: Path) -> None:
    (folder / "marked.json").write_bytes(b"\xef\xbb\xbf{}")

    assert told("kubectl apply -f marked.json", folder) == []


def test_bytes_that_are_no_text_are_told_and_do_not_break_the_guard(folder: Path) -> None:
    (folder / "bytes.yaml").write_bytes(b"a: \xff\xfe\n\x00\x01")

    assert len(told("kubectl apply -f bytes.yaml", folder)) == 1


def test_a_named_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")

    assert told("kubectl apply -f pipe.yaml", folder) == []


def test_devices_and_standard_input_are_not_read(folder: Path) -> None:
    for path in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/dev/zero", "/dev/tty", "/dev/random"):
        assert told(f"kubectl apply -f {path}", folder) == []


def test_a_huge_file_is_let_through_unseen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_SIZE", 5)

    assert told("kubectl apply -f bad.yaml", folder) == []


def test_a_file_that_may_not_be_read_is_the_programs_to_tell(folder: Path) -> None:
    (folder / "loop.yaml").symlink_to("loop.yaml")

    assert told("kubectl apply -f loop.yaml", folder) == []
    assert told(f"kubectl apply -f {'x' * 5000}.yaml", folder) == []
    assert told("kubectl apply -f $'a\\x01.yaml'", folder) == []


def test_a_link_to_a_broken_file_is_followed(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("bad.yaml")

    assert told("kubectl apply -f link.yaml", folder) == ["link.yaml:2:2"]


def test_a_file_name_with_escape_sequences_is_shown_harmless(folder: Path) -> None:
    (folder / "\x1b[31m.yaml").write_text(BAD)
    (finding,) = looked_at("kubectl apply -f $'\\e[31m.yaml'", folder).refused

    assert "\x1b" not in finding.reason


def test_a_working_directory_that_is_not_known_is_not_this_process_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)

    assert checked(read("kubectl apply -f bad.yaml")).refused == ()


def test_without_files_a_reading_stays_as_it_is() -> None:
    reading = read("ls")

    assert checked(reading) is reading
