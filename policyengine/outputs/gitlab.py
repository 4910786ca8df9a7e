"""``gitlab``: GitLab's Code Quality report, shown in merge requests: ``artifacts: reports: codequality:``.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format: a list of issues in the terms of the Code
Climate specification (https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md), of which GitLab
reads ``description``, ``check_name``, ``fingerprint``, ``severity``, and of the ``location`` the path and the line.
GitLab stops at the first issue that lacks one of them, and of several with one fingerprint shows the last.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from policyengine.model.location import Location
from policyengine.outputs.notes import evidence
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.pieces import ITEMS, json_pieces
from policyengine.outputs.places import from_repository, last_line
from policyengine.outputs.style import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.model.report import Finding, Notice, Problem, Report

Data = dict[str, object]

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}
_FAILED = "blocker"
"""What could not be judged at all: nobody knows how bad it is."""
_TOOL = "policyengine"
_NOWHERE = "."
"""A path is required: that of the repository, for what has none."""


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield the list of issues as JSON in ASCII.

    These are violations, whether they block or warn, by severity, policies that could not be evaluated, and problems;
    unknowns are ``info`` where they do not make the run fail, and left out when the run ignores them; notices are
    ``info``. The format has no issue that does not count: what is waived or passed is left out, also with ``all``.
    A live object is told by its URI, with line 1.
    """
    return json_pieces(ITEMS, _issues(report, options))


def _issues(report: Report, options: RenderOptions) -> Iterator[Data]:
    moved = from_repository()
    for finding in report.findings:
        if _listed(finding, report, options):
            yield _issue(finding, report, moved)
    seen: Counter[str] = Counter()
    for problem in report.problems:
        yield _other("problem", _FAILED, problem, moved, seen)
    for notice in report.notices:
        yield _other(f"exception-{notice.kind}", "info", notice, moved, seen)


def _listed(finding: Finding, report: Report, options: RenderOptions) -> bool:
    if finding.status == "unknown":
        return options.all or report.unknown != "ignore"
    return finding.status in ("fail", "error")


def _issue(finding: Finding, report: Report, moved: Callable[[str], str]) -> Data:
    related = [_location(place.location, moved) for place in finding.places[1:]]
    return {
        "type": "issue",
        "check_name": finding.policy,
        "description": visible(f"{finding.policy}: {finding.message}{_missing(finding)}"),
        **_content(finding),
        "categories": ["Security"],
        "location": _location(finding.location, moved),
        **({"other_locations": related} if related else {}),
        "severity": _severity(finding, report),
        "fingerprint": finding.fingerprint,
    }


def _content(finding: Finding) -> Data:
    """Of flows what shows the violation, and what to do."""
    shown = [visible(f"{label}: {text}") for label, text in evidence(finding)]
    body = "\n\n".join((*shown, *filter(None, (finding.remedy,))))
    return {"content": {"body": body}} if body else {}


def _severity(finding: Finding, report: Report) -> str:
    if finding.status == "error":
        return _FAILED
    if finding.status == "unknown" and not report.blocks(finding):
        return "info"
    return _SEVERITIES[finding.severity]


def _missing(finding: Finding) -> str:
    unknown = finding.unknown
    return f" (unknown: {'; '.join(filter(None, (unknown.fact, unknown.settle)))})" if unknown else ""


def _other(check: str, severity: str, told: Problem | Notice, moved: Callable[[str], str], seen: Counter[str]) -> Data:
    """What is no finding. Its fingerprint has no line in it, and a number where it would be another's."""
    path = moved(told.path) if told.path else _NOWHERE
    key = "\0".join((check, path, told.message))
    seen[key] += 1
    return {
        "type": "issue",
        "check_name": f"{_TOOL}-{check}",
        "description": visible(f"{_TOOL}: {told.message}"),
        "categories": ["Bug Risk"],
        "location": _location(Location(path, told.line), lambda path: path),
        "severity": severity,
        "fingerprint": sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest(),
    }


def _location(at: Location, moved: Callable[[str], str]) -> Data:
    first = at.line or 1
    return {"path": moved(at.path), "lines": {"begin": first, "end": last_line(at) or first}}
