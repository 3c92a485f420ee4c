"""tar: which of its modes a command is, and what runs or goes besides.

Facts: the GNU tar 1.34 and bsdtar 3.7 manuals.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import given_text, retaken, spec, words
from safeshell.shell.invocation import Invocation, Option
from safeshell.shell.paths import belongs_to
from safeshell.shell.word import UNKNOWN, Word

_TAR: Final = spec(
    "-f --file -C --directory -T --files-from -X --exclude-from --exclude -b --blocking-factor -g"
    " --listed-incremental -N"
    " --newer --after-date --newer-mtime -K --starting-file -L --tape-length -V --label -I"
    " --use-compress-program -F"
    " --info-script --new-volume-script --to-command --checkpoint-action --transform --xform"
    " --strip-components --owner"
    " --group --mode --mtime --format -H --rsh-command --rmt-command --index-file --suffix --sort"
    " --warning --volno-file"
    " --add-file --exclude-tag --exclude-tag-all --exclude-tag-under --exclude-ignore --pax-option"
    " --record-size",
    first_is_options=True,
    abbreviations=True,
)
_RUNNING: Final = (
    "--to-command", "-I", "--use-compress-program", "-F", "--info-script", "--new-volume-script",
        "--rsh-command",
    "--checkpoint-action",
)  # fmt: skip
_COMPRESSORS: Final = words(
    "gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd zstdmt lz4 lzma lzip lzop pigz unpigz pbzip2 pixz plzip"
    " brotli lbzip2"
    " compress"
)
_LISTING: Final = ("-t", "--list", "-d", "--diff", "--compare", "--test-label")
_REMOVING: Final = ("--remove-files", "--delete", "--recursive-unlink", "--unlink-first")


def _taken(invocation: Invocation) -> Invocation:
    return retaken(invocation, _TAR)


def _mode(taken: Invocation, *names: str) -> bool:
    return any(option.name == name for option in taken.options for name in names)


def lists(invocation: Invocation) -> bool:
    """It lists or compares an archive, and nothing runs besides."""
    taken = _taken(invocation)
    return _mode(taken, *_LISTING) and not _changes_mode(taken) and _quiet(taken)


def extracts(invocation: Invocation) -> bool:
    """It extracts."""
    return _mode(_taken(invocation), "-x", "--extract", "--get")


def creates(invocation: Invocation) -> bool:
    """It makes an archive."""
    return _mode(_taken(invocation), "-c", "--create")


def appends(invocation: Invocation) -> bool:
    """It changes an archive."""
    return _mode(
        _taken(invocation),
        "-r",
        "--append",
        "-u",
        "--update",
        "-A",
        "--catenate",
        "--concatenate",
        "--delete",
    )


def to_stdout(invocation: Invocation) -> bool:
    """It extracts to standard output."""
    taken = _taken(invocation)
    return extracts(invocation) and _mode(taken, "-O", "--to-stdout")


def reads(invocation: Invocation) -> bool:
    """It lists, extracts to standard output, or makes an archive on standard output; nothing runs besides."""
    taken = _taken(invocation)
    if not _quiet(taken) or any(option.name in _REMOVING for option in taken.options):
        return False
    if lists(invocation):
        return True
    if to_stdout(invocation):
        return True
    file = taken.value("-f", "--file")
    incremental = taken.has("-g", "--listed-incremental")
    return (
        creates(invocation)
        and not incremental
        and given_text(file) in ("-", "/dev/null", "/dev/stdout")
        and file is not None
    )


def runs(invocation: Invocation) -> bool:
    """It starts a program that is no compressor."""
    return not _starts_nothing(_taken(invocation))


def removes(invocation: Invocation) -> bool:
    """It removes files, or parts of an archive."""
    return any(option.name in _REMOVING for option in _taken(invocation).options)


def overwrites_system(invocation: Invocation) -> bool:
    """It extracts over the root or a system's directory, or wherever the archive says."""
    taken = _taken(invocation)
    if not extracts(invocation):
        return False
    if _mode(taken, "-P", "--absolute-names"):
        return True
    directory = taken.value("-C", "--directory")
    return directory is not None and any(
        belongs_to(directory, kind, invocation.context) for kind in ("@root", "@system", "@in-system")
    )


def _changes_mode(taken: Invocation) -> bool:
    return _mode(
        taken,
        "-x",
        "--extract",
        "--get",
        "-c",
        "--create",
        "-r",
        "--append",
        "-u",
        "--update",
        "-A",
        "--delete",
    )


def _quiet(taken: Invocation) -> bool:
    return (
        _starts_nothing(taken)
        and not _mode(taken, "--index-file", "--volno-file")
        and not any(word.text.startswith(UNKNOWN) for word in taken.words[:1])
    )


def _starts_nothing(taken: Invocation) -> bool:
    return all(_harmless(option) for option in taken.given(*_RUNNING))


def _harmless(option: Option) -> bool:
    if option.name.startswith("--checkpoint"):
        return not (option.value and option.value.text.startswith(("exec", UNKNOWN)))
    return option.name in ("-I", "--use-compress-program") and _is_compressor(option.value)


def _is_compressor(word: Word | None) -> bool:
    words = given_text(word).split()
    return bool(words) and words[0].rsplit("/", 1)[-1] in _COMPRESSORS
