"""Our reader of ssh's configuration, with ssh itself as the judge wherever it knows the keyword."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from safeshell.ssh.config_answer import Value
from safeshell.ssh.config_files import TooDeep
from safeshell.ssh.config_machine import ThisMachine, UnsafeFile
from safeshell.ssh.config_reader import ReadConfig, read_config
from safeshell.ssh.options import read_call
from safeshell.ssh.resolved import NotResolved
from tests.ssh.asked_ssh import differences

_LINES = Path(__file__).parent / "cases" / "config_lines.txt"


def _read(file: Path, *options: str, host: str = "web") -> ReadConfig:
    return read_config(read_call(["-F", str(file), *options, host]), ThisMachine())


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config"


def _keyword_lines() -> Iterator[tuple[str, list[str]]]:
    for line in _LINES.read_text().splitlines():
        if line and not line.startswith("# "):
            keyword, _, values = line.partition(" ")
            yield keyword, values.split("|")


@pytest.mark.parametrize(("keyword", "values"), list(_keyword_lines()))
def test_each_keyword_is_read_as_ssh_reads_it(config: Path, keyword: str, values: list[str]) -> None:
    wrong = []
    for value in values:
        config.write_text(f"{keyword} {value}\n")
        wrong += [f"{keyword} {value}: {one}" for one in differences(config)]
    assert not wrong


class TestLines:
    @pytest.mark.parametrize(
        "text",
        [
            "Port=22",
            "Port = 23",
            "Port =24",
            "Port== 25",
            "Port\t26",
            "  Port 27  ",
            "\tPort 28\r",
            "Port 29\x0c",
            'Port "30"',
            'Port"31"',
            "Port '32'",
            '"Port" 33',
            "Port",
            "Port ",
            "Port =",
            "#Port 5",
            " # x",
            "Port 22 # c",
            "Port 22#c",
            "PORT 5",
            'User "a b"',
            r"User a\ b",
            "User 'a\"b'",
            r'User "a\"b"',
            'User "a',
            r"User a\qb",
            'User ""',
            "Port 5\0 7",
            "Port\u00a05",
            "User é",
            "ProxyCommand\tfoo  bar ",
            "ProxyCommand=foo",
            "ProxyCommand = = foo",
            'LocalCommand "a',
            "LocalCommand a'b",
            "XAuthLocation",
        ],
    )
    def test_a_line_is_cut_as_ssh_cuts_it(self, config: Path, text: str) -> None:
        config.write_text(text + "\nHost *\nUser last\n", encoding="utf-8")
        assert not differences(config)

    def test_a_last_line_without_an_end_counts(self, config: Path) -> None:
        config.write_text("Port 5")
        assert not differences(config)


class TestBlocks:
    @pytest.mark.parametrize(
        "block",
        [
            "Host web",
            "Host !web *",
            "Host * !web",
            "Host w*b w?b",
            "Host WEB",
            'Host "web"',
            "Host=web",
            "Host a,web",
            "Host !a",
            "Host",
            'Host ""',
            "Host [w]eb",
            "Match all",
            "Match !all",
            "Match host web",
            "Match host web,foo",
            "Match host *,!web",
            "Match !host web",
            "Match host WEB",
            "Match HOST web",
            "Match host=web",
            "Match originalhost web user root",
            "Match user root",
            "Match localuser root",
            "Match user ROOT",
            "Match canonical",
            "Match final",
            "Match final all",
            "Match all final",
            "Match canonical all",
            "Match canonical final all",
            "Match host web all",
            "Match host web final all",
            "Match !final",
            "Match !canonical host web",
            "Match exec true",
            "Match exec false",
            "Match !exec false",
            'Match exec "test %h = web"',
            'Match exec "test %n%p%r%u%L%l%d%i%k%C%% != x"',
            'Match exec "test %Z"',
            "Match",
            "Match host",
            "Match host # x",
            "Match foo bar",
            "Match host other foo bar",
            "Match host web # comment",
            'Match host "web" user "root"',
            'Match host "web',
            "Match all # c",
            "Match all x",
        ],
    )
    def test_a_block_counts_where_it_does_for_ssh(self, config: Path, block: str) -> None:
        config.write_text(f"{block}\nPort 5\nHost *\nPort 6\nMatch all\nCompression yes\n")
        assert not differences(config)

    @pytest.mark.parametrize(
        "text",
        [
            "Host web\nPort 3\nHost *\nPort 4\n",
            "User x\nMatch user x\nPort 5\n",
            "HostName foo\nMatch host foo\nPort 5\n",
            "HostName %h.x\nMatch host web.x originalhost web\nPort 5\n",
            "HostName Foo\nMatch final host foo\nPort 5\n",
            "HostName Foo\nMatch final host Foo\nPort 5\nHost foo\nUser q\n",
            "Match final\nSendEnv A\nIdentityFile b\nHost *\nSendEnv B\nIdentityFile c\nSetEnv A=b\n",
            "SendEnv A\nSendEnv A B\nSendEnv -A\nSendEnv C\n",
            "SetEnv A=1\nSetEnv B=2\n",
            "IdentityFile a\nIdentityFile b\nIdentityFile a\n",
            "CertificateFile a\nCertificateFile a\nCertificateFile b\n",
            "LocalForward 1 a:2\nLocalForward 1 a:2\nLocalForward 2 a:2\nRemoteForward 3 b:1\nDynamicForward 4\n",
            "UserKnownHostsFile a\nUserKnownHostsFile b\n",
            "ProxyJump a\nProxyCommand b\n",
            "ProxyCommand b\nProxyJump a\n",
            "ProxyJump none\nProxyCommand b\n",
            "ProxyCommand none\nProxyJump a\n",
            "ProxyJump a\nProxyJump b\n",
            "ProxyJump none\nProxyJump b\n",
            "ProxyJump web\n",
            "ProxyJump root@web:22\n",
            "ProxyJump x@web:22\n",
            "Host foo\nStreamLocalBindMask 0111\nSyslogFacility LOCAL1\nHost web\nStreamLocalBindMask 0222\n",
            "StreamLocalBindMask 0222\nHost foo\nStreamLocalBindMask 0111\nSyslogFacility LOCAL2\n",
            "ForwardAgent no\nForwardAgent /tmp/x\n",
            "RekeyLimit 1G\nRekeyLimit 2G 1h\n",
            "ConnectTimeout none\nConnectTimeout 4\n",
            "IgnoreUnknown foo*,bar\nFooBar x\nBar y z\n",
            "IgnoreUnknown FOO\nfoo x\n",
            "foo x\nIgnoreUnknown foo\n",
            "Host other\nFoo bar\n",
            "Host other\nPort x\n",
            "Host other\nMatch foo bar\n",
            "HostKeyAlias A%h\nControlPath /x/%k\n",
            "Port 5\nUser u\nHostName h\nControlPath /x/%C-%p-%r-%h-%n-%l-%L-%i-%u-%d-%k\n",
            "UserKnownHostsFile ~/%n.%h ${HOME}/%%\n",
            "UpdateHostKeys ask\nControlPersist yes\nControlPath /x\n",
            "UpdateHostKeys ask\nRemoteCommand x\n",
            "UpdateHostKeys ask\nRequestTTY no\n",
            "UpdateHostKeys ask\nLogLevel ERROR\n",
            "UpdateHostKeys ask\nControlPath none\nControlPersist yes\n",
            "VerifyHostKeyDNS yes\n",
            "ClearAllForwardings yes\nLocalForward 1 a:2\nTunnel yes\n",
            "CanonicalizeHostname yes\n",
            "CanonicalizeHostname yes\nCanonicalDomains nowhere.invalid\nCanonicalizeFallbackLocal no\n",
            "CanonicalizeHostname yes\nCanonicalDomains nowhere.invalid\nMatch canonical\nPort 5\n",
            "CanonicalizeHostname always\nProxyCommand x\nMatch final\nPort 6\n",
            "CanonicalizeHostname no\nMatch canonical\nPort 5\n",
        ],
    )
    def test_who_is_right_when_several_lines_speak(self, config: Path, text: str) -> None:
        config.write_text(text)
        assert not differences(config)

    def test_a_command_of_match_is_not_run_when_a_criterion_before_it_fails(
        self, config: Path, tmp_path: Path
    ) -> None:
        run = tmp_path / "run"
        config.write_text(
            f'Match host other exec "touch {run}"\nPort 5\nHost other\nInclude {tmp_path}/more\n'
        )
        (tmp_path / "more").write_text(f'Match exec "touch {run}"\nPort 5\n')
        assert _read(config).resolved.port == 22
        assert not run.exists()

    def test_a_criterion_that_is_unknown_is_a_mistake_by_file_and_line(self, config: Path) -> None:
        config.write_text("Host *\n  User a\nMatch weather rainy\n  User b\nFrobnicate yes\n")
        with pytest.raises(NotResolved) as caught:
            _read(config)
        assert caught.value.where == f"{config}:3"
        assert "weather" in caught.value.message
        assert f"{config}:5: the keyword frobnicate is not known" in caught.value.todo

    def test_hosts_are_tagged_by_the_configuration_and_by_an_option(self, config: Path) -> None:
        config.write_text(
            "Host web\nTag prod\nMatch tagged prod*\nUser ops\nMatch tagged !prod,*\nUser dev\n"
        )
        assert _read(config).resolved.user == "ops"
        assert _read(config, host="other").resolved.user == "dev"
        assert _read(config, "-P", "production", host="other").resolved.user == "ops"

    def test_the_network_of_this_machine_is_asked(self, config: Path) -> None:
        config.write_text(
            "Match localnetwork 203.0.113.0/24,2001:db8::/32\nUser away\nMatch localnetwork 127.0.0.0/8\nUser here\n"
        )
        assert _read(config).resolved.user == "here"
        config.write_text("Match localnetwork 127.0.0.1/8\nUser x\n")
        with pytest.raises(NotResolved, match="list of networks"):
            _read(config)


class TestIncluded:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        files = {
            "a.conf": "Port 11\nUser inc\nHost zzz\nUser nope\n",
            "b b.conf": "User sp\n",
            "h.conf": "Host web\nUser h\nMatch all\nCompression yes\nHost qq\nBatchMode no\n",
            "bad": "Foo x\n",
            "loop": f"Include {tmp_path}/loop\n",
            "open": "Port 1\n",
            "deep": f"Include {tmp_path}/a.conf\nUser deep\n",
        }
        for name, text in files.items():
            (tmp_path / name).write_text(text)
            (tmp_path / name).chmod(0o644)
        (tmp_path / "open").chmod(0o666)
        (tmp_path / "folder").mkdir()
        (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
        return tmp_path

    @pytest.mark.parametrize(
        "text",
        [
            "Include {}/a.conf\nPort 9\n",
            "Include {}/*.conf\n",
            "Host foo\nInclude {}/a.conf\nHost web\nPort 3\n",
            "Host web\nInclude {}/h.conf\nPort 3\n",
            "Include {}/h.conf\nPort 7\n",
            "Include {}/none\n",
            "Include {}/folder\n",
            "Include {}/dangling\nPort 3\n",
            "Include {}/bad\n",
            "Host foo\nInclude {}/bad\n",
            "Include {}/loop\n",
            "Include {}/open\n",
            "Include {}/deep\nUser top\n",
            'Include "{}/b b.conf" {}/a.conf\n',
            "Include {}/[ab]*\n",
            "Include nope/*\n",
            "Include\n",
        ],
    )
    def test_files_are_included_as_ssh_includes_them(self, folder: Path, text: str) -> None:
        file = folder / "main"
        file.write_text(text.replace("{}", str(folder)))
        assert not differences(file)

    def test_files_that_include_one_another_are_told(self, folder: Path) -> None:
        with pytest.raises(TooDeep, match="without an end"):
            _read(folder / "loop")


class Elsewhere(ThisMachine):
    """This machine, with another home, and its folder of system-wide files in the same place."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.home = str(home)

    def read(self, path: str, *, guarded: bool) -> str:
        return super().read(self._moved(path), guarded=guarded)

    def paths(self, pattern: str) -> list[str]:
        return super().paths(self._moved(pattern))

    def _moved(self, path: str) -> str:
        return path.replace("/etc/ssh", f"{self.home}/etc") if path.startswith("/etc/ssh/") else path


