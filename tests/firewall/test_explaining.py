"""What is told of a packet: the rules that had a say, and which packets fare alike. Whole texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.firewall.explain import as_text, explain
from policyengine.commands.firewall.places import by_address
from policyengine.firewall import dumps
from policyengine.firewall.host import Host, HostAddress, HostInterface, route
from policyengine.firewall.host_network import HostNetwork
from policyengine.firewall.intents.addresses import EVERY
from policyengine.firewall.intents.telling import packet_text
from policyengine.firewall.intents.zones import INTERNET
from policyengine.firewall.reach import Explanation, Place
from policyengine.firewall.written import Written
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence


ROUTER = """\
*nat
:PREROUTING ACCEPT [0:0]
:WEB - [0:0]
-A PREROUTING -d 192.0.2.1/32 -j WEB
-A WEB -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:8080
-A WEB -p tcp -m tcp --dport 81 -j REDIRECT --to-ports 8081
-A WEB -p tcp -m tcp --dport 82 -j DNAT --to-destination 10.0.0.3-10.0.0.9
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:COUNTED - [0:0]
:BARRED - [0:0]
-A INPUT -p tcp -m tcp --dport 23 -j REJECT --reject-with icmp-port-unreachable
-A FORWARD -j COUNTED
-A FORWARD -j BARRED
-A FORWARD -i eth0 -o eth1 -p tcp -m tcp --dport 8080 -j ACCEPT
-A COUNTED -m comment --comment "web" -j LOG
-A COUNTED -j RETURN
-A BARRED -s 198.51.100.77/32 -j RETURN
-A BARRED -s 198.51.100.0/24 -j DROP
-A BARRED -j RETURN
COMMIT
"""

IN_TABLE = {"family": "inet", "table": "t"}
MAP = {
    "nftables": [
        {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
        {"table": {"family": "inet", "name": "t"}},
        {
            "chain": {
                **IN_TABLE,
                "name": "in",
                "type": "filter",
                "hook": "input",
                "prio": 0,
                "policy": "drop",
            }
        },
        {
            "rule": {
                **IN_TABLE,
                "chain": "in",
                "expr": [
                    {
                        "vmap": {
                            "key": {"payload": {"protocol": "tcp", "field": "dport"}},
                            "data": {"set": [[22, {"accept": None}], [23, {"drop": None}]]},
                        }
                    }
                ],
            }
        },
    ]
}
"""``tcp dport vmap { 22 : accept, 23 : drop }``, and all else is dropped."""

KNOWN = Host(
    (
        HostInterface("lo"),
        HostInterface("eth0", (HostAddress(4, 192 << 24 | 2 << 8 | 1, 24),)),
        HostInterface("eth1", (HostAddress(4, 10 << 24 | 1, 24),)),
    ),
    (route("192.0.2.0/24", "eth0"), route("10.0.0.0/24", "eth1"), route("default", "eth0", family=4)),
)


def told(text: str, path: str, host: Host | None, source: str, target: str, port: int) -> str:
    network = HostNetwork("r", dumps.read([Written(path, text)]), host)

    def place(name: str) -> Place:
        return by_address(name) or network.own

    return as_text(explain(network, place(source), place(target), ("tcp", port)))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        pytest.param(
            (None, "198.51.100.77", "10.0.0.2", 8080),
            "allowed  198.51.100.77 -> 10.0.0.2  tcp/8080  (r)\n"
            "  witness  NEW tcp 198.51.100.77:40000 -> 10.0.0.2:8080  in eth0  out eth1\n"
            "  path     r:16  -A FORWARD -j BARRED\n"
            "           r:20  -A BARRED -s 198.51.100.77/32 -j RETURN\n"
            "           r:17  -A FORWARD -i eth0 -o eth1 -p tcp -m tcp --dport 8080 -j ACCEPT\n"
            "  set      in eth0; out eth1; source all of 198.51.100.77; dport 8080\n",
            id="a return that skips a rule has a say, one at the end of its chain has none",
        ),
        pytest.param(
            (KNOWN, "203.0.113.0/24", "10.0.0.2", 8080),
            "allowed  203.0.113.0/24 -> 10.0.0.2  tcp/8080  (r)\n"
            "  witness  NEW tcp 203.0.113.10:40000 -> 10.0.0.2:8080  in eth0  out eth1\n"
            "  path     r:17  -A FORWARD -i eth0 -o eth1 -p tcp -m tcp --dport 8080 -j ACCEPT\n"
            "  set      source all of 203.0.113.0/24; dport 8080\n",
            id="which way it goes is the host's to say, so that the interfaces are no condition",
        ),
        pytest.param(
            (KNOWN, "198.51.100.0/24", "10.0.0.2", 8080),
            "allowed  198.51.100.0/24 -> 10.0.0.2  tcp/8080  (r)\n"
            "  witness  NEW tcp 198.51.100.77:40000 -> 10.0.0.2:8080  in eth0  out eth1\n"
            "  path     r:16  -A FORWARD -j BARRED\n"
            "           r:20  -A BARRED -s 198.51.100.77/32 -j RETURN\n"
            "           r:17  -A FORWARD -i eth0 -o eth1 -p tcp -m tcp --dport 8080 -j ACCEPT\n"
            "  set      source 198.51.100.77; dport 8080\n"
            "  but      denied: NEW tcp 198.51.100.79:40000 -> 10.0.0.2:8080  in eth0  out eth1\n"
            "  path     r:16  -A FORWARD -j BARRED\n"
            "           r:21  -A BARRED -s 198.51.100.0/24 -j DROP\n",
            id="which of a network's addresses fare so",
        ),
        pytest.param(
            (KNOWN, "203.0.113.10", "10.0.0.2", 22),
            "denied  203.0.113.10 -> 10.0.0.2  tcp/22  (r)\n"
            "  witness  NEW tcp 203.0.113.10:40000 -> 10.0.0.2:22  in eth0  out eth1\n"
            "  path     r:11  :FORWARD DROP  (drops by policy)\n"
            "  set      source all of 203.0.113.10; dport 22\n",
            id="the policy of a chain",
        ),
        pytest.param(
            (KNOWN, "203.0.113.10", "host", 8081),
            "allowed  203.0.113.10 -> host  tcp/8081  (r)\n"
            "  witness  NEW tcp 203.0.113.10:40000 -> 192.0.2.1:8081  in eth0\n"
            "  path     r:10  :INPUT ACCEPT  (accepts by policy)\n"
            "  set      source all of 203.0.113.10; dport 81, 8081\n",
            id="nothing is for it but the policy",
        ),
        pytest.param(
            (KNOWN, "203.0.113.10", "host", 23),
            "denied  203.0.113.10 -> host  tcp/23  (r)\n"
            "  witness  NEW tcp 203.0.113.10:40000 -> 192.0.2.1:23  in eth0\n"
            "  path     r:14  -A INPUT -p tcp -m tcp --dport 23 -j REJECT --reject-with icmp-port-unreachable\n"
            "  set      source all of 203.0.113.10; dport 23\n",
            id="a rule that rejects says so",
        ),
        pytest.param(
            (KNOWN, "host", "203.0.113.0/24", 443),
            "allowed  host -> 203.0.113.0/24  tcp/443  (r)\n"
            "  witness  NEW tcp 192.0.2.1:40000 -> 203.0.113.10:443  out eth0\n"
            "  path     no rule here is about what the host sends  (accepts)\n"
            "  set      source all of host; dport 443\n",
            id="no chain is for it; the host sends by the address of the interface",
        ),
    ],
)
def test_of_a_router(asked: tuple[Host | None, str, str, int], text: str) -> None:
    assert told(ROUTER, "r", *asked) == text


@pytest.mark.parametrize(
    ("port", "verdict", "line"),
    [
        (22, "allowed", "tcp dport vmap { 22 : accept, 23 : drop }  (accepts)"),
        (23, "denied", "tcp dport vmap { 22 : accept, 23 : drop }  (drops)"),
        (24, "denied", "chain inet t in policy drop"),
    ],
)
def test_of_a_map_nobody_sees_which_verdict_is_meant(port: int, verdict: str, line: str) -> None:
    text = told(json.dumps(MAP, indent=1), "n", None, "203.0.113.10", "host", port)
    found: Sequence[str] = text.splitlines()
    assert found[0].split()[0] == verdict
    assert [one.partition("  n:")[2].partition("  ")[2] for one in found if "  n:" in one] == [line]


TRUSTED = """\
*filter
:INPUT DROP [0:0]
-A INPUT -m set --match-set trusted src -j ACCEPT
-A INPUT -s 203.0.113.1/32 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
"""


def test_what_is_allowed_is_shown_by_a_packet_that_needs_no_unknown_match() -> None:
    assert told(TRUSTED, "r", None, "203.0.113.0/24", "host", 22) == (
        "allowed  203.0.113.0/24 -> host  tcp/22  (r)\n"
        "  witness  NEW tcp 203.0.113.1:40000 -> 203.0.113.10:22  in eth0\n"
        "  path     r:4  -A INPUT -s 203.0.113.1/32 -p tcp -m tcp --dport 22 -j ACCEPT\n"
        "  set      source 203.0.113.1; dport 22\n"
        "  but      unknown: NEW tcp 203.0.113.10:40000 -> 203.0.113.10:22  in eth0\n"
        "  path     r:3  -A INPUT -m set --match-set trusted src -j ACCEPT\n"
        "  why      set trusted src\n"
    )


def test_rules_that_are_not_given_are_not_known() -> None:
    assert told(ROUTER, "r", None, "2001:db8::77", "host", 22) == (
        "unknown  2001:db8::77 -> host  tcp/22  (r)\n  why      the rules of IPv6 are not in r\n"
    )
    assert told(ROUTER, "r", None, "192.0.2.9", "2001:db8::77", 22) == (
        "denied  192.0.2.9 -> 2001:db8::77  tcp/22  (r)\n"
        "  why      192.0.2.9 and 2001:db8::77 have no addresses of one family\n"
    )


def test_what_is_allowed_in_one_family_is_not_known_to_be_in_the_other() -> None:
    network = HostNetwork("r", dumps.read([Written("r", ROUTER)]))
    internet = Place("internet", "zone", ipv4=INTERNET.ipv4, ipv6=INTERNET.ipv6)
    for place, lacks in ((internet, True), (by_address("192.0.2.9"), False)):
        assert place is not None
        flows = network.flows(place, network.own)
        assert flows.allowed["tcp"] == ((0, 22), (24, 65535))
        assert (flows.unknown, flows.why) == ({}, ())
        untold = Unknown("the rules of IPv6", "the rules of IPv6 are not in r", "ip6tables-save")
        assert flows.untold == (untold if lacks else None)
        apart = network.lacking(place, network.own, "tcp", ((22, 22),))
        assert apart == (Explanation("unknown", None, why=untold.why) if lacks else None)


CARDS = """\
*filter
:INPUT DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -m mac --mac-source 52:54:00:AA:BB:CC -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -m mac ! --mac-source 02:00:00:00:00:01 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 81 -m mac ! --mac-source 52:54:00:AA:BB:CC -j ACCEPT
COMMIT
"""


@pytest.mark.parametrize(
    ("port", "card"),
    [(22, "  card 52:54:00:AA:BB:CC"), (80, "  card 02:00:00:00:00:02"), (81, "")],
)
def test_the_network_card_that_a_packet_must_come_from_is_told(port: int, card: str) -> None:
    assert told(CARDS, "r", KNOWN, "203.0.113.10", "host", port).startswith(
        f"allowed  203.0.113.10 -> host  tcp/{port}  (r)\n"
        f"  witness  NEW tcp 203.0.113.10:40000 -> 192.0.2.1:{port}  in eth0{card}\n"
    )


BRIDGES = """\
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -i docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 80 -j ACCEPT
-A INPUT -i br-0123456789ab -p tcp -m tcp --dport 81 -j ACCEPT
-A INPUT -i br-lan -p tcp -m tcp --dport 82 -j ACCEPT
-A INPUT -i aaa0 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
"""


@pytest.mark.parametrize(
    ("source", "port", "witness"),
    [
        ("outside", 22, "198.51.100.77:40000 -> 203.0.113.10:22  in aaa0"),
        ("outside", 80, "10.0.0.10:40000 -> 203.0.113.10:80  in aaa0"),  # and not of 198.51.100.77 in docker0
        ("outside", 81, "198.51.100.77:40000 -> 203.0.113.10:81  in br-0123456789ab"),  # there is no other
        ("outside", 82, "198.51.100.77:40000 -> 203.0.113.10:82  in br-lan"),
        ("172.17.0.2", 80, "172.17.0.2:40000 -> 203.0.113.10:80  in docker0"),
    ],
)
def test_what_is_sent_from_outside_comes_by_no_bridge_of_containers(source: str, port: int, witness: str) -> None:
    network = HostNetwork("r", dumps.read([Written("r", BRIDGES)]))
    place = by_address(source) or Place(source, "zone", ipv4=EVERY.ipv4, ipv6=EVERY.ipv6)
    found = network.explain(place, network.own, "tcp", port).packet
    assert found is not None
    assert packet_text(found) == f"NEW tcp {witness}"
