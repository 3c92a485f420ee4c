"""The console's own words: `:unlock`, `:set` and their kin, and what a mistyped one gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.errors import UsageError
from safeshell.guard.mode import Mode
from safeshell.redis.console_settings import ConsoleSettings, StopOn, changed, preferred, shown
from safeshell.redis.meta import (
    META_HELP,
    Meta,
    UndoRequest,
    meta_help,
    parse_meta,
    parse_mode,
    parse_undo,
    parse_unlock,
)
from safeshell.redis.paste import check_paste, lines_of
from safeshell.redis.render import OutputFormat


@pytest.mark.parametrize(
    ("line", "meta", "rest"),
    [
        (":lock", Meta.LOCK, ""),
        ("  :UNLOCK 10m  TICKET-1 because", Meta.UNLOCK, "10m  TICKET-1 because"),
        (":unlink 'cart:*' --dry-run", Meta.UNLINK, "'cart:*' --dry-run"),
        (":reconnect accept", Meta.RECONNECT, "accept"),
    ],
)
def test_a_meta_command_is_known_by_its_first_word(line: str, meta: Meta, rest: str) -> None:
    assert parse_meta(line) == (meta, rest)


@pytest.mark.parametrize(
    ("line", "nearest"), [(":unlok 10m", ":unlock"), (":loock", ":lock"), (":st", ":set")]
)
def test_a_mistyped_one_names_its_nearest_and_does_nothing(line: str, nearest: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_meta(line)

    assert told.value.todo == f"Did you mean {nearest}?"


def test_a_word_full_of_escapes_is_quoted_harmless() -> None:
    with pytest.raises(UsageError) as told:
        parse_meta(":\x1b[2J")

    assert "\x1b" not in str(told.value)


def test_unlock_takes_a_time_and_a_reason() -> None:
    assert parse_unlock("10m TICKET-1 stale carts") == ("10m", "TICKET-1 stale carts")
    assert parse_unlock("1h30m") == ("1h30m", "")


@pytest.mark.parametrize("text", ["", "soon", "-5m", "0s", "TICKET-1 10m"])
def test_unlock_without_a_time_says_how_it_is_written(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_unlock(text)

    assert ":unlock DURATION [REASON]" in told.value.todo


def test_modes_are_named_as_everywhere() -> None:
    assert parse_mode(" Read-Only ") is Mode.READ_ONLY
    with pytest.raises(UsageError, match="no mode"):
        parse_mode("loose")


def test_undo_takes_a_name_and_how() -> None:
    assert parse_undo([]) == UndoRequest()
    assert parse_undo(["abc123", "--dry-run"]) == UndoRequest("abc123", dry_run=True)
    assert parse_undo(["--list"]) == UndoRequest(listing=True)
    for wrong in (["a", "b"], ["--force"]):
        with pytest.raises(UsageError, match="does not belong here"):
            parse_undo(wrong)


def test_help_has_every_meta_command_and_each_has_help_of_its_own() -> None:
    everything = meta_help("")

    for meta in Meta:
        if meta is not Meta.INFO:
            assert META_HELP[meta].usage in everything
        assert meta_help(meta.value) == meta_help(meta.value.removeprefix(":"))


def test_settings_change_one_at_a_time() -> None:
    settings = ConsoleSettings()

    assert changed(settings, ["format", "json"]).format is OutputFormat.JSON
    assert changed(settings, ["pager", "on"]).pager
    assert not changed(settings, ["hints", "off"]).hints
    assert not changed(settings, ["pipes", "off"]).pipes
    assert changed(settings, ["timing", "ON"]).timing
    assert changed(settings, ["stop", "error"]).stop is StopOn.ERROR


def test_redis_clis_own_spelling_of_hints_is_understood() -> None:
    assert not changed(ConsoleSettings(), ["nohints"]).hints
    assert changed(ConsoleSettings(hints=False), ["hints"]).hints


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["formt", "json"], "Did you mean format?"),
        (["format"], "Write :set format human|raw|csv|json"),
        (["format", "xml"], "Write :set format human|raw|csv|json"),
        (["pager", "maybe"], "Write :set pager on|off."),
        (["mode", "open"], "There are format, hints"),
    ],
)
def test_a_setting_that_is_none_says_what_there_is(words: list[str], told: str) -> None:
    with pytest.raises(UsageError) as error:
        changed(ConsoleSettings(), words)

    assert error.value.todo.startswith(told) or told in error.value.todo


def test_all_settings_are_shown() -> None:
    text = shown(ConsoleSettings())

    assert "format  human" in text
    assert "stop    refused" in text


def test_a_preferences_file_is_obeyed_and_its_mistakes_are_told(tmp_path: Path) -> None:
    rc_file = tmp_path / "redisclirc"
    rc_file.write_text(":set nohints\n# a comment\n:set colour red\n:set format raw\n")

    settings, wrong = preferred(ConsoleSettings(), rc_file)

    assert settings == ConsoleSettings(hints=False, format=OutputFormat.RAW)
    assert len(wrong) == 1
    assert wrong[0].startswith(f"{rc_file}:3: there is no setting 'colour'")
    assert preferred(settings, tmp_path / "missing") == (settings, ())


@pytest.mark.parametrize("line", [":unlock 10m x", ":mode open", "connect other 6379", "  Quit", "EXIT"])
def test_what_changes_the_console_can_not_be_pasted_among_other_lines(line: str) -> None:
    with pytest.raises(UsageError, match="can't be pasted among other lines; nothing has run"):
        check_paste(["GET a", line])


def test_a_paste_has_the_lines_that_an_editor_shows() -> None:
    assert lines_of("GET a\r\n\n  \nGET b\rGET c\x0bd\n") == ("GET a", "GET b", "GET c\x0bd")
