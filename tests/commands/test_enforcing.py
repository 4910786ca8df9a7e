"""What enforcement makes of the findings of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.commands import enforcing
from policyengine.commands.choice import choice
from policyengine.model.enforcement import EnforcementRule
from policyengine.model.location import Location
from policyengine.model.report import PolicyCounts
from policyengine.settings import Settings
from tests.judging import judged, read

if TYPE_CHECKING:
    from policyengine.commands.choice import Choice
    from policyengine.engine import Judgements
    from policyengine.model.report import Finding

COMPOSE = "services: {a: {image: nginx, privileged: true, network_mode: host}, b: {image: nginx, privileged: true}}"


def made(*rules: EnforcementRule) -> Choice:
    return choice(Settings(select=("privileged", "host-network"), enforcement=rules))


def judgements(chosen: Choice, path: str = "legacy/compose.yaml") -> Judgements:
    return judged([policy for policy, _ in chosen.policies], read("compose", COMPOSE, path))


def enforced(found: Judgements, chosen: Choice) -> Judgements:
    findings, policies = enforcing.enforced(found.findings, found.policies, chosen)
    return replace(found, findings=findings, policies=policies)


def told(found: Judgements) -> list[tuple[str, str]]:
    return sorted((finding.policy, finding.enforcement) for finding in found.findings)


def counts(found: Judgements, policy: str) -> tuple[int, int]:
    (counted,) = (one.counts for one in found.policies if one.id == policy)
    return counted.get("fail", 0), counted.get("not_applicable", 0)


def test_without_rules_nothing_changes() -> None:
    chosen = made()
    before = judgements(chosen)
    assert enforced(before, chosen) == before


def test_what_warns_is_told() -> None:
    chosen = made(EnforcementRule("warn", policies=("privileged",)))
    after = enforced(judgements(chosen), chosen)
    assert told(after) == [("host-network", "block"), ("privileged", "warn"), ("privileged", "warn")]
    assert counts(after, "privileged") == (2, 0)


def test_what_is_off_is_not_told_and_counts_as_not_applicable() -> None:
    chosen = made(EnforcementRule("off", policies=("privileged",), paths=("legacy/",)))
    assert told(enforced(judgements(chosen), chosen)) == [("host-network", "block")]
    assert counts(enforced(judgements(chosen), chosen), "privileged") == (0, 2)
    elsewhere = judgements(chosen, "new/compose.yaml")
    assert enforced(elsewhere, chosen) == elsewhere


def test_a_resource_that_is_still_told_of_still_fails() -> None:
    chosen = made(EnforcementRule("off", paths=("legacy/",)))
    before = judgements(chosen, "new/compose.yaml")
    both = (*before.findings, *(_moved(finding, "legacy/b.yaml") for finding in before.findings))
    after = enforced(replace(before, findings=both), chosen)
    assert after.findings == before.findings
    assert counts(after, "privileged") == (2, 0)


def _moved(finding: Finding, path: str) -> Finding:
    return replace(finding, places=(finding.places[0]._replace(location=Location(path, 1, 1)),))


def test_what_could_not_be_judged_is_always_told() -> None:
    chosen = made(EnforcementRule("off", policies=("privileged",), paths=("legacy/",)))
    before = judgements(chosen)
    broken = tuple(replace(finding, status="error") for finding in before.findings)
    errors = (PolicyCounts("privileged", {"error": 2}), PolicyCounts("host-network", {"error": 1}))
    after = enforced(replace(before, findings=broken, policies=errors), chosen)
    assert told(after) == [("host-network", "block"), ("privileged", "block"), ("privileged", "block")]
    assert after.policies == errors
