"""Checks of the tools that make and end Kubernetes clusters, whose reading and changing verbs stand side by side.

Sources: the help texts of kops, kubeadm, minikube, kind, k3d, talosctl, istioctl, calicoctl.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation

_LOCAL_READING: Final = frozenset(
    (
        *(
            "status",
            "ip",
            "version",
            "logs",
            "service",
            "profile",
            "ssh-host",
            "ssh-key",
            "get",
            "list",
            "ls",
        ),
        *(
            "addons",
            "image",
            "cluster",
            "node",
            "registry",
            "kubeconfig",
            "config",
            "podman-env",
            "docker-env",
            "update-check",
        ),
    )
)
_SECOND_NEEDED: Final = frozenset(
    {"addons", "image", "cluster", "node", "registry", "config", "profile", "service", "kubeconfig"}
)
_SECOND_READING: Final = frozenset({"list", "ls", "view", "get", "images", "get-clusters"})
_LISTING: Final = frozenset({"list", "ls", "ps", "get", "inspect", "describe", "version"})


def kops_acts(invocation: Invocation) -> bool:
    """Whether kops does more than show what it would do: `edit`, `replace`, or `--yes`."""
    names = [word.text for word in invocation.operands[:1]]
    return names not in (["update"], ["reconcile"]) or invocation.has("--yes", "-y")


def kubeadm_acts(invocation: Invocation) -> bool:
    """Whether kubeadm changes something: not `plan`, `check-expiration`, `list`, `print`."""
    names = [word.text for word in invocation.operands]
    if names[:1] in (["init"], ["join"]):
        return True
    return names[1:2] in (
        ["apply"],
        ["node"],
        ["renew"],
        ["delete"],
        ["certificate-key"],
        ["user"],
        ["migrate"],
    )


def pulls(invocation: Invocation) -> bool:
    """Whether `kubeadm config images pull` is meant."""
    return any(word.text == "pull" for word in invocation.operands)


def local_deletes(invocation: Invocation) -> bool:
    """Whether minikube, kind or k3d deletes a cluster or a part of it."""
    names = [word.text for word in invocation.operands[:2]]
    return names[:1] == ["delete"] or names[1:] == ["delete"]


def local_reads(invocation: Invocation) -> bool:
    """Whether minikube, kind or k3d only shows."""
    names = [word.text for word in invocation.operands[:2]]
    if not names or names[0] not in _LOCAL_READING or invocation.has("--file", "-u", "--unset"):
        return False
    if names[0] in _SECOND_NEEDED:
        if names[0] == "service":
            return invocation.has("--url") or names[1:] == ["list"]
        return (
            bool(names[1:])
            and names[1] in _SECOND_READING
            and not (names[0] == "kubeconfig" and invocation.has("-o"))
        )
    return True


def talos_acts(invocation: Invocation) -> bool:
    """Whether `talosctl etcd|service|…` changes something."""
    names = [word.text for word in invocation.operands]
    if invocation.has("--dry-run", "--help") or names[:1] in (["gen"], ["machineconfig"]):
        return False
    if names[:1] == ["etcd"]:
        return names[1:2] not in (["members"], ["status"], ["alarm"], ["snapshot"]) or "disarm" in names
    if names[:1] == ["service"]:
        return bool(names[2:]) and names[2] != "status"
    return True


def mesh_acts(invocation: Invocation) -> bool:
    """Whether istioctl, cilium or calicoctl changes the mesh, with a verb that may stand second."""
    names = [word.text for word in invocation.operands]
    if names[:1] in (["tag"], ["config"], ["hubble"], ["clustermesh"], ["encryption"], ["ipam"], ["node"]):
        return names[1:2] not in (
            [],
            ["list"],
            ["view"],
            ["status"],
            ["show"],
            ["check"],
            ["get"],
            ["port-forward"],
            ["ui"],
            ["diags"],
        )
    return True


def mesh_reads(invocation: Invocation) -> bool:
    """Whether an istioctl or calicoctl command only shows."""
    names = [word.text for word in invocation.operands]
    if names[:1] in (["x"], ["experimental"]):
        return names[1:2] in (
            ["describe"],
            ["authz"],
            ["check-inject"],
            ["version"],
            ["proxy-status"],
            ["precheck"],
            ["metrics"],
        )
    if names[:1] in (["proxy-config"], ["pc"]):
        return not invocation.has("--level", "-r", "--reset")
    if names[:1] in (["ipam"], ["node"]):
        return names[1:2] in (["show"], ["check"], ["status"])
    return True


def lists(invocation: Invocation) -> bool:
    """Whether the verb, first or second, is one that lists."""
    names = [word.text for word in invocation.operands[:2]]
    return bool(names) and (names[0] in _LISTING or (len(names) > 1 and names[1] in _LISTING))
