"""The connectivity cases of np-guard's netpol-analyzer (Apache-2.0): who reaches whom on what, pair by pair.

The cases lie beside the repository (``../shared/corpora/firewall``), or where POLICYENGINE_FIREWALL_CORPORA says; they
are read in place, and no part of the project. https://github.com/np-guard/netpol-analyzer

Theirs are two-valued. Where ours is unknown, theirs is between what is surely allowed and what may be.
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from policyengine.firewall.intervals import difference, intersection, normalised, union
from policyengine.firewall.network_policy.rules import ADDRESSES, BLOCKS, LABELS, ON_HOST, PINGS, PORTS
from policyengine.firewall.network_policy.services import OF_NODES
from policyengine.firewall.reach import Place
from tests.firewall.network_policy.clusters import directory
from tests.installation import ROOT
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.reach import Flows

CORPORA = Path(os.environ.get("POLICYENGINE_FIREWALL_CORPORA") or ROOT.parent / "shared" / "corpora" / "firewall")
CASES = CORPORA / "netpol-analyzer" / "tests"
RESULTS = CORPORA / "netpol-analyzer" / "test_outputs" / "connlist"
SUFFIX = "_connlist_output.txt"

OTHERS = re.compile(r"(?:cudn|nad|udn)_|virtual_machines|vm_example|udn_")
"""Cases of networks beside that of the cluster (UserDefinedNetwork, NetworkAttachmentDefinition), or of KubeVirt's
virtual machines: no objects of Kubernetes' own."""

NAMES = sorted(path.name.removesuffix(SUFFIX) for path in RESULTS.glob(f"*{SUFFIX}")) if RESULTS.is_dir() else []

Peer = str | tuple[int, int, int]
"""A Pod by its namespace and owner, or a range of addresses with its family."""

Ports = dict[str, "Intervals"]
REAL = ((1, 65535),)


@dataclass
class Expected:
    """What a case says: between Pods, and of ranges of addresses by Pod, towards them or from them."""

    pods: dict[tuple[str, str], Ports] = field(default_factory=dict)
    out: dict[str, list[tuple[tuple[int, int, int], Ports]]] = field(default_factory=dict)
    into: dict[str, list[tuple[tuple[int, int, int], Ports]]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    cuts: dict[int, set[int]] = field(default_factory=lambda: {4: {0, 1 << 32}, 6: set()})

    def add(self, source: Peer, target: Peer, ports: Ports) -> None:
        for peer in (source, target):
            if isinstance(peer, str):
                self.known.add(peer)
            else:
                self.cuts[peer[0]] |= {peer[1], peer[2] + 1}
        if isinstance(source, str) and isinstance(target, str):
            self.pods[source, target] = ports
        elif isinstance(source, str) and not isinstance(target, str):
            self.out.setdefault(source, []).append((target, ports))
        elif isinstance(target, str) and not isinstance(source, str):
            self.into.setdefault(target, []).append((source, ports))

    def of(self, source: Peer, target: Peer) -> Ports:
        if isinstance(source, str) and isinstance(target, str):
            return self.pods.get((source, target), {})
        if isinstance(source, str):
            return _covering(self.out.get(source, []), target)
        assert isinstance(target, str)
        return _covering(self.into.get(target, []), source)

    def ranges(self) -> Iterator[tuple[int, int, int]]:
        for family, found in self.cuts.items():
            cuts = sorted(found)
            yield from ((family, low, high - 1) for low, high in pairwise(cuts))


def _covering(lines: list[tuple[tuple[int, int, int], Ports]], peer: Peer) -> Ports:
    assert not isinstance(peer, str)
    family, low, high = peer
    return next((ports for (of, first, last), ports in lines if (of, first <= low, high <= last) == (family, 1, 1)), {})


def expected(text: str) -> Expected:
    """The lines of a result, those about an ingress controller apart: what it lets through is no policy's matter."""
    found = Expected()
    for line in text.splitlines():
        match = re.fullmatch(r"(.+) => (.+) : (.+)", line.strip())
        if match and not line.startswith("{ingress-controller}"):
            found.add(_peer(match[1]), _peer(match[2]), _ports(match[3]))
    return found


def _peer(text: str) -> Peer:
    name, _, kind = text.rpartition("[")
    if kind != "External]":
        return name
    low, high = (ipaddress.ip_address(end) for end in name.split("-"))
    return low.version, int(low), int(high)


def _ports(text: str) -> Ports:
    if text == "All Connections":
        return dict.fromkeys(("tcp", "udp", "sctp"), REAL)
    found: dict[str, list[tuple[int, int]]] = {}
    protocol = ""
    for part in text.split(","):
        match = re.fullmatch(r"(?:(TCP|UDP|SCTP) )?(\d+)(?:-(\d+))?", part.strip())
        assert match, text
        protocol = (match[1] or protocol).lower()
        found.setdefault(protocol, []).append((int(match[2]), int(match[3] or match[2])))
    return {protocol: normalised(pairs) for protocol, pairs in found.items()}


def owners(case: Path) -> dict[str, str]:
    """The owner by Pod: Pods of one are one to them."""
    found = {}
    for path in (one for one in case.rglob("*.*") if one.suffix in (".yaml", ".yml", ".json")):
        for document in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader):
            objects = document.get("items") or [document] if isinstance(document, dict) else []
            for about in (one.get("metadata") or {} for one in objects):
                for owner in [one for one in about.get("ownerReferences") or [] if one.get("kind") != "Node"][:1]:
                    namespace = about.get("namespace", "default")
                    found[f"{namespace}/{about['name']}"] = f"{namespace}/{owner['name']}"
    return found


