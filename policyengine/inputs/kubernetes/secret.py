"""Secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import put
from policyengine.model.kinds.secret import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def secret_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a Secret. ``stringData`` comes before ``data``, as the API server has it."""
    node, made = manifest.node, draft(manifest, KIND)
    facts = made.facts
    put(facts, "type", node["type"].text().or_default("Opaque"))
    encoded, plain = node["data"].labels(), node["stringData"].labels()
    values: dict[str, object] = {}
    for part in (encoded, plain):
        if isinstance(part.value, dict):
            values.update(part.value)
            for key in part.value:
                facts.place(("data", key), (*part.at, key))
    unknown = next((part.value for part in (encoded, plain) if isinstance(part.value, Unknown)), None)
    facts.put("data", unknown or values or None, (plain if encoded.value is None and plain.value else encoded).at)
    yield made.resource()
