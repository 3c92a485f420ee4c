"""What a read-only session must not be able to do: each way of changing something, really tried while confined."""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401 - it can't be read any more by an ordinary user
import errno
import fcntl
import os
import resource
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safeshell.frozen import replace
from safeshell.terminal.confinement.landlock import Landlock
from safeshell.terminal.confinement.means import Means, available
from tests.terminal.confinement.place import Place, in_child

pytestmark = pytest.mark.usefixtures("needs_landlock")

REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV}
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS = 0x80086601, 0x40086602
NODUMP = 0x40


def _open(flags: int, name: str = "file") -> Callable[[], object]:
    return lambda: os.close(os.open(name, flags, 0o600))


def _chattr() -> None:
    there = os.open("file", os.O_RDONLY)
    flags = struct.unpack("i", fcntl.ioctl(there, FS_IOC_GETFLAGS, b"\0" * 4))[0]
    fcntl.ioctl(there, FS_IOC_SETFLAGS, struct.pack("i", flags | NODUMP))


def _by_descriptor(act: Callable[[int], object]) -> Callable[[], object]:
    return lambda: act(os.open("file", os.O_RDONLY))


def _by_number(number: int, *arguments: object) -> Callable[[], object]:
    def call() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(ctypes.c_long(number), *arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    return call


def _rename_into() -> None:
    Path(os.environ["PROBE_SCRATCH"], "new").write_text("new")
    Path(os.environ["PROBE_SCRATCH"], "new").rename("file")


CHANGES: dict[str, Callable[[], object]] = {
    "open for writing": _open(os.O_WRONLY),
    "open for reading and writing": _open(os.O_RDWR),
    "open for appending": _open(os.O_WRONLY | os.O_APPEND),
    "open a new file": _open(os.O_CREAT | os.O_WRONLY, "new"),
    "open for reading, emptied": _open(os.O_RDONLY | os.O_TRUNC),
    "open for neither, emptied": _open(os.O_ACCMODE | os.O_TRUNC),
    "a file without a name": _open(os.O_TMPFILE | os.O_WRONLY, "."),
    "truncate": lambda: os.truncate("file", 0),
    "rm": lambda: os.unlink("file"),
    "rmdir": lambda: (os.unlink("folder/inner"), os.rmdir("folder")),
    "rmdir of an empty folder": lambda: os.rmdir("empty"),
    "mv": lambda: os.rename("file", "moved"),
    "mv to the scratch folder": lambda: os.rename("file", os.environ["PROBE_SCRATCH"] + "/moved"),
    "mv over from the scratch folder": _rename_into,
    "mkdir": lambda: os.mkdir("made"),
    "ln": lambda: os.link("file", "linked"),
    "ln to the scratch folder": lambda: os.link("file", os.environ["PROBE_SCRATCH"] + "/linked"),
    "ln -s": lambda: os.symlink("file", "symbolic"),
    "mkfifo": lambda: os.mkfifo("fifo"),
    "mknod": lambda: os.mknod("device", 0o600 | 0o020000, os.makedev(1, 3)),
    "a unix socket in the folder": lambda: socket.socket(socket.AF_UNIX).bind("socket"),
    "chmod": lambda: os.chmod("file", 0o777),
    "chmod of an open file": _by_descriptor(lambda there: os.fchmod(there, 0o777)),
    "chmod of a folder": lambda: os.chmod(".", 0o777),
    "fchmodat2": _by_number(452, -100, b"file", 0o777, 0),
    "chown": lambda: os.chown("file", -1, -1),
    "chown of a link": lambda: os.lchown("file", -1, -1),
    "utime": lambda: os.utime("file", (1, 1)),
    "utime of an open file": _by_descriptor(lambda there: os.utime(there, (1, 1))),
    "touch": lambda: os.utime("file"),
    "setxattr": lambda: os.setxattr("file", "user.probe", b"1"),
    "setxattr of an open file": _by_descriptor(lambda there: os.setxattr(there, "user.probe", b"1")),
    "removexattr": lambda: os.removexattr("file", "user.probe"),
    "chattr": _chattr,
    "io_uring": _by_number(425, 1, ctypes.create_string_buffer(256)),
    "mount": _by_number(165, b"none", b".", b"tmpfs", 0, 0),
    "mount in a namespace": lambda: _in_namespaces_of_its_own(),
    "kernel settings": lambda: os.close(os.open("/proc/sys/kernel/hostname", os.O_WRONLY)),
    "a process's own settings": lambda: os.close(os.open("/proc/self/comm", os.O_WRONLY)),
    "shared memory": lambda: _shared_memory(),
    "a raw disk": lambda: os.close(os.open(_disk(), os.O_WRONLY)),
    "nice of another process": lambda: _another(_nice_of),
    "limits of another process": lambda: _another(_limits_of),
    "set the clock": lambda: _set_clock(),
    "set the host name": lambda: socket.sethostname(socket.gethostname()),
}  # fmt: skip


def _disk() -> str:
    disks = [path for path in ("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0") if os.path.exists(path)]
    if not disks:
        raise PermissionError(errno.EACCES, "no disk here")
    return disks[0]


def _in_namespaces_of_its_own() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000 | 0x00020000):
        raise OSError(errno.EPERM, "no namespaces here")
    if libc.mount(b"none", b".", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "refused")


