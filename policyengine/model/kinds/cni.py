"""Configurations of CNI plugins: what connects Pods with the network."""

from policyengine.model.types import STRING, STRINGS, Field, Kind

KIND = Kind(
    "cni",
    "A configuration of CNI plugins, as a file of a node or in a ConfigMap that brings it there",
    {
        "name": Field(STRING, "the name of the network"),
        "plugins": Field(
            STRINGS, "the types of its plugins: calico, flannel, portmap, ...; of one that delegates, the other's"
        ),
    },
)
