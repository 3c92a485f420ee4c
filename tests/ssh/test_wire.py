"""What a remote hook says is cut out of any output, wherever it is cut; nothing else is touched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeshell.ssh.wire import PREFIX, Asked, Booted, Heard, WireSplitter
from safeshell.terminal.wrapped.messages import RequestKind

SECRET = "s3cr3t-s3cr3t-s3cr3t-0"
TOKEN = "once-0123456789"


def coded(*fields: str) -> str:
    table = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e", "\x07": "\\a"})
    return "".join(f"{field.translate(table)}\\z" for field in fields)


def message(kind: str, body: str, token: str = SECRET) -> bytes:
    return PREFIX + f"{token};{kind}e{body}\x07".encode("utf-8", "surrogateescape")


def line(text: str, kind: str = "line") -> str:
    return coded("1.1", kind, "1", "0", "/", "", text, ".")


def fed(*pieces: bytes) -> list[object]:
    splitter = WireSplitter(SECRET, {TOKEN: 1})
    items: list[object] = []
    for piece in pieces:
        for item in splitter.feed(piece):
            if isinstance(item, bytes) and items and isinstance(items[-1], bytes):
                items[-1] += item
            else:
                items.append(item)
    return items


def test_a_question_is_cut_out_of_the_text_around_it() -> None:
    before, asked, behind = fed(b"before " + message("q", line("rm -rf x")) + b" behind")

    assert (before, behind) == (b"before ", b" behind")
    assert isinstance(asked, Asked)
    assert asked.waits
    assert (asked.request.kind, asked.request.text) == (RequestKind.LINE, "rm -rf x")


def test_what_is_told_wants_no_answer() -> None:
    (told,) = fed(message("t", line("0", "prompt")))

    assert isinstance(told, Asked)
    assert not told.waits


def test_hexadecimal_is_read_for_shells_that_can_not_escape() -> None:
    body = "\0".join(("1.1", "line", "1", "0", "/", "", "échø\n", ".", "")).encode().hex()
    (asked,) = fed(PREFIX + f"{SECRET};qx{body}\x07".encode())

    assert isinstance(asked, Asked)
    assert asked.request.text == "échø\n"


def test_a_shell_that_starts_asks_with_its_own_token() -> None:
    assert fed(message("b", "bash;db-1;bz", TOKEN)) == [Booted(TOKEN, "bash", "db-1", "bz")]


def test_with_that_token_nothing_else_can_be_asked() -> None:
    assert fed(message("q", line("x"), TOKEN)) == []
    assert fed(message("b", "bash;db-1;bz", SECRET)) == []


def test_a_message_of_somebody_else_is_text() -> None:
    forged = message("q", line("rm -rf x"), "somebody-else")

    assert fed(forged) == [forged]


def test_a_message_without_an_end_becomes_text_once_it_is_too_long() -> None:
    endless = PREFIX + SECRET.encode() + b";qe" + b"x" * (2 << 20)

    assert fed(endless) == [endless]


def test_a_message_that_can_not_be_read_is_dropped() -> None:
    assert fed(PREFIX + f"{SECRET};qxzz\x07".encode(), b"text") == [b"text"]
    assert fed(message("q", "nonsense"), b"text") == [b"text"]


@given(st.text(alphabet=st.characters(exclude_characters="\0"), max_size=60), st.data())
def test_any_line_comes_over_whole_however_it_is_cut(text: str, data: st.DataObject) -> None:
    sent = b"out" + message("q", line(text)) + b"put"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]

    before, asked, behind = fed(*pieces)

    assert (before, behind) == (b"out", b"put")
    assert isinstance(asked, Asked)
    assert asked.request.text == text


@given(st.lists(st.binary(max_size=40) | st.sampled_from([PREFIX, PREFIX + b"s3", b"\x1b", b"\x07", b";"])))
def test_output_without_messages_is_never_changed_nor_kept(pieces: list[bytes]) -> None:
    out = b"".join(item for item in fed(*pieces, b"\n\x07...") if isinstance(item, bytes))

    assert out == b"".join(pieces) + b"\n\x07..."


@given(st.binary(max_size=60).filter(lambda data: not set(data) & set(b"\\\x07")))
def test_what_was_typed_ahead_comes_back_as_it_was(data: bytes) -> None:
    assert fed(PREFIX + SECRET.encode() + b";hx" + data.hex().encode() + b"\x07") == [Heard(data)]
