"""ssh's configuration for one host, read by ourselves: what `ssh -G` says where there is a ssh to ask.

Options first, then the person's file, then the machine's; whoever speaks first is right. A second pass is made where
the configuration asks for one. Source: ssh_config(5) of OpenSSH 9.2, and the criteria of Match up to 9.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.config_answer import Destination, UnreadableValue, Value, answer
from safeshell.ssh.config_canonical import canonical_name
from safeshell.ssh.config_collected import COMMAND_LINE, NOBODY, Collected, Layer, Origin, Setting
from safeshell.ssh.config_files import SYSTEM_FOLDER, FileReader, Mistake
from safeshell.ssh.config_forwards import Place, last_hop, read_destination
from safeshell.ssh.config_line import LineMistake
from safeshell.ssh.config_machine import Machine, UnsafeFile
from safeshell.ssh.config_match import Candidate
from safeshell.ssh.config_options import OptionReader
from safeshell.ssh.config_tokens import with_tokens
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import NotResolved, Resolved

_SYSTEM_FILE: Final = f"{SYSTEM_FOLDER}/ssh_config"
_SETTLED: Final = {
    "canonicalizefallbacklocal": "yes",
    "canonicalizehostname": "false",
    "canonicalizemaxdots": "1",
}
_NEVER_IN_HOSTS: Final = frozenset("'`\"$\\;&<>|(){}")
_NEVER_IN_USERS: Final = frozenset("'`\";&<>|(){}")


@frozen
class ReadConfig:
    """What the configuration says for one host.

    Args:
        values: every value by keyword, with the line that says it.
        passed_over: lines with keywords that ssh no longer supports.
    """

    values: Mapping[str, tuple[Value, ...]]
    passed_over: tuple[Origin, ...] = ()

    @property
    def resolved(self) -> Resolved:
        """The values alone, as `ssh -G` says them."""
        return Resolved({keyword: tuple(one.text for one in found) for keyword, found in self.values.items()})


def read_config(
    call: SshCall, machine: Machine, *, succeeds: Callable[[str], bool] | None = None
) -> ReadConfig:
    """Read the configuration for a call.

    Args:
        call: the options and the destination.
        machine: where it is read.
        succeeds: says whether a command of `Match exec` succeeds; without, it is run to see.

    Raises:
        NotResolved: the destination or a line can't be read; every such line is named.
        TooDeep: files include one another without an end.
    """
    return _Reader(call, machine, succeeds or machine.succeeds).read()


class _Reader:
    def __init__(self, call: SshCall, machine: Machine, succeeds: Callable[[str], bool]) -> None:
        self._call = call
        self._machine = machine
        self._succeeds = succeeds
        self._collected = Collected()

    def read(self) -> ReadConfig:
        place = self._destination()
        first = FileReader(self._candidate(place.host))
        OptionReader(self._collected, self._machine, first).take(self._call)
        self._tell(first.mistakes)
        self._where_typed(place)
        self._read_files(first)
        hostname = self._hostname(place.host)
        passed_over = first.passed_over
        canonicalized = self._collected.one("canonicalizehostname", "false") != "false"
        if first.wants_final or canonicalized:
            self._settle()
            final = FileReader(self._candidate(place.host, hostname))
            self._read_files(final)
            passed_over += [origin for origin in final.passed_over if origin not in passed_over]
        try:
            values = answer(self._collected, Destination(place.host, hostname), self._machine)
        except UnreadableValue as error:
            self._tell([Mistake(error.origin, error.words)])
            raise
        self._see_that_it_fits(values)
        return ReadConfig(values, tuple(passed_over))

    def _settle(self) -> None:
        """The name was looked for, so how it is looked for is settled."""
        for keyword, usual in _SETTLED.items():
            self._collected.first(keyword, [Setting(usual, NOBODY)])

    def _candidate(self, typed: str, hostname: str = "") -> Candidate:
        return Candidate(
            typed,
            hostname or typed,
            self._collected,
            self._machine,
            self._succeeds,
            final=bool(hostname),
        )

    def _destination(self) -> Place:
        try:
            place = read_destination(self._call.destination, self._machine.port_of)
        except LineMistake as mistake:
            raise NotResolved(str(mistake), where="safeshell ssh") from mistake
        if not place.host:
            raise NotResolved("the host is missing", where=f"safeshell ssh {visible(self._call.destination)}")
        if place.host.startswith("-") or not _is_plain(place.host, _NEVER_IN_HOSTS):
            raise NotResolved(
                f"{visible(place.host)} can't be the name of a host: it has characters that a shell would read",
                where="safeshell ssh",
            )
        return place

    def _where_typed(self, place: Place) -> None:
        """What stands in the destination counts after the options, and before the files."""
        origin = Origin(COMMAND_LINE, 0, self._call.destination)
        if place.user:
            self._collected.first("user", [Setting(place.user, origin)])
        if place.port:
            self._collected.first("port", [Setting(str(place.port), origin)])
        user = self._collected.one("user")
        if user.startswith("-") or " -" in user or user.endswith("\\") or _has(user, _NEVER_IN_USERS):
            raise NotResolved(
                f"{visible(user)} can't be the name of a user: it has characters that a shell would read",
                where="safeshell ssh",
            )

    def _read_files(self, reader: FileReader) -> None:
        named = self._call.values("F")
        if named:
            if named[-1].lower() != "none":
                self._read_file(reader, named[-1], Layer.USER, needed=True, guarded=False)
        else:
            own = f"{self._machine.home}/.ssh/config"
            self._read_file(reader, own, Layer.USER, needed=False, guarded=True)
            self._read_file(reader, _SYSTEM_FILE, Layer.SYSTEM, needed=False, guarded=False)
        self._tell(reader.mistakes)

    def _read_file(self, reader: FileReader, path: str, layer: Layer, *, needed: bool, guarded: bool) -> None:
        try:
            reader.read_file(path, layer, guarded=guarded)
        except UnsafeFile as error:
            raise NotResolved(
                "others can write this file, so what it says does not count",
                where=visible(path),
                todo=f"chmod go-w {visible(path)}, and see whose it is.",
            ) from error
        except OSError as error:
            if needed:
                raise NotResolved(f"it can't be read: {error.strerror}", where=visible(path)) from error

    def _hostname(self, host: str) -> str:
        named = self._collected.all("hostname")
        try:
            name = with_tokens(named[0].value, {"h": host}) if named else host
            return canonical_name(name, self._collected, self._machine)
        except LineMistake as mistake:
            origin = named[0].origin if named else Origin(COMMAND_LINE, 0, self._call.destination)
            self._tell([Mistake(origin, str(mistake))])
            raise

    def _see_that_it_fits(self, values: Mapping[str, tuple[Value, ...]]) -> None:
        attempts = values["connectionattempts"][0]
        if attempts.text == "0":
            self._tell([Mistake(attempts.origin or NOBODY, "there has to be one attempt to connect")])
        jump = values.get("proxyjump")
        if jump and self._leads_to_itself(jump[0].text, values):
            self._tell([Mistake(jump[0].origin or NOBODY, "the way to this host leads through itself")])

    def _leads_to_itself(self, chain: str, values: Mapping[str, tuple[Value, ...]]) -> bool:
        hop = last_hop(chain, self._machine.port_of)
        user, host, port = (values[keyword][0].text for keyword in ("user", "hostname", "port"))
        return (hop.user or user, hop.host, str(hop.port or 22)) == (user, host, port)

    def _tell(self, mistakes: Sequence[Mistake]) -> None:
        """Raises NotResolved if there are mistakes."""
        if not mistakes:
            return
        first, *others = mistakes
        more = [f"{visible(one.origin.place)}: {one.words}." for one in others]
        raise NotResolved(
            first.words,
            where=visible(first.origin.place),
            todo="\n  ".join([*more, "Mend that, or name another file with -F."]),
        )


def _is_plain(text: str, never: frozenset[str]) -> bool:
    return not _has(text, never) and not any(char.isspace() or not char.isprintable() for char in text)


def _has(text: str, never: frozenset[str]) -> bool:
    return not never.isdisjoint(text)
