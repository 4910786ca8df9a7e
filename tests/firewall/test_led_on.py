"""Ports that are translated: what is sent to them is not told to be denied and no more."""

from __future__ import annotations

import pytest

from policyengine.commands.firewall.explain import as_text, explain
from policyengine.commands.firewall.places import place
from policyengine.firewall.host_network import HostNetwork
from policyengine.firewall.iptables import read
from policyengine.firewall.rules import Ruleset

WRITTEN = """\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A PREROUTING -p tcp --dport 81 -j REDIRECT --to-ports 8081
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 18080 -j DNAT --to-destination 172.17.0.2:80
-A DOCKER -p tcp -m tcp --dport 18081 -j DNAT --to-destination 172.17.0.2:81
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A INPUT -p tcp --dport 8081 -j ACCEPT
-A FORWARD -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
"""
NETWORK = HostNetwork("r", Ruleset(read(WRITTEN, "r", 4)))


def test_a_published_port_is_told_with_where_it_leads_and_by_which_rule() -> None:
    found = explain(NETWORK, place("198.51.100.7", NETWORK, ()), NETWORK.own, ("tcp", 18080))
    assert as_text(found) == (
        "denied  198.51.100.7 -> host  tcp/18080  (r)\n"
        "  witness  NEW tcp 198.51.100.7:40000 -> 203.0.113.10:18080  in eth0\n"
        "  path     r:10  :INPUT DROP  (drops by policy)\n"
        "  set      source all of 198.51.100.7; dport 18080\n"
        "  but      allowed: NEW tcp 198.51.100.7:40000 -> 203.0.113.10:18080  in eth0  out docker0\n"
        "  path     r:4  -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
        "           r:6  -A DOCKER ! -i docker0 -p tcp -m tcp --dport 18080 -j DNAT --to-destination 172.17.0.2:80\n"
        "           r:13  -A FORWARD -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT\n"
        "  why      port 18080 is translated: r:6 sends it to 172.17.0.2:80\n"
    )
    assert not found.is_all("denied")


@pytest.mark.parametrize(
    ("target", "port", "why"),
    [
        ("203.0.113.10", 18080, "port 18080 is translated: r:6 sends it to 172.17.0.2:80"),
        ("host", 81, "port 81 is translated: r:5 sends it to port 8081"),
        ("host", 82, None),
        ("host", 18081, None),  # what it leads to is denied, too
    ],
)
def test_a_port_that_leads_nowhere_is_denied_and_no_more(target: str, port: int, why: str | None) -> None:
    found = explain(NETWORK, place("198.51.100.7", NETWORK, ()), place(target, NETWORK, ()), ("tcp", port))
    assert found.verdict == "denied"
    assert found.is_all("denied") == (why is None)
    assert (found.apart and found.apart.why) == why
