"""`config init`: what is found, what it is taken for, and a first file that always validates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.config.first_file import first_file
from safeshell.config.interview import interview, take_all
from safeshell.config.kinds import Place
from safeshell.config.layer_text import Layer, read_layer
from safeshell.config.layers import LayerFile, LayerKind
from safeshell.config.proposals import Kind, Proposal, find_proposals, guess_environment
from safeshell.config.validation import check_layer

KUBE_YAML = """\
apiVersion: v1
clusters:
- cluster:
    server: https://x
  name: not-a-context
contexts:
- context:
    cluster: c
    user: u
  name: prod-eu
- name: "staging"
  context:
    name: not-this
    cluster: c
current-context: prod-eu
users:
- name: not-a-user
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".ssh" / "more").mkdir(parents=True)
    (tmp_path / ".ssh" / "known_hosts").write_text(
        "|1|aGFzaGVk|aGFzaGVk= ssh-ed25519 AAAA\n"
        "# comment\n"
        "web-1.prod.example.com,10.1.2.3 ssh-ed25519 AAAA\n"
        "[bastion.example.com]:2222 ssh-rsa AAAA\n"
        "@cert-authority *.stag.example.com ssh-rsa AAAA\n"
        "@revoked old-dev ssh-rsa AAAA\n"
        "broken\n"
        "2001:db8::1 ssh-rsa AAAA\n"
    )
    (tmp_path / ".ssh" / "config").write_text(
        "Host *\n  User me\nHost db-live !no web-1.prod.example.com\n  HostName x\n"
        "Include more/*.conf\nhost=eq-test\n"
    )
    (tmp_path / ".ssh" / "more" / "a.conf").write_text("Host included-dev\nInclude more/a.conf\n")
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(KUBE_YAML)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\n[profile prod]\n[sso-session x]\n[profile dev]\n")
    (tmp_path / ".aws" / "credentials").write_text("[old-live]\naws_secret_access_key = secret\n")
    return tmp_path


def found(environ: dict[str, str]) -> dict[str, dict[str, str]]:
    by_kind: dict[str, dict[str, str]] = {}
    for proposal in find_proposals(environ):
        by_kind.setdefault(proposal.kind, {})[proposal.name] = proposal.environment
    return by_kind


def test_hosts_contexts_profiles_and_servers_are_found(home: Path) -> None:
    environ = {
        "HOME": str(home),
        "REDIS_URL": "rediss://:hunter2@cache.prod.example.com:6380/0?x=y",
        "STAGING_CACHE": "redis://me:hunter2@10.0.0.1",
        "BARE": "redis://hunter2@cache.test",
        "DATABASE_URL": "postgres://a:hunter2@b/c",
    }

    assert found(environ) == {
        "redis": {
            "rediss://cache.prod.example.com:6380/0": "production",
            "redis://me@10.0.0.1": "staging",
            "redis://cache.test": "development",
        },
        "ssh": {
            "web-1.prod.example.com": "production",
            "bastion.example.com": "",
            "old-dev": "development",
            "db-live": "production",
            "included-dev": "development",
            "eq-test": "development",
        },
        "kubernetes": {"prod-eu": "production", "staging": "staging"},
        "aws": {"default": "", "prod": "production", "dev": "development", "old-live": "production"},
    }


def test_kube_contexts_are_found_in_json_and_in_every_file_of_the_variable(home: Path) -> None:
    (home / "a.json").write_text(json.dumps({"contexts": [{"name": "in-json"}, {"name": 5}]}))
    (home / "b.json").write_text("{broken")

    names = found(
        {"HOME": str(home), "KUBECONFIG": f"{home}/a.json:{home}/b.json:{home}/.kube/config:{home}/none"}
    )

    assert set(names["kubernetes"]) == {"in-json", "prod-eu", "staging"}


def test_nothing_there_proposes_nothing(tmp_path: Path) -> None:
    assert find_proposals({"HOME": str(tmp_path)}) == ()


