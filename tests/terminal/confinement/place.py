"""A folder to be protected, a scratch folder, and ways to do something while confined between them."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safeshell.terminal.confinement.confine import Prepared, prepare

NOBODY = 65534


class Place:
    """`outside`, which must stay as it is, and `scratch`; both belong to `uid`, who acts.

    Args:
        uid: who acts; the tests have to be root to act as somebody else.
    """

    def __init__(self, uid: int) -> None:
        self.uid = uid
        self.root = Path(tempfile.mkdtemp(prefix="confinement-", dir="/tmp"))
        self.outside, self.scratch = self.root / "outside", self.root / "scratch"
        self.home = self.root / "home"
        self.outside.mkdir()
        self.home.mkdir()
        self.scratch.mkdir(mode=0o700)
        (self.outside / "file").write_text("precious\n")
        (self.outside / "folder").mkdir()
        (self.outside / "folder" / "inner").write_text("inner\n")
        for path in (self.root, *self.root.rglob("*")):
            os.chown(path, uid, -1)

    def remove(self) -> None:
        shutil.rmtree(self.root)

    def state(self) -> dict[str, tuple[object, ...]]:
        """All that one could see of `outside`, to be compared."""
        return {
            str(path.relative_to(self.outside)): _seen(path)
            for path in (self.outside, *sorted(self.outside.rglob("*")))
        }

    def prepared(self, **options: Any) -> Prepared:
        """Prepared as `uid` would, without becoming it for good."""
        former = os.geteuid()
        os.seteuid(self.uid)
        try:
            return prepare(self.scratch, **options)
        finally:
            os.seteuid(former)

    def environ(self, prepared: Prepared, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        names = ("PATH", "LANG", "TERM")
        return {
            **{name: os.environ[name] for name in names if name in os.environ},
            "HOME": str(self.home),
            "USER": "root" if self.uid == 0 else "nobody",
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            **prepared.environ,
            **(extra or {}),
        }

    def become(self) -> None:
        """In a child: be `uid`."""
        if os.geteuid() != self.uid:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(self.uid)
            # As after an exec: its own files in /proc are its own again (PR_SET_DUMPABLE).
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)

    def do(self, act: Callable[[], object], **options: Any) -> Any:
        """What `act` returns (as JSON) in a confined child; an OSError comes back as its errno's number."""
        prepared = self.prepared(**options)
        return in_child(lambda: (self.become(), os.chdir(self.outside), prepared.apply()), act)

    def shell(
        self, line: str, *, program: str = "/bin/bash", extra: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """A line run by a confined shell in `outside`."""
        prepared = self.prepared(**options)

        def confined() -> None:
            self.become()
            prepared.apply()

        return subprocess.run(
            prepared.command([program, "-c", line]),
            preexec_fn=confined,
            close_fds=not prepared.command([]),
            cwd=self.outside,
            env=self.environ(prepared, extra),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )


def in_child(before: Callable[[], object], act: Callable[[], object]) -> Any:
    """What `act` returns in a forked child, behind `before`."""
    back_in, back_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(back_in)
        try:
            signal.alarm(30)
            before()
            try:
                said: object = {"done": act()}
            except OSError as error:
                said = {"errno": error.errno}
        except BaseException as error:  # noqa: BLE001 - the child is a copy that must end here
            said = {"broken": f"{type(error).__name__}: {error}"}
        os.write(back_out, json.dumps(said).encode())
        os._exit(0)
    os.close(back_out)
    with open(back_in, "rb") as back:
        said = json.loads(back.read() or b'{"broken": "the child died"}')
    os.waitpid(pid, 0)
    assert "broken" not in said, said["broken"]
    return said["errno"] if "errno" in said else said["done"]


def _seen(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    content = path.read_bytes() if path.is_file() else b""
    names = tuple(sorted(os.listxattr(path))) if not path.is_symlink() else ()
    return status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, status.st_nlink, content, names
