"""The table of all ways to submit a line, by shell and form: what is done for a cell, whatever starts the shell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.e2e.guarded_shell import ShellPerson, victim_in
from tests.e2e.shell_plugins import Form
from tests.e2e.submitting import COMMANDS, OK, RM, WAYS, Way

NAMES = {
    "bash": (
        "alias hello='echo ok-1' zap='rm -rf'\nwipe() { rm -rf \"$@\"; }\nwipe2() { wipe victim; }\n"
        "greet() { echo ok-1; }\ngreet2() { greet; }\nD=victim SAY=echo\n"
    ),
    "fish": (
        "alias hello 'echo ok-1'\nalias zap 'rm -rf'\nfunction wipe; rm -rf $argv; end\n"
        "function wipe2; wipe victim; end\nfunction greet; echo ok-1; end\nfunction greet2; greet; end\n"
        "set -g D victim\nset -g SAY echo\nabbr -a -g ook 'echo ok-1'\nabbr -a -g zzap 'rm -rf'\n"
        "bind \\cxa execute\nfunction go; commandline -f execute; end\nbind \\cxb go\n"
    ),
}
NAMES["zsh"] = NAMES["bash"] + (
    "past() { zle .accept-line }\nzle -N past\nbindkey '^Xa' past\nsetopt interactive_comments\n"
)
NAMES["bash"] += (
    f'bind \'"\\C-xa": accept-line\'\nbind \'"\\C-xo": "{OK}\\C-m"\'\nbind \'"\\C-xr": "{RM}\\C-m"\'\n'
)
SEED = {"bash": "history -s '{}'; echo see''ded\r", "zsh": "print -s '{}'; echo see''ded\r"}
FISH_HISTORY = "- cmd: echo 'ok-1'\n  when: 1700000000\n- cmd: rm -rf 'victim'\n  when: 1700000001\n"


def files_in(home: Path) -> None:
    """Scripts that delete, and scripts that do not."""
    for name, text in {
        "deploy.sh": f"#!/bin/sh\ncd {home}\nrm -rf victim\n",
        "fine.sh": "#!/bin/sh\necho ok-1\n",
        "bad.rc": "rm -rf victim\n",
        "fine.rc": "echo ok-1\n",
    }.items():
        (home / name).write_text(text)
        (home / name).chmod(0o755)


class Sessions:
    """A session at a time; one that has failed is not used again.

    Args:
        folder: where their homes are.
        start: starts the shell of a form in a home, with these lines in its rc file.
    """

    def __init__(self, folder: Path, start: Callable[[Form, Path, str], ShellPerson]) -> None:
        self._folder = folder
        self._start = start
        self._person: ShellPerson | None = None
        self._form: Form | None = None
        self._made = 0

    def at(self, form: Form) -> ShellPerson:
        """The person before a shell of this form."""
        if self._person is None or self._form is not form or not self._person.alive:
            self.close()
            self._made += 1
            home = self._folder / f"home-{self._made}"
            victim_in(home)
            files_in(home)
            (home / ".local/share/fish").mkdir(parents=True)
            (home / ".local/share/fish/fish_history").write_text(FISH_HISTORY)
            rc = NAMES[form.shell] + form.rc(home)
            self._person, self._form = self._start(form, home, rc), form
        return self._person

    def close(self) -> None:
        """End it."""
        if self._person is not None:
            self._person.close()
        self._person = None


def cells(*forms: Form) -> list[ParameterSet]:
    """The cells of these forms, as parameters `form, way` of a test."""
    return [
        pytest.param(form, way, id=f"{form.shell}, {form.name}: {way.name}")
        for form in forms
        for way in WAYS
        if form.shell in way.shells.split() and way.vi in (None, form.vi)
    ]


def allowed_runs_and_denied_comes_back(sessions: Sessions, form: Form, way: Way) -> None:
    """What the way submits runs if it may; what may not is asked about, and comes back behind a no."""
    person = sessions.at(form)
    victim = person.home / "victim"
    try:
        if way.allowed:
            prepare(person, way, OK)
            person.runs(reached(person, way.allowed), way.prints)
        prepare(person, way, RM)
        person.asks(reached(person, way.denied))
        person.says_no()
        if not way.back:
            person.ready()
        elif way.whole:
            person.keeps(way.back, in_commands=COMMANDS in way.denied)
        else:
            person.has(way.back)
            person.drops()
        assert (victim / "file").exists(), "it was deleted all the same"
    except BaseException:
        sessions.close()
        raise


def prepare(person: ShellPerson, way: Way, line: str) -> None:
    """Run what the way wants before it."""
    if way.seeded:
        person.runs(SEED[person.shell].format(line.replace("'", "'\\''")), "seeded")


def reached(person: ShellPerson, keys: str) -> str:
    """The last of some keys, all before it pressed: those up to leaving vi's insert mode."""
    before, commands, behind = keys.rpartition(COMMANDS)
    if commands:
        person.press(before)
        person.has(before)
        person.to_commands()
    return behind
