"""The entry point: `safeshell …`, `python -m safeshell …`, or a link named `redis-cli`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the program on this process's arguments; the exit status."""
    from safeshell.cli.main import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
