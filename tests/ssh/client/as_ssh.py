"""Our client as a program with ssh's words, for the tests: what the front does behind a fork."""

from __future__ import annotations

import os
import sys

from safeshell.ssh.client.__main__ import main

if __name__ == "__main__":
    side = os.environ.get("TEST_SIDE_DOOR")
    own = ["--side", side] if side else []
    sys.exit(main(["--ssh", "ssh", *own, "--", *sys.argv[1:]]))
