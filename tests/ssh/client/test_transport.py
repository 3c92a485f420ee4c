"""Our client as the transport of a session, as the front uses it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from safeshell.ssh.client.transport import OwnClient
from safeshell.ssh.host_identity import read_keys
from safeshell.ssh.options import read_call
from safeshell.ssh.plan import Link
from safeshell.ssh.side_channel import HostUnavailable
from tests.person import Person
from tests.ssh.client.calls import call, environ
from tests.ssh.sshd import SshServer


@pytest.fixture
def client(shared_sshd: SshServer) -> OwnClient:
    return OwnClient("ssh", read_call(["-F", str(shared_sshd.client_config), "web-1"]))


def test_a_session_has_a_terminal_tells_the_key_and_has_another_channel(
    shared_sshd: SshServer, client: OwnClient, tmp_path: Path
) -> None:
    link = Link(tmp_path, "PS1='there> ' exec bash --norc --noprofile -i")
    with Person(*client.argv(link), environ=environ(shared_sshd), folder=tmp_path) as somebody:
        somebody.prompt()
        public = subprocess.run(
            ["ssh-keygen", "-l", "-f", f"{shared_sshd.folder}/host_key.pub"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert read_keys(link.keys.read_text()) == {public.stdout.split()[1]}

        runner = client.side_channel(link)
        assert runner
        assert runner.run("read -r word; echo got $word", b"rm\n", 10) == b"got rm\n"
        assert runner.run("cat", b"x" * 300_000, 10) == b"x" * 300_000
        with pytest.raises(HostUnavailable, match="status 3"):
            runner.run("echo partly; exit 3", b"", 10)
        begun = time.monotonic()
        with pytest.raises(HostUnavailable):
            runner.run("sleep 20", b"", 0.5)
        assert time.monotonic() - begun < 5
        somebody.enter("exit 4")
        assert somebody.ended() == 4
    assert client.side_channel(link) is None


def test_a_folder_full_of_modules_is_not_imported_from(
    shared_sshd: SshServer, client: OwnClient, tmp_path: Path
) -> None:
    (tmp_path / "paramiko.py").write_text("raise SystemExit('imported from here')\n")

    done = subprocess.run(
        client.exec_argv(), cwd=tmp_path, capture_output=True, env=environ(shared_sshd), stdin=subprocess.DEVNULL,
        timeout=30, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_what_can_not_be_resolved_is_a_sentence_and_255(shared_sshd: SshServer, tmp_path: Path) -> None:
    bad = tmp_path / "config"
    bad.write_text("NoSuchWord yes\n")

    done = call(shared_sshd, "-F", str(bad), "web-1", "true")

    assert done.returncode == 255
    assert b"NoSuchWord".lower() in done.stderr.lower() and b"Traceback" not in done.stderr
