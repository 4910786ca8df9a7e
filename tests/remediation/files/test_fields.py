"""Each field that a table knows: it is changed, read again, and has the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.commands.example_input import name_of
from policyengine.commands.examples import example_resources
from policyengine.documents.editing.files import edited_bytes
from policyengine.errors import EditError
from policyengine.model.kinds import kind as kind_named
from policyengine.model.kinds import kinds
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.files.planning import INPUTS, fields
from policyengine.remediation.files.written import Sources, Written

if TYPE_CHECKING:
    from policyengine.model.resource import Resource
    from policyengine.remediation.changes import FieldChange

HERE = "127.0.0.1"

COMPOSE = """\
services:
  web:
    image: nginx  # the front
    privileged: yes
    pid: host
    cap_add: [SYS_ADMIN, NET_ADMIN]
    security_opt:
      - no-new-privileges:false
    ports:
      - "8080:80"
      - 9090
      - 53:53/udp
      - {target: 443, published: "8443"}
"""

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true  # for now
      hostPID: true
      hostUsers: true
      containers:
        - name: web
          image: nginx
          securityContext:
            capabilities:
              add:
                - NET_ADMIN
        - name: log
          image: fluentd
          ports: [{containerPort: 24224, hostPort: 24224}]
"""

JOB = POD.replace("hostNetwork: true  # for now", "restartPolicy: Always")

MORE = """\
services:
  web:
    image: "nginx:1"
    cgroup_parent: /slice
    restart: always
    devices: [/dev/fuse, /dev/sda]
    device_cgroup_rules:
      - a *:* rwm
    expose: ["22", "80"]
    volumes:
      - /srv:/srv:z,rshared
      - ./a:/a
      - {type: bind, source: /b, target: /b, bind: {propagation: shared}}
networks:
  shop:
    driver: overlay
"""

DETAILS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations:
        container.seccomp.security.alpha.kubernetes.io/web: unconfined
        seccomp.security.alpha.kubernetes.io/pod: unconfined
    spec:
      serviceAccount: app  # as ever
      hostAliases: [{ip: 10.0.0.1, hostnames: [db]}]
      securityContext:
        sysctls: [{name: kernel.msgmax, value: "1"}, {name: net.core.somaxconn, value: "2"}]
        seLinuxOptions: {type: spc_t, level: s0}
      volumes: [{name: run, hostPath: {path: /run}}]
      containers:
        - name: web
          image: nginx:1
          imagePullPolicy: Never
          ports:
            - {containerPort: 22}
            - {containerPort: 80, hostPort: 80, hostIP: 10.0.0.1}
          volumeMounts:
            - {name: run, mountPath: /run, mountPropagation: Bidirectional}
          securityContext:
            procMount: Unmasked
            seccompProfile: {type: Unconfined}
            capabilities:
              add: [NET_ADMIN, CHOWN]
"""

SEVERAL = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {minReplicas: 1, maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  externalIPs: [203.0.113.7]
  ports:
    - {port: 80, nodePort: 30080}
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.31.0
      command:
        - kube-apiserver
        - --profiling=true  # for now
        - --secure-port
        - "0"
"""

DOCKERFILE = """\
FROM debian:12 AS base
MAINTAINER Ada <ada@example.org>
ADD a /a
WORKDIR /srv
WORKDIR app
RUN apt install curl && pip install flask
RUN sudo useradd ada
RUN curl -fsSLk https://example.org
EXPOSE 22 80
CMD node app.js
CMD ["node"]
"""

