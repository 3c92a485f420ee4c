"""A session on another host, by hand: what the guard is there for, what may go wrong, what must stay as it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.guarded_shell import CONFIG, HISTORY, PLAIN, RC, victim_in
from tests.e2e.program import PROGRAM
from tests.e2e.remote_shell import REMOTE_CONFIG, RemotePerson
from tests.e2e.test_wrapped_nested import CASES, asks_inside
from tests.person import Person, person_environ
from tests.ssh.slow_link import SlowLink
from tests.ssh.sshd import SshServer

SHELLS = ("bash", "zsh", "fish")
ELSEWHERE = "/srv/none-such"
"""Is not there, and is no place for what is temporary, which nobody is asked about."""


@pytest.fixture(params=["openssh", "paramiko"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test is done over each of the two."""
    monkeypatch.setattr(RemotePerson, "transport", request.param)
    return str(request.param)


@pytest.fixture
def person(home: Path) -> Iterator[RemotePerson]:
    """Somebody at a remote bash."""
    with RemotePerson("bash", home) as sitting:
        yield sitting


def shutdown_in(home: Path) -> Path:
    """A stand-in for shutdown that only writes down that it ran; where it does."""
    folder = home / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "shutdown").write_text(f'#!/bin/sh\necho "$@" >>{home}/shut-down\n')
    (folder / "shutdown").chmod(0o755)
    return home / "shut-down"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_server_is_not_shut_down_by_somebody_who_thinks_it_is_the_laptop(shell: str, home: Path) -> None:
    record = shutdown_in(home)
    path = "set -gx PATH ~/bin $PATH\n" if shell == "fish" else "PATH=~/bin:$PATH\n"
    with RemotePerson(shell, home, rc=path) as person:
        assert "PRODUCTION" in person.display
        question = person.asks("shutdown -h now\r")
        assert f"Type {os.uname().nodename}" in question
        person.answer("laptop")
        person.sees("Refused")
        assert not record.exists()

        person.drops()
        person.asks("shutdown -h now\r")
        person.answer(f"{os.uname().nodename} now")
        person.wait_until(record.exists, "the stand-in to have run")
        assert record.read_text() == "-h now\n"


def test_output_can_neither_forge_a_question_nor_have_anything_typed(
    person: RemotePerson, home: Path
) -> None:
    fields = r"x.1\zline\z1\z0\z/\z\zrm -rf victim\z.\z"
    forged = b"".join(
        b"\x1b]7717;%s;qe%s\x07" % (token, fields.encode())
        for token in (b"", b"x", b"A" * 22, b"A" * 16, b"A" * 300)
    )
    (home / "evil").write_bytes(b"before\n" + forged + b"\x1b]7717;" + b"A" * 100_000 + b"\x07\nafter\n")

    person.press("cat evil; cat >typed\r")
    person.sees("after")
    person.look(1.0)
    assert "anything else is no" not in person.text
    person.press("mine\r")
    person.press("\x04")
    person.ready()

    assert (home / "typed").read_text() == "mine\n"


def test_a_message_of_the_session_itself_is_no_way_in_for_another_shell(home: Path) -> None:
    with RemotePerson("bash", home) as one, RemotePerson("bash", home, server=one.server) as other:
        one.runs("echo $__safeshell_secret >secret; echo kept\r", "kept")
        secret = (home / "secret").read_text().strip()
        (home / "evil").write_bytes(b"\x1b]7717;%s;he\x07after\n" % secret.encode())
        other.runs("cat evil\r", ".*after")
        other.asks("rm -rf victim\r")
        other.says_no()


def test_a_connection_that_is_cut_while_a_question_stands_runs_nothing(home: Path) -> None:
    victim = victim_in(home)
    with RemotePerson("bash", home) as person:
        person.asks("rm -rf victim\r")
        person.server.cut()
        person.answer(os.uname().nodename)

        person.sees("the connection to web is lost")
        assert person.echoes
        person.enter("n")
        assert person.ended() == 255
    assert (victim / "file").exists()


