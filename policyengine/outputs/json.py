"""``json``: the whole result for programs. Version 1: fields are added, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.report import STATUSES
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.pieces import ITEMS, json_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Finding, Place, PolicyCounts, Problem, Report, ResourceRef, Skipped
    from policyengine.model.unknown import Unknown

VERSION = 1

Data = dict[str, object]


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield the result as JSON in ASCII, indented, its fields always all there and in the same order.

    ``all`` adds passes to the findings.
    """
    shown = (finding for finding in report.findings if options.all or finding.status not in ("pass", "not_applicable"))
    result = {
        "version": VERSION,
        "run": _run(report),
        "summary": _summary(report),
        "policies": [_policy(counts) for counts in report.policies],
        "findings": ITEMS,
        "skipped": [_skipped(skipped) for skipped in report.skipped],
        "problems": [_problem(problem) for problem in report.problems],
    }
    return json_pieces(result, map(_finding, shown))


def _run(report: Report) -> Data:
    run = report.run
    return {
        "id": run.id,
        "tool": run.tool,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "settings_digest": run.settings_digest,
        "packs": run.packs,
    }


def _summary(report: Report) -> Data:
    return {
        "inputs": report.inputs,
        "skipped": len(report.skipped),
        "resources": report.resources,
        "policies": len(report.policies),
        "evaluations": report.evaluations,
        **{status: report.total(status) for status in STATUSES},
        "problems": len(report.problems),
    }


def _policy(policy: PolicyCounts) -> Data:
    return {"id": policy.id, **{status: policy.counts.get(status, 0) for status in STATUSES}}


def _finding(finding: Finding) -> Data:
    return {
        "policy": finding.policy,
        "status": finding.status,
        "enforcement": finding.enforcement,
        "severity": finding.severity,
        "category": finding.category,
        "message": finding.message,
        "resource": _resource(finding.resource),
        "locations": [_place(place) for place in finding.places],
        "field": finding.field,
        "actual": finding.actual,
        **_provenance(finding),
        "unknown": _unknown(finding.unknown),
        "witness": finding.witness,
        "controls": finding.controls,
        "remedy": finding.remedy,
        "fix": finding.fix,
        "fingerprint": finding.fingerprint,
    }


def _resource(resource: ResourceRef) -> Data:
    return {
        "kind": resource.kind,
        "name": resource.name,
        "origin": resource.origin,
        "parent": resource.parent,
        "scope": resource.scope,
    }


def _place(place: Place) -> Data:
    at = place.location
    return {
        "path": at.path,
        "line": at.line,
        "column": at.column,
        "end_line": at.end_line,
        "end_column": at.end_column,
        "role": place.role,
    }


def _provenance(finding: Finding) -> Data:
    provenance = finding.provenance
    if provenance is None:
        return {"provenance": None}
    if provenance.of is None:
        return {"provenance": provenance.how}
    return {"provenance": provenance.how, "provenance_of": provenance.of}


def _unknown(unknown: Unknown | None) -> Data | None:
    return {"fact": unknown.fact, "settle": unknown.settle, "why": unknown.why} if unknown else None


def _skipped(skipped: Skipped) -> Data:
    return {"path": skipped.path, "reason": skipped.reason}


def _problem(problem: Problem) -> Data:
    return {"path": problem.path, "line": problem.line, "column": problem.column, "message": problem.message}