def _another(act: Callable[[int], None]) -> None:
    pid = os.fork()
    if pid == 0:
        signal.pause()
    try:
        act(pid)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _nice_of(pid: int) -> None:
    os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid))


def _shared_memory() -> None:
    os.close(os.open("/dev/shm/confinement-probe", os.O_CREAT | os.O_WRONLY))
    os.unlink("/dev/shm/confinement-probe")


def _limits_of(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_NOFILE, resource.prlimit(pid, resource.RLIMIT_NOFILE))


def _set_clock() -> None:
    time.clock_settime(time.CLOCK_REALTIME, time.time())


def levels() -> list[Means]:
    """This kernel's Landlock, and each older one: what an older kernel would hold."""
    here = available()
    older = [abi for abi in (1, 2, 3, 4, 5) if abi < here.landlock.abi]
    return [here, *(replace(here, landlock=Landlock(abi)) for abi in older)]


@pytest.mark.parametrize("means", levels(), ids=lambda means: f"abi{means.landlock.abi}")
def test_nothing_outside_the_scratch_folder_is_changed(place: Place, means: Means) -> None:
    (place.outside / "empty").mkdir()
    os.setxattr(place.outside / "file", "user.probe", b"0")
    os.chown(place.outside / "empty", place.uid, -1)
    os.environ["PROBE_SCRATCH"] = str(place.scratch)
    before = place.state()

    came_through = {}
    for name, change in CHANGES.items():
        said = place.do(change, means=means)
        if said not in REFUSED:
            came_through[name] = said

    assert not came_through
    assert place.state() == before


NOT_ANYWHERE = {"mount", "mount in a namespace", "a raw disk", "io_uring", "fchmodat2"}
"""What not every machine has, or what would stay."""
ROOT_ONLY = {"mknod", "kernel settings", "set the clock", "set the host name"}


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in NOT_ANYWHERE])
def test_each_of_these_would_go_through_without_the_confinement(place: Place, name: str) -> None:
    if place.uid and name in ROOT_ONLY:
        pytest.skip("an ordinary user can't in any case")
    (place.outside / "empty").mkdir()
    os.setxattr(place.outside / "file", "user.probe", b"0")
    for path in (place.outside, *place.outside.rglob("*")):
        os.chown(path, place.uid, -1)
    os.environ["PROBE_SCRATCH"] = str(place.scratch)

    said = in_child(lambda: (place.become(), os.chdir(place.outside)), CHANGES[name])

    assert not isinstance(said, int), errno.errorcode[said]


