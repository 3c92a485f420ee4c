"""git where it runs other programs: aliases with `!`, bisect run, submodule foreach, rebase -x, filters.

What git itself does with it is for the packs to judge.
Sources: git(1), git-config(1), git-bisect(1), git-submodule(1), git-rebase(1), git-filter-branch(1).
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, part, transparent, value_of
from safeshell.shell.wrappers.front import Walk, front, walk

_GIT: Final = front(
    "-p -P --paginate --no-pager --bare --no-replace-objects --no-lazy-fetch --no-optional-locks --no-advice"
    " --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs --html-path --man-path --info-path"
    " -v --version -h --help",
    "-C -c --git-dir --work-tree --namespace --super-prefix --config-env --attr-source --list-cmds",
    attached="--exec-path",
)
_ALIAS: Final = lazy_pattern(r"alias\.([\w.-]+)", re.I)
_COMMANDS: Final = lazy_pattern(
    r"(?:core\.(?:sshcommand|pager|editor|fsmonitor|gitproxy|askpass|alternaterefscommand)|sequence\.editor|pager\..+"
    r"|diff\.external|diff\..+\.(?:command|textconv)|difftool\..+\.cmd|mergetool\..+\.cmd|merge\..+\.driver"
    r"|filter\..+\.(?:clean|smudge|process)|credential(?:\..+)?\.helper|gpg(?:\..+)?\.program|interactive\.difffilter"
    r"|uploadpack\.packobjectshook|remote\..+\.(?:uploadpack|receivepack|vcs)|sendemail\..*cmd|browser\..+\.cmd"
    r"|man\..+\.cmd|trailer\..+\.(?:command|cmd)|submodule\..+\.update|hook\..+\.command)",
    re.I,
)
_FILTERS: Final = (
    "--tree-filter --index-filter --msg-filter --env-filter --commit-filter --parent-filter --tag-name-filter"
    " --setup"
)
_TEXT_OPTIONS: Final = {
    "rebase": "-x --exec",
    "filter-branch": _FILTERS,
    "difftool": "-x --extcmd",
    "send-email": "--to-cmd --cc-cmd --sendmail-cmd --smtp-server-option --header-cmd",
    "clone": "-u --upload-pack",
    "fetch": "--upload-pack",
    "pull": "--upload-pack",
    "ls-remote": "--upload-pack --exec",
    "fetch-pack": "--upload-pack --exec",
    "push": "--receive-pack --exec",
    "archive": "--exec",
    "grep": "-O --open-files-in-pager",
}
_OTHER_VALUES: Final = {
    "rebase": "-s -X --onto --strategy --strategy-option -C --whitespace --empty --gpg-sign",
    "clone": "-b -o -c -j --branch --origin --config --depth --reference --filter --jobs --template",
    "push": "-o --push-option --repo",
    "filter-branch": "-d --original --subdirectory-filter --state-branch",
}
_LOOKS: Final = frozenset(
    {"--get", "--get-all", "--get-regexp", "--unset", "--unset-all", "--list", "-l", "get", "list"}
)


def _git(call: Call) -> Unwrapped | None:
    """`git [options] SUBCOMMAND …`."""
    words = call.words
    if words and words[0].text[:1] != "-" and words[0].text not in _INTERESTING:
        return PACKS_JUDGE
    taken = walk(words, _GIT)
    inner, alias = _by_settings(call, taken)
    if not taken.operands:
        return judged_too(*inner)
    subcommand, rest = taken.operands[0], taken.operands[1:]
    if alias.get(subcommand.text):
        return judged_too(*inner, *_alias(call, alias[subcommand.text], rest))
    handler = _SUBCOMMANDS.get(subcommand.text)
    if handler is not None:
        found = handler(call.over(rest))
        if found is not None:
            inner += found.inner
            if found.transparent and len(inner) == len(found.inner):
                return found
    if subcommand.text in _TEXT_OPTIONS:
        inner += _by_options(call, subcommand.text, rest)
    if subcommand.text in ("clone", "fetch", "pull", "ls-remote", "push", "remote"):
        inner += _by_transport(call, rest)
    return judged_too(*inner)


def _by_settings(call: Call, taken: Walk) -> tuple[list[Inner], dict[str, Word]]:
    """`-c NAME=VALUE`: programs that git runs because of it, and the aliases that it defines."""
    inner: list[Inner] = []
    alias: dict[str, Word] = {}
    for given in taken.values("-c"):
        name, equals, text = given.text.partition("=")
        if not equals:
            continue
        match = _ALIAS.fullmatch(name)
        if match is not None:
            alias[match[1]] = value_of(given, text)
        else:
            inner += _setting(call, name, value_of(given, text))
    return inner, alias


def _setting(call: Call, name: str, value: Word) -> list[Inner]:
    if not _COMMANDS.fullmatch(name) or not value.text:
        return []
    text = value.text.removeprefix("!")
    if name.lower().startswith("credential") and not value.text.startswith(("!", "/")):
        return []
    if text.lower() in ("true", "false", "auto", "always", "never", "checkout", "merge", "none", "cat", ""):
        return []
    return [call.runs_text([part(value, text)])]


def _alias(call: Call, body: Word, rest: tuple[Word, ...]) -> list[Inner]:
    """An alias: `!TEXT` for a shell, with the words behind it; anything else is git's own words."""
    if body.text.startswith("!"):
        return [call.runs_text([part(body, body.text[1:]), *rest])]
    return [call.runs_text([part(body, f"git {body.text}"), *rest])]


