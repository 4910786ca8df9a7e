"""PodDisruptionBudgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN, metadata
from policyengine.inputs.kubernetes.node import put
from policyengine.inputs.kubernetes.selector import put_selector
from policyengine.model.kinds.pod_disruption_budget import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def pod_disruption_budget_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a PodDisruptionBudget."""
    node = manifest.node
    about = metadata(node)
    spec = node.required("spec")
    facts = Facts(KIND, node.document, about.name.at, node.context)
    about.put(facts, "name", "namespace", "labels", "annotations")
    put(facts, "min_available", spec["minAvailable"].text())
    put(facts, "max_unavailable", spec["maxUnavailable"].text())
    selector = spec["selector"]
    if manifest.version == "policy/v1beta1" and _is_empty(selector.value):
        facts.put("pod_selector", None, selector.at)  # an empty selector selects nothing in that version
    else:
        put_selector(facts, selector)
    yield facts.resource(about.title, about.scope, ORIGIN)


def _is_empty(selector: object) -> bool:
    return isinstance(selector, dict) and not selector.get("matchLabels") and not selector.get("matchExpressions")
