"""The related field: other resources that bear on a resource, joined within its scope."""

from policyengine.model.kinds import (
    horizontal_pod_autoscaler,
    network_policy,
    pod_disruption_budget,
    service,
    service_account,
)
from policyengine.model.types import STRING, Field, list_of, object_of

_NAMED = object_of(name=Field(STRING, "metadata.name"))

_MAKER = object_of(
    name=Field(STRING, "metadata.name"),
    controller=Field(STRING, "the kind that makes the Pods: Deployment, ...; Pod for a bare one"),
)

_OF_PODS = {
    "pod_disruption_budgets": Field(
        list_of(pod_disruption_budget.KIND.type), "PodDisruptionBudgets that select the Pods"
    ),
    "network_policies": Field(list_of(network_policy.KIND.type), "NetworkPolicies that select the Pods"),
    "services": Field(list_of(service.KIND.type), "Services that select the Pods"),
    "service_account": Field(service_account.KIND.type, "the ServiceAccount of the Pods; absent where none is given"),
    "horizontal_pod_autoscalers": Field(
        list_of(horizontal_pod_autoscaler.KIND.type), "HorizontalPodAutoscalers that scale the workload"
    ),
}

_MEANING = "resources that bear on the Pods, within the namespace; unknown where not all of it was given"

OF_POD = Field(
    object_of(
        **_OF_PODS,
        limit_ranges=Field(list_of(_NAMED), "LimitRanges of the namespace"),
        resource_quotas=Field(list_of(_NAMED), "ResourceQuotas of the namespace"),
        same_service_account=Field(
            list_of(_MAKER), "other Pods that run as the same ServiceAccount, unless that is default"
        ),
    ),
    _MEANING,
)

OF_WORKLOAD = Field(
    object_of(
        **_OF_PODS,
        governing_service=Field(
            service.KIND.type, "the Service that serviceName of a StatefulSet names; absent where none is given"
        ),
    ),
    _MEANING,
)
