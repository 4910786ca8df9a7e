"""``oscal``: assessment results of NIST's OSCAL 1.1.3, for governance, risk and compliance tools.

https://pages.nist.gov/OSCAL/resources/concepts/layer/assessment/assessment-results/. A finding of ours is an
observation there, and a finding there is what a control came to. What a run left open is not satisfied: nothing shows
that it is. Controls that were not checked have no finding.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from policyengine.outputs.by_control import counted, headline
from policyengine.outputs.controls import sheets
from policyengine.outputs.identifiers import identifier
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.oscal_parts import (
    RISKS,
    control_id,
    inventory_item,
    line,
    observation,
    observation_id,
    props,
    risk_id,
    risks,
    tool_id,
)
from policyengine.outputs.pieces import ITEMS, json_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.model.report import Finding, Report, ResourceRef, Status
    from policyengine.outputs.controls import Control, Sheet

VERSION = "1.1.3"
BY_CONTROL = True
TELLS_CONTROLS = True

Data = dict[str, object]

_TOLD: frozenset[Status] = frozenset({"fail", "error", "unknown", "waived"})
_STATES: Mapping[str, tuple[str, str]] = {
    "pass": ("satisfied", "pass"),
    "fail": ("not-satisfied", "fail"),
    "waived": ("not-satisfied", "fail"),
    "unknown": ("not-satisfied", "other"),
    "error": ("not-satisfied", "other"),
}


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield assessment results with one result, in JSON and ASCII.

    The same run yields the same identifiers; those of observations, resources and risks stay from run to run. ``all``
    adds an observation for each pass.
    """
    told: frozenset[Status] = _TOLD | {"pass"} if options.all else _TOLD
    end = _end(report)
    document = {
        "uuid": identifier("assessment-results", report.run.id),
        "metadata": _metadata(report, end),
        "import-ap": {"href": f"#{_plan_id(report)}"},
        "results": [_result(report, told, end)],
        "back-matter": {"resources": [_plan(report)]},
    }
    observations = (observation(one, report, end) for one in _observed(report, told))
    return json_pieces({"assessment-results": document}, observations)


def _observed(report: Report, told: frozenset[Status]) -> Iterator[Finding]:
    """The findings that are observations: gone through anew each time, for they may be on the disk."""
    return (finding for finding in report.findings if finding.status in told)


def _end(report: Report) -> str:
    start = datetime.fromisoformat(report.run.started)
    end = start + timedelta(seconds=report.run.seconds)
    return end.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _metadata(report: Report, end: str) -> Data:
    return {
        "title": f"What {line(report.run.tool)} found",
        "last-modified": end,
        "version": line(report.run.id),
        "oscal-version": VERSION,
    }


def _plan_id(report: Report) -> str:
    return identifier("plan", report.run.id)


def _plan(report: Report) -> Data:
    """What stands for an assessment plan: the packs and the settings that the run went by."""
    packs = [line(f"{pack.get('name', '')} {pack.get('version', '')}") for pack in report.run.packs]
    return {
        "uuid": _plan_id(report),
        "title": "The policies of the run",
        "description": f"{len(report.policies)} policies; packs: {', '.join(packs) or 'none'}",
        "props": props({"settings-digest": report.run.settings_digest}),
    }


def _result(report: Report, told: frozenset[Status], end: str) -> Data:
    controls = sheets(report)
    resources = dict.fromkeys(finding.resource for finding in _observed(report, told))
    result: Data = {
        "uuid": identifier("result", report.run.id),
        "title": "Policies judged against configurations",
        "description": f"{report.resources} resources in {report.inputs} inputs",
        "start": report.run.started,
        "end": end,
        "props": props({"exit-code": report.exit_code, "problems": len(report.problems)}),
        "local-definitions": _definitions(report, resources),
        "reviewed-controls": {"control-selections": _selections(controls)},
    }
    # An empty list is none: OSCAL wants the key left out.
    lists = {
        "observations": ITEMS if resources else [],
        "risks": risks(report),
        "findings": [_finding(control, report) for sheet in controls for control in sheet.controls if not control.gap],
    }
    return {**result, **{name: items for name, items in lists.items() if items}}


def _definitions(report: Report, resources: Iterable[ResourceRef]) -> Data:
    items = [inventory_item(resource) for resource in resources]
    component = {
        "uuid": tool_id(report),
        "type": "software",
        "title": line(report.run.tool),
        "description": "Judges configurations of containers by policies.",
        "status": {"state": "operational"},
    }
    platform = {
        "uuid": identifier("platform", report.run.id),
        "uses-components": [{"component-uuid": tool_id(report)}],
    }
    assets = {"components": [component], "assessment-platforms": [platform]}
    return {**({"inventory-items": items} if items else {}), "assessment-assets": assets}


def _selections(controls: tuple[Sheet, ...]) -> list[Data]:
    """For each benchmark the controls that were checked, with those that were not."""
    return [_selection(sheet) for sheet in controls if sheet.checked] or [{"description": "No control was checked."}]


def _selection(sheet: Sheet) -> Data:
    checked = [{"control-id": control_id(one)} for one in sheet.controls if not one.gap]
    others = [{"control-id": control_id(one)} for one in sheet.controls if one.gap]
    return {
        "description": line(headline(sheet)),
        "props": props({"benchmark": sheet.benchmark, "benchmark-version": sheet.version}),
        "include-controls": checked,
        **({"exclude-controls": others} if others else {}),
    }


def _finding(control: Control, report: Report) -> Data:
    state, reason = _STATES[control.status]
    about = {"benchmark": control.benchmark, "benchmark-version": control.version, "control": control.id}
    name = line(f"{control.benchmark} {control.version} {control.id}")
    return {
        "uuid": identifier("finding", report.run.id, control.benchmark, control.version, control.id),
        "title": name,
        "description": line(f"{control.title or name}: {counted(control)}"),
        "props": props({**about, "status": control.status}),
        "target": {
            "type": "objective-id",
            "target-id": control_id(control),
            "status": {"state": state, "reason": reason},
        },
        **_related(control),
    }


def _related(control: Control) -> Data:
    observed = [{"observation-uuid": observation_id(fingerprint)} for fingerprint in control.fingerprints]
    at_risk = [
        {"risk-uuid": risk_id(policy, RISKS[status])} for policy, status in sorted(control.violated) if status in RISKS
    ]
    lists = {"related-observations": observed, "related-risks": at_risk}
    return {name: items for name, items in lists.items() if items}
