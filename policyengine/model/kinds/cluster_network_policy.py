"""Kubernetes policies of the whole cluster that come before NetworkPolicies, or after them."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

_SUBJECT = object_of(
    namespace_selector=Field(LABEL_SELECTOR, "which namespaces; absent where it says so in no way that is known"),
    pod_selector=Field(LABEL_SELECTOR, "which Pods of them; absent for all"),
)

_PEER = object_of(
    namespace_selector=Field(LABEL_SELECTOR, "which namespaces; absent where it is no Pods"),
    pod_selector=Field(LABEL_SELECTOR, "which Pods of them; absent for all"),
    node_selector=Field(LABEL_SELECTOR, "nodes: the nodes with these labels, instead"),
    networks=Field(STRINGS, "networks: ranges of addresses, instead"),
    domain_names=Field(STRINGS, "domainNames: what these names stand for, instead"),
)

_PORT = object_of(
    port=Field(STRING, "number or name; absent for all of the protocol"),
    end_port=Field(INTEGER, "the last of a range of numbers"),
    protocol=Field(STRING, "TCP, UDP or SCTP; absent of a named port, which has its own"),
)

_RULE = object_of(
    name=Field(STRING, "the rule's name"),
    action=Field(
        one_of("Accept", "Deny", "Pass"), "what it does; Allow is Accept, Pass leaves it to the policies that come next"
    ),
    peers=Field(list_of(_PEER), "whose traffic is meant (from, to)"),
    ports=Field(list_of(_PORT), "the ports that are meant (protocols, ports); absent for all traffic"),
)

KIND = Kind(
    "cluster_network_policy",
    "A Kubernetes ClusterNetworkPolicy, AdminNetworkPolicy or BaselineAdminNetworkPolicy",
    {
        **CLUSTER_METADATA,
        "object_kind": Field(
            one_of("ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"), "kind: as it is written"
        ),
        "tier": Field(
            one_of("Admin", "Baseline"), "Admin comes before all NetworkPolicies, Baseline where none selects a Pod"
        ),
        "priority": Field(INTEGER, "0 to 1000, the lower first; absent of a BaselineAdminNetworkPolicy"),
        "subject": Field(_SUBJECT, "the Pods that it applies to"),
        "ingress": Field(list_of(_RULE), "rules for what comes in: the first that matches decides"),
        "egress": Field(list_of(_RULE), "rules for what goes out: the first that matches decides"),
    },
)
