"""The related field: other resources that bear on a resource, joined within its scope."""

from policyengine.model.kinds import (
    horizontal_pod_autoscaler,
    network_policy,
    pod_disruption_budget,
    service,
    service_account,
)
from policyengine.model.types import Field, list_of, object_of

RELATED = Field(
    object_of(
        pod_disruption_budgets=Field(
            list_of(pod_disruption_budget.KIND.type), "PodDisruptionBudgets that select the Pods"
        ),
        network_policies=Field(list_of(network_policy.KIND.type), "NetworkPolicies that select the Pods"),
        services=Field(list_of(service.KIND.type), "Services that select the Pods"),
        service_account=Field(service_account.KIND.type, "the ServiceAccount of the Pods; absent where none is given"),
        horizontal_pod_autoscalers=Field(
            list_of(horizontal_pod_autoscaler.KIND.type), "HorizontalPodAutoscalers that scale the workload"
        ),
    ),
    "resources that bear on the Pods, within the namespace; unknown where not all of it was given",
)
