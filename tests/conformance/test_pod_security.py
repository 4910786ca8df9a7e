"""The Pod Security Standards: our policies on the fixtures of Kubernetes' own admission plugin.

A fixture that a check refuses trips a policy of ours, one that its level admits trips none of that level's. What is
otherwise is listed below, each with its reason, and must be so. https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings, evaluate
from tests.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXTURES = ROOT.parent / "shared" / "corpora" / "manifests" / "pod-security-standards"
LEVELS = ("baseline", "restricted")

BASELINE = {
    "privileged": {"privileged"},
    "hostNamespaces": {"host-network", "host-pid", "host-ipc"},
    "hostPathVolumes": {"host-path"},
    "hostPorts": {"bind-all-interfaces"},
    "procMount": {"proc-mount"},
    "sysctls": {"unsafe-sysctls"},
    "capabilities_baseline": {"caps-added"},
    "seccompProfile_baseline": {"seccomp-off"},
    "appArmorProfile": {"apparmor-off"},
    "windowsHostProcess": {"privileged"},
}
RESTRICTED = BASELINE | {
    "allowPrivilegeEscalation": {"allow-priv-esc"},
    "capabilities_restricted": {"caps-not-dropped-all", "caps-added"},
    "procMount_restricted": {"proc-mount"},
    "runAsNonRoot": {"run-as-uid-0"},
    "runAsUser": {"run-as-uid-0"},
    "seccompProfile_restricted": {"seccomp-off"},
}
POLICIES: Mapping[str, Mapping[str, set[str]]] = {"baseline": BASELINE, "restricted": RESTRICTED}
"""By level, the policies of which a fixture that the check refuses must trip one."""

ELSEWHERE = {
    "hostProbesAndHostLifecycle": "no policy: a probe's host lets the kubelet ask another one, and harms no host",
    "restrictedVolumes": "no policy: it refuses every type of volume from before CSI; the harmful one is host-path's",
    "seLinuxOptions": "no policy: types and users of SELinux differ from one distribution to another",
}
"""Checks that are not ours to make."""

PARAMETERS: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "baseline": {},
    "restricted": {"caps-added": {"allowed": ["NET_BIND_SERVICE"]}},
}

_SPELLING = "engines read chown and CAP_CHOWN as CHOWN, which may be added"
_ONLY_OFF = "seccomp-off asks that seccomp is not switched off, not that a profile is written"
_IMAGE = "who runs is the image's matter: unknown to us"
ADMITTED_BY_US: Mapping[str, Mapping[str, str]] = {
    "baseline": {
        "capabilities_baseline2": _SPELLING,
        "capabilities_baseline3": _SPELLING,
    },
    "restricted": {
        **dict.fromkeys((f"runasnonroot{number}" for number in range(4)), _IMAGE),
        **dict.fromkeys((f"seccompprofile_restricted{number}" for number in (0, 2, 3)), _ONLY_OFF),
    },
}
"""By level, fixtures that are refused and trip no policy of ours."""

REFUSED_BY_US: Mapping[str, Mapping[str, str]] = {
    "baseline": {
        "procmount1": "since 1.35 it admits an unmasked /proc in a user namespace, which restricted still refuses",
    },
    "restricted": {},
}
"""By level, fixtures that are admitted and trip a policy of ours."""

pytestmark = pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"the fixtures are not at {FIXTURES}")


@cache
def index() -> list[dict[str, str]]:
    with (FIXTURES / "INDEX.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def release(path: str) -> tuple[int, ...]:
    """``(1, 37)`` of ``baseline/v1.37/fail/sysctls0.yaml``."""
    return tuple(map(int, path.split("/")[1].removeprefix("v").split(".")))


@cache
def newest() -> str:
    return max((row["file"] for row in index()), key=release).split("/")[1]


def fixtures(level: str, expected: str) -> list[dict[str, str]]:
    """The rows of the newest release's fixtures."""
    start = f"{level}/{newest()}/{expected}/"
    return [row for row in index() if row["file"].startswith(start) and row["check_id"] not in ELSEWHERE]


@cache
def tripped(level: str, expected: str) -> Mapping[str, set[str]]:
    """The policies of the level that each file trips."""
    policies = sorted(set().union(*POLICIES[level].values()))
    settings = Settings(select=tuple(policies), parameters=PARAMETERS[level], cache=False, jobs=1)
    report = evaluate([FIXTURES / row["file"] for row in fixtures(level, expected)], settings)
    assert not report.problems
    found = defaultdict(set)
    for finding in report.findings:
        assert finding.status in ("fail", "unknown")
        if finding.status == "fail":
            found[Path(finding.location.path).name].add(finding.policy)
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_refused_trips_a_policy(level: str) -> None:
    found = tripped(level, "fail")
    missed = {
        Path(row["file"]).stem
        for row in fixtures(level, "fail")
        if not POLICIES[level][row["check_id"]] & found[Path(row["file"]).name]
    }
    assert missed == ADMITTED_BY_US[level].keys()


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_admitted_trips_none(level: str) -> None:
    refused = {Path(file).stem: policies for file, policies in tripped(level, "pass").items() if policies}
    assert refused.keys() == REFUSED_BY_US[level].keys(), refused


def test_every_check_is_accounted_for() -> None:
    checks = {row["check_id"] for row in index()} - {"*"}
    assert checks == RESTRICTED.keys() | ELSEWHERE.keys()
    assert not RESTRICTED.keys() & ELSEWHERE.keys()
