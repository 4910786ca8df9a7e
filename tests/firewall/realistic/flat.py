"""One long chain, as scripts that only ever append make it: single hosts, single ports, and a list of the blocked.

There are no chains to skip: a packet is compared with rule after rule, of both verdicts mixed.
"""

from __future__ import annotations

import random

from tests.firewall.realistic.dump import Made, dump, table

PORTS = ("22", "22", "25", "53", "80", "443", "443", "993", "3306", "5432", "8080")

ESTABLISHED = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"


def made(rules: int, seed: int) -> Made:
    """About this many rules of FORWARD."""
    chance = random.Random(seed)
    chain = [ESTABLISHED, *(_rule(chance) for _ in range(rules - 2)), '-j LOG --log-prefix "denied "']
    return Made(dump(table("filter", {"FORWARD": chain}, ["INPUT", "FORWARD"])))


def _rule(chance: random.Random) -> str:
    inside = f"10.{chance.randrange(4)}.{chance.randrange(256)}.{chance.randrange(1, 255)}/32"
    outside = (
        f"{chance.randrange(11, 223)}.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}/32"
    )
    protocol = chance.choice(("tcp", "tcp", "tcp", "udp"))
    service = f"-p {protocol} -m {protocol} --dport {chance.choice(PORTS)}"
    kind = chance.random()
    if kind < 0.3:
        return f"-s {outside} -j DROP"
    if kind < 0.65:
        return f"-d {inside} {service} -j ACCEPT"
    if kind < 0.9:
        return f"-s {outside} -d {inside} {service} -j ACCEPT"
    return f"-d {inside} {service} -j DROP"
