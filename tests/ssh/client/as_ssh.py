"""Our client as a program with ssh's words, for the tests: what the front does behind a fork."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from safeshell.ssh.client.program import run
from safeshell.ssh.options import SshCall, read_call
from safeshell.ssh.resolved import Resolved, read_resolved


def main() -> int:
    call = read_call(sys.argv[1:])
    side = os.environ.get("TEST_SIDE_DOOR")
    return run(call, resolve(call), Path(side) if side else None)


def resolve(call: SshCall) -> Resolved:
    """What ssh says; -f and -s want the command, too."""
    words = ["ssh", *call.words(), "-G", "--", call.destination, *call.command]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return read_resolved(done.stdout.decode())


if __name__ == "__main__":
    sys.exit(main())
