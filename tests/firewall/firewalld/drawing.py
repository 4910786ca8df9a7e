"""Settings of firewalld by lot: zones, policies, services and sets that name each other, and packets near to them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from policyengine.firewall.addresses import first_and_last
from policyengine.firewall.packets import Concrete

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.firewall.packets import Path
    from policyengine.firewall.rules import Family

INTERFACES = ("eth0", "eth1", "eth2", "wg0", "br-one")
BOUND = (*INTERFACES, "eth+", "br-+")
SOURCES = (
    *("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.168.7.0/24", "172.16.9.9", "198.51.100.0/255.255.255.0"),
    *("2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::7", "fd00::/8", "02:00:00:00:00:07"),
)
FOUR = [one for one in SOURCES if "." in one] + ["203.0.113.5"]
SIX = [one for one in SOURCES if one.count(":") > 1 and one.count(":") != 5] + ["2001:db8:2::9"]
PORTS = ("22", "53", "80", "443", "8000-8010", "1024-65535", "5432", "http")
TYPES = ("echo-request", "echo-reply", "destination-unreachable", "port-unreachable", "redirect", "time-exceeded")
STOCK = ("public", "internal", "trusted", "drop", "block", "external")
PROTOCOLS = ("tcp", "udp", "sctp", "dccp")
SETS = {
    "four": ("hash:ip", "inet", ["10.1.2.3", "10.9.9.9", "192.168.7.1"]),
    "nets": ("hash:net", "inet", ["10.64.0.0/10", "192.168.7.128/25"]),
    "six": ("hash:net", "inet6", ["2001:db8:1::/64", "fd00:1::/32"]),
    "ports": ("hash:ip,port", "inet", ["10.1.2.3,tcp:22", "10.9.9.9,udp:53", "10.1.2.4,8000-8010"]),
    "cards": ("hash:mac", "inet", ["02:00:00:00:00:08"]),
    "ways": ("hash:net,iface", "inet", ["10.0.0.0/9,eth1"]),
    "later": ("hash:ip", "inet", []),
}
SERVICES = {
    "web": '<port port="80" protocol="tcp"/><port port="443" protocol="tcp"/>',
    "mixed": '<port port="8000-8010" protocol="udp"/><protocol value="gre"/><source-port port="53" protocol="udp"/>',
    "there": '<port port="22" protocol="tcp"/><destination ipv4="10.1.0.0/16" ipv6="2001:db8:1::/48"/>',
    "more": '<include service="web"/><include service="round"/><port port="5432" protocol="tcp"/>',
    "round": '<include service="more"/><destination ipv6="fd00::/8"/><protocol value="esp"/>',
}


def element(name: str, attributes: Mapping[str, object] | None = None, *children: str) -> str:
    """An element; attributes that are empty are left out."""
    told = "".join(f" {key}={quoteattr(str(value))}" for key, value in (attributes or {}).items() if value != "")
    return f"<{name}{told}>{''.join(children)}</{name}>\n"


class Drawn:
    """``files`` are those of /etc/firewalld by name."""

    def __init__(self, lot: random.Random) -> None:
        self.lot = lot
        self.files: dict[str, str] = {}
        self._services()
        self._zones()
        for number in range(lot.randint(0, 3)):
            self.files[f"policies/p{number}.xml"] = self._policy()
        default = lot.choice(self.zones)
        said = [f"DefaultZone={default}", *self._switches()]
        self.files["firewalld.conf"] = "# drawn by lot\n" + "\n".join(said) + "\n"

    def _chance(self, of: float) -> bool:
        return self.lot.random() < of

    def _some(self, things: Sequence[str], most: int) -> list[str]:
        return self.lot.sample(list(things), min(len(things), self.lot.randint(0, most)))

    def _switches(self) -> Iterable[str]:
        for name in ("IPv6_rpfilter", "RFC3964_IPv4"):
            if self._chance(0.5):
                yield f"{name}={self.lot.choice(('yes', 'no'))}"
        if self._chance(0.2):
            yield "LogDenied=all"

    def _services(self) -> None:
        for name, said in SERVICES.items():
            self.files[f"services/{name}.xml"] = element("service", None, said)
        for name, (kind, family, entries) in SETS.items():
            options = [] if kind == "hash:mac" else [element("option", {"name": "family", "value": family})]
            if name == "later":
                options.append(element("option", {"name": "timeout", "value": "60"}))
            told = [f"<entry>{one}</entry>" for one in entries]
            self.files[f"ipsets/{name}.xml"] = element("ipset", {"type": kind}, *options, *told)

    def _zones(self) -> None:
        self.zones = [*self._some(STOCK, 3), "mine", "other"]
        interfaces, sources = (
            list(BOUND),
            [*SOURCES, *(f"ipset:{name}" for name in SETS if name not in ("ports", "ways"))],
        )
        self.lot.shuffle(interfaces)
        self.lot.shuffle(sources)
        self.bound: dict[str, bool] = {}
        for name in self.zones:
            taken = [interfaces.pop() for _ in range(self.lot.randint(0, 2)) if interfaces]
            taken += [sources.pop() for _ in range(self.lot.randint(0, 3)) if sources]
            self.bound[name] = any(one in BOUND for one in taken)
            self.files[f"zones/{name}.xml"] = self._zone(taken)

    def _zone(self, bound: list[str]) -> str:
        target = self.lot.choice(("", "", "ACCEPT", "DROP", "%%REJECT%%", "default"))
        told = [_bound(one) for one in bound] + self._permits(host=True)
        told += [element(one) for one in ("forward", "masquerade", "icmp-block-inversion") if self._chance(0.3)]
        told += [self._forward_port("") for _ in range(self.lot.randint(0, 2))]
        told += [self._rule(host=True) for _ in range(self.lot.randint(0, 5))]
        return element("zone", {"target": target}, *told)

    def _permits(self, *, host: bool) -> list[str]:
        services = (*SERVICES, "ssh", "mdns", "samba-client")
        told = [element("service", {"name": one}) for one in self._some(services, 3)]
        told += [element("port", self._port()) for _ in range(self.lot.randint(0, 2))]
        told += [element("source-port", self._port()) for _ in range(self.lot.randint(0, 1))]
        told += [element("protocol", {"value": one}) for one in self._some(("gre", "esp", "47", "icmp"), 1)]
        told += [element("icmp-block", {"name": one}) for one in self._some(TYPES, 2)] if host else []
        return told

    def _port(self) -> dict[str, object]:
        return {"port": self.lot.choice(PORTS), "protocol": self.lot.choice(PROTOCOLS[:2] * 3 + PROTOCOLS)}

    def _forward_port(self, to: str) -> str:
        place = self.lot.choice(("", "81", "9000-9005"))
        to = to or self.lot.choice(("", "10.1.2.3", "2001:db8:1::7"))
        return element("forward-port", {**self._port(), "to-port": place or ("" if to else "81"), "to-addr": to})

    def _rule(self, *, host: bool, translates: bool = True) -> str:
        family = self.lot.choice(("", "ipv4", "ipv6"))
        source = self._side("source", family) if self._chance(0.6) else ""
        to = self._side("destination", family) if family and self._chance(0.3) else ""
        kinds = ["service", "port", "source-port", "protocol", "icmp-type", *(["icmp-block"] if host else [])]
        if translates:
            kinds += ["masquerade"] if "mac=" not in source else []
            kinds += ["forward-port"] if family else []
        if source or to:
            kinds.append("")
        kind = self.lot.choice(kinds)
        about = self._about(kind, family, to)
        # Right before a reset nft leaves the family out of its listing: only addresses tell it there.
        is_tcp = ('protocol="tcp"' in about or not kind) and "address=" in source + to
        action = (
            "" if kind in ("masquerade", "forward-port", "icmp-block") else self._action(family, translates, is_tcp)
        )
        told = {"family": family, "priority": self.lot.choice((0, 0, 0, -5, -5, 7, 100))}
        log = element("log", {"prefix": "x"}) if self._chance(0.2) else ""
        return element("rule", told, source, to, about, log, action)

    def _side(self, name: str, family: str) -> str:
        invert = self.lot.choice(("", "", "true"))
        named = [one for one, of in SETS.items() if family in ("", "ipv6" if of[1] == "inet6" else "ipv4")]
        if not family:
            told = {"mac": "02:00:00:00:00:09"} if self._chance(0.3) else {"ipset": self.lot.choice(named)}
        elif self._chance(0.3):
            told = {"ipset": self.lot.choice([one for one in named if one != "cards"])}
        else:
            told = {"address": self.lot.choice(FOUR if family == "ipv4" else SIX)}
        return element(name, {**told, "invert": invert})

    def _about(self, kind: str, family: str, to: str) -> str:
        names = [one for one in (*SERVICES, "ssh") if not to or one not in ("there", "round", "more")]
        if kind == "service":
            return element(kind, {"name": self.lot.choice(names)})
        if kind in ("port", "source-port"):
            return element(kind, self._port())
        if kind == "forward-port":
            return self._forward_port("10.1.2.3" if family == "ipv4" else "2001:db8:1::7")
        if kind in ("icmp-type", "icmp-block"):
            return element(kind, {"name": self.lot.choice(TYPES[:4])})
        return element(kind, {"value": "gre"} if kind == "protocol" else None) if kind else ""

    def _action(self, family: str, marks: bool, is_tcp: bool) -> str:
        limit = element("limit", {"value": "5/m"}) if self._chance(0.2) else ""
        kind = self.lot.choice(("accept", "accept", "drop", "reject", *(["mark"] if marks else [])))
        if kind == "mark":
            return element("mark", {"set": "7"})
        types = {"ipv4": ["", "icmp-host-prohibited"], "ipv6": ["", "icmp6-no-route"]}
        told = (
            {"type": self.lot.choice(types.get(family, [""]) + ["tcp-reset"] * (is_tcp and family != ""))}
            if kind == "reject"
            else {}
        )
        return element(kind, told, limit)

    def _policy(self) -> str:
        ingress, egress = self._ends(), self._ends()
        if "HOST" in ingress and "HOST" in egress:
            egress = ["ANY"]
        to_host, from_host = "HOST" in egress, "HOST" in ingress
        told = [element("ingress-zone", {"name": one}) for one in ingress]
        told += [element("egress-zone", {"name": one}) for one in egress]
        told += self._permits(host=True)
        told += [self._rule(host=True, translates=False) for _ in range(self.lot.randint(0, 3))]
        if not to_host and not from_host and self._chance(0.3):
            told.append(element("masquerade"))
        if (egress == ["ANY"] or not any(self.bound.get(one) for one in egress)) and not to_host and not from_host:
            told += [self._forward_port("10.1.2.3")] if self._chance(0.5) else []
        if to_host and ingress == ["ANY"] and self._chance(0.5):
            told.append(element("forward-port", {**self._port(), "to-port": "81"}))
        target = self.lot.choice(("CONTINUE", "ACCEPT", "DROP", "REJECT"))
        return element("policy", {"target": target, "priority": self.lot.choice((-1, -1, -50, 1, 60))}, *told)

    def _ends(self) -> list[str]:
        if self._chance(0.4):
            return [self.lot.choice(("ANY", "HOST"))]
        return self._some(self.zones, 2) or ["ANY"]


def _bound(one: str) -> str:
    if one in BOUND:
        return element("interface", {"name": one})
    return element("source", {"ipset": one[6:]} if one.startswith("ipset:") else {"address": one})


def packets(lot: random.Random, count: int, atoms: Sequence[str]) -> list[Concrete]:
    """Packets of all kinds, most of them to or from what settings are about."""
    return [_packet(lot, atoms) for _ in range(count)]


def _packet(lot: random.Random, atoms: Sequence[str]) -> Concrete:
    family: Family = lot.choice((4, 4, 6))
    path: Path = lot.choice(("input", "input", "forward", "forward", "output"))
    protocol = lot.choice((6, 6, 6, 17, 17, 1 if family == 4 else 58, 47, 50, 132))
    kinds = (
        (0, 3 * 256 + 3, 5 * 256, 8 * 256, 11 * 256) if family == 4 else (128 * 256, 129 * 256, 1 * 256 + 4, 137 * 256)
    )
    return Concrete(
        family,
        path,
        _address(lot, family),
        _address(lot, family),
        into="" if path == "output" else lot.choice((*INTERFACES, "lo", "tun3")),
        out="" if path == "input" else lot.choice((*INTERFACES, "tun3")),
        protocol=protocol,
        state=lot.choice((0, 0, 0, 0, 1, 2, 3, 4)),
        sport=_port(lot),
        dport=_port(lot),
        icmp=lot.choice(kinds) if protocol in (1, 58) else 0,
        atoms={name: lot.random() < 0.4 for name in atoms},
    )


def _address(lot: random.Random, family: Family) -> int:
    told = (
        [*FOUR, "10.9.9.9", "10.1.2.4", "10.64.0.0/10", "192.168.7.9", "192.168.7.129", "8.8.8.8"]
        if family == 4
        else [*SIX, "fd00:1::5", "2002:a00::1", "2001:db8:1::8"]
    )
    low, high = first_and_last(lot.choice(told), family)
    return lot.choice(
        (low, high, lot.randint(low, high), int(ipaddress.ip_address(low + 1) if family == 4 else low + 1))
    )


def _port(lot: random.Random) -> int:
    return lot.choice((22, 53, 80, 81, 443, 5432, 8000, 8010, 8011, 1023, 1024, 65535, lot.randrange(65536)))
