"""Manifests that are only a part of an object: what they say is known, what they leave out never is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files
from policyengine.inputs.kubernetes.partial import PARTIAL
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.relations import Index

if TYPE_CHECKING:
    from policyengine.model.resource import Resource


def read(text: str, path: str = "m.yaml") -> dict[str, Resource]:
    """The first resource of each kind."""
    context = Context(closed=True, wanted=frozenset())
    found: dict[str, Resource] = {}
    for resource in kubernetes.read(YamlDocument(path, text), context):
        found.setdefault(resource.kind, resource)
    assert context.problems == []
    return found


def deployment(*, kind: str = "Deployment", selector: str = "", labels: str = "", containers: str = "") -> str:
    version = "batch/v1" if kind == "Job" else "v1" if kind == "ReplicationController" else "apps/v1"
    return (
        f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n  {selector or 'x: y'}\n"
        f"  template:\n    metadata: {{{labels}}}\n    spec: {{{containers}}}\n"
    )


SELECTOR = "selector: {matchLabels: {app: web}}"
LABELS = "labels: {app: web}"
WHOLE = "containers: [{name: web, image: nginx}]"
NO_IMAGE = "containers: [{name: web, image: nginx}, {name: side}]"

PARTS = [
    (deployment(selector=SELECTOR, labels=LABELS, containers=WHOLE), "m.yaml", False),
    (deployment(labels=LABELS, containers=WHOLE), "web-patch.yaml", False),
    (deployment(containers=WHOLE), "m.yaml", False),
    (deployment(containers=WHOLE), "dispatch.yaml", False),
    (deployment(containers=WHOLE), "web-patch.yaml", True),
    (deployment(containers=WHOLE), "overlays/patches/web.yaml", True),
    (deployment(containers=WHOLE, kind="Job"), "m.yaml", False),
    (deployment(labels=LABELS, containers=NO_IMAGE), "m.yaml", True),
    (deployment(labels=LABELS, containers=NO_IMAGE, kind="Job"), "m.yaml", True),
    (deployment(labels=LABELS, containers=NO_IMAGE, kind="ReplicationController"), "m.yaml", True),
    (deployment(selector=SELECTOR, labels=LABELS, containers=NO_IMAGE), "m.yaml", False),
    (deployment(), "m.yaml", True),
    (deployment(selector=SELECTOR), "m.yaml", False),
    (deployment(containers="hostPID: true"), "m.yaml", True),
    (deployment(containers=f"{WHOLE}, volumes: [{{name: a, $patch: delete}}]", selector=SELECTOR), "m.yaml", True),
    (deployment(containers=f"{WHOLE}, $setElementOrder/containers: []", selector=SELECTOR), "m.yaml", True),
    (deployment(containers=WHOLE, selector=SELECTOR, labels="annotations: {a: $patch}"), "m.yaml", False),
    ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n", "m.yaml", True),
]


@pytest.mark.parametrize(("text", "path", "part"), PARTS)
def test_what_is_a_part(text: str, path: str, part: bool) -> None:
    assert (read(text, path)["workload"].facts["namespace"] == PARTIAL) is part


@pytest.mark.parametrize("text", ["apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n"])
def test_a_pod_without_an_image_is_a_mistake_and_no_patch(text: str) -> None:
    assert read(text)["container"].facts["privileged"] is False


def test_a_part_never_tells_of_what_it_does_not_write() -> None:
    written = """
      hostPID: true
      automountServiceAccountToken: false
      volumes: [{name: a, secret: {secretName: b}}]
      containers:
        - name: web
          env: [{name: A, value: "1"}]
          ports: [{containerPort: 80, hostPort: 80}]
          securityContext: {privileged: true, capabilities: {drop: [ALL]}}
    """
    text = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    spec:{written}\n"
    found = read(text)
    pod, container = dict(found["pod"].facts), dict(found["container"].facts)
    for facts, fields in ((pod, ("name", "controller")), (container, ("name", "role", "controller", "windows"))):
        assert not any(isinstance(facts.pop(field), Unknown) for field in fields)
    assert isinstance(pod["volumes"], OpenList)
    assert {name: value for name, value in pod.items() if value != PARTIAL} == {
        "host_pid": True,
        "volumes": [{"name": "a", "type": "secret"}],
        "automount_service_account_token": False,
        "token_refused": True,
    }
    assert {name: value for name, value in container.items() if value != PARTIAL} == {
        "privileged": True,
        "pid": "host",
        "cap_drop": ["ALL"],
        "hardening": ["capabilities"],
        "environment": {"A": "1"},
        "ports": [{"target": 80, "published": "80", "host_ip": PARTIAL, "protocol": PARTIAL, "by_host_network": False}],
    }
    assert not isinstance(container["cap_drop"], OpenList), "a patch replaces it"
    assert isinstance(container["ports"], OpenList)
    assert isinstance(container["environment"], OpenMap)
    assert pod.keys() | {"name", "controller", "related"} == kubernetes.supplies()["pod"]
    assert container.keys() | {"name", "role", "controller", "windows"} == kubernetes.supplies()["container"]


def test_an_image_is_written_whole() -> None:
    found = read(deployment(containers=WHOLE), "patch.yaml")
    assert found["container"].facts["image"]["tag"] == "latest"  # type: ignore[index]  # it is an object
    assert found["image_ref"].facts["tag"] == "latest"
    assert found["container"].facts["image_pull_policy"] == PARTIAL


def test_a_user_that_a_part_refuses_is_known() -> None:
    refused = "containers: [{name: web, securityContext: {runAsNonRoot: true}}]"
    facts = read(deployment(containers=refused))["container"].facts
    assert (facts["runs_as_root"], facts["user"]) == (False, PARTIAL)
    facts = read(deployment(containers="containers: [{name: web}]"))["container"].facts
    assert (facts["runs_as_root"], facts["user"]) == (PARTIAL, PARTIAL)


def test_the_relations_of_a_part_are_unknown() -> None:
    policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all}\nspec: {podSelector: {}}\n"
    index = Index()
    index.add(read(policy)["network_policy"])
    pod = index.relate(read(deployment())["pod"])
    assert set(pod.facts["related"].values()) == {PARTIAL}  # type: ignore[attr-defined]  # it is an object
    assert pod.facts["automount_service_account_token"] == PARTIAL


ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n"

KUSTOMIZATIONS = [
    ("kustomization.yaml", "patches: [{path: account.yaml}]", True),
    ("kustomization.yml", "patchesStrategicMerge: [./account.yaml]", True),
    ("Kustomization", "patchesJson6902: [{path: account.yaml, target: {kind: X}}]", True),
    ("kustomization.yaml", "resources: [account.yaml]", False),
    ("kustomization.yaml", "patches: [{path: other.yaml}, {patch: 'a: b'}, account]", False),
    ("kustomization.yaml", "patches: account.yaml", False),
    ("kustomization.yaml", "patchesStrategicMerge: ['a: account.yaml\n']", False),
    ("kustomization.yaml", "patches: [", False),
    ("kustomization.yaml", "- account.yaml", False),
    ("other.yaml", "patches: [{path: account.yaml}]", False),
]


@pytest.mark.parametrize(("name", "text", "patch"), KUSTOMIZATIONS)
def test_a_kustomization_tells_its_patches(
    name: str, text: str, patch: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base").mkdir()
    Path("base", name).write_text(text, encoding="utf-8")
    account = read(ACCOUNT, "base/account.yaml")["service_account"]
    assert account.facts["automount_service_account_token"] == (PARTIAL if patch else True)
    assert account.facts["name"] == "web"


def test_the_kustomization_is_remembered_as_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kustomization.yml").write_text("patches: []\n", encoding="utf-8")
    context = Context()
    list(kubernetes.read(YamlDocument("account.yaml", ACCOUNT), context))
    assert context.files.found.keys() == {"kustomization.yaml", "kustomization.yml"}
    assert context.files.found["kustomization.yaml"] is None


PLACEHOLDERS = ['"{{ .Values.x }}"', "${X}", "$(X)", '"{% if x %}1{% endif %}"', "a-${X:-b}"]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_what_is_yet_to_be_put_in_is_unknown_and_no_problem(placeholder: str) -> None:
    found = read(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
        f"  replicas: {placeholder}\n  selector: {placeholder}\n  template:\n    spec:\n"
        f"      hostPID: {placeholder}\n"
        f"      containers:\n        - name: web\n          image: {placeholder}\n"
        f"          resources:\n            limits:\n              memory: {placeholder}\n"
    )
    for kind, field in (("workload", "replicas"), ("pod", "host_pid"), ("container", "mem_limit")):
        assert isinstance(found[kind].facts[field], Unknown)
    assert isinstance(found["image_ref"].facts["registry"], Unknown)


@pytest.mark.parametrize("text", ["$HOME", "}} {{", "a $ (b)", "x"])
def test_other_texts_are_no_placeholders(text: str) -> None:
    context = Context()
    manifest = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{replicas: '{text}'}}\n"
    list(kubernetes.read(YamlDocument("m.yaml", manifest), context))
    assert [problem.message for problem in context.problems] == ["replicas should be an integer, not a string"]


@pytest.mark.parametrize(
    ("kustomization", "named", "partial"),
    [
        ("kustomization.yaml", "patches/account.yaml", True),
        ("kustomization.yaml", "account.yaml", False),
        ("patches/kustomization.yaml", "../patches/account.yaml", False),
    ],
)
def test_patches_in_a_directory_below_the_kustomization(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kustomization: str, named: str, partial: bool
) -> None:
    (tmp_path / "patches").mkdir()
    (tmp_path / kustomization).write_text(f"patches: [{{path: {named}}}]\n", encoding="utf-8")
    for directory, path in ((tmp_path, "patches/account.yaml"), (tmp_path / "patches", "account.yaml")):
        monkeypatch.chdir(directory)
        found = list(kubernetes.read(YamlDocument(path, ACCOUNT), Context(files=Files(str(tmp_path)))))
        assert found[-1].kind == "service_account"
        assert isinstance(found[-1].facts.get("annotations"), Unknown) is partial


DELETED = """\
$patch: delete
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: gone}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: sidecar, $patch: delete}, {name: web, image: nginx}]}}}
"""


def test_what_a_patch_deletes_is_not_judged() -> None:
    found = kubernetes.read(YamlDocument("m.yaml", DELETED), Context())
    assert [(resource.kind, resource.name) for resource in found] == [
        ("api_object", "web"),
        ("workload", "web"),
        ("pod", "web"),
        ("container", "web"),
        ("image_ref", "web"),
    ]


GIVEN = [
    ("namespace: shop\nresources: [account.yaml]\n", "shop"),
    ("namespace: shop\nresources: [other.yaml]\n", None),
    ("resources: [account.yaml]\n", None),
    ("namespace: [shop]\nresources: [account.yaml]\n", None),
    ("namespace: shop\nresources: [", None),
]


@pytest.mark.parametrize(("kustomization", "namespace"), GIVEN)
def test_a_kustomization_gives_its_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kustomization: str, namespace: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kustomization.yaml").write_text(kustomization, encoding="utf-8")
    document = YamlDocument("account.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n")
    found = next(iter(kubernetes.read(document, Context())))
    assert (found.kind, found.facts.get("namespace")) == ("api_object", namespace)
