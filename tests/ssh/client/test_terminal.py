"""A session with a terminal: size, modes, escapes and the way back, by a person at a real terminal."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.person import Person
from tests.ssh.client.calls import ROOT, argv, call, environ, person
from tests.ssh.sshd import SshServer

SHELL = "PS1='there> ' exec bash --norc --noprofile -i"


def test_a_person_works_in_the_remote_shell_and_leaves(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.enter("echo $((40 + 2)); tty")
        somebody.reads(r"42\s+/dev/pts/")
        somebody.enter("exit 6")

        assert somebody.ended() == 6
        assert "Connection to 127.0.0.1 closed." in somebody.text
        assert somebody.echoes


def test_the_remote_terminal_has_the_size_and_follows_it(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.enter("stty size")
        somebody.sees("40 120")
        somebody.resize(91, 33)
        somebody.enter("stty size")
        somebody.sees("33 91")


def test_the_remote_terminal_has_the_settings_of_ours(shared_sshd: SshServer) -> None:
    ours = argv("-F", str(shared_sshd.client_config), "-t", "web-1", "stty -a; echo $TERM")
    with Person(
        "sh", "-c", 'stty iutf8 intr ^G; exec "$@"', "sh", *ours, environ=environ(shared_sshd), folder=ROOT
    ) as somebody:
        shown = somebody.sees("xterm-256color")

        assert " iutf8" in shown
        assert "erase = ^?" in shown and "intr = ^G" in shown
        assert " echo " in shown


def test_an_interrupt_goes_to_the_remote_command(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.enter("sleep 60")
        somebody.look(0.3)
        somebody.press("\x03")
        somebody.prompt()
        somebody.enter("echo still $?")
        somebody.sees("still 130")


def test_a_tilde_and_a_dot_behind_a_new_line_end_it(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.enter("sleep 60")
        somebody.press("~.")

        assert somebody.ended() == 255
        assert "Connection to 127.0.0.1 closed." in somebody.text
        assert somebody.echoes


def test_the_other_escapes_are_listed_and_done(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.press("~?")
        somebody.sees("Supported escape sequences")
        somebody.press("~#")
        somebody.sees("The following connections are open")
        somebody.press("~R~v")
        somebody.sees("LogLevel VERBOSE")
        somebody.press("echo still there\r")
        somebody.reads(r"\nstill there")


def test_a_tilde_elsewhere_is_a_tilde(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.press("echo a~. ~~.\r")
        somebody.reads(r"\na~\. ~~\.")


def test_no_escape_character_no_escapes(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-e", "none", "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.press("~.\r")
        somebody.prompt()


def test_an_escape_suspends_and_the_shell_here_goes_on_with_it(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", SHELL) as somebody:
        somebody.prompt()
        somebody.press("~\x1a")
        somebody.sees("[suspend ssh]")
        # A process whose parent leads no job control is not stopped by the kernel: it goes on at once.
        give_up_at = time.monotonic() + 1
        while time.monotonic() < give_up_at:
            state = Path(f"/proc/{somebody.pid}/stat").read_text().rpartition(")")[2].split()[0]
            if state == "T":
                os.kill(somebody.pid, signal.SIGCONT)
                break
            somebody.look(0.02)
        somebody.press("echo again\r")
        somebody.reads(r"\nagain")


def test_tt_gives_a_terminal_to_a_command_without_one_here(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "-tt", "web-1", "test -t 0 && echo terminal").stdout.startswith(b"terminal")


def test_t_alone_gives_none_without_one_here(shared_sshd: SshServer) -> None:
    assert call(shared_sshd, "-t", "web-1", "test -t 0 || echo none").stdout == b"none\n"


def test_big_t_gives_none_to_a_person(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-T", "web-1", "test -t 1 || echo none; tty") as somebody:
        somebody.sees("not a tty")
        somebody.ended()


def test_a_server_without_terminals_says_so(tmp_path: Path) -> None:
    with (
        SshServer(tmp_path / "server", lines=["PermitTTY no"]) as server,
        person(server, "-t", "web-1", "echo went on") as somebody,
    ):
        somebody.sees("PTY allocation request failed")
        somebody.ended()
        assert "went on" in somebody.text


def test_a_flood_arrives_whole(shared_sshd: SshServer) -> None:
    with person(shared_sshd, "-t", "web-1", "head -c 1000000 /dev/zero | tr '\\0' x; echo") as somebody:
        somebody.wait_until(lambda: somebody.output.rstrip().endswith(b"closed."), "the end")

        assert somebody.output.count(b"x") == 1_000_000
