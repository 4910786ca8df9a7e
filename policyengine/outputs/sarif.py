"""``sarif``: SARIF 2.1.0, for code scanning and for editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; section numbers in this module are its own. A
severity becomes a level, error only for a violation that makes the run fail, and, for code scanning, the number that
GitHub calls ``security-severity``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.location import is_live
from policyengine.outputs.notes import control_text
from policyengine.outputs.options import DEFAULT, RenderOptions, is_warning
from policyengine.outputs.pieces import ITEMS, json_pieces
from policyengine.outputs.taxonomies import Taxonomies
from policyengine.outputs.uris import uri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.location import Location
    from policyengine.model.report import Finding, Passed, Problem, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

BY_CONTROL = True
"""Controls are taxa in every log."""

Data = dict[str, object]

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}
_KINDS = {
    "fail": "fail",
    "waived": "fail",
    "unknown": "open",
    "pass": "pass",
    "not_applicable": "notApplicable",
}
"""Section 3.27.9. A finding of status ``error`` is no result: it tells of the tool, so it is a notification."""
_ALWAYS = ("fail", "waived", "unknown")


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a SARIF log of one run, in ASCII.

    Violations are results of kind ``fail``, waived ones with a suppression; unknowns are of kind ``open`` and left
    out when the run ignores them; ``all`` adds passes. Problems and policies that could not be evaluated are
    notifications.
    """
    about = _about_rules(report)
    taxonomies = Taxonomies(about.values())
    rules = [_rule(id_, about[id_], taxonomies) for id_ in sorted(about)]
    index = {str(rule["id"]): number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": _driver(report, rules, taxonomies)},
        "invocations": [_invocation(report, index, options)],
        "columnKind": "unicodeCodePoints",
        "taxonomies": taxonomies.taxonomies(),
        "results": ITEMS,
    }
    results = _results(report, index, options, taxonomies)
    return json_pieces({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, results)


def _listed(finding: Finding, report: Report, options: RenderOptions) -> bool:
    if finding.status == "unknown" and report.unknown == "ignore":
        return options.all
    return finding.status in _ALWAYS or (options.all and finding.status in _KINDS)


def _driver(report: Report, rules: list[Data], taxonomies: Taxonomies) -> Data:
    name, _, version = report.run.tool.partition(" ")
    told = {"version": version} if version else {}
    return {"name": name, **told, "rules": rules, "supportedTaxonomies": taxonomies.supported()}


def _about_rules(report: Report) -> Mapping[str, Mapping[str, object]]:
    known = dict(report.rules)
    for finding in report.findings:
        known.setdefault(finding.policy, _rule_of(finding))
    return known


def _rule_of(finding: Finding) -> Mapping[str, object]:
    return {
        "title": finding.title,
        "severity": finding.severity,
        "category": finding.category,
        "controls": finding.controls,
        "help": finding.remedy,
    }


def _rule(id_: str, about: Mapping[str, object], taxonomies: Taxonomies) -> Data:
    title = str(about.get("title") or id_)
    why = str(about.get("why") or title)
    severity = str(about.get("severity") or "medium")
    return {
        "id": id_,
        "shortDescription": _message(title),
        "fullDescription": _message(why),
        "help": _message(str(about.get("help") or why)),
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "relationships": taxonomies.relationships(about.get("controls")),
        "properties": _rule_properties(about, severity),
    }


def _rule_properties(about: Mapping[str, object], severity: str) -> Data:
    controls = about.get("controls")
    texts = [control_text(control) for control in controls] if isinstance(controls, list | tuple) else []
    category = [str(about["category"])] if about.get("category") else []
    return {
        "security-severity": _SCORES[severity],
        "severity": severity,
        "tags": list(dict.fromkeys(["security", *category, *texts])),  # GitHub heeds the number only with this tag
        "controls": controls if texts else [],
    }


def _results(
    report: Report, index: Mapping[str, int], options: RenderOptions, taxonomies: Taxonomies
) -> Iterator[Data]:
    """Section 3.27.23: either every result of a run says what suppresses it, or none does."""
    waived = any(finding.status == "waived" for finding in report.findings)
    for finding in report.findings:
        if _listed(finding, report, options):
            result = _result(finding, index, taxonomies)
            if waived:
                result["suppressions"] = [_suppression(finding)] if finding.status == "waived" else []
            yield result


def _suppression(finding: Finding) -> Data:
    """Section 3.35: ``inSource`` for what stands in the judged file itself."""
    exemption = finding.exemption
    if exemption is None:
        return {"kind": "external"}
    data: Data = {"kind": "inSource" if exemption.kind in ("inline", "annotation", "label") else "external"}
    if exemption.reason:
        data["justification"] = exemption.reason
    if exemption.place:
        data["location"] = _location(exemption.place)
    told = {"exemption": exemption.kind, "until": exemption.until, "owner": exemption.owner}
    return {**data, "status": "accepted", "properties": {name: value for name, value in told.items() if value}}


def _result(finding: Finding, index: Mapping[str, int], taxonomies: Taxonomies) -> Data:
    kind = _KINDS[finding.status]
    return {
        "ruleId": finding.policy,
        "ruleIndex": index[finding.policy],
        "kind": kind,
        "level": _level(finding) if kind == "fail" else "none",  # section 3.27.10
        "message": _message(_text(finding)),
        "locations": [_location(finding.location, finding)],
        **_related(finding),
        **_code_flows(finding),
        "taxa": taxonomies.taxa(finding.controls),
        "partialFingerprints": {"policyengine/v1": finding.fingerprint},
        "properties": _properties(finding),
    }


def _level(finding: Finding) -> str:
    level = _LEVELS[finding.severity]
    return "warning" if level == "error" and is_warning(finding) else level


def _text(finding: Finding) -> str:
    if finding.unknown is None:
        return finding.message
    missing = "; ".join(filter(None, (finding.unknown.fact, finding.unknown.why, finding.unknown.settle)))
    return f"{finding.message} ({missing})"


def _related(finding: Finding) -> Data:
    related = [_location(place.location) for place in finding.places[1:]]
    return {"relatedLocations": related} if related else {}


def _code_flows(finding: Finding) -> Data:
    """The way of the packet that shows a violation of flows, section 3.36: a location for each rule that it meets."""
    steps = [{"location": _step(one)} for one in finding.path]
    return {"codeFlows": [{"threadFlows": [{"locations": steps}]}]} if steps else {}


def _step(one: Passed) -> Data:
    place = {} if one.location is None else _location(one.location)
    return {**place, "message": _message(one.text)}


def _properties(finding: Finding) -> Data:
    values: Data = {
        "status": finding.status,
        "severity": finding.severity,
        "category": finding.category,
        "enforcement": finding.enforcement,
        "scope": finding.resource.scope,
        "field": finding.field,
        "witness": finding.witness,
        "set": finding.alike,
        "remedy": finding.remedy,
        "fix": finding.fix,
    }
    return {name: value for name, value in values.items() if value is not None}


def _location(at: Location, finding: Finding | None = None) -> Data:
    physical: Data = {"artifactLocation": _artifact(at.path)}
    if at.line is not None:
        physical["region"] = _region(at)
    return {"physicalLocation": physical, **(_logical(finding) if finding else {})}


def _artifact(path: str) -> Data:
    base = {} if is_live(path) or path.startswith("/") else {"uriBaseId": "%SRCROOT%"}
    return {"uri": uri(path), **base}


def _region(at: Location) -> Data:
    values = {
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    }
    return {name: value for name, value in values.items() if value is not None}


def _logical(finding: Finding) -> Data:
    resource = finding.resource
    full = f"{resource.scope}/{resource}"
    return {"logicalLocations": [{"name": resource.name, "kind": resource.kind, "fullyQualifiedName": full}]}


def _invocation(report: Report, index: Mapping[str, int], options: RenderOptions) -> Data:
    notifications = [_failure(finding, index) for finding in report.findings if finding.status == "error"]
    notifications += [_problem(problem) for problem in report.problems]
    notifications += [
        _notification("warning", notice.message, notice.path, notice.line, notice.column) for notice in report.notices
    ]
    if options.verbose:
        notifications += [_notification("note", item.reason, item.path) for item in report.skipped]
    return {
        "executionSuccessful": report.exit_code != 2,
        "exitCode": report.exit_code,
        "startTimeUtc": report.run.started.replace("+00:00", "Z"),
        "toolExecutionNotifications": notifications,
    }


def _failure(finding: Finding, index: Mapping[str, int]) -> Data:
    return {
        "level": "error",
        "message": _message(finding.message),
        "associatedRule": {"id": finding.policy, "index": index[finding.policy]},
        "locations": [_location(finding.location, finding)],
    }


def _problem(problem: Problem) -> Data:
    return _notification("error", problem.message, problem.path, problem.line, problem.column)


def _notification(
    level: str, message: str, path: str | None, line: int | None = None, column: int | None = None
) -> Data:
    data: Data = {"level": level, "message": _message(message)}
    if path is not None:
        region = {"region": {"startLine": line, **({"startColumn": column} if column else {})}} if line else {}
        data["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(path), **region}}]
    return data


def _message(text: str) -> Data:
    """A text without embedded links (section 3.11.6): what comes from a file must not become one."""
    return {"text": text.replace("](", "] (")}
