"""known_hosts as ssh and ssh-keygen read it: both are asked, and have to say the same."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.ssh.host_certificate import public_part, read_certificate, what_is_wrong
from safeshell.ssh.host_key import NotAKey, fingerprint, key_label, type_of
from safeshell.ssh.known_hosts import (
    HostName,
    KeyVerdict,
    Marker,
    authorities,
    check,
    known_elsewhere,
    known_types,
    line_to_add,
    read_known_hosts,
)
from safeshell.ssh.known_hosts_files import NotRemembered, add, read_files
from tests.ssh.sshd import SshServer

KINDS = {"ed": ("ed25519", ""), "ec": ("ecdsa", "384"), "rsa": ("rsa", "2048")}
NAMES = ("ed", "ec", "rsa", "other", "ca", "ca2")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of key pairs: `ed`, `ec`, `rsa`, `other`, and the authorities `ca` and `ca2`."""
    folder = tmp_path_factory.mktemp("keys")
    for name in NAMES:
        kind, bits = KINDS.get(name, ("ed25519", ""))
        size = ["-b", bits] if bits else []
        _keygen("-t", kind, *size, "-N", "", "-C", f"{name} comment", "-f", str(folder / name))
    return folder


def _keygen(*words: str) -> str:
    done = subprocess.run(["ssh-keygen", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _text(keys: Path, name: str) -> str:
    return " ".join((keys / f"{name}.pub").read_text().split()[:2])


def _blob(keys: Path, name: str) -> bytes:
    return base64.b64decode((keys / f"{name}.pub").read_text().split()[1])


def _filled(keys: Path, template: str) -> str:
    """`{ed}` and its like become keys in a template of a known_hosts file."""
    for name in NAMES:
        template = template.replace("{" + name + "}", _text(keys, name))
    return template


def _certify(keys: Path, name: str, *options: str, ca: str = "ca", host: bool = True) -> bytes:
    """The certificate that an authority makes of a key; `options` are ssh-keygen's."""
    public = keys / f"{name}.pub"
    made = keys / f"{name}-cert.pub"
    made.unlink(missing_ok=True)
    _keygen("-q", "-s", str(keys / ca), "-I", "web", *(["-h"] if host else []), *options, str(public))
    blob = base64.b64decode(made.read_text().split()[1])
    made.unlink()
    return blob


class TestReading:
    def test_every_form_of_a_line_is_read(self, keys: Path) -> None:
        text = _filled(
            keys,
            "# a comment\n\n   \t\nweb {ed} put there by hand\n\tweb,*.example.com\t{ec}\n"
            "@cert-authority *.prod {ca}\n  @revoked * {other}\n[web]:2222 {rsa}\r\n",
        )
        known = read_known_hosts({"f": text})
        assert known.unreadable == ()
        assert [(one.line, one.marker, one.hosts, one.comment) for one in known.keys] == [
            (4, Marker.NONE, "web", "put there by hand"),
            (5, Marker.NONE, "web,*.example.com", ""),
            (6, Marker.AUTHORITY, "*.prod", ""),
            (7, Marker.REVOKED, "*", ""),
            (8, Marker.NONE, "[web]:2222", ""),
        ]

    def test_a_line_that_cannot_be_read_is_named_and_the_others_count(self, keys: Path) -> None:
        cut = _text(keys, "ed")[:-12]
        text = _filled(
            keys,
            f"web\nweb ssh-ed25519\nweb ssh-ed25519 !!!!\nweb {cut}\n@trusted web {{ed}}\n@revoked\n"
            "web ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAA\n|1|short|short {ed}\n|2|a|b {ed}\nweb 1024 35 12345\n"
            "@revoked @cert-authority web {ed}\nweb {ed}\n",
        )
        known = read_known_hosts({"f": text})
        assert [one.line for one in known.keys] == [12]
        assert [one.line for one in known.unreadable] == list(range(1, 12))
        assert all(one.reason for one in known.unreadable)
        assert check(known, HostName("web"), _blob(keys, "ed"), now=0).verdict is KeyVerdict.KNOWN

    @given(text=st.text(max_size=200))
    def test_no_text_breaks_the_reader(self, text: str) -> None:
        read_known_hosts({"f": text, "g": f"web ssh-ed25519 {text}\n@revoked {text}"})

    def test_a_file_that_is_not_there_is_empty_and_one_that_cannot_be_read_is_told(
        self, tmp_path: Path
    ) -> None:
        known = read_files([tmp_path / "none", tmp_path])
        assert known.keys == ()
        assert [(one.file, one.line) for one in known.unreadable] == [(str(tmp_path), 0)]

    def test_fingerprints_are_those_of_ssh_keygen(self, keys: Path) -> None:
        for name in NAMES:
            shown = _keygen("-lf", str(keys / f"{name}.pub")).split()
            blob = _blob(keys, name)
            assert shown[1] == fingerprint(blob)
            assert shown[-1] == f"({key_label(type_of(blob))})"


class TestNames:
    """Which lines are about a host: ssh-keygen -F says the same of every pair."""

    @pytest.mark.parametrize(
        ("hosts", "name"),
        [
            ("web", HostName("web")),
            ("WEB", HostName("Web")),
            ("web", HostName("web1")),
            ("web*", HostName("web1")),
            ("web?", HostName("web1")),
            ("web?", HostName("web")),
            ("db,web", HostName("web")),
            ("*,!web", HostName("web")),
            ("!web,*", HostName("web")),
            ("!web", HostName("db")),
            ("*.example.com,!db.example.com", HostName("a.example.com")),
            ("[web]:2222", HostName("web", 2222)),
            ("[web]:2222", HostName("web", 2223)),
            ("[*]:2222", HostName("web", 2222)),
            ("[w-z]eb", HostName("web")),
            ("*", HostName("web", 2222)),
            ("[::1]:2222", HostName("::1", 2222)),
            ("10.0.0.*", HostName("10.0.0.7")),
            ("**web", HostName("web")),
            ("w.b", HostName("web")),
        ],
    )
    def test_patterns_match_as_they_do_for_ssh_keygen(
        self, keys: Path, tmp_path: Path, hosts: str, name: HostName
    ) -> None:
        file = tmp_path / "known_hosts"
        file.write_text(f"{hosts} {_text(keys, 'ed')}\n")
        found = subprocess.run(["ssh-keygen", "-F", name.written, "-f", str(file)], capture_output=True)
        types = known_types(read_files([file]), name)
        assert bool(types) == (found.returncode == 0)

    @settings(max_examples=25, deadline=None)
    @given(
        hosts=st.lists(
            st.builds("{}{}".format, st.sampled_from(["", "", "!"]), st.text("ab*?", min_size=1, max_size=4)),
            min_size=1,
            max_size=3,
        ),
        names=st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=1),
    )
    def test_made_up_patterns_match_as_they_do_for_ssh_keygen(
        self, tmp_path_factory: pytest.TempPathFactory, keys: Path, hosts: list[str], names: list[str]
    ) -> None:
        file = tmp_path_factory.mktemp("made") / "known_hosts"
        file.write_text(f"{','.join(hosts)} {_text(keys, 'ed')}\n")
        for name in names:
            found = subprocess.run(["ssh-keygen", "-F", name, "-f", str(file)], capture_output=True)
            assert bool(known_types(read_files([file]), HostName(name))) == (found.returncode == 0)

    def test_names_that_ssh_keygen_has_hashed_are_found(self, keys: Path, tmp_path: Path) -> None:
        file = tmp_path / "known_hosts"
        file.write_text(_filled(keys, "web {ed}\n[db]:2222 {ec}\n"))
        _keygen("-H", "-f", str(file))
        known = read_files([file])
        assert all(one.hashed for one in known.keys)
        assert known_types(known, HostName("WEB")) == ("ssh-ed25519",)
        assert known_types(known, HostName("db", 2222)) == ("ecdsa-sha2-nistp384",)
        assert known_types(known, HostName("db")) == ()

    def test_ssh_keygen_finds_what_was_added(self, keys: Path, tmp_path: Path) -> None:
        file = tmp_path / "folder" / "known_hosts"
        name = HostName("Web", 2222)
        add(file, line_to_add(name, _blob(keys, "ed"), salt=bytes(range(20))))
        add(file, line_to_add(name, _blob(keys, "ec")))
        assert file.read_text().startswith("|1|")
        shown = _keygen("-F", "[web]:2222", "-f", str(file))
        assert shown.count("found: line") == 2
        assert [one.line for one in read_files([file]).keys] == [1, 2]

    def test_an_alias_stands_alone(self) -> None:
        assert HostName("10.0.0.1", 2222, "web").written == "web"
        assert HostName("10.0.0.1", 2222, "web").without_port is None

    def test_a_key_is_known_by_its_other_names(self, keys: Path) -> None:
        text = _filled(keys, "prod-db {ed}\nweb {ed}\n* {ed}\nprod-db {ec}\n@revoked old {ed}\n")
        known = read_known_hosts({"f": text})
        elsewhere = known_elsewhere(known, _blob(keys, "ed"), HostName("web"))
        assert [(one.hosts, one.place) for one in elsewhere] == [("prod-db", "f:1")]
        certificate = _certify(keys, "ed")
        assert [one.line for one in known_elsewhere(known, certificate)] == [1, 2, 3]


class TestAdding:
    def test_a_new_file_is_for_its_owner_alone(self, tmp_path: Path) -> None:
        file = tmp_path / "dot-ssh" / "known_hosts"
        add(file, "web key")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    def test_what_stood_there_stays_and_a_last_line_without_end_gets_one(self, tmp_path: Path) -> None:
        file = tmp_path / "known_hosts"
        file.write_bytes(b"# mine\r\nunreadable \xff\nlast")
        file.chmod(0o644)
        add(file, "web key")
        assert file.read_bytes() == b"# mine\r\nunreadable \xff\nlast\nweb key\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o644

    def test_a_link_is_followed_and_stays(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_text("one\n")
        (tmp_path / "known_hosts").symlink_to(tmp_path / "real")
        add(tmp_path / "known_hosts", "two")
        assert (tmp_path / "known_hosts").is_symlink()
        assert (tmp_path / "real").read_text() == "one\ntwo\n"

    def test_lines_added_at_once_are_all_there(self, tmp_path: Path) -> None:
        file = tmp_path / "known_hosts"
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: add(file, f"host{number} key"), range(100)))
        assert sorted(file.read_text().splitlines()) == sorted(f"host{number} key" for number in range(100))

    def test_a_file_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(NotRemembered, match="could not be written down"):
            add(tmp_path, "web key")

    @pytest.mark.parametrize("host", ["", "a b", "a\nb", "a,b", "*", "!a", "|1|a", "@revoked", "#a"])
    def test_a_name_cannot_become_another_line_or_a_pattern(self, keys: Path, host: str) -> None:
        with pytest.raises(NotAKey):
            line_to_add(HostName(host), _blob(keys, "ed"))


