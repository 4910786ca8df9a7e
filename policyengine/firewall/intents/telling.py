"""Flows in words: ports, addresses and packets as people write them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, summarize_address_range
from typing import TYPE_CHECKING

from policyengine.firewall.intents.intent import TRANSPORTS
from policyengine.firewall.reach import PORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.intents.addresses import Addresses
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.reach import Packet

_MOST = 4
"""Ranges of ports that are told of one protocol."""


def ports_text(ports: Mapping[str, Intervals]) -> str:
    """``tcp/80,443 udp/53``, ``all tcp`` for all ports of a protocol, ``everything`` for all of all."""
    told = {protocol: found for protocol, found in ports.items() if found}
    if all(told.get(protocol) == PORTS for protocol in TRANSPORTS):
        return "everything"
    return " ".join(_protocol_text(protocol, found) for protocol, found in told.items())


def _protocol_text(protocol: str, ports: Intervals) -> str:
    if protocol not in TRANSPORTS:
        return protocol
    if ports == PORTS:
        return f"all {protocol}"
    connectable = [(max(low, 1), high) for low, high in ports if high]  # nothing connects to port 0
    told = [str(low) if low == high else f"{low}-{high}" for low, high in connectable[:_MOST]]
    return f"{protocol}/{','.join(told)}{',...' if len(ports) > _MOST else ''}"


def network_text(addresses: Addresses) -> str:
    """The network that addresses are, in CIDR notation; empty where they are several."""
    spans = [(4, span) for span in addresses.ipv4] + [(6, span) for span in addresses.ipv6]
    if len(spans) != 1:
        return ""
    (version, (low, high)), *_ = spans
    networks = (
        [*summarize_address_range(IPv4Address(low), IPv4Address(high))]
        if version == 4
        else [*summarize_address_range(IPv6Address(low), IPv6Address(high))]
    )
    return str(networks[0]) if len(networks) == 1 else ""


def packet_text(packet: Packet) -> str:
    """``NEW tcp 198.51.100.77:40000 -> 172.19.0.2:5432  in eth0  out br-9bc5``"""
    ends = f"{_end(packet.source, packet.sport)} -> {_end(packet.destination, packet.dport)}"
    known = (("in", packet.into), ("out", packet.out), ("card", packet.card))
    sides = [f"{side} {name}" for side, name in known if name]
    kind = "" if packet.icmp is None else f" type {packet.icmp}"
    return "  ".join([f"NEW {packet.protocol}{kind} {ends}", *sides])


def _end(address: str, port: int | None) -> str:
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
