"""Kubernetes NetworkPolicies."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

_PEER = object_of(
    pod_selector=Field(LABEL_SELECTOR, "which Pods; absent for all of the namespaces"),
    namespace_selector=Field(LABEL_SELECTOR, "which namespaces; absent for the policy's own"),
    selects_pods=Field(
        BOOLEAN,
        "there are such Pods; unknown where not all of the namespace was given, absent for those of other namespaces",
    ),
    cidr=Field(STRING, "ipBlock.cidr: a range of addresses, instead of selectors"),
    except_cidrs=Field(STRINGS, "ipBlock.except: ranges within it that are not meant"),
)

_PORT = object_of(
    port=Field(STRING, "number or name; absent for all"),
    end_port=Field(INTEGER, "endPort: the last of a range of numbers"),
    protocol=Field(one_of("TCP", "UDP", "SCTP"), "the transport protocol"),
)

_RULE = object_of(
    peers=Field(list_of(_PEER), "who is allowed (from, to); absent for everybody"),
    ports=Field(list_of(_PORT), "the ports that are allowed; absent for all"),
)

KIND = Kind(
    "network_policy",
    "A Kubernetes NetworkPolicy",
    {
        **METADATA,
        "policy_types": Field(
            list_of(one_of("Ingress", "Egress")), "where absent: Ingress, and Egress if egress rules are given"
        ),
        "pod_selector": Field(LABEL_SELECTOR, "which Pods of the namespace it applies to; all where it is empty"),
        "selects_pods": Field(BOOLEAN, "it applies to Pods of the namespace; unknown where not all of that was given"),
        "ingress": Field(list_of(_RULE), "the traffic that may come in; absent for none"),
        "egress": Field(list_of(_RULE), "the traffic that may go out; absent for none"),
    },
)
