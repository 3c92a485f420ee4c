"""Programs of the shell itself that change variables: `read`, `export`, `unset`, `set --`, `shift`, `cd`, `source`.

Only what they do to what is known; whether they are harmful is not asked here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.assigned_names import CLOUDING
from safeshell.shell.variables import Value, Variables, value_of
from safeshell.shell.word import Word

_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")


def assign(variables: Variables, name: str, value: Value, *, appends: bool = False) -> None:
    """Set a variable, or add to it."""
    if appends:
        before = variables.get(name, f"${name}")
        if value.elements is not None or before.elements is not None:
            elements = (*_elements(before), *_elements(value))
            value = Value(elements[0].text if elements else "", elements=elements)
        else:
            value = Value(
                before.text + value.text,
                (*before.unknowns, *value.unknowns),
                (*before.empties, *value.empties),
                before.glob or value.glob,
            )
    variables.set(name, value)


def _elements(value: Value) -> tuple[Value, ...]:
    if value.elements is not None:
        return value.elements
    return (value,) if value.text else ()


def change_variables(words: Sequence[Word], variables: Variables) -> None:
    """Do to `variables` what a command of these words does to them."""
    name = words[0].text
    while name in ("command", "builtin") and len(words) > 1:
        words = words[1:]
        name = words[0].text
    if name == "set" and variables.context.shell == "fish":
        _fish_set(words[1:], variables)
        return
    change = _CHANGES.get(name)
    if change is not None:
        change(words[1:], variables)


def _declare(words: Sequence[Word], variables: Variables) -> None:
    if any(word.text.startswith("-") and "n" in word.text for word in words):
        # A name for another variable (bash's namerefs): what it means is that one's value when it is used.
        _lose_named([word for word in words if not word.text.startswith("-")], variables)
        return
    for word in words:
        found = _ASSIGNMENT.match(word.text)
        if found is not None:
            value = Value(word.text[found.end() :], word.unknowns, word.empties, word.glob)
            assign(variables, found.group(1), value, appends=bool(found.group(2)))


def _declare_local(words: Sequence[Word], variables: Variables) -> None:
    if not any(word.text.startswith("-") and "g" in word.text for word in words):
        for word in words:
            found = _NAME.match(word.text)
            if found is not None:
                variables.declare_local(found.group())
    _declare(words, variables)


def _lose_named(words: Sequence[Word], variables: Variables) -> None:
    for word in words:
        found = _NAME.match(word.text)
        if found is not None:
            variables.lose((found.group(),))
        elif not word.known:
            variables.lose_all()


def _read(words: Sequence[Word], variables: Variables) -> None:
    _lose_named(words, variables)
    variables.lose(("REPLY", "MAPFILE"))


def _printf(words: Sequence[Word], variables: Variables) -> None:
    if words and words[0].text == "-v":
        _lose_named(words[1:2], variables)


def _unset(words: Sequence[Word], variables: Variables) -> None:
    for word in words:
        if not word.text.startswith("-"):
            variables.set(word.text, Value(""))


def _set(words: Sequence[Word], variables: Variables) -> None:
    texts = [word.text for word in words]
    if "--" in texts:
        words = words[texts.index("--") + 1 :]
    elif not texts or texts[0][:1] in "-+":
        return
    splits = any(word.splits for word in words)
    variables.positional = None if splits else tuple(value_of(word) for word in words)


def _fish_set(words: Sequence[Word], variables: Variables) -> None:
    rest = list(words)
    options = ""
    while rest and rest[0].text.startswith("-"):
        options += rest.pop(0).text
    if not rest:
        return
    name = rest[0].text.partition("[")[0]
    if "q" in options or "n" in options.replace("--", ""):
        return
    values = tuple(value_of(word) for word in rest[1:])
    if name != rest[0].text or any(word.splits for word in rest[1:]) or set(options) & set("ap"):
        variables.lose((name,))
    elif "e" in options.replace("--", "") or not values:
        variables.set(name, Value(""))
    elif len(values) == 1:
        variables.set(name, values[0])
    else:
        variables.set(name, Value(values[0].text, elements=values))


def _shift(words: Sequence[Word], variables: Variables) -> None:
    if variables.positional is None:
        return
    text = words[0].text if words else "1"
    if text.isdigit() and len(text) < 6:
        variables.positional = variables.positional[int(text) :]
    else:
        variables.positional = None


def _cd(words: Sequence[Word], variables: Variables) -> None:
    places = [word for word in words if not (word.text.startswith("-") and len(word.text) > 1)]
    here = variables.get("PWD", "$PWD").text
    target = "."
    if len(places) == 1 and places[0].known and not places[0].glob and places[0].text not in ("", "-"):
        text = places[0].text
        if text.startswith("/"):
            target = posixpath.normpath(text)
        elif here.startswith("/") and not text.startswith("~"):
            target = posixpath.normpath(posixpath.join(here, text))
    elif not places and variables.context.home:
        target = variables.context.home
    variables.set("PWD", Value(target))
    variables.lose(("OLDPWD",))


def _cloud(_: Sequence[Word], variables: Variables) -> None:
    variables.lose_all()


_CHANGES: Final[dict[str, Callable[[Sequence[Word], Variables], None]]] = {
    **dict.fromkeys(("export", "readonly"), _declare),
    **dict.fromkeys(("declare", "local", "typeset"), _declare_local),
    **dict.fromkeys(("getopts", "let", "vared"), _lose_named),
    **dict.fromkeys(("read", "mapfile", "readarray"), _read),
    **dict.fromkeys(CLOUDING, _cloud),
    **dict.fromkeys(("cd", "pushd", "popd"), _cd),
    "printf": _printf,
    "unset": _unset,
    "set": _set,
    "shift": _shift,
}
