"""What one input came to, and the same as JSON data: for other processes, for the store, for the spool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine.model.location import Location
from policyengine.model.provenance import Provenance
from policyengine.model.report import Finding, Place, Problem, ResourceRef, Skipped
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.model.report import Status
    from policyengine.policy.policy import Policy

    Counts = Mapping[str, Mapping[Status, int]]


class Result(Struct, frozen=True):
    """What one input came to. ``inputs`` is 1 when an input kind claimed it; ``counts`` are by policy and status."""

    inputs: int = 0
    resources: int = 0
    counts: Counts = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    problems: Sequence[Problem] = ()
    skipped: Sequence[Skipped] = ()


def encoded(result: Result) -> list[Any]:
    """A result as JSON data."""
    return [
        result.inputs,
        result.resources,
        result.counts,
        [encoded_finding(finding) for finding in result.findings],
        [[one.message, one.path, one.line, one.column] for one in result.problems],
        [[one.path, one.reason] for one in result.skipped],
    ]


def decoded(data: Sequence[Any], policies: Mapping[str, Policy]) -> Result:
    """The result that :func:`encoded` made data of. Raises KeyError, TypeError or ValueError for any other data."""
    inputs, resources, counts, findings, problems, skipped = data
    return Result(
        inputs,
        resources,
        counts,
        tuple(decoded_finding(one, policies) for one in findings),
        tuple(Problem(*one) for one in problems),
        tuple(Skipped(*one) for one in skipped),
    )


def encoded_finding(finding: Finding) -> list[Any]:
    """A finding as JSON data, without what its policy says."""
    at, unknown, provenance = finding.resource, finding.unknown, finding.provenance
    return [
        finding.policy,
        finding.status,
        finding.message,
        [at.kind, at.name, at.origin, at.scope, at.parent],
        [_place(place) for place in finding.places],
        finding.fingerprint,
        finding.field,
        finding.actual,
        provenance and [provenance.how, provenance.of],
        unknown and [unknown.fact, unknown.why, unknown.settle],
        finding.excerpt,
        finding.enforcement,
    ]


def decoded_finding(data: Sequence[Any], policies: Mapping[str, Policy]) -> Finding:
    """The finding that :func:`encoded_finding` made data of."""
    id_, status, message, at, places, fingerprint, field_, actual, provenance, unknown, excerpt, enforcement = data
    policy, resource = policies[id_], ResourceRef(*at)
    return Finding(
        policy=id_,
        status=status,
        severity=policy.severity,
        category=policy.category,
        title=policy.title,
        message=message,
        resource=resource,
        places=tuple(Place(Location(*place[:5]), place[5]) for place in places),
        fingerprint=fingerprint,
        enforcement=enforcement,
        field=field_,
        actual=actual,
        provenance=provenance and Provenance(*provenance),
        unknown=unknown and Unknown(*unknown),
        controls=policy.controls_for(resource.origin),
        remedy=policy.remedy_for(resource.origin),
        excerpt=excerpt,
    )


def _place(place: Place) -> list[Any]:
    at = place.location
    return [at.path, at.line, at.column, at.end_line, at.end_column, place.role]
