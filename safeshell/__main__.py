"""The entry point: `safeshell …`, `python -m safeshell …`, or a link named `redis-cli`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run the program on this process's arguments; the exit status.

    One command lives for a tenth of a second. Collecting garbage while modules load costs a tenth of that, and
    taking the interpreter apart at the end another: neither is done for a process that opened no console. (A
    console goes the ordinary way out: it has things to put back at exit.)
    """
    gc.disable()
    from safeshell.cli.main import run

    status = run(sys.argv)
    if "prompt_toolkit" in sys.modules:
        return status
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # the reader of our output has left; nobody is there to be told
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
