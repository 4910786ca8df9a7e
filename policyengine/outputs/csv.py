"""``csv``: a row a finding, for spreadsheets and databases.

RFC 4180 with its header line, in UTF-8 without a mark at the start. A cell that a spreadsheet would take for a formula
has an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection); what is not printable, line ends
too, is written as an escape, so that a row is a line.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from policyengine.outputs.by_control import FIELDS, records
from policyengine.outputs.notes import control_text, passed_text
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.style import visible
from policyengine.outputs.unknowns import heeded
from policyengine.outputs.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Finding, Notice, Problem, Report

BY_CONTROL = True
COLUMNS = (
    "status",
    "severity",
    "enforcement",
    "policy",
    "category",
    "title",
    "message",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "kind",
    "name",
    "parent",
    "origin",
    "scope",
    "field",
    "actual",
    "provenance",
    "provenance_of",
    "unknown_fact",
    "unknown_why",
    "unknown_settle",
    "witness",
    "controls",
    "remedy",
    "fix",
    "exemption",
    "exemption_place",
    "exemption_reason",
    "exemption_until",
    "exemption_owner",
    "related",
    "fingerprint",
    "steps",
    "set",
)
"""The header. Columns are added at the end, never moved or renamed."""

_FORMULA = tuple("=+-@＝＋－＠")
_LONGEST = 4000
"""Characters of a value that are worth a cell, which holds 32,767 of them in most spreadsheets."""
_APART = "; "

Cells = dict[str, object]


class _Line:
    """What :mod:`csv` writes to: it hands a line back."""

    @staticmethod
    def write(line: str) -> str:
        return line


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield the header, a row for each finding, waived ones too, and for each problem and notice.

    Their status is ``problem`` and ``notice``. ``all`` adds passes, and unknowns where the run ignores them. Lists in a
    cell are set apart by semicolons. By control there is a row for each control, with columns of their own.
    """
    if options.by:
        yield from _controls(report, options)
        return
    writer = csv.DictWriter(_Line(), COLUMNS, restval="", lineterminator="\r\n")
    yield writer.writeheader()
    for row in _rows(report, options):
        yield writer.writerow({name: _cell(value) for name, value in row.items()})


def _controls(report: Report, options: RenderOptions) -> Iterator[str]:
    writer = csv.writer(_Line(), lineterminator="\r\n")
    for row in (FIELDS, *records(report, options)):
        yield writer.writerow(map(_cell, row))


def _rows(report: Report, options: RenderOptions) -> Iterator[Cells]:
    for finding in heeded(report, options):
        if options.keeps(finding):
            yield _finding(finding)
    for problem in report.problems:
        yield {"status": "problem", **_other(problem)}
    for notice in report.notices:
        yield {"status": "notice", "title": f"exception is {notice.kind}", **_other(notice)}


def _finding(finding: Finding) -> Cells:
    return {
        "status": finding.status,
        "severity": finding.severity,
        "enforcement": finding.enforcement,
        "policy": finding.policy,
        "category": finding.category,
        "title": finding.title,
        "message": finding.message,
        **finding.location._asdict(),
        **_resource(finding),
        **_value(finding),
        **_unknown(finding),
        "witness": finding.witness,
        "controls": _APART.join(map(control_text, finding.controls)),
        "remedy": finding.remedy,
        "fix": finding.fix,
        **_exemption(finding),
        "related": _APART.join(str(place.location) for place in finding.places[1:]),
        "fingerprint": finding.fingerprint,
        "steps": _APART.join(map(passed_text, finding.path)),
        "set": finding.alike,
    }


def _other(told: Problem | Notice) -> Cells:
    return {"message": told.message, "path": told.path, "line": told.line, "column": told.column}


def _resource(finding: Finding) -> Cells:
    of = finding.resource
    return {"kind": of.kind, "name": of.name, "parent": of.parent, "origin": of.origin, "scope": of.scope}


def _value(finding: Finding) -> Cells:
    """The field and its value as JSON, nothing where there is none."""
    how = finding.provenance
    there = finding.field is not None and finding.unknown is None and (how is None or how.how != "absent")
    return {
        "field": finding.field,
        "actual": shown(finding.actual, _LONGEST) if there else None,
        "provenance": how and how.how,
        "provenance_of": how and how.of,
    }


def _unknown(finding: Finding) -> Cells:
    unknown = finding.unknown
    if unknown is None:
        return {}
    return {"unknown_fact": unknown.fact, "unknown_why": unknown.why, "unknown_settle": unknown.settle}


def _exemption(finding: Finding) -> Cells:
    exemption = finding.exemption
    if exemption is None:
        return {}
    return {
        "exemption": exemption.kind,
        "exemption_place": exemption.place,
        "exemption_reason": exemption.reason,
        "exemption_until": exemption.until,
        "exemption_owner": exemption.owner,
    }


def _cell(value: object) -> str:
    text = "" if value is None else visible(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
