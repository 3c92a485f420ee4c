"""What a terminal can show, told from the process's environment alone.

Pure decisions over values: the caller says what the variables are and whether the stream is a terminal.
A wrong guess must be readable: when in doubt, fewer colours and plain characters.
"""

from __future__ import annotations

from collections.abc import Mapping

from safeshell.terminal.color import ColorDepth

# Terminals without any escape sequence worth sending, and those that know no colour.
_DUMB = ("", "dumb", "unknown", "emacs")
_MONOCHROME = ("vt52", "vt100", "vt102", "vt220", "vt320", "xterm-mono")
# Terminals that show every colour and whose COLORTERM is lost over ssh.
_TRUE_COLOR = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour")
# Consoles that have no title to set.
_TITLELESS = ("linux", "cons25", "fbterm", "bterm", *_MONOCHROME)

_SYMBOL_SAMPLE = "▲♦●■…·"


def color_depth(environ: Mapping[str, str], *, is_tty: bool, no_color: bool) -> ColorDepth:
    """How many colours to use.

    Args:
        environ: TERM, COLORTERM, NO_COLOR (any non-empty value means none), WT_SESSION and OS are read.
        is_tty: whether the output is a terminal; nothing else gets colours.
        no_color: the person's `--no-color`.
    """
    if no_color or environ.get("NO_COLOR") or not is_tty or not understands_escapes(environ):
        return ColorDepth.NONE
    term = environ.get("TERM", "").lower()
    if term in _MONOCHROME:
        return ColorDepth.NONE
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "WT_SESSION" in environ:
        return ColorDepth.TRUE
    if term.endswith("-direct") or term.startswith(_TRUE_COLOR):
        return ColorDepth.TRUE
    return ColorDepth.PALETTE if "256color" in term else ColorDepth.SIXTEEN


def understands_escapes(environ: Mapping[str, str]) -> bool:
    """Whether escape sequences may be sent to the terminal that `environ` describes.

    Windows has no TERM; its console understands them (after `prepare_output`, where it is old).
    """
    term = environ.get("TERM", "").lower()
    if not term and environ.get("OS") == "Windows_NT":
        return True
    return term not in _DUMB


def has_title(environ: Mapping[str, str], *, is_tty: bool) -> bool:
    """Whether the terminal has a window title that can be set."""
    return is_tty and understands_escapes(environ) and environ.get("TERM", "").lower() not in _TITLELESS


def shows_unicode(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether the symbols can be shown; else their ASCII stand-ins are used.

    Args:
        environ: the locale (LC_ALL, LC_CTYPE, LANG: the first that is set) and TERM are read.
        encoding: of the output stream, None when unknown.
    """
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    if locale and "utf-8" not in locale.lower() and "utf8" not in locale.lower():
        return False
    if environ.get("TERM") == "linux":
        # The text console has a font of 256 or 512 characters; which ones, nobody can ask.
        return False
    try:
        _SYMBOL_SAMPLE.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
