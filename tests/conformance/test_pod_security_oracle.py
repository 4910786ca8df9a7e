"""The packs of the Pod Security Standards against the standards as plain code, on Pods that are made up.

What the API server would not take in the first place is not drawn: a profile without a type, two sources of one volume.
``POLICYENGINE_EXAMPLES`` sets how many Pods: a fourth of it.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyengine.commands.choice import choice
from policyengine.documents.load import document
from policyengine.engine import Engine
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.settings import Settings

from .pod_security import ADDABLE, APPARMOR, SECCOMP, SECCOMP_OF_POD, SYSCTLS, VOLUMES, overridden, refused

NAMES = ("web", "log")
NEWEST = 37
EXAMPLES = int(os.environ.get("POLICYENGINE_EXAMPLES", "2000")) // 4


def of(*values: Any) -> st.SearchStrategy[Any]:
    """One of some values, or null."""
    return st.sampled_from([*values, None])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping that has some of its fields."""
    return st.fixed_dictionaries({}, optional=fields)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, strategy, st.none())


flags = of(True, False)
profiles = st.builds(
    lambda type_, named: {"type": type_, **named},
    st.sampled_from(["RuntimeDefault", "RuntimeDefault", "Localhost", "Unconfined", "unconfined", "Odd"]),
    some(localhostProfile=st.sampled_from(["web.json", "unconfined"])),
)
selinux = some(
    type=of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t"),
    user=of("", "", "system_u"),
    role=of("", "", "system_r"),
    level=of("s0:c1"),
)
shared = {
    "runAsUser": of(0, 1000),
    "runAsNonRoot": of(True, True, False),
    "seccompProfile": maybe(profiles),
    "appArmorProfile": maybe(profiles),
    "seLinuxOptions": maybe(selinux),
    "windowsOptions": maybe(some(hostProcess=of(True, False, False), runAsUserName=of("ContainerUser"))),
}
capabilities = some(
    add=maybe(
        st.lists(st.sampled_from([*sorted(ADDABLE)[:3], "NET_BIND_SERVICE", "NET_RAW", "chown", "CAP_CHOWN", "ALL"]))
    ),
    drop=maybe(st.lists(st.sampled_from(["ALL", "ALL", "all", "NET_RAW"]))),
)
of_container = some(
    **shared,
    privileged=of(True, False, False),
    allowPrivilegeEscalation=of(True, False, False),
    procMount=of("Default", "Unmasked", "Odd"),
    capabilities=maybe(capabilities),
)
sysctl = st.builds(lambda name: {"name": name, "value": "1"}, st.sampled_from([*SYSCTLS, "kernel.msgmax"]))
of_pod = some(**shared, sysctls=maybe(st.lists(sysctl, max_size=2)))

hosts = of("", "10.0.0.1", "::1")
asked = st.one_of(
    st.builds(lambda host: {"httpGet": {"port": 80, **host}}, some(host=hosts)),
    st.builds(lambda host: {"tcpSocket": {"port": 80, **host}}, some(host=hosts)),
    st.just({"exec": {"command": ["true"]}}),
)
ports = st.builds(lambda given: {"containerPort": 80, **given}, some(hostPort=of(0, 0, 8080), protocol=of("UDP")))


def containers(name: str) -> st.SearchStrategy[dict[str, Any]]:
    fields = some(
        securityContext=maybe(of_container),
        ports=maybe(st.lists(ports, max_size=2)),
        livenessProbe=maybe(asked),
        readinessProbe=maybe(asked),
        startupProbe=maybe(asked),
        lifecycle=maybe(some(postStart=maybe(asked), preStop=maybe(asked))),
    )
    return st.builds(lambda given: {"name": name, "image": "nginx", **given}, fields)


SOURCES = {
    **{kind: {} for kind in sorted(VOLUMES)},
    "hostPath": {"path": "/srv"},
    "nfs": {"path": "/srv"},
    "gitRepo": {},
}
volumes = st.builds(
    lambda kind, none: {"name": "v", **({kind: SOURCES[kind]} if kind else {}), **none},
    st.sampled_from([*SOURCES, ""]),
    st.sampled_from([{}, {"rbd": None}]),
)
annotating = st.dictionaries(
    st.sampled_from([SECCOMP_OF_POD, *(prefix + name for prefix in (APPARMOR, SECCOMP) for name in (*NAMES, "gone"))]),
    of("unconfined", "runtime/default", "docker/default", "localhost/web", "localhost", ""),
)
specs = st.builds(
    lambda own, given: {"containers": own, **given},
    st.lists(st.sampled_from(NAMES).flatmap(containers), min_size=1, max_size=2),
    some(
        initContainers=maybe(st.lists(containers("init"), max_size=1)),
        ephemeralContainers=maybe(st.lists(containers("debug"), max_size=1)),
        securityContext=maybe(of_pod),
        volumes=maybe(st.lists(volumes, max_size=2)),
        hostNetwork=of(True, False, False),
        hostPID=of(True, False, False),
        hostIPC=of(True, False, False),
        hostUsers=of(True, False),
        os=maybe(some(name=st.sampled_from(["linux", "windows"]))),
        nodeSelector=maybe(st.just({"kubernetes.io/os": "windows"})),
    ),
)
pods = st.builds(
    lambda spec, metadata: {"metadata": {"labels": {"app": "web"}, **metadata}, "spec": spec},
    specs,
    some(annotations=maybe(annotating)),
)

SELECTOR = {"matchLabels": {"app": "web"}}


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
    spec = {"template": pod} if kind == "Job" else {"selector": SELECTOR, "template": pod}
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}


KINDS = (
    *("Pod", "Pod", "PodTemplate", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"),
    *("Job", "CronJob"),
)


@cache
def engine(pack: str) -> Engine:
    chosen = choice(Settings(packs=(pack,)))
    return Engine(chosen.policies, chosen.parameters)


def found(level: str, release: int, manifest: dict[str, Any]) -> set[str]:
    """The controls whose policies refuse what a manifest makes; nothing may be unknown."""
    context = Context()
    read = document_inputs()["kubernetes"].read(document("m.yaml", json.dumps(manifest).encode()), context)
    findings = engine(f"pod-security-{level}@1.{release}").judge(read).findings
    assert not context.problems
    assert {finding.status for finding in findings} <= {"fail"}
    controls = (control for finding in findings for control in finding.controls)
    return {str(control["id"]) for control in controls if control.get("benchmark") == "Pod Security Standards"}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["baseline", "restricted"]), st.integers(0, NEWEST), st.sampled_from(KINDS), pods)
def test_the_packs_say_what_the_standards_do(level: str, release: int, kind: str, pod: dict[str, Any]) -> None:
    expected = refused(level, release, pod)
    told = found(level, release, made_by(kind, pod))
    apart = overridden(release) if level == "restricted" else set()
    assert told - apart == expected
    assert bool(told) == bool(expected)  # what restricted's checks stand in for refuses nothing by itself
