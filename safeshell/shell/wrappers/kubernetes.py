"""kubectl and oc: exec, run, debug, rsh; k3s and microk8s in front of them.

Sources: kubectl exec, run, debug --help (1.30); oc rsh --help.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.reading import Address
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, same_as, transparent
from safeshell.shell.wrappers.front import Walk, front, walk

_KUBECTL: Final = front(
    "-i -t -q -A --stdin --tty --quiet --rm --command --attach --expose --leave-stdin-open --all-namespaces"
    " --insecure-skip-tls-verify --disable-compression --match-server-version --warnings-as-errors --privileged"
    " --share-processes --same-node --replace --arguments-only --allow-missing-template-keys --show-managed-fields"
    " --no-tty -T --keep-labels --keep-annotations --keep-liveness --keep-readiness --keep-init-containers",
    "-n -c -f -s -v -o -l -k --namespace --context --cluster --user --kubeconfig --server --token --as --as-group"
    " --as-uid --container --filename --request-timeout --pod-running-timeout --cache-dir --certificate-authority"
    " --client-certificate --client-key --tls-server-name --username --password --image --env"
    " --port --restart --labels"
    " --overrides --override-type --annotations --image-pull-policy --serviceaccount --limits --requests --dry-run"
    " --output --field-manager --template --copy-to --target --profile --set-image --custom --grace-period --cascade"
    " --log-flush-frequency --vmodule --kubeconfig-dir --shell --cluster-name",
)
_SUBCOMMANDS: Final = frozenset({"exec", "run", "debug", "rsh", "create", "plugin"})


def _kubectl(call: Call) -> Unwrapped | None:
    """`kubectl exec POD -- command…`, `kubectl run NAME --image I -- command…`, `kubectl debug POD -- command…`."""
    if not any(one.text in _SUBCOMMANDS for one in call.words):
        return PACKS_JUDGE
    outer = walk(call.words, _KUBECTL)
    if not outer.operands or outer.operands[0].text not in ("exec", "run", "debug", "rsh", "create"):
        return PACKS_JUDGE
    subcommand = outer.operands[0].text
    rest = outer.operands[1:]
    split = next((at for at, one in enumerate(rest) if one.text == "--"), None)
    before = rest if split is None else rest[:split]
    behind = rest[split + 1 :] if split is not None else ()
    inner_walk, operands = _operands(before)
    addresses = _addresses(outer, inner_walk)
    if subcommand == "create" and (
        len(operands) < 1 or operands[0].text not in ("job", "cronjob", "deployment")
    ):
        return PACKS_JUDGE
    if split is None:
        # The old form of exec, and rsh: what follows the pod is the command.
        behind = _behind_pod(before) if subcommand in ("exec", "rsh") else ()
    if not behind:
        return PACKS_JUDGE
    dry = inner_walk.value("--dry-run")
    if subcommand in ("create", "run") and dry is not None and dry.text in ("client", "server"):
        return PACKS_JUDGE
    if subcommand == "run" and not inner_walk.has("--command") and behind[0].text.startswith("-"):
        return PACKS_JUDGE
    inner: Inner = call.runs(behind, elsewhere=True, addresses=addresses)
    return transparent(inner) if subcommand in ("exec", "rsh") else judged_too(inner)


def _operands(words: tuple[Word, ...]) -> tuple[Walk, tuple[Word, ...]]:
    permuted = front(" ".join(_KUBECTL.flags), " ".join(_KUBECTL.values), permuted=True)
    taken = walk(words, permuted)
    return taken, taken.operands


def _behind_pod(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """What follows the pod's name; options may stand in front of the name and behind it."""
    operands = walk(words, _KUBECTL).operands
    return walk(operands[1:], _KUBECTL).operands if operands else ()


def _addresses(*walks: Walk) -> tuple[Address, ...]:
    found = [taken.value("--context") or taken.value("--cluster") for taken in walks]
    return tuple(Address("kubernetes", one.text) for one in found if one is not None and one.known)


def _bundled(call: Call) -> Unwrapped | None:
    """`k3s kubectl x`, `rancher kubectl x`, `minikube kubectl -- x`: kubectl with a cluster of its own."""
    for at, one in enumerate(call.words):
        if one.text in ("kubectl", "ctr", "crictl", "helm", "oc") and at <= 2:
            rest = call.words[at + 1 :]
            return transparent(call.runs((one, *(rest[1:] if rest[:1] and rest[0].text == "--" else rest))))
    return PACKS_JUDGE


WRAPPERS: Final[dict[str, Handler]] = {
    "kubectl": _kubectl,
    "oc": _kubectl,
    "rancher": _bundled,
    "k3s": _bundled,
    "k0s": _bundled,
    "rke2": _bundled,
    "microk8s": _bundled,
    "kubecolor": same_as("kubectl"),
    "microk8s.kubectl": same_as("kubectl"),
    "microk8s.helm": same_as("helm"),
    "microk8s.helm3": same_as("helm"),
}