def test_a_lost_connection_is_offered_anew_and_runs_nothing_again(home: Path) -> None:
    with RemotePerson("bash", home) as person:
        person.press("echo run >>runs; sleep 30\r")
        person.wait_until((home / "runs").exists, "the line to run")
        person.server.cut()
        person.sees("the connection to web is lost")
        person.press("\r")
        person.look(0.5)
        person.ready()
        person.runs("echo back\r", "back")
    assert (home / "runs").read_text() == "run\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_over_a_slow_link_that_stalls_nothing_comes_out_of_order(shell: str, home: Path) -> None:
    victim = victim_in(home)
    server = SshServer(home.parent / "sshd", shell=f"/bin/{shell}", home=home, environ={"LC_ALL": "C.UTF-8"})
    with server, SlowLink(server.port, 0.06, stall=0.3) as link:
        words = (
            "-o",
            f"Port={link.port}",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        )
        with RemotePerson(shell, home, server=server, words=words) as person:
            person.press("".join(f"echo n-''{number}\r" for number in range(4)))
            person.prints(r"n-0\r\n(?s:.*)n-1\r\n(?s:.*)n-2\r\n(?s:.*)n-3\r\n", since=0)
            person.ready()
            person.asks(f"rm -rf {victim} {ELSEWHERE}\rtouch behind\r")
            person.says_no()
            person.drops(patience=3.0)
            person.runs("echo still\r", "still")
    assert victim.exists()
    assert not (home / "behind").exists()


def test_a_guard_that_is_killed_while_a_question_stands_runs_nothing(home: Path) -> None:
    victim = victim_in(home)
    with RemotePerson("bash", home) as person:
        person.asks("rm -rf victim\r")
        for child in _children(person.pid):
            os.kill(child, signal.SIGKILL)
        person.ended()
        time.sleep(1.0)
    assert (victim / "file").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_whose_guard_is_gone_runs_nothing_and_can_be_left(shell: str, home: Path) -> None:
    victim = victim_in(home)
    with RemotePerson(shell, home) as person:
        # What reads for the guard from now on is somebody else: the answers are none.
        gone = "set -g __safeshell_secret gone" if shell == "fish" else "__safeshell_secret=gone"
        person.runs(f"{gone}; echo now\r", "now")
        person.press("rm -rf victim\r")
        person.sees("the guard does not answer")
        assert (victim / "file").exists()
        person.drops()
        person.press("exit\r")
        assert person.ended() in (0, 130)
    assert (victim / "file").exists()


