from __future__ import annotations

import pytest

from safeshell.ssh.exec_line import ExecLine, Runs, exec_line
from safeshell.ssh.options import read_call
from safeshell.ssh.resolved import Resolved


@pytest.mark.parametrize(
    ("words", "configured", "terminal", "runs"),
    [
        (["h", "ls", "-l"], {}, True, ExecLine(Runs.COMMAND, "ls -l")),
        (["h"], {}, True, ExecLine(Runs.SESSION)),
        (["h"], {}, False, ExecLine(Runs.INPUT)),
        (["-T", "h"], {}, True, ExecLine(Runs.INPUT)),
        (["-N", "h"], {}, True, ExecLine(Runs.NOTHING)),
        (["-W", "db:5432", "h"], {}, False, ExecLine(Runs.NOTHING)),
        (["-O", "exit", "h"], {}, True, ExecLine(Runs.NOTHING)),
        (["-s", "h", "sftp"], {}, False, ExecLine(Runs.COMMAND, "sftp-server")),
        (["-s", "h", "netconf"], {}, False, ExecLine(Runs.COMMAND, "subsystem netconf")),
        (["h"], {"remotecommand": ("tmux attach",)}, True, ExecLine(Runs.COMMAND, "tmux attach")),
        (["h"], {"sessiontype": ("none",)}, True, ExecLine(Runs.NOTHING)),
        (["h"], {"requesttty": ("no",)}, True, ExecLine(Runs.INPUT)),
    ],
)
def test_what_a_call_runs(
    words: list[str], configured: dict[str, tuple[str, ...]], terminal: bool, runs: ExecLine
) -> None:
    assert exec_line(read_call(words), Resolved(configured), has_terminal=terminal) == runs
