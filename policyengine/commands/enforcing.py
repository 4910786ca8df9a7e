"""What enforcement makes of the findings of a run: which block, which only warn, and which are not told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.model.report import Enforcement, Finding, PolicyCounts, ResourceRef, Status

_TOLD: tuple[Status, ...] = ("fail", "unknown")


def enforced(
    findings: Sequence[Finding], policies: Sequence[PolicyCounts], choice: Choice
) -> tuple[tuple[Finding, ...], tuple[PolicyCounts, ...]]:
    """The findings of a run enforced as the settings say, and the counts; the same ones when the settings say nothing.

    Findings that are ``off`` are left out, and the judgements that they came from are counted as not applicable. To be
    asked of results from a cache, too: it depends on paths and on settings that do not change a judgement.
    """
    if not choice.enforcements.rules:
        return tuple(findings), tuple(policies)
    decided = list(_decided(findings, choice))
    kept = [replace(finding, enforcement=enforce) for finding, enforce in decided if enforce != "off"]
    gone = _judgements(finding for finding, enforce in decided if enforce == "off") - _judgements(kept)
    off = Counter((policy, status) for policy, status, _ in gone)
    return tuple(kept), tuple(_without(counted, off) for counted in policies)


def silenced(before: Iterable[Finding], after: Iterable[Finding]) -> set[str]:
    """The policies some of whose findings are gone."""
    told = {(one.policy, one.fingerprint, one.location) for one in after}
    return {one.policy for one in before if (one.policy, one.fingerprint, one.location) not in told}


def _decided(findings: Iterable[Finding], choice: Choice) -> Iterator[tuple[Finding, Enforcement]]:
    policies = {policy.id: policy for policy, _ in choice.policies}
    for finding in findings:
        policy, packs = policies[finding.policy], choice.packs_of.get(finding.policy, frozenset())
        enforce = choice.enforcements.of(policy, finding.location.path, packs, finding.resource.origin)
        # what could not be judged has to be told, whoever wants to know
        yield finding, "block" if finding.status == "error" else enforce


def _judgements(findings: Iterable[Finding]) -> set[tuple[str, Status, ResourceRef]]:
    """The judgements that findings came from: one of a policy and a resource, however many fields it names."""
    return {(finding.policy, finding.status, finding.resource) for finding in findings}


def _without(counted: PolicyCounts, off: Counter[tuple[str, Status]]) -> PolicyCounts:
    moved = {status: min(off[counted.id, status], counted.counts.get(status, 0)) for status in _TOLD}
    if not any(moved.values()):
        return counted
    counts: Counter[Status] = Counter(counted.counts)
    counts.subtract(moved)
    counts["not_applicable"] += sum(moved.values())
    return replace(counted, counts=dict(counts))
