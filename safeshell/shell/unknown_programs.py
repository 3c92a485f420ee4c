"""Commands that no rule fits: asked about when they are told to destroy something in so many words.

`datadog-agent stop`, `shopctl db drop orders`: nobody knows the program, everybody understands it. Of a program
that packs have rules for only the bare verb counts; editors and the like, whose words are names, are left out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Finding
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation

_VERBS: Final = (
    "delete|destroy|drop|purge|terminate|wipe|nuke|erase|decommission|truncate|flush|flushall|flushdb|drain|shutdown"
    "|uninstall|remove|reset|stop|kill|rollback|deregister|evict|teardown|prune|revoke|failover|undeploy"
)
_DESTROYS: Final = lazy_pattern(rf"(?:[a-z][a-z0-9]*[-_:.])*(?:{_VERBS})(?:[-_:.][a-z0-9]+)*")
_BARE: Final = lazy_pattern(_VERBS)
_NAMED: Final = lazy_pattern(
    r"(?:[a-z0-9]+[-_])*(?:delete|destroy|drop|wipe|nuke|purge|uninstall|truncate|erase|teardown)(?:[-_][a-z0-9]+)+"
    r"(?:\.(?:sh|bash|py|pl|rb|js))?"
)
_LOOKED_AT: Final = 2
"""Operands that may be the verb: `tool delete x`, `tool thing delete x`."""
_LOOKS: Final = frozenset("help man show list ls get describe info explain search status".split())
"""Verbs that only look, whatever the word behind them says: `help delete`."""
_BEFORE_TEXT: Final = frozenset(
    "--grep --fgrep --filter --match --search --pattern --query --name --title --message --text --tag --label --only"
    " --test --format --sort --description --comment -g -k -m".split()
)
"""Options whose value is anybody's text, whatever the program."""
_TAKE_NAMES: Final = frozenset(
    "git hg svn vi vim nvim nano emacs code subl open xdg-open say notify-send node deno python python3 ruby perl"
    " php bash sh zsh dash ksh fish source . cd pushd tox man touch mkdir ls cat less grep rg java javac gdb"
    " make".split()
)
"""Programs whose first words are names that people gave to files, branches, scripts or targets."""


def plain_deed(invocation: Invocation, *, has_rules: bool) -> tuple[Effect, Finding] | None:
    """What a command says that it does, when one of its first words says it; None when none does.

    Args:
        invocation: a command that is not proven and that no rule fits.
        has_rules: whether there are rules for its program; those are taken to know its compound words.
    """
    if invocation.program in _TAKE_NAMES or invocation.has("--dry-run", "--help", "-h"):
        return None
    says = _BARE if has_rules else _DESTROYS
    texts = {id(word) for before, word in pairwise(invocation.words) if before.text in _BEFORE_TEXT}
    for word in invocation.operands[:_LOOKED_AT]:
        if word.text in _LOOKS:
            return None
        if word.known and id(word) not in texts and says.fullmatch(word.text):
            return _deed(invocation, f"tells a program that no rule knows to {word.text}")
    if not has_rules and _NAMED.fullmatch(invocation.program):
        return _deed(invocation, f"runs {invocation.program}, which says by its name what is lost")
    return None


def _deed(invocation: Invocation, reason: str) -> tuple[Effect, Finding]:
    what = " ".join(one.text for one in invocation.operands[:4]) or invocation.program
    finding = Finding(
        "shell.plain-word",
        Severity.MEDIUM,
        reason,
        "its own help or dry run shows what that is",
        invocation.command.span,
    )
    return Effect(EffectKind.DELETE, Extent.ONE, what), finding
