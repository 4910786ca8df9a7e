"""The packs of the Pod Security Standards against the standards as plain code, on Pods that are made up.

What the API server would not take in the first place is not drawn: a profile without a type, two sources of one volume.
``POLICYENGINE_EXAMPLES`` sets how many Pods: a twentieth of it.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyengine.commands.choice import choice
from policyengine.documents.load import document
from policyengine.engine import Engine
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.settings import Settings
from tests.once import ONCE

from .pod_security import ADDABLE, APPARMOR, SECCOMP, SECCOMP_OF_POD, SYSCTLS, VOLUMES, overridden, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.resource import Resource

pytestmark = ONCE

NAMES = ("web", "log")
LEVELS = ("baseline", "restricted")
NEWEST = 37
EXAMPLES = int(os.environ.get("POLICYENGINE_EXAMPLES", "2000")) // 20

PROFILES = [
    None,
    *({"type": type_} for type_ in ("RuntimeDefault", "Unconfined", "unconfined", "Odd")),
    *({"type": "Localhost", "localhostProfile": name} for name in ("web.json", "unconfined")),
]
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t", None)
SHARED: dict[str, list[Any]] = {
    "runAsUser": [0, 1000, None],
    "runAsNonRoot": [True, False, None],
    "seccompProfile": PROFILES,
    "appArmorProfile": PROFILES,
    "seLinuxOptions": [
        None,
        {},
        *({"type": type_, "level": "s0:c1"} for type_ in SELINUX_TYPES),
        *({"user": user, "role": role} for user in ("", "system_u", None) for role in ("", "system_r", None)),
    ],
    "windowsOptions": [None, {}, *({"hostProcess": value, "runAsUserName": "a"} for value in (True, False, None))],
}
CAPABILITIES = [*sorted(ADDABLE), "NET_RAW", "ALL", "chown", "CAP_CHOWN"]
OF_CONTAINER: dict[str, list[Any]] = {
    **SHARED,
    "privileged": [True, False, None],
    "allowPrivilegeEscalation": [True, False, None],
    "procMount": ["Default", "Unmasked", "Odd", None],
    "capabilities": [
        *(None, {}, {"drop": None}, {"drop": ["all"]}, {"drop": ["NET_RAW", "ALL"]}),
        *({"drop": ["ALL"], "add": add} for add in (None, [], ["CHOWN", "NET_BIND_SERVICE"])),
        *({"drop": ["ALL"], "add": [name]} for name in CAPABILITIES),
    ],
}
OF_POD: dict[str, list[Any]] = {
    **SHARED,
    "sysctls": [None, [], *([{"name": name, "value": "1"}] for name in (*SYSCTLS, "kernel.msgmax"))],
}
ASKED = [
    None,
    {"exec": {"command": ["true"]}},
    *({way: {"port": 80, "host": host}} for way in ("httpGet", "tcpSocket") for host in ("", "10.0.0.1", "::1", None)),
]
BESIDE: dict[str, list[Any]] = {
    "ports": [None, [], *([{"containerPort": 80, "hostPort": port}] for port in (0, 8080, None))],
    **dict.fromkeys(("livenessProbe", "readinessProbe", "startupProbe"), ASKED),
    "lifecycle": [None, {}, *({event: asked} for event in ("postStart", "preStop") for asked in ASKED)],
}
SOURCES: dict[str, Any] = {
    **{kind: {} for kind in sorted(VOLUMES)},
    "hostPath": {"path": "/srv"},
    "nfs": {"path": "/srv"},
    "gitRepo": {},
}
SPEC: dict[str, list[Any]] = {
    "volumes": [None, [], [{"name": "v", "rbd": None}], *([{"name": "v", kind: of}] for kind, of in SOURCES.items())],
    **{key: [True, False, None] for key in ("hostNetwork", "hostPID", "hostIPC")},
    "hostUsers": [True, False, None],
    "os": [None, {}, {"name": "linux"}, {"name": "windows"}],
    "nodeSelector": [None, {"kubernetes.io/os": "windows"}],
}
PREFIXES = (SECCOMP_OF_POD, *(prefix + name for prefix in (APPARMOR, SECCOMP) for name in (*NAMES, "gone")))
ANNOTATIONS = {
    key: ["unconfined", "runtime/default", "docker/default", "localhost/web", "localhost", "", None] for key in PREFIXES
}
RIGHT = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
RIGHT_POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def right() -> dict[str, Any]:
    """A Pod that every release takes."""
    container = {"name": "web", "image": "nginx", "securityContext": deepcopy(RIGHT)}
    return {
        "metadata": {"annotations": {}},
        "spec": {"securityContext": deepcopy(RIGHT_POD), "containers": [container]},
    }


def single_changes() -> Iterator[dict[str, Any]]:
    """The right Pod with one field that has another value, for every field and every value."""
    of_container = ("spec", "containers", 0)
    places: list[tuple[tuple[str | int, ...], dict[str, list[Any]]]] = [
        (("spec", "securityContext"), OF_POD),
        ((*of_container, "securityContext"), OF_CONTAINER),
        (of_container, BESIDE),
        (("spec",), SPEC),
        (("metadata", "annotations"), ANNOTATIONS),
    ]
    for path, fields in places:
        for field, values in fields.items():
            for value in values:
                pod = right()
                below: Any = pod
                for step in path:
                    below = below[step]
                below[field] = value
                yield pod


@st.composite
def few(draw: st.DrawFn, fields: dict[str, list[Any]], start: dict[str, Any] | None = None) -> dict[str, Any]:
    """Some fields; with a start to go from, up to two others."""
    most = len(fields) if start is None else 2
    names = draw(st.lists(st.sampled_from([*fields]), max_size=most))
    return {**(start or {}), **{name: draw(st.sampled_from(fields[name])) for name in names}}


@st.composite
def containers(draw: st.DrawFn, name: str, start: dict[str, Any] | None) -> dict[str, Any]:
    context = draw(st.one_of(few(OF_CONTAINER, start), st.just(start)))
    beside = draw(few(BESIDE, start and {}))
    return {"name": name, "image": "nginx", "securityContext": context, **beside}


@st.composite
def pods(draw: st.DrawFn) -> dict[str, Any]:
    """Pods of which anything may be wrong, and Pods that are nearly right."""
    start, of_pod = draw(st.sampled_from([(None, None), (RIGHT, RIGHT_POD), ({}, {"runAsNonRoot": True})]))
    main = draw(st.lists(st.sampled_from(NAMES).flatmap(lambda name: containers(name, start)), min_size=1, max_size=2))
    others = {
        role: draw(st.lists(containers(role, start), max_size=1))
        for role in draw(st.sets(st.sampled_from(["initContainers", "ephemeralContainers"])))
    }
    context = draw(st.one_of(few(OF_POD, of_pod), st.just(of_pod)))
    spec = {"containers": main, **others, "securityContext": context, **draw(few(SPEC, start and {}))}
    return {"metadata": {"annotations": draw(st.one_of(few(ANNOTATIONS), st.none()))}, "spec": spec}


def made_by(kind: str, pod: dict[str, Any]) -> dict[str, Any]:
    """The manifest of what makes a Pod. Annotations of a controller are not those of its Pods."""
    metadata = {"name": "web", "annotations": {SECCOMP_OF_POD: "unconfined", f"{APPARMOR}web": "unconfined"}}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": kind, **pod, "metadata": {"name": "web", **pod["metadata"]}}
    if kind == "PodTemplate":
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "template": pod}
    if kind == "CronJob":
        spec: dict[str, Any] = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": pod}}}
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": spec}
    group = {"Job": "batch/v1", "ReplicationController": "v1"}.get(kind, "apps/v1")
    spec = {"template": pod} if kind == "Job" else {"selector": {"matchLabels": {"app": "web"}}, "template": pod}
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}


KINDS = (
    *("Pod", "Pod", "PodTemplate", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"),
    *("Job", "CronJob"),
)


@cache
def engines() -> dict[str, Engine]:
    """What judges by each pack: the same where releases do not differ."""
    alike: dict[str, Engine] = {}
    found = {}
    for pack in (f"pod-security-{level}@1.{release}" for level in LEVELS for release in range(NEWEST + 1)):
        chosen = choice(Settings(packs=(pack,)))
        named = [(policy.id, acts and sorted(acts)) for policy, acts in chosen.policies]
        key = repr((sorted(named), sorted(chosen.parameters.items())))
        found[pack] = alike.setdefault(key, Engine(chosen.policies, chosen.parameters))
    return found


def resources(manifest: dict[str, Any]) -> list[Resource]:
    context = Context()
    read = list(document_inputs()["kubernetes"].read(document("m.yaml", json.dumps(manifest).encode()), context))
    assert not context.problems
    return read


def refusing(engine: Engine, read: list[Resource]) -> set[str]:
    """The controls whose policies refuse what was read; nothing may be unknown."""
    findings = engine.judge(read).findings
    assert {finding.status for finding in findings} <= {"fail"}
    controls = (control for finding in findings for control in finding.controls)
    return {str(control["id"]) for control in controls if control.get("benchmark") == "Pod Security Standards"}


def check(kind: str, pod: dict[str, Any]) -> None:
    """Every release refuses a Pod for what the standards refuse it for, whatever makes the Pod."""
    read = resources(made_by(kind, pod))
    told = {engine: refusing(engine, read) for engine in set(engines().values())}
    for release in range(NEWEST + 1):
        baseline, restricted = (told[engines()[f"pod-security-{level}@1.{release}"]] for level in LEVELS)
        assert baseline == refused("baseline", release, pod)
        expected = refused("restricted", release, pod)
        assert restricted - overridden(release) == expected
        assert bool(restricted) == bool(expected)  # what other checks stand in for refuses nothing by itself


def test_single_changes() -> None:
    for pod in single_changes():
        for exempting in ({}, {"hostUsers": False}, {"os": {"name": "windows"}}):
            check("Pod", {**pod, "spec": {**exempting, **pod["spec"]}})


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(KINDS), pods())
def test_many_changes(kind: str, pod: dict[str, Any]) -> None:
    check(kind, pod)
