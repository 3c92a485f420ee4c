"""The filter, run on a machine of its own: also for processors that these tests do not run on."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from safeshell.terminal.confinement.bpf_program import ALLOW, KILL_PROCESS, fail_with
from safeshell.terminal.confinement.syscall_numbers import AARCH64, X86_64, Machine
from safeshell.terminal.confinement.write_filter import read_only_filter

MACHINES = [X86_64, AARCH64]
EPERM, EACCES, ENOSYS = fail_with(errno.EPERM), fail_with(errno.EACCES), fail_with(errno.ENOSYS)


def judged(program: bytes, machine: Machine, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the kernel's BPF machine would answer."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<iIQ6Q", number, machine.audit_arch if arch is None else arch, 0, *padded)
    steps = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    at = accumulator = 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        match code:
            case 0x20:
                accumulator = struct.unpack_from("<I", data, value)[0]
            case 0x54:
                accumulator &= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(f"no such instruction: {code:#x}")


def usual(machine: Machine) -> bytes:
    return read_only_filter(machine, network=True, unix_sockets=True, truncation=False)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize(
    "name",
    [
        *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
        *("utime", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
        *("removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr", "io_uring_setup"),
        *("mount", "umount2", "mount_setattr", "reboot", "init_module", "finit_module", "delete_module"),
        *("kexec_load", "swapoff", "settimeofday", "clock_settime", "sethostname", "open_by_handle_at"),
    ],
)
def test_what_changes_without_a_path_is_refused(machine: Machine, name: str) -> None:
    number = machine.numbers.get(name)
    if number is None:
        pytest.skip("not on this machine")

    assert judged(usual(machine), machine, number) == EPERM


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_everything_else_is_allowed(machine: Machine) -> None:
    refused = [
        number for number in range(470) if judged(usual(machine), machine, number, 0, 5) not in (ALLOW, EPERM)
    ]
    allowed = [number for number in range(470) if judged(usual(machine), machine, number, 0, 5) == ALLOW]

    assert not refused
    assert len(allowed) > 380
    for name in ("execve", "openat", "ioctl", "socket", "prlimit64", "seccomp"):
        assert machine.numbers[name] in allowed


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_another_architecture_ends_the_process(machine: Machine) -> None:
    i386 = 0x40000003

    assert judged(usual(machine), machine, 5, arch=i386) == KILL_PROCESS


def test_the_other_convention_of_the_same_processor_is_not_there() -> None:
    x32_chmod = 0x40000000 + X86_64.numbers["chmod"]

    assert judged(usual(X86_64), X86_64, x32_chmod) == ENOSYS
    assert judged(usual(X86_64), X86_64, 0x40000000 + 1) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_requests_that_write_through_a_file_open_for_reading_are_refused(machine: Machine) -> None:
    program, ioctl = usual(machine), machine.numbers["ioctl"]

    for request in (0x40086602, 0x40046602, 0x401C5820, 0xC0045877, 0x5000940F, 0x8004587D):
        assert judged(program, machine, ioctl, 3, request) == EPERM
    for harmless in (0x5401, 0x5413, 0x80086601, 0x801C581F, 0x541B, 0x8912, 0xC0502100):
        assert judged(program, machine, ioctl, 3, harmless) == ALLOW


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_process_sets_its_own_limits_and_nobody_elses(machine: Machine) -> None:
    program, prlimit = usual(machine), machine.numbers["prlimit64"]

    assert judged(program, machine, prlimit, 0, 7, 0x7FFF_0000_1000) == ALLOW
    assert judged(program, machine, prlimit, 99, 7, 0, 0x7FFF_0000_1000) == ALLOW
    assert judged(program, machine, prlimit, 99, 7, 0x7FFF_0000_1000) == EPERM
    assert judged(program, machine, prlimit, 99, 7, 0x7FFF_0000_0000_0000) == EPERM


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_sockets_are_closed_by_family(machine: Machine) -> None:
    number = machine.numbers["socket"]
    for network, unix_sockets, expected in (
        (True, True, {1: ALLOW, 2: ALLOW, 10: ALLOW, 16: ALLOW, 17: ALLOW}),
        (False, True, {1: ALLOW, 2: EACCES, 10: EACCES, 16: ALLOW, 17: EACCES}),
        (True, False, {1: EACCES, 2: ALLOW, 10: ALLOW, 16: ALLOW, 17: ALLOW}),
        (False, False, {1: EACCES, 2: EACCES, 10: EACCES, 16: ALLOW, 17: EACCES}),
    ):
        program = read_only_filter(machine, network=network, unix_sockets=unix_sockets, truncation=False)
        assert {family: judged(program, machine, number, family) for family in expected} == expected


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_where_landlock_does_not_see_a_file_emptied_the_filter_does(machine: Machine) -> None:
    program = read_only_filter(machine, network=True, unix_sockets=True, truncation=True)
    o_trunc, o_creat = 0o1000, 0o100
    openat = machine.numbers["openat"]

    assert judged(program, machine, openat, 3, 0, o_trunc) == EACCES
    assert judged(program, machine, openat, 3, 0, o_trunc | 0o3) == EACCES
    assert judged(program, machine, openat, 3, 0, o_trunc | o_creat | 0o1) == ALLOW  # Landlock sees that one
    assert judged(program, machine, openat, 3, 0, 0) == ALLOW
    assert judged(program, machine, machine.numbers["truncate"]) == EACCES
    assert judged(program, machine, machine.numbers["openat2"]) == ENOSYS


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        (X86_64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        (AARCH64, "/usr/include/asm-generic/unistd.h"),
    ],
    ids=["x86_64", "aarch64"],
)
def test_the_numbers_are_the_kernels(machine: Machine, header: str) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    theirs = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text())
    }
    newer_than_some_headers = {"fchmodat2", "setxattrat", "removexattrat", "file_setattr", "open_tree_attr"}

    known = set(machine.numbers) - newer_than_some_headers

    assert {name: machine.numbers[name] for name in known} == {name: theirs.get(name) for name in known}


def test_programs_are_short_enough_for_the_kernel() -> None:
    for machine in MACHINES:
        program = read_only_filter(machine, network=False, unix_sockets=False, truncation=True)
        assert len(program) // 8 < 4096  # BPF_MAXINSNS
