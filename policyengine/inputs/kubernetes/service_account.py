"""ServiceAccounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft, names
from policyengine.inputs.kubernetes.node import put
from policyengine.model.kinds.service_account import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def service_account_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a ServiceAccount."""
    node, made = manifest.node, draft(manifest, KIND)
    token = node["automountServiceAccountToken"].boolean().or_default(value=True)
    put(made.facts, "automount_service_account_token", token)
    put(made.facts, "secrets", names(node["secrets"]))
    put(made.facts, "image_pull_secrets", names(node["imagePullSecrets"]))
    yield made.resource()
