"""The rules of each kind of engine for the same commands, whole: the commands, and what the engine makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest

from policyengine.firewall import ipset
from policyengine.firewall.docker.facts import Engine
from policyengine.firewall.docker.network import DockerNetwork
from policyengine.firewall.docker.predicted import predicted
from policyengine.firewall.iptables import read
from tests.firewall.docker.engines import Commands, lines, nft

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Version

COMMANDS = """\
docker network create -o com.docker.network.bridge.name=br-open --subnet 192.0.2.0/26 --gateway 192.0.2.1 open
docker network create -o com.docker.network.bridge.name=br-shut --subnet 192.0.2.64/26 --gateway 192.0.2.65 \\
  --internal shut
docker run --network br-open -p 127.0.0.1:8080:80 --name web nginx
docker run --network br-shut --name db postgres
"""

BEFORE_28 = """\
*filter
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -i br-shut -o br-shut -j ACCEPT
-A FORWARD -o br-open -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o br-open -j DOCKER
-A FORWARD -i br-open ! -o br-open -j ACCEPT
-A FORWARD -i br-open -o br-open -j ACCEPT
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A FORWARD -j DROP
-A DOCKER -d 192.0.2.2/32 ! -i br-open -o br-open -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 ! -s 192.0.2.64/26 -o br-shut -j DROP
-A DOCKER-ISOLATION-STAGE-1 ! -d 192.0.2.64/26 -i br-shut -j DROP
-A DOCKER-ISOLATION-STAGE-1 -i br-open ! -o br-open -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o br-open -j DROP
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
*nat
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 192.0.2.0/26 ! -o br-open -j MASQUERADE
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 192.0.2.2/32 -d 192.0.2.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER -i br-open -j RETURN
-A DOCKER -i docker0 -j RETURN
-A DOCKER -d 127.0.0.1/32 ! -i br-open -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80
"""

SINCE_29 = """\
*raw
-A PREROUTING -d 192.0.2.2/32 ! -i br-open -j DROP
-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8080 -j DROP
*filter
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A FORWARD -j DROP
-A DOCKER -d 192.0.2.2/32 ! -i br-open -o br-open -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER ! -i docker0 -o docker0 -j DROP
-A DOCKER ! -i br-open -o br-open -j DROP
-A DOCKER-BRIDGE -o docker0 -j DOCKER
-A DOCKER-BRIDGE -o br-open -j DOCKER
-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-CT -o br-open -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-INTERNAL
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i docker0 -j ACCEPT
-A DOCKER-FORWARD -i br-open -j ACCEPT
-A DOCKER-FORWARD -i br-shut -o br-shut -j ACCEPT
-A DOCKER-INTERNAL ! -s 192.0.2.64/26 -o br-shut -j DROP
-A DOCKER-INTERNAL ! -d 192.0.2.64/26 -i br-shut -j DROP
*nat
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 192.0.2.0/26 ! -o br-open -j MASQUERADE
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -d 127.0.0.1/32 ! -i br-open -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80
"""

IN_28 = """\
*raw
-A PREROUTING -d 192.0.2.2/32 ! -i br-open -j DROP
-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8080 -j DROP
*filter
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A FORWARD -j DROP
-A DOCKER -d 192.0.2.2/32 ! -i br-open -o br-open -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER ! -i docker0 -o docker0 -j DROP
-A DOCKER ! -i br-open -o br-open -j DROP
-A DOCKER-BRIDGE -o docker0 -j DOCKER
-A DOCKER-BRIDGE -o br-open -j DOCKER
-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-CT -o br-open -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i docker0 -j ACCEPT
-A DOCKER-FORWARD -i br-open -j ACCEPT
-A DOCKER-FORWARD -i br-shut -o br-shut -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 ! -s 192.0.2.64/26 -o br-shut -j DROP
-A DOCKER-ISOLATION-STAGE-1 ! -d 192.0.2.64/26 -i br-shut -j DROP
-A DOCKER-ISOLATION-STAGE-1 -i br-open ! -o br-open -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-2 -o br-open -j DROP
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-USER -j RETURN
*nat
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 192.0.2.0/26 ! -o br-open -j MASQUERADE
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i br-open -j RETURN
-A DOCKER -i docker0 -j RETURN
-A DOCKER -d 127.0.0.1/32 ! -i br-open -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80
"""

BY_PORT = ("! -i br-open -j DROP", "! -i br-open -p tcp -m tcp --dport 80 -j DROP")
BEFORE_28_2 = IN_28.replace(*BY_PORT, 1)
"""Before 28.2 the table raw guards published ports only."""

FORWARD = """\
-A FORWARD -j DOCKER-USER
-A FORWARD -m set --match-set docker-ext-bridges-v4 dst -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -m set --match-set docker-ext-bridges-v4 dst -j DOCKER
-A FORWARD -i docker0 -j ACCEPT
-A FORWARD -i br-open -j ACCEPT
-A FORWARD -i br-shut -o br-shut -j ACCEPT
-A FORWARD -j DROP
"""
FIRST_28 = re.sub("-A FORWARD.*\n", "", re.sub("-A DOCKER-(BRIDGE|CT|FORWARD) .*\n", "", BEFORE_28_2)).replace(
    "*filter\n", f"*filter\n{FORWARD}"
)
"""28.0.0 has all that in the chain FORWARD, and a set of ipset with the networks that are not internal."""

SETS = """\
create docker-ext-bridges-v4 hash:net family inet
add docker-ext-bridges-v4 172.17.0.0/16
add docker-ext-bridges-v4 192.0.2.0/26
"""

CASES: list[tuple[Version, str]] = [
    ((20, 10), BEFORE_28),
    ((27, 5), BEFORE_28),
    ((28, 0, 0), FIRST_28),
    ((28, 0, 1), BEFORE_28_2),
    ((28, 1), BEFORE_28_2),
    ((28, 2), IN_28),
    ((28, 5), IN_28),
    ((29, 0), SINCE_29),
]

NFTABLES = """\
filter-FORWARD
  oifname vmap @filter-forward-in-jumps
  iifname vmap @filter-forward-out-jumps
  counter drop