class TestFiles:
    @pytest.fixture
    def machine(self, tmp_path: Path) -> Elsewhere:
        (tmp_path / ".ssh").mkdir()
        (tmp_path / "etc").mkdir()
        return Elsewhere(tmp_path)

    @staticmethod
    def _write(machine: Elsewhere, name: str, text: str, mode: int = 0o600) -> None:
        file = Path(machine.home) / name
        file.write_text(text)
        file.chmod(mode)

    def test_the_persons_file_comes_before_the_machines(self, machine: Elsewhere) -> None:
        self._write(machine, ".ssh/config", "Include more\nUser me\nIdentityFile a\n")
        self._write(machine, ".ssh/more", "Port 5\n")
        self._write(machine, "etc/ssh_config", "Include more\nUser all\nIdentityFile a\nCompression yes\n")
        self._write(machine, "etc/more", "Port 6\nBatchMode yes\n", 0o644)
        found = read_config(read_call(["web"]), machine).resolved
        assert (found.user, found.port) == ("me", 5)
        assert (found.one("compression"), found.one("batchmode")) == ("yes", "yes")
        assert found.all("identityfile") == ("a", "a")

    def test_without_files_everything_is_as_usual(self, machine: Elsewhere) -> None:
        found = read_config(read_call(["web"]), machine).resolved
        assert (found.hostname, found.port, found.user) == ("web", 22, machine.user)
        assert (
            found.one("userknownhostsfile")
            == f"{machine.home}/.ssh/known_hosts {machine.home}/.ssh/known_hosts2"
        )

    def test_a_file_that_others_can_write_does_not_count(self, machine: Elsewhere) -> None:
        self._write(machine, ".ssh/config", "User me\n", 0o620)
        with pytest.raises(NotResolved, match="others can write") as caught:
            read_config(read_call(["web"]), machine)
        assert caught.value.where == f"{machine.home}/.ssh/config"
        with pytest.raises(UnsafeFile):
            machine.read(f"{machine.home}/.ssh/config", guarded=True)

    def test_the_machines_file_includes_nothing_of_a_home(self, machine: Elsewhere) -> None:
        self._write(machine, "etc/ssh_config", "Include ~/x\n")
        with pytest.raises(NotResolved, match="home"):
            read_config(read_call(["web"]), machine)

    def test_a_file_that_is_named_has_to_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotResolved, match="No such file"):
            _read(tmp_path / "nothing")

    def test_a_keyword_that_ssh_no_longer_supports_is_told(self, config: Path) -> None:
        config.write_text("Protocol 2\nRhostsRSAAuthentication yes\nHost other\nRSAAuthentication yes\n")
        assert [one.place for one in _read(config).passed_over] == [f"{config}:2"]


