"""Filters as the kernel's classic BPF machine reads them: instructions put together, one method a thought.

A program is a list of eight-byte instructions over one `struct seccomp_data`; here stands how they are written, not
what they are to refuse. Both machines that we know are little-endian. Facts: linux/filter.h, linux/bpf_common.h,
linux/seccomp.h, seccomp(2).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final, Self

from safeshell.terminal.confinement.syscall_numbers import Machine

_LOAD_WORD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND: Final = 0x54  # BPF_ALU | BPF_AND | BPF_K
_JUMP_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K

_NUMBER_AT: Final = 0
_ARCH_AT: Final = 4
_ARGUMENTS_AT: Final = 16

ALLOW: Final = 0x7FFF0000
KILL_PROCESS: Final = 0x80000000
USER_NOTIFICATION: Final = 0x7FC00000
_ERRNO: Final = 0x00050000


def fail_with(error: int) -> int:
    """The answer that lets a system call fail with an errno."""
    return _ERRNO | error


Instruction = tuple[int, int, int, int]


class Block:
    """The instructions about one system call; each way through them ends with an answer."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []

    def load_argument(self, index: int, *, high: bool = False, mask: int = 0xFFFFFFFF) -> Self:
        """Look at one half of an argument from here on, at the bits of `mask`."""
        self.instructions.append((_LOAD_WORD, 0, 0, _ARGUMENTS_AT + 8 * index + (4 if high else 0)))
        if mask != 0xFFFFFFFF:
            self.instructions.append((_AND, 0, 0, mask))
        return self

    def answer_if(self, values: Iterable[int], answer: int) -> Self:
        """End with `answer` when what is looked at is one of `values`."""
        for value in values:
            self.instructions += [(_JUMP_EQUAL, 0, 1, value), (_RETURN, 0, 0, answer)]
        return self

    def answer_unless(self, value: int, answer: int) -> Self:
        """End with `answer` when what is looked at is anything but `value`."""
        self.instructions += [(_JUMP_EQUAL, 1, 0, value), (_RETURN, 0, 0, answer)]
        return self

    def otherwise(self, answer: int) -> Self:
        """End with `answer`."""
        self.instructions.append((_RETURN, 0, 0, answer))
        return self


class BpfProgram:
    """A filter for one machine.

    Args:
        machine: whose calls are filtered.
        other_architecture: the answer to calls of another one (of 32-bit programs), whose numbers mean other things.
        other_convention: the answer to calls of another convention on the same processor (x32).
    """

    def __init__(self, machine: Machine, *, other_architecture: int, other_convention: int) -> None:
        self._machine = machine
        self._instructions: list[Instruction] = [
            (_LOAD_WORD, 0, 0, _ARCH_AT),
            (_JUMP_EQUAL, 1, 0, machine.audit_arch),
            (_RETURN, 0, 0, other_architecture),
            (_LOAD_WORD, 0, 0, _NUMBER_AT),
        ]
        if machine.other_calls_from:
            self._instructions += [
                (_JUMP_AT_LEAST, 0, 1, machine.other_calls_from),
                (_RETURN, 0, 0, other_convention),
            ]

    def answer(self, names: Sequence[str], answer: int) -> None:
        """Answer the calls of these names, those that the machine has, with `answer`."""
        for name in names:
            number = self._machine.numbers.get(name)
            if number is not None:
                self._instructions += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]

    def inspect(self, name: str, block: Block) -> None:
        """Let a block decide about the calls of this name, if the machine has it."""
        number = self._machine.numbers.get(name)
        if number is not None:
            self._instructions += [(_JUMP_EQUAL, 0, len(block.instructions), number), *block.instructions]

    def assembled(self) -> bytes:
        """The program; calls that nothing was said about are allowed."""
        return b"".join(
            struct.pack("<HBBI", *instruction)
            for instruction in (*self._instructions, (_RETURN, 0, 0, ALLOW))
        )
