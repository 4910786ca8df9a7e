"""A node of a Kubernetes cluster with kube-proxy in its iptables mode: eleven rules for a service of three endpoints.

Each service has a chain that chooses an endpoint by chance, each endpoint a chain that translates to it.
"""

from __future__ import annotations

import random
from string import ascii_uppercase, digits

from tests.firewall.realistic.dump import Made, dump, table

PORTS = ("22", "80", "80", "80", "443", "443", "5432", "8080", "9090")

MARK = "-j KUBE-MARK-MASQ"

MARKED = "-m mark --mark 0x4000/0x4000"

SERVICES = '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'

FILTER = {
    "FORWARD": ['-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD'],
    "KUBE-FORWARD": [
        "-m conntrack --ctstate INVALID -j DROP",
        f'-m comment --comment "kubernetes forwarding rules" {MARKED} -j ACCEPT',
        "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ],
}

POSTROUTING = [
    "-m mark ! --mark 0x4000/0x4000 -j RETURN",
    "-j MARK --set-xmark 0x4000/0x0",
    '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
]


def made(rules: int, seed: int) -> Made:
    """About this many rules of the nat table."""
    chance = random.Random(seed)
    chains: dict[str, list[str]] = {
        "PREROUTING": [SERVICES],
        "OUTPUT": [SERVICES],
        "POSTROUTING": ['-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'],
        "KUBE-SERVICES": [],
        "KUBE-NODEPORTS": [],
        "KUBE-MARK-MASQ": ["-j MARK --set-xmark 0x4000/0x4000"],
        "KUBE-POSTROUTING": POSTROUTING,
    }
    for number in range(max(1, rules // 11)):
        _service(chains, number, chance)
    chains["KUBE-SERVICES"].append("-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")
    return Made(dump(table("nat", chains), table("filter", FILTER)))


def _service(chains: dict[str, list[str]], number: int, chance: random.Random) -> None:
    name = f'-m comment --comment "team{number % 40}/app{number}:main'
    address = f"10.{96 + number // 65536}.{number // 256 % 256}.{number % 256}"
    asked = f"-p tcp -m tcp --dport {chance.choice(PORTS)}"
    chain = f"KUBE-SVC-{_hash(chance)}"
    chains["KUBE-SERVICES"].append(f'-d {address}/32 {asked} {name} cluster IP" -j {chain}')
    chains[chain] = [f'! -s 10.244.0.0/16 -d {address}/32 {asked} {name} cluster IP" {MARK}']
    if number % 10 == 0:
        chains["KUBE-NODEPORTS"].append(f'-p tcp {name}" -m tcp --dport {30000 + number % 2768} -j {chain}')
    endpoints = chance.randrange(1, 6)
    port = chance.choice((8080, 8443, 9090, 22))
    for left in range(endpoints, 0, -1):
        one = f"10.244.{chance.randrange(256)}.{chance.randrange(2, 255)}"
        by_chance = f"-m statistic --mode random --probability {1 / left:.11f} " if left > 1 else ""
        endpoint = f"KUBE-SEP-{_hash(chance)}"
        chains[chain].append(f'{name} -> {one}:{port}" {by_chance}-j {endpoint}')
        translated = f'-p tcp {name}" -m tcp -j DNAT --to-destination {one}:{port}'
        chains[endpoint] = [f'-s {one}/32 {name}" {MARK}', translated]


def _hash(chance: random.Random) -> str:
    return "".join(chance.choice(ascii_uppercase + digits) for _ in range(16))
