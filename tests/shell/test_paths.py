"""The classes of operands that rules speak of, as docs/packs.md tells them, and ways to hide behind them."""

from __future__ import annotations

import pytest

from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.paths import belongs_to, is_class
from tests.shell.readings import word_of

AT_WORK = ShellContext(cwd="/srv/app", home="/home/me")

CLASSES = {
    "@root": (
        ["/", "//", "///", "/.", "/./", "/*", "/..", "/tmp/..", "/tmp/../", "/etc/../*", "'/'", '"/"*', "/usr/.."],
        ["/x", "/tmp", "''", ".", "$X", "/$X", "'/*x'", "/etc"],
    ),
    "@system": (
        [
            "/etc", "/etc/", "/etc//", "//etc", "/./etc", "/tmp/../etc", "/etc/*", "/usr", "/usr/lib", "/var",
            "/var/lib", "/home", "/boot", "/opt", "/srv", "/*", "/e*", "/usr/local", "/var/lib/mysql",
            "/etc/nginx", "/etc/nginx/", "/dev", "/proc/", "/usr/../etc", "/var/log", "~/..", "~/../../etc",
        ],
        ["/tmp", "/tmp/etc", "etc", "/srv/app", "/opt/x/y", "/var/www/html/index", "/etc$X", "/home/me"],
    ),
    "@in-system": (
        [
            "/etc/passwd", "/etc/nginx/nginx.conf", "/usr/bin/python", "/bin/sh", "/lib/x", "/lib64/x", "/boot/grub",
            "/sys/x/y", "/proc/1/x", "/var/lib/mysql/ibdata1", "/tmp/../etc/passwd", "//etc/passwd", "/etc/$X",
            "/etc/./$X/y", "/tmp/x/../../etc/f", "/etc/nginx/$X", "~/../../etc/f",
        ],
        [
            "/tmp/etc/passwd", "etc/passwd", "/srv/x", "/dev/null", "/dev/stderr", "/home/me/etc/x", "/usr/src/x",
            "$X/etc/passwd", "/var/lib/jenkins/workspace/job", "/opt/x",
        ],
    ),
    "@home": (
        ["~", "~/", "~/*", "$HOME", '"$HOME"', "$HOME/", "$HOME/*", "${HOME}/", "/home/me", "/home/me/", "/root",
         "/root/*", "~bob", "~bob/", "/home/*", "/home/x/..//x", "/Users/me", "~/x/..", "~/./", "~/../me"],
        ["~/x", "/home", "/home/me/x", "$HOME/x", "$HOMES", "/root/x", "'~x/y'", "$X"],
    ),
    "@dotfile": (
        ["~/.ssh/id_rsa", "~/.ssh", "~/.bashrc", "~/.aws/credentials", "~/.kube/config", "$HOME/.ssh/config",
         "/root/.ssh/authorized_keys", "/home/x/.gnupg/y", "~bob/.ssh/x", "~/.ssh/$X", "~/x/../.ssh/y"],
        ["~/ssh", "~/.x", "/tmp/.ssh/id_rsa", ".ssh/id_rsa", "~/src/.bashrc.d/x", "~/a/.ssh"],
    ),
    "@here": (
        [".", "./", "*", "./*", "..", "../", "../*", "../..", "../../*", "$PWD", '"$PWD"', "$PWD/*", "$(pwd)",
         '"$(pwd)"/*', "`pwd`", "./.", ".//", "*.*", ".*", "**", "././*"],
        ["x", "./x", "*.log", "../x", "$X", "$PWD/x", "$PWDS", "''", "x/*", "...", "/tmp/.", ".git"],
    ),
    "@device": (
        ["/dev/sda", "/dev/sda1", "/dev/nvme0n1", "/dev/nvme0n1p2", "/dev/mapper/x", "/dev/vda", "/dev/xvda1",
         "/dev/md0", "/dev/disk/by-id/x", "/dev/sd$X", "/dev/mmcblk0", "/dev/dm-0", "/dev/loop0", "/dev/sd*",
         "//dev/sda", "/dev/../dev/sda", "/tmp/../dev/sda", "/dev/disk2", "/dev/rdisk2", "/dev/mapper/$X"],
        ["/dev/null", "/dev/zero", "/dev/random", "/dev/stdin", "dev/sda", "/tmp/dev/sda", "/dev/tty1", "/dev/shm/x",
         "/dev/input/x"],
    ),
    "@null": (
        ["/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-", "/dev/fd/3"],
        ["/dev/sda", "/tmp/-", "null", "/dev/nullx", "--"],
    ),
    "@temp": (
        ["/tmp/x", "/tmp/x/", "/tmp/x/y", "/tmp/*", "/var/tmp/x", "/dev/shm/x", "$TMPDIR/x", "${TMPDIR}/x",
         '"$TMPDIR"/x', "//tmp/x", "/tmp/./x", "/tmp//x", "/tmp/x/..//y", "/tmp/.x", "'/tmp/a b'", "/tmp/x/$Y"],
        ["/tmp", "/tmp/", "/tmp/.", "/tmp/..", "/tmp/../etc", "/tmp/x/../..", "/tmp/x/../../etc", "/tmpx/y", "tmp/x",
         "$TMPDIR", "$TMPDIR/", "$TMPDIR/$X", "/tmp/$X", "/tmp/x/$Y/../..", "/tmp/x/../$Y", "/tmp/.*", "$X/tmp/x",
         "/srv/tmp/x", "~/tmp/x", "./tmp/x", "$TMPDIRS/x", "/tmp/../$X"],
    ),
    "@made": (
        ["node_modules", "node_modules/", "./node_modules", "a/b/node_modules", "__pycache__", ".pytest_cache",
         "*.pyc", ".next", "x.egg-info", ".mypy_cache", "/srv/app/node_modules", "node_modules/*", ".tox", ".venv"],
        ["node", "node_modules/../..", "src", "/usr/lib/node_modules", "$X/node_modules", "node_modules/x", "../..",
         "node_modules.bak", "/etc/venv"],
    ),
    "@glob": (["*", "*.log", "a?", "[ab]", "/tmp/*"], ["'*'", "\\*", "x", '"a?"', "$X", "{a}"]),
    "@unknown": (["$X", "a$X", '"$X"', "$(date)", "`date`", "/etc/$X"], ["x", "'$X'", "*", "\\$X"]),
    "@unknown-root": (
        ['"$DIR"/*', "$X/", "$X/*", "${X}/", '"${X}/"*', "$X/$Y", "$(f)/*", "$X//", "$X$Y/", "$X/.*"],
        ["$X", "$X/x", '"${X:?}"/*', "${X:-/srv}/*", "${X:=y}/*", "/$X", "$HOME/*", "$PWD/*", "a$X/", "/tmp/$X/*",
         "$X*"],
    ),
    "@absolute": (["/x", "~/x", "/$X", "~"], ["x", "./x", "$X", "''", "x/~"]),
    "@relative": (["x", "./x", "..", "''"], ["/x", "~/x", "$X", "a$X"]),
    "@remote": (
        ["host:path", "me@host:path", "host:", "h:/x", "me@h:~/x", "[::1]:/x"],
        ["/x:y", "./a:b", "a/b:c", "http://x/y", "path", "h::module"],
    ),
    "@url": (["http://x", "s3://b/k", "git+ssh://h/x", "file:///x"], ["x", "://x", "http:/x", "http://", "h:x"]),
    "@number": (["0", "12"], ["", "-1", "1a", "a", "$X"]),
    "@assignment": (["A=b", "A=", "A+=b", "_a1=b=c", "A=$X"], ["=b", "1A=b", "A", "a-b=c", "$X=b"]),
}  # fmt: skip

