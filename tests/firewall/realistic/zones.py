"""A router between zones: a chain for what comes from each, and one for what goes there.

Lists of single hosts and of networks, services on few ports and on many, unknown matches (MAC addresses, limits),
logging, chains of chains. Blocked networks stand between what is allowed, so that little is alike beside each other.
"""

from __future__ import annotations

import random

from tests.firewall.realistic.dump import Made, dump, table

SERVICES = ("22", "25", "53", "80", "110", "143", "443", "445", "993", "3128", "3306", "5432", "8080", "9090")

SEVERAL = ("80,443", "22,80,443", "137:139,445", "6000:6063", "25,465,587", "1024:65535", "20,21", "5900:5910")


def made(rules: int, seed: int) -> Made:
    """About this many rules in one table, of which FORWARD meets nearly all."""
    return Made(_Making(rules, seed).text())


class _Making:
    def __init__(self, rules: int, seed: int) -> None:
        self.wanted = rules
        self.random = random.Random(seed)
        self.zones = [f"eth1.{110 + number}" for number in range(max(3, min(60, rules // 80)))]
        self.networks = {zone: f"10.{16 + at // 8}.{at % 8 * 32}" for at, zone in enumerate(self.zones)}
        self.chains: dict[str, list[str]] = {"INPUT": [], "FORWARD": [], "OUTPUT": []}

    def text(self) -> str:
        self._head()
        while sum(map(len, self.chains.values())) < self.wanted:
            self._some(self.random.choice(self.zones))
        self.chains["FORWARD"] += [f"-i {zone} -j from-{zone}" for zone in self.zones]
        self.chains["FORWARD"] += [f"-o {zone} -j to-{zone}" for zone in self.zones]
        for zone in self.zones:
            self.chains[f"to-{zone}"] += ["-j LOG_DROP"]
        return dump(table("filter", self.chains, ["INPUT", "FORWARD"]))

    def _head(self) -> None:
        self.chains["LOG_DROP"] = ['-m limit --limit 100/min -j LOG --log-prefix "[dropped] " --log-level 6', "-j DROP"]
        self.chains["FORWARD"] += [
            "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            "-m conntrack --ctstate INVALID -j DROP",
        ]
        self.chains["INPUT"] += ["-i lo -j ACCEPT", "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]
        self.chains["INPUT"] += ["-p tcp -m tcp --dport 22 -j ACCEPT", "-p icmp -m icmp --icmp-type 8 -j ACCEPT"]
        for zone in self.zones:
            self.chains[f"mac-{zone}"] = []
            self.chains[f"from-{zone}"] = [f"-j mac-{zone}", f"! -s {self.networks[zone]}.0/19 -j LOG_DROP"]
            self.chains[f"to-{zone}"] = []

    def _some(self, zone: str) -> None:
        make = self.random.choice((self._mac, self._host, self._host, self._service, self._service, self._blocked))
        make(zone)

    def _address(self, zone: str) -> str:
        return f"{self.networks[zone].rsplit('.', 1)[0]}.{self.random.randrange(256)}.{self.random.randrange(1, 255)}"

    def _mac(self, zone: str) -> None:
        mac = ":".join(f"{self.random.randrange(256):02X}" for _ in range(6))
        self.chains[f"mac-{zone}"].append(f"-s {self._address(zone)}/32 -m mac ! --mac-source {mac} -j LOG_DROP")

    def _ports(self) -> str:
        protocol = self.random.choice(("tcp", "tcp", "tcp", "udp"))
        if self.random.random() < 0.7:
            return f"-p {protocol} -m {protocol} --dport {self.random.choice(SERVICES)}"
        return f"-p {protocol} -m multiport --dports {self.random.choice(SEVERAL)}"

    def _host(self, zone: str) -> None:
        other = self.random.choice(self.zones)
        source = self.random.choice(("", f"-s {self._address(other)}/32 ", f"-s {self.networks[other]}.0/19 "))
        self.chains[f"to-{zone}"].append(f"{source}-d {self._address(zone)}/32 {self._ports()} -j ACCEPT")

    def _service(self, zone: str) -> None:
        host = f"{self._address(zone)}/32"
        for _ in range(self.random.randrange(1, 4)):
            self.chains[f"to-{zone}"].append(f"-d {host} {self._ports()} -j ACCEPT")

    def _blocked(self, zone: str) -> None:
        network = f"{self.random.randrange(1, 223)}.{self.random.randrange(256)}.0.0/{self.random.choice((16, 20, 24))}"
        action = self.random.choice(("DROP", "REJECT --reject-with icmp-port-unreachable", "LOG_DROP"))
        self.chains[f"to-{zone}"].append(f"-s {network} -j {action}")
