"""ConfigMaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import MAPPING, Found, put
from policyengine.model.kinds.config_map import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def config_map_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a ConfigMap."""
    node, made = manifest.node, draft(manifest, KIND)
    binary = node["binaryData"].mapping()
    keys = binary.keys if isinstance(binary.value, dict) else binary.unknown(MAPPING) if binary.written else None
    put(made.facts, "data", node["data"].labels())
    put(made.facts, "binary_keys", Found(keys, binary.at))
    put(made.facts, "immutable", node["immutable"].boolean().or_default(value=False))
    yield made.resource()
