"""Prompt and title say where one is and what may run, in every kind of prompt, and keep saying the truth."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from safeshell.terminal.color import background_codes
from safeshell.terminal.theme import ColorDepth
from tests.e2e.shell_plugins import FISH_THEME, OH_MY_ZSH, PREEXEC, STARSHIP
from tests.person import DEADLINE, Person, person_environ, python
from tests.terminal.wrapped.wrapped_person import MACHINE, home_in, wrapped

READ_ONLY = """\
version = 1

[environments.production]
mode = "read-only"
unlock = { max = "30m", reason = true }
"""
MIXED = """\
version = 1

[targets.laptop]
environment = "development"
local = true

[targets.cluster]
environment = "production"
kubernetes = ["prod-*"]
"""

# What powerlevel10k does: PROMPT and RPROMPT made anew in precmd, with what takes no room, and drawn again by a
# widget when something slow has come in.
POWERLEVEL = r"""
setopt prompt_subst
typeset -g slow=
p9k_set_prompt() {
  PROMPT='%K{blue}%F{white} %~ %f%k%F{blue}%f $slow%(?..%F{red}✘%f)❯ '
  RPROMPT='%F{green}✔%f'
}
autoload -Uz add-zsh-hook
add-zsh-hook precmd p9k_set_prompt
p9k_slow() { slow=main; zle reset-prompt }
zle -N p9k_slow
bindkey '^T' p9k_slow
"""
FORMS = {
    "bash, plain": ("bash", "PS1='$ '\n", r"\$ $"),
    "bash, starship": ("bash", STARSHIP, r"\[0\] \$ $"),
    "bash, bash-preexec": ("bash", "PS1='$ '\n" + PREEXEC, r"\$ $"),
    "bash, two rows": ("bash", "PS1='\\w\\n$ '\n", r"(?m)^\$ $"),
    "zsh, plain": ("zsh", "PROMPT='$ '\nunsetopt prompt_sp\n", r"\$ $"),
    "zsh, a theme": ("zsh", "PROMPT='$ '\nunsetopt prompt_sp\n" + OH_MY_ZSH, r"\[0\] \$ $"),
    "zsh, powerlevel10k": ("zsh", "unsetopt prompt_sp\n" + POWERLEVEL, r"❯ "),
    "fish, plain": ("fish", "function fish_prompt; printf '$ '; end\nset -g fish_greeting\n", r"\$ $"),
    "fish, two rows": ("fish", FISH_THEME + "set -g fish_greeting\n", r"(?m)^\$ $"),
}
RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


def at(home: Path, form: str, *, config: str = READ_ONLY) -> Person:
    """A person in production whose prompt is of some form."""
    shell, rc, _ = FORMS[form]
    home_in(home)
    (home / RC[shell]).write_text(rc)
    (home / ".config/safeshell/config.toml").write_text(config)
    return wrapped(home, shell)


def prompts(person: Person, form: str, marker: str) -> None:
    """Wait for a prompt at the end of the screen with the marker in front of the shell's own."""
    own = re.compile(FORMS[form][2])

    def is_there() -> bool:
        rows = [row for row in person.screen.display if row.strip()]
        last = "\n".join(rows[-2:])
        return marker in last and own.search(last.rstrip() + " ") is not None

    person.wait_until(is_there, f"a prompt with {marker!r}")


@pytest.mark.parametrize("form", FORMS)
def test_prompt_and_title_say_where_one_is_and_follow_the_mode(tmp_path: Path, form: str) -> None:
    with at(tmp_path, form) as person:
        prompts(person, form, "▲ PRODUCTION  read-only GUARDED")
        person.wait_until(lambda: "read-only · GUARDED" in person.screen.title, "the title")
        assert person.screen.title.startswith(f"▲ PRODUCTION {MACHINE}")
        person.line("safeshell unlock 10m INC-7 cleaning up")
        prompts(person, form, "▲ PRODUCTION  unlocked 10m GUARDED")
        person.wait_until(lambda: "unlocked 10m · GUARDED" in person.screen.title, "the title")
        person.line("safeshell lock")
        prompts(person, form, "▲ PRODUCTION  read-only GUARDED")
        person.wait_until(lambda: "read-only · GUARDED" in person.screen.title, "the title")
        # One marker a prompt, however often it has been drawn.
        assert all(row.count("GUARDED") <= 1 for row in person.screen.display)


def test_a_prompt_that_is_drawn_again_keeps_the_marker(tmp_path: Path) -> None:
    form = "zsh, powerlevel10k"
    with at(tmp_path, form) as person:
        prompts(person, form, "read-only GUARDED")
        person.press("\x14")
        person.sees("main❯")
        prompts(person, form, "▲ PRODUCTION  read-only GUARDED")


