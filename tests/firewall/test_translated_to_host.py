"""What is translated to an address reaches the host only if that is the host's own, which a dump does not tell."""

from __future__ import annotations

import pytest

from policyengine.commands.firewall.places import place
from policyengine.firewall.host import UNKNOWN_HOST, Host, HostInterface, host_address, route
from policyengine.firewall.host_network import HostNetwork
from policyengine.firewall.iptables import read
from policyengine.firewall.reach import Flows
from policyengine.firewall.rules import Ruleset

WHY = "whether 10.0.0.5 is the host itself"


def at(address: str) -> Host:
    """A host with an address, and a default route."""
    interfaces = (HostInterface("lo", (host_address("127.0.0.1/8"),)), HostInterface("eth0", (host_address(address),)))
    return Host(interfaces, (route("default", "eth0"),))


TO_80: Flows = Flows({"tcp": ((80, 80),)})
PERHAPS: Flows = Flows({}, {"tcp": ((80, 80),)}, (WHY,))


@pytest.mark.parametrize(
    ("target", "host", "found"),
    [
        ("DNAT --to-destination 10.0.0.5:80", UNKNOWN_HOST, PERHAPS),
        ("DNAT --to-destination 10.0.0.5:80", at("10.0.0.5/24"), TO_80),
        ("DNAT --to-destination 10.0.0.5:80", at("10.0.0.6/24"), Flows()),
        ("REDIRECT --to-ports 80", UNKNOWN_HOST, TO_80),
    ],
)
def test_whose_the_new_address_is_has_to_be_known(target: str, host: Host, found: Flows) -> None:
    written = (
        f"*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 9000 -j {target}\nCOMMIT\n"
        "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 80 -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT\n"
    )
    network = HostNetwork("r", Ruleset(read(written, "r", 4)), host)
    source = place("198.51.100.7", network, ())
    assert network.flows(source, network.own) == found
    explained = network.explain(source, network.own, "tcp", 80)
    expected = "allowed" if found.allowed else "unknown" if found.unknown else "denied"
    assert (explained.verdict, explained.why) == (expected, WHY if found is PERHAPS else explained.why)


def test_what_gets_there_in_any_case_is_not_in_doubt() -> None:
    written = (
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 9000 -j DNAT --to-destination 10.0.0.5:80\n"
        "COMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n"
    )
    network = HostNetwork("r", Ruleset(read(written, "r", 4)))
    found = network.flows(place("198.51.100.7", network, ()), network.own)
    assert found == Flows({"tcp": ((0, 8999), (9001, 65535))})
