"""What every object says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import Found, put
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node

ORIGIN = "kubernetes"

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl keeps the whole object once more, a Secret's data included."""

RELATED_KINDS = frozenset({"network_policy", "pod_disruption_budget", "service"})
"""The kinds of which a closed source is known to hold all."""


@dataclass(frozen=True, slots=True)
class Metadata:
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


def metadata(node: Node) -> Metadata:
    """The metadata of an object."""
    here = node["metadata"].mapping()
    name = here["name"].text().or_else(here["generateName"].text())
    namespace = here["namespace"].text().or_default("default")
    inside = namespace.value if isinstance(namespace.value, str) else "default"
    closed = RELATED_KINDS if node.context.closed else frozenset()
    scope = Scope(ORIGIN, inside, node.context.source, closed)
    return Metadata(name, namespace, here["labels"].labels(), annotations_of(here), scope)


def annotations_of(metadata: Node) -> Found:
    """The annotations, without the copy of the object that kubectl keeps among them."""
    found = metadata["annotations"].labels()
    if isinstance(found.value, dict):
        kept = {key: value for key, value in found.value.items() if key != LAST_APPLIED}
        return Found(kept, found.at)
    return found
