"""What the options of a call of ssh say of its configuration, before every file (ssh(1), ssh.c of OpenSSH)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.config_collected import COMMAND_LINE, Collected, Layer, Origin, Setting
from safeshell.ssh.config_files import FileReader, Mistake
from safeshell.ssh.config_forwards import read_forward, read_jump, read_port
from safeshell.ssh.config_line import LineMistake
from safeshell.ssh.config_machine import Machine
from safeshell.ssh.config_tokens import with_home, with_variables
from safeshell.ssh.config_values import escape, tunnel
from safeshell.ssh.options import SshCall

STREAM: Final = "stream"
"""What -W says: the session is a stream to another host; that changes what else is usual."""
_FIXED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "4": (("addressfamily", "inet"),),
    "6": (("addressfamily", "inet6"),),
    "A": (("forwardagent", "yes"),),
    "a": (("forwardagent", "no"),),
    "C": (("compression", "yes"),),
    "f": (("forkafterauthentication", "yes"), ("stdinnull", "yes")),
    "g": (("gatewayports", "yes"),),
    "K": (("gssapiauthentication", "yes"), ("gssapidelegatecredentials", "yes")),
    "k": (("gssapidelegatecredentials", "no"),),
    "N": (("sessiontype", "none"), ("requesttty", "false")),
    "n": (("stdinnull", "yes"),),
    "q": (("loglevel", "SILENT"),),
    "s": (("sessiontype", "subsystem"),),
    "T": (("requesttty", "false"),),
    "X": (("forwardx11", "yes"),),
    "x": (("forwardx11", "no"),),
    "Y": (("forwardx11", "yes"), ("forwardx11trusted", "yes")),
}
"""What options without a value say."""
_AS_IT_IS: Final[Mapping[str, str]] = {
    "B": "bindinterface",
    "b": "bindaddress",
    "c": "ciphers",
    "I": "pkcs11provider",
    "m": "macs",
    "S": "controlpath",
}
_LEVELS: Final = ("SILENT", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG2", "DEBUG3")


class OptionReader:
    """Takes the options of a call, one after another.

    Args:
        collected: where they go.
        machine: where they are read.
        files: reads what -o says.
    """

    def __init__(self, collected: Collected, machine: Machine, files: FileReader) -> None:
        self._collected = collected
        self._machine = machine
        self._files = files
        self._verbose = False

    def take(self, call: SshCall) -> None:
        """Take all options. What can't be read is among the mistakes of `files`."""
        for letter, value in call.options:
            origin = Origin(COMMAND_LINE, 0, f"-{letter} {value}".strip())
            try:
                self._take(letter, value, origin)
            except LineMistake as mistake:
                self._files.mistakes.append(Mistake(origin, str(mistake)))

    def _take(self, letter: str, value: str, origin: Origin) -> None:
        given = _Given(self._collected, origin)
        if letter == "o":
            self._files.read_option(value, origin)
        elif letter in _FIXED:
            for keyword, fixed in _FIXED[letter]:
                given.put(keyword, fixed)
        elif letter in _AS_IT_IS:
            given.put(_AS_IT_IS[letter], value)
        elif letter in "DLR":
            self._forward(letter, value, given)
        elif letter in _OWN:
            _OWN[letter](self, value, given)

    def _port(self, value: str, given: _Given) -> None:
        found = read_port(value, self._machine.port_of)
        if not found:
            raise LineMistake(f"{visible(value)} is no port")
        given.first("port", str(found))

    def _user(self, value: str, given: _Given) -> None:
        given.first("user", value)

    def _tag(self, value: str, given: _Given) -> None:
        given.first("tag", value)

    def _identity(self, value: str, given: _Given) -> None:
        path = with_home(value, self._machine.home, self._machine.home_of)
        if self._machine.exists(path):
            self._collected.add_new("identityfile", given.setting(path, Layer.GIVEN))

    def _jump(self, value: str, given: _Given) -> None:
        if self._collected.has("proxyjump") or self._collected.has("proxycommand"):
            raise LineMistake("the way to the host was said before: one -J names all hosts, with commas")
        given.first("proxyjump", read_jump(value, self._machine.port_of))
        given.first("proxycommand", "none")

    def _verbose_more(self, _: str, given: _Given) -> None:
        level = self._collected.one("loglevel")
        if not self._verbose:
            self._verbose = True
            given.put("loglevel", "DEBUG")
        elif level != _LEVELS[-1]:
            given.put("loglevel", _LEVELS[_LEVELS.index(level) + 1])

    def _terminal(self, _: str, given: _Given) -> None:
        given.put("requesttty", "force" if self._collected.one("requesttty") == "true" else "true")

    def _master(self, _: str, given: _Given) -> None:
        given.put("controlmaster", "ask" if self._collected.one("controlmaster") == "true" else "true")

    def _escape(self, value: str, given: _Given) -> None:
        given.put("escapechar", escape(value))

    def _tunnel(self, value: str, given: _Given) -> None:
        given.first("tunnel", "point-to-point")
        given.put("tunneldevice", tunnel(value))

    def _stream(self, value: str, given: _Given) -> None:
        read_forward(value, self._machine.port_of, dynamic=True, remote=False)
        for keyword, fixed in (("requesttty", "false"), ("sessiontype", "none"), (STREAM, value)):
            given.put(keyword, fixed)

    def _forward(self, letter: str, value: str, given: _Given) -> None:
        text = with_variables(value, self._machine.environ)
        keyword = {"D": "dynamicforward", "L": "localforward", "R": "remoteforward"}[letter]
        forms = (False, True) if letter == "R" else (letter == "D",)
        for dynamic in forms:
            try:
                read_forward(text, self._machine.port_of, dynamic=dynamic, remote=letter == "R")
            except LineMistake:
                if dynamic is forms[-1]:
                    raise
            else:
                break
        self._collected.add_new(keyword, given.setting(text))


class _Given:
    """Where the values of one option go."""

    def __init__(self, collected: Collected, origin: Origin) -> None:
        self._collected = collected
        self._origin = origin

    def setting(self, value: str, layer: Layer = Layer.USER) -> Setting:
        return Setting(value, self._origin, layer)

    def put(self, keyword: str, value: str) -> None:
        self._collected.put(keyword, self.setting(value))

    def first(self, keyword: str, value: str) -> None:
        self._collected.first(keyword, [self.setting(value)])


_OWN: Final[Mapping[str, Callable[[OptionReader, str, _Given], None]]] = {
    "e": OptionReader._escape,
    "i": OptionReader._identity,
    "J": OptionReader._jump,
    "l": OptionReader._user,
    "M": OptionReader._master,
    "P": OptionReader._tag,
    "p": OptionReader._port,
    "t": OptionReader._terminal,
    "v": OptionReader._verbose_more,
    "W": OptionReader._stream,
    "w": OptionReader._tunnel,
}
"""Options with a meaning of their own; those that aren't here say nothing of the configuration."""
