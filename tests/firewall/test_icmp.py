"""Of ICMP, requests alone begin a connection."""

from __future__ import annotations

import pytest

from policyengine.commands.firewall.places import place
from policyengine.firewall.host_network import HostNetwork
from policyengine.firewall.intents.telling import packet_text
from policyengine.firewall.iptables import read
from policyengine.firewall.rules import Family, Ruleset


def network(family: Family, rule: str) -> HostNetwork:
    """Rules with a policy that drops."""
    written = f"*filter\n:INPUT DROP [0:0]\n-A INPUT {rule}\nCOMMIT\n"
    return HostNetwork("rules", Ruleset(read(written, "rules", family)))


REQUESTS: dict[Family, tuple[int, ...]] = {4: (8, 13, 15, 17), 6: (128, 139)}


@pytest.mark.parametrize("state", ["", " -m conntrack --ctstate NEW"], ids=["any", "new"])
@pytest.mark.parametrize("family", [4, 6])
def test_what_is_no_request_is_never_new(family: Family, state: str) -> None:
    name, source = ("icmp", "198.51.100.7") if family == 4 else ("ipv6-icmp", "2001:db8::7")
    option = "--icmp-type" if family == 4 else "--icmpv6-type"
    reached = []
    for kind in range(255):  # 255 is any to iptables
        one = network(family, f"-p {name} {option} {kind}{state} -j ACCEPT")
        if one.explain(place(source, one, ()), one.own, "icmp", None).verdict == "allowed":
            reached.append(kind)
    assert tuple(reached) == REQUESTS[family]


def test_a_host_that_drops_requests_is_not_reached_and_a_witness_names_its_type() -> None:
    one = network(4, "-p icmp --icmp-type 3 -j ACCEPT")
    found = one.explain(place("198.51.100.7", one, ()), one.own, "icmp", None)
    assert found.packet is not None
    assert packet_text(found.packet) == "NEW icmp type 8 198.51.100.7 -> 203.0.113.10  in eth0"
    assert found.verdict == "denied"
