"""The file and the line that a value of a host's configuration comes from, so that it can be told by name and line.

`ssh -G` doesn't say that, so the files are read once more by ourselves. Nothing is run for it: for `Match exec` both
answers are tried.
"""

from __future__ import annotations

from safeshell.errors import SafeshellError
from safeshell.ssh.config_answer import Value
from safeshell.ssh.config_collected import Origin
from safeshell.ssh.config_machine import Machine
from safeshell.ssh.config_reader import ReadConfig, read_config
from safeshell.ssh.options import SshCall


class Origins:
    """Where the values for one call come from. The files are read when the first value is asked about.

    Args:
        call: the options and the destination.
        machine: where the files are.
    """

    def __init__(self, call: SshCall, machine: Machine) -> None:
        self._call = call
        self._machine = machine
        self._read: tuple[ReadConfig, ...] | None = None

    def of(self, keyword: str, value: str) -> Origin | None:
        """The line that says a value.

        Args:
            keyword: in lower case.
            value: as `ssh -G` says it.

        Returns:
            None for a value that nobody has said, so that it is the usual one; or where the files can't be read.
        """
        found = [config.values.get(keyword, ()) for config in self._configs()]
        for values in found:
            for one in values:
                if one.text == value:
                    return one.origin
        # Another ssh than ours may spell it otherwise: then it is whoever says anything.
        return next((one.origin for values in found for one in values if one.origin), None)

    def values(self, keyword: str) -> tuple[Value, ...]:
        """All that is said under a keyword, as far as it can be known without running anything."""
        return next((config.values.get(keyword, ()) for config in self._configs()), ())

    def _configs(self) -> tuple[ReadConfig, ...]:
        if self._read is None:
            self._read = tuple(filter(None, (self._config(succeeds=True), self._config(succeeds=False))))
        return self._read

    def _config(self, *, succeeds: bool) -> ReadConfig | None:
        try:
            return read_config(self._call, self._machine, succeeds=lambda _: succeeds)
        except SafeshellError:
            return None
