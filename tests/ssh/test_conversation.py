"""Whole remote sessions without a terminal: when keys go on, when they wait, and what becomes of answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeshell.ssh.conversation import RemoteConversation
from safeshell.ssh.wire import PREFIX, Booted
from safeshell.terminal.wrapped.machine import (
    Answered,
    Ask,
    Command,
    Output,
    Say,
    Tick,
    Typed,
    WakeIn,
    WriteChild,
    WriteScreen,
)
from safeshell.terminal.wrapped.messages import Request, RequestKind

SECRET, WORD, TOKEN = "secret-0123456789abcde", "word", "token-0123456789"


class Shells:
    """One shell, whose prompts show `MARKS`."""

    secret, word = SECRET, WORD

    def __init__(self) -> None:
        self.tokens = {TOKEN: 1}
        self.booted: list[Booted] = []

    def boot(self, asked: Booted) -> bytes:
        self.booted.append(asked)
        return b":\n:\n"

    def marks(self, pid: int) -> str:
        return "MARKS"


class Session:
    """A conversation, and what it has done."""

    def __init__(self) -> None:
        self.shells = Shells()
        self.now = 0.0
        self.machine = RemoteConversation(self.shells, lambda: self.now)
        self.typed = b""
        self.said: list[str] = []
        self.asked: list[Request] = []
        self.shown = b""
        self.wakes = 0
        self.serial = 0

    def does(self, commands: tuple[Command, ...]) -> None:
        for command in commands:
            match command:
                case WriteChild(data):
                    self.typed += data
                case Say(data):
                    self.said.append(data.decode())
                    self.typed += b"<" + str(len(self.said)).encode() + b">"
                case Ask(request, _):
                    self.asked.append(request)
                case WriteScreen(data):
                    self.shown += data
                case WakeIn():
                    self.wakes += 1

    def types(self, data: bytes) -> None:
        self.does(self.machine.handle(Typed(data)))

    def prints(self, data: bytes) -> None:
        self.does(self.machine.handle(Output(data)))

    def ticks(self) -> None:
        self.does(self.machine.handle(Tick()))

    def tells(self, kind: str, text: str = "", *, waits: bool = False) -> None:
        self.serial += 1
        fields = (f"7.{self.serial}", kind, "7", "0", "/", "", text, ".")
        body = "".join(f"{field}\\z" for field in fields)
        self.prints(PREFIX + f"{SECRET};{'q' if waits else 't'}e{body}\x07".encode())

    def at_prompt(self) -> None:
        self.tells("hello", "bash 5.2")
        self.tells("prompt", "0")

    def answers(self, said: str) -> None:
        self.does(self.machine.handle(Answered(self.asked[-1], said)))

    def hears(self, ahead: bytes = b"") -> None:
        self.prints(PREFIX + f"{SECRET};hx{ahead.hex()}\x07".encode())


def test_before_a_hook_is_there_every_key_goes_on_at_once() -> None:
    session = Session()
    session.types(b"password\r")

    assert session.typed == b"password\r"


def test_a_shell_that_starts_is_handed_what_it_asks_for() -> None:
    session = Session()
    session.prints(b"motd" + PREFIX + f"{TOKEN};bebash;db-1;bz\x07".encode())

    assert session.shells.booted == [Booted(TOKEN, "bash", "db-1", "bz")]
    assert (session.shown, session.said) == (b"motd", [":\n:\n"])


def test_keys_behind_enter_wait_for_the_answer_and_come_behind_it() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"ls\recho two\r")
    assert session.typed == b"ls\r"

    session.tells("line", "ls", waits=True)
    session.answers("run")
    assert session.typed == b"ls\r<1><2>"
    assert session.said[0].endswith(" wait\n")
    assert session.said[1] == f"{WORD} 7.3 run\x1eMARKS\n"

    session.hears()
    assert session.typed == b"ls\r<1><2>echo two\r"


def test_what_the_shell_had_read_before_its_answer_comes_first() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"ls\rb")
    session.tells("line", "ls", waits=True)
    session.answers("run")
    session.hears(b"a")

    assert session.typed.endswith(b"<2>ab")


def test_behind_a_no_nothing_is_typed_and_the_line_is_the_persons_again() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"rm\rtouch x\r")
    session.tells("line", "rm", waits=True)
    session.answers("no")
    session.hears(b"more")
    assert session.typed == b"rm\r<1><2>"

    session.types(b"x")
    assert session.typed.endswith(b"x")
    session.types(b"\rnext")
    assert not session.typed.endswith(b"next")


def test_control_c_before_the_question_is_a_no_and_goes_on_behind_it() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"rm -rf x\ry\x03z")
    session.tells("line", "rm -rf x", waits=True)

    assert session.asked[-1].kind is RequestKind.PROMPT, "nobody was asked about it"
    assert session.said[-1].split("\x1e")[0].endswith(" no")
    session.hears()
    assert session.typed.endswith(b"\x03")


def test_an_enter_that_means_something_else_holds_keys_for_a_moment_only() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"\rabc")
    assert session.wakes == 1
    session.ticks()

    assert session.typed == b"\rabc"


def test_a_tick_that_comes_late_lets_nothing_go() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"a\r")
    session.tells("line", "a", waits=True)
    session.types(b"held")
    session.ticks()

    assert b"held" not in session.typed


def test_pasted_line_ends_are_text() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"\x1b[200~one\rtwo\r")
    session.types(b"three\x1b[201~more")

    assert session.typed == b"\x1b[200~one\rtwo\rthree\x1b[201~more"
    session.types(b"\rheld")
    assert not session.typed.endswith(b"held")


def test_while_a_line_runs_keys_are_its_own() -> None:
    session = Session()
    session.at_prompt()
    session.types(b"cat\r")
    session.tells("line", "cat", waits=True)
    session.answers("run")
    session.hears()
    session.types(b"text\rmore\r")

    assert session.typed.endswith(b"text\rmore\r")


def test_an_answer_to_nobody_is_never_said() -> None:
    session = Session()
    session.at_prompt()
    request = session.asked[-1]
    session.does(session.machine.handle(Answered(request, "ok")))

    assert session.said == []


def test_an_answer_is_one_line_whatever_is_in_it() -> None:
    session = Session()
    session.at_prompt()
    session.tells("meta", "lock", waits=True)
    session.answers("ok two\nlines\r")

    assert session.said[-1].count("\n") == 1


_STEP = st.one_of(
    st.tuples(st.just("types"), st.binary(max_size=8)),
    st.tuples(st.just("types"), st.sampled_from([b"\r", b"\x03", b"a\rb\rc"])),
    st.tuples(st.just("line"), st.sampled_from(["run", "no", "more"])),
    st.tuples(st.just("prompt"), st.just("")),
    st.tuples(st.just("tick"), st.just("")),
    st.tuples(st.just("print"), st.binary(max_size=8)),
)


@given(st.lists(_STEP, max_size=30))
def test_a_question_is_answered_once_and_keys_are_never_said(steps: list[tuple[str, str | bytes]]) -> None:
    session = Session()
    session.at_prompt()
    for what, value in steps:
        if what == "types" and isinstance(value, bytes):
            session.types(value)
        elif what == "print" and isinstance(value, bytes):
            session.prints(value)
        elif what == "tick":
            session.ticks()
        elif what == "prompt":
            session.tells("prompt", "0")
        elif isinstance(value, str):
            finals = [one for one in session.said if not one.endswith(" wait\n")]
            asked = len(session.asked)
            session.tells("line", "x", waits=True)
            if len(session.asked) > asked:
                session.answers(value)
            now = [one for one in session.said if not one.endswith(" wait\n")]
            assert len(now) == len(finals) + 1
            session.hears()
    assert all(one.startswith(f"{WORD} 7.") for one in session.said)
