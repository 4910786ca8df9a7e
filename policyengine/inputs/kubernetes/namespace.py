"""Namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.model.kinds.namespace import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def namespace_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a Namespace, which sees what is in it."""
    made = draft(manifest, KIND, cluster=True)
    scope = replace(made.about.scope, name=made.about.title)
    yield replace(made, about=replace(made.about, scope=scope)).resource()
