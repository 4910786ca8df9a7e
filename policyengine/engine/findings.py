"""Findings from judgements. What the findings of one resource share is worked out once: it may have very many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.fingerprint import fingerprint
from policyengine.model.masking import concealed, masked
from policyengine.model.paths import render
from policyengine.model.plain import plain
from policyengine.model.report import Finding, Place, ResourceRef
from policyengine.model.unknown import Unknown, first_unknown
from policyengine.policy.messages import message
from policyengine.remediation.files.planning import fix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.report import Status
    from policyengine.model.resource import Resource
    from policyengine.model.types import Kind
    from policyengine.policy.body import Body
    from policyengine.policy.compile import Failure


class Draft(Struct, frozen=True, gc=False):
    """A judgement that is to be told: which policy's, of which resource, and what it comes from.

    ``text`` is the message of its assertion, or of its error.
    """

    body: Body
    resource: Resource
    status: Status
    failure: Failure
    text: str | None


def findings(drafts: Iterable[Draft], *, excerpts: bool = True) -> tuple[Finding, ...]:
    """The findings that drafts come to, in the order of the text; those that tell the same are one.

    They come with their source lines where ``excerpts`` are wanted: what is sensitive has to be found for that.
    """
    told: dict[object, tuple[Draft, Location]] = {}
    for draft in drafts:
        where = draft.resource.where(draft.failure.path)
        told.setdefault(_sameness(draft, where), (draft, where))
    write = _Writer(excerpts=excerpts).finding
    return tuple(write(draft, where) for draft, where in sorted(told.values(), key=_order))


def _order(placed: tuple[Draft, Location]) -> tuple[object, ...]:
    draft, where = placed
    return (where.path, where.line or 0, where.column or 0, draft.body.policy.id, str(draft.failure.path))


def _sameness(draft: Draft, where: Location) -> object:
    """What two findings share that tell the same: a range of ports is one entry of a file, and many ports."""
    path = draft.failure.path
    value = draft.failure.value
    shown = value if isinstance(value, str | int | None) else id(value)
    named = (path[0], *path[2:]) if path else ()
    return (draft.body.policy.id, id(draft.resource), draft.status, where, named, draft.text, shown)


class _Writer:
    """Writes the findings of one input."""

    def __init__(self, *, excerpts: bool) -> None:
        self._excerpts = excerpts
        self._references: dict[tuple[int, str | int], ResourceRef] = {}
        self._fields: dict[tuple[str, FieldPath], str] = {}
        self._fixes: dict[tuple[str, str, str, FieldPath], str | None] = {}

    def finding(self, draft: Draft, where: Location) -> Finding:
        policy, resource, path = draft.body.policy, draft.resource, draft.failure.path
        kind = draft.body.kind
        reference = self._reference(resource, path)
        unknown = _unknown(draft, kind)
        steps = (*path, *getattr(draft.failure, "key", ()))
        known_by, content = fingerprint(policy.id, reference, steps, resource.facts, kind.type, resource.identity)
        found = Finding(
            policy=policy.id,
            status=draft.status,
            severity=policy.severity,
            category=policy.category,
            title=policy.title,
            message=_message(draft, unknown),
            resource=reference,
            places=(Place(where),),
            fingerprint=known_by,
            field=self._field(kind, path),
            actual=_actual(draft, kind),
            provenance=resource.provenance(path) if path else None,
            unknown=unknown,
            controls=policy.controls_for(resource.origin),
            remedy=policy.remedy_for(resource.origin),
            fix=self._fix(draft),
            excerpt=resource.origins.excerpt(where) if self._excerpts else None,
            content=content,
        )
        return _evidenced(found, draft) if draft.failure.rule == "flows" else found

    def _reference(self, resource: Resource, path: FieldPath) -> ResourceRef:
        key = (id(resource), path[0] if path and path[0] in resource.shared else "")
        found = self._references.get(key)
        if found is None:
            told = resource.shared.get(str(path[0]), resource) if path else resource
            # An image is called by its reference, and a reference may be a URL.
            parent = concealed(told.parent) if told.parent else told.parent
            found = ResourceRef(told.kind, concealed(told.name), resource.origin, str(resource.scope), parent)
            self._references[key] = found
        return found

    def _fix(self, draft: Draft) -> str | None:
        """How safe the fix is that there is; None where there is none."""
        policy, resource, path = draft.body.policy, draft.resource, draft.failure.path
        if policy.remediate is None or draft.status != "fail":
            return None
        key = (policy.id, resource.origin, resource.kind, tuple(0 if isinstance(step, int) else step for step in path))
        if key not in self._fixes:
            self._fixes[key] = fix(policy.remediate, path, resource.origin, resource.kind)
        return self._fixes[key]

    def _field(self, kind: Kind, path: FieldPath) -> str | None:
        key = (kind.name, path)
        found = self._fields.get(key)
        if found is None:
            found = self._fields[key] = render(path, kind.type)
        return found or None


def _evidenced(finding: Finding, draft: Draft) -> Finding:
    """A finding about flows with its witness."""
    from policyengine.engine.evidence import evidenced  # what most runs need not

    return evidenced(finding, draft.failure, draft.resource)


def _actual(draft: Draft, kind: Kind) -> object:
    value = draft.failure.value
    if draft.status != "fail" or value is None:
        return None
    return plain(masked(value, draft.failure.path, kind.type, draft.resource.facts))


def _message(draft: Draft, unknown: Unknown | None) -> str:
    policy = draft.body.policy
    if draft.status == "error":
        return concealed(draft.text) if draft.text else policy.title
    if unknown is not None:
        return f"cannot tell: {unknown.why}"
    template = draft.text or policy.message or ("{value}" if draft.failure.rule == "flows" else None)
    if template is None or draft.status == "pass":
        return policy.title
    return message(template, draft.resource, draft.body.kind, draft.failure.path, draft.failure.value)


def _unknown(draft: Draft, kind: Kind) -> Unknown | None:
    if draft.status != "unknown":
        return None
    found = first_unknown(draft.failure.value)
    if isinstance(found, Unknown):
        return replace(found, why=concealed(found.why))
    return Unknown(render(draft.failure.path, kind.type), "the input does not tell")
