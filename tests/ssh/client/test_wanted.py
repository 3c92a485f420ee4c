from __future__ import annotations

import pytest

from safeshell.ssh.client.wanted import Kind, wanted
from safeshell.ssh.options import read_call
from safeshell.ssh.resolved import Resolved, read_resolved, resolve


@pytest.mark.parametrize(
    ("words", "kind", "here", "terminal"),
    [
        (["h"], Kind.SHELL, True, True),
        (["h"], Kind.SHELL, False, False),
        (["h", "ls"], Kind.COMMAND, True, False),
        (["-t", "h", "ls"], Kind.COMMAND, True, True),
        (["-t", "h", "ls"], Kind.COMMAND, False, False),
        (["-tt", "h", "ls"], Kind.COMMAND, False, True),
        (["-T", "h"], Kind.SHELL, True, False),
        (["-n", "h"], Kind.SHELL, True, False),
        (["-N", "h"], Kind.NOTHING, True, False),
        (["-W", "x:1", "h"], Kind.STREAM, True, False),
        (["-oRemoteCommand=top", "h"], Kind.COMMAND, True, False),
        (["-oRequestTTY=force", "h", "ls"], Kind.COMMAND, False, True),
    ],
)
def test_a_terminal_is_asked_for_as_ssh_does(
    words: list[str], kind: Kind, here: bool, terminal: bool
) -> None:
    call = read_call(["-F", "none", *words])

    found = wanted(call, resolve(call, "ssh"), {}, on_terminal=here)

    assert (found.kind, found.terminal) == (kind, terminal)


def test_the_command_is_what_was_typed_or_what_the_configuration_says() -> None:
    assert wanted(read_call(["h", "a", "b  c"]), Resolved({}), {}, on_terminal=False).command == "a b  c"
    resolved = Resolved({"remotecommand": ("tmux attach",)})
    assert wanted(read_call(["h"]), resolved, {}, on_terminal=False).command == "tmux attach"
    subsystem = wanted(
        read_call(["-s", "h", "sftp"]), Resolved({"sessiontype": ("subsystem",)}), {}, on_terminal=True
    )
    assert (subsystem.kind, subsystem.command) == (Kind.SUBSYSTEM, "sftp")


def test_variables_go_by_pattern_and_what_is_set_wins() -> None:
    resolved = read_resolved("sendenv LANG\nsendenv LC_*\nsetenv LC_ALL=C\nsetenv A=b=c d\n")

    found = wanted(
        read_call(["h"]),
        resolved,
        {"LANG": "de", "LC_ALL": "x", "LC_TIME": "y", "HOME": "/"},
        on_terminal=False,
    )

    assert found.variables == {"LANG": "de", "LC_TIME": "y", "LC_ALL": "C", "A": "b=c d"}


def test_escapes_are_for_terminals() -> None:
    assert wanted(read_call(["h"]), Resolved({}), {}, on_terminal=True).escape == ord("~")
    assert wanted(read_call(["h", "ls"]), Resolved({}), {}, on_terminal=True).escape is None
    assert wanted(read_call(["h"]), Resolved({"escapechar": ("none",)}), {}, on_terminal=True).escape is None
