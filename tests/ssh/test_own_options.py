from __future__ import annotations

import pytest

from safeshell.config.settings import TransportChoice
from safeshell.errors import UsageError
from safeshell.ssh.own_options import OwnOptions, split_options


def test_ours_stand_anywhere_among_those_of_ssh_before_the_host() -> None:
    own, theirs = split_options(["-p", "22", "--transport=paramiko", "-v", "--plain", "web", "--plain", "-x"])

    assert own == OwnOptions(TransportChoice.PARAMIKO, plain=True)
    assert theirs == ["-p", "22", "-v", "web", "--plain", "-x"]


def test_the_value_of_an_option_of_ssh_is_not_one_of_ours() -> None:
    own, theirs = split_options(["-o", "--plain", "-vp", "--check", "--yes-i-mean", "web", "web"])

    assert own == OwnOptions(yes_i_mean="web")
    assert theirs == ["-o", "--plain", "-vp", "--check", "web"]


@pytest.mark.parametrize(
    "words", [["--nonsense", "h"], ["--transport", "telnet", "h"], ["--reason"], ["--plain=1"]]
)
def test_what_nobody_has_is_said(words: list[str]) -> None:
    with pytest.raises(UsageError):
        split_options(words)
