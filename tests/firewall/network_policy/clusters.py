"""Clusters of manifests, for tests: read as every run reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.yaml import YamlDocument
from policyengine.firewall.network_policy import FACTS, Cluster, written
from policyengine.firewall.network_policy.population import addresses
from policyengine.firewall.reach import Place
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.sources import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.firewall.reach import Flows

WANTED = frozenset((kind, field) for kind, fields in FACTS.items() for field in fields)


def directory(path: Path) -> Cluster:
    """The cluster of a directory of manifests; a file that cannot be read fails the test."""
    reader = Reader(wanted=WANTED)
    kept = []
    for item in reader.items([str(path)]):
        reading = reader.read(item)
        kept += [one for resource in reading.resources if (one := written(resource))]
    return Cluster(f"cluster {path.name}", kept)


def manifests(text: str, *, closed: bool = True) -> Cluster:
    """The cluster of some manifests; ``closed``: there are no others."""
    context = Context(source="d" if closed else "", closed=closed, wanted=WANTED)
    resources = list(kubernetes.read(YamlDocument("m.yaml", text), context))
    assert not context.problems
    return Cluster("cluster test", [one for resource in resources if (one := written(resource))])


def zone(*ranges: str) -> Place:
    """A zone of addresses."""
    ipv4, ipv6 = addresses(list(ranges))
    return Place("zone", "zone", ipv4=ipv4 or None, ipv6=ipv6 or None)


INTERNET = zone("0.0.0.0/0")


def place(cluster: Cluster, name: str) -> Place:
    return next(one for one in cluster.places() if one.name == name)


def told(flows: Flows) -> str:
    """``tcp 80,443; may: udp 53``, ``all``, ``none``."""
    sure, may = _ports(flows.allowed), _ports(flows.unknown)
    return "; ".join(part for part in (sure, f"may: {may}" if may else "") if part) or "none"


def _ports(flows: dict[str, tuple[tuple[int, int], ...]]) -> str:
    whole = ((0, 65535),)
    if flows == dict.fromkeys(("tcp", "udp", "sctp", "icmp"), whole):
        return "all"
    return " ".join(
        f"{protocol} {','.join(_range(*one) for one in ports)}" if ports != whole else protocol
        for protocol, ports in flows.items()
    )


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