CHANGES: list[tuple[str, str, str, FieldChange, object, str]] = [
    ("compose", COMPOSE, "web", SetField(("privileged",), False), False, "    privileged: false"),
    ("compose", COMPOSE, "web", RemoveField(("privileged",)), False, ""),
    ("compose", COMPOSE, "web", SetField(("read_only",), True), True, "    read_only: true"),
    ("compose", COMPOSE, "web", SetField(("user",), "1000:1000"), "1000:1000", '    user: "1000:1000"'),
    ("compose", COMPOSE, "web", SetField(("network_mode",), "none"), "none", "    network_mode: none"),
    ("compose", COMPOSE, "web", RemoveField(("pid",)), None, ""),
    ("compose", COMPOSE, "web", SetField(("ipc",), "private"), "private", "    ipc: private"),
    ("compose", COMPOSE, "web", SetField(("uts",), "host"), "host", "    uts: host"),
    ("compose", COMPOSE, "web", SetField(("userns_mode",), "host"), "host", "    userns_mode: host"),
    ("compose", COMPOSE, "web", RemoveField(("cap_add", 0)), ["NET_ADMIN"], "    cap_add: [NET_ADMIN]"),
    ("compose", COMPOSE, "web", AddItems(("cap_drop",), ("ALL",)), ["ALL"], "    cap_drop:|      - ALL"),
    (
        "compose", COMPOSE, "web", AddItems(("security_opt",), ("no-new-privileges:true",)),
        ["no-new-privileges:true"], "      - no-new-privileges:true",
    ),
    (
        "compose", COMPOSE, "web", AddItems(("security_opt",), ("seccomp=x.json",)),
        ["no-new-privileges:false", "seccomp=x.json"], '      - "seccomp=x.json"',
    ),
    ("compose", COMPOSE, "web", SetField(("ports", 0, "host_ip"), HERE), HERE, '      - "127.0.0.1:8080:80"'),
    ("compose", COMPOSE, "web", SetField(("ports", 1, "host_ip"), HERE), HERE, '      - "127.0.0.1::9090"'),
    ("compose", COMPOSE, "web", SetField(("ports", 2, "host_ip"), "::1"), "::1", '      - "[::1]:53:53/udp"'),
    (
        "compose", COMPOSE, "web", SetField(("ports", 3, "host_ip"), "127.0.0.1"),
        "127.0.0.1", '      - {target: 443, published: "8443", host_ip: "127.0.0.1"}',
    ),
    (
        "compose", COMPOSE + "    post_start: [{command: x, privileged: true}]\n", "web",
        SetField(("hooks", 0, "privileged"), False), False, "    post_start: [{command: x, privileged: false}]",
    ),
    ("kubernetes", POD, "web", SetField(("privileged",), False), False, "            privileged: false"),
    ("kubernetes", POD, "log", SetField(("privileged",), False), False, "            privileged: false"),
    ("kubernetes", POD, "web", SetField(("read_only",), True), True, "            readOnlyRootFilesystem: true"),
    ("kubernetes", POD, "web", SetField(("run_as_non_root",), True), True, "            runAsNonRoot: true"),
    ("kubernetes", POD, "web", SetField(("run_as_user",), 1000), 1000, "            runAsUser: 1000"),
    ("kubernetes", POD, "web", SetField(("run_as_group",), 1000), 1000, "            runAsGroup: 1000"),
    ("kubernetes", POD, "web", RemoveField(("cap_add", 0)), [], "            capabilities: {}"),
    ("kubernetes", POD, "web", AddItems(("cap_drop",), ("ALL",)), ["ALL"], "              drop:|                - ALL"),
    (
        "kubernetes", POD, "web", AddItems(("security_opt",), ("no-new-privileges:true",)),
        ["no-new-privileges:true"], "            allowPrivilegeEscalation: false",
    ),
    ("kubernetes", POD, "web", RemoveField(("network_mode",)), None, ""),
    ("kubernetes", POD, "web", RemoveField(("pid",)), None, ""),
    ("kubernetes", JOB, "web", RemoveField(("userns_mode",)), None, ""),
    ("kubernetes", POD.replace("hostPID", "hostIPC"), "web", RemoveField(("ipc",)), None, ""),
    (
        "kubernetes", JOB, "log", SetField(("ports", 0, "host_ip"), "127.0.0.1"),
        "127.0.0.1", '          ports: [{containerPort: 24224, hostPort: 24224, hostIP: "127.0.0.1"}]',
    ),
    ("kubernetes", POD, "pod/web", SetField(("host_network",), False), False, "      hostNetwork: false  # for now"),
    ("kubernetes", POD, "pod/web", SetField(("host_pid",), False), False, "      hostPID: false"),
    ("kubernetes", POD, "pod/web", SetField(("host_ipc",), True), True, "      hostIPC: true"),
    (
        "kubernetes", POD, "pod/web", SetField(("automount_service_account_token",), False), False,
        "      automountServiceAccountToken: false",
    ),
    ("compose", MORE, "web", SetField(("image",), "nginx:2"), None, '    image: "nginx:2"'),
    ("compose", MORE, "image_ref/web", SetField(("reference",), "nginx:2"), "nginx:2", '    image: "nginx:2"'),
    ("compose", MORE, "web", RemoveField(("cgroup_parent",)), None, ""),
    ("compose", MORE, "web", SetField(("restart_limit",), 5), 5, "    restart: on-failure:5"),
    ("compose", MORE, "web", RemoveField(("devices", 1)), ["/dev/fuse"], "    devices: [/dev/fuse]"),
    ("compose", MORE, "web", RemoveField(("device_cgroup_rules", 0)), None, ""),
    ("compose", MORE, "web", RemoveField(("expose", 0)), ["80/tcp"], '    expose: ["80"]'),
    ("compose", MORE, "web", SetField(("volumes", 0, "read_only"), True), True, '      - "/srv:/srv:ro,z,rshared"'),
    ("compose", MORE, "web", SetField(("volumes", 1, "read_only"), True), True, "      - ./a:/a:ro"),
    (
        "compose", MORE, "web", SetField(("volumes", 2, "read_only"), True), True,
        "      - {type: bind, source: /b, target: /b, bind: {propagation: shared}, read_only: true}",
    ),
    ("compose", MORE, "web", RemoveField(("volumes", 0, "propagation")), None, "      - /srv:/srv:z"),
    (
        "compose", MORE, "web", RemoveField(("volumes", 2, "propagation")), None,
        "      - {type: bind, source: /b, target: /b, bind: {}}",
    ),
    (
        "compose", MORE, "network/shop", SetField(("options", "encrypted"), "true"), "true",
        '    driver_opts:|      encrypted: "true"',
    ),
    ("kubernetes", DETAILS, "web", SetField(("image",), "nginx:2"), None, "          image: nginx:2"),
    (
        "kubernetes", DETAILS, "image_ref/web", SetField(("reference",), "nginx:2"), "nginx:2",
        "          image: nginx:2",
    ),
    (
        "kubernetes", DETAILS, "web", SetField(("image_pull_policy",), "Always"), "Always",
        "          imagePullPolicy: Always",
    ),
    ("kubernetes", DETAILS, "web", RemoveField(("expose", 0)), None, ""),
    ("kubernetes", DETAILS, "web", RemoveField(("ports", 0, "published")), None, "            - {containerPort: 80}"),
    (
        "kubernetes", DETAILS, "web", SetField(("volumes", 0, "read_only"), True), True,
        "            - {name: run, mountPath: /run, mountPropagation: Bidirectional, readOnly: true}",
    ),
    (
        "kubernetes", DETAILS, "web", RemoveField(("volumes", 0, "propagation")), None,
        "            - {name: run, mountPath: /run}",
    ),
    ("kubernetes", DETAILS, "web", RemoveField(("volumes", 0)), None, ""),
    (
        "kubernetes", DETAILS, "web", RemoveField(("security_opt", 0)), None,
        "            seccompProfile: {type: RuntimeDefault}",
    ),
    ("kubernetes", DETAILS, "web", RemoveField(("security_context", "proc_mount")), None, ""),
    (
        "kubernetes", DETAILS, "web", RemoveField(("security_context", "capabilities", "add", 0)), None,
        "              add: [CHOWN]",
    ),
    (
        "kubernetes", DETAILS, "web", AddItems(("security_context", "capabilities", "drop"), ("ALL",)), ["ALL"],
        "              drop:|                - ALL",
    ),
    (
        "kubernetes", DETAILS, "web", SetField(("seccomp_profile", "type"), "RuntimeDefault"), "RuntimeDefault",
        "            seccompProfile: {type: RuntimeDefault}",
    ),
    ("kubernetes", DETAILS, "web", RemoveField(("seccomp_annotation",)), None, ""),
    (
        "kubernetes", DETAILS, "web", SetField(("user",), "65532:65532"), "65532:65532",
        "            runAsUser: 65532|            runAsGroup: 65532",
    ),
    ("kubernetes", DETAILS, "pod/web", RemoveField(("host_aliases",)), None, ""),
    (
        "kubernetes", DETAILS, "pod/web", RemoveField(("deprecated_service_account",)), None,
        "      serviceAccountName: app",
    ),
    ("kubernetes", DETAILS, "pod/web", RemoveField(("seccomp_annotation",)), None, ""),
    (
        "kubernetes", DETAILS, "pod/web", RemoveField(("sysctls", 0)), None,
        '        sysctls: [{name: net.core.somaxconn, value: "2"}]',
    ),
    (
        "kubernetes", DETAILS, "pod/web", RemoveField(("security_context", "se_linux_options", "type")), None,
        "        seLinuxOptions: {level: s0}",
    ),
    ("kubernetes", DETAILS, "workload/web", SetField(("replicas",), 2), 2, "  replicas: 2"),
    (
        "kubernetes", DETAILS, "workload/web", SetField(("strategy",), "RollingUpdate"), "RollingUpdate",
        "  strategy: {type: RollingUpdate}",
    ),
    (
        "kubernetes", SEVERAL, "horizontal_pod_autoscaler/web", SetField(("min_replicas",), 2), 2,
        "spec: {minReplicas: 2, maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}}",
    ),
    (
        "kubernetes", SEVERAL, "service_account/web", SetField(("automount_service_account_token",), False), False,
        "automountServiceAccountToken: false",
    ),
    (
        "kubernetes", SEVERAL, "service/web", SetField(("type",), "ClusterIP"), "ClusterIP",
        "  type: ClusterIP|    - {port: 80}",
    ),
    ("kubernetes", SEVERAL, "service/web", RemoveField(("external_ips",)), None, ""),
    (
        "kubernetes", SEVERAL, "namespace/shop", SetField(("labels", "pod-security.kubernetes.io/enforce"), "baseline"),
        "baseline", "  labels:|    pod-security.kubernetes.io/enforce: baseline",
    ),
    (
        "kubernetes", SEVERAL, "control_plane_component/kube-apiserver", SetField(("flags", "profiling"), "false"),
        "false", "        - --profiling=false  # for now",
    ),
    (
        "kubernetes", SEVERAL, "control_plane_component/kube-apiserver", SetField(("flags", "secure-port"), "6443"),
        "6443", '        - "6443"',
    ),
    (
        "kubernetes", SEVERAL, "control_plane_component/kube-apiserver", SetField(("flags", "anonymous-auth"), "false"),
        "false", '        - "--anonymous-auth=false"',
    ),
    (
        "kubernetes", SEVERAL, "control_plane_component/kube-apiserver", RemoveField(("flags", "profiling")), None, "",
    ),
    (
        "dockerfile", DOCKERFILE, "image_ref/debian:12", SetField(("reference",), "debian:13"), None,
        "FROM debian:13 AS base",
    ),
    (
        "dockerfile", DOCKERFILE, "instruction/MAINTAINER 2", SetField(("instruction",), "LABEL"), None,
        'LABEL org.opencontainers.image.authors="Ada <ada@example.org>"',
    ),
    ("dockerfile", DOCKERFILE, "instruction/ADD 3", SetField(("instruction",), "COPY"), None, "COPY a /a"),
    ("dockerfile", DOCKERFILE, "instruction/WORKDIR 5", SetField(("absolute",), True), True, "WORKDIR /srv/app"),
    (
        "dockerfile", DOCKERFILE, "instruction/RUN 6", SetField(("packages", "apt", 0, "assume_yes"), True), True,
        "RUN apt install -y curl && pip install flask",
    ),
    (
        "dockerfile", DOCKERFILE, "instruction/RUN 6", SetField(("packages", "apt", 0, "recommends"), False), False,
        "RUN apt install --no-install-recommends curl && pip install flask",
    ),
    (
        "dockerfile", DOCKERFILE, "instruction/RUN 6", SetField(("packages", "apt", 0, "program"), "apt-get"),
        "apt-get", "RUN apt-get install curl && pip install flask",
    ),
    (
        "dockerfile", DOCKERFILE, "instruction/RUN 6", SetField(("packages", "pip", 0, "keeps_cache"), False), False,
        "RUN apt install curl && pip install --no-cache-dir flask",
    ),
    (
        "dockerfile", DOCKERFILE, "instruction/RUN 6", SetField(("packages", "apt", 0, "keeps_cache"), False), False,
        "RUN apt install curl && pip install flask && rm -rf /var/lib/apt/lists/*",
    ),
    (
        "dockerfile", DOCKERFILE, "instruction/RUN 7", AddItems(("calls", "useradd", 0, "options"), ("no-log-init",)),
        ["no-log-init"], "RUN sudo useradd --no-log-init ada",
    ),
    ("dockerfile", DOCKERFILE, "instruction/RUN 7", RemoveField(("calls", "sudo")), None, "RUN useradd ada"),
    (
        "dockerfile", DOCKERFILE, "instruction/RUN 8", RemoveField(("tls_off", 0)), None,
        "RUN curl -fsSL https://example.org",
    ),
    ("dockerfile", DOCKERFILE, "dockerfile/Dockerfile", RemoveField(("expose", 0)), None, "EXPOSE 80"),
    ("dockerfile", DOCKERFILE, "dockerfile/Dockerfile", SetField(("user",), "65532"), "65532", "USER 65532"),
    (
        "dockerfile", DOCKERFILE, "instruction/CMD 10", SetField(("form",), "exec"), "exec",
        'CMD ["node", "app.js"]',
    ),
]  # fmt: skip


