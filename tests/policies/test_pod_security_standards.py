"""The packs of the Pod Security Standards: from which release of Kubernetes to which they refuse what, and for whom."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.choice import choice
from policyengine.engine import Engine
from policyengine.policy.packs import load_pack
from policyengine.settings import Settings
from tests.judging import read

if TYPE_CHECKING:
    from policyengine.model.report import Finding

RELEASES = load_pack("pod-security-restricted").releases
LAST = 37
RIGHT = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: web
      image: nginx
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""


@cache
def engine(pack: str) -> Engine:
    chosen = choice(Settings(packs=(pack,)))
    return Engine(chosen.policies, chosen.parameters)


def findings(pack: str, text: str) -> tuple[Finding, ...]:
    return engine(pack).judge(read("kubernetes", text)).findings


def refusing(pack: str, text: str) -> set[str]:
    """The checks that refuse a manifest."""
    found = findings(pack, text)
    assert {finding.status for finding in found} <= {"fail"}
    controls = (control for finding in found for control in finding.controls)
    return {str(control["id"]) for control in controls if control.get("benchmark") == "Pod Security Standards"}


def changed(*changes: tuple[str, str]) -> str:
    text = RIGHT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def spec(line: str) -> str:
    """The right Pod with one more line in its spec."""
    return changed(("spec:\n", f"spec:\n  {line}\n"))


def container(line: str) -> str:
    return changed(("      image: nginx\n", f"      image: nginx\n      {line}\n"))


def context(entry: str, *, of_pod: bool = False) -> str:
    place = "securityContext: {runAsNonRoot" if of_pod else "securityContext: {allow"
    return changed((place, place.replace("{", f"{{{entry}, ")))


def sysctl(name: str) -> str:
    return context(f"sysctls: [{{name: {name}, value: '1'}}]", of_pod=True)


def annotated(annotation: str) -> str:
    return changed(("annotations: {}", f"annotations: {{{annotation}}}"))


UNSECCOMPED = changed((", seccompProfile: {type: RuntimeDefault}", ""))
BARE = changed(("securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}", "tty: false"))
MAYBE_ROOT = changed(("runAsNonRoot: true, ", ""))
SECCOMP = "container.seccomp.security.alpha.kubernetes.io"

FROM_TO: list[tuple[str, str, range]] = [
    # what every release refuses
    (spec("hostNetwork: true"), "baseline/hostNamespaces", range(LAST + 1)),
    (spec("hostPID: true"), "baseline/hostNamespaces", range(LAST + 1)),
    (spec("hostIPC: true"), "baseline/hostNamespaces", range(LAST + 1)),
    (context("privileged: true"), "baseline/privileged", range(LAST + 1)),
    (context("appArmorProfile: {type: Unconfined}"), "baseline/appArmorProfile", range(LAST + 1)),
    (
        annotated("container.apparmor.security.beta.kubernetes.io/gone: unconfined"),
        "baseline/appArmorProfile",
        range(LAST + 1),
    ),
    (container("ports: [{containerPort: 80, hostPort: 80}]"), "baseline/hostPorts", range(LAST + 1)),
    (spec("volumes: [{name: v, hostPath: {path: /}}]"), "baseline/hostPathVolumes", range(LAST + 1)),
    (spec("volumes: [{name: v, hostPath: {path: /}}]"), "restricted/restrictedVolumes", range(LAST + 1)),
    (spec("volumes: [{name: v, nfs: {path: /}}]"), "restricted/restrictedVolumes", range(LAST + 1)),
    (context("windowsOptions: {hostProcess: true}", of_pod=True), "baseline/windowsHostProcess", range(LAST + 1)),
    (context("seLinuxOptions: {type: spc_t}"), "baseline/seLinuxOptions", range(LAST + 1)),
    (sysctl("kernel.msgmax"), "baseline/sysctls", range(LAST + 1)),
    (MAYBE_ROOT, "restricted/runAsNonRoot", range(LAST + 1)),
    # what is refused since a field is there, or a check
    (BARE, "restricted/allowPrivilegeEscalation", range(8, LAST + 1)),
    (BARE, "restricted/capabilities_restricted", range(22, LAST + 1)),
    (UNSECCOMPED, "restricted/seccompProfile_restricted", range(19, LAST + 1)),
    (context("seccompProfile: {type: Unconfined}"), "baseline/seccompProfile_baseline", range(19, LAST + 1)),
    (context("runAsUser: 0"), "restricted/runAsUser", range(23, LAST + 1)),
    (
        container("livenessProbe: {httpGet: {host: 127.0.0.1, port: 80}}"),
        "baseline/hostProbesAndHostLifecycle",
        range(34, LAST + 1),
    ),
    (context("procMount: Unmasked"), "restricted/procMount_restricted", range(35, LAST + 1)),
    # what is refused until something else takes its place, or it is found to be safe
    (annotated(f"{SECCOMP}/web: unconfined"), "baseline/seccompProfile_baseline", range(19)),
    (annotated(f"{SECCOMP}/gone: unconfined"), "baseline/seccompProfile_baseline", range(0)),
    (context("seLinuxOptions: {type: container_engine_t}"), "baseline/seLinuxOptions", range(31)),
    (sysctl("net.ipv4.ip_local_reserved_ports"), "baseline/sysctls", range(27)),
    (sysctl("net.ipv4.tcp_keepalive_time"), "baseline/sysctls", range(29)),
    (sysctl("net.ipv4.tcp_wmem"), "baseline/sysctls", range(32)),
    (sysctl("net.ipv4.tcp_notsent_lowat"), "baseline/sysctls", range(37)),
    (sysctl("net.ipv4.tcp_syncookies"), "baseline/sysctls", range(0)),
    # Pods in a user namespace of their own
    (context("procMount: Unmasked").replace("spec:", "spec:\n  hostUsers: false"), "baseline/procMount", range(35)),
    (
        context("procMount: Unmasked").replace("spec:", "spec:\n  hostUsers: false"),
        "restricted/procMount_restricted",
        range(35, LAST + 1),
    ),
    (context("procMount: Unmasked"), "baseline/procMount", range(LAST + 1)),
    (MAYBE_ROOT.replace("spec:", "spec:\n  hostUsers: false"), "restricted/runAsNonRoot", range(35)),
    (context("runAsUser: 0").replace("spec:", "spec:\n  hostUsers: false"), "restricted/runAsUser", range(23, 35)),
    # Pods for Windows
    (BARE.replace("spec:", "spec:\n  os: {name: windows}"), "restricted/allowPrivilegeEscalation", range(8, 25)),
    (BARE.replace("spec:", "spec:\n  os: {name: windows}"), "restricted/capabilities_restricted", range(22, 25)),
    (
        UNSECCOMPED.replace("spec:", "spec:\n  os: {name: windows}"),
        "restricted/seccompProfile_restricted",
        range(19, 25),
    ),
    (MAYBE_ROOT.replace("spec:", "spec:\n  os: {name: windows}"), "restricted/runAsNonRoot", range(LAST + 1)),
    (
        BARE.replace("spec:", "spec:\n  nodeSelector: {kubernetes.io/os: windows}"),
        "restricted/allowPrivilegeEscalation",
        range(8, LAST + 1),
    ),
]


@pytest.mark.parametrize(("text", "control", "releases"), FROM_TO)
def test_the_releases_that_refuse_it(text: str, control: str, releases: range) -> None:
    level = control.partition("/")[0]
    packs = [f"pod-security-{level}@1.{number}" for number in range(LAST + 1)]
    assert [number for number, pack in enumerate(packs) if control in refusing(pack, text)] == list(releases)
    if level == "baseline":  # restricted demands no less, but of Pods for Windows
        packs = [f"pod-security-restricted@1.{number}" for number in range(LAST + 1)]
        assert [number for number, pack in enumerate(packs) if control in refusing(pack, text)] == list(releases)


@pytest.mark.parametrize("release", RELEASES)
def test_what_is_right_is_so_in_every_release(release: str) -> None:
    assert findings(f"pod-security-restricted@{release}", RIGHT) == ()


def test_every_release_of_kubernetes_has_its_pack() -> None:
    assert load_pack("pod-security-baseline").releases == RELEASES == tuple(f"1.{minor}" for minor in range(LAST + 1))


def test_checks_of_restricted_stand_in_for_those_of_baseline() -> None:
    """As upstream: to Pods for Windows neither speaks of capabilities."""
    text = changed(("spec:", "spec:\n  os: {name: windows}"), ("drop: [ALL]", "drop: [ALL], add: [NET_RAW]"))
    assert "baseline/capabilities_baseline" in refusing("pod-security-baseline@1.25", text)
    assert "baseline/capabilities_baseline" in refusing("pod-security-restricted@1.24", text)
    assert refusing("pod-security-restricted@1.25", text) == set()


@pytest.mark.parametrize("role", ["initContainers", "containers", "ephemeralContainers"])
def test_containers_of_every_kind_are_asked(role: str) -> None:
    more = "    - {name: more, image: nginx, securityContext: {privileged: true, procMount: Unmasked}}\n"
    text = RIGHT + (more if role == "containers" else f"  {role}:\n{more}")
    assert refusing("pod-security-restricted", text) == {
        *("baseline/privileged", "baseline/procMount", "restricted/procMount_restricted"),
        *("restricted/allowPrivilegeEscalation", "restricted/capabilities_restricted"),
    }


CONTROLLERS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "ReplicationController": "v1",
    "Job": "batch/v1",
}
POD_OF_IT = """\
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations:
        container.apparmor.security.beta.kubernetes.io/web: unconfined
    spec:
      hostPID: true
      securityContext:
        runAsUser: 0
      containers:
        - name: web
          image: nginx
          securityContext: {privileged: true}