@pytest.mark.parametrize("form", ["bash, plain", "zsh, plain", "fish, plain"])
def test_the_title_counts_down_while_nobody_presses_a_key(tmp_path: Path, form: str) -> None:
    with at(tmp_path, form) as person:
        prompts(person, form, "read-only GUARDED")
        person.line("safeshell unlock 4s INC-7 quick")
        prompts(person, form, "unlocked")
        titles = set()

        def is_locked() -> bool:
            titles.add(person.screen.title)
            return "read-only · GUARDED" in person.screen.title

        person.wait_until(is_locked, "the title of a locked session")
        assert {title.split(" · ")[1] for title in titles} >= {"unlocked 2s", "unlocked 1s", "read-only"}
        # The prompt that stands there is an old one; the next line is judged, and its prompt is true.
        person.press("\r")
        prompts(person, form, "read-only GUARDED")


def test_the_title_counts_down_while_a_program_runs(tmp_path: Path) -> None:
    with at(tmp_path, "bash, plain") as person:
        prompts(person, "bash, plain", "read-only GUARDED")
        person.line("safeshell unlock 6s INC-7 quick")
        prompts(person, "bash, plain", "unlocked")
        person.line("printf '\\033[3'; sleep 60")
        person.wait_until(lambda: "read-only" in person.screen.title or person.output.endswith(b"\x1b[3"), "")
        # A sequence that is not whole is not broken into.
        person.look(4.0)
        assert person.output.endswith(b"\x1b[3")
        person.press("\x03")
        person.wait_until(lambda: "read-only · GUARDED" in person.screen.title, "the title")


def test_a_title_that_counts_down_keeps_the_word_of_a_watched_program(tmp_path: Path) -> None:
    with at(tmp_path, "bash, plain", config=READ_ONLY + '[shell]\nkernel = "off"\n') as person:
        prompts(person, "bash, plain", "read-only GUARDED")
        person.line("safeshell unlock 8s INC-7 quick")
        prompts(person, "bash, plain", "unlocked")
        person.line("python3 -q")
        person.wait_until(lambda: "· WATCHED" in person.screen.title, "the title of a watched program")
        person.wait_until(lambda: "read-only · " in person.screen.title, "the title of a locked session")
        assert person.screen.title.endswith("read-only · WATCHED")


def test_an_idle_session_is_not_woken(tmp_path: Path) -> None:
    with at(tmp_path, "bash, plain") as person:
        prompts(person, "bash, plain", "read-only GUARDED")
        give_up_at = time.monotonic() + DEADLINE
        before = -1
        while before != (before := woken(person.pid)):
            assert time.monotonic() < give_up_at, "there were never two seconds in which the session slept"
            person.look(2.0)


def woken(pid: int) -> int:
    """How often the session (the child of the watching process) has been given the processor."""
    (session,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{session}/status").read_text()
    return sum(int(found) for found in re.findall(r"ctxt_switches:\s*(\d+)", status))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_line_that_addresses_production_from_a_laptop_is_asked_about_in_productions_colour(
    tmp_path: Path, shell: str
) -> None:
    home_in(tmp_path)
    (tmp_path / ".config/safeshell/config.toml").write_text(
        MIXED.replace("[targets.cl", "[environments.production]\nmode = 'guarded'\n\n[targets.cl")
    )
    with Person(
        *python("-m", "safeshell", "shell", "--", shell),
        environ=person_environ(tmp_path),
        columns=100,
        rows=30,
        folder=tmp_path,
    ) as person:
        person.sees("● DEVELOPMENT  open GUARDED P>")
        person.line("kubectl --context prod-eu delete namespace shop")
        person.sees("anything else is no")
        rows = person.screen.display
        row = next(index for index, text in enumerate(rows) if "▲ PRODUCTION" in text)
        assert "cluster" in rows[row]
        red = background_codes("red", ColorDepth.PALETTE).rpartition(";")[2]
        cell = person.screen.buffer[row][rows[row].index("▲")]
        assert cell.bg == palette(int(red))
        assert "cluster" in next(text for text in rows if "Type" in text)
        person.press("\x03")
        person.sees("Refused")
        # And the session itself is still the laptop's.
        person.wait_until(
            lambda: "DEVELOPMENT" in person.screen.display[person.screen.cursor.y], "the prompt"
        )


def palette(index: int) -> str:
    """The colour as the screen's emulator has it."""
    import pyte.graphics

    return pyte.graphics.FG_BG_256[index]
