"""A line for Kubernetes counts in the environment of the context that it would use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.program import safeshell

CONFIG = 'version = 1\n[targets.cluster]\nenvironment = "production"\nkubernetes = ["prod-*"]\n'


@pytest.mark.parametrize(
    ("line", "environment"),
    [
        ("kubectl delete pod x", "production"),
        ("kubectl get pods", "production"),
        ("helm uninstall shop", "production"),
        ("sudo kubectl delete pod x", "production"),
        ("kubectl --context kind-dev delete pod x", "unlabelled"),
        ("KUBECONFIG=/nowhere kubectl delete pod x", "development"),
        ("kubectl --kubeconfig /nowhere delete pod x", "development"),
        ("kubectl config use-context prod-us; kubectl delete pod x", "production"),
        ("rm x", "development"),
    ],
)
def test_the_current_context_counts_where_the_line_names_none(
    home: Path, line: str, environment: str
) -> None:
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text("current-context: prod-eu\n")
    config = home / "safeshell.toml"
    config.write_text(CONFIG)

    done = safeshell("--config", str(config), "check", "--json", "--", line)

    assert json.loads(done.out)["environment"] == environment


def test_a_current_context_that_no_entry_fits_changes_nothing(home: Path) -> None:
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text("current-context: kind-dev\n")

    assert (
        json.loads(safeshell("check", "--json", "--", "kubectl delete pod x").out)["environment"]
        == "development"
    )
