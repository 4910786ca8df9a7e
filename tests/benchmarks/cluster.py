"""How long it takes to say who reaches whom in a cluster: ``python -m tests.benchmarks.cluster [PODS [POLICIES]]``.

The clusters are made by a seed: Pods of 20 applications in 10 namespaces; policies that isolate, allow by labels of
Pods and namespaces, name ports, and know addresses outside.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import product
from pathlib import Path
from random import Random
from time import perf_counter

from tests.firewall.network_policy.clusters import INTERNET, directory

NAMESPACES = [f"team{number}" for number in range(10)]
APPLICATIONS = [f"app{number}" for number in range(20)]


def pod(random: Random, number: int) -> dict[str, object]:
    labels = {"app": random.choice(APPLICATIONS), "tier": random.choice(["front", "back", "data"]), "pod": f"p{number}"}
    ports = [{"name": "http", "containerPort": random.choice([80, 8080])}, {"name": "metrics", "containerPort": 9090}]
    about = {"name": f"p{number}", "namespace": random.choice(NAMESPACES), "labels": labels}
    return _object("v1", "Pod", about, {"containers": [{"name": "c", "image": "i", "ports": ports}]})


def policy(random: Random, number: int) -> dict[str, object]:
    """A policy of a kind of its own in every other rule, so that little is alike."""
    subject = random.choice(
        [{}, {"matchLabels": {"app": random.choice(APPLICATIONS)}}, {"matchLabels": {"tier": "data"}}]
    )
    rules = [_rule(random, "from") for _ in range(random.randint(0, 3))]
    spec: dict[str, object] = {"podSelector": subject, "policyTypes": ["Ingress"], "ingress": rules}
    if random.random() < 0.4:
        spec = {**spec, "policyTypes": ["Ingress", "Egress"], "egress": [_rule(random, "to") for _ in range(3)]}
    about = {"name": f"k{number}", "namespace": random.choice(NAMESPACES)}
    return _object("networking.k8s.io/v1", "NetworkPolicy", about, spec)


def _rule(random: Random, peers: str) -> dict[str, object]:
    pods = {"podSelector": {"matchLabels": {"app": random.choice(APPLICATIONS)}}}
    wanted = {"matchExpressions": [{"key": "team", "operator": "In", "values": random.sample(NAMESPACES, 3)}]}
    peer = random.choice([pods, {**pods, "namespaceSelector": wanted}, {"namespaceSelector": wanted}])
    block = {"ipBlock": {"cidr": f"10.{random.randrange(256)}.0.0/16"}}
    ports = [
        {"port": random.choice([80, 443, 5432, "http", "metrics", random.randrange(1024, 9999)])} for _ in range(2)
    ]
    return {peers: [peer, block] if random.random() < 0.3 else [peer], "ports": ports}


def _object(version: str, kind: str, metadata: object, spec: object) -> dict[str, object]:
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def write(path: Path, pods: int, policies: int, seed: int = 1) -> None:
    """A directory of manifests, a file for each namespace's Pods and for each policy."""
    random = Random(seed)
    namespaces = [_object("v1", "Namespace", {"name": name, "labels": {"team": name}}, {}) for name in NAMESPACES]
    objects = [*namespaces, *(pod(random, number) for number in range(pods))]
    (path / "pods.yaml").write_text("\n---\n".join(map(json.dumps, objects)))
    for number in range(policies):
        (path / f"policy{number}.yaml").write_text(json.dumps(policy(random, number)))


def measured(pods: int, policies: int) -> dict[str, float]:
    """Seconds: for reading the manifests, and for the matrix of all pairs and the internet both ways."""
    with tempfile.TemporaryDirectory() as made:
        write(Path(made), pods, policies)
        start = perf_counter()
        cluster = directory(Path(made))
        read = perf_counter()
        places = [*(one for one in cluster.places() if one.kind == "pod"), INTERNET]
        for source, target in product(places, places):
            cluster.flows(source, target)
        return {"read": read - start, "matrix": perf_counter() - read}


def main() -> None:
    """Print what was measured."""
    pods, policies = [*map(int, sys.argv[1:3]), 200, 300][:2] if len(sys.argv) != 2 else (int(sys.argv[1]), 300)
    for what, seconds in measured(pods, policies).items():
        print(f"{what:8} {seconds:.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
