"""Which units are stopped with another, from unit files as administrators write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.shell.impact.deadline import Deadline, OutOfTime
from safeshell.shell.impact.units import FOLDERS, Units


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """An administrator's folder before the one of the packages."""
    own, packaged = tmp_path / "etc", tmp_path / "lib"
    for folder in (own, packaged):
        folder.mkdir()
    (packaged / "postgresql.service").write_text("[Unit]\nDescription=db\n[Service]\nRequires=not-here\n")
    (packaged / "shop.service").write_text("[Unit]\nRequires=postgresql.service \\\n  redis.service\n")
    (packaged / "report.service").write_text("[Unit]\nBindsTo = shop.service\n")
    (packaged / "wanting.service").write_text("[Unit]\nWants=postgresql.service\nAfter=postgresql.service\n")
    (packaged / "redis-server.service").write_text("[Unit]\n")
    (own / "redis.service").symlink_to(packaged / "redis-server.service")
    return [own, packaged]


def stopped(folders: list[Path], unit: str) -> tuple[str, ...]:
    return Units(folders, Deadline(10)).stopped_with(unit)


@pytest.mark.parametrize("unit", ["postgresql", "postgresql.service"])
def test_what_requires_a_unit_is_stopped_with_it_and_so_on(folders: list[Path], unit: str) -> None:
    assert stopped(folders, unit) == ("report.service", "shop.service")


@pytest.mark.parametrize("unit", ["redis", "redis-server"])
def test_a_unit_has_all_of_its_names(folders: list[Path], unit: str) -> None:
    assert stopped(folders, unit) == ("report.service", "shop.service")


def test_a_units_own_file_replaces_the_packages_and_drop_ins_add_to_it(folders: list[Path]) -> None:
    own = folders[0]
    (own / "shop.service").write_text("[Unit]\n# Requires=postgresql.service\n")
    (own / "wanting.service.d").mkdir()
    (own / "wanting.service.d" / "10-own.conf").write_text("[Unit]\nPartOf=postgresql.service\n")
    (own / "mail.service.requires").mkdir()
    (own / "mail.service.requires" / "postgresql.service").symlink_to("/dev/null")

    assert stopped(folders, "postgresql") == ("mail.service", "wanting.service")


def test_units_that_need_each_other_are_no_endless_search(folders: list[Path]) -> None:
    (folders[0] / "a.service").write_text("[Unit]\nRequires=b.service\n")
    (folders[0] / "b.service").write_text("[Unit]\nRequires=a.service\n")

    assert stopped(folders, "a") == ("b.service",)


def test_files_that_are_no_unit_files_say_nothing(folders: list[Path]) -> None:
    (folders[0] / "huge.service").write_text("[Unit]\nRequires=redis.service\n" + "#\n" * 100_000)
    (folders[0] / "bytes.service").write_bytes(b"[Unit]\nRequires=\xff\xfe postgresql.service\n")
    (folders[0] / "folder.service").mkdir()

    assert stopped(folders, "redis") == ("report.service", "shop.service")
    assert "bytes.service" in stopped(folders, "postgresql")


def test_looking_ends_in_time(folders: list[Path]) -> None:
    with pytest.raises(OutOfTime):
        Units(folders, Deadline(0))


def test_this_machines_units_can_be_read() -> None:
    assert Units(FOLDERS, Deadline(10)).stopped_with("no-such-unit") == ()
