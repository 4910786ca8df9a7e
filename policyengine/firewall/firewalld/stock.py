"""What firewalld brings along, for where its files in /usr/lib/firewalld are not known: zones, and common services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.firewalld.expressions import PORTED, match, payload, port, protocol
from policyengine.firewall.firewalld.markup import Element
from policyengine.firewall.firewalld.services import Service

if TYPE_CHECKING:
    from policyengine.firewall.firewalld.expressions import Fragment
    from policyengine.firewall.rules import Family
    from policyengine.model.location import Location

_ZONES: dict[str, tuple[str, str]] = {
    "block": ("%%REJECT%%", ""),
    "dmz": ("", "ssh"),
    "drop": ("DROP", ""),
    "external": ("", "ssh"),
    "home": ("", "ssh mdns samba-client dhcpv6-client"),
    "internal": ("", "ssh mdns samba-client dhcpv6-client"),
    "public": ("", "ssh dhcpv6-client"),
    "trusted": ("ACCEPT", ""),
    "work": ("", "ssh dhcpv6-client"),
}
"""Their targets and services (firewalld.zones(5)). All forward within themselves; ``external`` masquerades."""

_NEIGHBOURS = ("neighbour-advertisement", "neighbour-solicitation", "router-advertisement", "redirect")

_SERVICES = {
    "amqp": "tcp/5672",
    "amqps": "tcp/5671",
    "bgp": "tcp/179",
    "cockpit": "tcp/9090",
    "dhcp": "udp/67",
    "dns": "tcp/53 udp/53",
    "dns-over-tls": "tcp/853",
    "docker-registry": "tcp/5000",
    "docker-swarm": "tcp/2377 tcp/7946 udp/7946 udp/4789 esp",
    "elasticsearch": "tcp/9300 tcp/9200",
    "etcd-client": "tcp/2379",
    "etcd-server": "tcp/2380",
    "ftp": "tcp/21",
    "git": "tcp/9418",
    "grafana": "tcp/3000",
    "http": "tcp/80",
    "http3": "udp/443",
    "https": "tcp/443",
    "imap": "tcp/143",
    "imaps": "tcp/993",
    "ipp": "tcp/631 udp/631",
    "ipp-client": "udp/631",
    "kerberos": "tcp/88 udp/88",
    "kibana": "tcp/5601",
    "kube-api": "tcp/6443",
    "kube-apiserver": "tcp/6443",
    "kubelet": "tcp/10250",
    "ldap": "tcp/389",
    "ldaps": "tcp/636",
    "mongodb": "tcp/27017",
    "mqtt": "tcp/1883",
    "mqtt-tls": "tcp/8883",
    "mssql": "tcp/1433",
    "mysql": "tcp/3306",
    "nfs": "tcp/2049",
    "ntp": "udp/123",
    "openvpn": "udp/1194",
    "pop3": "tcp/110",
    "pop3s": "tcp/995",
    "postgresql": "tcp/5432",
    "prometheus": "tcp/9090",
    "prometheus-node-exporter": "tcp/9100",
    "rdp": "tcp/3389",
    "redis": "tcp/6379",
    "rpc-bind": "tcp/111 udp/111",
    "rsyncd": "tcp/873 udp/873",
    "samba": "udp/137 udp/138 tcp/139 tcp/445",
    "samba-client": "udp/137 udp/138",
    "smtp": "tcp/25",
    "smtps": "tcp/465",
    "smtp-submission": "tcp/587",
    "snmp": "tcp/161 udp/161",
    "ssh": "tcp/22",
    "syslog": "udp/514",
    "syslog-tls": "tcp/6514 udp/6514",
    "telnet": "tcp/23",
    "tftp": "udp/69",
    "vnc-server": "tcp/5900-5903",
    "vrrp": "vrrp",
    "wireguard": "udp/51820",
    "zabbix-agent": "tcp/10050",
    "zabbix-server": "tcp/10051",
}


def zones(where: Location) -> dict[str, Element]:
    """Its zones, which are taken to stand at one place."""
    return {name: _zone(name, where) for name in _ZONES}


def _zone(name: str, where: Location) -> Element:
    target, services = _ZONES[name]
    children = [Element("service", {"name": one}, where) for one in services.split()]
    children += [Element("masquerade", {}, where)] if name == "external" else []
    return Element("zone", {"target": target} if target else {}, where, [*children, Element("forward", {}, where)])


def policies(where: Location) -> dict[str, Element]:
    """Its policy, by which hosts of IPv6 find each other."""
    rules = [
        Element(
            "rule",
            {"family": "ipv6"},
            where,
            [Element("icmp-type", {"name": one}, where), Element("accept", {}, where)],
        )
        for one in _NEIGHBOURS
    ]
    ends = [Element("ingress-zone", {"name": "ANY"}, where), Element("egress-zone", {"name": "HOST"}, where)]
    told = {"target": "CONTINUE", "priority": "-15000"}
    return {"allow-host-ipv6": Element("policy", told, where, [*ends, *rules])}


def services() -> dict[str, Service]:
    """The best known of its services."""
    known = {name: Service(tuple(map(_match, told.split()))) for name, told in _SERVICES.items()}
    group = {"ipv4": "224.0.0.251", "ipv6": "ff02::fb"}
    multicast: tuple[tuple[Family, Fragment], ...] = (
        (4, match(payload("ip", "daddr"), group["ipv4"])),
        (6, match(payload("ip6", "daddr"), group["ipv6"])),
    )
    local = match(payload("ip6", "daddr"), {"prefix": {"addr": "fe80::", "len": 64}})
    known["mdns"] = Service((_match("udp/5353"),), multicast)
    known["dhcpv6-client"] = Service((_match("udp/546"),), ((6, local),))
    return known


def _match(told: str) -> dict[str, object]:
    name, slash, number = told.partition("/")
    return match(payload(name, "dport"), port(number)) if slash and name in PORTED else protocol(name)
