"""Knative's kinds that are templates of Pods. Nothing else of Knative is read."""

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


def test_a_service_of_kubernetes_beside_it() -> None:
    text = f"{manifest('Service')}---\napiVersion: v1\nkind: Service\nmetadata: {{name: hello}}\n"
    assert [kind for kind, _ in read(text)[0]] == ["pod", "container", "image_ref", "service"]
