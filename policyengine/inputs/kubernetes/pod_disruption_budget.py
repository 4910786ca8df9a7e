"""PodDisruptionBudgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import put
from policyengine.inputs.kubernetes.parts import put_part
from policyengine.inputs.kubernetes.selector import selector
from policyengine.model.kinds.pod_disruption_budget import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def pod_disruption_budget_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a PodDisruptionBudget."""
    made, spec = draft(manifest, KIND), manifest.node.required("spec")
    put(made.facts, "min_available", spec["minAvailable"].text())
    put(made.facts, "max_unavailable", spec["maxUnavailable"].text())
    made.facts.put("related", None, spec["minAvailable"].at)
    selects = spec["selector"]
    if manifest.version == "policy/v1beta1" and _is_empty(selects.value):
        made.facts.put("pod_selector", None, selects.at)  # an empty selector selects nothing in that version
    else:
        put_part(made.facts, "pod_selector", selector(selects))
    yield made.resource()


def _is_empty(selector: object) -> bool:
    return isinstance(selector, dict) and not selector.get("matchLabels") and not selector.get("matchExpressions")
