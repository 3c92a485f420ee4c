"""What a project's file may say: only what makes things stricter than the layers below it do.

A folder that somebody checks out must not turn production into a playground, nor run programs or send secrets
to places of its own choice. Compares values; what is looser is told as a mistake where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safeshell.config.building import build_environment, build_environments, get, table
from safeshell.config.kinds import quoted
from safeshell.config.merged import Merged
from safeshell.config.merging import lay
from safeshell.config.positions import Path
from safeshell.config.validation import Checked
from safeshell.guard.durations import written
from safeshell.guard.effects import Severity
from safeshell.guard.environment import UNLABELLED, Environment, OutsideWindow, strictest
from safeshell.guard.window import Window

_PROJECT_MAY = frozenset({"version", "environments", "targets", "rules"})
_OF_A_KNOWN_TARGET = frozenset({"environment", "floors"})
_NOT_FROM_A_PROJECT = frozenset({"password_command", "password_file"})
_ADVICE = "a project's file may only tighten; say it in your own config file, or leave it out"
_DAY = 24 * 60

Values = Mapping[str, object]


def tighten(checked: Checked, base: Merged) -> tuple[dict[str, object], tuple[str, ...]]:
    """What a project's layer adds to the layers below, and warnings; what loosens becomes a mistake.

    Args:
        checked: the project's layer.
        base: the layers below it.
    """
    for name in checked.values:
        if name not in _PROJECT_MAY:
            checked.mistake_at_key((name,), f"`{name}` is no business of a project's file", _ADVICE)
    values = {name: value for name, value in checked.values.items() if name in _PROJECT_MAY}
    before = build_environments(base.values)
    values["environments"] = {
        name: _with_reviews(_mapping(said), before.get(name))
        for name, said in table(values, "environments").items()
    }
    laid = base.copy()
    lay(laid, checked.layer, {"environments": values["environments"]})
    after = build_environments(laid.values)
    known = {*before, *table(base.values, "environments")}
    for name, said in table(values, "environments").items():
        old = before.get(name) or build_environment(name, {})
        at: Path = ("environments", name)
        for path, message in _looser(old, after[name], _mapping(said), known=name in known):
            checked.mistake_at_value((*at, *path), message, _ADVICE)
    values["targets"], warnings = _targets(checked, base, after)
    return values, warnings


def _with_reviews(said: Values, old: Environment | None) -> dict[str, object]:
    """More severities to review are added to those that there are."""
    if "review" not in said or old is None:
        return dict(said)
    more = get(said, "review", tuple, ())
    return {**said, "review": tuple(dict.fromkeys((*(s.word for s in sorted(old.review)), *more)))}


def _looser(old: Environment, new: Environment, said: Values, *, known: bool) -> Iterator[tuple[Path, str]]:
    """Each key that a project's file says of an environment and that makes it milder."""
    name, unlock = old.name, table(said, "unlock")
    if "color" in said and known:
        yield ("color",), f"{name} has its colour already"
    if new.mode.strictness < old.mode.strictness:
        yield ("mode",), f"{quoted(new.mode)} is looser than {quoted(old.mode)}, which {name} is"
    for word in table(said, "challenge"):
        severity = Severity.from_word(word)
        if new.challenge[severity].strictness < old.challenge[severity].strictness:
            less, more = quoted(new.challenge[severity]), quoted(old.challenge[severity])
            yield ("challenge", word), f"{less} asks less than {more}, which {name} asks"
    if "max" in unlock and new.unlock.max > old.unlock.max:
        yield ("unlock", "max"), f"this is longer than {written(old.unlock.max)}, which {name} allows"
    if old.unlock.reason and not new.unlock.reason:
        yield ("unlock", "reason"), f"{name} wants a reason"
    if "window" in said:
        yield from _looser_window(old, new)
    if old.undo and not new.undo:
        yield ("undo",), f"{name} keeps what is destroyed"
    if old.journal_required and not new.journal_required:
        yield ("journal_required",), f"{name} wants a journal"