@pytest.fixture
def victim(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """A process outside, of the same user."""
    with subprocess.Popen(["sleep", "60"], preexec_fn=place.become, process_group=0) as process:
        yield process
        process.kill()


KILLS: dict[str, Callable[[int], object]] = {
    "kill": lambda pid: os.kill(pid, signal.SIGTERM),
    "kill by descriptor": lambda pid: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGTERM),
    "kill a group": lambda pid: os.killpg(pid, signal.SIGTERM),
}


@pytest.mark.parametrize("way", KILLS)
def test_a_process_outside_is_not_signalled(place: Place, victim: subprocess.Popen[bytes], way: str) -> None:
    if not available().landlock.scopes_signals:
        pytest.skip("this Landlock can't keep signals inside, and says so")

    assert place.do(lambda: KILLS[way](victim.pid)) == errno.EPERM
    assert victim.poll() is None


def test_kill_everything_ends_nothing_outside(place: Place, victim: subprocess.Popen[bytes]) -> None:
    if not available().landlock.scopes_signals:
        pytest.skip("this Landlock can't keep signals inside, and says so")

    done = place.shell("kill -9 -1; echo status $?")

    assert "status" in done.stdout
    assert victim.poll() is None


def _listening() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


def test_the_network_is_open_unless_it_is_closed(place: Place) -> None:
    with _listening() as server:
        address = server.getsockname()

        def connect() -> None:
            socket.create_connection(address, timeout=5).close()

        assert place.do(connect) is None
        assert place.do(connect, network=False) == errno.EACCES


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["ip4", "ip6"])
def test_a_closed_network_has_no_socket_of_any_kind(place: Place, family: int, kind: int) -> None:
    assert place.do(lambda: socket.socket(family, kind).close(), network=False) == errno.EACCES


def test_services_of_this_machine_are_reached_unless_their_sockets_are_closed(place: Place) -> None:
    path = str(place.root / "service")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        os.chmod(path, 0o777)
        server.listen()

        def connect() -> None:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)

        assert place.do(connect) is None
        assert place.do(connect, unix_sockets=False) == errno.EACCES
        assert place.do(lambda: socket.socketpair() and None, unix_sockets=False) is None


def test_an_abstract_socket_outside_is_closed(place: Place) -> None:
    if not available().landlock.scopes_sockets:
        pytest.skip("this Landlock can't, and says so")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0confinement-{os.getpid()}")
        server.listen()

        def connect() -> None:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"\0confinement-{os.getppid()}")

        assert place.do(connect) == errno.EPERM


def test_message_queues_and_foreign_segments_stay(place: Place) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, 4096, 0o1600)
    try:

        def remove() -> None:
            own = ctypes.CDLL(None, use_errno=True)
            if own.shmctl(segment, 0, None) < 0:
                raise OSError(ctypes.get_errno(), "refused")

        assert place.do(remove) == errno.EPERM
        assert place.do(lambda: _mq_open()) == errno.EPERM
    finally:
        assert libc.shmctl(segment, 0, None) == 0


def _mq_open() -> None:
    _by_number(240, b"probe", os.O_CREAT | os.O_RDWR, 0o600, 0)()


def test_root_has_no_rights_left_to_administer_with(place: Place) -> None:
    if place.uid:
        pytest.skip("an ordinary user has none to begin with")

    done = place.shell("grep ^Cap /proc/self/status")

    rights = {line.split()[0]: int(line.split()[1], 16) for line in done.stdout.splitlines()}
    for administering in (0, 12, 16, 17, 21, 22, 25):  # chown, net, module, rawio, sys_admin, boot, time
        assert not any(held >> administering & 1 for held in rights.values())
    assert rights["CapEff:"] >> 2 & 1  # reads every file


def test_what_root_gave_up_does_not_come_back_in_a_namespace_or_a_child(place: Place) -> None:
    before = place.state()

    done = place.shell(
        "unshare -Ur bash -c 'rm -rf folder; chmod 777 file; > file; mount -t tmpfs none .';"
        " exec bash -c 'bash -c \"rm -rf file; : > file\"'"
    )

    assert done.returncode != 0
    assert place.state() == before
