"""The wall at SSH hosts: what sshd forces upon a connection, and what a key may do. Pure.

Facts: sshd_config(5) (ForceCommand, Match, DisableForwarding), sshd(8) (AUTHORIZED_KEYS FILE FORMAT).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from safeshell.cli.hardening.sections import Section, printed
from safeshell.config.settings import Settings, Target
from safeshell.config.shown import plain, toml
from safeshell.guard.environment import BUILT_IN, PRODUCTION, Environment
from safeshell.guard.mode import Mode
from safeshell.guard.text import visible

CONFIG: Final = "/etc/safeshell/config.toml"
PROGRAM: Final = "/usr/local/bin/safeshell"
GROUP: Final = "guarded"
SSHD: Final = "/etc/ssh/sshd_config.d/10-safeshell.conf"
_FORCED: Final = f"{PROGRAM} --config {CONFIG} shell --forced"
_FORCED_READ_ONLY: Final = f"{PROGRAM} --config {CONFIG} --mode read-only shell --forced"


def ssh_wall(
    settings: Settings, targets: Sequence[Target], written: Mapping[str, Mapping[str, object]]
) -> str:
    """The text for the hosts of `targets`.

    Args:
        settings: the configuration.
        targets: those with SSH hosts; none for a text with a name that is to be replaced.
        written: the environments as the configuration files write them, by name.
    """
    sections = [_about(settings, targets)]
    for target in targets:
        environment = settings.environment_of(target)
        sections.append(_what_it_is(target.name, environment, written.get(environment.name, {})))
    if not targets:
        sections.append(_what_it_is("CHANGE-ME", PRODUCTION, written.get(PRODUCTION.name, {})))
    return printed([*sections, _sshd(_users(targets)), _keys(), _login_shell(), _trying(), _undoing()], "#")


def _about(settings: Settings, targets: Sequence[Target]) -> Section:
    hosts = tuple(
        f"{visible(target.name)} ({settings.environment_of(target).name}, "
        f"{settings.environment_of(target).mode}): {', '.join(map(visible, target.ssh))}"
        for target in targets
    )
    return Section(
        "a wall at SSH hosts",
        (
            "Nothing of this has been applied. Each section says where it goes; docs/server-side.md says more. "
            "Keep a second session open as root until it has been tried.\n"
            "Every line that comes over a connection is judged on the host, whatever client sends it; what needs a "
            "question is asked at a terminal (ssh -t) and refused without one (status 77).\n"
            + (
                "For these targets of your configuration:"
                if hosts
                else "No target of your configuration has SSH hosts: replace CHANGE-ME by what the host is called."
            )
        ),
        examples=hosts,
    )


def _what_it_is(name: str, environment: Environment, written: Mapping[str, object]) -> Section:
    lines = ["version = 1", ""]
    said = {key: value for key, value in written.items() if value is not None}
    if environment.name not in BUILT_IN and "mode" not in said:
        said["mode"] = environment.mode
    if said:
        lines += [f"[environments.{_key(environment.name)}]"]
        lines += [f"{key} = {toml(plain(value))}" for key, value in said.items()]
        lines.append("")
    lines += [f"[targets.{_key(name)}]", f"environment = {toml(environment.name)}", "local = true"]
    mode = {
        Mode.READ_ONLY: "Only what is proven to read runs; a session can be unlocked for a while, a line can not.",
        Mode.GUARDED: "What destroys is asked about.",
        Mode.OPEN: "Only catastrophes are asked about: that is no wall. Give the hosts a stricter environment.",
    }[environment.mode]
    return Section(
        f"on the hosts of {visible(name)}: {CONFIG}",
        (
            f"What the host is, for everybody on it. {mode}\n"
            "It belongs to root. Forced by name (--config), it is used instead of a person's own file."
        ),
        tuple(lines),
    )


def _sshd(users: Sequence[str]) -> Section:
    match = f"Match User {','.join(users)}" if users else f"Match Group {GROUP}"
    group = (
        f"The accounts are those that your configuration names; for people with accounts of their own, a group: "
        f"Match Group {GROUP}."
        if users
        else f"Make the group and put people into it: groupadd {GROUP}; usermod -aG {GROUP} NAME."
    )
    return Section(
        f"on each host: {SSHD}",
        (
            f"{group} Leave out root's way in, and whatever programs log in with keys of their own (next section).\n"
            "Forwarding goes past any forced command (-L to the database, -J through a bastion), so it is off."
        ),
        (
            match,
            f"    ForceCommand {_FORCED}",
            "    DisableForwarding yes",
            "    PermitTunnel no",
            "    PermitUserRC no",
            "    PermitTTY yes",
            "Match all",
        ),
    )


def _keys() -> Section:
    return Section(
        "or for single keys: ~/.ssh/authorized_keys, one line each",
        (
            "For accounts that programs share. `restrict` turns off forwarding, terminals and whatever comes later; "
            "`pty` gives a person the terminal back that questions need. ForceCommand in sshd_config wins over "
            "these.\n"
            "The file should not be the account's to write (AuthorizedKeysFile /etc/ssh/keys/%u in sshd_config): "
            "who can edit it can take the wall away."
        ),
        examples=(
            f'restrict,pty,command="{_FORCED}" ssh-ed25519 AAAA... a person',
            f'restrict,command="{_FORCED_READ_ONLY}" ssh-ed25519 AAAA... a program that fetches',
        ),
    )


def _login_shell() -> Section:
    return Section(
        "or for an account on every way in: its shell",
        (
            "Then su, sudo -i and the console go through it too, and an sftp subsystem that is a program. "
            "`internal-sftp` does not: sshd runs that itself. Lines are run by bash, or sh where there is none. The "
            f"configuration is {CONFIG} and the account's own above it."
        ),
        examples=(f"echo {PROGRAM} >> /etc/shells", f"chsh -s {PROGRAM} NAME"),
    )


def _trying() -> Section:
    return Section(
        "try it",
        "",
        examples=(
            "sshd -t && systemctl reload ssh           as root: the lines are understood (the unit may be sshd)",
            "ssh NAME@HOST uptime                      runs",
            "ssh NAME@HOST 'rm -rf /var/lib/x'         refused: status 77",
            "ssh NAME@HOST < /dev/null                 refused: status 77",
            "ssh -t NAME@HOST                          a session whose prompt says GUARDED",
            "ssh -L 1:localhost:22 NAME@HOST true      the forward is refused by sshd",
            "safeshell log                             as NAME on HOST: all of that is in the journal",
        ),
    )


def _undoing() -> Section:
    return Section(
        "undo it",
        "",
        examples=(
            f"rm {SSHD} && sshd -t && systemctl reload ssh",
            "chsh -s /bin/bash NAME",
        ),
    )


def _users(targets: Sequence[Target]) -> list[str]:
    """The accounts that the patterns name; () as soon as one of them names none."""
    found = [pattern.rpartition("@")[0] for target in targets for pattern in target.ssh]
    plain_names = [name for name in found if name and "," not in name and not any(map(str.isspace, name))]
    return list(dict.fromkeys(plain_names)) if found and len(plain_names) == len(found) else []


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else toml(name)
