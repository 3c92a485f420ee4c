"""How many commits a reset or a forced push takes out of a branch's history, by git's own reading plumbing.

Git is started with nothing of the repository's config that could run a program, without network, and in time.
A typed name only ever reaches it as data behind `--end-of-options`, and what it answers is checked.
Sources: git-rev-parse(1), git-rev-list(1), git(1) on GIT_* variables.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from typing import Final

from safeshell.shell.impact.deadline import Deadline, OutOfTime

_OBJECT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF: Final = re.compile(r"refs/[\w./+@=-]{1,250}")
_SAFE_CONFIG: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.alternateRefsCommand=false",
    "core.pager=cat",
    "credential.helper=",
    "protocol.allow=never",
    "log.showSignature=false",
)
_LONGEST: Final = 250


class History:
    """The history of the repository around a folder.

    Args:
        folder: where git runs.
        deadline: when it has to have answered.
    """

    def __init__(self, folder: str, deadline: Deadline) -> None:
        self._folder = folder
        self._deadline = deadline

    def commit(self, name: str) -> str:
        """The commit that `name` means; "" when there is none.

        Raises:
            OutOfTime: git took too long.
        """
        if not name or len(name) > _LONGEST or not name.isprintable():
            return ""
        answer = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return answer if _OBJECT.fullmatch(answer) else ""

    def full_name(self, name: str) -> str:
        """The reference that `name` means, `refs/heads/main`; "" when there is none.

        Raises:
            OutOfTime: git took too long.
        """
        if not name or len(name) > _LONGEST or not name.isprintable():
            return ""
        options = ("--verify", "--quiet", "--symbolic-full-name", "--end-of-options")
        answer = self._git("rev-parse", *options, name)
        return answer if _REF.fullmatch(answer) else ""

    def lost(self, before: str, after: str) -> int | None:
        """How many commits are reachable from `before` and not from `after`; None when git does not say.

        Args:
            before: a commit, from `commit`.
            after: another one.

        Raises:
            OutOfTime: git took too long.
        """
        if not (_OBJECT.fullmatch(before) and _OBJECT.fullmatch(after)):
            return None
        answer = self._git("rev-list", "--count", before, f"^{after}", "--")
        return int(answer) if answer.isdigit() else None

    def unmerged(self, tip: str, but: str) -> int | None:
        """How many commits only `tip` has: no other branch, tag or remote branch reaches them.

        Args:
            tip: a commit, from `commit`.
            but: the full name of the branch that does not count.

        Raises:
            OutOfTime: git took too long.
        """
        if not _OBJECT.fullmatch(tip) or not _REF.fullmatch(but):
            return None
        answer = self._git("rev-list", "--count", tip, "--not", f"--exclude={but}", "--all", "--")
        return int(answer) if answer.isdigit() else None

    def _git(self, *words: str) -> str:
        self._deadline.check()
        program = _program()
        if not program:
            return ""
        settings = [part for one in _SAFE_CONFIG for part in ("-c", one)]
        try:
            done = subprocess.run(
                [program, "--no-pager", "--no-replace-objects", *settings, *words],
                cwd=self._folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=max(self._deadline.left, 0.001),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OutOfTime from None
        except (OSError, ValueError):
            return ""
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


@cache
def _program() -> str:
    """Where git is; a program that lies in the folder at hand is never taken for it."""
    folders = [one for one in os.environ.get("PATH", os.defpath).split(os.pathsep) if one.startswith("/")]
    return shutil.which("git", path=os.pathsep.join(folders)) or ""


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_", "LD_"))}
    return {
        **kept,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_ASKPASS": "false",
        "LC_ALL": "C",
    }
