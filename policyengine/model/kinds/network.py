"""Networks of an engine."""

from policyengine.model.types import BOOLEAN, LABELS, STRING, STRINGS, Field, Kind, list_of, object_of

_ENDPOINT = object_of(
    container=Field(STRING, "the container's name"),
    ipv4_address=Field(STRING, "its IPv4 address on the network"),
    ipv6_address=Field(STRING, "its IPv6 address on the network"),
)

KIND = Kind(
    "network",
    "A network of an engine",
    {
        "name": Field(STRING, "the network's name"),
        "driver": Field(STRING, "bridge, overlay, host, null, macvlan, ..."),
        "internal": Field(BOOLEAN, "without a way out"),
        "attachable": Field(BOOLEAN, "plain containers may join a Swarm network"),
        "enable_ipv6": Field(BOOLEAN, "IPv6 is on"),
        "subnets": Field(STRINGS, "its address ranges"),
        "gateways": Field(STRINGS, "the addresses of its gateways"),
        "scope": Field(STRING, "local, swarm or global"),
        "ingress": Field(BOOLEAN, "it is the network that a Swarm's published ports come in by"),
        "ipam_driver": Field(STRING, "what hands out its addresses: default, ..."),
        "created": Field(STRING, "when it was made, RFC 3339"),
        "options": Field(LABELS, "driver options: com.docker.network.bridge.enable_icc, ..."),
        "labels": Field(LABELS, "its labels"),
        "containers": Field(STRINGS, "the names of the containers attached"),
        "endpoints": Field(list_of(_ENDPOINT), "the addresses of the containers that run"),
        "bridge": Field(STRING, "the interface of the host that a bridge network has: docker0, br-1a2b3c4d5e6f, ..."),
    },
)