class TestOptions:
    CONFIG = (
        "Port 9\nUser conf\nCompression no\nForwardAgent no\nIdentityFile x\nLocalForward 9 z:9\nRequestTTY no\n"
        "LogLevel ERROR\nHost foo\nUser q\n"
    )

    @pytest.mark.parametrize(
        "options",
        [
            *(
                "-p 22",
                "-p x",
                "-p ssh",
                "-p 5 -p 6",
                "-l me",
                "-l a -l b",
                "-4",
                "-6",
                "-46",
                "-A",
                "-a",
                "-C",
            ),
            *(
                "-v",
                "-vv",
                "-vvv",
                "-vvvv",
                "-q",
                "-qv",
                "-vq",
                "-vqv",
                "-t",
                "-tt",
                "-ttt",
                "-T",
                "-tT",
                "-Tt",
            ),
            *(
                "-M",
                "-MM",
                "-MMM",
                "-S /x/%h",
                "-S none",
                "-N",
                "-n",
                "-f -N",
                "-x",
                "-X",
                "-Y",
                "-g",
                "-k",
                "-K",
            ),
            *(
                "-e ^B",
                "-e none",
                "-e xx",
                "-c aes128-ctr",
                "-c +aes128-cbc",
                "-m hmac-md5",
                "-b 1.2.3.4",
                "-B eth0",
            ),
            *(
                "-J a",
                "-J a,b@c:3",
                "-J none",
                "-J a -J b",
                "-J a -o ProxyCommand=x",
                "-o ProxyCommand=x -J a",
            ),
            *(
                "-o ProxyJump=b",
                "-L 1:a:2",
                "-L /tmp/a:/tmp/b",
                "-L 1:a",
                "-L 1:/tmp/%n",
                "-R 1:a:2",
                "-R 1080",
            ),
            *(
                "-R /tmp/s",
                "-R h:1080",
                "-D 1080",
                "-D [::1]:1080",
                "-D h:1:2",
                "-w 0:1",
                "-w any",
                "-w x",
                "-W a:1",
            ),
            *("-W a", "-i /etc/passwd", "-i /nope", "-i /etc/passwd -o IdentityFile=/etc/passwd"),
            *(
                "-o Port=4 -p 5",
                "-p 5 -o Port=4",
                "-o User=x -l y",
                "-o Host=x",
                "-o Include=x",
                "-o Match=all",
            ),
            *("-o Foo=x", "-o Port", "-o Port=", "-o =5", "-o Compression=no -C", "-C -o Compression=no"),
            *("-o LogLevel=DEBUG -v", "-v -o LogLevel=ERROR", "-I /x.so", "-s x", "-E /dev/null", "-y"),
            *("-o Tunnel=ethernet -w 0", "-o RequestTTY=yes -t", "-o SetEnv=A=b", "-oSendEnv=Q", "-O check"),
            *(
                "-o IgnoreUnknown=foo -o foo=1",
                "-o ControlMaster=yes -M",
                "-l -bad",
                "-l a;b",
                "-l a\\",
                "-o User=a;b",
            ),
        ],
    )
    def test_options_come_before_the_files_as_for_ssh(self, config: Path, options: str) -> None:
        config.write_text(self.CONFIG)
        assert not differences(config, options.split())

    @pytest.mark.parametrize("options", [(), ("-p", "5", "-l", "z")])
    @pytest.mark.parametrize(
        "host",
        [
            *(
                "web",
                "me@web",
                "ssh://web",
                "ssh://me@web:44",
                "ssh://web:44/",
                "ssh://web/x",
                "ssh://a%20b@web",
            ),
            *(
                "::1",
                "[::1]",
                "127.1",
                "0x7f.1",
                "WEB",
                "w;eb",
                "@web",
                "a@b@web",
                "me;x=y@web",
                "we b",
                "web.",
            ),
            *(
                "ssh://me;x=y@web",
                "a$b@web",
                "a`b@web",
                "a\\@web",
                "ssh://",
                "localhost",
                "SSH://web",
                "web:22",
            ),
            *("ssh://web:0", "ssh://web:ssh", "ssh://web:x", "ssh://@web", "é", "a -b@web", "web\x01"),
        ],
    )
    def test_destinations_are_read_as_ssh_reads_them(
        self, config: Path, host: str, options: tuple[str, ...]
    ) -> None:
        config.write_text(self.CONFIG)
        assert not differences(config, options, host)

    @pytest.mark.parametrize("host", ["localhost", "127.1", "::1", "a.b", "a"])
    @pytest.mark.parametrize(
        "text",
        [
            "CanonicalizeHostname yes\nCanonicalDomains x.invalid\nCanonicalizeFallbackLocal no\nProxyCommand y\n",
            "CanonicalizeHostname always\nCanonicalDomains x.invalid\nCanonicalizeFallbackLocal no\nProxyJump y\n",
            "CanonicalizeHostname yes\nCanonicalDomains x.invalid\nCanonicalizeMaxDots 0\n",
            "CanonicalizeHostname yes\nMatch canonical host localhost\nPort 7\n",
        ],
    )
    def test_names_are_made_canonical_as_ssh_makes_them(self, config: Path, host: str, text: str) -> None:
        config.write_text(text)
        assert not differences(config, host=host)

    @pytest.mark.parametrize("rules", ["*", "*.a:*.b", "A:B c:d"])
    def test_rules_for_other_names_of_a_host_are_read_as_ssh_reads_them(
        self, config: Path, rules: str
    ) -> None:
        config.write_text(f"CanonicalizePermittedCNAMEs {rules}\n")
        assert not differences(config, host="localhost")

    def test_a_host_that_is_missing_is_said(self, config: Path) -> None:
        config.write_text("")
        with pytest.raises(NotResolved, match="the host is missing"):
            _read(config, host="me@")


