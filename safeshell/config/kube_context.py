"""Which Kubernetes context is current: what `kubectl` uses when a line names none.

Reads files, and looks for one key at the margin; the rest of them is not parsed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from safeshell.lazy_pattern import lazy_pattern

_CURRENT: Final = lazy_pattern(
    r"""^current-context:[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|([^"'\s#]+))""", re.MULTILINE
)
_JSON: Final = lazy_pattern(r'"current-context"\s*:\s*"([^"]+)"')
_MAX_SIZE: Final = 4 << 20


def current_context(files: str) -> str:
    """The current context of the first file that sets one; "" when none does or can be read.

    Args:
        files: a path or several, joined as in `$KUBECONFIG`; "" for `~/.kube/config`.
    """
    for name in files.split(os.pathsep) if files else ("~/.kube/config",):
        text = _text(name)
        found = _CURRENT.search(text) or _JSON.search(text)
        if found:
            return str(found[found.lastindex or 0])
    return ""


def _text(name: str) -> str:
    try:
        path = Path(name).expanduser()
        if not path.is_file() or path.stat().st_size > _MAX_SIZE:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, RuntimeError, ValueError):
        return ""
