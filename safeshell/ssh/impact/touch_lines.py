"""The touches of a line as `touched.sh` reads them on a host, and what of them can't be told. Pure.

Words go over as data: the host expands patterns, follows links and looks whether a target is a folder; nothing of
them is ever a program's text or an option. Only what sh itself means by a pattern is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.shell.impact.touch import Deed, FileTouch, Place

_LETTERS: Final = {
    Deed.DELETE: "g",
    Deed.REPLACE: "r",
    Deed.WRITE: "w",
    Deed.MOVE: "m",
    Deed.COPY: "c",
    Deed.PUT: "u",
}
_OTHER_SIGNS: Final = frozenset("dotglob globdots nocaseglob nocase extendedglob extended_glob".split())
_ALTERNATIVES: Final = re.compile(r"[!?*+@]\(")
_MOST_PLACES: Final = 200
_MOST_BYTES: Final = 100_000


@frozen
class TouchLines:
    """What a host is told.

    Args:
        data: for `touched.sh`; b"" when there is nothing to look for.
        unknown: why some of it can't be told, each reason once.
        sure: False when the line does it to some only of what is found.
    """

    data: bytes = b""
    unknown: tuple[str, ...] = ()
    sure: bool = True


def touch_lines(touches: Sequence[FileTouch]) -> TouchLines:
    """The lines for `touches`, those that change permissions or owners left out."""
    known = [touch for touch in touches if touch.deed in _LETTERS]
    unknown: dict[str, None] = {}
    lines: list[str] = []
    again = len(known) > 1
    count = 0
    for touch in known:
        places = [place for place in touch.places if _is_told(place, touch, unknown)]
        targets = [touch.target] if touch.target and _is_told(touch.target, touch, unknown) else []
        if not places or (touch.target is not None and not targets):
            continue
        if targets and targets[0].glob:
            unknown["the target is a pattern"] = None
            continue
        count += len(places)
        if count > _MOST_PLACES:
            unknown["there are too many names"] = None
            break
        lines.append(f"d {_LETTERS[touch.deed]} {_flags(touch, again=again)}")
        lines += [f"{'g' if place.glob else 'p'} {_coded(place)}" for place in places]
        lines += [f"t {_coded(target)}" for target in targets]
        lines.append(".")
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    if len(data) > _MOST_BYTES:
        return TouchLines(unknown=(*unknown, "there are too many names"))
    return TouchLines(data, tuple(unknown), all(touch.sure for touch in known))


def _is_told(place: Place, touch: FileTouch, unknown: dict[str, None]) -> bool:
    """Whether the host's sh finds what the line's own shell would; the reason is added where not."""
    reason = place.unknown or (_not_followed(place, touch) if place.glob else "")
    if not reason and not _is_name(place.path):
        reason = "no file has such a name"
    if reason:
        unknown[reason] = None
    return not reason


def _is_name(path: str) -> bool:
    try:
        return path.startswith("/") and b"\0" not in path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character of two
        return False


def _not_followed(place: Place, touch: FileTouch) -> str:
    """Why a pattern is not expanded there; "" where sh expands it to all that is meant, or to more."""
    if "(" in place.path if touch.shell == "zsh" else _ALTERNATIVES.search(place.path):
        return "a pattern of alternatives is not followed there"
    if "**" in place.path and (touch.shell in ("zsh", "fish") or "globstar" in touch.options):
        return "a pattern of folders in folders is not followed there"
    if _OTHER_SIGNS & touch.options:
        return "a pattern by the shell's own options is not followed there"
    if place.mixed and "[" in place.path:
        return "a pattern that is partly quoted"
    return ""


def _flags(touch: FileTouch, *, again: bool) -> str:
    found: Iterator[str] = (
        letter
        for letter, there in (
            ("R", touch.recursive),
            ("i", touch.into is True),
            ("I", touch.into is False),
            ("L", touch.links),
            ("A", again),
        )
        if there
    )
    return "".join(found) or "-"


def _coded(place: Place) -> str:
    path = place.path
    if place.glob:
        # In what sh expands a backslash takes the meaning of the sign behind it.
        path = path.replace("\\", "\\\\")
    return path.replace("\\", "\\\\").replace("\n", "\\n")
