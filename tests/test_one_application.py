"""One application, written as Compose, as Kubernetes and started on an engine: the same findings.

A web server that publishes a port, a database whose password is written out, and a sidecar that does all that it
should not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.api import Settings, evaluate
from tests.live import conftest as live

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.live.conftest import Workbench

engine, busybox, base, bench = live.engine, live.busybox, live.base, live.bench

PLATFORMS = ("compose", "kubernetes", "docker")

TABLE = """\
container  policy                   compose  kubernetes  docker
web        bind-all-interfaces      x        x           x
web        cpu-request              -        x           -
web        default-service-account  -        x           -
web        host-port                -        x           -
web        image-digest             x        x           x
web        naked-pod                -        x           -
web        privileged-ports         x        x           x
web        seccomp-unset            -        x           -
db         allow-priv-esc           x        x           x
db         caps-not-dropped-all     x        x           x
db         cpu-request              -        x           -
db         default-service-account  -        x           -
db         image-digest             x        x           x
db         memory-limit             x        x           x
db         memory-request           -        x           -
db         naked-pod                -        x           -
db         pids-limit               x        -           x
db         readonly-rootfs          x        x           x
db         seccomp-unset            -        x           -
db         secret-literal-env       x        x           x
sidecar    allow-priv-esc           x        x           x
sidecar    apparmor-off             x        x           x
sidecar    base-latest              x        x           x
sidecar    cap-sys-admin            x        x           x
sidecar    caps-added               x        x           x
sidecar    caps-not-dropped-all     x        x           x
sidecar    cpu-request              -        x           -
sidecar    default-service-account  -        x           -
sidecar    docker-socket            x        x           x
sidecar    host-ipc                 x        x           x
sidecar    host-network             x        x           x
sidecar    host-path                -        x           -
sidecar    host-pid                 x        x           x
sidecar    image-digest             x        x           x
sidecar    memory-limit             x        x           x
sidecar    memory-request           -        x           -
sidecar    naked-pod                -        x           -
sidecar    pids-limit               x        -           x
sidecar    privileged               x        x           x
sidecar    readonly-rootfs          x        x           x
sidecar    run-as-non-root          -        x           -
sidecar    run-as-uid-0             x        x           x
sidecar    seccomp-off              x        x           x
sidecar    seccomp-unset            -        x           -
sidecar    sensitive-host-mount     x        x           x
"""
"""The whole of what the pack strict finds. A new policy that finds something here adds its rows."""

DIFFERENCES: Mapping[str, str] = {
    "pids-limit": "in Kubernetes the limit of processes is a setting of the kubelet (podPidsLimit)",
    "host-path": "a bind mount is how Compose and engines give files to a container; a Pod has other ways",
    "host-port": "a port of the host is how Compose and engines publish a container; a Pod has Services",
    "cpu-request": "what is reserved for a container is a matter of Kubernetes' scheduler; engines reserve nothing",
    "memory-request": "what is reserved for a container is a matter of Kubernetes' scheduler; engines reserve nothing",
    "naked-pod": "only Kubernetes has controllers that make a container anew elsewhere",
    "default-service-account": "only Kubernetes gives containers an account of its API",
    "seccomp-unset": "engines apply a seccomp profile unless told otherwise, kubelets only where they are told to",
    "run-as-non-root": "a check by the kubelet before the start, which engines do not have",
}
"""The policies whose rows are not the same everywhere, and why."""

COMPOSE = """\
x-all: &all
  healthcheck: {test: [CMD, /bin/busybox, "true"]}
services:
  web:
    <<: *all
    image: shop-web:1
    user: "1000"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    mem_limit: 64m
    pids_limit: 100
    ports: ["80:8080"]
  db:
    <<: *all
    image: shop-db:1
    user: "999"
    environment: {POSTGRES_PASSWORD: correct-horse}
    volumes: ["data:/var/lib/postgresql/data"]
  sidecar:
    <<: *all
    image: shop-sidecar:latest
    user: root
    privileged: true
    pid: host
    ipc: host
    network_mode: host
    cap_add: [SYS_ADMIN]
    security_opt: ["seccomp:unconfined", "apparmor:unconfined"]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock", "/etc:/host/etc:ro"]
