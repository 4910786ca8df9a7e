"""What every object says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.partial import leave_out
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource
    from policyengine.model.types import Kind
    from policyengine.model.unknown import Unknown

ORIGIN = "kubernetes"

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl keeps the whole object once more, a Secret's data included."""

RELATED_KINDS = frozenset(
    {
        *("horizontal_pod_autoscaler", "limit_range", "network_policy", "pod", "pod_disruption_budget"),
        *("resource_quota", "role", "service", "service_account", "workload"),
    }
)
"""The kinds of which a closed source is known to hold all."""

_FIELDS = ("name", "namespace", "labels", "annotations")


class Metadata(Struct, frozen=True):
    """An object's metadata; ``scope`` is its namespace."""

    name: Found
    namespace: Found
    labels: Found
    annotations: Found
    scope: Scope

    @property
    def title(self) -> str:
        """The name that reports show."""
        return self.name.value if isinstance(self.name.value, str) else "(unnamed)"

    def put(self, facts: Facts, *fields: str) -> None:
        """Give a resource the fields of its metadata."""
        for field in fields:
            put(facts, field, getattr(self, field))


class Draft(Struct, frozen=True):
    """The resource that an object makes, before it has all its facts."""

    kind: Kind
    facts: Facts
    about: Metadata
    partial: Unknown | None

    def resource(self) -> Resource:
        """The finished resource."""
        leave_out(self.facts, self.kind.fields, self.partial)
        return self.facts.resource(self.about.title, self.about.scope, ORIGIN)


def draft(manifest: Object, kind: Kind, *, cluster: bool = False) -> Draft:
    """A resource with its metadata; ``cluster`` for objects that are in no namespace."""
    node = manifest.node
    about = metadata(node, cluster=cluster)
    facts = Facts(kind, node.document, about.name.at, node.context)
    about.put(facts, *(field for field in _FIELDS if field in kind.fields))
    return Draft(kind, facts, about, manifest.partial)


def metadata(node: Node, *, cluster: bool = False) -> Metadata:
    """The metadata of an object; ``cluster`` for one that is in no namespace."""
    here = node["metadata"].mapping()
    name = here["name"].text().or_else(here["generateName"].text())
    namespace = here["namespace"].text()
    namespace = Found(None, namespace.at) if cluster else namespace.or_default("default")
    inside = "" if cluster else namespace.value if isinstance(namespace.value, str) else "default"
    closed = RELATED_KINDS if node.context.closed else frozenset()
    scope = Scope(ORIGIN, inside, node.context.source, closed)
    return Metadata(name, namespace, here["labels"].labels(), annotations_of(here), scope)


def annotations_of(metadata: Node) -> Found:
    """The annotations, without the copy of the object that kubectl keeps among them."""
    found = metadata["annotations"].labels()
    if isinstance(found.value, dict) and LAST_APPLIED in found.value:
        kept = {key: value for key, value in found.value.items() if key != LAST_APPLIED}
        return Found(kept, found.at)
    return found


def names(references: Node) -> Found:
    """The names in a list of references to objects (``[{name: ...}]``); None where none is written."""
    if not references.written:
        return Found(None, references.at)
    found = [item["name"].text().value for item in references.items()]
    return Found([name for name in found if name is not None], references.at)
