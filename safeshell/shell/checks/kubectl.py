"""Checks of kubectl lines: what kinds of things they are about, and how much of it.

Sources: `kubectl api-resources` (short names), kubectl's own help (`TYPE/NAME`, `A,B`, `TYPE.VERSION.GROUP`).
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation

_NAMESPACES: Final = frozenset({"ns", "namespace", "namespaces", "project", "projects"})
_LASTING: Final = frozenset(
    (
        *(
            "pv",
            "persistentvolume",
            "persistentvolumes",
            "pvc",
            "persistentvolumeclaim",
            "persistentvolumeclaims",
        ),
        *("no", "node", "nodes", "crd", "crds", "customresourcedefinition", "customresourcedefinitions"),
        *(
            "sts",
            "statefulset",
            "statefulsets",
            "sc",
            "storageclass",
            "storageclasses",
            "volumesnapshot",
            "volumesnapshots",
        ),
        *(
            "deploy",
            "deployment",
            "deployments",
            "ds",
            "daemonset",
            "daemonsets",
            "dc",
            "deploymentconfig",
            "deploymentconfigs",
        ),
        *(
            "kafka",
            "kafkas",
            "postgresql",
            "postgresqls",
            "pgcluster",
            "elasticsearch",
            "redisfailover",
            "mysqlcluster",
        ),
        *(
            "machine",
            "machines",
            "machineset",
            "machinesets",
            "cluster",
            "clusters",
            "application",
            "applications",
        ),
        *(
            "apiservice",
            "apiservices",
            "clusterrole",
            "clusterroles",
            "clusterrolebinding",
            "clusterrolebindings",
        ),
    )
)
_PODS: Final = frozenset({"po", "pod", "pods"})
_SHELF_LIFE: Final = frozenset({"job", "jobs", "event", "events", "ev", "rs", "replicaset", "replicasets"})
_CHOOSING: Final = (
    *("--all", "-l", "--selector", "--field-selector", "-A", "--all-namespaces"),
    *("-f", "--filename", "-k", "--kustomize"),
)
_GRANTING: Final = frozenset(
    {"rolebinding", "rolebindings", "clusterrolebinding", "clusterrolebindings", "role", "clusterrole"}
)


def names_namespace(invocation: Invocation) -> bool:
    """Whether namespaces (or OpenShift projects) are among the kinds named."""
    return bool(_kinds(invocation) & _NAMESPACES)


def names_lasting(invocation: Invocation) -> bool:
    """Whether volumes, nodes, workloads or definitions are among the kinds named: much is lost with them."""
    return bool(_kinds(invocation) & _LASTING)


def names_pods(invocation: Invocation) -> bool:
    """Whether only pods, or what a controller makes again, are named."""
    kinds = _kinds(invocation)
    return bool(kinds) and kinds <= _PODS | _SHELF_LIFE


def takes_many(invocation: Invocation) -> bool:
    """Whether things are chosen by file, label or `--all`, not by name."""
    return invocation.has(*_CHOOSING)


def takes_everything(invocation: Invocation) -> bool:
    """Whether `--all` meets namespaces, or all namespaces."""
    if not invocation.has("--all"):
        return False
    return (
        invocation.has("-A", "--all-namespaces")
        or names_namespace(invocation)
        or bool(_kinds(invocation) & (_LASTING - {"deploy", "deployment", "deployments"}))
    )


def grants(invocation: Invocation) -> bool:
    """Whether a role or a binding of one is created."""
    return len(invocation.operands) > 1 and invocation.operands[1].text in _GRANTING


def is_dry(invocation: Invocation) -> bool:
    """Whether `--dry-run` is given and not `none`; the last one counts."""
    given = [option.value for option in invocation.given("--dry-run")]
    return bool(given) and (given[-1] is None or given[-1].text not in ("none", "false"))


def only_prints(invocation: Invocation) -> bool:
    """Whether `set`, `patch`, `label` … work on a local file (`--local`) or list (`--list`)."""
    return invocation.has("--local", "--list")


def exposes_proxy(invocation: Invocation) -> bool:
    """Whether `proxy` or `port-forward` listens for others than this machine, or lets every request through."""
    if invocation.has("--disable-filter"):
        return True
    address = invocation.value("--address")
    return address is not None and address.text not in ("localhost", "127.0.0.1", "::1")


def _kinds(invocation: Invocation) -> frozenset[str]:
    """The kinds that the words behind the subcommand name, in lower case and without their group."""
    rest = [word.text.lower() for word in invocation.operands]
    rest = rest[2:] if rest[:1] == ["adm"] else rest[1:]
    if not rest:
        return frozenset()
    named = [word.partition("/")[0] for word in rest if "/" in word] or rest[0].split(",")
    return frozenset(kind.partition(".")[0] for kind in named)


def config_reads(invocation: Invocation) -> bool:
    """Whether `config`, `krew` or `project` only shows."""
    names = [word.text for word in invocation.operands[:2]]
    if names[:1] == ["config"]:
        return names[1:] != [] and names[1] in (
            "view",
            "get-contexts",
            "get-clusters",
            "get-users",
            "current-context",
        )
    if names[:1] == ["krew"]:
        return names[1:] != [] and names[1] in ("list", "search", "info", "version")
    return names == ["project"]


def shows_last_applied(invocation: Invocation) -> bool:
    """Whether `apply view-last-applied` is meant."""
    return [word.text for word in invocation.operands[:2]] == ["apply", "view-last-applied"]