"""


@pytest.mark.parametrize("kind", CONTROLLERS)
def test_what_makes_pods_is_asked_and_told_where(kind: str) -> None:
    text = f"apiVersion: {CONTROLLERS[kind]}\nkind: {kind}\nmetadata: {{name: web}}\n{POD_OF_IT}"
    found = findings("pod-security-restricted", text)
    assert {(one.location.line, one.policy) for one in found} == {
        (10, "pss-apparmor"),
        (12, "host-pid"),
        (14, "pss-run-as-user"),
        (18, "pss-privileged"),
        (18, "pss-privilege-escalation"),
        (18, "pss-drop-capabilities"),
        (18, "pss-run-as-non-root"),
        (18, "pss-seccomp-required"),
    }


def test_what_a_patch_does_not_say_is_unknown() -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {hostPID: true, %s}}}\n"
    )
    found = findings("pod-security-restricted", text % "containers: [{name: web, securityContext: {privileged: true}}]")
    assert {one.policy for one in found if one.status == "fail"} == {"host-pid", "pss-privileged"}
    assert {"pss-run-as-non-root", "pss-drop-capabilities"} <= {one.policy for one in found if one.status == "unknown"}


def test_other_inputs_are_none_of_their_business() -> None:
    text = (
        "services: {web: {image: nginx, privileged: true, pid: host, ports: ['80:80'], post_start: [{command: ls}]}}\n"
    )
    assert engine("pod-security-restricted").judge(read("compose", text)).findings == ()
