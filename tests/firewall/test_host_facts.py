"""What ip tells of a host: answers of iproute2 6.1, shortened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.errors import DocumentError
from policyengine.firewall.host import Host, HostInterface, host_address, route
from policyengine.firewall.host_facts import host

if TYPE_CHECKING:
    from policyengine.firewall.rules import Family

LO = {
    "ifname": "lo",
    "flags": ["LOOPBACK", "UP", "LOWER_UP"],
    "addr_info": [
        {"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host"},
        {"family": "inet6", "local": "::1", "prefixlen": 128, "scope": "host"},
    ],
}
TUNNEL = {
    "ifname": "d1",
    "flags": ["UP"],
    "addr_info": [{"family": "inet", "local": "10.3.0.1", "address": "10.3.0.2", "prefixlen": 32}],
}
DOWN = {
    "ifname": "eth1",
    "flags": ["BROADCAST"],
    "addr_info": [{"family": "inet", "local": "10.4.0.1", "prefixlen": 8}],
}
RULES = [
    {"priority": 0, "src": "all", "table": "local"},
    {"priority": 32766, "src": "all", "table": "main"},
    {"priority": 32767, "src": "all", "table": "default"},
]


def read(
    interfaces: Any = (), routes: Any = (), routes6: Any = (), rules: Any = RULES, rules6: Any = RULES[:2]
) -> Host:
    told: dict[Family, str] = {4: json.dumps(routes), 6: json.dumps(routes6)}
    return host(json.dumps(interfaces), told, {4: json.dumps(rules), 6: json.dumps(rules6)}, "host://")


def test_interfaces() -> None:
    assert read([LO, TUNNEL, DOWN]).interfaces == (
        HostInterface("lo", (host_address("127.0.0.1/8"), host_address("::1/128"))),
        HostInterface("d1", (host_address("10.3.0.1/32"),)),
        HostInterface("eth1"),
    )


def test_routes() -> None:
    routes = [
        {"dst": "default", "gateway": "192.0.2.1", "dev": "eth0", "flags": []},
        {"dst": "10.1.0.0/24", "dev": "d0", "protocol": "kernel", "scope": "link", "metric": 100, "flags": []},
        {"type": "blackhole", "dst": "10.9.0.0/16", "flags": []},
        {"type": "unreachable", "dst": "default", "metric": 4278198272, "flags": []},
        {"type": "broadcast", "dst": "10.1.0.255", "dev": "d0"},
        {
            "dst": "10.8.0.0/16",
            "nexthops": [
                {"gateway": "10.1.0.2", "dev": "d0", "weight": 1, "flags": []},
                {"gateway": "10.3.0.2", "dev": "d1", "weight": 1, "flags": ["dead", "linkdown"]},
                {"gateway": "10.4.0.2", "dev": "d2", "weight": 1, "flags": []},
            ],
        },
        {"dst": "10.7.0.0/16", "dev": "d3", "flags": ["dead", "linkdown"]},
    ]
    assert read(routes=routes, routes6=[{"dst": "default", "gateway": "fd00::1", "dev": "eth0"}]).routes == (
        route("default", "eth0"),
        route("10.1.0.0/24", "d0", 100),
        route("10.9.0.0/16", None),
        route("default", None, 4278198272),
        route("10.8.0.0/16", "d0"),
        route("10.8.0.0/16", "d2"),
        route("default", "eth0", family=6),
    )


@pytest.mark.parametrize(
    "rule",
    [
        {"priority": 9, "src": "all", "fwmark": "0x1", "table": "main"},
        {"priority": 9, "src": "all", "table": "100"},
        {"priority": 9, "src": "10.0.0.0", "srclen": 8, "table": "main"},
        {"priority": 9, "src": "all", "iif": "lo", "table": "main"},
        {"priority": 9, "src": "all", "dst": "10.2.0.0", "dstlen": 16, "table": "main"},
        {"priority": 1000, "src": "all", "l3mdev": None},
    ],
)
def test_where_rules_choose_among_tables_the_ways_are_not_known(rule: dict[str, object]) -> None:
    assert read(rules=[rule, *RULES]).routes is None
    assert read(rules6=[rule, *RULES]).routes is None


def test_a_host_of_one_family_has_nothing_to_tell_of_the_other() -> None:
    assert host("[]", {4: "[]", 6: "\n"}, {4: json.dumps(RULES), 6: ""}, "host://") == Host((), ())


@pytest.mark.parametrize("said", ["1: lo: <LOOPBACK>", "{}", "[1]"])
def test_an_ip_that_does_not_speak_json(said: str) -> None:
    with pytest.raises(DocumentError, match=r"host://: ip -j does not answer in JSON \(iproute2 4.15 and later do\)"):
        host(said, {}, {}, "host://")
