"""Who reaches whom in a cluster: manifests -> flows, and the path of a connection."""

from __future__ import annotations

import pytest

from policyengine.firewall.network_policy.cluster import PART, PATCHES
from policyengine.firewall.network_policy.rules import ADDRESSES, BLOCKS, LABELS, ON_HOST, PINGS, TIES
from policyengine.firewall.network_policy.services import CLIENT, NO_SELECTOR, OF_NODES
from policyengine.firewall.reach import Explanation, Packet
from tests.firewall.network_policy.clusters import INTERNET, manifests, place, told, zone

PODS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {team: ops}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080, hostPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: i, ports: [{name: sql, containerPort: 5432}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: probe, namespace: ops, labels: {app: probe}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: ops, labels: {app: agent}}
spec: {hostNetwork: true, containers: [{name: c, image: i}]}
"""


def policy(spec: str, name: str = "p", namespace: str = "shop") -> str:
    about = f"{{name: {name}, namespace: {namespace}}}"
    return f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {about}\nspec: {spec}\n"


def cluster_policy(tier: str, priority: int, rest: str, name: str = "c") -> str:
    return (
        "---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\n"
        f"metadata: {{name: {name}}}\n"
        f"spec: {{tier: {tier}, priority: {priority}, subject: {{namespaces: {{}}}}, {rest}}}\n"
    )


def tcp(port: str) -> str:
    return f"{{tcp: {{destinationPort: {{{port}}}}}}}"


DB = "podSelector: {matchLabels: {app: db}}"
ISOLATED = policy(f"{{{DB}}}")
ALL_OF_SHOP = "{namespaces: {matchLabels: {team: shop}}}"

FLOWS = [
    ("nothing forbids", "", "shop/web", "shop/db", "all"),
    ("isolated", ISOLATED, "shop/web", "shop/db", "none"),
    ("isolated one way", ISOLATED, "shop/db", "shop/web", "all"),
    ("a Pod reaches itself", ISOLATED, "shop/db", "shop/db", "all"),
    ("any peer", policy(f"{{{DB}, ingress: [{{}}]}}"), "ops/probe", "shop/db", "tcp udp sctp; may: icmp"),
    (
        "a selector of Pods is for the policy's namespace",
        policy(f"{{{DB}, ingress: [{{from: [{{podSelector: {{}}}}], ports: [{{port: 5432}}]}}]}}"),
        "ops/probe",
        "shop/db",
        "none",
    ),
    (
        "two items are either, one with both selectors both",
        policy(
            f"{{{DB}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{team: ops}}}}, podSelector: "
            "{matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: web}}}], ports: [{port: 1, endPort: 9}]}]}"
        ),
        "shop/web",
        "shop/db",
        "tcp 1-9; may: icmp",
    ),
    (
        "a namespace has a label with its name",
        policy(
            f"{{{DB}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: ops}}}}}}]"
            ", ports: [{protocol: UDP}]}]}"
        ),
        "ops/probe",
        "shop/db",
        "udp; may: icmp",
    ),
    (
        "a named port is that of the Pod that is reached",
        policy(
            "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: sql}, {port: http, protocol: UDP}]}]}"
        ),
        "shop/web",
        "shop/db",
        "tcp 5432; may: icmp",
    ),
    (
        "both sides must let through",
        ISOLATED
        + policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}], egress: [{ports: [{port: 80}]}]}", "q"),
        "shop/web",
        "shop/db",
        "tcp 80; may: icmp",
    ),
    (
        "an admin policy comes before NetworkPolicies",
        ISOLATED
        + cluster_policy(
            "Admin", 1, f"ingress: [{{action: Accept, from: [{ALL_OF_SHOP}], protocols: [{{tcp: {{}}}}]}}]"
        ),
        "shop/web",
        "shop/db",
        "tcp",
    ),
    (
        "the first rule that matches decides",
        cluster_policy(
            "Admin",
            1,
            f"ingress: [{{action: Deny, from: [{ALL_OF_SHOP}], protocols: [{tcp('number: 22')}]}}, "
            f"{{action: Accept, from: [{ALL_OF_SHOP}], protocols: [{tcp('range: {start: 20, end: 30}')}]}}]",
        )
        + ISOLATED,
        "shop/web",
        "shop/db",
        "tcp 20-21,23-30",
    ),
    (
        "what is passed is left to NetworkPolicies, whatever comes later",
        cluster_policy("Admin", 1, f"ingress: [{{action: Pass, from: [{ALL_OF_SHOP}]}}]")
        + cluster_policy("Admin", 2, f"ingress: [{{action: Deny, from: [{ALL_OF_SHOP}]}}]", "later"),
        "shop/web",
        "shop/db",
        "all",
    ),
    (
        "no Pod has the metadata address",
        cluster_policy("Baseline", 0, "egress: [{action: Deny, to: [{networks: [169.254.169.254/32, 'fe80::/10']}]}]"),
        "shop/web",
        "shop/db",
        "all",
    ),
    (
        "the baseline is for Pods that no NetworkPolicy selects",
        cluster_policy("Baseline", 0, f"ingress: [{{action: Deny, from: [{ALL_OF_SHOP}]}}]"),
        "shop/web",
        "shop/db",
        "none",
    ),
    (
        "and for no others",
        cluster_policy("Baseline", 0, f"ingress: [{{action: Deny, from: [{ALL_OF_SHOP}]}}]")
        + policy(f"{{{DB}, ingress: [{{ports: [{{port: 1}}]}}]}}"),
        "shop/web",
        "shop/db",
        "tcp 1; may: icmp",
    ),
]


@pytest.mark.parametrize(
    ("policies", "source", "target", "expected"), [row[1:] for row in FLOWS], ids=[r[0] for r in FLOWS]
)
def test_flows(policies: str, source: str, target: str, expected: str) -> None:
    cluster = manifests(PODS + policies)
    assert told(cluster.flows(place(cluster, source), place(cluster, target))) == expected


BLOCK = policy(
    f"{{{DB}, ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}}}], "
    "ports: [{port: 5432}]}]}"
)
NETWORKS = cluster_policy("Admin", 1, "egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}]}]")
EVERYWHERE = cluster_policy("Admin", 1, "egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]")
UNKNOWN_LABEL = policy(
    f"{{{DB}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{a: b}}}}}}], ports: [{{port: 1}}]}}]}}"
)
TIED = cluster_policy("Admin", 1, f"ingress: [{{action: Deny, from: [{ALL_OF_SHOP}]}}]") + cluster_policy(
    "Admin", 1, f"ingress: [{{action: Accept, from: [{ALL_OF_SHOP}]}}]", "d"
)
OTHER = (
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: far, namespace: far}\nspec: {containers: [{name: c, image: i}]}\n"
)

UNKNOWN = [
    ("an ipBlock and Pods", BLOCK, "shop/web", "shop/db", "may: tcp 5432 icmp", {BLOCKS, PINGS}),
    ("host network is nothing where no rule is for it", ISOLATED, "ops/agent", "shop/db", "none", set()),
    (
        "host network of a peer",
        policy(f"{{{DB}, ingress: [{{from: [{{namespaceSelector: {{}}}}], ports: [{{port: 1}}]}}]}}"),
        "ops/agent",
        "shop/db",
        "may: tcp 1 icmp",
        {ON_HOST, PINGS},
    ),
    (
        "host network of the Pod",
        policy("{podSelector: {}}", "q", "ops"),
        "shop/web",
        "ops/agent",
        "may: all",
        {ON_HOST, PINGS},
    ),
    ("addresses of Pods", NETWORKS, "shop/web", "shop/db", "may: all", {ADDRESSES}),
    ("all addresses of IPv4", EVERYWHERE, "shop/web", "shop/db", "none", set()),
    ("a namespace that is not given", UNKNOWN_LABEL + OTHER, "far/far", "shop/db", "may: tcp 1 icmp", {LABELS, PINGS}),
    ("equal priorities", TIED, "shop/web", "shop/db", "may: all", {TIES}),
]


@pytest.mark.parametrize(
    ("policies", "source", "target", "expected", "why"), [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN]
)
def test_what_is_not_known_is_said(policies: str, source: str, target: str, expected: str, why: set[str]) -> None:
    cluster = manifests(PODS + policies)
    flows = cluster.flows(place(cluster, source), place(cluster, target))
    assert (told(flows), set(flows.why)) == (expected, why)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (("10.2.3.4/32",), "tcp 5432; may: icmp"),
        (("10.1.3.4/32",), "none"),
        (("0.0.0.0/0",), "tcp 5432; may: icmp"),
        (("2001:db8::/32",), "none"),
    ],
)
def test_addresses_outside(ranges: tuple[str, ...], expected: str) -> None:
    cluster = manifests(PODS + BLOCK)
    assert told(cluster.flows(zone(*ranges), place(cluster, "shop/db"))) == expected


def service(spec: str) -> str:
    return f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: shop}}\nspec: {{{spec}}}\n"


BEHIND = "selector: {app: web}, ports: [{port: 80, targetPort: http, nodePort: 30080}]"
ONLY_PROBES = policy("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}")

SERVICES = [
    (BEHIND, "", "shop/db", "tcp 80", set()),
    (BEHIND, ONLY_PROBES, "shop/db", "none", set()),
    (BEHIND, ONLY_PROBES, "ops/probe", "tcp 80", set()),
    (BEHIND, "", "internet", "none", set()),
    (f"type: NodePort, {BEHIND}", "", "internet", "tcp 30080", set()),
    (f"type: LoadBalancer, {BEHIND}", "", "internet", "tcp 80,30080", set()),
    (f"type: LoadBalancer, {BEHIND}", ONLY_PROBES, "internet", "may: tcp 80,30080", {CLIENT}),
    (f"type: LoadBalancer, externalTrafficPolicy: Local, {BEHIND}", ONLY_PROBES, "internet", "none", set()),
    ("ports: [{port: 80}]", "", "shop/db", "may: all", {NO_SELECTOR}),
    ("clusterIP: None, selector: {app: web}", "", "shop/db", "all", set()),
]


@pytest.mark.parametrize(("spec", "policies", "source", "expected", "why"), SERVICES)
def test_services(spec: str, policies: str, source: str, expected: str, why: set[str]) -> None:
    cluster = manifests(PODS + service(spec) + policies)
    start = INTERNET if source == "internet" else place(cluster, source)
    flows = cluster.flows(start, place(cluster, "shop/service/s"))
    assert (told(flows), set(flows.why)) == (expected, why)


def test_ports_of_nodes_lead_to_pods() -> None:
    cluster = manifests(PODS)
    flows = cluster.flows(INTERNET, place(cluster, "nodes"))
    assert (flows.allowed, flows.why) == ({"tcp": ((80, 80),)}, (OF_NODES,))


def test_a_pods_own_node_reaches_it() -> None:
    cluster = manifests(PODS + ISOLATED)
    assert told(cluster.flows(place(cluster, "nodes"), place(cluster, "shop/db"))) == "all"


def test_of_a_part_nothing_is_certain() -> None:
    cluster = manifests(PODS + ISOLATED, closed=False)
    flows = cluster.flows(place(cluster, "shop/web"), place(cluster, "shop/db"))
    assert (told(flows), flows.why) == ("may: all", (PART,))
    assert cluster.explain(place(cluster, "shop/web"), place(cluster, "shop/db"), "tcp", 1).why == PART


def test_patches_leave_everything_open() -> None:
    cluster = manifests(PODS + policy("{$patch: replace, podSelector: {}}"))
    assert cluster.flows(place(cluster, "shop/web"), place(cluster, "shop/db")).why == (PATCHES,)


def path(explanation: Explanation) -> list[str]:
    return [f"{step.where or '-'} {step.text}: {step.does}" for step in explanation.path]


def test_an_allowed_connection_is_explained() -> None:
    cluster = manifests(BLOCK.removeprefix("---\n") + "---" + PODS)
    found = cluster.explain(INTERNET, place(cluster, "shop/db"), "tcp", 5432)
    assert found.verdict == "allowed"
    assert found.packet == Packet(4, "tcp", "10.0.0.1", "shop/db", 40000, 5432)
    assert path(found) == ["m.yaml:4:58 NetworkPolicy shop/p ingress[0]: allows"]
    assert found.set_ == "tcp 5432"


def test_a_denied_connection_is_explained() -> None:
    cluster = manifests(BLOCK.removeprefix("---\n") + "---" + PODS)
    found = cluster.explain(place(cluster, "ops/probe"), place(cluster, "shop/db"), "tcp", 22)
    assert (found.verdict, found.packet) == ("denied", Packet(4, "tcp", "ops/probe", "shop/db", 40000, 22))
    assert path(found) == [
        "- no policy is for egress of ops/probe: allows",
        "m.yaml:3:18 NetworkPolicy shop/p: selects shop/db for ingress, and no rule of it allows this",
    ]


def test_tiers_are_explained_in_their_order() -> None:
    first = cluster_policy("Admin", 1, f"ingress: [{{name: ask, action: Pass, from: [{ALL_OF_SHOP}]}}]")
    cluster = manifests(
        PODS + first + cluster_policy("Baseline", 0, f"ingress: [{{action: Deny, from: [{ALL_OF_SHOP}]}}]", "b")
    )
    found = cluster.explain(place(cluster, "shop/web"), place(cluster, "shop/db"), "tcp", 22)
    assert [step.text + ": " + step.does for step in found.path] == [
        "no policy is for egress of shop/web: allows",
        'ClusterNetworkPolicy c ingress[0] "ask": leaves it to the policies that come next',
        "ClusterNetworkPolicy b ingress[0]: denies",
    ]


def test_a_witness_from_outside_is_an_address_for_documentation() -> None:
    cluster = manifests(PODS)
    found = cluster.explain(INTERNET, place(cluster, "shop/web"), "tcp", None)
    assert found.packet == Packet(4, "tcp", "198.51.100.77", "shop/web", 40000, 1)
