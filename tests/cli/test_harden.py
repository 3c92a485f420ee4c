"""What `safeshell harden` prints does on real servers what it says: the wall holds, and it can be taken away."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeshell.cli.main import run
from tests.e2e.program import PROGRAM
from tests.servers import RedisServer, needed, valkey_binary
from tests.ssh.sshd import SshServer
from tests.terminal.tracking.real_programs import PostgresServer

CONFIG = """\
version = 1

[environments.production]
mode = "guarded"
unlock = {{ max = "10m", reason = true }}

[environments.payments]
color = "blue"

[targets.web]
environment = "production"
ssh = ["web-*"]

[targets.till]
environment = "payments"
ssh = ["cashier@till-1", "root@till-2"]

[targets.cache]
environment = "production"
redis = "redis://127.0.0.1:{port}/0"

[targets.shop]
environment = "production"
environ = {{ DATABASE_URL = "postgres://app@db-1.example.com:5433/shop" }}
"""


@pytest.fixture
def configured(home: Path) -> Path:
    return configured_with(home, port=6379)


def configured_with(home: Path, *, port: int) -> Path:
    config = home / ".config/safeshell/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(CONFIG.format(port=port))
    return config


def harden(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert run(["safeshell", "harden", *words]) == 0
    return capsys.readouterr().out


def section(text: str, title: str) -> list[str]:
    """The lines of the first section whose title begins so, without its heading."""
    lines = text.splitlines()
    at = next(at for at, line in enumerate(lines) if re.match(rf"(#|--) === {re.escape(title)}", line))
    rest = lines[at + 1 :]
    end = next((at for at, line in enumerate(rest) if re.match(r"(#|--) === ", line)), len(rest))
    return rest[:end]


def pasted(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines if not line.startswith(("#", "--")))


def examples(lines: list[str]) -> list[str]:
    return [line.partition("   ")[2] for line in lines if re.match(r"(#|--)   ", line)]


# --- what is printed -------------------------------------------------------------------------------------------


def test_the_targets_of_the_configuration_are_what_it_is_about(
    configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everything, one = harden(capsys, "ssh"), harden(capsys, "ssh", "--target", "web")

    assert "web (production, guarded): web-*" in everything
    assert "till (payments, guarded): cashier@till-1, root@till-2" in everything
    assert "till" not in one


def test_accounts_that_the_patterns_name_are_the_ones_that_are_matched(
    configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Match User cashier,root\n" in harden(capsys, "ssh", "--target", "till")
    assert "Match Group guarded\n" in harden(capsys, "ssh", "--target", "web")


@pytest.mark.parametrize("what", ["ssh", "redis", "postgres"])
def test_without_a_configuration_there_is_a_text_to_fill_in(
    home: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = harden(capsys, what)

    assert "Nothing of this has been applied." in text
    assert "CHANGE-ME" in text or "DATABASE" in text


def test_the_database_is_the_one_that_the_environment_variables_name(
    configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "psql -U postgres -h db-1.example.com -p 5433 -d shop" in harden(capsys, "postgres")


@pytest.mark.parametrize(
    "words, said",
    [
        (("ssh", "--target", "cache"), "cache has no SSH hosts"),
        (("redis", "--target", "web"), "web has no Redis server"),
        (("redis", "--target", "nobody"), "no target 'nobody'"),
        (("redis", "--server", "memcached-1.6"), "names no server"),
        (("redis", "--server", "redis-5.0"), "has no ACLs"),
        (("ssh", "--server", "redis-7.0"), "--server is about redis"),
        (("mysql",), "invalid choice"),
    ],
)
def test_what_it_can_not_be_about_is_said(
    configured: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["safeshell", "harden", *words]) == 2
    assert said in capsys.readouterr().err


# --- ssh -------------------------------------------------------------------------------------------------------


def test_the_hosts_configuration_validates_and_says_the_same(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target, environment in (("web", "production"), ("till", "payments")):
        there = tmp_path / f"{target}.toml"
        there.write_text(
            pasted(section(harden(capsys, "ssh", "--target", target), f"on the hosts of {target}"))
        )
        capsys.readouterr()

        assert run(["safeshell", "--config", str(there), "targets"]) == 0
        shown = capsys.readouterr().out
        assert target in shown
        assert environment.upper() in shown
        assert "guarded" in shown


def test_sshd_takes_the_lines_for_the_group_and_for_nobody_else(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = SshServer(tmp_path / "sshd")
    config = tmp_path / "sshd_config"
    lines = pasted(section(harden(capsys, "ssh", "--target", "till"), "on each host"))
    config.write_text(f"HostKey {server.folder}/host_key\n{lines}")

    def told(user: str) -> str:
        words = ["-T", "-f", str(config), "-C", f"user={user},host=h,addr=127.0.0.1"]
        done = subprocess.run([_sshd(), *words], capture_output=True, text=True, check=True)
        return done.stdout

    assert "forcecommand /usr/local/bin/safeshell --config /etc/safeshell/config.toml shell --forced" in told(
        "root"
    )
    assert "disableforwarding yes" in told("root")
    assert "forcecommand none" in told("nobody")


def test_a_restricted_key_gets_through_for_what_may_run_only(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = harden(capsys, "ssh", "--target", "web")
    there = tmp_path / "there.toml"
    there.write_text(pasted(section(text, "on the hosts of web")))
    program = next(line for line in examples(section(text, "or for single keys")) if "a program" in line)
    with SshServer(tmp_path / "sshd") as server:
        key = " ".join((server.folder / "client_key.pub").read_text().split()[:2])
        line = program.replace("/usr/local/bin/safeshell", PROGRAM).replace(
            "/etc/safeshell/config.toml", str(there)
        )
        (server.folder / "authorized_keys").write_text(line.replace("ssh-ed25519 AAAA...", key) + "\n")
        ssh = ["ssh", "-F", str(server.client_config), server.alias]

        def status(*words: str) -> int:
            done = subprocess.run([*ssh, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
            return done.returncode

        assert status("uptime") == 0
        assert status("touch made") == 77
        assert status() == 77
        assert not (server.home / "made").exists()


def _sshd() -> str:
    return shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or needed("sshd", "openssh-server")


# --- redis -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["redis", "valkey"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    binary = valkey_binary() if request.param == "valkey" else None
    with RedisServer(binary=binary) as made:
        yield made


def test_redis_users_can_do_what_is_said_and_no_more(
    home: Path, server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    configured_with(home, port=server.port)
    server.send("SET", "cart:1", "full")
    text = harden(capsys, "redis", "--target", "cache")

    done = _sh(text)
    passwords = dict(line.split(": ") for line in done.splitlines() if ": " in line)

    assert done.splitlines()[:2] == ["OK", "OK"]
    assert sorted(passwords) == ["operator", "reader"]
    assert _as(server, "reader", passwords, "GET", "cart:1") == "full"
    for words in ("SET cart:1 x", "DEL cart:1", "FLUSHALL", "KEYS *", "CONFIG GET requirepass", "EVAL x 0"):
        assert "NOPERM" in _as(server, "reader", passwords, *words.split()), words
    assert _as(server, "operator", passwords, "SET", "cart:2", "x") == "OK"
    for words in (
        "FLUSHALL",
        "FLUSHDB",
        "SHUTDOWN",
        "CONFIG SET save x",
        "ACL LIST",
        "DEBUG SLEEP 0",
        "KEYS *",
    ):
        assert "NOPERM" in _as(server, "operator", passwords, *words.split()), words
    assert server.send("GET", "cart:1") == b"full"


def test_redis_users_can_be_taken_away_again(
    home: Path, redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    configured_with(home, port=redis_server.port)
    text = harden(capsys, "redis", "--target", "cache")
    _sh(text)

    undo = examples(section(text, "undo it"))[0]
    _sh(f"{pasted(section(text, 'how the server is reached'))}{undo}\n")

    assert redis_server.send("ACL", "USERS") == b"default"


def _sh(text: str) -> str:
    """Paste a text into a shell."""
    done = subprocess.run(["sh"], input=text, capture_output=True, text=True, check=True, timeout=30)
    assert done.stderr == ""
    return done.stdout


def _as(server: RedisServer, user: str, passwords: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [needed("redis-cli", "redis-tools"), "-p", str(server.port), "--user", user, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "REDISCLI_AUTH": passwords[user]},
    )
    return done.stdout.strip()


# --- postgres --------------------------------------------------------------------------------------------------


class Database:
    """A real server with a table in which one order stands."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.send("postgres", "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)")

    def send(self, role: str, text: str) -> str:
        """What psql says to a text, of both output and errors."""
        done = subprocess.run(
            [
                needed("psql", "postgresql"), "-X", "-q", "-A", "-t", "-h", str(self.server.folder),
                "-p", str(self.server.port), "-U", role, "-d", "postgres", "-f", "-",
            ],
            input=text, capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        return (done.stdout + done.stderr).strip()


@pytest.fixture
def database() -> Iterator[Database]:
    with PostgresServer() as server:
        yield Database(server)


def test_postgres_roles_can_do_what_is_said_and_no_more(
    home: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    text = harden(capsys, "postgres")

    assert database.send("postgres", text) == ""
    assert database.send("reader", "TABLE orders") == "1"
    for words in ("INSERT INTO orders VALUES (2)", "TRUNCATE orders", "CREATE TABLE t ()"):
        assert "read-only transaction" in database.send("reader", words)
        assert "permission denied" in database.send(
            "reader", f"SET default_transaction_read_only = off; {words}"
        )
    assert "read-only transaction" in database.send("operator", "DELETE FROM orders")
    assert (
        database.send("operator", "BEGIN READ WRITE; UPDATE orders SET id = 3; COMMIT; TABLE orders") == "3"
    )
    for words in ("TRUNCATE orders", "DROP TABLE orders", "ALTER TABLE orders ADD x int"):
        said = database.send("operator", f"SET default_transaction_read_only = off; {words}")
        assert "permission denied" in said or "must be owner" in said


def test_postgres_roles_of_a_target_have_its_name_and_can_be_taken_away(
    configured: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    text = harden(capsys, "postgres", "--target", "shop")
    roles = "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'shop%'"

    database.send("postgres", text)
    made = database.send("postgres", roles)
    said = database.send("postgres", "\n".join(examples(section(text, "undo it"))))

    assert made == "shop_operator shop_reader shop_safeshell_read shop_safeshell_write"
    assert said == ""
    assert database.send("postgres", roles) == ""