BELONGING = [(kind, written, True) for kind, (inside, _) in CLASSES.items() for written in inside]
BELONGING += [(kind, written, False) for kind, (_, outside) in CLASSES.items() for written in outside]


@pytest.mark.parametrize(("kind", "written", "belongs"), BELONGING, ids=lambda value: str(value))
def test_an_operand_is_of_the_class_that_the_documentation_says(
    kind: str, written: str, belongs: bool
) -> None:
    # `''` stands for no word in some tables: the empty operand.
    assert belongs_to(word_of(written or "''"), kind, NO_SESSION) is belongs


@pytest.mark.parametrize(
    ("kind", "written", "belongs"),
    [
        ("@root", "../..", True),
        ("@root", "../../*", True),
        ("@root", "..", False),
        ("@system", "..", True),
        ("@system", "../../etc", True),
        ("@system", "../etc", False),
        ("@in-system", "../../etc/passwd", True),
        ("@home", "/home/me", True),
        ("@home", "../../home/me", True),
        ("@home", "/home/you", True),
        ("@dotfile", "/home/me/.ssh/id_rsa", True),
        ("@dotfile", "../../home/me/.ssh/id_rsa", True),
        ("@here", "/srv/app", True),
        ("@here", "/srv/app/", True),
        ("@here", "/srv/app/*", True),
        ("@here", "/srv/app/x", False),
        ("@here", "../app", True),
        ("@device", "../../dev/sda", True),
        ("@temp", "../../tmp/x", False),
        ("@made", "node_modules", True),
    ],
)
def test_a_known_working_directory_is_worked_in(kind: str, written: str, belongs: bool) -> None:
    assert belongs_to(word_of(written), kind, AT_WORK) is belongs


