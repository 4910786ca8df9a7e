"""Kubernetes Services."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import BOOLEAN, INTEGER, LABELS, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

_PORT = object_of(
    name=Field(STRING, "the port's name"),
    port=Field(INTEGER, "the port of the Service"),
    target_port=Field(STRING, "number or name of the Pod's port"),
    node_port=Field(INTEGER, "the port on every node; absent where the cluster chooses one, or there is none"),
    protocol=Field(one_of("TCP", "UDP", "SCTP"), "the transport protocol"),
)

KIND = Kind(
    "service",
    "A Kubernetes Service",
    {
        **METADATA,
        "type": Field(one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"), "how it can be reached"),
        "selector": Field(LABELS, "labels of the Pods that receive the traffic"),
        "selects_pods": Field(
            BOOLEAN,
            "the selector selects Pods of the namespace; unknown where not all of that was given, absent without one",
        ),
        "ports": Field(list_of(_PORT), "the ports that the Service exposes"),
        "cluster_ip": Field(STRING, "clusterIP: None for a headless Service; absent where the cluster chooses it"),
        "external_ips": Field(STRINGS, "externalIPs: addresses whose traffic the nodes take for the Service"),
        "external_name": Field(STRING, "externalName: the DNS name that a Service of that type stands for"),
        "load_balancer_source_ranges": Field(
            STRINGS, "loadBalancerSourceRanges: the only clients that a load balancer lets in; absent for all"
        ),
        "load_balancer": Field(
            one_of("internal", "restricted", "open"),
            "who reaches its load balancer: the cloud's own network only, by an annotation; those of "
            "load_balancer_source_ranges; or everybody. Absent where its type is another",
        ),
        "external_traffic_policy": Field(STRING, "externalTrafficPolicy: Cluster or Local"),
    },
)
