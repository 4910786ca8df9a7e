"""What a change of rules changes: whole texts, and random rule sets against the interpreter, packet by packet."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.firewall.describing import described, outcome
from policyengine.firewall.differing import Changed, Rules, changes
from policyengine.firewall.host import UNKNOWN_HOST, Host, HostInterface, host_address, route
from policyengine.firewall.interpreter import walk
from policyengine.firewall.intervals import contains
from policyengine.firewall.iptables import read
from policyengine.firewall.packets import Concrete
from policyengine.firewall.rules import KINDS, Ruleset
from policyengine.firewall.universe import (
    DESTINATION,
    DESTINATION_KIND,
    DPORT,
    FLAGS,
    ICMP,
    IN,
    NEW_KIND,
    OUT,
    PROTOCOL,
    SOURCE,
    SOURCE_KIND,
    SPORT,
    STATE,
    universe,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.firewall.packets import Path

ROUTER = Host(
    (
        HostInterface("lo", (host_address("127.0.0.1/8"),)),
        HostInterface("eth0", (host_address("198.51.100.1/24"),)),
        HostInterface("br0", (host_address("172.18.0.1/16"),)),
    ),
    (route("default", "eth0"), route("172.18.0.0/16", "br0")),
)


def rules(filters: Sequence[str], nat: Sequence[str] = (), host: Host = ROUTER) -> Rules:
    """Rules with policies that drop, but for what is sent."""
    chains = ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    written = f"*filter\n{chains}{''.join(f'-A {rule}{chr(10)}' for rule in filters)}COMMIT\n"
    if nat:
        written += f"*nat\n:PREROUTING ACCEPT [0:0]\n{''.join(f'-A {rule}{chr(10)}' for rule in nat)}COMMIT\n"
    return Rules(Ruleset(read(written, "rules.v4", 4)), host)


def told(old: Rules, new: Rules) -> list[str]:
    """The changes of IPv4, a line for each."""
    found = [one for one in changes(old, new) if one.family == 4]
    return [
        f"{one.path} {described(one.box, one.known)}: {outcome(one.was, 4)}, now {outcome(one.now, 4)}" for one in found
    ]


def test_a_source_that_is_narrower() -> None:
    old = rules(["INPUT -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT"])
    new = rules(["INPUT -s 10.0.0.0/15 -p tcp --dport 22 -j ACCEPT"])
    assert told(old, new) == ["input tcp from 10.2.0.0-10.255.255.255 to port 22: allowed, now denied"]


def test_a_match_that_is_not_modelled() -> None:
    old = rules(["FORWARD -i eth0 -d 172.18.0.2 -p udp --dport 53 -j ACCEPT"])
    new = rules(["FORWARD -i eth0 -d 172.18.0.2 -p udp --dport 53 -m limit --limit 5/sec -j ACCEPT"])
    assert told(old, new) == ["forward udp to 172.18.0.2 to port 53, in eth0, out br0: allowed, now unknown"]


def test_a_port_that_leads_elsewhere() -> None:
    accept = ["FORWARD -d 172.18.0.0/16 -p tcp --dport 80 -j ACCEPT"]
    old = rules(accept, ["PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80"])
    new = rules(accept, ["PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.3:80"])
    assert told(old, new) == [
        "forward tcp to port 8080, in eth0, out br0: allowed to 172.18.0.2:80, now allowed to 172.18.0.3:80"
    ]


def test_protocols_types_and_interfaces() -> None:
    old = rules(["INPUT -p icmp --icmp-type 8 -j ACCEPT", "FORWARD -p gre -o br0 -j ACCEPT"])
    new = rules(["INPUT -p icmp --icmp-type 3/4 -j ACCEPT", "FORWARD -p gre -o eth0 -j ACCEPT"])
    assert sorted(told(old, new)) == [
        "forward gre, out br0: allowed, now denied",
        "forward gre, out eth0: denied, now allowed",
        "input icmp, type 3/4: denied, now allowed",
        "input icmp, type 8: allowed, now denied",
    ]


def test_what_makes_no_difference() -> None:
    old = rules(["INPUT -p tcp --dport 1:10 -j ACCEPT", "INPUT -p tcp --dport 5 -j DROP"])
    new = rules(["INPUT -p tcp --dport 1:5 -j ACCEPT", "INPUT -p tcp --dport 6:10 -j ACCEPT", "INPUT -j REJECT"])
    assert told(old, new) == []


SOURCES = ("198.51.100.77", "172.18.0.2", "10.0.0.1", "10.1.0.1")
DESTINATIONS = ("198.51.100.1", "198.51.100.77", "172.18.0.2", "172.18.0.3", "10.1.0.1")
PORTS = (1, 22, 80, 8080)
NETWORKS = (*SOURCES, *DESTINATIONS, "10.0.0.0/8", "172.18.0.0/16", "172.18.0.2/31")


class Making:
    """Random rules about a few addresses and ports, so that they meet often."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def rules(self, host: Host) -> Rules:
        some = range(self.random.randrange(1, 7))
        nat = [f"PREROUTING {self.match()} -j DNAT --to-destination 172.18.0.{self.random.choice((2, 3))}:80"]
        return rules([self.filter() for _ in some], nat if self.random.random() < 0.4 else (), host)

    def filter(self) -> str:
        limit = "-m limit --limit 5/sec " if self.random.random() < 0.1 else ""
        verdict = self.random.choice(("ACCEPT", "ACCEPT", "DROP", "REJECT"))
        return f"{self.random.choice(('INPUT', 'FORWARD'))} {self.match()} {limit}-j {verdict}"

    def match(self) -> str:
        parts = [f"-p {self.random.choice(('tcp', 'udp'))} --dport {self.random.choice(PORTS)}:8080"]
        parts += [f"{side} {self.random.choice(NETWORKS)}" for side in ("-s", "-d") if self.random.random() < 0.4]
        parts += [f"-i {self.random.choice(('eth0', 'br0'))}"] if self.random.random() < 0.3 else []
        return " ".join(parts)