def _real(flows: Mapping[str, Intervals]) -> Ports:
    """The ports that they tell of: TCP, UDP and SCTP from 1."""
    found = {protocol: intersection(flows.get(protocol, ()), REAL) for protocol in ("tcp", "udp", "sctp")}
    return {protocol: ports for protocol, ports in found.items() if ports}


def agrees(flows: Flows, theirs: Ports) -> bool:
    sure, may = _real(flows.allowed), _real(flows.unknown)
    if not may:
        return sure == theirs
    assert set(flows.why) <= {ADDRESSES, BLOCKS, LABELS, OF_NODES, ON_HOST, PINGS, PORTS}, flows.why
    return not any(difference(sure[one], theirs.get(one, ())) for one in sure) and not any(
        difference(theirs[one], union(sure.get(one, ()), may.get(one, ()))) for one in theirs
    )


@ONCE
@pytest.mark.skipif(not NAMES, reason=f"np-guard's cases are not beside the repository in {CORPORA.name}")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_case(name: str) -> None:
    if OTHERS.search(name):
        pytest.skip("networks and machines that are no objects of Kubernetes' own")
    cluster, theirs = directory(CASES / name), expected((RESULTS / f"{name}{SUFFIX}").read_text("utf-8"))
    owner = owners(CASES / name)
    peers: list[tuple[Peer, Place]] = [
        (owner.get(one.name, one.name), one) for one in cluster.places() if one.kind == "pod"
    ]
    assert theirs.known <= {peer for peer, _ in peers}
    inside = normalised(pair for _, one in peers for pair in one.ipv4 or ())
    for family, low, high in theirs.ranges():
        own = {f"ipv{family}": difference(((low, high),), inside if family == 4 else ())}
        peers.append(((family, low, high), Place("outside", "zone", **own)))  # type: ignore[arg-type]
    wrong = [
        f"{source} -> {target}: {flows}, theirs {theirs.of(source, target)}"
        for source, source_place in peers
        for target, target_place in peers
        if source != target and (isinstance(source, str) or isinstance(target, str))
        if not agrees(flows := cluster.flows(source_place, target_place), theirs.of(source, target))
    ]
    assert not wrong, "\n".join([f"{len(wrong)} pairs differ", *wrong[:5]])
