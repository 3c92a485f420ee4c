"""Checks of git lines that no table can express: what only lists, and when `checkout` is given files.

Sources: git-branch(1), git-tag(1), git-config(1), git-checkout(1), git-reflog(1).
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import words
from safeshell.shell.invocation import Invocation, Option

_FILE_ENDINGS: Final = words(
    ".py .pyi .js .jsx .ts .tsx .mjs .vue .svelte .rb .erb .go .rs .c .h .cc .cpp .hpp .cs .java .kt "
    ".scala .swift .php .pl .lua .ex .exs .clj .sh .bash .zsh .fish .ps1 .sql .html .htm .css .scss .sass "
    ".less .md .rst .txt .json .yaml .yml .toml .ini .cfg .conf .env .xml .csv .lock .tf .tfvars .hcl "
    ".proto .graphql .gradle .properties .ipynb .tex .svg .png .jpg .pdf .log .service .bak .dockerfile "
    ".mk .cmake .r .jl .dart"
)
_OWN_VALUES: Final = words("-C -c --git-dir --work-tree --namespace --config-env --attr-source")
_BRANCH_LISTING: Final = words(
    "-a --all -r --remotes -v -vv --verbose --color --no-color --column --no-column --sort --format "
    "--abbrev --no-abbrev -i --ignore-case --show-current --omit-empty -q --quiet"
)
_BRANCH_FILTERS: Final = words("-l --list --contains --no-contains --merged --no-merged --points-at")
_TAG_LISTING: Final = words(
    "--sort --format --color --no-color --column --no-column -i --ignore-case --omit-empty"
)
_TAG_FILTERS: Final = words(
    "-l --list -n --contains --no-contains --merged --no-merged --points-at -v --verify"
)
_CONFIG_READING: Final = words(
    "-l --list --get --get-all --get-regexp --get-urlmatch --get-color --get-colorbool --show-origin "
    "--show-scope --name-only -z --null --global --system --local --worktree -f --file --blob --type "
    "--bool --int --bool-or-int --path --expiry-date --no-type --default --includes --no-includes --all "
    "--regexp --value --url --fixed-value"
)
_FILE_NAMES: Final = words(
    "dockerfile makefile gemfile rakefile procfile readme license jenkinsfile vagrantfile .gitignore .env "
    "cargo.lock"
)


def checkout_takes_files(invocation: Invocation) -> bool:
    """Whether `git checkout` is given files, not only a branch or commit: its words say so in most cases."""
    texts = [word.text for word in invocation.words]
    if "--" in texts and texts.index("--") + 1 < len(texts):
        return True
    if invocation.has("-b", "-B", "--orphan", "-t", "--track", "-d", "--detach"):
        return False
    if invocation.has("--pathspec-from-file"):
        return True
    names = [word.text for word in invocation.operands[1:]]
    if len(names) > 1:
        return True
    return any(_looks_like_file(name) for name in names)


def branch_lists(invocation: Invocation) -> bool:
    """Whether `git branch` only lists: no name to create, nothing to delete, move or set."""
    return _lists(invocation, _BRANCH_LISTING, _BRANCH_FILTERS)


def tag_lists(invocation: Invocation) -> bool:
    """Whether `git tag` only lists or verifies."""
    return _lists(invocation, _TAG_LISTING, _TAG_FILTERS)


def config_reads(invocation: Invocation) -> bool:
    """Whether `git config` only shows: `--get`, `--list`, `get`, `list`, or a key without a value."""
    if not all(_is_plain(option.name, _CONFIG_READING) for option in _after_subcommand(invocation)):
        return False
    rest = [word.text for word in invocation.operands[1:]]
    if invocation.has(
        "--get",
        "--get-all",
        "--get-regexp",
        "--get-urlmatch",
        "--get-color",
        "--get-colorbool",
        "-l",
        "--list",
    ):
        return True
    if rest and rest[0] in ("get", "list"):
        return True
    return len(rest) == 1 and "." in rest[0]


def reflog_shows(invocation: Invocation) -> bool:
    """Whether `git reflog` shows, which is what it does with anything but its few verbs."""
    rest = invocation.operands[1:]
    return not rest or (rest[0].known and rest[0].text not in ("expire", "delete", "drop", "write"))


def replace_lists(invocation: Invocation) -> bool:
    """Whether `git replace` lists replacements."""
    return len(invocation.operands) == 1 or invocation.has("-l", "--list")


def dry_run(invocation: Invocation) -> bool:
    """Whether `-n` or `--dry-run` means, for this subcommand, that nothing is changed."""
    texts = [word.text for word in invocation.operands[:2]]
    if not texts:
        return False
    if texts[0] in ("worktree", "remote", "notes") and texts[1:] != ["prune"]:
        return False
    if texts[0] == "reflog" and texts[1:] != ["expire"]:
        return False
    if texts[0] == "lfs" and texts[1:] not in (["prune"], ["push"]):
        return False
    long = any(option.name == "--dry-run" for option in invocation.options)
    return long or texts[0] not in ("fetch", "commit", "pull", "lfs")


def merge_file_writes(invocation: Invocation) -> bool:
    """Whether `git merge-file` writes into its first file."""
    return (
        bool(invocation.operands)
        and invocation.operands[0].text == "merge-file"
        and not invocation.has("-p", "--stdout")
    )


def lfs_changes(invocation: Invocation) -> bool:
    """Whether `git lfs logs` or `git lfs fsck` is used in its changing form."""
    texts = [word.text for word in invocation.operands[1:]]
    if texts[:1] == ["fsck"]:
        return not any(option.name in ("--dry-run", "-d") for option in invocation.options)
    return texts[:1] == ["logs"] and texts[1:2] == ["clear"]


def _lists(invocation: Invocation, listing: frozenset[str], filters: frozenset[str]) -> bool:
    options = [option.name for option in _after_subcommand(invocation)]
    if not all(_is_plain(name, listing | filters) for name in options):
        return False
    return len(invocation.operands) == 1 or any(_is_plain(name, filters) for name in options)


def _is_plain(name: str, names: frozenset[str]) -> bool:
    return name in names or (name[1:].isdigit() and not name.startswith("--"))


def _after_subcommand(invocation: Invocation) -> tuple[Option, ...]:
    """The options that are not git's own, which `git_settings.plain` judges."""
    rest = iter(invocation.words)
    own = 0
    for word in rest:
        if not word.text.startswith("-"):
            break
        own += 1
        if word.text in _OWN_VALUES:
            next(rest, None)
    return invocation.options[own:]


def _looks_like_file(name: str) -> bool:
    lower = name.lower()
    return (
        lower.endswith(tuple(_FILE_ENDINGS))
        or lower.rpartition("/")[2] in _FILE_NAMES
        or name.startswith(("./", "../", ":/"))
        or "*" in name
    )
