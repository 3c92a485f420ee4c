from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.ssh.client.socks import NotSocks, Socks, Wanted

FOUR = b"\4\1\0\x50" + socket.inet_aton("10.0.0.7") + b"me\0"
FOUR_A = b"\4\1\x1f\x90\0\0\0\1me\0db.internal\0"
FIVE_NAME = b"\5\1\0" + b"\5\1\0\3\x0bdb.internal\x15\x38"
FIVE_V6 = b"\5\2\0\2" + b"\5\1\0\4" + socket.inet_pton(socket.AF_INET6, "::1") + b"\0\x16"


@pytest.mark.parametrize(
    ("request_", "host", "port"),
    [
        (FOUR, "10.0.0.7", 80),
        (FOUR_A, "db.internal", 8080),
        (FIVE_NAME, "db.internal", 5432),
        (FIVE_V6, "::1", 22),
    ],
)
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_a_request_says_host_and_port_however_it_is_cut(
    request_: bytes, host: str, port: int, piece: int
) -> None:
    talk, found = Socks(), None
    for start in range(0, len(request_), piece):
        _, found = talk.feed(request_[start : start + piece])

    assert isinstance(found, Wanted)
    assert (found.host, found.port, found.early) == (host, port, b"")


def test_what_follows_the_request_is_kept() -> None:
    _, found = Socks().feed(FOUR + b"GET /")

    assert found and found.early == b"GET /"


@pytest.mark.parametrize(
    "bytes_", [b"GET / HTTP/1.1\r\n", b"\4\2\0\x50\1\1\1\1\0", b"\5\1\2", b"\5\1\0\5\2\0\1\1\1\1\1\0\1"]
)
def test_what_is_none_of_it_is_refused(bytes_: bytes) -> None:
    with pytest.raises(NotSocks):
        Socks().feed(bytes_)


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_any_bytes_get_an_answer_or_a_refusal(pieces: list[bytes]) -> None:
    talk = Socks()
    try:
        for piece in pieces:
            _, found = talk.feed(piece)
            if found:
                break
    except NotSocks:
        pass
