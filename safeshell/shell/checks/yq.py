"""yq, both programs of that name: whether files are edited in place or split.

Facts: the manuals of mikefarah/yq 4 and kislyuk/yq 3.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_YQ: Final = spec(
    "-p --input-format -o --output-format -I --indent --from-file --header-preprocess --expression --arg"
    " --argjson --front-matter -f"
    " --lua-prefix --csv-separator --xml-content-name --xml-attribute-prefix -s --split-exp --split-exp-file",
    abbreviations=False,
)


def reads(invocation: Invocation) -> bool:
    """It only prints."""
    taken = retaken(invocation, _YQ)
    if in_place(invocation) or taken.has("-s", "--split-exp", "--split-exp-file"):
        return False
    return not any(map(may_be_option, taken.operands[:1])) and "write" not in [
        word.text for word in taken.operands[:1]
    ]


def in_place(invocation: Invocation) -> bool:
    """Files are edited where they are; `yq w -i`, `yq eval -i`, `yq -yi` alike."""
    return retaken(invocation, _YQ).has("-i", "--inplace", "--in-place")