def _named(names: dict[str, str]) -> Elsewhere:
    """A machine whose resolver knows some names, and what they stand for."""

    class Resolving(Elsewhere):
        def canonical(self, host: str, family: str) -> str | None:
            return names.get(host)

    return Resolving(Path("/nowhere"))


class TestCanonicalNames:
    @pytest.mark.parametrize(
        ("options", "host", "expected"),
        [
            ("CanonicalDomains=a.test b.test", "db", "db.b.test"),
            ("CanonicalDomains=b.test", "x.y.db", "x.y.db"),
            ("CanonicalDomains=b.test -o CanonicalizeMaxDots=2", "x.db", "x.db.b.test"),
            (
                "CanonicalDomains=b.test -o CanonicalizePermittedCNAMEs=*.b.test:*.real.test",
                "db",
                "one.real.test",
            ),
            (
                "CanonicalDomains=b.test -o CanonicalizePermittedCNAMEs=*.b.test:*.other.test",
                "db",
                "db.b.test",
            ),
            ("CanonicalDomains=b.test", "whole.test.", "whole.test"),
        ],
    )
    def test_a_name_is_looked_for_in_the_domains(self, options: str, host: str, expected: str) -> None:
        machine = _named({"db.b.test": "one.real.test", "x.db.b.test": "y", "whole.test.": "whole.test."})
        words = [word for one in options.split(" -o ") for word in ("-o", one)]
        call = read_call(["-o", "CanonicalizeHostname=yes", *words, host])
        assert read_config(call, machine).resolved.hostname == expected


