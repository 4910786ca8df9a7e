"""Random clusters and NetworkPolicies, compared pair by pair with ``network-config-analyzer``, which shares no code.

https://pypi.org/project/network-config-analyzer/ (Apache-2.0, extra ``ground-truth``: its pins are its own). It is
two-valued and takes ipBlocks for addresses outside only: where we say that this is implementation-defined, its answer
must be between what is surely allowed and what may be.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import json
import os
import re
import sys
import warnings
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest

from policyengine.firewall.intervals import difference, intersection, normalised, union
from policyengine.firewall.network_policy.rules import BLOCKS, ON_HOST, PINGS
from policyengine.firewall.reach import Place
from tests.firewall.network_policy.clusters import manifests
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.reach import Flows

CLUSTERS = int(os.environ.get("POLICYENGINE_CLUSTERS") or 60)
"""How many are compared: 60 take 5 seconds."""

KEYS = {"app": ("web", "api", "db"), "tier": ("front", "back"), "env": ("prod", "test")}
NAMED = ("http", "dns", "metrics")
BLOCKS_TRIED = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "0.0.0.0/0", "192.168.0.0/16", "192.168.7.7/32")
INSIDE = {"10.0.0.0/8": ["10.2.0.0/16", "10.9.9.0/24"], "0.0.0.0/0": ["10.0.0.0/8"], "10.1.0.0/16": ["10.1.2.0/24"]}


class Maker:
    """Makes a cluster by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.namespaces = [f"n{at}" for at in range(self.random.randint(1, 3))]

    def some(self, chance: float) -> bool:
        return self.random.random() < chance

    def labels(self) -> dict[str, str]:
        return {key: self.random.choice(values) for key, values in KEYS.items() if self.some(0.7)}

    def selector(self, *, peers: bool = True) -> dict[str, object]:
        found: dict[str, object] = {}
        if self.some(0.5):
            key = self.random.choice(list(KEYS))
            found["matchLabels"] = {key: self.random.choice(KEYS[key])}
        if self.some(0.35):
            found["matchExpressions"] = [self.requirement(peers=peers) for _ in range(self.random.randint(1, 2))]
        return found

    def requirement(self, *, peers: bool) -> dict[str, object]:
        # Theirs has Exists and DoesNotExist in a peer's podSelector select no Pods of other namespaces.
        operators = ["In", "NotIn", *([] if peers else ["Exists", "DoesNotExist"])]
        key, operator = self.random.choice(list(KEYS)), self.random.choice(operators)
        values = {"values": self.random.sample(KEYS[key], self.random.randint(1, 2))} if "In" in operator else {}
        return {"key": key, "operator": operator, **values}

    def peer(self) -> dict[str, object]:
        kind = self.random.randrange(4)
        if kind == 0:
            block = self.random.choice(BLOCKS_TRIED)
            excepted = {"except": INSIDE[block]} if block in INSIDE and self.some(0.5) else {}
            return {"ipBlock": {"cidr": block, **excepted}}
        pods = {"podSelector": self.selector()} if kind != 2 else {}
        return {**pods, **({"namespaceSelector": self.selector(peers=False)} if kind != 1 else {})}

    def port(self) -> dict[str, object]:
        protocol = {"protocol": self.random.choice(["TCP", "UDP", "SCTP"])} if self.some(0.6) else {}
        kind = self.random.randrange(5)
        if kind == 0:
            return {"protocol": "TCP", **protocol}
        if kind == 1:
            return {"port": self.random.choice(NAMED), **protocol}
        # Theirs takes a range of the one port 65535 for empty, and refuses rules of a type that is not among the types.
        low = self.random.choice([1, 53, 80, 443, 8080, *([65535] if kind > 2 else [])])
        return {"port": low, **protocol, **({"endPort": low + 100} if kind == 2 else {})}

    def rule(self, peers: str) -> dict[str, object]:
        found: dict[str, object] = {}
        if self.some(0.8):
            found[peers] = [self.peer() for _ in range(self.random.randint(1, 3))]
        if self.some(0.6):
            found["ports"] = [self.port() for _ in range(self.random.randint(1, 3))]
        return found

    def policy(self, name: str) -> dict[str, object]:
        spec: dict[str, object] = {"podSelector": self.selector(peers=False)}
        types = self.random.choice([["Ingress"], ["Egress"], ["Ingress", "Egress"], None])
        if types:
            spec["policyTypes"] = types
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            if self.some(0.7) and (not types or direction.capitalize() in types):
                # Where no types are written, an empty egress is none to the API server, and one to theirs.
                least = 0 if types or direction == "ingress" else 1
                spec[direction] = [self.rule(peers) for _ in range(self.random.randint(least, 2))]
        return _object("networking.k8s.io/v1", "NetworkPolicy", name, self.random.choice(self.namespaces), spec=spec)

    def pod(self, name: str) -> dict[str, object]:
        ports = [
            {"name": each, "containerPort": self.random.choice([53, 80, 8080]), "protocol": protocol}
            for each in NAMED
            if self.some(0.5)
            for protocol in [self.random.choice(["TCP", "UDP"])]
        ]
        spec = {"containers": [{"name": "c", "image": "i", "ports": ports}]}
        found = _object("v1", "Pod", name, self.random.choice(self.namespaces), spec=spec)
        found["metadata"]["labels"] = self.labels()  # type: ignore[index]
        return found

    def cluster(self) -> list[dict[str, object]]:
        namespaces = [_object("v1", "Namespace", name, None) for name in self.namespaces]
        for one in namespaces:
            one["metadata"]["labels"] = self.labels()  # type: ignore[index]
        pods = [self.pod(f"p{at}") for at in range(self.random.randint(2, 6))]
        return [*namespaces, *pods, *(self.policy(f"k{at}") for at in range(self.random.randint(1, 5)))]


