"""Reads ssh's configuration files into what is collected: their blocks, and the files that they include.

Mistakes are gathered, so that all of them are told at once. What the values mean is `config_keywords`' matter.
"""

from __future__ import annotations

from typing import Final

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.text import visible
from safeshell.ssh.config_collected import Collected, Layer, Origin
from safeshell.ssh.config_keywords import ALIASES, KINDS, SILENT, UNSUPPORTED
from safeshell.ssh.config_line import ConfigLine, LineMistake, read_line
from safeshell.ssh.config_machine import UnsafeFile
from safeshell.ssh.config_match import Candidate, host_matches, match_line
from safeshell.ssh.config_tokens import with_home
from safeshell.ssh.config_words import Into, Words
from safeshell.ssh.wildcards import matches_list

SYSTEM_FOLDER: Final = "/etc/ssh"
_DEEPEST: Final = 16
"""How deep files may include others."""


@frozen
class Mistake:
    """Something that can't be read.

    Args:
        origin: the line.
        words: what is wrong, a sentence without its end.
    """

    origin: Origin
    words: str


@frozen
class _Reading:
    """A file that is read.

    Args:
        path: the file.
        layer: whose it is.
        never: whether none of its lines count, since the line that includes it doesn't.
        depth: how many files include it.
    """

    path: str
    layer: Layer
    never: bool = False
    depth: int = 0


class TooDeep(SafeshellError):
    """Files include one another without an end."""


class FileReader:
    """Reads files for one host, in one pass.

    Args:
        candidate: the host; what is collected of it grows.
    """

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self._collected: Collected = candidate.collected
        self.wants_final = False
        """Whether a Match line asks for a final pass."""
        self.mistakes: list[Mistake] = []
        self.passed_over: list[Origin] = []
        """Lines with keywords that ssh knows, and does not support."""

    def read_file(self, path: str, layer: Layer, *, guarded: bool) -> None:
        """Read a file, and those that it includes.

        Args:
            path: the file.
            layer: whose it is.
            guarded: whether others must not be able to write it.

        Raises:
            OSError: it can't be read.
            TooDeep: it includes files without an end.
        """
        self._read(_Reading(path, layer), guarded=guarded, active=True)

    def read_option(self, text: str, origin: Origin) -> None:
        """Read what is given to -o."""
        try:
            line = read_line(text)
            if line is None:
                return
            if line.keyword in ("host", "match", "include"):
                raise LineMistake(f"{line.keyword} can't be an option")
            self._take(line, origin, Layer.USER, active=True)
        except LineMistake as mistake:
            self.mistakes.append(Mistake(origin, str(mistake)))

    def _read(self, reading: _Reading, *, guarded: bool, active: bool) -> None:
        if reading.depth > _DEEPEST:
            raise TooDeep(
                "the configuration includes files without an end",
                where=visible(reading.path),
                todo="Take out the Include that leads back.",
            )
        text = self._candidate.machine.read(reading.path, guarded=guarded)
        for number, written in enumerate(text.split("\n"), 1):
            origin = Origin(reading.path, number, written.strip())
            try:
                # What follows a NUL is not seen by ssh, either.
                line = read_line(written.partition("\0")[0])
                if line:
                    active = self._line(line, origin, reading, active=active)
            except LineMistake as mistake:
                self.mistakes.append(Mistake(origin, str(mistake)))

    def _line(self, line: ConfigLine, origin: Origin, reading: _Reading, *, active: bool) -> bool:
        """Read a line; whether the lines behind it count."""
        match line.keyword:
            case "host":
                patterns = Words(line.rest).all()
                return not reading.never and host_matches(self._candidate.host, patterns)
            case "match":
                # The criteria are cut in ssh's other way, but quotes have to be closed in both.
                Words(line.rest)
                matched = match_line(line.rest, self._candidate, run=not reading.never)
                self.wants_final = self.wants_final or matched.wants_final
                return matched.holds and not reading.never
            case "include":
                self._include(line, reading, active=active)
            case _:
                self._take(line, origin, reading.layer, active=active)
        return active

    def _include(self, line: ConfigLine, reading: _Reading, *, active: bool) -> None:
        machine = self._candidate.machine
        for word in Words(line.rest).all():
            if reading.layer is Layer.SYSTEM:
                if word.startswith("~"):
                    raise LineMistake("the machine's file includes nothing of a person's home")
                path = word if word.startswith("/") else f"{SYSTEM_FOLDER}/{word}"
            else:
                path = word if word.startswith(("/", "~")) else f"~/.ssh/{word}"
            for found in machine.paths(with_home(path, machine.home, machine.home_of)):
                included = replace(reading, path=found, never=not active, depth=reading.depth + 1)
                try:
                    self._read(included, guarded=True, active=active)
                except UnsafeFile as error:
                    raise LineMistake(
                        f"{visible(found)} can be written by others, so it is not read"
                    ) from error
                except (FileNotFoundError, IsADirectoryError):
                    continue
                except OSError as error:
                    raise LineMistake(f"{visible(found)} can't be read: {error.strerror}") from error

    def _take(self, line: ConfigLine, origin: Origin, layer: Layer, *, active: bool) -> None:
        words = Words(line.rest)
        keyword = ALIASES.get(line.keyword, line.keyword)
        kind = KINDS.get(keyword)
        if kind is None:
            self._unknown(line.keyword, origin, active=active)
            return
        into = Into(
            self._collected,
            origin,
            active=active,
            layer=layer,
            environ=self._candidate.machine.environ,
            port_of=self._candidate.machine.port_of,
        )
        kind(keyword, words, into)
        words.end()

    def _unknown(self, keyword: str, origin: Origin, *, active: bool) -> None:
        if keyword in SILENT:
            return
        if keyword in UNSUPPORTED:
            if active:
                self.passed_over.append(origin)
            return
        ignored = self._collected.one("ignoreunknown")
        if not (ignored and matches_list(keyword, ignored.lower())):
            raise LineMistake(f"the keyword {visible(keyword)} is not known here")
