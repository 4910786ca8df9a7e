"""What is said about a finding beside its message and its source line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.outputs.values import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.provenance import Provenance
    from policyengine.model.report import Exemption, Finding, Notice, Passed, Problem, ResourceRef

_ACTUAL = 200
"""Characters of a value that are worth showing."""
_RELATED = 5
"""Related places of one finding that are worth showing."""


def notes(finding: Finding, *, verbose: bool = False) -> Iterator[tuple[str, str]]:
    """Yield labels and texts: the resource, the value and where it is from, related places, what to do.

    ``verbose`` adds the controls that the policy maps to. Only the text of ``help`` may have several lines.
    """
    yield "resource", f"{resource_text(finding.resource)} ({finding.resource.scope})"
    if finding.field is not None and finding.unknown is None:
        yield "actual", value_text(finding.field, finding.actual, finding.provenance)
    yield from evidence(finding)
    yield from _related(finding)
    if finding.enforcement == "warn":
        yield "note", "a warning only: it does not make the run fail"
    if finding.exemption is not None:
        yield _exemption(finding.exemption, waived=finding.status == "waived")
    if finding.controls and verbose:
        yield "controls", ", ".join(control_text(control) for control in finding.controls)
    if finding.remedy:
        yield "help", finding.remedy


def evidence(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield what shows a violation of flows: a packet, each rule that it meets, and which other packets fare alike."""
    if finding.witness:
        yield "witness", finding.witness
    yield from (("path", passed_text(one)) for one in finding.path)
    if finding.alike:
        yield "set", finding.alike


def passed_text(one: Passed) -> str:
    """Return ``after.rules:17  -A FORWARD -j DOCKER``, and what the rule does where its text does not say it."""
    does = "" if _says(one.text, one.does) else f"  ({one.does})"
    return f"{one.location}  {one.text}{does}" if one.location else f"{one.text}{does}"


_VERDICTS = {"accept", "drop", "reject", "return", "masquerade"}


def _says(text: str, does: str) -> bool:
    """Whether a rule says itself what it does: the last word of that, but for the ending of a verb, is one of its
    own; of a map with several verdicts nobody sees which is meant."""
    words = re.findall(r"[^\s,{}]+", text.lower())
    said = does.lower().rpartition(" ")[2]
    verb = said.removesuffix("s")
    return not said or said in words or (verb in words and not _VERDICTS.intersection(words) - {verb})


def placed(told: Problem | Notice) -> str:
    """Return ``compose.yaml:7:3: MESSAGE``, the message alone where it is about no one place."""
    return f"{told.location}: {told.message}" if told.location else told.message


def exemption_text(exemption: Exemption) -> str:
    """Return ``waiver at policyengine-waivers.yaml:3:5, until 2027-01-31, owner platform: it loads a module``."""
    place = f" at {exemption.place}" if exemption.place else ""
    until = f", until {exemption.until}" if exemption.until else ""
    owner = f", owner {exemption.owner}" if exemption.owner else ""
    reason = f": {exemption.reason}" if exemption.reason else ""
    return f"{_EXEMPTIONS[exemption.kind]}{place}{until}{owner}{reason}"


_EXEMPTIONS: Mapping[str, str] = {
    "waiver": "waiver",
    "inline": "comment",
    "annotation": "annotation",
    "label": "label",
    "baseline": "known by the baseline",
    "new-since": "not new",
}


def _exemption(exemption: Exemption, *, waived: bool) -> tuple[str, str]:
    return ("waived" if waived else "expired"), exemption_text(exemption)


def resource_text(resource: ResourceRef) -> str:
    """Return ``deployment/web container/app``."""
    own = f"{resource.kind}/{resource.name}"
    return f"{resource.parent} {own}" if resource.parent else own


def control_text(control: Mapping[str, object]) -> str:
    """Return ``CIS Docker 1.7.0 5.5``, or ``checkov CKV_K8S_16`` for another tool's check."""
    parts = (control.get(name) for name in ("benchmark", "tool", "version", "id"))
    return " ".join(str(plain(part)) for part in parts if part is not None)


def _related(finding: Finding) -> Iterator[tuple[str, str]]:
    on_the_way = {one.location for one in finding.path}
    related = [place for place in finding.places[1:] if place.location not in on_the_way]
    yield from (("related", str(place.location)) for place in related[:_RELATED])
    if len(related) > _RELATED:
        yield "related", f"{len(related) - _RELATED} more places"


def value_text(field: str, value: object, provenance: Provenance | None) -> str:
    """Return ``user = "root" (default: Compose)``, or ``user is not set``."""
    if value is None and provenance is not None and provenance.how == "absent":
        return f"{field} is not set"
    return f"{field} = {shown(value, _ACTUAL)}{_origin(provenance)}"


def _origin(provenance: Provenance | None) -> str:
    if provenance is None or provenance.how not in ("default", "inherited"):
        return ""
    if provenance.how == "default":
        return f" (default: {provenance.of})" if provenance.of else " (default)"
    return f" (inherited from {provenance.of})" if provenance.of else " (inherited)"
