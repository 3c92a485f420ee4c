"""What kind of thing an operand names: the classes (`@system`, `@temp`, …) that rules speak of.

Pure: a path is judged by its text, the working directory and the home directory as far as they are known.
No file system is looked at. Sources: hier(7), the Filesystem Hierarchy Standard 3.0.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.word import UNKNOWN, Word

_SYSTEM_DIRECTORIES: Final = frozenset(
    "/bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /lost+found /media /mnt /opt /proc /root /run /sbin"
    " /srv /sys /usr /var /usr/bin /usr/include /usr/lib /usr/lib32 /usr/lib64 /usr/libexec /usr/local"
    " /usr/local/bin /usr/local/lib /usr/local/sbin /usr/sbin /usr/share /var/backups /var/db /var/lib /var/log"
    " /var/mail /var/opt /var/run /var/spool /var/www /boot/efi /boot/grub /data /nix /nix/store /snap /Users"
    " /Applications /Library /System /Volumes /private /private/etc /private/var".split()
)
_IN_SYSTEM: Final = (
    "/bin/", "/boot/", "/etc/", "/lib/", "/lib32/", "/lib64/", "/libx32/", "/proc/", "/sbin/", "/sys/", "/usr/",
    "/var/lib/", "/var/spool/", "/var/db/", "/dev/", "/System/", "/Library/", "/private/etc/", "/efi/",
)  # fmt: skip
_WORKSHOPS: Final = ("/usr/src/", "/usr/local/src/", "/var/lib/jenkins/workspace/")
"""Inside of system directories, but where people build things."""
_DATA: Final = lazy_pattern(
    r"/(?:etc|var/lib|var/log|var/spool|var/www|var/backups|usr/lib|opt|srv)/[^/]+(?:/\*+)?"
)
_TEMP: Final = ("/tmp/", "/var/tmp/", "/dev/shm/", "/private/tmp/", "/private/var/tmp/")  # noqa: S108 - recognised only
_TEMP_VARIABLES: Final = ("TMPDIR", "TMP", "TEMP", "TEMPDIR", "RUNNER_TEMP", "XDG_RUNTIME_DIR")
_DEVICE: Final = lazy_pattern(
    r"/dev/(?:[shv]d[a-z]|xvd[a-z]|nvme\d|mmcblk\d|disk|rdisk|mapper/|md\d|md/|dm-\d|loop\d|sr\d|nbd\d|rbd\d|zd\d"
    r"|vg|block/|mtd|pmem|ada\d|da\d|wd\d|r?[ws]d\d)"
)
_DEVICE_GLOB: Final = lazy_pattern(r"/dev/(?:\*|[shv]d|nvme|xvd|mmcblk|disk)[\w*?\[\]-]*$")
_NULL: Final = frozenset(
    {"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-", "/dev/zero", "/dev/full"}
)
_DOTFILES: Final = lazy_pattern(
    r"(?:~[\w.-]*|/root|/home/[^/]+|/Users/[^/]+)/"
    r"(?:\.(?:ssh|aws|kube|gnupg|docker|config|azure|local|pki|password-store|mozilla|vault-token|helm|terraform\.d)(?:/.*)?"
    r"|\.(?:bash\w*|zsh\w*|profile|zprofile|inputrc|netrc|pgpass|my\.cnf|gitconfig|vimrc|npmrc|pypirc|tmux\.conf"
    r"|git-credentials|env|rhosts|forward|Xauthority))"
)
_MADE: Final = lazy_pattern(
    r"(?:.*/)?(?:node_modules|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nox|\.next|\.nuxt"
    r"|\.parcel-cache|\.turbo|\.gradle|\.eggs|[\w.-]*\.egg-info|\.coverage|htmlcov|\.hypothesis|\.svelte-kit"
    r"|\.ipynb_checkpoints|\.sass-cache|\.angular|\.nyc_output|\.DS_Store|\*\.py[co]|[\w*.-]+\.pyc|\*\.o|\*\.class|\*~"
    r"|CMakeFiles|bower_components|\.venv|venv|coverage|\.cache)(?:/\*{0,2})?"
)
_HERE: Final = lazy_pattern(r"(?:\.{1,2}/+)*(?:\.{0,2}|\*{1,2}|\.\*|\.\?+\*?|\.\[!?\^?\.\]\*|\*\.\*)/*")
_HOME: Final = lazy_pattern(r"(?:~[\w.-]*|/root|/home/(?:[^/]+|\*)|/Users/(?:[^/]+|\*))(?:/+\*{0,2}|/\.\*)?")
_REMOTE: Final = lazy_pattern(r"(?:[\w.-]+@)?(?:[\w.-]+|\[[\w:.]+\]):(?!//)(?!:).*", re.S)
_URL: Final = lazy_pattern(r"[A-Za-z][\w+.-]*://.+", re.S)
_ASSIGNMENT: Final = lazy_pattern(r"[A-Za-z_]\w*\+?=.*", re.S)


def belongs_to(word: Word, kind: str, context: ShellContext) -> bool:
    """Whether an operand is of the class `kind`, the name with its `@`.

    Raises:
        KeyError: there is no such class.
    """
    return _CLASSES[kind](word, context)


def is_class(kind: str) -> bool:
    """Whether there is a class of that name."""
    return kind in _CLASSES


def absolute(text: str, context: ShellContext) -> str:
    """The path with `.`, `..`, `//` and the working directory worked in; relative where that is not known."""
    if not text.startswith("/") and not text.startswith("~") and context.cwd and UNKNOWN not in text:
        text = f"{context.cwd}/{text}"
    if text.startswith("/"):
        text = "/" + posixpath.normpath(text).lstrip("/")
    elif text.startswith("~") and "/" in text:
        # What is above an unknown home is taken for `/home`.
        above = context.home.rpartition("/")[0] if context.home and text.startswith("~/") else "/home"
        path = posixpath.normpath(f"{above}/{text}")
        text = path.removeprefix(f"{above}/") if path.startswith(f"{above}/~") else path
    if context.home and context.home != "/" and (text == context.home or text.startswith(context.home + "/")):
        return "~" + text[len(context.home) :]
    return text


def _known_start(word: Word, context: ShellContext) -> str:
    """The path as far as it is known; a `/` in front of the first unknown part stays."""
    start, unknown, _ = word.text.partition(UNKNOWN)
    path = absolute(start, context)
    return f"{path}/" if unknown and start.endswith("/") and not path.endswith("/") else path


def _is_root(word: Word, context: ShellContext) -> bool:
    return word.known and absolute(word.text, context) in ("/", "/*", "/**", "/.*", "/?*")


def _is_system(word: Word, context: ShellContext) -> bool:
    if not word.known:
        return False
    path = absolute(word.text, context)
    if path in ("/", "/*"):
        return True
    if word.glob and path.count("/") == 1 and any(sign in path for sign in "*?["):
        return path.startswith("/")
    return path.rstrip("*").rstrip("/") in _SYSTEM_DIRECTORIES or (
        _DATA.fullmatch(path) is not None and path.startswith(("/var/lib/", "/etc/", "/usr/lib/"))
    )


def _is_in_system(word: Word, context: ShellContext) -> bool:
    path = _known_start(word, context)
    if word.known and _is_null(word, context):
        return False
    return path.startswith(_IN_SYSTEM) and not path.startswith((*_TEMP, *_WORKSHOPS))


def _is_home(word: Word, context: ShellContext) -> bool:
    if word.text.startswith(UNKNOWN) and word.unknowns[:1] in (("$HOME",), ("${HOME}",)):
        return re.fullmatch(r"/*\*{0,2}", word.text[1:]) is not None
    return word.known and _HOME.fullmatch(absolute(word.text, context)) is not None


def _is_dotfile(word: Word, context: ShellContext) -> bool:
    text = word.text
    if text.startswith(UNKNOWN) and word.unknowns[:1] in (("$HOME",), ("${HOME}",)):
        text = "~" + text[1:]
    return _DOTFILES.match(absolute(text.partition(UNKNOWN)[0], context)) is not None


def _is_here(word: Word, context: ShellContext) -> bool:
    if word.text.startswith(UNKNOWN):
        is_cwd = word.unknowns[:1] in (("$PWD",), ("${PWD}",), ("$(pwd)",), ("`pwd`",))
        return is_cwd and _HERE.fullmatch("." + word.text[1:]) is not None
    if not word.known or not word.text or (context.moved and _is_temp(word, context)):
        return False
    if _HERE.fullmatch(word.text) is not None:
        return True
    path = absolute(word.text, context)
    return bool(context.cwd) and path.rstrip("*").rstrip("/") == absolute(context.cwd, context).rstrip("/")


def _is_unknown_root(word: Word, context: ShellContext) -> bool:
    """Whether the word is about `/` when the variables in it are empty: `"$DIR"/*`, `$A/$B`, `${X}/`."""
    rest = word.text.replace(UNKNOWN, "")
    if any(":?" in expansion or ":-" in expansion or ":=" in expansion for expansion in word.unknowns):
        return False  # the shell stops at an empty one, or has something else to put there
    if word.known or not word.text.startswith(UNKNOWN) or _is_here(word, context) or _is_temp(word, context):
        return False
    return not _is_home(word, context) and re.fullmatch(r"/+[*.?]{0,3}/*", rest) is not None


def _is_device(word: Word, context: ShellContext) -> bool:
    path = _known_start(word, context)
    return _DEVICE.match(path) is not None or _DEVICE_GLOB.match(path) is not None


def _is_null(word: Word, _: ShellContext) -> bool:
    return word.text in _NULL or word.text.startswith("/dev/fd/")


def _is_temp(word: Word, context: ShellContext) -> bool:
    text = word.text
    if text.startswith(UNKNOWN):
        name = word.unknowns[0].strip('${}"') if word.unknowns else ""
        if name.startswith("(mktemp"):
            return True
        return (
            name.partition(":")[0] in _TEMP_VARIABLES
            and len(text) > 2
            and text[1] == "/"
            and text[2] != UNKNOWN
        )
    known, unknown, _ = text.partition(UNKNOWN)
    if not context.moved and not known.startswith("/"):
        return False  # that the session happens to be in a folder for temporary files makes nothing harmless
    path = absolute(known, context) + ("/" if known.endswith("/") and not known.endswith("//") else "")
    if unknown and ".." in text:
        return False
    for place in _TEMP:
        if path.startswith(place):
            inside = path[len(place) :].lstrip("/")
            return bool(inside) and inside not in (".*", "**") if not unknown else len(inside) > 1
    return False


def _is_made(word: Word, context: ShellContext) -> bool:
    text = word.text
    if ".." in text.split("/") or (
        text.startswith("/") and absolute(text.partition(UNKNOWN)[0], context).startswith(_IN_SYSTEM)
    ):
        return False
    if not word.known:
        # What `find DIR -name node_modules` finds: where it stands is unknown, what it is called is not.
        before, _, ending = text.rpartition(UNKNOWN)
        return (
            bool(before)
            and _MADE.fullmatch(ending.lstrip("/") if ending[:1] == "/" else f"x{ending}") is not None
        )
    return _MADE.fullmatch(text.rstrip("/")) is not None and not absolute(text, context).startswith(
        _IN_SYSTEM
    )


_CLASSES: Final[dict[str, Callable[[Word, ShellContext], bool]]] = {
    "@root": _is_root,
    "@system": _is_system,
    "@in-system": _is_in_system,
    "@home": _is_home,
    "@dotfile": _is_dotfile,
    "@here": _is_here,
    "@device": _is_device,
    "@null": _is_null,
    "@temp": _is_temp,
    "@made": _is_made,
    "@existing": lambda word, context: word.known and word.text in context.existing,
    "@unknown-root": _is_unknown_root,
    "@glob": lambda word, _: word.glob,
    "@unknown": lambda word, _: not word.known,
    "@emptied": lambda word, _: bool(word.empties),
    "@absolute": lambda word, _: word.text.startswith(("/", "~")),
    "@relative": lambda word, _: word.known and not word.text.startswith(("/", "~")),
    "@remote": lambda word, _: (
        _REMOTE.fullmatch(word.text) is not None and "/" not in word.text.partition(":")[0]
    ),
    "@url": lambda word, _: _URL.fullmatch(word.text) is not None,
    "@number": lambda word, _: word.text.isdigit(),
    "@assignment": lambda word, _: _ASSIGNMENT.fullmatch(word.text) is not None,
}
