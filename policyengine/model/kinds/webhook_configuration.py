"""Kubernetes ValidatingWebhookConfigurations and MutatingWebhookConfigurations."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

_RULE = object_of(
    operations=Field(STRINGS, "CREATE, UPDATE, DELETE, CONNECT; * for all"),
    api_groups=Field(STRINGS, "apiGroups of the objects; * for all"),
    api_versions=Field(STRINGS, "apiVersions of the objects; * for all"),
    resources=Field(STRINGS, "the resources; * for all"),
    scope=Field(one_of("Cluster", "Namespaced", "*"), "* where none is written"),
)

_CLIENT = object_of(
    url=Field(STRING, "where the webhook is, if it is not a Service of the cluster"),
    service_name=Field(STRING, "the Service that the webhook is"),
    service_namespace=Field(STRING, "the namespace of that Service"),
)

_WEBHOOK = object_of(
    name=Field(STRING, "the webhook's name"),
    failure_policy=Field(one_of("Fail", "Ignore"), "what happens when it does not answer; the version's default"),
    match_policy=Field(one_of("Exact", "Equivalent"), "whether other versions of the objects match; the default"),
    side_effects=Field(STRING, "None, NoneOnDryRun, Some or Unknown"),
    timeout_seconds=Field(INTEGER, "how long the API server waits; the version's default where none is written"),
    rules=Field(list_of(_RULE), "which requests it is asked about"),
    namespace_selector=Field(LABEL_SELECTOR, "which namespaces; all where it is empty or absent"),
    object_selector=Field(LABEL_SELECTOR, "which objects; all where it is empty or absent"),
    client=Field(_CLIENT, "clientConfig: how it is reached"),
)

KIND = Kind(
    "webhook_configuration",
    "A Kubernetes ValidatingWebhookConfiguration or MutatingWebhookConfiguration",
    {
        **CLUSTER_METADATA,
        "mutating": Field(BOOLEAN, "a MutatingWebhookConfiguration: its webhooks may change objects"),
        "webhooks": Field(list_of(_WEBHOOK), "the webhooks"),
    },
)
