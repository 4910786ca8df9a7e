"""Cases of other tools' checks: our policies say what those tools' authors meant, or we tell why not.

A case is a file in which a check of theirs finds something, or nothing. The policy that goes by that check's id must
do the same; where it does not, the difference is listed below with its reason, and must be there.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings, evaluate
from policyengine.commands.policies import loaded
from tests.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES = ROOT.parent / "shared" / "corpora" / "manifests"
INPUTS = ("dockerCompose", "k8s", "kubernetes")

POLICIES = (
    *("allow-priv-esc", "apparmor-off", "cap-sys-admin", "caps-not-dropped-all", "default-bridge", "host-ipc"),
    *("host-path", "host-pid", "pids-limit", "privileged-ports", "proc-mount", "rbac-cluster-admin"),
    *("rbac-read-secrets", "rbac-wildcard", "sa-token-automount", "seccomp-off", "sensitive-host-mount"),
    *("service-nodeport", "unsafe-sysctls"),
)

_PSP = "a PodSecurityPolicy, which Kubernetes has no more since 1.25"
_KNATIVE = "a kind of Knative, not of Kubernetes"
_UNWRITTEN = "where no profile is written the engine's own is in force"
_OWN_DATA = "a directory of the application's own below /var/lib or /etc governs no host"
_ALL = "a list of capabilities to drop is not ALL, which Pod Security asks for"
_NET_ADMIN = "it adds NET_ADMIN, which caps-added finds"
_SAME_RIGHTS = "a role of another name with the same rights: rbac-wildcard finds it"

DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("allow-priv-esc", "checkov/kubernetes/checks/example_PSP/psp-most-insecure-FAILED.yaml"): _PSP,
    ("apparmor-off", "kics/k8s/missing_app_armor_config/test/positive.yaml"): _UNWRITTEN,
    ("host-ipc", "kics/k8s/shared_host_ipc_namespace/test/positive2.yaml"): _KNATIVE,
    ("host-pid", "kics/k8s/shared_host_pid_namespace/test/positive2.yaml"): _KNATIVE,
    ("proc-mount", "kics/k8s/container_runs_unmasked/test/positive.yaml"): _PSP,
    (
        "seccomp-off",
        "kics/dockerCompose/default_seccomp_profile_disabled/test/positive1.yaml",
    ): "label:seccomp:unconfined is an option of SELinux that switches nothing off",
    **{
        ("sensitive-host-mount", f"kics/dockerCompose/volume_has_sensitive_host_directory/test/{name}.yaml"): reason
        for name, reason in {
            "positive1": "a path in the container: the volume has no name and is the engine's",
            "positive2": _OWN_DATA,
            "positive3": "a volume that no service mounts",
            "positive4": _OWN_DATA,
        }.items()
    },
    ("cap-sys-admin", "polaris/dangerousCapabilities/failure.yaml"): _NET_ADMIN,
    ("cap-sys-admin", "polaris/dangerousCapabilities/failure.case.yaml"): _NET_ADMIN,
    **{
        ("caps-not-dropped-all", f"polaris/insecureCapabilities/{name}.yaml"): _ALL
        for name in ("success", "success.case", "success.pod")
    },
    **{
        ("rbac-cluster-admin", f"polaris/{check}/failure.{name}.yaml"): _SAME_RIGHTS
        for check in ("clusterrolebindingClusterAdmin", "rolebindingClusterAdminClusterRole")
        for name in ("all_verbs", "all_verbs_different_order", "binding_to_system_prefix", "wildcards")
    },
}
"""By policy and file, what is not as the other tool has it, and why."""


def rows(tool: str) -> list[dict[str, str]]:
    with (CASES / tool / "INDEX.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


@cache
def policy_of(tool: str) -> Mapping[str, list[str]]:
    """The policies that go by each id of a tool."""
    found = defaultdict(list)
    for policy in loaded(Settings())[0]:
        for control in policy.controls:
            if policy.id in POLICIES and control.get("tool") == tool:
                found[str(control["id"])].append(policy.id)
    return found


def cases(tool: str) -> Mapping[tuple[str, str], bool]:
    """Whether something is to be found, by policy and file: a file with several objects fails by any of them."""
    found: dict[tuple[str, str], bool] = {}
    for row in rows(tool):
        if row["input_kind"] in INPUTS and row["expected"] in ("pass", "fail") and not row["file"].endswith("/"):
            for policy in policy_of(tool).get(row["check"], ()):
                key = (policy, f"{tool}/{row['file']}")
                found[key] = found.get(key, False) or row["expected"] == "fail"
    return found


def violated(policy: str, file: str) -> bool:
    report = evaluate([CASES / file], Settings(select=(policy,), cache=False, jobs=1))
    return any(finding.status == "fail" for finding in report.findings)


@pytest.mark.parametrize("tool", ["checkov", "kics", "polaris"])
def test_we_find_what_they_find(tool: str) -> None:
    if not (CASES / tool).is_dir():
        pytest.skip(f"the cases are not at {CASES / tool}")
    wanted = cases(tool)
    assert len(wanted) > 10
    different = {case for case, fails in wanted.items() if violated(*case) is not fails}
    assert different == {case for case in DIFFERENCES if case[1].startswith(f"{tool}/")}
