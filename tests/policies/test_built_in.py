"""The policies that policyengine carries: their examples, their remedies, and the ids of others that they go by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.judged import judged_inputs
from policyengine.commands.policies import loaded
from policyengine.commands.test import test as run_examples
from policyengine.settings import Settings

if TYPE_CHECKING:
    from policyengine.policy.policy import Policy

POLICIES, ERRORS = loaded(Settings())
BENCHMARKS = {
    *("CIS Docker", "CIS Kubernetes", "NSA/CISA Kubernetes Hardening Guide", "Pod Security Standards"),
    *("CIS Debian Linux 12", "CIS Red Hat Enterprise Linux 9", "CIS Ubuntu Linux 24.04"),
    *("STIG Red Hat Enterprise Linux 9", "STIG Ubuntu 24.04", "PCI DSS"),
}
TOOLS = {
    *("checkov", "kics", "trivy", "kube-linter", "kube-score", "polaris", "kubescape", "kubesec", "hadolint", "dockle"),
    *("buildkit", "dev-sec", "docker-bench"),
}


def test_all_are_loaded() -> None:
    assert ERRORS == []
    assert len(POLICIES) >= 34


def test_every_example_holds_and_every_constraint_is_reached() -> None:
    report = run_examples([], Settings(), coverage=True)
    assert [(result.name, *result.wrong) for result in report.results if result.wrong] == []
    assert (report.untested, report.unreached, report.errors) == ((), (), ())


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_it_says_how_to_mend_it_wherever_it_judges(policy: Policy) -> None:
    assert policy.remedy
    if not isinstance(policy.remedy, str):
        assert set(policy.remedy) == set(judged_inputs(policy))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_the_ids_of_others_speak_of_what_it_judges(policy: Policy) -> None:
    controls = [dict(control) for control in policy.controls]
    assert [control for control, count in Counter(map(repr, controls)).items() if count > 1] == []
    for control in controls:
        assert control.get("benchmark") in BENCHMARKS or control.get("tool") in TOOLS, control
        inputs = control.get("inputs", ())
        assert isinstance(inputs, list | tuple)
        assert set(inputs) <= set(judged_inputs(policy)), control


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_it_has_the_controls_of_both_versions_of_cis_docker(policy: Policy) -> None:
    """Their numbers are the same: 1.7.0 changed what recommendations say, not which there are."""
    docker = [control for control in policy.controls if control.get("benchmark") == "CIS Docker"]
    versions = {version: {c["id"] for c in docker if c["version"] == version} for version in ("1.6.0", "1.7.0")}
    assert versions["1.6.0"] == versions["1.7.0"]
    assert {control["version"] for control in docker} <= versions.keys()


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_its_texts_are_sentences(policy: Policy) -> None:
    assert not policy.title.endswith(".")
    assert policy.why.rstrip().endswith(".")
    assert not (policy.message or "").endswith(".")