def _object(version: str, kind: str, name: str, namespace: str | None, **parts: object) -> dict[str, object]:
    about = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": about, **parts}


@pytest.fixture(scope="module")
def analyzer() -> Callable[[list[str]], int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cli = pytest.importorskip("nca.nca_cli", reason="network-config-analyzer is in the extra ground-truth")
    run: Callable[[list[str]], int] = cli.nca_main
    return run


Pair = tuple[str, str]
LINE = re.compile(r"(.+) => (.+) : (.+)").fullmatch
PART = re.compile(r"\{?protocols:([A-Z, ]+?)(?:,dst_ports:([\d,-]+))?\}")


def theirs(text: str) -> dict[Pair, dict[str, Intervals]]:
    """By pair, where a range of addresses is ``10.0.0.0-10.255.255.255``: the ports."""
    found: dict[Pair, dict[str, Intervals]] = {}
    for line in filter(None, map(LINE, text.splitlines())):
        ports = _ports(line[3])
        for source in _names(line[1]):
            for target in _names(line[2]):
                known = found.setdefault((source, target), {})
                known |= {one: union(known.get(one, ()), here) for one, here in ports.items()}
    return found


def _names(text: str) -> list[str]:
    return [part.strip().removesuffix("[Pod]") for part in text.split(",")]


def _ports(text: str) -> dict[str, Intervals]:
    if text == "All connections":
        return dict.fromkeys(("tcp", "udp", "sctp"), ((1, 65535),))
    parts = PART.findall(text)
    assert PART.sub("", text).strip(" ,") == "", text
    found: dict[str, list[tuple[int, int]]] = {}
    for protocols, ranges in parts:
        pairs = [tuple(map(int, (part.split("-") * 2)[:2])) for part in (ranges or "1-65535").split(",")]
        for protocol in protocols.lower().replace(" ", "").split(","):
            found.setdefault(protocol, []).extend(pairs)  # type: ignore[arg-type]
    return {protocol: normalised(pairs) for protocol, pairs in found.items()}


def _real(flows: Mapping[str, Intervals]) -> dict[str, Intervals]:
    found = {one: intersection(flows.get(one, ()), ((1, 65535),)) for one in ("tcp", "udp", "sctp")}
    return {one: ports for one, ports in found.items() if ports}


def agrees(flows: Flows, other: Mapping[str, Intervals]) -> bool:
    sure, may, told = _real(flows.allowed), _real(flows.unknown), _real(other)
    assert not may or set(flows.why) <= {BLOCKS, PINGS, ON_HOST}, flows.why
    most = {one: union(sure.get(one, ()), may.get(one, ())) for one in ("tcp", "udp", "sctp")}
    return not any(difference(sure[one], told.get(one, ())) for one in sure) and not any(
        difference(told[one], most[one]) for one in told
    )


@ONCE
@pytest.mark.parametrize("seed", range(CLUSTERS))
def test_a_random_cluster(seed: int, analyzer: Callable[[list[str]], int], tmp_path: Path) -> None:
    objects = Maker(seed).cluster()
    text = "\n---\n".join(map(json.dumps, objects)) + "\n"
    (tmp_path / "all.yaml").write_text(text)
    out = tmp_path / "out"
    arguments = ["--connectivity", "-r", str(tmp_path / "all.yaml"), "--output_format", "txt_no_fw_rules"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(sys.stdout), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analyzer([*arguments, "--output_endpoints", "pods", "-f", str(out)])
    found, cluster = theirs(out.read_text()), manifests(text)
    places = {one.name: one for one in cluster.places() if one.kind == "pod"}
    ranges = {name for pair in found for name in pair if name not in places}
    cuts = sorted({0, 1 << 32, *(cut for name in ranges for cut in _cuts(name))})
    for low, high in pairwise(cuts):
        places[f"{low}-{high - 1}"] = Place("outside", "zone", ipv4=((low, high - 1),))
    numbers = {(_numbers(source), _numbers(target)): ports for (source, target), ports in found.items()}
    wrong = [
        f"{source} -> {target}: {flows}, theirs {other}"
        for source, one in places.items()
        for target, two in places.items()
        if source != target and "pod" in (one.kind, two.kind)
        if not agrees(flows := cluster.flows(one, two), other := _of(numbers, source, target))
    ]
    assert not wrong, "\n".join([*wrong[:5], text])


def _numbers(name: str) -> str | tuple[int, int]:
    match = re.fullmatch(r"([\d.]+)(?:-([\d.]+)|/(\d+))?", name)
    if match is None:
        return name
    if match[3]:
        network = ipaddress.ip_network(name)
        return int(network[0]), int(network[-1])
    return int(ipaddress.ip_address(match[1])), int(ipaddress.ip_address(match[2] or match[1]))


def _cuts(name: str) -> tuple[int, int]:
    low, high = _numbers(name)  # type: ignore[str-unpack]
    return int(low), int(high) + 1


def _of(
    found: dict[tuple[str | tuple[int, int], str | tuple[int, int]], dict[str, Intervals]], source: str, target: str
) -> dict[str, Intervals]:
    """What they say of a pair, of which a range of addresses may be a part of theirs."""
    for (one, two), ports in found.items():
        if _is_in(source, one) and _is_in(target, two):
            return ports
    return {}


def _is_in(name: str, other: str | tuple[int, int]) -> bool:
    if isinstance(other, str):
        return name == other
    low, dash, high = name.partition("-")
    return bool(dash) and low.isdigit() and other[0] <= int(low) and int(high) <= other[1]
