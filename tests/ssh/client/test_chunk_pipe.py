from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paramiko.buffered_pipe import PipeTimeout

from safeshell.ssh.client.chunk_pipe import ChunkPipe


@given(st.lists(st.binary(min_size=1)), st.integers(min_value=1, max_value=20))
def test_what_goes_in_comes_out_in_order(pieces: list[bytes], most: int) -> None:
    pipe = ChunkPipe()
    for piece in pieces:
        pipe.feed(piece)
    assert len(pipe) == len(b"".join(pieces))
    pipe.close()

    found = []
    while data := pipe.read(most):
        assert len(data) <= most
        found.append(data)
    assert b"".join(found) == b"".join(pieces)
    assert len(pipe) == 0


def test_a_reader_waits_for_the_writer_and_for_the_end() -> None:
    pipe, found = ChunkPipe(), []
    reader = threading.Thread(target=lambda: found.extend([pipe.read(10), pipe.read(10)]))
    reader.start()
    pipe.feed(b"abc")
    pipe.close()
    reader.join(10)

    assert found == [b"abc", b""]


def test_a_reader_may_have_enough_of_waiting() -> None:
    with pytest.raises(PipeTimeout):
        ChunkPipe().read(1, 0.01)
