"""What is said about a finding beside its message and its source line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.values import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.provenance import Provenance
    from policyengine.model.report import Finding, ResourceRef

_ACTUAL = 200
"""Characters of a value that are worth showing."""
_RELATED = 5
"""Related places of one finding that are worth showing."""


def notes(finding: Finding, *, verbose: bool = False) -> Iterator[tuple[str, str]]:
    """Yield labels and texts: the resource, the value and where it is from, related places, what to do.

    ``verbose`` adds the controls that the policy maps to. Only the text of ``help`` may have several lines.
    """
    yield "resource", f"{resource_text(finding.resource)} ({finding.resource.scope})"
    if finding.field is not None:
        yield "actual", _actual(finding.field, finding.actual, finding.provenance)
    if finding.witness:
        yield "witness", finding.witness
    yield from _related(finding)
    if finding.enforcement == "warn":
        yield "note", "a warning only: it does not make the run fail"
    if finding.controls and verbose:
        yield "controls", ", ".join(control_text(control) for control in finding.controls)
    if finding.remedy:
        yield "help", finding.remedy


def resource_text(resource: ResourceRef) -> str:
    """Return ``deployment/web container/app``."""
    own = f"{resource.kind}/{resource.name}"
    return f"{resource.parent} {own}" if resource.parent else own


def control_text(control: Mapping[str, object]) -> str:
    """Return ``CIS Docker 1.7.0 5.5``, or ``checkov CKV_K8S_16`` for another tool's check."""
    parts = (control.get(name) for name in ("benchmark", "tool", "version", "id"))
    return " ".join(str(plain(part)) for part in parts if part is not None)


def _related(finding: Finding) -> Iterator[tuple[str, str]]:
    related = finding.places[1:]
    yield from (("related", str(place.location)) for place in related[:_RELATED])
    if len(related) > _RELATED:
        yield "related", f"{len(related) - _RELATED} more places"


def _actual(field: str, value: object, provenance: Provenance | None) -> str:
    if value is None and provenance is not None and provenance.how == "absent":
        return f"{field} is not set"
    return f"{field} = {shown(value, _ACTUAL)}{_origin(provenance)}"


def _origin(provenance: Provenance | None) -> str:
    if provenance is None or provenance.how not in ("default", "inherited"):
        return ""
    if provenance.how == "default":
        return f" (default: {provenance.of})" if provenance.of else " (default)"
    return f" (inherited from {provenance.of})" if provenance.of else " (inherited)"