def _looser_window(old: Environment, new: Environment) -> Iterator[tuple[Path, str]]:
    if old.window is None or new.window is None:
        return
    if new.window.timezone != old.window.timezone:
        yield ("window",), f"this can't be compared with {old.window.text}, which is in another time zone"
    elif not _minutes(new.window) <= _minutes(old.window):
        yield ("window",), f"this allows more than {old.window.text}, the window that {old.name} has"
    if old.outside_window is OutsideWindow.DENY and new.outside_window is not OutsideWindow.DENY:
        yield ("window",), f"{old.name} says outside = {quoted(OutsideWindow.DENY)}"


def _minutes(window: Window) -> set[int]:
    """The minutes of the week that lie in a window."""
    start = window.start.hour * 60 + window.start.minute
    end = window.end.hour * 60 + window.end.minute
    length = (end - start) % _DAY or _DAY
    return {(day * _DAY + start + minute) % (7 * _DAY) for day in window.days for minute in range(length)}


def _targets(
    checked: Checked, base: Merged, environments: Mapping[str, Environment]
) -> tuple[dict[str, object], tuple[str, ...]]:
    targets: dict[str, object] = {}
    warnings: list[str] = []
    known = table(base.values, "targets")
    for name, value in table(checked.values, "targets").items():
        said = dict(_mapping(value))
        if name in known:
            targets[name] = _of_known(checked, name, _mapping(known[name]), said, environments)
            continue
        _check_secrets(checked, ("targets", name), said)
        environment = environments.get(get(said, "environment", str, ""))
        if environment and strictest(environments[UNLABELLED.name], environment) is not environment:
            line, _ = checked.layer.source.line_and_column(
                checked.layer.positions.value(("targets", name, "environment"))[0]
            )
            warnings.append(
                f"{checked.layer.name}:{line}: {name} is taken as {UNLABELLED.name} until your own config "
                f"file says that it is {environment.name}: a project's file may only tighten"
            )
            said["environment"] = UNLABELLED.name
        targets[name] = said
    return targets, tuple(warnings)


def _of_known(
    checked: Checked, name: str, old: Values, said: Values, environments: Mapping[str, Environment]
) -> dict[str, object]:
    """What a project's file may add to a target that there is: a stricter environment, higher floors."""
    at: Path = ("targets", name)
    for key in said:
        if key not in _OF_A_KNOWN_TARGET:
            checked.mistake_at_key(
                (*at, key),
                f"what {name} is stands in another config file",
                "add a target of the project's own",
            )
    was = environments.get(get(old, "environment", str, ""))
    now = environments.get(get(said, "environment", str, ""))
    if was and now and now is not was and strictest(was, now) is was:
        checked.mistake_at_value(
            (*at, "environment"), f"{now.name} is looser than {was.name}, which {name} belongs to", _ADVICE
        )
    floors = table(old, "floors")
    for pattern, floor in table(said, "floors").items():
        before = floors.get(pattern, 0)
        if isinstance(floor, int) and isinstance(before, int) and floor < before:
            checked.mistake_at_value(
                (*at, "floors", pattern), f"this is below {before}, the floor so far", _ADVICE
            )
    return {key: value for key, value in said.items() if key in _OF_A_KNOWN_TARGET}


def _check_secrets(checked: Checked, path: Path, said: Values) -> None:
    for key, value in said.items():
        if key in _NOT_FROM_A_PROJECT:
            checked.mistake_at_key(
                (*path, key),
                f"a project's file may not say `{key}`: it would run or read what a checkout chose",
                "say password_env, or describe the target in your own config file",
            )
        elif isinstance(value, Mapping):
            _check_secrets(checked, (*path, key), value)


def _mapping(value: object) -> Values:
    assert isinstance(value, Mapping)
    return value