def packets() -> Iterator[Concrete]:
    from ipaddress import IPv4Address

    ends = product(SOURCES, DESTINATIONS)
    paths: tuple[tuple[Path, str], ...] = (("input", ""), ("forward", "br0"), ("forward", "eth0"))
    for (one, other), dport, protocol, (path, out), into in product(ends, PORTS, (6, 17), paths, ("eth0", "br0")):
        source, destination = int(IPv4Address(one)), int(IPv4Address(other))
        yield Concrete(4, path, source, destination, into, out, protocol=protocol, sport=40000, dport=dport)


def inside(packet: Concrete, change: Changed) -> bool:
    """Whether a packet is one of those that fare otherwise."""
    interface = change.known.interface
    received = "local" if packet.path == "input" else "unicast"
    values = {
        PROTOCOL: packet.protocol,
        SOURCE: packet.source,
        DESTINATION: packet.destination,
        DPORT: packet.dport,
        SPORT: packet.sport,
        STATE: packet.state,
        FLAGS: packet.flags,
        ICMP: packet.icmp,
        IN: interface(packet.into),
        OUT: interface(packet.out),
        SOURCE_KIND: KINDS.index("unicast"),
        DESTINATION_KIND: KINDS.index(received),
        NEW_KIND: KINDS.index(received),
    }
    return change.path == packet.path and all(contains(held, values[one]) for one, held in change.box.items())


FATES = {"accept": "allowed", "drop": "denied", "reject": "denied", "absent": "absent"}


def fates(given: Rules, packet: Concrete) -> tuple[str, tuple[int, int]]:
    """What the interpreter makes of a packet, whatever limits say, and where it ends up."""
    atoms = universe(4, (given.ruleset,), given.host).atoms
    each = [replace(packet, atoms=dict.fromkeys(atoms, holds)) for holds in (False, True)] if atoms else [packet]
    walked = [walk(given.ruleset, given.host, one) for one in each]
    found = {(FATES[one.verdict], (one.packet.destination, one.packet.dport)) for one in walked}
    return found.pop() if len(found) == 1 else ("unknown", (0, 0))


@pytest.mark.parametrize("host", [ROUTER, UNKNOWN_HOST], ids=["router", "unknown"])
@pytest.mark.parametrize("seed", range(8))
def test_each_packet_that_fares_otherwise_is_in_one_change_and_no_other_is(seed: int, host: Host) -> None:
    making = Making(seed)
    old, new = making.rules(host), making.rules(host)
    found = [one for one in changes(old, new) if one.family == 4]
    for packet in packets():
        was, now = fates(old, packet), fates(new, packet)
        if "absent" in (was[0], now[0]):
            continue
        told = [(one.was.fate, one.now.fate) for one in found if inside(packet, one)]
        differs = was[0] != now[0] or (was[0] == "allowed" and was[1] != now[1])
        assert told == ([(was[0], now[0])] if differs else []), packet
