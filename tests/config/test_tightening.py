"""A project's file may only tighten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from safeshell.config.matching import find_local, find_redis
from safeshell.guard.effects import Severity
from safeshell.guard.environment import ChallengeKind
from safeshell.guard.mode import Mode
from tests.config.conftest import Machine

USER = """
[environments.production]
review = ["critical"]
unlock = { max = "30m", reason = true }
window = { days = "mon-thu", hours = "09:00-15:30", timezone = "Europe/Berlin", outside = "deny" }

[environments.payments]
mode = "read-only"

[targets.cache]
environment = "production"
redis = "cache.prod:6379"
floors = { "*" = 100 }

[targets.queue]
environment = "staging"
redis = "queue.staging:6379"
"""


WINDOW = (
    "environments.production.window = {{ days = '{days}', hours = '{hours}', "
    "timezone = 'Europe/Berlin', outside = 'deny' }}"
)


@pytest.mark.parametrize(
    ("said", "line", "words"),
    [
        ("environments.production.mode = 'guarded'", 1, '"guarded" is looser than "read-only"'),
        ("environments.production.challenge.high = 'yes'", 1, '"yes" asks less than "target"'),
        ("environments.production.unlock.max = '1h'", 1, "longer than 30m"),
        ("environments.production.unlock.reason = false", 1, "wants a reason"),
        ("environments.production.undo = false", 1, "keeps what is destroyed"),
        ("environments.production.journal_required = false", 1, "wants a journal"),
        ("environments.production.color = 'green'", 1, "has its colour already"),
        (WINDOW.format(days="mon-fri", hours="09:00-15:30"), 1, "allows more than mon-thu"),
        (WINDOW.format(days="mon", hours="08:59-15:30"), 1, "allows more than mon-thu"),
        ("environments.production.window = { days = 'mon', timezone = 'UTC', outside = 'deny' }", 1, "time zone"),
        ("environments.production.window = { days = 'mon', hours = '10:00-11:00', timezone = 'Europe/Berlin' }", 1,
         'outside = "deny"'),
        ("[environments.mine]\nmode = 'open'", 2, "looser"),
        ("[environments.unlabelled]\nchallenge.critical = 'yes'", 2, "asks less"),
        ("[environments.payments]\nmode = 'guarded'", 2, "looser"),
        ("[targets.cache]\nenvironment = 'staging'", 2, "staging is looser than production"),
        ("[targets.cache]\nenvironment = 'development'", 2, "development is looser than production"),
        ("[targets.queue]\nenvironment = 'development'", 2, "looser than staging"),
        ("[targets.cache]\nredis = 'elsewhere:6379'", 2, "stands in another config file"),
        ("[targets.cache]\npassword_env = 'X'", 2, "stands in another config file"),
        ("[targets.cache]\nfloors = { '*' = 99 }", 2, "below 100"),
        ("[targets.new]\nenvironment = 'production'\npassword_command = 'touch x'", 3, "would run or read"),
        ("[targets.new]\nenvironment = 'production'\npassword_file = '/etc/passwd'", 3, "would run or read"),
        ("[targets.new]\nenvironment = 'production'\nreadonly = { username = 'x', password_command = 'y' }", 3,
         "would run or read"),
        ("[undo]\nmax_size = '1KiB'", 1, "no business of a project's file"),
        ("[recording]\nenvironments = []", 1, "no business of a project's file"),
        ("[state]\nfolder = '/tmp/x'", 1, "no business"),
        ("[redis]\npager = true", 1, "no business"),
        ("ask.timeout = '1d'", 1, "no business"),
        ("impact.budget = '1ms'", 1, "no business"),
        ("theme.colors = 'none'", 1, "no business"),
    ],
)  # fmt: skip
def test_loosening_is_a_mistake_that_is_told_where_it_stands(
    machine: Machine, said: str, line: int, words: str
) -> None:
    told = machine.mistake(USER, project=said + "\n")

    assert (told.file, told.line) == (str(machine.project), line)
    assert words in told.message


def test_tightening_holds(machine: Machine) -> None:
    settings = machine.load(
        USER,
        project="""
        [environments.staging]
        mode = "read-only"
        challenge = { high = "target", medium = "yes" }
        window = { days = "mon" }
        [environments.production]
        review = ["high"]
        unlock.max = "10m"
        window = { days = "tue-wed", hours = "10:00-15:30", timezone = "Europe/Berlin", outside = "deny" }
        [environments.strict]
        mode = "read-only"
        color = "pink"
        [targets.queue]
        environment = "production"
        [targets.cache]
        floors = { "*" = 200, "cart:*" = 5 }
        [[rules]]
        id = "mine"
        command = "x"
        effect.kind = "stop"
        reason = "stops"
        """,
    ).settings

    staging, production = settings.environments["staging"], settings.environments["production"]
    assert staging.mode is Mode.READ_ONLY
    assert staging.challenge[Severity.HIGH] is ChallengeKind.TARGET
    assert staging.window is not None
    assert production.review == {Severity.HIGH, Severity.CRITICAL}
    assert production.unlock.max == timedelta(minutes=10)
    assert production.unlock.reason
    assert production.window is not None
    assert production.window.text == "tue-wed 10:00-15:30 Europe/Berlin"
    assert settings.environments["strict"].mode is Mode.READ_ONLY
    assert settings.targets["queue"].environment == "production"
    assert settings.targets["queue"].redis[0].host == "queue.staging"
    assert settings.targets["cache"].floors == {"*": 200, "cart:*": 5}
    assert [rule.id for rule in settings.rules] == ["mine"]


def test_an_open_target_over_a_production_host_does_not_loosen_it(machine: Machine) -> None:
    settings = machine.load(
        USER, project="[targets.mine]\nenvironment = 'development'\nredis = ['cache.prod:6379', '*']\n"
    ).settings

    match = find_redis(settings, host="cache.prod", port=6379)
    assert (match.name, match.environment.name) == ("cache", "production")


def test_what_nobody_has_labelled_stays_unlabelled_and_it_is_said(machine: Machine) -> None:
    loaded = machine.load(
        USER,
        project="\n[targets.mine]\nenvironment = 'development'\nredis = 'localhost:6379'\nlocal = true\n",
    )

    assert find_redis(loaded.settings, host="127.0.0.1", port=6379).environment.name == "unlabelled"
    assert find_local(loaded.settings).environment.name == "unlabelled"
    (warning,) = loaded.warnings
    assert warning.startswith(f"{machine.project}:3: mine is taken as unlabelled")


def test_a_project_may_add_production(machine: Machine) -> None:
    loaded = machine.load(
        project="[targets.shop]\nenvironment = 'production'\nredis = 'shop:6379'\npassword_env = 'SHOP'\n"
    )

    match = find_redis(loaded.settings, host="shop", port=6379)
    assert (match.name, match.environment.name) == ("shop", "production")
    assert loaded.warnings == ()


def test_every_file_above_counts_and_the_nearer_may_not_undo_the_farther(machine: Machine) -> None:
    machine.write(machine.cwd / ".safeshell.toml", "environments.staging.mode = 'guarded'\n")

    told = machine.mistake(project="environments.staging.mode = 'read-only'\n")

    assert told.file == str(machine.cwd / ".safeshell.toml")
    assert "looser" in told.message


def test_a_file_that_is_named_is_no_projects_file(machine: Machine) -> None:
    machine.write(machine.project, "environments.production.mode = 'guarded'\n")

    loaded = machine.load(config_file=machine.project)

    assert loaded.settings.environments["production"].mode is Mode.GUARDED
