"""Lines whose standard input is another program's: what would read commands from it runs what nobody has read."""

from __future__ import annotations

import pytest

from safeshell.guard.effects import Severity
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect

FED = ShellDialect(ShellContext(fed=True))
AT_A_KEYBOARD = ShellDialect(ShellContext())


@pytest.mark.parametrize(
    "line",
    [
        "bash",
        "sh -s",
        "sudo -u deploy bash",
        "uptime; sh",
        "python3 -",
        "mysql shop",
        "bash -c 'psql shop'",
        "docker exec -i db psql",
        "redis-cli",
        "ssh web",
        "sftp web",
    ],
)
def test_what_reads_commands_from_elsewhere_runs_what_nobody_has_read(line: str) -> None:
    assert severity(FED, line) >= Severity.MEDIUM
    assert severity(AT_A_KEYBOARD, line) < Severity.MEDIUM


@pytest.mark.parametrize(
    "line", ["psql -c 'select 1'", "ls -l", "mysql shop < /dev/null", "cat > notes", "tar x", "bash check.sh"]
)
def test_what_runs_nothing_from_its_input_is_as_ever(line: str) -> None:
    assert severity(FED, line) == severity(AT_A_KEYBOARD, line)


@pytest.mark.parametrize(
    "line",
    ["git-upload-pack shop.git", "rsync --server --sender -logDtpre.iLsfxCIvu . /srv/www/", "scp -f /srv/x"],
)
def test_protocols_that_only_send_are_still_proven_to_read(line: str) -> None:
    assert FED.read(line).reads


def severity(dialect: ShellDialect, line: str) -> Severity:
    return (
        max(finding.severity for finding in found)
        if (found := dialect.read(line).findings)
        else Severity.NONE
    )