def resource(origin: str, text: str, name: str) -> Resource:
    """A container by its name, or another resource by ``kind/name``."""
    kind, _, name = name.rpartition("/")
    found, problems, _ = example_resources(origin, {origin: text})
    assert problems == []
    return next(one for one in found if (one.kind, one.name) == (kind or "container", name))


def changed(origin: str, text: str, name: str, change: FieldChange) -> str:
    of = resource(origin, text, name)
    written = Written(of, Sources({name_of(origin): text}))
    edits = fields(origin, of.kind)[str(change.path[0])](change, written)
    return edited_bytes(name_of(origin), text.encode(), [edit for _, edit in edits]).decode()


def value(facts: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        facts = facts.get(step) if isinstance(facts, dict) else facts[step]
    return facts


@pytest.mark.parametrize(("origin", "text", "name", "change", "expected", "lines"), CHANGES)
def test_what_is_changed_is_read_again(
    origin: str, text: str, name: str, change: FieldChange, expected: object, lines: str
) -> None:
    after = changed(origin, text, name, change)
    path = change.path[:1] if isinstance(change, RemoveField) else change.path
    if expected is not None:
        assert (value(resource(origin, after, name).facts, path) or expected) == expected
    before = text.splitlines()
    assert "|".join(line for line in after.splitlines() if line not in before) == lines


def test_every_field_of_the_tables_is_tested() -> None:
    known = {(origin, kind, field) for origin in INPUTS for kind in kinds() for field in fields(origin, kind)}
    tested = {(case[0], case[2].rpartition("/")[0] or "container", case[3].path[0]) for case in CHANGES}
    assert tested == known
    for origin, kind, field in known:
        assert field in kind_named(kind).fields, (origin, kind, field)


REFUSED: list[tuple[str, str, str, FieldChange, str]] = [
    (
        "kubernetes", POD.replace("NET_ADMIN", "SYS_ADMIN"), "web",
        AddItems(("security_opt",), ("no-new-privileges:true",)), "the API server refuses it",
    ),
    ("kubernetes", POD, "web", AddItems(("security_opt",), ("seccomp=x",)), "only no-new-privileges:true"),
    ("kubernetes", POD, "web", SetField(("pid",), "host"), "hostPID is yes or no"),
    ("compose", COMPOSE, "web", SetField(("ports", 0, "target"), 81), "the address alone"),
    ("compose", MORE, "web", SetField(("volumes", 0, "source"), "/x"), "not changed of a mount"),
    (
        "compose", MORE.replace("./a:/a", "/anonymous"), "web", SetField(("volumes", 1, "read_only"), True),
        "in a way that is not followed",
    ),
    ("kubernetes", DETAILS, "web", SetField(("user",), "app"), "a user is a number"),
    (
        "kubernetes", DETAILS.replace("containerPort: 22", "containerPort: 22, name: ssh"), "web",
        RemoveField(("expose", 0)), "know the port by its name",
    ),
    ("kubernetes", DETAILS, "web", AddItems(("user",), ("1",)), "a user is a number"),
    (
        "dockerfile", DOCKERFILE.replace("ADD a /a", "ADD a https://x.example/b /a/"), "instruction/ADD 3",
        SetField(("instruction",), "COPY"), "may fetch or unpack",
    ),
    (
        "dockerfile", DOCKERFILE.replace("ADD a", "ADD --unpack=false a"), "instruction/ADD 3",
        SetField(("instruction",), "COPY"), "knows not every flag",
    ),
    (
        "dockerfile", DOCKERFILE.replace("WORKDIR /srv\n", ""), "instruction/WORKDIR 4", SetField(("absolute",), True),
        "is not known",
    ),
    (
        "dockerfile", DOCKERFILE.replace("debian:12", "debian:$V"), "image_ref/debian:$V",
        SetField(("reference",), "debian:13"), "a variable decides",
    ),
    (
        "dockerfile", DOCKERFILE.replace("CMD node app.js", "CMD node $APP"), "instruction/CMD 10",
        SetField(("form",), "exec"), "a shell is needed",
    ),
    (
        "dockerfile", DOCKERFILE.replace("apt install", "apt upgrade"), "instruction/RUN 6",
        SetField(("packages", "apt", 0, "program"), "apt-get"), "does not understand this command",
    ),
    (
        "compose", "services: {web: {networks: [out]}}\nnetworks: {out: {name: host, external: true}}\n", "web",
        RemoveField(("network_mode",)), "does not come from network_mode",
    ),
    (
        "compose", "services: {web: {pid: '${PID:-host}'}}\n", "web",
        RemoveField(("pid",)), "a variable decides",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("origin", "text", "name", "change", "message"), REFUSED)
def test_what_is_refused(origin: str, text: str, name: str, change: FieldChange, message: str) -> None:
    with pytest.raises(EditError, match=message):
        changed(origin, text, name, change)


def test_items_go_from_the_last_to_the_first() -> None:
    of = resource("compose", COMPOSE, "web")
    written = Written(of, Sources({"compose.yaml": COMPOSE}))
    rule = fields("compose", "container")["cap_add"]
    edits = [edit for item in (0, 1) for _, edit in rule(RemoveField(("cap_add", item)), written)]
    assert "cap_add" not in edited_bytes("x.yaml", COMPOSE.encode(), edits).decode()
