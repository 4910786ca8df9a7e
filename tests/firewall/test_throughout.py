"""Whether each address of a zone gets through: whole answers, and random rules against every address and port."""

from __future__ import annotations

import random
from itertools import product

import pytest

from policyengine.commands.firewall.asking import explained
from policyengine.commands.firewall.explain import as_text, explain
from policyengine.commands.firewall.places import place
from policyengine.engine.flows import told
from policyengine.firewall.host_network import HostNetwork
from policyengine.firewall.intents.addresses import addresses
from policyengine.firewall.intents.judging import judge
from policyengine.firewall.iptables import read
from policyengine.firewall.reach import lacking
from policyengine.firewall.rules import Ruleset
from policyengine.policy.flows import intents


def network(*rules: str, nat: str = "") -> HostNetwork:
    """Rules of IPv4 with policies that drop."""
    chains = ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n"
    written = f"*filter\n{chains}{''.join(f'-A {rule}{chr(10)}' for rule in rules)}COMMIT\n"
    if nat:
        written += f"*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING {nat}\nCOMMIT\n"
    return HostNetwork("rules.v4", Ruleset(read(written, "rules.v4", 4)))


def test_what_only_one_address_of_a_zone_reaches_is_told_with_one_that_does_not() -> None:
    one = network("INPUT -s 203.0.113.1 -p tcp --dport 22 -j ACCEPT")
    ends = [place(name, one, ()) for name in ("203.0.113.0/24", "host")]
    found = explain(one, ends[0], ends[1], ("tcp", 22))
    assert as_text(found) == (
        "allowed  203.0.113.0/24 -> host  tcp/22  (rules.v4)\n"
        "  witness  NEW tcp 203.0.113.1:40000 -> 203.0.113.10:22  in eth0\n"
        "  path     rules.v4:5  -A INPUT -s 203.0.113.1 -p tcp --dport 22 -j ACCEPT\n"
        "  set      source 203.0.113.1; dport 22\n"
        "  but      denied: NEW tcp 203.0.113.10:40000 -> 203.0.113.10:22  in eth0\n"
        "  path     rules.v4:2  :INPUT DROP  (drops by policy)\n"
    )
    assert not found.is_all("allowed")
    assert explain(one, ends[0], ends[1], None).apart is not None


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["INPUT -s 203.0.113.0/24 -p tcp --dport 20:25 -j ACCEPT"], []),
        (["INPUT -s 203.0.112.0/22 -i eth0 -p tcp --sport 1024:65535 -j ACCEPT"], []),
        (["INPUT -s 203.0.113.1 -p tcp -j ACCEPT"], ["not all of office reaches host on tcp/22-23"]),
        (["INPUT -s 203.0.113.0/24 -p tcp --dport 22 -j ACCEPT"], ["office does not reach host on tcp/23"]),
        (
            ["INPUT -s 203.0.113.0/24 -p tcp --dport 22 -j ACCEPT", "INPUT -s 203.0.113.1 -p tcp -j ACCEPT"],
            ["not all of office reaches host on tcp/22-23"],
        ),
        (
            ["INPUT -s 203.0.113.1 -p tcp -j ACCEPT", "INPUT -p tcp -m limit --limit 1/min -j ACCEPT"],
            ["perhaps not all of office reaches host on tcp/22-23"],
        ),
    ],
)
def test_must_reach_is_kept_where_each_address_reaches_it(rules: list[str], expected: list[str]) -> None:
    demand = intents({"must_reach": [{"from": "office", "to": "host", "ports": ["tcp/22-23"]}]})
    one = network(*rules)
    found = judge(demand, one.own, one, {"office": addresses(["203.0.113.0/24"])})
    assert [told(breach, may=not breach.surely) for breach in found] == expected


def test_what_is_sent_must_reach_each_address() -> None:
    demand = intents({"must_reach": [{"to": "10.9.0.0/16", "ports": ["tcp/443"]}]})
    one = network("OUTPUT -d 10.9.0.0/17 -j ACCEPT")
    assert [told(breach) for breach in judge(demand, one.own, one)] == [
        "host does not reach all of 10.9.0.0/16 on tcp/443"
    ]


def test_a_port_that_is_reached_by_another_is_asked_about_by_itself() -> None:
    one = network("INPUT -p tcp -j ACCEPT", nat="-s 203.0.113.0/25 -p tcp --dport 80 -j REDIRECT --to-ports 8080")
    ends = place("203.0.113.0/24", one, ()), one.own
    assert lacking(one, *ends, "tcp", ((8080, 8081),)) is None
    assert lacking(one, *ends, "tcp", ((80, 80),)) is not None  # of half of them 80 leads to 8080


@pytest.mark.parametrize("seed", range(20))
def test_each_address_is_asked_about(seed: int) -> None:
    chance = random.Random(seed)
    rules = [
        f"INPUT -s 192.0.2.{chance.randrange(4)}/{chance.choice((30, 31, 32))} -p tcp "
        f"--dport {chance.randrange(1, 4)}:{chance.randrange(4, 6)} -j {chance.choice(('ACCEPT', 'ACCEPT', 'DROP'))}"
        for _ in range(chance.randrange(1, 6))
    ]
    one = network(*rules)
    zone = place("192.0.2.0/30", one, ())
    each = [
        explained(one, place(f"192.0.2.{number}", one, ()), one.own, "tcp", port).verdict == "allowed"
        for number, port in product(range(4), range(2, 5))
    ]
    assert (lacking(one, zone, one.own, "tcp", ((2, 4),)) is None) == all(each), rules
