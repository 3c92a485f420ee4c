"""Checks of docker lines: which containers get the powers of the machine, and how much a prune takes.

Sources: docker-run(1), docker-system-prune(1), docker-image-prune(1).
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation

_HOST_SOURCES: Final = lazy_pattern(
    r"/|/(?:etc|root|boot|usr|bin|sbin|lib|lib64|dev|proc|sys|home|var|var/lib|var/lib/docker"
    r"|var/lib/kubelet|opt|srv)(?:/.*)?"
)
_HARMLESS_SOURCES: Final = lazy_pattern(
    r"/etc/(?:localtime|timezone|hosts|resolv\.conf|passwd|group|ssl|ca-certificates|nginx|letsencrypt"
    r"|[\w.-]+\.(?:ya?ml|conf|toml|json))(?:/.*)?"
    r"|/(?:home|opt|srv|var)/.+|/dev/(?:shm|null|net/tun|dri|snd|fuse|video\d+|tty\w+).*"
)
_POWERS: Final = frozenset(
    {"all", "sys_admin", "cap_sys_admin", "sys_module", "sys_rawio", "sys_ptrace", "dac_read_search"}
)
_READ_ONLY: Final = lazy_pattern(r"(?:^|,)(?:ro|readonly)(?:=(?:true|1))?(?:,|$)")


def reaches_host(invocation: Invocation) -> bool:
    """Whether a container is started with the powers of the machine: privileged, its disks, its processes."""
    for option in invocation.given("--privileged"):
        if option.value is None or option.value.text.lower() != "false":
            return True
    for option in invocation.given("--cap-add"):
        if option.value is not None and option.value.text.lower() in _POWERS:
            return True
    for option in invocation.given("--pid", "--userns", "--uts"):
        if option.value is not None and option.value.text == "host":
            return True
    return any(
        option.value is not None and _mounts_host(option.name, option.value.text)
        for option in invocation.given("-v", "--volume", "--mount")
    )


def prunes_much(invocation: Invocation) -> bool:
    """Whether a prune takes more than dangling images: containers, all unused images."""
    return [word.text for word in invocation.operands[:1]] != ["image"] or invocation.has("-a", "--all")


def removes_images(invocation: Invocation) -> bool:
    """Whether `rm`/`rmi` is about images, not containers."""
    return any(word.text in ("rmi", "image", "images") for word in invocation.operands[:1])


def to_stdout(invocation: Invocation) -> bool:
    """Whether `save`, `export` or `cp … -` writes to its standard output only, or a listing form is meant."""
    names = [word.text for word in invocation.operands]
    verb = next((name for name in names[:2] if name in ("save", "export", "cp")), "")
    if verb == "cp":
        return names[-1] == "-"
    return verb != "" and names[:1] != ["context"] and not invocation.has("-o", "--output")


def _mounts_host(option: str, value: str) -> bool:
    if option == "--mount":
        fields = dict(part.partition("=")[::2] for part in value.split(","))
        source = fields.get("source") or fields.get("src") or ""
        read_only = _READ_ONLY.search(value) is not None
    else:
        source, _, rest = value.partition(":")
        read_only = _READ_ONLY.search(rest.rpartition(":")[2]) is not None
    if read_only or _HARMLESS_SOURCES.fullmatch(source):
        return False
    return _HOST_SOURCES.fullmatch(source) is not None
