"""Terminals and multiplexers: tmux, screen, xterm -e and their kin, which start commands or type into them.

What is typed into another pane runs with that pane's directory and variables, which nobody knows here.
Sources: tmux(1), screen(1), xterm(1), gnome-terminal(1), the manuals of kitty, wezterm, zellij, abduco.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, value_of, word
from safeshell.shell.wrappers.front import Front, front, walk

_TMUX: Final = front("-2 -C -D -l -N -u -U -v -V", "-c -f -L -S -T")
_SEND: Final = front("-F -H -K -l -M -R -X", "-c -N -t")
_STARTING: Final[dict[str, Front]] = {
    "new-session": front("-A -d -D -E -P -X", "-c -e -f -F -n -s -t -x -y"),
    "new-window": front("-a -b -d -k -P -S", "-c -e -F -n -t"),
    "split-window": front("-b -d -f -h -I -v -P -Z", "-c -e -F -l -p -t"),
    "respawn-pane": front("-k", "-c -e -t"),
    "respawn-window": front("-k", "-c -e -t"),
    "display-popup": front("-B -C -E -k -N", "-b -c -d -e -h -s -S -t -T -w -x -y"),
    "run-shell": front("-b -C -E", "-c -d -t"),
    "pipe-pane": front("-I -O -o", "-t"),
    "if-shell": front("-b -F", "-t"),
}
_SHORT: Final = {
    "new": "new-session",
    "neww": "new-window",
    "splitw": "split-window",
    "respawnp": "respawn-pane",
    "respawnw": "respawn-window",
    "popup": "display-popup",
    "run": "run-shell",
    "pipep": "pipe-pane",
    "if": "if-shell",
    "send": "send-keys",
}
_KEYS: Final = {
    "enter": "\n",
    "c-m": "\n",
    "kpenter": "\n",
    "c-j": "\n",
    "space": " ",
    "tab": "\t",
    "escape": "",
}
_OTHER_KEY: Final = lazy_pattern(
    r"(?:[CMS]-)+\S|F\d\d?|Up|Down|Left|Right|Home|End|BSpace|DC|IC|PPage|NPage|BTab"
)
_ONE_TEXT: Final = frozenset({"run-shell", "pipe-pane"})
_DO_SHELL_SCRIPT: Final = lazy_pattern(r'do shell script "((?:[^"\\]|\\.)*)"')
_FORMAT: Final = lazy_pattern(r"#\(([^()]+)\)")
_MAX_NESTED: Final = 4
_ATTACHES: Final = lazy_pattern(r"-[^m-]*[rRx][^m]*")
"""`screen -r NAME`, `-dr`, `-x`: what follows is a session."""


def _tmux(call: Call) -> Unwrapped | None:
    """`tmux [options] COMMAND [; COMMAND]…`."""
    taken = walk(call.words, _TMUX)
    inner: list[Inner] = []
    text = taken.value("-c")
    if text is not None:
        inner.append(call.runs_text([text]))
    for one in _split(taken.operands):
        inner += _tmux_command(call, one, 0)
    for given in call.words:
        # A format runs what stands in `#(…)`.
        inner += (call.runs_text([word(found, given)]) for found in _FORMAT.findall(given.text))
    return judged_too(*inner)


def _split(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    """Tmux's own commands stand between words that are or end in `;`."""
    parts: list[list[Word]] = [[]]
    for one in words:
        if one.text.endswith(";") and not one.text.endswith("\\;"):
            if one.text != ";":
                parts[-1].append(word(one.text[:-1], one))
            parts.append([])
        else:
            parts[-1].append(one)
    return [tuple(part) for part in parts if part]


def _tmux_command(call: Call, words: tuple[Word, ...], depth: int) -> list[Inner]:
    name = _SHORT.get(words[0].text, words[0].text)
    if name == "send-keys":
        return _typed(call, walk(words[1:], _SEND).operands)
    table = _STARTING.get(name)
    if table is None:
        return []
    taken = walk(words[1:], table)
    rest = taken.operands
    if not rest:
        return []
    if name == "if-shell":
        inner = [] if taken.has("-F") else [call.runs_text(rest[:1])]
        for one in rest[1:3]:
            inner += _nested(call, one, depth)
        return inner
    if name == "run-shell" and taken.has("-C"):
        return _nested(call, rest[0], depth)
    if len(rest) == 1 or name in _ONE_TEXT:
        return [call.runs_text(rest[:1])]
    return [call.runs(rest)]


def _nested(call: Call, given: Word, depth: int) -> list[Inner]:
    """A text of tmux's own commands."""
    if depth >= _MAX_NESTED:
        return [call.runs_text([given])]
    try:
        texts = shlex.split(given.text)
    except ValueError:
        texts = given.text.split()
    words = tuple(word(text, given) for text in texts)
    return [found for one in _split(words) for found in _tmux_command(call, one, depth + 1)]


def _typed(call: Call, keys: tuple[Word, ...]) -> list[Inner]:
    """What `send-keys` types: names of keys are keys, all else is text."""
    texts = [one for one in keys if _key(one.text) is None]
    if len(texts) == 1:
        return [call.runs_text(texts, elsewhere=True)]
    text = "".join(one.text if (key := _key(one.text)) is None else key for one in keys)
    return [call.runs_text([word(text, keys[0])], elsewhere=True)] if text.strip() else []


def _key(text: str) -> str | None:
    """What a key's name puts into the pane; None when it is no key's name."""
    return _KEYS.get(text.lower(), "" if _OTHER_KEY.fullmatch(text) else None)


