"""What a line would change, told from its words: which files, in which way, and what can't be told."""

from __future__ import annotations

import pytest

from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.impact.touch import FileTouch, GitTouch, ProcessTouch, ServiceTouch
from safeshell.shell.impact.touches import touches_of

CONTEXT = ShellContext(
    cwd="/w",
    home="/home/me",
    variables={"KNOWN": "/k", "EMPTY": ""},
    unset=frozenset({"UNSET"}),
    aliases={"del": "rm -rf"},
    functions={"wipe": "rm -rf /w/cache"},
)

# line → what is said of it: deed, places (`!` for unknown, `?` for not sure), target behind `>`
FILES = [
    ("rm a b", ["delete /w/a /w/b"]),
    ("rm -rf a", ["delete -r /w/a"]),
    ("rm -r -f -- -x", ["delete -r /w/-x"]),
    ("rm --recursive a", ["delete -r /w/a"]),
    ("sudo -u bob /bin/rm -Rf /x", ["delete -r /x"]),
    ("env A=1 nice rm a", ["delete /w/a"]),
    ("rm ~/a $KNOWN/b ${KNOWN}c", ["delete /home/me/a /k/b /kc"]),
    ("rm -rf $UNSET/etc", ["delete -r /etc"]),
    ("rm -rf $NOBODY/etc x", ["delete -r !$NOBODY is unknown /w/x"]),
    ("rm $(ls)", ["delete !$(ls) is unknown"]),
    ("rm ~bob/x", ["delete !~bob is somebody's home"]),
    ("rm '~/x'", ["delete /w/~/x"]),
    ("rm ''", ["delete !an empty name names no file"]),
    ("ls | xargs rm -f", ["delete !the names come from another command"]),
    ("rm *.log", ["delete /w/*.log*"]),
    ("rm '*'.log", ["delete /w/*.log"]),
    ("shopt -s dotglob; rm *", ["delete /w/** dotglob"]),
    ("rm *; shopt -s dotglob", ["delete /w/**"]),
    ("rm {a,b}.txt", ["delete /w/a.txt /w/b.txt"]),
    ("for f in a b; do rm $f; done", ["delete /w/a", "delete /w/b"]),
    ("del a", ["delete -r /w/a"]),
    ("wipe", ["delete -r /w/cache"]),
    ("bash -c 'rm a'", ["delete /w/a"]),
    ("ssh host rm a", []),
    ("docker exec c rm a", []),
    ("cd /x && rm a", ["delete /x/a"]),
    ("cd sub; rm a", ["delete? /w/sub/a", "delete? /w/a"]),
    ("cd $NOBODY; rm a", ["delete !the folder it runs in isn't known"]),
    ("cd -; rm a", ["delete !the folder it runs in isn't known"]),
    ("find . -delete", ["delete -r /w/."]),
    ("find a b -name x -delete", ["delete? -r /w/a /w/b"]),
    ("find -type f -delete", ["delete? -r /w/."]),
    ("find a -name '*.o' -exec rm {} \\;", ["delete? -r /w/a"]),
    ("find a -name x", []),
    ("find a -print -exec grep x {} +", []),
    ("unlink a", ["delete /w/a"]),
    ("echo x > f", ["write /w/f"]),
    ("echo x >> f", []),
    ("ls 2> err", ["write /w/err"]),
    ("ls 2>&1", []),
    ("cmd &> all", ["write /w/all"]),
    (": > $KNOWN", ["write /k"]),
    ("{ a; b; } > f", ["write /w/f"]),
    ("tee f g", ["write /w/f /w/g"]),
    ("tee -a f", []),
    ("dd if=a of=b bs=1M", ["write /w/b"]),
    ("dd if=a", []),
    ("truncate -s 0 a b", ["write /w/a /w/b"]),
    ("shred -n 3 -u a", ["write /w/a"]),
    ("sed s/a/b/ f", []),
    ("sed -i s/a/b/ f", ["replace /w/f"]),
    ("sed -i.bak -e s/a/b/ f g", ["replace /w/f /w/g"]),
    ("sed -n -i s/a/b/p f", ["replace /w/f"]),
    ("sed --in-place=.x s/a/b/ f", ["replace /w/f"]),
    ("sed -i --follow-symlinks s/a/b/ f", ["write /w/f"]),
    ("perl -i -pe s/a/b/ f", ["replace /w/f"]),
    ("perl -ne print f", []),
    ("sort -o f f", ["write /w/f"]),
    ("sort f", []),
    ("curl -o f https://x", ["write /w/f"]),
    ("wget -O f https://x", ["write /w/f"]),
    ("chmod 600 a", ["mode /w/a"]),
    ("chmod -R u+w a b", ["mode -r /w/a /w/b"]),
    ("chmod -w a", ["mode /w/a"]),
    ("chmod -x,g+w a", ["mode /w/a"]),
    ("chmod --reference=r a", ["mode /w/a"]),
    ("chown -R me:us a", ["owner -r /w/a"]),
    ("chown -RL me a", ["owner -rL /w/a"]),
    ("chgrp us a", ["owner /w/a"]),
    ("mv a b", ["move -r /w/a > /w/b"]),
    ("mv a b c", ["move -r /w/a /w/b > /w/c"]),
    ("mv -t c a b", ["move -r /w/a /w/b > /w/c/"]),
    ("mv -T a b", ["move -r /w/a > /w/b!"]),
    ("cp a b", ["copy /w/a > /w/b"]),
    ("cp -a a b", ["copy -r /w/a > /w/b"]),
    ("cp -n a b", []),
    ("cp -l a b", ["put /w/a > /w/b"]),
    ("ln -s a b", []),
    ("ln -sf a b", ["put /w/a > /w/b"]),
    ("ln -sfn a b", ["put -n /w/a > /w/b"]),
    ("ln -sf /x/a", ["put /x/a > /w/./"]),
    ("install -m 755 a b", ["put /w/a > /w/b"]),
    ("install -d a", []),
    ("ls -la", []),
    ("cat rm", []),
    ("echo rm -rf a", []),
    ("rm", []),
    ("mv a", []),
]


