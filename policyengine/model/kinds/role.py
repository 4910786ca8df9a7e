"""Kubernetes Roles and ClusterRoles."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import BOOLEAN, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

RULE = object_of(
    api_groups=Field(STRINGS, "apiGroups: the groups of the resources, empty for the core group; * for all"),
    resources=Field(STRINGS, "the resources, with subresources as pods/exec; * for all"),
    resource_names=Field(STRINGS, "resourceNames: the only objects meant; absent where all are"),
    verbs=Field(STRINGS, "get, list, create, ...; * for all"),
    non_resource_urls=Field(STRINGS, "nonResourceURLs: paths of the API server such as /healthz, of ClusterRoles only"),
)

RIGHTS = (
    *("wildcard", "read-secrets", "create-pods", "exec", "attach", "port-forward", "escalate", "impersonate"),
    *("proxy-nodes", "approve-certificates", "change-webhooks", "create-tokens", "create-volumes", "delete-workloads"),
    *("delete-traces", "change-system-configmaps", "change-network", "change-service-status", "debug-pods"),
    *("proxy-pods", "place-pods", "change-secrets", "change-roles", "sign-certificates", "change-namespaces"),
    *("change-nodes", "change-admission-policies", "change-apis", "debug-api-server"),
)

KIND = Kind(
    "role",
    "A Kubernetes Role or ClusterRole: what it lets its subjects do",
    {
        **CLUSTER_METADATA,
        "namespace": Field(STRING, "a Role's metadata.namespace, default where none is written; absent otherwise"),
        "cluster": Field(BOOLEAN, "a ClusterRole: for all namespaces, where a ClusterRoleBinding grants it"),
        "rules": Field(list_of(RULE), "what is allowed; open where the cluster fills it by aggregation"),
        "rights": Field(
            list_of(one_of(*RIGHTS)),
            "what the rules allow that reaches further than it seems, wildcards taken as what they mean: once for each "
            "rule that allows it, unless it names the objects it is for, and wildcard for every *; open where rules "
            "are",
        ),
        "built_in": Field(BOOLEAN, "one of Kubernetes' own, by its label kubernetes.io/bootstrapping or its name"),
        "aggregation": Field(
            list_of(LABEL_SELECTOR), "aggregationRule: the ClusterRoles whose rules it takes; absent without it"
        ),
    },
)