def test_files_that_make_no_sense_propose_nothing(tmp_path: Path) -> None:
    for name in (".ssh/known_hosts", ".ssh/config", ".kube/config", ".aws/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\xff\xfe\x00 Host [[[ \x1b]0;x\x07\nInclude /[\nInclude \x00\n{")

    assert find_proposals({"HOME": str(tmp_path)}) == ()


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("cache.prod.example.com", "production"),
        ("PRD-1", "production"),
        ("prod2", "production"),
        ("webprod", "production"),
        ("live", "production"),
        ("production-db", "production"),
        ("dev.prod", "production"),
        ("staging", "staging"),
        ("stag1", "staging"),
        ("preprod", "staging"),
        ("pre-prod", "staging"),
        ("nonprod", ""),
        ("non-production", ""),
        ("dev", "development"),
        ("localhost", "development"),
        ("127.0.0.1", "development"),
        ("test-3", "development"),
        ("products.example.com", ""),
        ("delivery", ""),
        ("device", ""),
        ("contest", ""),
    ],
)
def test_names_suggest_an_environment(name: str, environment: str) -> None:
    assert guess_environment(name) == environment


def layer_of(text: str, folder: Path) -> Layer:
    file = folder / "first.toml"
    file.write_text(text, encoding="utf-8")
    layer = read_layer(LayerFile(LayerKind.USER, file))
    assert layer is not None
    return layer


def test_the_first_file_labels_what_the_names_suggest(home: Path) -> None:
    taken = take_all(find_proposals({"HOME": str(home), "REDIS_URL": "redis://cache.prod.example.com"}))
    layer = layer_of(first_file(local=taken.local, agreed=taken.agreed, left=taken.left), home)

    targets = check_layer(layer, Place(home, home)).values["targets"]
    assert isinstance(targets, dict)
    assert {name: target["environment"] for name, target in targets.items()} == {
        "this-machine": "development",
        "cache-prod": "production",
        "ssh-production": "production",
        "ssh-development": "development",
        "kubernetes-production": "production",
        "kubernetes-staging": "staging",
        "aws-production": "production",
        "aws-development": "development",
    }
    assert '#    "bastion.example.com",' in layer.text


def test_answers_decide_and_a_wrong_word_is_asked_again() -> None:
    proposals = (
        Proposal(Kind.REDIS, "redis://a", "production", "$A"),
        Proposal(Kind.REDIS, "redis://b", "", "$B"),
        Proposal(Kind.SSH, "web-prod", "production", "ssh config"),
        Proposal(Kind.AWS, "live", "production", "AWS profiles"),
        Proposal(Kind.AWS, "what", "", "AWS profiles"),
    )
    answers = iter(["dvelopment", "", "s", "", "x", "n", "yes"])
    told: list[str] = []

    taken = interview(proposals, ask=lambda _: next(answers), tell=told.append)

    assert taken.local == "development"
    assert taken.agreed == {proposals[0]: "staging", proposals[3]: "production"}
    assert taken.left == [proposals[1], proposals[2], proposals[4]]
    assert told[0] == "There is no environment 'dvelopment'. Did you mean development?"


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
kinds = st.sampled_from([Kind.SSH, Kind.KUBERNETES, Kind.AWS])


@settings(deadline=None)
@given(st.lists(st.tuples(kinds, names), max_size=6), st.lists(names, max_size=3))
def test_whatever_is_found_the_first_file_validates(
    tmp_path_factory: pytest.TempPathFactory, things: list[tuple[Kind, str]], hosts: list[str]
) -> None:
    home = tmp_path_factory.getbasetemp() / "first-file"
    (home / ".aws").mkdir(parents=True, exist_ok=True)
    (home / ".ssh").mkdir(exist_ok=True)
    (home / ".kube").mkdir(exist_ok=True)
    lines = {
        Kind.AWS: [f"[profile {name}]" for kind, name in things if kind is Kind.AWS],
        Kind.SSH: [f"Host {name}" for kind, name in things if kind is Kind.SSH],
    }
    (home / ".aws/config").write_text("\n".join(lines[Kind.AWS]), encoding="utf-8")
    (home / ".ssh/config").write_text("\n".join(lines[Kind.SSH]), encoding="utf-8")
    contexts = [{"name": name} for kind, name in things if kind is Kind.KUBERNETES]
    (home / ".kube/config").write_text(json.dumps({"contexts": contexts}))
    environ = {"HOME": str(home), **{f"V{n}": f"redis://{host}" for n, host in enumerate(hosts)}}

    taken = take_all(find_proposals(environ))
    layer = layer_of(first_file(local=taken.local, agreed=taken.agreed, left=taken.left), home)

    assert check_layer(layer, Place(home, home)).mistakes == []
