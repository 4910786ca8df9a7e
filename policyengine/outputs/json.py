"""``json``: the whole result for programs. Version 1: fields are added, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.report import STATUSES
from policyengine.outputs import by_control
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.pieces import ITEMS, json_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import (
        Exemption,
        Finding,
        Notice,
        Passed,
        Place,
        PolicyCounts,
        Problem,
        Report,
        ResourceRef,
        Skipped,
    )
    from policyengine.model.unknown import Unknown

VERSION = 1
BY_CONTROL = True

Data = dict[str, object]


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield the result as JSON in ASCII, indented, its fields always all there and in the same order.

    ``all`` adds passes to the findings. By control there are the keys ``benchmarks`` and ``controls`` as well.
    """
    result = {
        "version": VERSION,
        "run": _run(report),
        "summary": _summary(report),
        "policies": [_policy(counts) for counts in report.policies],
        "findings": ITEMS,
        "skipped": [_skipped(skipped) for skipped in report.skipped],
        "problems": [problem_data(problem) for problem in report.problems],
        "notices": [notice_data(notice) for notice in report.notices],
        **(by_control.data(report) if options.by else {}),
    }
    return json_pieces(result, map(finding_data, filter(options.keeps, report.findings)))


def _run(report: Report) -> Data:
    run = report.run
    return {
        "id": run.id,
        "tool": run.tool,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "settings_digest": run.settings_digest,
        "packs": run.packs,
        "since": run.since,
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


def finding_data(finding: Finding) -> Data:
    """A finding as the result has it."""
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
        "path": [_passed(one) for one in finding.path],
        "set": finding.alike,
        "controls": finding.controls,
        "remedy": finding.remedy,
        "fix": finding.fix,
        "fingerprint": finding.fingerprint,
        "exemption": _exemption(finding.exemption),
    }


def _resource(resource: ResourceRef) -> Data:
    return {
        "kind": resource.kind,
        "name": resource.name,
        "origin": resource.origin,
        "parent": resource.parent,
        "scope": resource.scope,
    }


def _passed(one: Passed) -> Data:
    at = one.location
    return {"path": at.path if at else None, "line": at.line if at else None, "text": one.text, "does": one.does}


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


def _exemption(exemption: Exemption | None) -> Data | None:
    if exemption is None:
        return None
    at = exemption.place
    return {
        "kind": exemption.kind,
        "path": at.path if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "reason": exemption.reason,
        "until": exemption.until,
        "owner": exemption.owner,
    }


def notice_data(notice: Notice) -> Data:
    """A notice as the result has it."""
    return {
        "kind": notice.kind,
        "path": notice.path,
        "line": notice.line,
        "column": notice.column,
        "message": notice.message,
    }


def _skipped(skipped: Skipped) -> Data:
    return {"path": skipped.path, "reason": skipped.reason}


def problem_data(problem: Problem) -> Data:
    """A problem as the result has it."""
    return {"path": problem.path, "line": problem.line, "column": problem.column, "message": problem.message}
