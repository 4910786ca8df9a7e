"""Packets as bytes: IPv4 and IPv6 with TCP, UDP, SCTP, ICMP or anything else, checksums right."""

from __future__ import annotations

import struct
from typing import NamedTuple

TCP, UDP, SCTP, UDPLITE, ICMP, ICMPV6 = 6, 17, 132, 136, 1, 58
SYN, RST, ACK, FIN, PSH, URG = 2, 4, 16, 1, 8, 32
UNTRACKED_TTL = 77
"""Packets with it are not tracked: a rule of the lab's says so."""
TTL = 64
FRAME = 14
"""Octets of an Ethernet frame before the packet."""


class Content(NamedTuple):
    """What is in a packet. ``icmp`` is type * 256 + code; ``inner`` is the packet that an ICMP error is about."""

    family: int
    protocol: int
    source: int
    destination: int
    sport: int = 0
    dport: int = 0
    flags: int = 0
    icmp: int = 0
    inner: bytes = b""
    ttl: int = TTL
    tos: int = 0


def made(content: Content, serial: int) -> bytes:
    """The packet; ``serial`` tells it from others, and is the identifier of an echo."""
    family, length = content.family, 4 if content.family == 4 else 16
    addresses = content.source.to_bytes(length, "big") + content.destination.to_bytes(length, "big")
    body = _body(content, serial, addresses)
    if family == 6:
        word = 6 << 28 | content.tos << 20 | serial & 0xFFFFF
        return struct.pack("!IHBB", word, len(body), content.protocol, content.ttl) + addresses + body
    header = struct.pack(
        "!BBHHHBBH",
        0x45,
        content.tos,
        20 + len(body),
        serial & 0xFFFF,
        0,
        content.ttl,
        content.protocol,
        0,
    )
    checksum = _checksum(header + addresses)
    return header[:10] + checksum.to_bytes(2, "big") + addresses + body


def serial_of(packet: bytes) -> int:
    """What ``made`` was given, as far as a packet keeps it: 16 bits (IPv4) or 20 (IPv6)."""
    if packet[0] >> 4 == 4:
        return int.from_bytes(packet[4:6], "big")
    return int.from_bytes(packet[:4], "big") & 0xFFFFF


def read(packet: bytes) -> Content:
    """The addresses, protocol and ports of a packet."""
    family = packet[0] >> 4
    head, place, length = (20, 12, 4) if family == 4 else (40, 8, 16)
    protocol = packet[9] if family == 4 else packet[6]
    source = int.from_bytes(packet[place : place + length], "big")
    destination = int.from_bytes(packet[place + length : place + 2 * length], "big")
    ports = struct.unpack_from("!HH", packet, head) if protocol in (TCP, UDP, SCTP, UDPLITE) else (0, 0)
    return Content(family, protocol, source, destination, *ports)


def card(content: Content) -> int:
    """The network card that a packet comes from, where it comes by Ethernet: one of eight, by its addresses."""
    return 0x02_00_00_00_00_00 | (content.source ^ content.destination) & 7


def in_frame(packet: bytes, to: bytes) -> bytes:
    """The packet in a frame of Ethernet, from its card to a device's."""
    kind = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
    return to + card(read(packet)).to_bytes(6, "big") + kind.to_bytes(2, "big") + packet


def _body(content: Content, serial: int, addresses: bytes) -> bytes:
    protocol = content.protocol
    if protocol == TCP:
        fields = (content.sport, content.dport, 1, 1 if content.flags & ACK else 0, 0x50, content.flags, 8192, 0, 0)
        return _summed(struct.pack("!HHIIBBHHH", *fields), 16, addresses, protocol)
    if protocol == UDP:
        return _summed(struct.pack("!HHHH", content.sport, content.dport, 8, 0), 6, addresses, protocol)
    if protocol == UDPLITE:
        return _summed(struct.pack("!HHHH", content.sport, content.dport, 8, 0), 6, addresses, protocol)
    if protocol == SCTP:
        return _sctp(content)
    if protocol in (ICMP, ICMPV6):
        header = struct.pack("!HHHH", content.icmp, 0, 0 if content.inner else serial & 0xFFFF, 0)
        pseudo = addresses if protocol == ICMPV6 else None
        return _summed(header + content.inner, 2, pseudo, protocol)
    # IPv6 tells nobody that it rejects what does not add up, of whichever protocol (nf_reject_ipv6.c).
    return _summed(bytes(8), 6, addresses, protocol) if content.family == 6 else bytes(8)


def _summed(body: bytes, at: int, addresses: bytes | None, protocol: int) -> bytes:
    """The body with its checksum; over the pseudo header too where there are addresses (RFC 9293, RFC 8200)."""
    pseudo = b"" if addresses is None else addresses + struct.pack("!HH", protocol, len(body))
    checksum = _checksum(pseudo + body) or (0xFFFF if protocol in (UDP, UDPLITE) else 0)
    return body[:at] + checksum.to_bytes(2, "big") + body[at + 2 :]


def _checksum(text: bytes) -> int:
    """That of the Internet (RFC 1071): the sum modulo 65535, by which 65536 is 1."""
    number = int.from_bytes(text + b"\0" if len(text) & 1 else text, "big")
    return 0xFFFF - (number % 0xFFFF or (0xFFFF if number else 0))


def _sctp(content: Content) -> bytes:
    """A packet with an INIT chunk, by which an association begins (RFC 9260)."""
    chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65535, 1, 1, 1)
    head = struct.pack("!HHI", content.sport, content.dport, 0)
    return head + struct.pack("<I", _crc32c(head + bytes(4) + chunk)) + chunk


def _table() -> tuple[int, ...]:
    found = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
        found.append(number)
    return tuple(found)


_CRC32C = _table()


def _crc32c(text: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in text:
        value = _CRC32C[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF
