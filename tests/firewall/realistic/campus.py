"""The router of a university's department: a network for each VLAN, a machine for each address.

Each network has a chain that ties its addresses to network cards (a pair of rules a machine: half of all rules), one
that keeps out forged sources, and one that says who gets to its machines: by lists of the other networks and of single
machines, for single ports or for all of them. All of it is about first packets (``--syn``). Some hosts are not tracked.
"""

from __future__ import annotations

import random

from tests.firewall.realistic.dump import Made, dump, table

SYN = "--tcp-flags FIN,SYN,RST,ACK SYN"

NAT = [
    f"-d 10.254.0.{last}/32 -p tcp -m multiport --dports 389,636 -j SNAT --to-source 10.253.0.9" for last in (42, 43)
]

DEFAULT = ["-p icmp -j ACCEPT", "-m limit --limit 100/min -j REJECT --reject-with icmp-port-unreachable", "-j DROP"]

PORTS = ("22", "22", "22", "80", "443", "53", "3389", "5432", "8000", "10022", "1:65535", "1:65535", "1024:65535")

ADMINISTRATORS = 11
"""Machines that get everywhere: they are named at the end of each network's chain."""

SEVERAL = ("80,443", "22,80,443", "22,10022", "80,443,389,636", "22,80")


def made(rules: int, seed: int) -> Made:
    """About this many rules, nearly all of which FORWARD may meet."""
    return _Campus(rules, seed).made()


class _Campus:
    def __init__(self, rules: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.networks = {1000 + at: f"10.{16 + at // 64}.{at % 64 * 4}" for at in range(max(3, min(400, rules // 230)))}
        self.machines = max(3, rules // 2 // (2 * len(self.networks)))
        self.addresses = {vlan: self._addresses(network) for vlan, network in self.networks.items()}
        every = [one for addresses in self.addresses.values() for one in addresses]
        self.trusted = self.random.sample(every, min(len(every), 40))
        self.wanted = rules
        self.chains: dict[str, list[str]] = {"INPUT": [], "FORWARD": _head()}
        self.chains |= {"LOG_DROP": ['-m limit --limit 100/min -j LOG --log-prefix "[IPT_DROP]:"', "-j DROP"]}
        self.chains |= {"RECENT_DROP": ["-j DROP"], "NOTFROMHERE": [], "filter_DEFAULT": DEFAULT}

    def made(self) -> Made:
        for vlan, network in self.networks.items():
            self._network(vlan, network)
        fixed = sum(map(len, self.chains.values())) + (2 + 2 * ADMINISTRATORS) * len(self.networks)
        while sum(len(self.chains[f"filter_{vlan}"]) for vlan in self.networks) < self.wanted - fixed:
            self._allowed(self.random.choice(list(self.networks)))
        for vlan in self.networks:
            administrators = [f"-s {one}/32 {rule}" for one in self.trusted[:ADMINISTRATORS] for rule in _on("1:65535")]
            self.chains[f"filter_{vlan}"] += [*administrators, "-j filter_DEFAULT"]
        self.chains["NOTFROMHERE"].append("-j RETURN")
        self.chains["FORWARD"] += [
            f"-d {of}.0/22 -o eth1.{vlan} -j filter_{vlan}" for vlan, of in self.networks.items()
        ]
        self.chains["FORWARD"].append("-j LOG_DROP")
        nat = table("nat", {"POSTROUTING": NAT})
        return Made(dump(table("raw", {"PREROUTING": self._untracked()}), nat, table("filter", self.chains)))

    def _addresses(self, network: str) -> list[str]:
        return [_in(network, last) for last in self.random.sample(range(2, 1022), min(1019, self.machines))]

    def _network(self, vlan: int, network: str) -> None:
        self.chains["FORWARD"] += [
            f"-s {network}.0/22 -i eth1.{vlan} -j mac_{vlan}",
            f"-i eth1.{vlan} -j ranges_{vlan}",
        ]
        self.chains["NOTFROMHERE"].append(f"-s {network}.0/22 -j LOG_DROP")
        self.chains[f"ranges_{vlan}"] = [f"-s {network}.0/22 -j RETURN", "-j LOG_DROP"]
        cards = self.chains[f"mac_{vlan}"] = []
        for address in self.addresses[vlan]:
            card = ":".join(f"{self.random.randrange(256):02X}" for _ in range(6))
            cards += [f"-s {address}/32 -m mac --mac-source {card} -j RETURN", f"-s {address}/32 -j DROP"]
        cards.append("-j RETURN")
        self.chains[f"filter_{vlan}"] = []

    def _allowed(self, vlan: int) -> None:
        """A machine, and who gets to it: everybody, one that is trusted, or each of the other networks."""
        to = f"-d {self.random.choice(self.addresses[vlan])}/32 "
        every = list(self.networks.values())
        kind = self.random.random()
        froms = [""]
        if kind < 0.25:
            froms = [f"-s {of}.0/22 " for of in self.random.sample(every, min(len(every), 14))]
        elif kind < 0.6:
            froms = [f"-s {self.random.choice(self.trusted)}/32 "]
        for rule in self._services():
            self.chains[f"filter_{vlan}"] += [f"{source}{to}{rule}" for source in froms]

    def _services(self) -> list[str]:
        if self.random.random() < 0.2:
            several = self.random.choice(SEVERAL)
            return [f"-p tcp -m state --state NEW -m tcp {SYN} -m multiport --dports {several} -j ACCEPT"]
        return _on(self.random.choice(PORTS))

    def _untracked(self) -> list[str]:
        servers = [_in(network, 47) for network in list(self.networks.values())[:3]]
        asked = [f"-p udp -m udp --{side} 53 -j NOTRACK" for side in ("dport", "sport")]
        return [f"-{side} {server}/32 {rule}" for server in servers for side in "sd" for rule in asked]


def _on(port: str) -> list[str]:
    """What lets in to a port by TCP; to many ports: by UDP too."""
    tcp = f"-p tcp -m state --state NEW -m tcp --dport {port} {SYN} -j ACCEPT"
    return [tcp, f"-p udp -m state --state NEW -m udp --dport {port} -j ACCEPT"] if ":" in port else [tcp]


def _head() -> list[str]:
    recent = "-m recent --update --seconds 360 --hitcount 41 --name ratessh --rsource -j RECENT_DROP"
    return [
        "-m state --state RELATED,ESTABLISHED,UNTRACKED -j ACCEPT",
        "-i eth0 -j NOTFROMHERE",
        "-m recent --update --seconds 60 --name DEFAULT --rsource -j RECENT_DROP",
        f"-p tcp -m state --state NEW -m tcp --dport 22 {SYN} {recent}",
        "-s 127.0.0.0/8 -j LOG_DROP",
    ]


def _in(network: str, number: int) -> str:
    first, second, third = network.split(".")
    return f"{first}.{second}.{int(third) + number // 256}.{number % 256}"
