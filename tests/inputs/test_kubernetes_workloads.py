"""What is worked out of a manifest about workloads: tables of what is written and what it comes to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.model.resource import Resource


def read(kind: str, manifest: object) -> Resource:
    """The first resource of a kind that a manifest makes."""
    document = YamlDocument("m.yaml", json.dumps(manifest))
    return next(found for found in kubernetes.read(document, Context()) if found.kind == kind)


def made(spec: object = None, *, labels: object = None, of: str = "container", **about: object) -> Resource:
    """What a Deployment makes whose Pods have these labels and this spec, its own ``about`` beside."""
    pod = {"containers": [{"name": "c", "image": "nginx"}], **(spec if isinstance(spec, dict) else {})}
    template = {"metadata": {"labels": {"app": "web"} if labels is None else labels}, "spec": pod}
    own = {"selector": {"matchLabels": {"app": "web"}}, "template": template, **about}
    metadata = own.pop("metadata", {"name": "d"})
    return read(of, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": own})


def one(**container: object) -> Resource:
    """A container of a Deployment."""
    return made({"containers": [{"name": "c", "image": "nginx", **container}]})


def told(value: object) -> object:
    return "?" if isinstance(value, Unknown) else value


def term(**selector: object) -> dict[str, object]:
    return {"topologyKey": "kubernetes.io/hostname", "labelSelector": selector}


REQUIRED, PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))

SPREAD = [
    ({}, False),
    ({"affinity": {"podAffinity": {REQUIRED: [term(matchLabels={"app": "web"})]}}}, False),
    ({"affinity": {"podAntiAffinity": {}}}, False),
    ({"affinity": {"podAntiAffinity": {REQUIRED: [term(matchLabels={"app": "web"})]}}}, True),
    ({"affinity": {"podAntiAffinity": {REQUIRED: [term(matchLabels={"app": "db"})]}}}, False),
    ({"affinity": {"podAntiAffinity": {PREFERRED: [{"podAffinityTerm": term(matchLabels={"app": "web"})}]}}}, True),
    (
        {"affinity": {"podAntiAffinity": {REQUIRED: [term(matchExpressions=[{"key": "app", "operator": "Exists"}])]}}},
        True,
    ),
    ({"affinity": {"podAntiAffinity": {REQUIRED: [term(matchLabels={"pod-template-hash": "1"})]}}}, "?"),
    ({"topologySpreadConstraints": [term(matchLabels={"app": "web"})]}, True),
    ({"topologySpreadConstraints": [term(matchLabels={"app": "db"}), term()]}, True),
    ({"topologySpreadConstraints": [{"topologyKey": "zone"}]}, False),
    ({"topologySpreadConstraints": []}, False),
    ({"affinity": []}, "?"),
]


@pytest.mark.parametrize(("spec", "expected"), SPREAD)
def test_whether_pods_are_kept_apart(spec: object, expected: object) -> None:
    assert told(made(spec, of="pod").facts.get("spread_out")) == expected


NAMESPACES = [
    ({"namespaces": ["shop"]}, "shop", True),
    ({"namespaces": ["stage"]}, "shop", False),
    ({"namespaces": ["stage", "shop"]}, "shop", True),
    ({"namespaces": ["stage"], "namespaceSelector": {}}, "shop", True),
    ({"namespaces": []}, "shop", True),
    ({"namespaces": ["stage"]}, None, True),
]


@pytest.mark.parametrize(("about", "namespace", "expected"), NAMESPACES)
def test_anti_affinity_of_other_namespaces_keeps_nothing_apart(
    about: dict[str, object], namespace: str | None, expected: object
) -> None:
    spec = {"affinity": {"podAntiAffinity": {REQUIRED: [term(matchLabels={"app": "web"}) | about]}}}
    named = {"name": "d"} if namespace is None else {"name": "d", "namespace": namespace}
    assert told(made(spec, of="pod", metadata=named).facts.get("spread_out")) == expected


SELECTORS = [
    ({}, {}, True),
    ({"selector": {"matchLabels": {"app": "wep"}}}, {}, False),
    ({"selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}}, {}, True),
    ({"selector": {}}, {}, True),
    ({"selector": None}, {}, False),
    ({"selector": None}, {"labels": {}}, "?"),
    ({"selector": []}, {}, "?"),
    ({}, {"labels": []}, "?"),
]


@pytest.mark.parametrize(("about", "labels", "expected"), SELECTORS)
def test_whether_a_controller_selects_its_own_pods(
    about: dict[str, object], labels: dict[str, object], expected: object
) -> None:
    assert told(made(of="workload", **labels, **about).facts.get("selects_own_pods")) == expected


HTTP = {"httpGet": {"path": "/", "port": "http"}}
PROBES = [
    ({"livenessProbe": HTTP}, None),
    ({"livenessProbe": HTTP, "readinessProbe": HTTP}, True),
    ({"livenessProbe": HTTP, "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}}}, False),
    ({"livenessProbe": {**HTTP, "failureThreshold": 9}, "readinessProbe": HTTP}, False),
    ({"livenessProbe": {**HTTP, "periodSeconds": 5}, "readinessProbe": HTTP}, True),
    ({"livenessProbe": {"exec": {"command": ["a"]}}, "readinessProbe": {"exec": {"command": ["a"]}}}, True),
    ({"livenessProbe": {**HTTP, "periodSeconds": []}, "readinessProbe": HTTP}, "?"),
]


@pytest.mark.parametrize(("probes", "expected"), PROBES)
def test_whether_probes_are_alike(probes: dict[str, object], expected: object) -> None:
    assert told(one(**probes).facts.get("probes_alike")) == expected


PORTS: list[tuple[object, object, object]] = [
    ({"httpGet": {"port": 80}}, [{"containerPort": 80}], True),
    ({"httpGet": {"port": "http"}}, [{"containerPort": 80, "name": "http"}], True),
    ({"httpGet": {"port": "80"}}, [{"containerPort": 80}], True),
    ({"tcpSocket": {"port": 81}}, [{"containerPort": 80}], False),
    ({"grpc": {"port": 81}}, None, False),
    ({"tcpSocket": {"port": 81, "host": "10.0.0.1"}}, [{"containerPort": 80}], None),
    ({"exec": {"command": ["a"]}}, None, None),
    ({"tcpSocket": {"port": 80}}, {}, "?"),
]


@pytest.mark.parametrize(("probe", "ports", "expected"), PORTS)
def test_whether_the_port_that_is_asked_is_listed(probe: object, ports: object, expected: object) -> None:
    found = one(livenessProbe=probe, ports=ports).facts["liveness_probe"]
    assert isinstance(found, dict)
    assert told(found.get("port_declared")) == expected


USERS: list[tuple[object, object, object]] = [
    (None, None, False),
    ({"runAsNonRoot": True}, None, True),
    (None, {"runAsNonRoot": True}, True),
    ({"runAsNonRoot": False}, {"runAsNonRoot": True}, False),
    ({"runAsUser": 1}, None, True),
    ({"runAsUser": 0}, {"runAsNonRoot": True}, False),
    (None, {"runAsUser": 0}, False),
    ({"runAsNonRoot": "${X}"}, None, "?"),
    ({"runAsUser": "${X}"}, None, "?"),
]


@pytest.mark.parametrize(("own", "pod", "expected"), USERS)
def test_whether_root_is_refused(own: object, pod: object, expected: object) -> None:
    spec = {"securityContext": pod, "containers": [{"name": "c", "image": "nginx", "securityContext": own}]}
    assert told(made(spec).facts.get("root_refused")) == expected


HARDENING: list[tuple[object, object]] = [
    (None, None),
    ({"seccompProfile": {"type": "RuntimeDefault"}}, ["seccomp"]),
    ({"seccompProfile": {"type": "Unconfined"}, "appArmorProfile": {"type": "Unconfined"}}, None),
    ({"appArmorProfile": {"type": "Localhost", "localhostProfile": "p"}}, ["apparmor"]),
    ({"seLinuxOptions": {"level": "s0:c1", "type": "t"}}, ["selinux"]),
    ({"capabilities": {"drop": ["MKNOD"]}}, ["capabilities"]),
    ({"capabilities": {"drop": ["ALL"], "add": ["ALL"]}}, None),
    ({"seccompProfile": []}, "?"),
]


@pytest.mark.parametrize(("context", "expected"), HARDENING)
def test_by_what_a_container_is_confined(context: object, expected: object) -> None:
    assert told(one(securityContext=context).facts.get("hardening")) == expected


POLICIES: list[tuple[dict[str, object], str, object]] = [
    ({}, "admits_root", True),
    ({"runAsUser": {"rule": "MustRunAsNonRoot"}}, "admits_root", False),
    ({"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1}, {"min": 9}]}}, "admits_root", False),
    ({"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 0}]}}, "admits_root", True),
    ({"runAsUser": {"rule": "MustRunAs"}}, "admits_root", True),
    ({"runAsUser": {"rule": []}}, "admits_root", "?"),
    ({}, "root_groups", None),
    ({"fsGroup": {"rule": "RunAsAny"}}, "root_groups", ["fsGroup"]),
    ({"fsGroup": {"rule": "MustRunAs", "ranges": [{"min": 1}]}}, "root_groups", None),
    ({}, "admits_host_paths", True),
    ({"volumes": ["secret"]}, "admits_host_paths", False),
    ({"volumes": ["*"], "allowedHostPaths": [{"pathPrefix": "/a", "readOnly": True}]}, "admits_host_paths", False),
    ({"allowedHostPaths": [{"pathPrefix": "/a"}]}, "admits_host_paths", True),
]


@pytest.mark.parametrize(("spec", "field", "expected"), POLICIES)
def test_what_a_pod_security_policy_lets_in(spec: dict[str, object], field: str, expected: object) -> None:
    manifest = {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "p"},
        "spec": {"privileged": False, **spec},
    }
    assert told(read("pod_security_policy", manifest).facts.get(field)) == expected


WHOLE = {"metric": {"name": "m"}, "target": {"type": "Value"}, "describedObject": {"kind": "Ingress", "name": "i"}}
OLD = {"metricName": "m", "targetValue": 1, "target": {"kind": "Ingress", "name": "i"}}
METRICS: list[tuple[str, object, object]] = [
    ("autoscaling/v2", WHOLE, True),
    ("autoscaling/v2", {**WHOLE, "metric": None}, False),
    ("autoscaling/v2", {**WHOLE, "describedObject": {"kind": "Ingress"}}, False),
    ("autoscaling/v2", None, False),
    ("autoscaling/v2", [], "?"),
    ("autoscaling/v2beta1", OLD, True),
    ("autoscaling/v2beta1", WHOLE, False),
]


@pytest.mark.parametrize(("version", "of", "expected"), METRICS)
def test_whether_a_metric_names_its_object(version: str, of: object, expected: object) -> None:
    spec = {"maxReplicas": 2, "metrics": [{"type": "Object", "object": of}]}
    manifest = {"apiVersion": version, "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}, "spec": spec}
    found = read("horizontal_pod_autoscaler", manifest).facts["metrics"]
    assert isinstance(found, list)
    assert told(found[0]["described"]) == expected