def _bisect(call: Call) -> Unwrapped | None:
    if len(call.words) > 1 and call.words[0].text == "run":
        return judged_too(call.runs(call.words[1:]))
    return PACKS_JUDGE


def _submodule(call: Call) -> Unwrapped | None:
    """`git submodule foreach [--recursive] TEXT`."""
    words = walk(call.words, front("-q --quiet", known=True)).operands
    if not words or words[0].text != "foreach":
        return PACKS_JUDGE
    words = walk(words[1:], front("--recursive -q --quiet")).operands
    if not words:
        return PACKS_JUDGE
    return transparent(call.runs_text(words) if len(words) == 1 else call.runs(words))


def _config(call: Call) -> Unwrapped | None:
    """`git config [options] NAME VALUE`: what the value will run when it is used."""
    if any(one.text in _LOOKS for one in call.words):
        return PACKS_JUDGE
    taken = walk(
        call.words, front(values="-f --file --blob --type -t --comment --value", known=True, permuted=True)
    )
    words = taken.operands[1:] if taken.operands[:1] and taken.operands[0].text == "set" else taken.operands
    if len(words) < 2:
        return PACKS_JUDGE
    if _ALIAS.fullmatch(words[0].text):
        return judged_too(*(_alias(call, words[1], ())))
    return judged_too(*_setting(call, words[0].text, words[1]))


def _for_each_repository(call: Call) -> Unwrapped | None:
    taken = walk(call.words, front(values="--config", known=True))
    return judged_too(*(call.runs((call.command.words[0], *words)) for words in taken.readings()))


def _by_options(call: Call, subcommand: str, rest: tuple[Word, ...]) -> list[Inner]:
    names = _TEXT_OPTIONS[subcommand].split()
    values = " ".join((*names, _OTHER_VALUES.get(subcommand, "")))
    table = front(values=values, known=True, permuted=True)
    if subcommand == "grep":
        table = front(
            attached="-O --open-files-in-pager", values="-e -f -A -B -C -m", known=True, permuted=True
        )
    return [call.runs_text([one]) for one in walk(rest, table).values(*names) if one.text]


def _by_transport(call: Call, rest: tuple[Word, ...]) -> list[Inner]:
    """`ext::COMMAND` as a repository runs the command."""
    return [call.runs_text([part(one, one.text[5:])]) for one in rest if one.text.startswith("ext::")]


_SUBCOMMANDS: Final[dict[str, Handler]] = {
    "bisect": _bisect,
    "submodule": _submodule,
    "config": _config,
    "for-each-repo": _for_each_repository,
}
_INTERESTING: Final = frozenset({*_SUBCOMMANDS, *_TEXT_OPTIONS, "remote"})

WRAPPERS: Final[dict[str, Handler]] = {"git": _git}
