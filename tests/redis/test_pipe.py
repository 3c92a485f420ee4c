"""`get k | jq .`: where the redis part ends, and what the local command gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.redis.pipe import LocalCommand, PipedLine, PipeFailed, shell_command, split_pipe


@pytest.mark.parametrize(
    ("line", "redis", "shell"),
    [
        ("get k | jq .", "get k", "jq ."),
        ("get k | jq '.a | .b' | head", "get k", "jq '.a | .b' | head"),
        ("get k\t|\tcat", "get k", "cat"),
        ("get k |", "get k |", None),
        ("get k |  ", "get k |  ", None),
        ("get a|b", "get a|b", None),
        ("get a| b", "get a| b", None),
        ("get a |b", "get a |b", None),
        ('sadd s "a | b"', 'sadd s "a | b"', None),
        ("sadd s 'a | b'", "sadd s 'a | b'", None),
        (r'set k "a \" | b"', r'set k "a \" | b"', None),
        (r"set k 'a \' | b'", r"set k 'a \' | b'", None),
        ('get "a | b" | cat', 'get "a | b"', "cat"),
        ('get "unbalanced | cat', 'get "unbalanced | cat', None),
        ("get back\\slash | cat", "get back\\slash", "cat"),
        ("| cat", "| cat", None),
        ("", "", None),
    ],
)
def test_a_line_is_cut_at_the_first_pipe_outside_quotes(line: str, redis: str, shell: str | None) -> None:
    assert split_pipe(line) == PipedLine(redis, shell)


def test_the_local_command_gets_exactly_the_bytes(tmp_path: Path) -> None:
    with shell_command(f"cat > {tmp_path / 'out'}") as command:
        command.write(b"\x00\xff\x1b[2J")
        command.write(b"more\n")

        assert command.wait() == 0

    assert (tmp_path / "out").read_bytes() == b"\x00\xff\x1b[2Jmore\n"


def test_a_command_that_stops_reading_is_no_mistake() -> None:
    with shell_command("exec true") as command:
        for _ in range(200):
            command.write(b"x" * 65536)

        assert command.wait() == 0
        assert not command.reads


def test_a_command_that_is_not_there_is_told() -> None:
    with (
        pytest.raises(PipeFailed, match="can't be started"),
        LocalCommand(["/nonexistent"], text="nonexistent"),
    ):
        pass
