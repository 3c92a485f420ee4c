"""find, fd and bfs: what they run for each file they find, and where those files lie.

`{}` is a file under the place that is searched: it becomes `PLACE/` and an unknown rest, so that what the place
settles (`/etc`, `/tmp/x`) is known. When nothing narrows the search, the place itself is among what is found.
Sources: find(1) of GNU and BSD, fd(1), bfs(1).
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent
from safeshell.shell.wrappers.front import front, walk

_RUNNING: Final = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_CHANGING: Final = frozenset({"-delete", "-fprint", "-fprint0", "-fprintf", "-fls"})
_LEADING: Final = frozenset(
    {"-H", "-L", "-P", "-E", "-X", "-d", "-s", "-x", "-O0", "-O1", "-O2", "-O3", "-f"}
)
_ALTERNATIVES: Final = frozenset(("-o", "-or", "!", "-not", ",", "("))
_NOT_NARROWING: Final = frozenset(
    "-depth -d -xdev -mount -x -follow -noleaf -daystart -warn -nowarn -print -print0 -ls -true -o"
    " -or -a -and , ( ) "
    "-maxdepth -ignore_readdir_race -noignore_readdir_race -regextype".split()
)
_MAX_PLACES: Final = 4
_FD: Final = front(
    "-H -I -u -s -i -g -F -a -l -L -p -0 -1 -q -h -V --hidden --no-ignore --unrestricted --case-sensitive"
    " --ignore-case --glob --fixed-strings --absolute-path --list-details --follow --full-path --print0 --quiet"
    " --no-ignore-vcs --no-ignore-parent --regex --prune --one-file-system --no-require-git --strip-cwd-prefix",
    "-d -t -e -E -c -j -S -o --max-depth --min-depth --exact-depth --type --extension --exclude --color --threads"
    " --size --changed-within --changed-before --newer --older --owner --max-results --base-directory --search-path"
    " --path-separator --ignore-file --format --batch-size --and --exclude-dir -C",
    permuted=True,
)


def _find(call: Call) -> Unwrapped | None:
    """Every `-exec COMMAND ;` and `-exec COMMAND {} +`; what else find does is judged when it changes something."""
    words = call.words
    if not any(one.text in _RUNNING for one in words):
        return PACKS_JUDGE
    found = found_words(words)
    inner: list[Inner] = []
    at = 0
    while at < len(words):
        if words[at].text not in _RUNNING:
            at += 1
            continue
        end = _end(words, at + 1)
        command = words[at + 1 : end]
        at = end + 1
        if not command:
            continue
        if any("{}" in one.text for one in command):
            inner += (call.runs(_filled(command, place)) for place in found)
        else:
            inner.append(call.runs(command))
    if any(one.text in _CHANGING for one in words):
        return judged_too(*inner)
    return transparent(*inner)


def _end(words: tuple[Word, ...], at: int) -> int:
    """Where a command in find's words ends: `;`, or a `+` right behind `{}`."""
    start = at
    while at < len(words):
        text = words[at].text
        if text == ";" or (text == "+" and at > start and words[at - 1].text == "{}"):
            return at
        at += 1
    return at


def found_words(words: tuple[Word, ...]) -> list[Word]:
    """What find's words (without the program) find: for each place a word, its rest unknown."""
    at = 0
    while at < len(words) and words[at].text in _LEADING:
        at += 1
    places: list[Word] = []
    while at < len(words) and words[at].text[:1] not in ("-", "(", "!", ","):
        places.append(words[at])
        at += 1
    tests = [one.text for one in words[at:]]
    narrows = any(test not in _NOT_NARROWING and not test.isdigit() for test in tests[: _first_action(tests)])
    if not places:
        places = [Word(".", source=".")]
    if len(places) > _MAX_PLACES:
        return [Word(UNKNOWN, source="{}", unknowns=("{}",))]
    ending = _ending(tests[: _first_action(tests)])
    return [_under(place, ending) if narrows else place for place in places]


def _ending(tests: list[str]) -> str:
    """How everything ends that the tests let through, as far as one `-name` says it: `/node_modules`, `.pyc`."""
    if tests.count("-name") != 1 or any(test in _ALTERNATIVES for test in tests):
        return ""
    at = tests.index("-name") + 1
    name = tests[at] if at < len(tests) else ""
    ending = name.removeprefix("*") if name.startswith("*") else f"/{name}"
    return "" if any(sign in ending for sign in f"*?[\\{UNKNOWN}") or ending == "/" else ending


def _first_action(tests: list[str]) -> int:
    actions = [at for at, test in enumerate(tests) if test in _RUNNING or test in _CHANGING]
    return actions[0] if actions else len(tests)


def _under(place: Word, ending: str = "") -> Word:
    base = place.text if place.text.endswith("/") else f"{place.text}/"
    text = f"{base}{UNKNOWN}{ending}"
    return Word(text, place.span, place.source, unknowns=(*place.unknowns, "{}"), empties=place.empties)


def _filled(command: tuple[Word, ...], place: Word) -> tuple[Word, ...]:
    """The command with `{}` replaced, also inside of words, as GNU find does."""
    return tuple(filled(one, "{}", place) for one in command)


def filled(one: Word, placeholder: str, value: Word) -> Word:
    """A word with a placeholder replaced by a value."""
    if placeholder not in one.text:
        return one
    if one.text == placeholder:
        return Word(value.text, one.span, one.source, value.glob, value.splits, value.empties, value.unknowns)
    text = one.text.replace(placeholder, value.text)
    return Word(text, one.span, text, one.glob, one.splits, one.empties, (*one.unknowns, *value.unknowns))


def _fd(call: Call) -> Unwrapped | None:
    """`fd [options] PATTERN [PLACE…] -x COMMAND…`; without a placeholder the file is put behind."""
    start = next((at for at, one in enumerate(call.words) if _runs_each(one.text)), None)
    if start is None:
        return PACKS_JUDGE
    taken = walk(call.words[:start], _FD)
    places = list(taken.operands[1:]) or list(taken.values("--search-path", "--base-directory", "-C"))
    found = _under(places[0]) if len(places) == 1 else _under(Word(".", source="."))
    head = call.words[start]
    first = head.text[2:] if head.text[:2] in ("-x", "-X") and len(head.text) > 2 else ""
    words = call.words[start + 1 :]
    end = next((at for at, one in enumerate(words) if one.text == ";"), len(words))
    command = (*((Word(first, head.span, first),) if first else ()), *words[:end])
    if not command:
        return PACKS_JUDGE
    if not any("{" in one.text and "}" in one.text for one in command):
        return transparent(call.runs((*command, found)))
    for placeholder in ("{}", "{/}", "{//}", "{.}", "{/.}"):
        command = tuple(filled(one, placeholder, found) for one in command)
    return transparent(call.runs(command))


def _runs_each(text: str) -> bool:
    return text in ("--exec", "--exec-batch") or (text[:2] in ("-x", "-X") and not text.startswith("--"))


WRAPPERS: Final[dict[str, Handler]] = {
    "find": _find,
    "gfind": _find,
    "bfs": _find,
    "fd": _fd,
    "fdfind": _fd,
}
