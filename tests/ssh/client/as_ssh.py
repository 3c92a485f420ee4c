"""Our client as a program with ssh's words, for the tests: what the front does behind a fork."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from safeshell.ssh.client.program import run
from safeshell.ssh.options import read_call
from safeshell.ssh.resolved import resolve


def main() -> int:
    call = read_call(sys.argv[1:])
    side = os.environ.get("TEST_SIDE_DOOR")
    return run(call, resolve(call, "ssh"), Path(side) if side else None)


if __name__ == "__main__":
    sys.exit(main())
