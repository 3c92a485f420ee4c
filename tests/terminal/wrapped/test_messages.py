"""What a hook says arrives as it was said, however it is cut, and nothing else is taken for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.wrapped.messages import Facts, Request, RequestKind, RequestReader, answer

SECRET = "s3cret-of-this-session"
_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


def said(*fields: str, secret: str = SECRET) -> bytes:
    return b"".join(one.encode("utf-8", "surrogateescape") + b"\0" for one in (secret, *fields, "."))


def test_a_line_arrives_with_all_that_its_names_mean() -> None:
    data = said(
        "12.7", "line", "12", "1000", "/srv/app", "himBH::extglob", "gp $DIR",
        "x", "AWS_PROFILE", "prod", "v", "DIR", "/srv", "u", "GONE", "",
        "a", "gp", "git push -f", "f", "d", "d () { ls; }",
    )  # fmt: skip

    (request,) = RequestReader(SECRET).feed(data)

    assert request == Request(
        "12.7",
        RequestKind.LINE,
        12,
        1000,
        "/srv/app",
        "himBH::extglob",
        "gp $DIR",
        Facts(
            {"AWS_PROFILE": "prod", "DIR": "/srv"},
            {"AWS_PROFILE": "prod"},
            frozenset({"GONE"}),
            {"gp": "git push -f"},
            {"d": "d () { ls; }"},
        ),
    )


@given(_TEXTS, _TEXTS, st.lists(st.integers(1, 30), max_size=20))
def test_however_the_pipe_cuts_it_the_text_is_the_text(text: str, value: str, cuts: list[int]) -> None:
    data = said("1.1", "line", "1", "0", "/", "", text, "v", "X", value) * 2
    reader, found, at = RequestReader(SECRET), [], 0
    for cut in [*cuts, len(data)]:
        found += reader.feed(data[at : at + cut])
        at += cut

    assert [one.text for one in found] == [text, text]
    assert [one.facts.variables for one in found] == [{"X": value}, {"X": value}]


def test_a_line_whose_last_field_is_a_dot_is_not_cut_short() -> None:
    (request,) = RequestReader(SECRET).feed(said("1.1", "line", "1", "0", "/", "", ".", "v", ".", "."))

    assert (request.text, request.facts.variables) == (".", {".": "."})


@given(st.binary(max_size=300))
def test_what_does_not_know_the_secret_is_not_heard(noise: bytes) -> None:
    reader = RequestReader(SECRET)
    before = list(reader.feed(noise.replace(b"s3", b"") + b"\0"))

    (request,) = reader.feed(said("1.1", "prompt", "1", "0", "/", "", "0"))

    assert not before
    assert request.kind is RequestKind.PROMPT


def test_another_sessions_secret_is_noise() -> None:
    assert not list(RequestReader(SECRET).feed(said("1.1", "line", "1", "0", "/", "", "ls", secret="other")))


def test_a_request_that_makes_no_sense_is_dropped_and_the_next_is_heard() -> None:
    reader = RequestReader(SECRET)
    good = said("1.2", "prompt", "1", "0", "/", "", "0")

    bad_kind = said("1.1", "sing", "1", "0", "/", "", "ls")
    bad_pid = said("1.1", "line", "one", "0", "/", "", "ls")
    bad_fact = said("1.1", "line", "1", "0", "/", "", "ls", "q", "x", "y")

    assert [one.id for one in reader.feed(bad_kind + bad_pid + bad_fact + good)] == ["1.2"]


def test_bytes_that_are_no_utf8_survive_both_ways() -> None:
    data = said("1.1", "line", "1", "0", "/", "", "rm caf\udce9")

    (request,) = RequestReader(SECRET).feed(data)

    assert request.text.encode("utf-8", "surrogateescape") == b"rm caf\xe9"


def test_an_answer_is_one_line_whatever_it_says() -> None:
    (request,) = RequestReader(SECRET).feed(said("9.4", "meta", "1", "0", "/", "", "lock"))

    assert answer("w0rd", request, "ok two\nlines\r") == b"w0rd 9.4 ok two lines \n"


def test_later_facts_win_over_earlier_ones() -> None:
    first = Facts({"A": "1"}, {}, frozenset({"B"}), {"x": "y"}, {})

    assert first.joined(Facts({"A": "2"}, {}, frozenset({"C"}), {}, {"f": "g"})) == Facts(
        {"A": "2"}, {}, frozenset({"B", "C"}), {"x": "y"}, {"f": "g"}
    )


def test_a_request_that_was_cut_off_does_not_take_the_next_one_with_it() -> None:
    reader = RequestReader(SECRET)
    cut = b"\0".join((SECRET.encode(), b"1", b"line", b"7", b"0", b"/", b"", b"rm", b"v", b"D"))
    prompt = said("2", "prompt", "1", "0", "/", "", "0")

    assert not list(reader.feed(cut))
    assert [one.id for one in reader.feed(prompt)] == ["2"]