def test_a_session_that_happens_to_be_in_tmp_makes_nothing_harmless() -> None:
    in_temp = ShellContext(cwd="/tmp/x", home="/home/me")

    assert not belongs_to(word_of("y"), "@temp", in_temp)
    assert belongs_to(word_of("*"), "@here", in_temp)


def test_a_line_that_goes_to_a_folder_of_tmp_itself_works_there() -> None:
    gone = ShellContext(cwd="/tmp/x", home="/home/me", moved=True)

    assert belongs_to(word_of("y"), "@temp", gone)
    assert not belongs_to(word_of("*"), "@here", gone)
    assert not belongs_to(word_of("../.."), "@temp", gone)
    assert not belongs_to(word_of("../../etc"), "@temp", gone)
    assert not belongs_to(word_of("$X"), "@temp", gone)


def test_in_a_system_directory_relative_names_are_in_the_system() -> None:
    in_etc = ShellContext(cwd="/etc")

    assert belongs_to(word_of("passwd"), "@in-system", in_etc)
    assert belongs_to(word_of("."), "@system", in_etc)
    assert not belongs_to(word_of("node_modules"), "@made", in_etc)


def test_an_emptied_variable_is_seen_in_the_word_that_lost_it() -> None:
    empty = ShellContext(unset=frozenset({"DIR"}))

    assert belongs_to(word_of('"$DIR"/*', empty), "@emptied", empty)
    assert belongs_to(word_of('"$DIR"/*', empty), "@root", empty)
    assert belongs_to(word_of("$DIR/etc", empty), "@system", empty)
    assert not belongs_to(word_of("/x", empty), "@emptied", empty)


def test_a_file_is_known_to_exist_by_the_session_only() -> None:
    session = ShellContext(existing=frozenset({"here.txt"}))

    assert belongs_to(word_of("here.txt"), "@existing", session)
    assert not belongs_to(word_of("gone.txt"), "@existing", session)
    assert not belongs_to(word_of("here.txt"), "@existing", NO_SESSION)


def test_an_unknown_word_is_of_no_class_but_unknown() -> None:
    unknown = word_of("$X")

    kinds = [kind for kind in CLASSES if belongs_to(unknown, kind, AT_WORK)]
    assert kinds == ["@unknown"]


def test_there_is_no_other_class() -> None:
    assert is_class("@temp")
    assert not is_class("@tmp")
    with pytest.raises(KeyError):
        belongs_to(word_of("x"), "@tmp", NO_SESSION)