@pytest.mark.parametrize(("line", "said"), FILES, ids=[line for line, _ in FILES])
def test_files_that_a_line_changes(line: str, said: list[str]) -> None:
    found = [touch for touch in touches(line) if isinstance(touch, FileTouch)]

    assert [_said(touch) for touch in found] == said


PROCESSES = [
    ("kill 12", ProcessTouch("", (12,))),
    ("kill -9 12 13", ProcessTouch("9", (12, 13))),
    ("kill -s TERM -- -7", ProcessTouch("TERM", (-7,))),
    ("kill -KILL -1", ProcessTouch("KILL", (-1,))),
    ("kill -0 12", None),
    ("kill -l", None),
    ("kill %1", None),
    ("kill $(pidof x)", ProcessTouch("", unknown="$(pidof x) is unknown")),
    ("pkill nginx", ProcessTouch("", names=("nginx",), pattern=True)),
    ("pkill -9 -f 'a b'", ProcessTouch("9", names=("a b",), pattern=True, full=True)),
    ("pkill -HUP -x a", ProcessTouch("HUP", names=("a",), pattern=True, exact=True)),
    ("pkill -fx a", ProcessTouch("", names=("a",), pattern=True, exact=True, full=True)),
    ("pkill -u bob", ProcessTouch("", pattern=True, user="bob")),
    ("pkill -n a", ProcessTouch("", names=("a",), pattern=True, newest=True)),
    ("pkill -P 1", ProcessTouch("", unknown="-P was not looked at")),
    ("killall -9 a b", ProcessTouch("9", names=("a", "b"), exact=True)),
    ("killall -s HUP a", ProcessTouch("HUP", names=("a",), exact=True)),
    ("killall -r 'a.*'", ProcessTouch("", names=("a.*",), pattern=True)),
    ("sudo systemctl stop nginx.service cron", ServiceTouch(("nginx.service", "cron"))),
    ("systemctl status nginx", None),
    ("systemctl --user stop x", None),
    ("service nginx restart", ServiceTouch(("nginx",))),
    ("pgrep a", None),
]


