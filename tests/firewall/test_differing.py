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
from policyengine.firewall.unknowns import aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.firewall.interpreter import Walked
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


TRUSTED = "INPUT -m set --match-set trusted src -j ACCEPT"
ROOT, NO_ROOT = "OUTPUT -m owner --uid-owner 0 -j DROP", "OUTPUT -m owner ! --uid-owner 0 -j DROP"
KNOCK, KNOCKED = "INPUT -p tcp --dport 7 -m recent --name a --set", "INPUT -m recent --name a --rcheck -j ACCEPT"


@pytest.mark.parametrize(
    ("old", "new", "opens"),
    [
        ([TRUSTED], ["INPUT -m set ! --match-set trusted src -j ACCEPT"], True),
        ([TRUSTED], ["INPUT -m set --match-set others src -j ACCEPT"], True),
        ([TRUSTED], ["INPUT -m set --match-set trusted src -m string --string a --algo bm -j ACCEPT"], False),
        ([ROOT], [NO_ROOT], True),
        ([ROOT], ["OUTPUT -m owner --uid-owner 1000 -j DROP"], True),
        ([ROOT], [ROOT, "OUTPUT -m owner --uid-owner 1000 -j DROP"], False),
        (["INPUT -m limit --limit 3/min -j ACCEPT"], ["INPUT -m limit --limit 1000/sec -j ACCEPT"], True),
        (["INPUT -j NFQUEUE --queue-num 0"], ["INPUT -j NFQUEUE --queue-num 1"], True),
        ([KNOCK, KNOCKED], ["INPUT -p tcp --dport 8 -m recent --name a --set", KNOCKED], True),
    ],
)
def test_what_is_unknown_for_another_reason_may_have_changed(old: list[str], new: list[str], opens: bool) -> None:
    found = [one for one in changes(rules(old), rules(new)) if one.family == 4]
    assert {(one.was.fate, one.now.fate, one.opens) for one in found} == {("unknown", "unknown", opens)}


@pytest.mark.parametrize(
    "rule",
    [
        TRUSTED,
        "INPUT -m limit --limit 3/min -j ACCEPT",
        "INPUT -m limit --limit 3/min -j NFQUEUE --queue-num 1",
        "INPUT -m recent --name a --rcheck -j ACCEPT",
    ],
)
def test_the_same_rule_about_the_same_unknown_changes_nothing_wherever_it_is_written(rule: str) -> None:
    assert told(rules([rule]), rules(["FORWARD -p tcp --dport 1 -j DROP", rule])) == []


def test_of_several_rules_with_one_text_each_is_an_unknown_of_its_own() -> None:
    limit = "INPUT -m limit --limit 3/min -j ACCEPT"
    found = list(changes(rules([limit]), rules([limit, limit])))
    assert [(one.was.fate, one.now.fate, one.opens) for one in found] == [("unknown", "unknown", True)]


def test_a_port_that_leads_elsewhere() -> None:
    accept = ["FORWARD -d 172.18.0.0/16 -p tcp --dport 80 -j ACCEPT"]
    old = rules(accept, ["PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80"])
    new = rules(accept, ["PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.3:80"])
    assert told(old, new) == [
        "forward tcp to port 8080, in eth0, out br0: allowed to 172.18.0.2:80, now allowed to 172.18.0.3:80"
    ]


def test_protocols_types_and_interfaces() -> None:
    old = rules(["INPUT -p icmp --icmp-type 8 -j ACCEPT", "FORWARD -p gre -o br0 -j ACCEPT"])
    new = rules(["INPUT -p icmp --icmp-type 13/4 -j ACCEPT", "FORWARD -p gre -o eth0 -j ACCEPT"])
    assert sorted(told(old, new)) == [
        "forward gre, out br0: allowed, now denied",
        "forward gre, out eth0: denied, now allowed",
        "input icmp, type 13/4: denied, now allowed",
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


Fate = tuple[str, tuple[int, int]]
"""What becomes of a packet, and where it ends up."""


def fates(given: Sequence[Rules], packet: Concrete) -> list[tuple[Fate, Fate]]:
    """What the interpreter makes of a packet by two rule sets, for each answer to what neither of them knows."""
    atoms = list(universe(4, [one.ruleset for one in given], UNKNOWN_HOST).atoms)
    found = []
    for held in product((False, True), repeat=len(atoms)):
        asked = replace(packet, atoms=dict(zip(atoms, held, strict=True)))
        was, now = (walk(one.ruleset, one.host, asked) for one in given)
        found.append((_fate(was), _fate(now)))
    return list(dict.fromkeys(found))


def _fate(walked: Walked) -> Fate:
    ends = (walked.packet.destination, walked.packet.dport)
    return FATES[walked.verdict], ends if walked.verdict == "accept" else (0, 0)


def settled(found: set[Fate]) -> str:
    return found.pop()[0] if len(found) == 1 else "unknown"


@pytest.mark.parametrize("host", [ROUTER, UNKNOWN_HOST], ids=["router", "unknown"])
@pytest.mark.parametrize("seed", range(8))
def test_each_packet_that_fares_otherwise_is_in_one_change_and_no_other_is(seed: int, host: Host) -> None:
    making = Making(seed)
    old, new = making.rules(host), making.rules(host)
    found = [one for one in changes(old, new) if one.family == 4]
    named = [Rules(one, host) for one in aligned(old.ruleset, new.ruleset)]
    for packet in packets():
        pairs = fates(named, packet)
        if any("absent" in (was[0], now[0]) for was, now in pairs):
            continue
        was, now = (settled({pair[side] for pair in pairs}) for side in (0, 1))
        told = [(one.was.fate, one.now.fate) for one in found if inside(packet, one)]
        differs = any(before != after for before, after in pairs)
        assert told == ([(was, now)] if differs else []), packet
