from __future__ import annotations

import pytest

from safeshell.errors import UsageError
from safeshell.ssh.options import SshCall, read_call


def test_options_stand_before_and_behind_the_destination() -> None:
    call = read_call(["-p", "2222", "-tt", "root@web", "-v", "uptime", "-p"])

    assert call == SshCall((("p", "2222"), ("t", ""), ("t", ""), ("v", "")), "root@web", ("uptime", "-p"))
    assert call.count("t") == 2


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["-vp2222", "h"], (("v", ""), ("p", "2222"))),
        (["-oBatchMode=yes", "h"], (("o", "BatchMode=yes"),)),
        (["-o", "BatchMode yes", "h"], (("o", "BatchMode yes"),)),
        (["-L8080:db:80", "-N", "h"], (("L", "8080:db:80"), ("N", ""))),
        (["-4", "--", "h"], (("4", ""),)),
    ],
)
def test_clusters_and_values_are_read_as_getopt_reads_them(
    words: list[str], options: tuple[tuple[str, str], ...]
) -> None:
    assert read_call(words) == SshCall(options, "h")


def test_the_command_is_joined_by_blanks_as_ssh_does() -> None:
    assert read_call(["h", "--", "rm", "-rf", "a  b"]).command_line == "rm -rf a  b"


def test_options_go_on_as_they_were_typed() -> None:
    words = read_call(["-vA", "-oUser=me", "-p", "22", "h", "ls"]).words()

    assert words == ("-v", "-A", "-o", "User=me", "-p", "22")


@pytest.mark.parametrize("words", [[], ["-v"], ["-p"], ["-z", "h"], ["--", "-oProxyCommand=x"]])
def test_what_ssh_would_not_take_is_said(words: list[str]) -> None:
    with pytest.raises(UsageError):
        read_call(words)


def test_questions_about_ssh_itself_need_no_host() -> None:
    assert read_call(["-V"]).destination == ""
    assert read_call(["-Q", "cipher"]).values("Q") == ("cipher",)
