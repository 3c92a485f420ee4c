"""A service's own start script: `/etc/init.d/nginx stop` is `service nginx stop`.

Sources: init-d-script(5), rc(8) of FreeBSD, the rc links of SUSE.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.inner import Unwrapped
from safeshell.shell.wrappers.call import Call, Handler, transparent, word


def _start_script(call: Call) -> Unwrapped | None:
    path = call.command.words[0]
    name = path.text.rsplit("/", 1)[-1]
    if "/sbin/rc" in path.text:
        name = name.removeprefix("rc")
    return transparent(call.runs((word("service", path), word(name, path), *call.words)))


WRAPPERS: Final[dict[str, Handler]] = {"service": _start_script}
