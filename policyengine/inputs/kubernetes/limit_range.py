"""LimitRanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.model.kinds.limit_range import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def limit_range_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a LimitRange."""
    made = draft(manifest, KIND)
    put_part(made.facts, "limits", listed(manifest.node.required("spec")["limits"], _limit))
    yield made.resource()


def _limit(limit: Node) -> Parts:
    keys = {"default": "default", "default_request": "defaultRequest", "max": "max", "min": "min"}
    amounts = {field: limit[key].labels() for field, key in keys.items()}
    return Parts(limit.at, {"type": limit["type"].text(), **amounts})
