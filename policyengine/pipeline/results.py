"""What one input came to, and the same as JSON data: for other processes, for the store, for the spool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine.exceptions.marks import NONE, Mark, Marks
from policyengine.model.artifact import Artifact
from policyengine.model.location import Location
from policyengine.model.provenance import Provenance
from policyengine.model.report import Exemption, Finding, Passed, Place, Problem, ResourceRef, Skipped
from policyengine.model.source_line import SourceLine
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.engine import Held
    from policyengine.model.report import Status
    from policyengine.policy.policy import Policy

    Counts = Mapping[str, Mapping[Status, int]]


class Result(Struct, frozen=True):
    """What one input came to.

    ``inputs`` is 1 when an input kind claimed it; ``counts`` are by policy and status; ``marks`` are the ignores that
    are written in it, and in the files that its findings are in; ``held`` its resources and ``parts`` the files that
    it refers to, where these are tracked.
    ``origins`` are its resources by input kind. ``passes`` are by input kind and policy where there are several kinds,
    else :attr:`passed` tells them by the counts. ``artifacts`` say what was judged; they are not kept between runs.
    """

    inputs: int = 0
    resources: int = 0
    counts: Counts = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    problems: Sequence[Problem] = ()
    skipped: Sequence[Skipped] = ()
    marks: Marks = NONE
    held: Sequence[Held] = ()
    parts: Sequence[str] = ()
    origins: Mapping[str, int] = field(default_factory=dict)
    passes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    artifacts: Sequence[Artifact] = ()

    @property
    def passed(self) -> Mapping[str, Mapping[str, int]]:
        """The passes by input kind and policy."""
        if self.passes or not self.origins:
            return self.passes
        (origin,) = self.origins
        return {origin: {id_: counts["pass"] for id_, counts in self.counts.items() if "pass" in counts}}


def encoded(result: Result) -> list[Any]:
    """A result as JSON data."""
    return [
        result.inputs,
        result.resources,
        result.counts,
        [encoded_finding(finding) for finding in result.findings],
        result.problems,
        result.skipped,
        [[_mark(mark) for mark in result.marks.found], result.marks.problems],
        result.held,
        result.parts,
        result.origins,
        result.passes,
        result.artifacts,
    ]


def decoded(data: Sequence[Any], policies: Mapping[str, Policy]) -> Result:
    """The result that :func:`encoded` made data of. Raises KeyError, TypeError or ValueError for any other data."""
    inputs, resources, counts, findings, problems, skipped, (found, misunderstood), held, parts, *covered = data
    origins, passes, artifacts = covered
    return Result(
        inputs,
        resources,
        counts,
        tuple(decoded_finding(one, policies) for one in findings),
        tuple(Problem(*one) for one in problems),
        tuple(Skipped(*one) for one in skipped),
        Marks(tuple(map(_decoded_mark, found)), tuple(Problem(*one) for one in misunderstood)),
        tuple((url, scope, name) for url, scope, name in held),
        tuple(parts),
        origins,
        passes,
        tuple(Artifact(*one) for one in artifacts),
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
        finding.fix,
        finding.excerpt,
        finding.enforcement,
        finding.content,
        finding.exemption and _exemption(finding.exemption),
        finding.witness,
        [[one.location, one.text, one.does] for one in finding.path],
        finding.alike,
    ]


def decoded_finding(data: Sequence[Any], policies: Mapping[str, Policy]) -> Finding:
    """The finding that :func:`encoded_finding` made data of."""
    id_, status, message, at, places, fingerprint, field_, actual, provenance, unknown, *rest = data
    fix, excerpt, enforcement, content, exemption, witness, path_, alike = rest
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
        fix=fix,
        excerpt=excerpt and SourceLine(*excerpt),
        exemption=exemption and Exemption(exemption[0], exemption[1] and Location(*exemption[1]), *exemption[2:]),
        content=content,
        witness=witness,
        path=tuple(Passed(at and Location(*at), text, does) for at, text, does in path_),
        alike=alike,
    )


def _exemption(exemption: Exemption) -> list[Any]:
    return [exemption.kind, exemption.place, exemption.reason, exemption.until, exemption.owner]


def _mark(mark: Mark) -> list[Any]:
    said = mark.ignore
    return [
        mark.kind,
        [said.policies, said.reason, said.until, said.whole],
        mark.place,
        mark.anchor,
        mark.start,
        mark.end,
        mark.live,
    ]


def _decoded_mark(data: Sequence[Any]) -> Mark:
    from policyengine.exceptions.grammar import Ignore  # few files have marks

    kind, (policies, reason, until, whole), place, anchor, start, end, live = data
    said = Ignore(tuple(policies), reason, until, whole)
    return Mark(kind, said, Location(*place), anchor, start and tuple(start), end and tuple(end), live)


def _place(place: Place) -> list[Any]:
    at = place.location
    return [at.path, at.line, at.column, at.end_line, at.end_column, place.role]