volumes: {data: {}}
"""

KUBERNETES = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
    - name: web
      image: shop-web:1
      ports: [{containerPort: 8080, hostPort: 80}]
      resources: {limits: {memory: 64Mi}}
      securityContext:
        runAsUser: 1000
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec:
  containers:
    - name: db
      image: shop-db:1
      securityContext: {runAsUser: 999}
      env: [{name: POSTGRES_PASSWORD, value: correct-horse}]
      volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: Pod
metadata: {name: sidecar, labels: {app: sidecar}}
spec:
  hostPID: true
  hostIPC: true
  hostNetwork: true
  containers:
    - name: sidecar
      image: shop-sidecar:latest
      securityContext:
        runAsUser: 0
        privileged: true
        capabilities: {add: [SYS_ADMIN]}
        seccompProfile: {type: Unconfined}
        appArmorProfile: {type: Unconfined}
      volumeMounts:
        - {name: sock, mountPath: /var/run/docker.sock}
        - {name: etc, mountPath: /host/etc, readOnly: true}
  volumes:
    - {name: sock, hostPath: {path: /var/run/docker.sock}}
    - {name: etc, hostPath: {path: /etc}}
"""

DOCKER: Mapping[str, Mapping[str, Any]] = {
    "web": {
        "user": "1000",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": "64m",
        "pids_limit": 100,
        "ports": {"8080/tcp": 80},
    },
    "db": {
        "user": "999",
        "environment": {"POSTGRES_PASSWORD": "correct-horse"},
    },
    "sidecar": {
        "user": "root",
        "privileged": True,
        "pid_mode": "host",
        "ipc_mode": "host",
        "network_mode": "host",
        "cap_add": ["SYS_ADMIN"],
        "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
        "volumes": ["/var/run/docker.sock:/var/run/docker.sock", "/etc:/host/etc:ro"],
    },
}
"""The options of ``docker create``, in the words of its client for Python."""

Rows = set[tuple[str, str]]
"""Containers, by the name of their part of the application, and the policies that they violate."""


def violations(sources: Iterable[str], names: Mapping[str, str]) -> Rows:
    """What the sources violate; ``names`` are the parts' names by those of resources."""
    report = evaluate(sources, Settings(packs=("strict",), cache=False, jobs=1))
    assert not report.problems
    return {(names[finding.resource.name], finding.policy) for finding in report.findings if finding.status == "fail"}


def written(text: str, tmp_path: Path) -> Rows:
    file = tmp_path / "application.yaml"
    file.write_text(text)
    return violations([str(file)], {name: name for name in DOCKER})


def started(bench: Workbench) -> Rows:
    """The database runs. The others are created only: the port may be taken, the sidecar would have the host."""
    network = bench.network("shop")
    check = {"test": ["CMD", "/bin/busybox", "true"]}
    names = {}
    for part, options in DOCKER.items():
        image = bench.image("", part, "latest" if part == "sidecar" else "1")
        own = {} if "network_mode" in options else {"network": network}
        volume = {"volumes": [f"{bench.name('data')}:/var/lib/postgresql/data"]} if part == "db" else {}
        names[bench.create(image, part, start=part == "db", healthcheck=check, **options, **own, **volume)] = part
    return violations([f"docker:///container/{name}" for name in names], names)


def table(found: Mapping[str, Rows], platforms: Iterable[str]) -> list[list[str]]:
    """The rows of the table: container, policy, and on which platforms it is found."""
    rows = sorted(set().union(*found.values()), key=lambda row: ([*DOCKER].index(row[0]), row[1]))
    return [[*row, *("x" if row in found[platform] else "-" for platform in platforms)] for row in rows]


def expected(platforms: int) -> list[list[str]]:
    rows = [line.split()[: 2 + platforms] for line in TABLE.splitlines()[1:]]
    return [row for row in rows if "x" in row]


def test_as_files(tmp_path: Path) -> None:
    found = {"compose": written(COMPOSE, tmp_path), "kubernetes": written(KUBERNETES, tmp_path)}
    assert table(found, PLATFORMS[:2]) == expected(2)


@pytest.mark.live
def test_as_files_and_on_an_engine(bench: Workbench, tmp_path: Path) -> None:
    found = {
        "compose": written(COMPOSE, tmp_path),
        "kubernetes": written(KUBERNETES, tmp_path),
        "docker": started(bench),
    }
    assert table(found, PLATFORMS) == expected(3)


def test_every_difference_has_its_reason() -> None:
    differing = {policy for _, policy, *where in expected(3) if "-" in where}
    assert differing == DIFFERENCES.keys()
