"""The check that nothing in front of a git subcommand makes git start a program: its own options, `-c`, variables.

Only what the words of one line say; the repository's own settings are not known here.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import words
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import Word

_GLOBAL_VALUES: Final = words("-C -c --git-dir --work-tree --namespace --config-env --attr-source")
_GLOBAL_PLAIN: Final = words(
    "-C -c --git-dir --work-tree --namespace --attr-source -p --paginate -P --no-pager --bare "
    "--no-replace-objects --no-optional-locks --no-lazy-fetch --no-advice --literal-pathspecs "
    "--glob-pathspecs --noglob-pathspecs --icase-pathspecs"
)
_PLAIN_KEYS: Final = words(
    "color. column. advice. i18n. user. log. blame. status. core.quotepath core.abbrev core.autocrlf "
    "core.filemode core.ignorecase core.precomposeunicode core.excludesfile diff.algorithm diff.renames "
    "diff.renamelimit diff.mnemonicprefix diff.noprefix diff.colormoved diff.submodule diff.context grep. "
    "format.pretty safe.directory http.sslverify versionsort. tag.sort branch.sort submodule.recurse "
    "gc.auto fetch.prune protocol.version"
)
_RUNNING_VARIABLES: Final = words(
    "GIT_SSH GIT_SSH_COMMAND GIT_PROXY_COMMAND GIT_EXTERNAL_DIFF GIT_PAGER GIT_EDITOR GIT_SEQUENCE_EDITOR "
    "GIT_ASKPASS PAGER EDITOR VISUAL SSH_ASKPASS LESSOPEN LESSCLOSE"
)
_PLAIN_VARIABLES: Final = words(
    "GIT_DIR GIT_WORK_TREE GIT_NAMESPACE GIT_CEILING_DIRECTORIES GIT_OPTIONAL_LOCKS GIT_TERMINAL_PROMPT "
    "GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_LITERAL_PATHSPECS GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL "
    "GIT_AUTHOR_DATE GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE"
)
_KNOWN_PROGRAMS: Final = words(
    ": true false cat less more most delta diff-so-fancy bat batcat ssh autossh plink vi vim nvim nano emacs "
    "emacsclient code subl micro hx ed echo safeshell"
)
_PROGRAM_FOLDERS: Final = ("/usr/bin/", "/bin/", "/usr/local/bin/")
_SHELL_SIGNS: Final = frozenset(";&|`$<>()\n")


def plain(invocation: Invocation) -> bool:
    """Whether nothing in front of the subcommand makes git start a program or write elsewhere."""
    for assignment in invocation.command.assignments:
        if assignment.name in _RUNNING_VARIABLES:
            if not _known_program(assignment.value):
                return False
        elif assignment.name.startswith("GIT_") and assignment.name not in _PLAIN_VARIABLES:
            return False
    for name, value in _globals(invocation):
        if name not in _GLOBAL_PLAIN:
            return False
        if name == "-c" and not _plain_setting(value):
            return False
    return True


def _globals(invocation: Invocation) -> list[tuple[str, Word | None]]:
    """The options in front of the subcommand, with their values; `--exec-path=DIR` as `--exec-path=`."""
    found: list[tuple[str, Word | None]] = []
    rest = iter(invocation.words)
    for word in rest:
        text = word.text
        if not text.startswith("-") or text == "-":
            break
        if text in _GLOBAL_VALUES:
            found.append((text, next(rest, None)))
        elif text.startswith("--"):
            name, equals, _ = text.partition("=")
            found.append((f"{name}=" if name == "--exec-path" and equals else name, word))
        else:
            found.append((text, word))
    return found


def _plain_setting(value: Word | None) -> bool:
    if value is None or not value.known:
        return False
    key, _, text = value.text.partition("=")
    key = key.lower()
    if key == "core.pager" or key.startswith("pager."):
        return _known_text(text)
    return key.startswith(tuple(_PLAIN_KEYS))


def _known_program(value: Word) -> bool:
    return value.known and _known_text(value.text)


def _known_text(text: str) -> bool:
    parts = text.split()
    if not parts:
        return True
    lower = text.lower()
    if _SHELL_SIGNS & set(text) or "proxycommand" in lower or "localcommand" in lower:
        return False
    folder = next((one for one in _PROGRAM_FOLDERS if parts[0].startswith(one)), "")
    return parts[0].removeprefix(folder) in _KNOWN_PROGRAMS