NOW = 1_700_000_000


class TestCertificates:
    @pytest.mark.parametrize("ca", ["ed", "ec", "rsa"])
    @pytest.mark.parametrize("name", ["ed", "ec", "rsa"])
    def test_a_certificate_by_any_authority_holds_for_its_host(self, keys: Path, name: str, ca: str) -> None:
        found = read_certificate(_certify(keys, name, "-n", "web,db", ca=ca))
        assert found.key == _blob(keys, name)
        assert found.authority == _blob(keys, ca)
        assert found.principals == ("web", "db")
        assert what_is_wrong(found, name="web", now=time.time()) == ""

    @pytest.mark.parametrize(
        ("options", "host", "words"),
        [
            (("-n", "db"), True, "it is for db, and not for web"),
            (("-V", "20200101:20210101"), True, "expired"),
            (("-V", "20400101:20410101"), True, "not valid yet"),
            (("-n", "web"), False, "not a host's"),
            (("-O", "critical:strange@example.com=1"), True, "condition"),
            (("-n", "w*"), True, "not for web"),
        ],
    )
    def test_one_that_does_not_hold_says_why(
        self, keys: Path, options: tuple[str, ...], host: bool, words: str
    ) -> None:
        found = read_certificate(_certify(keys, "ed", *options, host=host))
        assert words in what_is_wrong(found, name="web", now=NOW)

    def test_a_certificate_that_was_altered_does_not_hold(self, keys: Path) -> None:
        blob = _certify(keys, "ed", "-n", "web")
        altered = read_certificate(blob.replace(b"\x00\x00\x00\x03web", b"\x00\x00\x00\x03foo", 1))
        assert altered.principals or altered.key_id == "foo"
        later = read_certificate(blob.replace(b"\x00\x00\x00\x03web", b"\x00\x00\x00\x03foo"))
        assert "signature is wrong" in what_is_wrong(later, name="foo", now=time.time())

    def test_a_signature_of_a_kind_that_is_not_allowed_does_not_hold(self, keys: Path) -> None:
        found = read_certificate(_certify(keys, "ed", "-t", "ssh-rsa", ca="rsa"))
        assert "ssh-rsa, which is not allowed" in what_is_wrong(found, name="web", now=time.time())
        assert what_is_wrong(found, name="web", now=time.time(), signatures=("ssh-rsa",)) == ""

    def test_a_certificate_cut_anywhere_is_no_key(self, keys: Path) -> None:
        blob = _certify(keys, "ed")
        for length in range(len(blob)):
            with pytest.raises(NotAKey):
                read_certificate(blob[:length])
        with pytest.raises(NotAKey):
            public_part(blob + b"\0")

    def test_the_authority_of_a_host_is_known(self, keys: Path) -> None:
        known = read_known_hosts({"f": _filled(keys, "@cert-authority *.prod {ca}\n")})
        assert [one.key for one in authorities(known, HostName("a.prod"))] == [_blob(keys, "ca")]
        assert authorities(known, HostName("a.test")) == ()


