"""What a confinement stops and what it leaves, in words for people: the same for the banner, `doctor` and `targets`.

Values and sentences; nobody is confined here. A sentence promises no more than a test of this package has shown.
"""

from __future__ import annotations

from enum import Enum

from safeshell.frozen import frozen
from safeshell.terminal.confinement.landlock import ABI_DEVICES, Landlock


class Holder(Enum):
    """Who holds a session read-only."""

    LANDLOCK = "landlock"
    BUBBLEWRAP = "bubblewrap"
    SEATBELT = "seatbelt"


@frozen
class Hold:
    """What holds, and how far.

    Args:
        by: who holds.
        means: the same in words, with versions.
        stops: what can't happen, a sentence each.
        leaves: what still can, a sentence each.
    """

    by: Holder
    means: str
    stops: tuple[str, ...]
    leaves: tuple[str, ...]

    @property
    def words(self) -> str:
        """One sentence for a banner."""
        return f"read-only by the kernel ({self.means}): nothing outside the scratch folder can be written"


_FILES = "no file or folder outside the scratch folder is written, emptied, made, renamed, linked or removed"
_METADATA = (
    "no permissions, owners, times, attributes or flags of files are changed, in the scratch folder neither"
)
_METADATA_OUTSIDE = (
    "no permissions, owners, times or attributes of files outside the scratch folder are changed"
)
_SYSTEM = (
    "nothing is mounted, loaded into the kernel, rebooted, or set (clock, host name, swap), by root neither"
)
_ROOT = "root keeps the rights to look, not those to administer (routes, firewalls, devices, namespaces)"
_ROOT_ALONE = f"{_ROOT}, and becomes nobody else"
_SIGNALS = "no process outside the session is signalled"
_PRIVILEGES = "sudo, su and other programs that gain rights gain none, and say so"
_NETWORK = "no connection to another machine is made"
_UNIX = "no service of this machine is talked to over its socket (docker, systemd, databases, agents)"

_NETWORK_LEFT = (
    "what is told to other machines over the network (redis-cli, psql, curl -X DELETE, kubectl, aws)"
)
_UNIX_LEFT = (
    "what services of this machine are told over their sockets (docker rm, systemctl restart, a local psql)"
)
_SIGNALS_LEFT = "signals to your own processes outside the session (kill, pkill)"
_METADATA_LEFT = (
    "permissions, owners, times and attributes of files (chmod, chown, touch -d, setfattr, chattr)"
)
_SYSTEM_LEFT = "what root may do to the system itself: modules, clock, mounts, reboot"
_DEVICES_LEFT = "commands to devices that may be opened for reading (eject)"
_OTHERS = "writing to your other terminals, and the scheduling of your other processes (taskset, chrt)"


def landlock_hold(landlock: Landlock, *, filtered: bool, network: bool, unix_sockets: bool) -> Hold:
    """What Landlock and the filter of system calls hold together.

    Args:
        landlock: what of it is here.
        filtered: whether the filter stands beside it.
        network: whether connections are left open.
        unix_sockets: whether sockets of this machine are left open.
    """
    stops, leaves = [_FILES, _PRIVILEGES], []
    if filtered:
        stops += [_METADATA, _SYSTEM, _ROOT]
    else:
        leaves += [_METADATA_LEFT, _SYSTEM_LEFT]
    (stops if landlock.scopes_signals else leaves).append(
        _SIGNALS if landlock.scopes_signals else _SIGNALS_LEFT
    )
    if landlock.abi < ABI_DEVICES:
        leaves.append(_DEVICES_LEFT)
    _add_sockets(stops, leaves, network_closed=not network, unix_closed=not unix_sockets)
    seccomp = " and seccomp" if filtered else ""
    return Hold(Holder.LANDLOCK, f"Landlock ABI {landlock.abi}{seccomp}", tuple(stops), (*leaves, _OTHERS))


def bubblewrap_hold(*, filtered: bool, network: bool, unix_sockets: bool) -> Hold:
    """What bubblewrap holds: mounts that are read-only, with the filter inside."""
    stops, leaves = [_FILES, _PRIVILEGES, _ROOT_ALONE], [_SIGNALS_LEFT]
    if filtered:
        stops += [_METADATA, _SYSTEM]
    else:
        stops.append(_METADATA_OUTSIDE)
    _add_sockets(stops, leaves, network_closed=not network, unix_closed=filtered and not unix_sockets)
    seccomp = " and seccomp" if filtered else ""
    return Hold(Holder.BUBBLEWRAP, f"bubblewrap{seccomp}", tuple(stops), (*leaves, _OTHERS))


def seatbelt_hold(*, network: bool, unix_sockets: bool) -> Hold:
    """What macOS's Seatbelt holds."""
    stops = [
        "no file or folder outside the scratch folder is written, made, renamed or removed",
        _METADATA_OUTSIDE,
        _SIGNALS,
        "setuid programs do not start: sudo, su, and macOS's own ps and top",
    ]
    leaves: list[str] = []
    _add_sockets(stops, leaves, network_closed=not network, unix_closed=not unix_sockets)
    leaves += [
        _SYSTEM_LEFT,
        "what services of macOS are told over Mach ports (launchctl, defaults, osascript)",
    ]
    return Hold(Holder.SEATBELT, "Seatbelt", tuple(stops), tuple(leaves))


def _add_sockets(stops: list[str], leaves: list[str], *, network_closed: bool, unix_closed: bool) -> None:
    (stops if network_closed else leaves).append(_NETWORK if network_closed else _NETWORK_LEFT)
    (stops if unix_closed else leaves).append(_UNIX if unix_closed else _UNIX_LEFT)
