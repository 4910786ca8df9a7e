"""Kubernetes Services."""

from policyengine.model.types import INTEGER, LABELS, STRING, Field, Kind, list_of, object_of, one_of

KIND = Kind(
    "service",
    "A Kubernetes Service",
    {
        "name": Field(STRING, "metadata.name"),
        "namespace": Field(STRING, "metadata.namespace, default where none is written"),
        "labels": Field(LABELS, "metadata.labels"),
        "annotations": Field(LABELS, "metadata.annotations"),
        "type": Field(one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"), "how it can be reached"),
        "selector": Field(LABELS, "labels of the Pods that receive the traffic"),
        "ports": Field(
            list_of(
                object_of(
                    name=Field(STRING, "the port's name"),
                    port=Field(INTEGER, "the port of the Service"),
                    target_port=Field(STRING, "number or name of the Pod's port"),
                    node_port=Field(INTEGER, "the port on every node"),
                    protocol=Field(one_of("TCP", "UDP", "SCTP"), "the transport protocol"),
                )
            ),
            "the ports that the Service exposes",
        ),
    },
)