@pytest.fixture(scope="module")
def server(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A sshd that shows the keys `ed`, `ec` and `rsa`, and certificates of the first two."""
    folder = tmp_path_factory.mktemp("sshd")
    lines = [f"HostKey {keys / name}" for name in ("ed", "ec", "rsa")]
    for name, words in {"ed": ("-n", "localhost"), "ec": ("-n", "l*"), "rsa": ()}.items():
        (folder / f"{name}-cert.pub").write_bytes(_written(_certify(keys, name, *words)))
        lines.append(f"HostCertificate {folder / f'{name}-cert.pub'}")
    with SshServer(folder, lines=lines) as started:
        yield started


def _written(blob: bytes) -> bytes:
    return type_of(blob).encode() + b" " + base64.b64encode(blob) + b"\n"


class TestVerdicts:
    """What ssh itself says to a real sshd, for the same files and the same key."""

    FILES = (
        "",
        "[localhost]:PORT {ed}\n",
        "localhost {ed}\n",
        "LOCALHOST {ed}\n",
        "localhost {other}\n",
        "[localhost]:PORT {other}\n",
        "[localhost]:PORT {other}\nlocalhost {ed}\n",
        "[localhost]:PORT {other}\n[localhost]:PORT {ed}\n",
        "[localhost]:PORT {rsa}\n",
        "[localhost]:PORT {rsa}\n[localhost]:PORT {ec}\n",
        "db {ed}\n",
        "*,!db {ed}\n",
        "!localhost,* {ed}\n",
        "*,![localhost]:PORT {ed}\n",
        "@revoked * {ed}\n[localhost]:PORT {ed}\n",
        "@revoked localhost {ed}\n[localhost]:PORT {ed}\n",
        "@revoked localhost {ed}\nlocalhost {ed}\n",
        "@revoked * {other}\n[localhost]:PORT {ed}\n",
        "@revoked * {ca}\n[localhost]:PORT {ed}\n",
        "@revoked * {ca}\n@cert-authority * {ca}\n",
        "@cert-authority * {ca}\n",
        "@cert-authority localhost {ca}\n",
        "@cert-authority [localhost]:PORT {ca}\n",
        "@cert-authority * {ca2}\n",
        "@cert-authority * {ca2}\n[localhost]:PORT {ed}\n",
        "@cert-authority * {ca}\n@revoked * {ed}\n",
        "@cert-authority * {ca}\n[localhost]:PORT {other}\n",
        "garbage\nlocalhost\n@what localhost {ed}\nlocalhost {ed}\n",
        "[localhost]:PORT {ed}\nlocalhost {other}\n",
        "localhost {ec}\n",
    )

    @pytest.mark.parametrize("shown", ["ed", "ed-cert"])
    def test_the_verdict_is_that_of_ssh(
        self, keys: Path, server: SshServer, tmp_path: Path, shown: str
    ) -> None:
        self._compare(keys, server, tmp_path / "known_hosts", shown, self.FILES)

    @pytest.mark.parametrize("shown", ["rsa", "ec-cert", "rsa-cert"])
    def test_the_verdict_on_other_types_is_that_of_ssh(
        self, keys: Path, server: SshServer, tmp_path: Path, shown: str
    ) -> None:
        kind = shown.removesuffix("-cert")
        files = (
            "[localhost]:PORT {rsa}\n",
            "@cert-authority * {ca}\n",
            f"@revoked * {{{kind}}}\n",
            "localhost {ec}\n",
        )
        self._compare(keys, server, tmp_path / "known_hosts", shown, files)

    def _compare(
        self, keys: Path, server: SshServer, file: Path, shown: str, templates: Sequence[str]
    ) -> None:
        public = server.folder / f"{shown}.pub" if shown.endswith("cert") else keys / f"{shown}.pub"
        key = base64.b64decode(public.read_text().split()[1])
        name = HostName("localhost", server.port)
        wrong = []
        for template in templates:
            file.write_text(_filled(keys, template.replace("PORT", str(server.port))))
            ours = check(read_files([file]), name, key, now=time.time())
            said = _ask_ssh(server, file, type_of(key))
            mine = (ours.verdict, ours.line.line if ours.verdict in _WITH_LINE and ours.line else 0)
            if mine != said:
                wrong.append((template, said, ours))
        assert not wrong


_WITH_LINE = (KeyVerdict.KNOWN, KeyVerdict.CERTIFIED)


def _ask_ssh(server: SshServer, file: Path, kind: str) -> tuple[KeyVerdict, int]:
    """What ssh decides, and the line that it names for what it knows."""
    algorithm = kind.replace("ssh-rsa", "rsa-sha2-512")
    options = {
        "Port": server.port,
        "UserKnownHostsFile": file,
        "GlobalKnownHostsFile": "none",
        "StrictHostKeyChecking": "yes",
        "HostKeyAlgorithms": algorithm,
        "BatchMode": "yes",
        "AddressFamily": "inet",
        "PreferredAuthentications": "none",
        "UpdateHostKeys": "no",
    }
    words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    done = subprocess.run(
        ["ssh", "-v", "-F", "none", *words, "localhost", "true"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
        env={**os.environ, "LC_ALL": "C"},
    )
    said = done.stderr
    line = 0
    for row in said.splitlines():
        if row.startswith("debug1: Found ") and f" in {file}:" in row:
            line = int(row.rpartition(":")[2])
    if "REVOKED HOST KEY" in said:
        return KeyVerdict.REVOKED, 0
    if "IDENTIFICATION HAS CHANGED" in said:
        return KeyVerdict.CHANGED, 0
    if "Host key verification failed" in said:
        return KeyVerdict.NEW, 0
    assert "Authentications that can continue" in said or "Permission denied" in said, said
    known = [row for row in said.splitlines() if "is known and matches the" in row]
    return (KeyVerdict.CERTIFIED if "host certificate" in known[-1] else KeyVerdict.KNOWN), line