@pytest.mark.parametrize(("outer", "line"), CASES)
def test_a_shell_inside_is_guarded_too(outer: str, line: str, home: Path) -> None:
    victim = victim_in(home)
    for shell, file in RC.items():
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).write_text(PLAIN[shell])
    with RemotePerson(outer, home) as person:
        (home / ".bash_profile").write_text(PLAIN["bash"])
        asks_inside(person, line, victim, ELSEWHERE)


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_is_written_on_the_hosts_disk_but_the_history(shell: str, home: Path) -> None:
    kept = home / "kept"
    with RemotePerson(shell, home) as person:
        kept.touch()
        time.sleep(0.02)
        person.runs("echo one\r", "one")
        person.press("exit\r")
        person.ended()
    found = subprocess.run(
        ["find", str(home), "/tmp", "/var/tmp", "/root", "/dev/shm", "-newer", str(kept), "-type", "f", "-user",
         str(os.geteuid()), "-name", "*safeshell*"],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    at_home = {
        str(file.relative_to(home))
        for file in home.rglob("*")
        if file.is_file()
        and file.stat().st_mtime > kept.stat().st_mtime
        and "generated_completions" not in file.parts
    }

    assert "safeshell" not in found.replace("safeshell.toml", "").replace("/.local/state/safeshell", "")
    assert {one for one in at_home if not one.startswith(".local/state/safeshell")} <= {
        HISTORY[shell], ".local/share/fish/fish_history", ".config/fish/fish_variables",
    }  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_lines_typed_ahead_run_in_order_and_behind_a_no_none_does(shell: str, home: Path) -> None:
    victim_in(home)
    with RemotePerson(shell, home) as person:
        person.press("echo a-''1\recho a-''2\recho a-''3\r")
        person.prints(r"a-1\r\n(?s:.*)a-2\r\n(?s:.*)a-3\r\n", since=0)
        person.ready()
        person.press("rm -rf victim\rtouch behind\r")
        person.sees("anything else is no")
        person.says_no()
        person.drops()
        person.runs("echo still\r", "still")
        assert not (home / "behind").exists()


def test_control_c_behind_enter_gives_the_line_up(person: RemotePerson, home: Path) -> None:
    for number in range(10):
        person.press(f"sleep 0.2; touch ran-{number}\r\x03")
        person.drops()
    person.runs("echo alive\r", "alive")
    # Judged and refused, or interrupted while it slept.
    assert not list(home.glob("ran-*"))


def test_a_program_without_a_hook_is_watched_and_the_title_says_so(home: Path) -> None:
    victim = victim_in(home)
    with RemotePerson("bash", home) as person:
        person.press("dash\r")
        person.wait_until(lambda: b"WATCHED" in person.output, "the badge")
        person.look(0.5)
        person.asks(f"rm -rf {victim} {ELSEWHERE}\r")
        person.says_no()
        person.press("\x03")
        since = len(person.output)
        person.press("exit\r")
        person.wait_until(lambda: b" GUARDED\x07" in person.output[since:], "the badge")
        person.ready()
    assert (victim / "file").exists()


def test_a_shell_that_no_word_of_the_line_tells_of_is_seen_on_the_host_and_watched(home: Path) -> None:
    victim = victim_in(home)
    with RemotePerson("bash", home) as person:
        person.press("perl -e 'exec q(dash)'\r")
        person.wait_until(lambda: b"WATCHED" in person.output, "the badge")
        person.press("\r")
        person.look(0.5)
        person.asks(f"rm -rf {victim} {ELSEWHERE}\r")
        person.says_no()
    assert (victim / "file").exists()


def test_terminals_of_their_own_are_not_said_to_be_guarded(person: RemotePerson) -> None:
    since = len(person.output)
    person.press("tmux -f /dev/null -L safeshell-test new -s t\r")
    person.wait_until(lambda: b"UNGUARDED" in person.output[since:], "the badge")
    person.look(1.0)
    since = len(person.output)
    person.press("exit\r")
    person.wait_until(lambda: b"\xc2\xb7 GUARDED" in person.output[since:], "the badge")


def test_a_login_shell_without_a_hook_is_watched_from_the_start(home: Path) -> None:
    victim = victim_in(home)
    server = SshServer(home.parent / "sshd", shell="/bin/dash", home=home)
    with server, Person(
        *_call(home, server),
        environ=person_environ(home), folder=home,
    ) as person:  # fmt: skip
        person.prompt("# " if os.geteuid() == 0 else "$ ")
        person.wait_until(lambda: b"WATCHED" in person.output, "the badge")
        person.press(f"rm -rf {victim} {ELSEWHERE}\r")
        person.sees("anything else is no")
        person.press("\x03")
        person.sees("Refused")
    assert (victim / "file").exists()


@pytest.mark.parametrize("line", ["bash", "bash -l", "sudo -s"])
def test_a_shell_that_is_the_command_of_a_session_is_guarded(line: str, home: Path) -> None:
    victim = victim_in(home)
    server = SshServer(home.parent / "sshd", home=home)
    for name in (".bashrc", ".bash_profile"):
        (home / name).write_text(f"{PLAIN['bash']}cd {home}\n")
    with (
        server,
        Person(*_call(home, server)[:-1], "-t", "web-1", line, environ=person_environ(home)) as person,
    ):
        person.wait_until(lambda: person.text.rstrip().endswith(("$", "#")), "a prompt")
        assert "guarded GUARDED" in person.text.rstrip().splitlines()[-1]
        person.press(f"rm -rf {victim} {ELSEWHERE}\r")
        person.sees("anything else is no")
        person.press("\x03")
        person.sees("Refused")
    assert (victim / "file").exists()


def test_a_configured_command_is_judged_and_its_badge_is_true(home: Path) -> None:
    server = SshServer(home.parent / "sshd", home=home)
    more = ("-o", "RequestTTY=yes", "-o", "RemoteCommand=python3 -q")
    with server, Person(*_call(home, server)[:-1], *more, "web-1", environ=person_environ(home)) as person:
        person.prompt(">>> ")
        person.wait_until(lambda: b"WATCHED" in person.output or b"UNGUARDED" in person.output, "a badge")
        assert b"\xc2\xb7 GUARDED" not in person.output
        person.press("exit()\r")
        assert person.ended() == 0


def test_a_shell_that_is_to_be_left_alone_has_no_hook(home: Path) -> None:
    with RemotePerson("bash", home, words=("--plain",)) as person:
        assert "GUARDED" not in person.display
        person.runs("type __safeshell_ask >/dev/null 2>&1 || echo none\r", "none")
        person.runs("shopt -q login_shell && echo login\r", "login")


def test_a_host_known_by_its_key_keeps_its_environment_under_another_name(home: Path) -> None:
    config = CONFIG + '[targets.lab]\nenvironment = "development"\nssh = ["lab"]\n'
    config += '[targets.web]\nenvironment = "production"\nssh = ["web-*"]\n'
    with RemotePerson("bash", home, config=config) as person:
        assert "PRODUCTION" in person.display
        person.server.alias = "lab"
        with RemotePerson("bash", home, config=config, server=person.server) as again:
            again.sees("this is the very host known as web")
            assert "PRODUCTION" in again.left


def test_a_pinned_host_with_another_key_is_left_at_once(home: Path) -> None:
    server = SshServer(home.parent / "sshd", home=home)
    config = REMOTE_CONFIG + f'pin = ["SHA256:{"A" * 43}"]\n'
    with server, Person(
        *_call(home, server, config),
        environ=person_environ(home), folder=home,
    ) as person:  # fmt: skip
        person.sees("not the pinned host")
        assert person.ended() == 77


def test_a_changed_host_key_is_a_full_stop(home: Path) -> None:
    server = SshServer(home.parent / "sshd", home=home)
    other = server.make_key("other_key")
    server.known_hosts.write_text(
        f"[127.0.0.1]:{server.port} {' '.join(other.with_suffix('.pub').read_text().split()[:2])}\n"
    )
    with server, Person(
        *_call(home, server),
        environ=person_environ(home), folder=home,
    ) as person:  # fmt: skip
        person.sees(lambda shown: "CHANGED" in shown.upper())
        assert person.ended() == 255


def test_read_only_lets_what_reads_pass_and_is_left_with_a_reason(home: Path) -> None:
    config = REMOTE_CONFIG.replace('mode = "guarded"', 'mode = "read-only"')
    with RemotePerson("bash", home, config=config) as person:
        assert "read-only" in person.display
        person.runs("echo fine | cat\r", "fine")
        person.press("touch new\r")
        person.sees("Refused")
        person.drops()
        person.press("safeshell unlock 5m TICKET-1 because\r")
        person.sees("Unlocked for 5m")
        person.wait_until(
            lambda: "unlocked" in person.left and person.left.endswith("$ "), "a shell that may write"
        )
        person.does("touch new")
        person.asks("rm -rf ~\r")
        person.says_no()
        person.drops()
        person.press("exit\r")
        person.sees("Read-only again.")
        person.ready()
        assert "read-only" in person.left
        person.press("touch newer\r")
        person.sees("touch is not proven")
    assert (home / "new").exists()
    assert not (home / "newer").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_read_only_session_is_held_by_the_kernel_of_the_host(shell: str, home: Path) -> None:
    config = REMOTE_CONFIG.replace('mode = "guarded"', 'mode = "read-only"')
    with RemotePerson(shell, home, config=config) as person:
        person.sees("the host's kernel lets nothing be written")
        since = len(person.output)
        person.press("grep -E 'NoNewPrivs|Seccomp:' /proc/self/status\r")
        person.prints(r"NoNewPrivs:\s+1", since=since)
        person.prints(r"Seccomp:\s+2", since=since)


def test_what_the_kernel_holds_is_held_for_what_no_proof_looks_at(home: Path) -> None:
    config = REMOTE_CONFIG.replace('mode = "guarded"', 'mode = "read-only"')
    (home / "kept").write_text("")
    (home / "kept").chmod(0o644)
    prompt = f"PROMPT_COMMAND='echo x >{home}/slipped; chmod 600 {home}/kept'\n"
    with RemotePerson("bash", home, config=config, rc=prompt) as person:
        person.look(0.5)
        assert "ermission denied" in person.text
        assert "not permitted" in person.text
    assert not (home / "slipped").exists()
    assert (home / "kept").stat().st_mode & 0o777 == 0o644


def test_a_session_that_must_be_held_and_can_not_be_is_left(home: Path) -> None:
    config = REMOTE_CONFIG.replace('mode = "guarded"', 'mode = "read-only"') + '[ssh]\nkernel = "require"\n'
    server = SshServer(home.parent / "sshd", home=home, environ={"PATH": f"{home}/bin"})
    (home / "bin").mkdir()
    for name in ("sh", "bash", "stty", "uname", "base64", "gzip", "od", "tr", "cat"):
        (home / "bin" / name).symlink_to(str(shutil.which(name)))
    with server, Person(*_call(home, server, config), environ=person_environ(home), folder=home) as person:
        person.sees("can't hold the session read-only")
        assert person.ended() == 77


def test_the_journal_has_the_session_its_lines_and_their_ends(home: Path) -> None:
    with RemotePerson("bash", home) as person:
        person.press("false\r")
        person.ready()
        person.asks("rm -rf victim\r")
        person.says_no()
        person.drops()
        person.press("exit 3\r")
        assert person.ended() == 3
    told = subprocess.run(
        [PROGRAM, "--config", str(home / "safeshell.toml"), "log", "--json"],
        env=person_environ(home), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    events = [json.loads(line) for line in told.splitlines()]
    assert any(event.get("console") == "ssh" for event in events), events[:3]
    assert "rm -rf victim" in told
    assert "status 1" in told


def test_a_recording_has_the_session_and_no_password(home: Path) -> None:
    config = REMOTE_CONFIG.replace("environments = []", 'environments = ["production"]')
    with RemotePerson("bash", home, config=config) as person:
        person.press("read -rs SECRET\r")
        person.look(0.5)
        person.press("hunter2-''hunter2\r")
        person.ready()
        person.runs("echo seen-''1\r", "seen-1")
        person.press("exit\r")
        person.ended()
    recordings = b"".join(file.read_bytes() for file in (home / ".local/state/safeshell").rglob("*.cast"))
    assert b"seen-1" in recordings
    assert b"hunter2" not in recordings


def test_the_window_is_resized_and_a_job_is_stopped_and_resumed(person: RemotePerson) -> None:
    person.resize(90, 30)
    person.runs("stty size\r", "30 90")
    person.press("cat\r")
    person.look(0.3)
    person.press("\x1a")
    person.sees("Stopped")
    person.ready()
    person.press("fg\r")
    person.look(0.3)
    person.press("text\r\x04")
    person.sees("text")
    person.ready()


def test_the_escape_character_ends_the_connection(person: RemotePerson) -> None:
    person.press("\r")
    person.ready()
    person.press("~.")
    assert person.ended() == 255


def test_ssh_typed_in_a_guarded_shell_is_the_guarded_one(home: Path) -> None:
    from tests.e2e.guarded_shell import ShellPerson

    victim = victim_in(home)
    server = SshServer(home.parent / "sshd", home=home)
    (home / ".bash_profile").write_text(PLAIN["bash"].replace("$ ", "there$ ") + "cd ~\n")
    config = REMOTE_CONFIG + '[targets.laptop]\nenvironment = "development"\nlocal = true\n'
    with server, ShellPerson("bash", home, config=config, environment="") as person:
        assert "DEVELOPMENT" in person.left
        person.press(f"ssh -F {server.client_config} web-1\r")
        person.prompt("there$ ")
        assert "PRODUCTION" in person.left
        person.asks("rm -rf victim\r")
        person.says_no()
        person.drops()
        person.press("exit\r")
        person.wait_until(lambda: "DEVELOPMENT" in person.left, "the local prompt")
    assert (victim / "file").exists()


def test_a_login_that_is_interrupted_leaves_the_terminal_as_it_was(home: Path) -> None:
    server = SshServer(
        home.parent / "sshd", home=home, lines=["PubkeyAuthentication no", "PasswordAuthentication yes"]
    )
    with server, Person(
        *_call(home, server),
        environ=person_environ(home), folder=home,
    ) as person:  # fmt: skip
        person.sees("password:")
        person.press("\x03")
        person.ended()
        assert person.echoes


def _call(home: Path, server: SshServer, config: str = REMOTE_CONFIG) -> tuple[str, ...]:
    file = home / "safeshell.toml"
    file.write_text(config)
    own = (PROGRAM, "--config", str(file), "ssh", "--transport", RemotePerson.transport)
    return (*own, "-F", str(server.client_config), "web-1")


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_programs_that_are_needed_are_there() -> None:
    assert shutil.which("tmux"), "install tmux"
    assert shutil.which("dash"), "install dash"