@pytest.mark.parametrize(("line", "expected"), PROCESSES, ids=[line for line, _ in PROCESSES])
def test_processes_that_a_line_signals(line: str, expected: ProcessTouch | ServiceTouch | None) -> None:
    found = [touch for touch in touches(line) if isinstance(touch, (ProcessTouch, ServiceTouch))]

    assert found == ([expected] if expected else [])


GIT = [
    ("git reset --hard", "reset /w"),
    ("git reset --hard HEAD~3", "reset /w HEAD~3"),
    ("git -C sub reset --hard origin/main", "reset /w/sub origin/main"),
    ("git reset HEAD~1", None),
    ("git push", None),
    ("git push -f", "push /w"),
    ("git push --force origin main", "push /w origin main"),
    ("git push origin +main", "push /w origin +main"),
    ("git push origin :old", "push /w origin :old"),
    ("git push --force --dry-run", None),
    ("git checkout -- .", "checkout /w"),
    ("git checkout .", "checkout /w"),
    ("git checkout main", None),
    ("git restore f", "checkout /w"),
    ("git restore --staged f", None),
    ("git clean -fdx", "clean /w"),
    ("git clean -n", None),
    ("git branch -D x", "branch /w x"),
    ("git branch -d x", None),
    ("git status", None),
]


@pytest.mark.parametrize(("line", "said"), GIT, ids=[line for line, _ in GIT])
def test_what_git_throws_away(line: str, said: str | None) -> None:
    found = [touch for touch in touches(line) if isinstance(touch, GitTouch)]

    texts = [" ".join((touch.deed.value, touch.folder, *touch.names)) for touch in found]
    assert texts == ([said] if said else [])


def test_a_dialect_that_nobody_asked_tells_nothing() -> None:
    assert ShellDialect(CONTEXT).read("rm a").touches == ()


@pytest.mark.parametrize(
    "line", ["rm \udc80\ud800", "rm a\0b", "rm " + "x " * 3000, "rm $((", "kill -9 99999999999999"]
)
def test_strange_lines_are_told_like_any(line: str) -> None:
    assert not [one for one in _dialect().read(line).refused if one.rule == "shell.reading-failed"]


def touches(line: str) -> tuple[object, ...]:
    return _dialect().read(line).touches


def _dialect() -> ShellDialect:
    made = ShellDialect(CONTEXT, touches=touches_of)
    assert made.with_context(CONTEXT).read("rm a").touches, "another context keeps who is told"
    return made


def _said(touch: FileTouch) -> str:
    letters = ("r" if touch.recursive else "") + ("L" if touch.follows else "") + ("n" if touch.links else "")
    words = [f"{touch.deed.value}{'' if touch.sure else '?'}"]
    words += [f"-{letters}"] if letters else []
    words += [
        f"!{place.unknown}" if place.unknown else f"{place.path}{'*' if place.glob else ''}"
        for place in touch.places
    ]
    if touch.target is not None:
        ending = {True: "/", False: "!", None: ""}[touch.into]
        words += [">", f"{touch.target.path}{ending}"]
    return " ".join((*words, *touch.options))


@pytest.mark.parametrize(
    "program", ["rm", "mv", "cp", "ln", "sed", "dd", "find", "chmod", "kill", "pkill", "git"]
)
@pytest.mark.parametrize(
    "rest", ["", "-", "--", "-- -", "-x", "--x=y", "$a", "* ?", "a b c", "-n 1", "-t", "-C"]
)
def test_any_words_of_a_known_program_are_told_without_a_failure(program: str, rest: str) -> None:
    assert not [
        one for one in _dialect().read(f"{program} {rest}").refused if one.rule == "shell.reading-failed"
    ]
