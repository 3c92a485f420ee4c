"""Layers: what is read, what wins, and what each value says of its origin."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from safeshell.config.settings import Settings
from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.guard.environment import BUILT_IN, ChallengeKind, OutsideWindow
from safeshell.guard.mode import Mode
from tests.config.conftest import Machine

DESIGN_EXAMPLE = """\
version = 1

[environments.production]
color  = "red"
mode   = "read-only"
unlock = { max = "30m", reason = true }
challenge = { low = "none", medium = "yes", high = "target", critical = "target+impact" }
review = ["critical"]                                  # severities that need a second person
window = { days = "mon-thu", hours = "09:00-15:30", timezone = "Europe/Berlin" }

[environments.development]
color = "green"
mode  = "open"

[targets.laptop]
environment = "development"
local = true

[targets.web]
environment = "production"
ssh = ["web-*.prod.example.com", "10.1.*"]

[targets.cache]
environment = "production"
redis = "rediss://ops@cache.prod.example.com:6380/0"   # no secrets here: password_command, keyring, env
floors = { "cache:home:*" = 100, "*" = 100000 }        # alert when fewer keys than this

[targets.cluster]
environment = "production"
kubernetes = ["prod-*"]
aws = ["prod"]
environ = { RAILS_ENV = "production" }

