"""The findings as the page's script reads them: JSON in pieces, what repeats told once.

The findings come first, so that they need not be held in memory; what they refer to by number comes after them.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from policyengine.outputs.excerpt import marked
from policyengine.outputs.notes import control_text, passed_text, value_text
from policyengine.outputs.style import visible
from policyengine.outputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from policyengine.model.location import Location
    from policyengine.model.report import Exemption, Finding, Report

Data = dict[str, object]

_LINE = 220
"""Cells of a source line that are worth showing."""
_CHUNK = 100
"""Findings in one piece of text."""

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""In JSON these stand in texts only, so each may be written as an escape: nothing ends the element it stands in.

https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
"""


def data_pieces(findings: Iterable[Finding], report: Report) -> Iterator[str]:
    """Yield the JSON, in ASCII, one finding a line."""
    tables = _Tables(report)
    rows = map(tables.finding, findings)
    yield '{"findings":['
    separator = "\n"
    while chunk := list(islice(rows, _CHUNK)):
        yield separator + ",\n".join(map(_dumped, chunk))
        separator = ",\n"
    yield "\n]"
    for name, table in tables.all():
        yield f',\n"{name}":{_dumped(table)}'
    yield "}\n"


_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _dumped(data: object) -> str:
    return _encode(data).translate(_ESCAPES)


class _Table:
    """Numbers things in the order in which they are first met."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self.rows: list[object] = []

    def number(self, key: Hashable, row: object) -> int:
        """The number of what ``key`` stands for; ``row`` tells it."""
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.rows)
            self.rows.append(row)
        return found

    def known(self, key: Hashable) -> int | None:
        """The number of what was met before."""
        return self._numbers.get(key)


class _Tables:
    """Turns findings into data, and keeps what they refer to."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._policies = _Table()
        self._resources = _Table()
        self._paths = _Table()
        self._controls = _Table()
        self._control_sets = _Table()
        self._facts = _Table()
        self._texts = _Table()
        self._known_sets: dict[int, int] = {}
        self._kept: list[object] = []

    def all(self) -> Iterator[tuple[str, list[object]]]:
        """The tables by name."""
        yield "policies", self._policies.rows
        yield "resources", self._resources.rows
        yield "paths", self._paths.rows
        yield "controls", self._controls.rows
        yield "controlSets", self._control_sets.rows
        yield "facts", self._facts.rows
        yield "texts", self._texts.rows

    def finding(self, finding: Finding) -> Data:
        """A finding; what it does not have is left out."""
        data: Data = {
            "policy": self._policy(finding),
            "status": finding.status,
            "severity": finding.severity,
            "category": visible(finding.category),
            "enforcement": finding.enforcement,
            "message": visible(finding.message),
            "resource": self._resource(finding),
            "places": [self._place(place.location) for place in finding.places],
            "controls": self._control_set(finding),
            "fingerprint": visible(finding.fingerprint),
        }
        data.update((name, value) for name, value in self._more(finding) if value is not None)
        return data

    def _more(self, finding: Finding) -> Iterator[tuple[str, object]]:
        if self._report.blocks(finding):
            yield "blocks", True
        at = finding.location
        if finding.excerpt is not None and at.line is not None:
            yield "excerpt", marked(finding.excerpt, _LINE)
        if finding.field is not None and (finding.actual is not None or finding.unknown is None):
            yield "value", visible(value_text(finding.field, finding.actual, finding.provenance))
        yield "witness", visible(finding.witness) if finding.witness else None
        yield "path", [visible(passed_text(one)) for one in finding.path] or None
        yield "alike", visible(finding.alike) if finding.alike else None
        yield "remedy", self._paragraphs(finding.remedy)
        yield "fix", finding.fix
        yield "exemption", self._exemption(finding.exemption)
        if finding.unknown is not None:
            unknown = finding.unknown
            told = [visible(part) for part in (unknown.fact, unknown.why, unknown.settle or "")]
            yield "unknown", self._facts.number(unknown, told)

    def _policy(self, finding: Finding) -> int:
        known = self._policies.known(finding.policy)
        if known is not None:
            return known
        why = str(self._report.rules.get(finding.policy, {}).get("why") or "")
        told = [visible(finding.policy), visible(finding.title), self._paragraphs(why)]
        return self._policies.number(finding.policy, told)

    def _resource(self, finding: Finding) -> int:
        resource = finding.resource
        known = self._resources.known(resource)
        if known is not None:
            return known
        told = [f"{resource.kind}/{resource.name}", resource.parent or "", resource.scope, resource.origin]
        return self._resources.number(resource, [visible(part) for part in told])

    def _place(self, at: Location) -> list[int]:
        return [
            self._paths.number(at.path, visible(at.path)),
            *(number for number in (at.line, at.column) if number is not None),
        ]

    def _control_set(self, finding: Finding) -> int:
        """Findings of one policy share their controls: the same tuple is looked at once."""
        known = self._known_sets.get(id(finding.controls))
        if known is None:
            self._kept.append(finding.controls)  # an id is one's own only as long as the thing is there
            numbers = tuple(self._control(control) for control in finding.controls)
            known = self._known_sets[id(finding.controls)] = self._control_sets.number(numbers, numbers)
        return known

    def _control(self, control: Mapping[str, object]) -> int:
        kind = "benchmark" if "benchmark" in control else "tool"
        group = " ".join(str(plain(control[key])) for key in (kind, "version") if control.get(key))
        name = control.get("name")
        told = [kind, visible(group), visible(control_text(control)), visible(str(plain(name))) if name else ""]
        return self._controls.number(tuple(told), told)

    def _paragraphs(self, text: str | None) -> int | None:
        """The number of a text that may have several lines: each is as it is shown, the ends of lines stay."""
        if not text:
            return None
        shown = "\n".join(visible(line) for line in text.strip().split("\n"))
        return self._texts.number(text, shown)

    def _exemption(self, exemption: Exemption | None) -> Data | None:
        if exemption is None:
            return None
        told = {
            "kind": exemption.kind,
            "reason": exemption.reason,
            "until": exemption.until,
            "owner": exemption.owner,
            "place": str(exemption.place) if exemption.place else None,
        }
        return {name: visible(value) for name, value in told.items() if value is not None}
