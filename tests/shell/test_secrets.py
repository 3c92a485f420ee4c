"""Values that packs call secret never leave a line: not for the journal, the history or the screen."""

from __future__ import annotations

import pytest

from tests.shell.readings import read


@pytest.mark.parametrize(
    "line",
    [
        "mysql -uroot -phunter2 shop",
        "sudo mysql --password=hunter2 shop",
        "bash -c 'mysql -phunter2 shop'",
        "redis-cli -a hunter2 PING",
        "redis-cli -u redis://me:hunter2@cache/0 PING",
        "redis-cli AUTH hunter2",
        "echo 'AUTH hunter2' | redis-cli",
        "PGPASSWORD=hunter2 psql -h db",
        "psql postgres://me:hunter2@db/x",
        "curl -u me:hunter2 https://x",
        "curl -H 'Authorization: Bearer hunter2' https://x",
        "docker login -p hunter2 -u me",
        "sshpass -p hunter2 ssh web ls",
        "ssh web 'mysql -phunter2 shop'",
        "mysqldump -u root -phunter2 --all-databases > dump.sql",
        "AWS_SECRET_ACCESS_KEY=hunter2 aws s3 ls",
        "export API_TOKEN=hunter2",
        "mongosh mongodb://me:hunter2@db/x",
    ],
)
def test_a_secret_is_not_shown(line: str) -> None:
    reading = read(line)

    assert "hunter2" not in reading.redacted
    assert reading.redacted != reading.line
    assert not any("hunter2" in effect.object for effect in reading.effects)
    assert not any("hunter2" in finding.reason for finding in reading.findings)
    assert not any("hunter2" in command.name for command in reading.commands)


def test_what_is_no_secret_stays() -> None:
    line = "mysql -p -h db.example.com shop -e 'select password from users'"

    assert read(line).redacted == line