def _screen(call: Call) -> Unwrapped | None:
    """`screen [options] command…`, `screen -S NAME -X stuff TEXT`, `-X exec|screen command…`."""
    words = call.words
    for at, one in enumerate(words):
        if one.text == "-X" and words[at + 1 :]:
            return judged_too(*_screen_command(call, words[at + 1 :]))
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        text = words[at].text
        at += 1
        if text in ("-ls", "-list", "-wipe", "-v") or _ATTACHES.fullmatch(text):
            return PACKS_JUDGE
        # A cluster ends with the option that takes a word: `-dmS NAME`, `-p 0`.
        at += text[-1] in "SceTthsp"
    return judged_too(call.runs(words[at:])) if words[at:] else PACKS_JUDGE


def _screen_command(call: Call, words: tuple[Word, ...]) -> list[Inner]:
    name, rest = words[0].text, words[1:]
    if not rest:
        return []
    if name == "stuff":
        text = re.sub(r"\^M|\\n|\\r|\\015|\\012|\r", "\n", rest[0].text)
        given = rest[0] if text == rest[0].text else word(text, rest[0])
        return [call.runs_text([given], elsewhere=True)]
    if name == "screen":
        return [call.runs(walk(rest, front(values="-t -T -h", known=True)).operands)]
    if name == "exec":
        return [call.runs([one for one in rest if not re.fullmatch(r"[.!:|]+", one.text)])]
    if name == "eval":
        return [found for one in rest for found in _screen_command(call, tuple(_words(one)))]
    return []


def _words(given: Word) -> list[Word]:
    try:
        return [word(text, given) for text in shlex.split(given.text)] or [given]
    except ValueError:
        return [given]


def _emulator(*starts: str, texts: str = "", bare: bool = False) -> Handler:
    """A terminal: behind one of `starts` stands the command, the values of `texts` are texts for a shell."""
    text_options = texts.split()

    def handler(call: Call) -> Unwrapped | None:
        for at, one in enumerate(call.words):
            rest = call.words[at + 1 :]
            name, equals, value = one.text.partition("=")
            if one.text in starts and rest:
                if len(rest) == 1 and " " in rest[0].text:
                    return judged_too(call.runs_text(rest))
                return judged_too(call.runs(rest))
            if name in text_options and (equals or rest):
                return judged_too(call.runs_text([value_of(one, value) if equals else rest[0]]))
        operands = walk(call.words, front(known=True)).operands
        if bare and operands and operands[0].text not in ("start", "@", "ssh", "cli", "icat", "msg"):
            return judged_too(call.runs(operands))
        return PACKS_JUDGE

    return handler


def _kitty(call: Call) -> Unwrapped | None:
    """`kitty command…`, `kitty @ send-text TEXT`, `kitty @ launch command…`."""
    words = call.words
    if words[:1] and words[0].text in ("@", "+kitten") and len(words) > 2:
        rest = walk(
            words[2:], front(values="-m --match --type --cwd --title -t --location", known=True)
        ).operands
        if not rest:
            return PACKS_JUDGE
        if words[1].text == "send-text":
            return judged_too(call.runs_text(rest, elsewhere=True))
        return judged_too(call.runs(rest)) if words[1].text in ("launch", "new-window") else PACKS_JUDGE
    return _emulator("-e", "--", bare=True)(call)


def _typing(*subcommand: str) -> Handler:
    """`zellij action write-chars TEXT`, `xdotool type TEXT`, `i3-msg exec TEXT`: what follows is typed or run."""

    def handler(call: Call) -> Unwrapped | None:
        words = call.words
        for at in range(len(words) - 1):
            if words[at].text in subcommand:
                rest = words[at + 1 :]
                if words[at].text == "run":
                    rest = walk(
                        rest,
                        front(values="-d -n --direction --name --cwd -x -y --width --height", known=True),
                    ).operands
                    return judged_too(call.runs(rest)) if rest else PACKS_JUDGE
                rest = tuple(one for one in rest if not one.text.startswith("--"))
                return judged_too(call.runs_text(rest, elsewhere=True)) if rest else PACKS_JUDGE
        return PACKS_JUDGE

    return handler


def _osascript(call: Call) -> Unwrapped | None:
    """`osascript -e '… do shell script "TEXT"'`; other AppleScript is not read."""
    given = walk(call.words, front(values="-e -l -s -i", known=True)).values("-e")
    texts = [
        word(re.sub(r"\\(.)", r"\1", text), one)
        for one in given
        for text in _DO_SHELL_SCRIPT.findall(one.text)
    ]
    return judged_too(*(call.runs_text([one]) for one in texts))


WRAPPERS: Final[dict[str, Handler]] = {
    "tmux": _tmux,
    "byobu": _tmux,
    "screen": _screen,
    **dict.fromkeys(
        (
            "xterm",
            "uxterm",
            "urxvt",
            "rxvt",
            "st",
            "konsole",
            "lxterminal",
            "alacritty",
            "qterminal",
            "cool-retro-term",
        ),
        _emulator("-e", "--command"),
    ),
    "gnome-terminal": _emulator("--", "-x", "--execute", texts="-e --command -c"),
    "xfce4-terminal": _emulator("-x", "--execute", texts="-e --command"),
    "mate-terminal": _emulator("--", "-x", "--execute", texts="-e --command"),
    "terminator": _emulator("-x", "--execute", texts="-e --command"),
    "tilix": _emulator(texts="-e --command"),
    "x-terminal-emulator": _emulator("-e", "--"),
    "foot": _emulator(bare=True),
    "wezterm": _emulator("--", "-e"),
    "kitty": _kitty,
    "ghostty": _emulator("-e"),
    "abduco": _emulator("-n", "-c", "-A"),
    "zellij": _typing("write-chars", "run"),
    "xdotool": _typing("type"),
    **dict.fromkeys(("i3-msg", "swaymsg", "hyprctl"), _typing("exec", "exec_always")),
    "osascript": _osascript,
}