_VALUES = [
    (keyword, value)
    for keyword, values in _keyword_lines()
    for value in values
    if keyword
    not in ("canonicalizepermittedcnames", "hostname", "host", "match", "proxyjump", "localforward")
]
_BLOCKS = st.sampled_from(
    [
        "Host web",
        "Host w* !x",
        "Host !web *",
        "Host other",
        "Match all",
        "Match host web",
        "Match user me",
        "Match final",
    ]
)
_STATEMENT = st.one_of(
    _BLOCKS,
    st.sampled_from(_VALUES).map(" ".join),
    st.sampled_from(_VALUES).map("=".join),
    st.sampled_from(_VALUES).map(lambda pair: f"\t{pair[0].upper()}  {pair[1]}  "),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements=st.lists(_STATEMENT, max_size=12), host=st.sampled_from(["web", "other", "me@x"]))
def test_made_up_files_are_read_as_ssh_reads_them(config: Path, statements: list[str], host: str) -> None:
    config.write_text("".join(f"{statement}\n" for statement in statements))
    assert not differences(config, host=host)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(alphabet="aP \t\"'\\=#%${}~!*?,:[]/\r", max_size=12),
    keyword=st.sampled_from(
        [
            "User",
            "ControlPath",
            "ProxyCommand",
            "SetEnv A=",
            "Host",
            "IdentityAgent",
            "UserKnownHostsFile",
            "SendEnv",
            "Ha",
        ]
    ),
)
def test_made_up_values_are_read_as_ssh_reads_them(config: Path, text: str, keyword: str) -> None:
    config.write_text(f"{keyword} {text}\nHost *\nPort 5\n")
    assert not differences(config)