[[rules]]                                              # your own, same form as the built-in ones
id = "deploy.late"
command = "cap production deploy"
effect = { kind = "configure", extent = "everything" }
severity = "high"
reason = "deploys to every web server"
instead = "use the pipeline"
hits = ["cap production deploy"]
misses = ["cap staging deploy"]
"""


def test_the_example_of_the_design_loads_verbatim(machine: Machine) -> None:
    settings = machine.load(DESIGN_EXAMPLE).settings

    production = settings.environments["production"]
    assert production.mode is Mode.READ_ONLY
    assert production.unlock.max == timedelta(minutes=30)
    assert production.unlock.reason
    assert production.challenge[Severity.CRITICAL] is ChallengeKind.TARGET_IMPACT
    assert production.review == {Severity.CRITICAL}
    assert production.window is not None
    assert production.window.contains(datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=1))))
    assert not production.window.contains(datetime(2026, 11, 23, 15, 30, tzinfo=timezone(timedelta(hours=1))))
    assert settings.targets["laptop"].local
    assert settings.targets["web"].ssh == ("web-*.prod.example.com", "10.1.*")
    (place,) = settings.targets["cache"].redis
    assert (place.host, place.port, place.db, place.username) == ("cache.prod.example.com", 6380, 0, "ops")
    assert settings.targets["cache"].floors == {"cache:home:*": 100, "*": 100_000}
    assert settings.targets["cluster"].environ == {"RAILS_ENV": "production"}
    (rule,) = settings.rules
    assert (rule.kind, rule.extent, rule.severity) == (
        EffectKind.CONFIGURE, Extent.EVERYTHING, Severity.HIGH,
    )  # fmt: skip


def test_without_any_file_everything_is_built_in(machine: Machine) -> None:
    loaded = machine.load()

    assert loaded.settings == Settings()
    assert loaded.settings.environments == BUILT_IN
    assert loaded.files == ()
    assert loaded.provenance.origin(("environments", "production", "mode")).place == "built-in"


def test_an_empty_file_changes_nothing(machine: Machine) -> None:
    assert machine.load("").settings == Settings()


def test_a_config_overrides_single_keys_of_a_built_in_environment(machine: Machine) -> None:
    production = machine.load(
        """
        [environments.production]
        color = "#AA0000"
        challenge.medium = "target"
        unlock.max = "5m"
        """
    ).settings.environments["production"]

    assert production.color == "#aa0000"
    assert production.mode is Mode.READ_ONLY
    assert production.challenge[Severity.MEDIUM] is ChallengeKind.TARGET
    assert production.challenge[Severity.CRITICAL] is ChallengeKind.TARGET_IMPACT
    assert production.unlock.max == timedelta(minutes=5)
    assert production.unlock.reason


def test_an_own_environment_starts_as_strict_as_unlabelled(machine: Machine) -> None:
    payments = machine.load("[environments.payments]").settings.environments["payments"]

    assert payments.mode is Mode.GUARDED
    assert payments.challenge == BUILT_IN["unlabelled"].challenge


@pytest.mark.parametrize(
    ("said", "looser", "stricter"),
    [
        ("mode = 'read-only'", "unlabelled", "production"),
        (
            "mode = 'open'\nchallenge = { medium = 'none', high = 'none', critical = 'yes' }",
            None,
            "development",
        ),
        ("challenge = { medium = 'none', high = 'yes', critical = 'yes' }", "development", "unlabelled"),
    ],
)
def test_an_own_environment_is_as_strict_as_its_mode_and_questions(
    machine: Machine, said: str, looser: str | None, stricter: str
) -> None:
    environments = machine.load(f"[environments.own]\n{said}").settings.environments

    assert environments["own"].strictness < environments[stricter].strictness
    assert looser is None or environments[looser].strictness < environments["own"].strictness


def test_later_layers_win_key_by_key(machine: Machine) -> None:
    loaded = machine.load(
        """
        [targets.cache]
        password_env = "MINE"
        [environments.staging]
        color = "blue"
        """,
        etc="""
        [targets.cache]
        environment = "production"
        redis = "cache.prod"
        password_command = "vault read cache"
        [environments.staging]
        color = "pink"
        undo = false
        [[rules]]
        id = "a"
        command = "a"
        effect.kind = "stop"
        reason = "stops"
        """,
    )

    cache = loaded.settings.targets["cache"]
    assert cache.environment == "production"
    assert cache.password.variable == "MINE"
    assert cache.password.command == ()
    staging = loaded.settings.environments["staging"]
    assert (staging.color, staging.undo) == ("blue", False)
    origin = loaded.provenance.origin
    assert origin(("targets", "cache", "redis")).place == f"{machine.etc}:4"
    assert origin(("targets", "cache", "password_env")).place == f"{machine.user}:3"
    assert origin(("environments", "staging", "color")).place == f"{machine.user}:5"
    assert origin(("environments", "staging", "undo")).place == f"{machine.etc}:8"
    assert origin(("rules", 0, "reason")).place == f"{machine.etc}:13"
    assert loaded.files == (machine.etc, machine.user)


def test_a_named_file_is_used_instead_of_ones_own(machine: Machine) -> None:
    named = machine.write(machine.root / "named.toml", "[environments.production]\ncolor = 'blue'\n")
    machine.write(machine.etc, "[environments.staging]\ncolor = 'pink'\n")

    loaded = machine.load("[environments.production]\ncolor = 'black'\nundo = false\n", config_file=named)

    assert loaded.settings.environments["production"].color == "blue"
    assert loaded.settings.environments["production"].undo
    assert loaded.settings.environments["staging"].color == "pink"


def test_the_environment_variable_names_a_file_too_and_the_option_wins(machine: Machine) -> None:
    first = machine.write(machine.root / "first.toml", "[environments.production]\ncolor = 'blue'\n")
    second = machine.write(machine.root / "second.toml", "[environments.production]\ncolor = 'teal'\n")
    machine.environ["SAFESHELL_CONFIG"] = str(first)

    assert machine.load().settings.environments["production"].color == "blue"
    assert machine.load(config_file=second).settings.environments["production"].color == "teal"


def test_a_named_file_that_is_not_there_is_a_mistake(machine: Machine) -> None:
    machine.environ["SAFESHELL_CONFIG"] = str(machine.root / "gone.toml")

    assert machine.mistake().message == "there is no such file"


def test_a_file_that_cannot_be_read_is_a_mistake(machine: Machine) -> None:
    machine.user.mkdir(parents=True)

    assert "can't be read" in machine.mistake().message


def test_xdg_config_home_says_where_ones_own_file_is(machine: Machine) -> None:
    machine.write(machine.root / "xdg/safeshell/config.toml", "[environments.production]\ncolor = 'blue'\n")
    machine.environ["XDG_CONFIG_HOME"] = str(machine.root / "xdg")

    assert machine.load().settings.environments["production"].color == "blue"


def test_a_file_given_by_a_pipe_is_read(machine: Machine) -> None:
    import os

    reader, writer = os.pipe()
    os.write(writer, b"[environments.production]\ncolor = 'blue'\n[targets.a]\n"
                     b"environment = 'production'\nredis = 'redis://:secret@a'\n")  # fmt: skip
    os.close(writer)
    try:
        loaded = machine.load(config_file=Path(f"/dev/fd/{reader}"))
    finally:
        os.close(reader)

    assert loaded.settings.environments["production"].color == "blue"


def test_paths_start_at_their_own_file(machine: Machine) -> None:
    target = machine.load(
        """
        [targets.a]
        environment = "production"
        redis = "a"
        password_file = "a.password"
        [targets.a.tls]
        cacert = "~/ca.pem"
        cert = "/abs/me.pem"
        """
    ).settings.targets["a"]

    assert target.password.file == machine.user.parent / "a.password"
    assert target.tls is not None
    assert target.tls.cacert == machine.root / "home" / "ca.pem"
    assert target.tls.cert == Path("/abs/me.pem")


def test_windows_without_a_time_zone_are_in_local_time(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        window = (
            machine.load("environments.production.window = { hours = '09:00-10:00', outside = 'deny' }")
            .settings.environments["production"].window
        )  # fmt: skip
        assert window is not None
        assert window.contains(datetime.fromisoformat("2026-11-23T00:30+00:00"))
        assert not window.contains(datetime.fromisoformat("2026-11-23T09:30+00:00"))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_happens_outside_the_window_can_be_said(machine: Machine) -> None:
    text = "environments.production.window = { days = 'mon', outside = 'deny' }"

    assert machine.load(text).settings.environments["production"].outside_window is OutsideWindow.DENY


def test_the_programs_own_settings(machine: Machine) -> None:
    settings = machine.load(
        """
        undo = { max_size = "64MiB", total_size = "2GB", keep_for = "1d12h" }
        recording = { environments = "staging", max_size = "5MB", total_size = "1GiB", keep_for = "7d" }
        impact.budget = "1500ms"
        ask.timeout = "45s"
        state.folder = "~/state"
        redis = { connect_timeout = "3s", pager = true, hints = false, pipes = false, timing = true }
        theme = { colors = "256", symbols = "ascii" }
        """
    ).settings

    assert settings.undo.max_size == 64 << 20
    assert settings.undo.total_size == 2_000_000_000
    assert settings.undo.keep_for == timedelta(hours=36)
    assert settings.recording.environments == ("staging",)
    assert (settings.recording.max_size, settings.recording.total_size) == (5_000_000, 1 << 30)
    assert settings.recording.keep_for == timedelta(days=7)
    assert settings.impact_budget == timedelta(milliseconds=1500)
    assert settings.ask_timeout == timedelta(seconds=45)
    assert settings.state_folder == machine.root / "home" / "state"
    assert settings.redis.connect_timeout == timedelta(seconds=3)
    assert (settings.redis.pager, settings.redis.hints, settings.redis.pipes, settings.redis.timing) == (
        True, False, False, True,
    )  # fmt: skip
    assert (settings.theme.colors, settings.theme.symbols) == ("256", "ascii")


def test_production_is_recorded_until_it_is_said_otherwise(machine: Machine) -> None:
    built_in = machine.load("").settings
    none = machine.load("recording.environments = []").settings
    own = machine.load(
        "environments.payments = { color = 'red' }\nrecording.environments = ['payments']"
    ).settings

    def recorded(settings: Settings) -> list[str]:
        return [name for name, one in settings.environments.items() if settings.recording.wants(one)]

    assert recorded(built_in) == ["production"]
    assert recorded(none) == []
    assert recorded(own) == ["payments"]


def test_a_target_with_everything_that_connecting_needs(machine: Machine) -> None:
    target = machine.load(
        """
        [targets.queue]
        environment = "staging"
        redis = ["queue-*:6379", "queue-1:6380"]
        pin = ["0123456789abcdef0123456789abcdef01234567"]
        readonly = { username = "reader", password_command = "pass show 'my queue'" }
        [targets.queue.sentinel]
        hosts = ["sentinel-1", "sentinel-2:5000", "[::1]"]
        master = "queue"
        password_env = "SENTINEL"
        """
    ).settings.targets["queue"]

    assert target.redis_place is not None
    assert target.redis_place.url == "redis://queue-1:6380"
    assert target.readonly is not None
    assert target.readonly.password.command == ("pass", "show", "my queue")
    assert target.sentinel is not None
    assert [place.url for place in target.sentinel.hosts] == [
        "redis://sentinel-1:26379", "redis://sentinel-2:5000", "redis://[::1]:26379",
    ]  # fmt: skip
    assert target.sentinel.password.variable == "SENTINEL"


def test_no_password_is_in_the_settings_repr(machine: Machine) -> None:
    loaded = machine.load(
        """
        [targets.a]
        environment = "production"
        redis = "redis://me:hunter2@a"
        readonly = { username = "r", password = "hunter2" }
        """
    )

    assert "hunter2" not in repr(loaded.settings)
    assert loaded.settings.targets["a"].redis[0].password == "hunter2"
    assert [warning for warning in loaded.warnings if "password is written here" in warning]
