"""What a host sends to itself goes out by the loopback and comes in again: the rules of both sides are asked."""

from __future__ import annotations

import random

import pytest

from policyengine.commands.firewall.places import place
from policyengine.firewall.deciding import decide
from policyengine.firewall.host import UNKNOWN_HOST, Host, HostInterface, host_address, route
from policyengine.firewall.host_network import HostNetwork
from policyengine.firewall.intents.telling import packet_text
from policyengine.firewall.interpreter import walk
from policyengine.firewall.iptables import read
from policyengine.firewall.packets import Concrete
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import Ruleset

HOST = Host(
    (HostInterface("lo", (host_address("127.0.0.1/8"),)), HostInterface("eth0", (host_address("192.0.2.1/24"),))),
    (route("192.0.2.0/24", "eth0"),),
)
SSH = "INPUT -p tcp --dport 22 -j ACCEPT"


def written(rules: list[str], nat: list[str] | None = None, raw: list[str] | None = None) -> Ruleset:
    """Rules of IPv4 with a policy that drops what is received."""
    text = "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + "".join(f"-A {one}\n" for one in rules) + "COMMIT\n"
    text += (
        "*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        + "".join(f"-A {one}\n" for one in nat or [])
        + "COMMIT\n"
    )
    text += (
        "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        + "".join(f"-A {one}\n" for one in raw or [])
        + "COMMIT\n"
    )
    closed = "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    return Ruleset((*read(text, "rules.v4", 4), *read(closed, "rules.v6", 6)))


@pytest.mark.parametrize("host", [HOST, UNKNOWN_HOST], ids=["known", "unknown"])
@pytest.mark.parametrize("target", ["host", "127.0.0.1", "127.0.0.0/8"])
@pytest.mark.parametrize(
    ("rules", "nat", "raw", "verdict"),
    [
        ([SSH], [], [], "allowed"),
        (["INPUT -i lo -j ACCEPT"], [], [], "allowed"),
        (["INPUT -i eth0 -j ACCEPT"], [], [], "denied"),
        (["INPUT -i lo -j DROP", SSH], [], [], "denied"),
        (["OUTPUT -o lo -j DROP", SSH], [], [], "denied"),
        (["OUTPUT -o eth0 -j DROP", SSH], [], [], "allowed"),
        ([SSH], [], ["PREROUTING -i lo -j DROP"], "denied"),
        ([f"{SSH} -m limit --limit 1/min"], [], [], "unknown"),
        ([SSH], ["PREROUTING -p tcp --dport 22 -j REDIRECT --to-ports 23"], [], "allowed"),  # it is not asked again
        (["INPUT -m conntrack --ctstate NEW -j ACCEPT"], [], ["PREROUTING -j NOTRACK"], "allowed"),  # it is tracked
        (["INPUT -m conntrack --ctstate NEW -j ACCEPT"], [], ["OUTPUT -j NOTRACK"], "denied"),
    ],
)
def test_both_sides_are_asked(
    rules: list[str], nat: list[str], raw: list[str], verdict: str, target: str, host: Host
) -> None:
    network = HostNetwork("rules.v4", written([one.replace("DROP -m", "-m") for one in rules], nat, raw), host)
    found = network.explain(network.own, place(target, network, ()), "tcp", 22)
    assert found.verdict == verdict


def test_the_witness_goes_out_and_in_by_the_loopback() -> None:
    network = HostNetwork("rules.v4", written([SSH]), HOST)
    for name, address in (("host", "192.0.2.1"), ("127.0.0.1", "127.0.0.1"), ("192.0.2.1", "192.0.2.1")):
        found = network.explain(network.own, place(name, network, ()), "tcp", 22)
        assert found.packet is not None
        assert packet_text(found.packet) == f"NEW tcp {address}:40000 -> {address}:22  in lo  out lo"


def test_what_is_sent_to_others_is_not_what_is_sent_to_itself() -> None:
    network = HostNetwork("rules.v4", written(["OUTPUT -o lo -j ACCEPT", "OUTPUT -j DROP"]), HOST)
    assert network.explain(network.own, place("192.0.2.0/24", network, ()), "tcp", 22).verdict == "denied"


ADDRESSES = ("127.0.0.1", "192.0.2.1", "192.0.2.7")


@pytest.mark.parametrize("host", [HOST, UNKNOWN_HOST], ids=["known", "unknown"])
@pytest.mark.parametrize("seed", range(20))
def test_packets_are_walked_as_they_are_decided(seed: int, host: Host) -> None:
    chance = random.Random(seed)

    def match(side: str) -> str:
        parts = [f"-{side} {chance.choice(('lo', 'eth0'))}"] if chance.random() < 0.4 else []
        parts += [f"-d {chance.choice(ADDRESSES)}"] if chance.random() < 0.4 else []
        parts += [f"-p tcp --dport {chance.choice((22, 23))}"] if chance.random() < 0.6 else []
        parts += [f"-m conntrack --ctstate {chance.choice(('NEW', 'UNTRACKED'))}"] if chance.random() < 0.3 else []
        return " ".join(parts)

    def some(chain: str, targets: tuple[str, ...], most: int) -> list[str]:
        side = "o" if chain == "OUTPUT" else "i"
        return [f"{chain} {match(side)} -j {chance.choice(targets)}" for _ in range(chance.randrange(most))]

    to = chance.choice(("REDIRECT --to-ports 23", "DNAT --to-destination 192.0.2.1:22"))
    nat = [f"OUTPUT -p tcp --dport 22 -j {to}", "PREROUTING -p tcp -j REDIRECT --to-ports 22"][: chance.randrange(3)]
    raw = [*some("PREROUTING", ("NOTRACK", "DROP"), 2), *some("OUTPUT", ("NOTRACK", "ACCEPT"), 2)]
    ruleset = written([*some("INPUT", ("ACCEPT", "DROP"), 5), *some("OUTPUT", ("ACCEPT", "DROP"), 4)], nat, raw)
    decided = decide(ruleset, host, Query(4, "loopback"))
    from ipaddress import IPv4Address

    for source in ADDRESSES[:2]:
        for destination in ADDRESSES:
            for dport in (22, 23):
                ends = int(IPv4Address(source)), int(IPv4Address(destination))
                packet = Concrete(4, "loopback", *ends, "", "lo", sport=40000, dport=dport)
                assert walk(ruleset, host, packet).verdict == decided.verdict_of(packet), (ruleset, packet)
    for verdict in decided.verdicts():
        assert decided.witness(verdict) is not None
