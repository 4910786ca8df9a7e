"""ResourceQuotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import put
from policyengine.model.kinds.resource_quota import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def resource_quota_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a ResourceQuota."""
    made, spec = draft(manifest, KIND), manifest.node.required("spec")
    put(made.facts, "hard", spec["hard"].labels())
    put(made.facts, "scopes", spec["scopes"].texts())
    yield made.resource()
