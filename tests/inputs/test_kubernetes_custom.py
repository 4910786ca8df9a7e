"""Custom resources that are templates of Pods: Knative's, OpenShift's, Argo's. Nothing else of theirs is read."""

from __future__ import annotations

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context

SPEC = """\
      hostPID: true
      containers:
        - image: ghcr.io/acme/hello:1.0
          securityContext: {privileged: true}
"""
TEMPLATE = f"spec:\n  template:\n    metadata: {{labels: {{app: hello}}}}\n    spec:\n{SPEC}"
MADE = [
    ("pod", "{kind}/hello/pod/hello"),
    ("container", "{kind}/hello/container/containers[0]"),
    ("image_ref", "{kind}/hello/image_ref/containers[0]"),
]


def manifest(kind: str, version: str = "v1") -> str:
    group = "sources" if kind == "ContainerSource" else "serving"
    head = f"apiVersion: {group}.knative.dev/{version}\nkind: {kind}\nmetadata: {{name: hello, namespace: shop}}\n"
    return head + (f"spec:\n{SPEC}" if kind == "Revision" else TEMPLATE)


def config(version: str, kind: str = "DeploymentConfig") -> str:
    head = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: hello, namespace: shop}}\n"
    return head + TEMPLATE.replace("spec:\n", "spec:\n  replicas: 3\n  selector: {app: hello}\n", 1)


def read(text: str) -> tuple[list[tuple[str, str]], Context]:
    context = Context(closed=True)
    resources = kubernetes.read(YamlDocument("m.yaml", text), context)
    found = [(one.kind, f"{one.parent}/{one.kind}/{one.name}") for one in resources if one.kind != "api_object"]
    return found, context


@pytest.mark.parametrize("kind", ["Service", "Configuration", "Revision", "ContainerSource"])
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_what_makes_pods(kind: str, version: str) -> None:
    found, context = read(manifest(kind, version))
    assert found == [(made, name.format(kind=kind.lower())) for made, name in MADE]
    assert context.problems == []


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("apps.openshift.io/v1", "DeploymentConfig"),
        ("v1", "DeploymentConfig"),
        ("argoproj.io/v1alpha1", "Rollout"),
    ],
)
def test_what_makes_as_many_pods_as_it_says(version: str, kind: str) -> None:
    resources = list(kubernetes.read(YamlDocument("m.yaml", config(version, kind)), Context(closed=True)))
    pod = next(one for one in resources if one.kind == "pod")
    assert [one.kind for one in resources if one.kind != "api_object"] == ["workload", "pod", "container", "image_ref"]
    assert (pod.facts["controller"], pod.facts["replicas"]) == (kind, 3)


def test_a_rollout_of_what_another_object_makes() -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: hello}\nspec: {workloadRef: {name: web}}\n"
    )
    found, context = read(text)
    assert found == [("workload", "None/workload/hello")]
    assert context.problems == []


def test_what_is_told_of_the_pod() -> None:
    resources = list(kubernetes.read(YamlDocument("m.yaml", manifest("Service")), Context(closed=True)))
    pod = next(one for one in resources if one.kind == "pod")
    assert pod.facts["controller"] == "Service"
    assert pod.facts["labels"] == {"app": "hello"}
    assert "replicas" not in pod.facts
    assert pod.scope.name == "shop"
    assert pod.where(("host_pid",)).line == 8


@pytest.mark.parametrize(("kind", "version"), [("Service", "v1alpha1"), ("Route", "v1"), ("DomainMapping", "v1beta1")])
def test_what_is_passed_over(kind: str, version: str) -> None:
    assert read(manifest(kind, version))[0] == []


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("v1beta3", "DeploymentConfig"),
        ("apps.openshift.io/v2", "DeploymentConfig"),
        ("apps.openshift.io/v1", "Rollout"),
        ("argoproj.io/v1alpha1", "Workflow"),
        ("v1", "Rollout"),
    ],
)
def test_what_is_passed_over_of_others(version: str, kind: str) -> None:
    assert read(config(version, kind))[0] == []


def test_a_service_of_kubernetes_beside_it() -> None:
    text = f"{manifest('Service')}---\napiVersion: v1\nkind: Service\nmetadata: {{name: hello}}\n"
    assert [kind for kind, _ in read(text)[0]] == ["pod", "container", "image_ref", "service"]
