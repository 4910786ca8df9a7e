"""The parts of OSCAL's assessment results: observations, risks, inventory items, and the names of things.

https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-reference/
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.outputs.identifiers import identifier
from policyengine.outputs.notes import resource_text
from policyengine.outputs.style import visible
from policyengine.outputs.uris import uri
from policyengine.outputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.report import Exemption, Finding, Place, Report, ResourceRef
    from policyengine.outputs.controls import Control

Data = dict[str, object]

NAMESPACE = "https://policyengine.invalid/ns/oscal"
"""Of our properties; nothing is there: https://www.rfc-editor.org/rfc/rfc2606#section-2."""

_KEPT = 10_000
"""Properties and UUIDs that are remembered: most are told of many times."""

_kept_identifier = lru_cache(maxsize=_KEPT)(identifier)
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
_APPROVED = "deviation-approved"
RISKS: Mapping[str, str] = {"fail": "open", "waived": _APPROVED}
"""The status of the risk that a finding is, by the finding's; what is not here is no violation."""


def line(text: str) -> str:
    """A text as OSCAL's strings are: one line that is not empty, without blanks around it."""
    return visible(" ".join(text.split())) or "-"


def token(text: str) -> str:
    """A text as OSCAL's tokens are: letters, digits, dots, hyphens and underscores, and first a letter."""
    found = _NO_TOKEN.sub("-", text).strip("-.")
    return found if found[:1].isalpha() else f"_{found}"


def props(values: Mapping[str, object]) -> list[Data]:
    """Properties by name; those without a value are left out."""
    return [
        _prop(name, value if type(value) is str else str(plain(value)))
        for name, value in values.items()
        if value is not None
    ]


@lru_cache(maxsize=_KEPT)
def _prop(name: str, value: str) -> Data:
    return {"name": name, "ns": NAMESPACE, "value": line(value)}


def control_id(control: Control) -> str:
    """A control as a token: ``cis-docker-1.7.0_5.5``."""
    return token(f"{control.benchmark.lower()} {control.version}_{control.id}")


def tool_id(report: Report) -> str:
    """The UUID of the tool that made a report."""
    return _kept_identifier("tool", report.run.tool)


def observation_id(fingerprint: str) -> str:
    """The UUID of an observation."""
    return identifier("observation", fingerprint)


def observation(finding: Finding, report: Report, collected: str) -> Data:
    """One finding: what was seen, in what, and where it stands."""
    remarks = "\n\n".join(filter(None, (_missing(finding), _exempted(finding.exemption), finding.remedy)))
    return {
        "uuid": observation_id(finding.fingerprint),
        "title": line(finding.title),
        "description": line(finding.message),
        "props": props(
            {
                "policy": finding.policy,
                "status": finding.status,
                "severity": finding.severity,
                "enforcement": finding.enforcement,
                "field": finding.field,
            }
        ),
        "methods": ["TEST"],
        "types": ["finding"],
        "origins": [_origin(report)],
        "subjects": [{"subject-uuid": _resource_id(finding.resource), "type": "inventory-item"}],
        "relevant-evidence": [_evidence(place) for place in finding.places],
        "collected": collected,
        **({"remarks": remarks} if remarks else {}),
    }


def _missing(finding: Finding) -> str:
    unknown = finding.unknown
    return "; ".join(filter(None, (unknown.fact, unknown.why, unknown.settle))) if unknown else ""


def _exempted(exemption: Exemption | None) -> str:
    if exemption is None:
        return ""
    told = (
        exemption.reason,
        exemption.owner and f"owner {exemption.owner}",
        exemption.until and f"until {exemption.until}",
    )
    return f"{exemption.kind}: {', '.join(filter(None, told)) or 'no reason given'}"


def _origin(report: Report) -> Data:
    return {"actors": [{"type": "tool", "actor-uuid": tool_id(report)}]}


def _evidence(place: Place) -> Data:
    at = place.location
    lines = {"line": at.line, "column": at.column, "end-line": at.end_line, "end-column": at.end_column}
    known = props({**lines, "role": place.role})
    return {"href": uri(at.path), "description": line(str(at)), "props": known}


def _resource_id(resource: ResourceRef) -> str:
    return _kept_identifier("resource", resource.origin, resource.scope, str(resource))


def inventory_item(resource: ResourceRef) -> Data:
    """A resource."""
    about = {"kind": resource.kind, "name": resource.name, "input": resource.origin, "scope": resource.scope}
    return {
        "uuid": _resource_id(resource),
        "description": line(f"{resource_text(resource)} ({resource.scope})"),
        "props": props(about),
    }


def risk_id(policy: str, status: str) -> str:
    """The UUID of the risk that violations of a policy are, open or approved."""
    return identifier("risk", policy, status)


class _Risk(Struct):
    """The violations of a policy that have the same status."""

    first: Finding
    status: str
    fingerprints: list[str] = field(default_factory=list)
    days: set[str] = field(default_factory=set)

    def add(self, finding: Finding) -> None:
        self.fingerprints.append(finding.fingerprint)
        if self.status == _APPROVED and finding.exemption and finding.exemption.until:
            self.days.add(finding.exemption.until)


def risks(report: Report) -> list[Data]:
    """A risk for each policy that is violated, and one for its violations that are let pass."""
    found: dict[tuple[str, str], _Risk] = {}
    for finding in report.findings:
        status = RISKS.get(finding.status)
        if status:
            found.setdefault((finding.policy, status), _Risk(finding, status)).add(finding)
    return [_risk(found[key], report) for key in sorted(found)]


def _risk(risk: _Risk, report: Report) -> Data:
    first = risk.first
    why = line(str(report.rules.get(first.policy, {}).get("why") or first.title))
    severity = {"name": "severity", "system": NAMESPACE, "value": first.severity}
    # the last moment of the first day after which a violation is let pass no longer
    deadline = {"deadline": f"{min(risk.days)}T23:59:59Z"} if risk.days else {}
    return {
        "uuid": risk_id(first.policy, risk.status),
        "title": line(first.title),
        "description": why,
        "statement": why,
        "props": props({"policy": first.policy}),
        "status": risk.status,
        "characterizations": [{"origin": _origin(report), "facets": [severity]}],
        **deadline,
        **_remediations(first, risk.status),
        "related-observations": [{"observation-uuid": observation_id(one)} for one in risk.fingerprints],
    }


def _remediations(finding: Finding, status: str) -> Data:
    if not finding.remedy:
        return {}
    told = {
        "uuid": identifier("remediation", finding.policy, status),
        "lifecycle": "recommendation",
        "title": f"How to mend {line(finding.policy)}",
        "description": finding.remedy,
    }
    return {"remediations": [told]}