nat-OUTPUT
  ip daddr != 127.0.0.0/8 fib daddr type local counter jump nat-prerouting-and-output
nat-POSTROUTING
  iifname vmap @nat-postrouting-out-jumps
  oifname vmap @nat-postrouting-in-jumps
nat-PREROUTING
  fib daddr type local counter jump nat-prerouting-and-output
raw-PREROUTING
  ip daddr 192.0.2.2 iifname != "br-open" counter drop comment "DROP DIRECT ACCESS"
  iifname != "lo" ip daddr 127.0.0.1 tcp dport 8080 counter drop comment "DROP REMOTE LOOPBACK"
nat-prerouting-and-output
  iifname != "br-open" ip daddr 127.0.0.1 tcp dport 8080 counter dnat to 192.0.2.2:80 comment "DNAT"
filter-forward-in__docker0
  ct state established,related counter accept
  iifname "docker0" counter accept comment "ICC"
  counter drop comment "UNPUBLISHED PORT DROP"
filter-forward-in__br-open
  ct state established,related counter accept
  iifname "br-open" counter accept comment "ICC"
  ip daddr 192.0.2.2 tcp dport 80 counter accept
  counter drop comment "UNPUBLISHED PORT DROP"
filter-forward-in__br-shut
  ct state established,related counter accept
  iifname != "br-shut" counter drop comment "INTERNAL NETWORK INGRESS"
  counter accept comment "ICC"
filter-forward-out__docker0
  ct state established,related counter accept
  counter accept comment "OUTGOING"
filter-forward-out__br-open
  ct state established,related counter accept
  counter accept comment "OUTGOING"
filter-forward-out__br-shut
  ct state established,related counter accept
  oifname != "br-shut" counter drop comment "INTERNAL NETWORK EGRESS"
nat-postrouting-out__docker0
  oifname != "docker0" ip saddr 172.17.0.0/16 counter masquerade comment "MASQUERADE"
nat-postrouting-out__br-open
  oifname != "br-open" ip saddr 192.0.2.0/26 counter masquerade comment "MASQUERADE"
nat-postrouting-out__br-shut
nat-postrouting-in__docker0
nat-postrouting-in__br-open
nat-postrouting-in__br-shut
"""


def engine(version: Version, backend: Literal["iptables", "nftables"] = "iptables") -> Engine:
    found = Commands().run(COMMANDS)
    networks, containers = tuple(found.networks), tuple(found.containers)
    return Engine("docker://local", version, networks, containers, backend=backend, forward_policy="drop")


@pytest.mark.parametrize(("version", "expected"), CASES)
def test_iptables(version: Version, expected: str) -> None:
    tables = lines(predicted(engine(version)))
    assert "".join(f"*{name}\n" + "".join(f"{rule}\n" for rule in rules) for name, rules in tables.items()) == expected


def test_nftables() -> None:
    chains = nft(predicted(engine((29, 0), "nftables")))
    assert "".join(f"{name}\n" + "".join(f"  {rule}\n" for rule in rules) for name, rules in chains.items()) == NFTABLES


@pytest.mark.parametrize("version", [version for version, _ in CASES])
def test_the_texts_say_what_the_rules_do(version: Version) -> None:
    """The reader of iptables-save reads the text of each rule to what the rule itself says."""
    sets = ipset.read(SETS, "sets")
    for table in predicted(engine(version)).tables:
        if table.families != (4,):
            continue
        heads = (f":{one.name} {'ACCEPT' if one.hook else '-'} [0:0]" for one in table.chains)
        rules = [rule for chain in table.chains for rule in chain.rules]
        text = "\n".join([f"*{table.name}", *heads, *(rule.text for rule in rules), "COMMIT", ""])
        (again,) = read(text, "rules", 4, sets=sets)
        for one, other in zip(rules, [rule for chain in again.chains for rule in chain.rules], strict=True):
            assert (one.text, set(one.any_of[0]), one.action) == (other.text, set(other.any_of[0]), other.action)


@pytest.mark.parametrize(
    ("version", "backend", "reached"),
    [
        ((20, 10), "iptables", True),
        ((28, 0, 0), "iptables", False),
        ((28, 1), "iptables", False),
        ((28, 2), "iptables", False),
        ((29, 0), "iptables", False),
        ((29, 0), "nftables", False),
    ],
)
def test_a_port_of_the_loopback(version: Version, backend: Literal["iptables", "nftables"], reached: bool) -> None:
    network = DockerNetwork(engine(version, backend))
    places = {place.name: place for place in network.places()}
    found = network.explain(places["lan"], places["web"], "tcp", 80)
    assert found.verdict == ("allowed" if reached else "denied")
    assert network.explain(places["host"], places["web"], "tcp", 80).verdict == "allowed"
    assert network.explain(places["lan"], places["db"], "tcp", 5432).verdict == "denied"
