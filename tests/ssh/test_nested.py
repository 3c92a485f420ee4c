from __future__ import annotations

import shlex

import pytest

from safeshell.ssh.nested import nested_words


def boot(shell: str, login: bool) -> tuple[str, ...]:
    return ("BOOT", shell or "-", "login" if login else "plain")


@pytest.mark.parametrize(
    ("typed", "run"),
    [
        ("bash", "BOOT bash plain"),
        ("bash -l", "BOOT bash login"),
        ("zsh -i", "BOOT zsh plain"),
        ("sudo -i", "sudo -i -- BOOT - login"),
        ("sudo -s", "sudo -- BOOT - plain"),
        ("sudo -u postgres -i", "sudo -u postgres -i -- BOOT - login"),
        ("sudo su -", "sudo -i -- BOOT - login"),
        ("sudo -E bash", "sudo -E -- BOOT bash plain"),
        ("su -", "su - root --session-command 'exec BOOT - login'"),
        ("su deploy", "su deploy --session-command 'exec BOOT - plain'"),
        ("docker exec -it web bash", "docker exec -it web BOOT bash plain"),
        ("kubectl exec -it pod -c app -- sh", "kubectl exec -it pod -c app -- BOOT sh plain"),
    ],
)
def test_a_shell_inside_starts_with_the_hook(typed: str, run: str) -> None:
    assert nested_words(shlex.split(typed), boot) == tuple(shlex.split(run))


@pytest.mark.parametrize(
    "typed",
    [
        "bash script.sh", "bash -c ls", "sudo ls", "sudo -l", "su -c ls", "su - root -c ls", "docker exec web bash",
        "docker exec -it web ls", "docker run -it web bash", "kubectl exec pod -- bash", "dash", "ls", "",
    ],
)  # fmt: skip
def test_everything_else_runs_as_it_was_typed(typed: str) -> None:
    assert nested_words(shlex.split(typed), boot) == ()
