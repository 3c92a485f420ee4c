"""The one family of errors that a person may see, and the exit status of each.

An error says what happened, where, and what to do. It becomes text in exactly one place: `safeshell.cli`.
"""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the process says to its caller (DESIGN §4; 69, 70, 77, 78 follow BSD's sysexits.h)."""

    DONE = 0
    COMMAND_FAILED = 1
    USAGE = 2
    CONFIRM = 10
    REVIEW = 11
    DENY = 12
    UNREACHABLE = 69
    INTERNAL = 70
    REFUSED = 77
    CONFIG_INVALID = 78
    INTERRUPTED = 130


class SafeshellError(Exception):
    """Something a person has to know.

    Args:
        message: what happened, one sentence.
        where: the file, server or option that it happened at; may be empty.
        todo: what the person can do about it; may be empty.
    """

    status = ExitStatus.COMMAND_FAILED

    def __init__(self, message: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  {self.todo}" if self.todo else head


class UsageError(SafeshellError):
    """The words typed after `safeshell` do not fit."""

    status = ExitStatus.USAGE


class TargetUnreachable(SafeshellError):
    """No connection to the target, or none that may be used."""

    status = ExitStatus.UNREACHABLE


class Refused(SafeshellError):
    """The guard did not let the line run."""

    status = ExitStatus.REFUSED


class ConfigInvalid(SafeshellError):
    """The configuration does not validate; no console starts under it."""

    status = ExitStatus.CONFIG_INVALID


class GuardFailure(SafeshellError):
    """The guard itself failed, so the line did not run."""

    status = ExitStatus.INTERNAL
