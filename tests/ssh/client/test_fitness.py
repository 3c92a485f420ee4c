from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from safeshell.ssh.client.fitness import unfit, unsupported
from safeshell.ssh.client.surroundings import Surroundings, look_around
from safeshell.ssh.options import SshCall, read_call
from safeshell.ssh.resolved import Resolved, resolve


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], ()),
        (["-p", "2222", "-l", "me", "-A", "-C", "-v", "-t"], ()),
        (["-L", "1:a:2", "-R", "3:b:4", "-D", "5", "-J", "bastion", "-W", "x:1"], ()),
        (["-oProxyCommand=nc %h %p"], ()),
        (["-oControlPath=/nonexistent/x"], ()),
        (["-oGSSAPIAuthentication=yes"], ()),
        (["-oCiphers=chacha20-poly1305@openssh.com,aes256-ctr"], ()),
        (["-X"], ("forwardx11 yes",)),
        (["-M"], ("-M (connection sharing)", "controlmaster true")),
        (["-oControlMaster=auto"], ("controlmaster auto",)),
        (["-I", "/usr/lib/token.so"], ("-I (PKCS#11)", "pkcs11provider /usr/lib/token.so")),
        (["-K"], ("-K (GSSAPI)",)),
        (["-w", "0:0"], ("tunnel point-to-point",)),
        (["-L", "/run/x:db:80"], ("localforward /run/x [db]:80 (unix socket)",)),
        (["-R", "80:/run/x"], ("remoteforward 80 /run/x (unix socket)",)),
        (["-oKnownHostsCommand=/bin/keys %h"], ("knownhostscommand /bin/keys %h",)),
        (["-oVerifyHostKeyDNS=ask"], ("verifyhostkeydns ask",)),
        (["-oCiphers=chacha20-poly1305@openssh.com"], ("ciphers chacha20-poly1305@openssh.com",)),
        (["-oMACs=umac-64@openssh.com"], ("macs umac-64@openssh.com",)),
        (["-oHostbasedAuthentication=yes"], ("hostbasedauthentication yes",)),
        (["-oAddKeysToAgent=yes"], ("addkeystoagent true",)),
        (["-oPermitLocalCommand=yes"], ("permitlocalcommand yes",)),
        (["-oEnableEscapeCommandline=yes"], ("enableescapecommandline yes",)),
        (["-oPubkeyAuthentication=host-bound"], ("pubkeyauthentication host-bound",)),
        (["-oVisualHostKey=yes"], ("visualhostkey yes",)),
        (["-B", "lo"], ("bindinterface lo",)),
        (["-y"], ("-y (writes to syslog)",)),
    ],
)
def test_what_can_not_be_honoured_is_named(words: list[str], named: tuple[str, ...]) -> None:
    call = read_call(["-F", "none", *words, "host"])

    assert unfit(call, resolve(call, "ssh"), Surroundings()) == named


def test_a_keyword_of_a_newer_ssh_is_named_unless_it_is_off() -> None:
    resolved = Resolved({"frobnicate": ("always",), "quantum": ("no",), "user": ("me",)})

    assert unfit(read_call(["host"]), resolved, Surroundings()) == ("frobnicate always",)


def test_gssapi_counts_where_kerberos_is_there() -> None:
    resolved = Resolved({"gssapiauthentication": ("yes",)})

    assert unfit(read_call(["host"]), resolved, Surroundings(kerberos=True)) == ("gssapiauthentication yes",)


def test_a_key_of_a_token_and_a_shared_connection_are_found(tmp_path: Path) -> None:
    public = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t me\n"
    for name in ("with_pub", "gone"):
        (tmp_path / f"{name}.pub").write_text(public)
    (tmp_path / "with_pub").write_text("private")
    control = tmp_path / "control"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(control))
        resolved = Resolved(
            {
                "identityfile": (str(tmp_path / "with_pub"), str(tmp_path / "gone"), "~/.ssh/id_nothing"),
                "controlpath": (str(control),),
            }
        )

        around = look_around(resolved)
        assert around.security_keys == (str(tmp_path / "with_pub"),)
        assert around.shared_connection == str(control)
        assert any("FIDO" in named for named in unsupported(read_call(["host"]), resolved))


def test_what_a_jump_host_wants_counts_too() -> None:
    resolved = Resolved({"proxyjump": ("me@bastion:2222,inner",)})
    asked = []

    def resolve_jump(hop: SshCall) -> Resolved:
        asked.append((hop.destination, hop.values("l"), hop.values("p"), hop.values("F")))
        return Resolved({"tunnel": ("yes",)} if hop.destination == "inner" else {})

    named = unsupported(read_call(["-F", "conf", "host"]), resolved, resolve_jump)

    assert named == ("jump host inner: tunnel yes",)
    assert asked == [("bastion", ("me",), ("2222",), ("conf",)), ("inner", (), (), ("conf",))]


def test_the_question_whether_it_fits_costs_no_paramiko() -> None:
    code = "import sys, safeshell.ssh.client.fitness; sys.exit('paramiko' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
