"""`python -m safeshell.ssh.client`: the client as a program, for whoever runs it in a terminal of its own.

Words before the first `--` are ours, the others are ssh's: `--ssh PROGRAM` resolves the configuration, `--keys FILE`
and `--side PATH` are those of `program.run`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from safeshell.errors import SafeshellError
from safeshell.ssh.options import NO_CONNECTION, read_call
from safeshell.ssh.resolved import resolve


def main(words: Sequence[str]) -> int:
    """Do what the words say; the status is ssh's."""
    end = words.index("--")
    own = dict(zip(words[:end:2], words[1:end:2], strict=True))
    try:
        call = read_call(words[end + 1 :])
        resolved = resolve(call, own["--ssh"])
    except SafeshellError as error:
        os.write(2, f"safeshell ssh: {error}\n".encode("utf-8", "backslashreplace"))
        return NO_CONNECTION
    from safeshell.ssh.client.program import run

    return run(
        call,
        resolved,
        _path(own.get("--side")),
        keys=_path(own.get("--keys")),
        resolve_jump=lambda hop: resolve(hop, own["--ssh"]),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


if __name__ == "__main__":
    # Threads that still wait for a peer or a reader hold nobody up.
    os._exit(main(sys.argv[1:]))