_PLACES = st.lists(
    st.sampled_from(
        ["a", "1", "22", ":", ":", "[", "]", "/", "\\:", "@", ",", " ", "%h", "none", "::1", "*", "ssh"]
    ),
    max_size=9,
).map("".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=_PLACES,
    keyword=st.sampled_from(
        ["LocalForward", "RemoteForward", "DynamicForward", "ProxyJump", "PermitRemoteOpen"]
    ),
)
def test_made_up_forwards_and_ways_are_read_as_ssh_reads_them(config: Path, text: str, keyword: str) -> None:
    # A host without a name is none for us, a SOCKS proxy that leads to a socket isn't one, and "none 22" is none.
    assume("[]" not in text and not (keyword == "DynamicForward" and "/" in text))
    assume(keyword != "ProxyJump" or "none" not in text)
    config.write_text(f"{keyword} {text}\n")
    assert not differences(config)


_CRITERIA = st.lists(
    st.sampled_from(
        "all !all final canonical !final host originalhost user localuser !host web !user root * !web,* "
        "other = # exec=true !exec=false \"web\" ' it's".split()
    ),
    max_size=6,
).map(" ".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=_CRITERIA, second=_CRITERIA)
def test_made_up_criteria_match_as_they_do_for_ssh(config: Path, first: str, second: str) -> None:
    config.write_text(f"Match {first}\nPort 5\nMatch {second}\nUser u\nHostName other\n")
    assert not differences(config)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=80))
def test_no_bytes_break_the_reader(config: Path, data: bytes) -> None:
    config.write_bytes(data)
    try:
        _read(config)
    except NotResolved as error:
        assert str(config) in error.where


def test_every_value_knows_its_line(config: Path) -> None:
    config.write_text("# mine\nHost web\n  Port 5\n  UserKnownHostsFile a b\n")
    values = _read(config, "-l", "me").values
    assert values["port"][0].origin and values["port"][0].origin.place == f"{config}:3"
    assert values["userknownhostsfile"][0].origin and values["userknownhostsfile"][0].origin.line == 4
    assert values["user"][0].origin and values["user"][0].origin.place == "-l me"
    assert values["compression"] == (Value("no"),)
    assert os.path.exists(config)
