"""safeshell as sshd's ForceCommand: what comes over a connection is judged on the server like a typed line."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import PROGRAM, Done
from tests.person import READ_SECONDS, Person, person_environ
from tests.servers import needed
from tests.ssh.sshd import SshServer

DEADLINE = 60.0
CONFIG = """\
version = 1

[environments.production]
mode = "{mode}"

[targets.bastion]
environment = "production"
local = true
"""


class Bastion:
    """A host on which every connection goes through safeshell, and somebody who connects to it.

    Args:
        folder: where all of it is put.
        mode: production's, where the host belongs.
    """

    def __init__(self, folder: Path, mode: str) -> None:
        self.config = folder / "safeshell.toml"
        self.config.write_text(CONFIG.format(mode=mode))
        self.server = SshServer(
            folder / "sshd",
            lines=[f"ForceCommand {PROGRAM} --config {self.config} shell --forced"],
            environ={"LC_ALL": "C.UTF-8"},
        )
        self.home = self.server.home
        (self.home / ".bash_profile").write_text("PS1='there$ '\ncd ~\n")
        (self.home / ".bashrc").write_text("cd ~\n")
        self.here = folder / "here"
        self.here.mkdir()
        self.ssh = f"ssh -F {self.server.client_config}"

    @property
    def environ(self) -> dict[str, str]:
        return person_environ(
            self.here,
            RSYNC_RSH=self.ssh,
            GIT_SSH_COMMAND=self.ssh,
            GIT_CONFIG_GLOBAL="/dev/null",
            GIT_AUTHOR_NAME="a",
            GIT_AUTHOR_EMAIL="a@example.com",
            GIT_COMMITTER_NAME="a",
            GIT_COMMITTER_EMAIL="a@example.com",
        )

    def runs(self, *words: str, given: bytes | None = None) -> Done:
        """Run a program at home, without a terminal."""
        done = subprocess.run(
            words,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=DEADLINE,
            check=False,
            cwd=self.here,
            env=self.environ,
            start_new_session=True,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))

    def sends(self, *words: str, given: bytes | None = None) -> Done:
        """Send a line there, without a terminal."""
        return self.runs(*self.ssh.split(), "web-1", *words, given=given)

    def person(self, *words: str) -> Person:
        """Somebody at a terminal who asks for one there as well."""
        return Person(*self.ssh.split(), "-t", "web-1", *words, environ=self.environ, folder=self.here)

    def journal(self, *words: str) -> str:
        environ = person_environ(self.home)
        done = subprocess.run(
            [PROGRAM, "--config", str(self.config), "log", *words],
            capture_output=True,
            check=True,
            env=environ,
        )
        return done.stdout.decode()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    """A bastion that asks about what destroys."""
    made = Bastion(tmp_path_factory.mktemp("guarded"), "guarded")
    with made.server:
        yield made


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    """A bastion on which only what is proven to read runs."""
    made = Bastion(tmp_path_factory.mktemp("read-only"), "read-only")
    with made.server:
        yield made


# --- lines ---------------------------------------------------------------------------------------------------


def test_an_allowed_line_is_as_it_would_be_without_a_guard(guarded: Bastion) -> None:
    done = guarded.sends("echo out; echo err >&2; exit 7")

    assert (done.status, done.out, done.err) == (7, b"out\n", "err\n")


def test_standard_input_belongs_to_the_line(guarded: Bastion) -> None:
    data = os.urandom(1 << 20)

    assert guarded.sends("cat", given=data).out == data


def test_a_line_that_a_signal_ends_is_told_so(guarded: Bastion) -> None:
    assert guarded.sends("kill -KILL $$").status == 255


def test_what_needs_a_question_is_refused_without_a_terminal(guarded: Bastion) -> None:
    victim = guarded.home / "victim"
    victim.mkdir(exist_ok=True)

    done = guarded.sends(f"rm -rf {victim}")

    assert done.status == 77
    assert "no terminal to ask on" in done.err
    assert victim.exists()


def test_what_a_read_only_host_can_not_prove_is_refused(read_only: Bastion) -> None:
    done = read_only.sends("touch made")

    assert (done.status, (read_only.home / "made").exists()) == (77, False)
    assert "not proven to only read" in done.err


def test_the_question_is_asked_where_there_is_a_terminal(guarded: Bastion) -> None:
    victim = guarded.home / "answered"
    victim.mkdir(exist_ok=True)
    with guarded.person(f"rm -r {victim}; echo $((40 + 2))x") as person:
        person.sees("Type bastion to go on")
        person.answer("bastion")
        person.sees("42x")

    assert not victim.exists()


def test_a_wrong_answer_runs_nothing(guarded: Bastion) -> None:
    victim = guarded.home / "spared"
    victim.mkdir(exist_ok=True)
    with guarded.person(f"rm -r {victim}") as person:
        person.sees("Type bastion to go on")
        person.answer("laptop")
        person.sees("that was not the right answer")
        assert person.ended() == 77

    assert victim.exists()


def test_commands_on_standard_input_are_not_run_unread(guarded: Bastion) -> None:
    done = guarded.sends("bash", given=b"touch sneaked\n")

    assert (done.status, (guarded.home / "sneaked").exists()) == (77, False)


def test_no_line_and_no_terminal_is_refused(guarded: Bastion) -> None:
    done = guarded.sends(given=b"touch sneaked\n")

    assert (done.status, (guarded.home / "sneaked").exists()) == (77, False)
    assert "ssh -t" in done.err


def test_what_runs_does_not_find_the_line_in_its_environment(guarded: Bastion) -> None:
    assert guarded.sends("echo [$SSH_ORIGINAL_COMMAND]").out == b"[]\n"


def test_lines_are_in_the_journal_with_where_they_came_from(guarded: Bastion) -> None:
    guarded.sends("echo for the journal")
    guarded.sends("rm -rf / # for the journal")

    lines = [line for line in guarded.journal().splitlines() if "for the journal" in line]

    assert [line.split()[3] for line in lines] == ["production", "production"]
    assert "done" in lines[0]
    assert "done" not in lines[1]


def test_a_cut_connection_ends_the_line_and_is_written_down(guarded: Bastion) -> None:
    with guarded.person("echo $((40 + 2))x; sleep 601") as person:
        person.sees("42x")
        guarded.server.cut()
        person.wait_until(lambda: "signal 1" in told(guarded, "sleep 601"), "the line's end in the journal")


def told(bastion: Bastion, line: str) -> str:
    """What the journal says of a line, at length."""
    found = [json.loads(row) for row in bastion.journal("--json").splitlines()]
    return json.dumps([row for row in found if line in json.dumps(row)])


def test_a_configuration_with_a_mistake_lets_nothing_through(tmp_path: Path) -> None:
    bastion = Bastion(tmp_path, "guarded")
    bastion.config.write_text("colour = 'red'\n")
    with bastion.server:
        done = bastion.sends("touch made")

    assert (done.status, (bastion.home / "made").exists()) == (78, False)


# --- sessions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("bash -l",)], ids=["no line", "a shell as the line"])
def test_a_session_is_guarded(guarded: Bastion, words: tuple[str, ...]) -> None:
    victim = guarded.home / "in-session"
    victim.mkdir(exist_ok=True)
    with guarded.person(*words) as person:
        person.sees("GUARDED there$")
        person.enter(f"rm -r {victim}")
        person.sees("Type bastion to go on")
        person.look(READ_SECONDS)
        person.press("\x03")
        person.sees("you said no")

    assert victim.exists()


# --- programs that speak with their own kind -------------------------------------------------------------------


def test_rsync_fetches_from_a_read_only_host_and_changes_nothing_there(read_only: Bastion) -> None:
    needed("rsync", "rsync")
    (read_only.home / "tree").mkdir(exist_ok=True)
    (read_only.home / "tree/file").write_text("there\n")
    (read_only.here / "new").mkdir(exist_ok=True)
    (read_only.here / "new/file").write_text("here\n")

    fetched = read_only.runs("rsync", "-a", "web-1:tree/", "copy/")
    pushed = read_only.runs("rsync", "-a", "new/", "web-1:tree/")
    compared = read_only.runs("rsync", "-nai", "--delete", "new/", "web-1:tree/")

    assert (fetched.status, (read_only.here / "copy/file").read_text()) == (0, "there\n")
    assert (compared.status, compared.err) == (0, "")
    assert pushed.status != 0
    assert "not proven to only read" in pushed.err
    assert (read_only.home / "tree/file").read_text() == "there\n"


def test_rsync_that_deletes_is_refused_where_it_may_write(guarded: Bastion) -> None:
    needed("rsync", "rsync")
    (guarded.home / "kept").mkdir(exist_ok=True)
    (guarded.home / "kept/old").write_text("old\n")
    (guarded.here / "newer").mkdir(exist_ok=True)
    (guarded.here / "newer/file").write_text("new\n")

    pushed = guarded.runs("rsync", "-a", "newer/", "web-1:kept/")
    deleting = guarded.runs("rsync", "-a", "--delete", "newer/", "web-1:kept/")

    assert (pushed.status, (guarded.home / "kept/file").read_text()) == (0, "new\n")
    assert deleting.status != 0
    assert (guarded.home / "kept/old").exists()


def test_git_fetches_from_a_read_only_host_and_can_not_push(read_only: Bastion) -> None:
    git = needed("git", "git")
    origin = read_only.home / "shop.git"
    read_only.runs(git, "init", "-q", "--bare", str(origin))
    read_only.runs(git, "init", "-q", "work")
    read_only.runs(git, "-C", "work", "commit", "-q", "--allow-empty", "-m", "first")
    read_only.runs(git, "-C", "work", "push", "-q", str(origin), "HEAD:main")

    cloned = read_only.runs(git, "clone", "-q", "-b", "main", "web-1:shop.git", "clone")
    pushed = read_only.runs(git, "-C", "work", "push", "-q", "web-1:shop.git", "HEAD:other")

    assert (cloned.status, (read_only.here / "clone/.git").exists()) == (0, True)
    assert pushed.status != 0
    assert "other" not in read_only.runs(git, "-C", str(origin), "branch", "-a").out.decode()


@pytest.mark.parametrize("how", [(), ("-O",)], ids=["by sftp", "by its own protocol"])
def test_scp_fetches_from_a_read_only_host_and_can_not_put(read_only: Bastion, how: tuple[str, ...]) -> None:
    scp = needed("scp", "openssh-client")
    (read_only.home / "report").write_text("there\n")
    (read_only.here / "mine").write_text("here\n")
    words = (scp, "-q", *how, "-F", str(read_only.server.client_config))

    fetched = read_only.runs(*words, "web-1:report", "fetched")
    put = read_only.runs(*words, "mine", "web-1:report")

    assert (fetched.status, (read_only.here / "fetched").read_text()) == (0, "there\n")
    assert put.status != 0
    assert (read_only.home / "report").read_text() == "there\n"


def test_sftp_may_write_where_lines_may(guarded: Bastion) -> None:
    (guarded.here / "mine").write_text("here\n")

    done = guarded.runs(
        needed("sftp", "openssh-client"), "-q", "-F", str(guarded.server.client_config), "-b", "-", "web-1",
        given=b"put mine put-there\n",
    )  # fmt: skip

    assert (done.status, (guarded.home / "put-there").read_text()) == (0, "here\n")


# --- as the shell of an account --------------------------------------------------------------------------------


class Account:
    """An account whose shell is safeshell, on a host that belongs to production."""

    def __init__(self, home: Path) -> None:
        self.home = home
        config = home / ".config/safeshell/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(CONFIG.format(mode="guarded"))
        (home / ".bash_profile").write_text("PS1='there$ '\n")
        self.environ = person_environ(home, SHELL=PROGRAM)

    def runs(self, *words: str, given: bytes | None = None) -> Done:
        """Start its shell as sshd does, without a terminal."""
        done = subprocess.run(
            ["safeshell", *words],
            executable=PROGRAM,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=DEADLINE,
            check=False,
            env=self.environ,
            start_new_session=True,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


@pytest.fixture
def account(tmp_path: Path) -> Account:
    home = tmp_path / "account"
    home.mkdir()
    return Account(home)


def test_a_login_shell_runs_a_line_by_a_shell_and_judges_it_first(account: Account) -> None:
    victim = account.home / "victim"
    victim.mkdir()

    allowed = account.runs("-c", "echo [$SHELL]; exit 7")
    refused = account.runs("-c", f"rm -r {victim}")

    assert (allowed.status, allowed.out.strip(b"[]\n").rpartition(b"/")[2] in (b"bash", b"sh")) == (7, True)
    assert (refused.status, victim.exists()) == (77, True)


def test_a_login_shell_without_line_and_terminal_is_refused(account: Account) -> None:
    assert account.runs(given=b"touch sneaked\n").status == 77


def test_a_login_shell_at_a_terminal_is_a_guarded_session(account: Account) -> None:
    with Person(PROGRAM, environ=account.environ, folder=account.home) as person:
        person.sees("GUARDED there$")
        person.enter("exit")
        assert person.ended() == 0
