"""Rules that no packet meets are found, also where only several rules together leave nothing for them."""

from __future__ import annotations

import pytest

from policyengine.firewall.iptables import read
from policyengine.firewall.rules import Ruleset
from policyengine.firewall.shadowing import shadowed

CASES = {
    "two halves of what a rule matches": (
        ["-s 10.0.0.0/9 -j DROP", "-s 10.128.0.0/9 -j ACCEPT", "-s 10.0.0.0/8 -p tcp -j ACCEPT"],
        [("-A FORWARD -s 10.0.0.0/8 -p tcp -j ACCEPT", 2)],
    ),
    "all but one address": (["-s 10.0.0.0/9 -j DROP", "-s 10.128.0.1/32 -j DROP", "-s 10.0.0.0/8 -j ACCEPT"], []),
    "a chain that decides": (
        ["-p tcp -j SERVICES", "-p tcp --dport 22 -j ACCEPT", "-p tcp --dport 25 -j ACCEPT"],
        [("-A FORWARD -p tcp --dport 22 -j ACCEPT", 1)],
    ),
    "a chain that is gone to": (["-p tcp -g SERVICES", "-p tcp -j LOG"], [("-A FORWARD -p tcp -j LOG", 1)]),
    "an unknown match may fail": (["-m limit --limit 1/sec -j ACCEPT", "-j ACCEPT"], []),
    "the same unknown match": (
        ["-m mac --mac-source 02:00:00:00:00:01 -j DROP", "-p tcp -m mac --mac-source 02:00:00:00:00:01 -j ACCEPT"],
        [("-A FORWARD -p tcp -m mac --mac-source 02:00:00:00:00:01 -j ACCEPT", 1)],
    ),
    "what was translated": (
        [
            "-d 172.17.0.2/32 -p tcp -m conntrack --ctorigdst 192.0.2.1 --ctorigdstport 80 -j ACCEPT",
            "-m conntrack --ctstate NEW -m conntrack --ctstate DNAT -j ACCEPT",
        ],
        [],
    ),
    "one rule of several that does of all": (
        ["-s 10.0.0.0/9 -j DROP", "-s 10.0.0.0/8 -j DROP", "-s 10.0.0.0/8 -p tcp -j ACCEPT"],
        [("-A FORWARD -s 10.0.0.0/8 -p tcp -j ACCEPT", 1)],
    ),
    "logging decides nothing": (["-j LOG", "-p tcp -j ACCEPT"], []),
    "what matches nothing": (
        ["-p tcp -m tcp ! --dport 0:65535 -j ACCEPT"],
        [("-A FORWARD -p tcp -m tcp ! --dport 0:65535 -j ACCEPT", 0)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_shadowed_rules(name: str) -> None:
    rules, expected = CASES[name]
    lines = ["*filter", ":FORWARD ACCEPT [0:0]", ":SERVICES - [0:0]", *(f"-A FORWARD {rule}" for rule in rules)]
    lines += ["-A SERVICES -p tcp --dport 22 -j DROP", "-A SERVICES -p tcp --dport 25 -j RETURN", "COMMIT", ""]
    ruleset = Ruleset(read("\n".join(lines), "rules", 4))
    assert [(one.rule.text, len(one.by)) for one in shadowed(ruleset)] == expected
