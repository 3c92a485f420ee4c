from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from safeshell.redis.address import Family, Protocol, ServerAddress, TlsOptions
from safeshell.redis.connection import Connection
from safeshell.redis.failures import AddressInvalid, ProtocolError, Unreachable
from safeshell.redis.reply import Bulk, Status
from tests.servers import RedisServer, free_port, needed


@dataclass(frozen=True)
class Authority:
    """Certificates made for one test run."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.crt"

    def made(self) -> Authority:
        openssl(
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 2 -keyout ca.key -out ca.crt",
            self.folder,
        )
        self.sign("server", "DNS:localhost,IP:127.0.0.1")
        self.sign("elsewhere", "DNS:elsewhere.example")
        self.sign("client", "DNS:client")
        return self

    def sign(self, name: str, names: str) -> None:
        request = f"-subj /CN={name} -addext subjectAltName={names} -keyout {name}.key -out {name}.csr"
        openssl(f"req -newkey rsa:2048 -nodes {request}", self.folder)
        signed = f"-CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out {name}.crt"
        openssl(f"x509 -req -in {name}.csr {signed}", self.folder)

    def server_options(self, name: str, port: int, clients: str) -> list[str]:
        return [
            "--tls-port", str(port), "--tls-cert-file", str(self.folder / f"{name}.crt"),
            "--tls-key-file", str(self.folder / f"{name}.key"), "--tls-ca-cert-file", str(self.ca),
            "--tls-auth-clients", clients,
        ]  # fmt: skip


def openssl(words: str, folder: Path) -> str:
    program = needed("openssl", "openssl")
    return subprocess.run(
        [program, *words.split()], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    ).stdout


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls")).made()


@pytest.fixture(scope="module")
def secure(authority: Authority) -> Iterator[ServerAddress]:
    port = free_port()
    with RedisServer(*authority.server_options("server", port, "no")):
        yield ServerAddress(port=port, tls=TlsOptions(cacert=authority.ca))


def test_a_trusted_server_is_talked_to(secure: ServerAddress) -> None:
    block = b"x" * 2_000_000
    with Connection.open(replace(secure, db=1, protocol=Protocol.RESP3)) as connection:
        assert connection.pipeline([(b"ECHO", block)] * 20) == [Bulk(block)] * 20
        connection.send(b"PING")
        assert connection.wait_readable(timeout=10)
        assert connection.read_reply() == Status(b"PONG")


def test_hosts_are_checked_by_name_and_address(secure: ServerAddress) -> None:
    for address in (replace(secure, host="localhost", family=Family.IPV4), secure):
        with Connection.open(address) as connection:
            assert connection.call(b"PING") == Status(b"PONG")


def test_an_unknown_authority_is_not_trusted(secure: ServerAddress) -> None:
    with pytest.raises(Unreachable) as raised:
        Connection.open(replace(secure, tls=TlsOptions()))

    assert "the server's certificate is not trusted" in raised.value.message
    assert "--cacert" in raised.value.todo


def test_insecure_trusts_anyone_when_told_to(secure: ServerAddress) -> None:
    with Connection.open(replace(secure, tls=TlsOptions(insecure=True))) as connection:
        assert connection.call(b"PING") == Status(b"PONG")


def test_a_folder_of_authorities_will_do(secure: ServerAddress, authority: Authority, tmp_path: Path) -> None:
    digest = openssl("x509 -hash -noout -in ca.crt", authority.folder).strip()
    (tmp_path / f"{digest}.0").write_bytes(authority.ca.read_bytes())

    with Connection.open(replace(secure, tls=TlsOptions(cacertdir=tmp_path))) as connection:
        assert connection.call(b"PING") == Status(b"PONG")


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    port = free_port()
    tls = TlsOptions(cacert=authority.ca)
    with RedisServer(*authority.server_options("elsewhere", port, "no")):
        with pytest.raises(Unreachable, match=r'certificate is not for "127\.0\.0\.1"'):
            Connection.open(ServerAddress(port=port, tls=tls))
        for lenient in (replace(tls, sni="elsewhere.example"), replace(tls, check_hostname=False)):
            with Connection.open(ServerAddress(port=port, tls=lenient)) as connection:
                assert connection.call(b"PING") == Status(b"PONG")


def test_a_client_certificate_that_is_wanted_is_shown(authority: Authority) -> None:
    port = free_port()
    bare = ServerAddress(port=port, db=1, tls=TlsOptions(cacert=authority.ca))
    shown = TlsOptions(
        cacert=authority.ca, cert=authority.folder / "client.crt", key=authority.folder / "client.key"
    )
    with RedisServer(*authority.server_options("server", port, "yes")):
        with Connection.open(replace(bare, tls=shown)) as connection:
            assert connection.call(b"PING") == Status(b"PONG")
        with pytest.raises(Unreachable, match="does not accept our TLS certificate"):
            Connection.open(bare)


def test_tls_to_a_plain_port_says_so(redis_server: RedisServer) -> None:
    with pytest.raises(Unreachable) as raised:
        Connection.open(ServerAddress(port=redis_server.port, tls=TlsOptions(), connect_timeout=0.3))

    assert "TLS" in raised.value.message
    assert "redis://" in raised.value.todo


def test_plain_to_a_tls_port_says_so(secure: ServerAddress) -> None:
    with pytest.raises((Unreachable, ProtocolError)) as raised:
        Connection.open(replace(secure, tls=None, db=1))

    assert "rediss://" in raised.value.todo


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (TlsOptions(cacert=Path("none/ca.crt")), "the CA certificate can't be used: no such file"),
        (TlsOptions(cacertdir=Path("none")), "no such folder"),
        (TlsOptions(cert=Path("none/c.crt")), "the client certificate can't be used: no such file"),
        (TlsOptions(key=Path("none/c.key")), "a client key needs its certificate"),
        (TlsOptions(ciphers="nothing-like-this"), "no TLS cipher fits"),
    ],
)
def test_options_that_cannot_be_used_are_told_before_connecting(
    options: TlsOptions, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AddressInvalid, match=said):
        Connection.open(ServerAddress(port=1, tls=options))


def test_a_locked_key_does_not_ask_behind_our_back(authority: Authority, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    openssl(f"rsa -aes256 -passout pass:x -in client.key -out {locked}", authority.folder)

    with pytest.raises(AddressInvalid, match="the client certificate can't be used"):
        Connection.open(ServerAddress(tls=TlsOptions(cert=authority.folder / "client.crt", key=locked)))


@pytest.mark.skipif(hasattr(ssl.SSLContext, "set_ciphersuites"), reason="this Python can choose them")
def test_a_wish_that_python_cannot_fulfil_is_refused_and_not_ignored() -> None:
    with pytest.raises(AddressInvalid, match="can't choose TLS"):
        Connection.open(ServerAddress(tls=TlsOptions(ciphersuites="TLS_AES_128_GCM_SHA256")))


def test_no_tls_over_a_unix_socket(tmp_path: Path) -> None:
    with pytest.raises(AddressInvalid, match="not for a unix socket"):
        Connection.open(ServerAddress(unix_socket=tmp_path / "s", tls=TlsOptions()))
