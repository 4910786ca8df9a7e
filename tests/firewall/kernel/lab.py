"""A host of our own: a network namespace with TUN and TAP devices, into which packets are written and out of which
they come.

It routes between three interfaces. A packet that is written to one comes out of another (it was forwarded: what
translation made of it shows), is logged at the end of the input hook (it was delivered), is answered (rejected), or is
never seen again. The kernel does all that before the write returns: nothing waits.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.firewall.kernel.netlink import Netlink
from tests.firewall.kernel.wire import FRAME, UNTRACKED_TTL, in_frame, serial_of

GROUP = 77
TRANSLATED = 78
"""The group to which packets are logged once their destination is translated."""
INPUT, OUTPUT = 1, 3
REPLY_TTL = 200
"""That of packets that this host makes of itself: answers of rejections."""

RULES = f"""
table inet lab {{
    chain untracked {{
        type filter hook prerouting priority -350
        ip ttl {UNTRACKED_TTL} notrack
        ip6 hoplimit {UNTRACKED_TTL} notrack
    }}
    chain local_untracked {{
        type filter hook output priority -350
        ip ttl {UNTRACKED_TTL} notrack
        ip6 hoplimit {UNTRACKED_TTL} notrack
    }}
    chain tracking {{
        type filter hook postrouting priority 1000
        ct state invalid
    }}
    chain translated {{
        type filter hook prerouting priority -99
        ct status dnat log group {TRANSLATED} queue-threshold 1
    }}
    chain local_translated {{
        type filter hook output priority -99
        ct status dnat log group {TRANSLATED} queue-threshold 1
    }}
    chain delivered {{
        type filter hook input priority 1000
        log group {GROUP} queue-threshold 1 drop
    }}
    chain answered {{
        type filter hook output priority -1000
        ip ttl {REPLY_TTL} log group {GROUP} queue-threshold 1 drop
        ip6 hoplimit {REPLY_TTL} log group {GROUP} queue-threshold 1 drop
        ip ttl != {{ 64, {UNTRACKED_TTL} }} drop
        ip6 hoplimit != {{ 64, {UNTRACKED_TTL} }} drop
    }}
}}
"""
"""No rule set that is tested has these priorities. Input ends here, lest the host answer what it accepts; what it
says of itself does not get to the rules that are tested."""


class Device(NamedTuple):
    """An interface, with its addresses, and the networks behind it. ``card`` is its own address, if it is Ethernet."""

    name: str
    ipv4: str
    ipv6: str
    routes: tuple[str, ...]
    card: bytes = b""


DEVICES = (
    Device("eth0", "198.51.100.1", "2001:db8:51::1", ("0.0.0.0/0", "::/0")),
    Device("eth1", "192.168.0.1", "fd00:1::1", ("192.168.0.0/16", "10.0.0.0/8", "fd00::/8"), b"\2\0\0\0\1\1"),
    Device("docker0", "172.17.0.1", "2001:db8:d0c::1", ("172.16.0.0/12", "2001:db8:d0c::/48"), b"\2\0\0\0\1\2"),
)
CARDS = {device.name: device.card for device in DEVICES if device.card}

SYSCTLS: dict[str, int | str] = {
    "net/ipv4/ip_forward": 1,
    "net/ipv4/conf/all/rp_filter": 0,
    "net/ipv4/conf/all/send_redirects": 0,
    "net/ipv4/conf/all/log_martians": 0,
    "net/ipv4/ip_default_ttl": REPLY_TTL,
    "net/ipv4/icmp_ratelimit": 0,
    "net/ipv4/icmp_msgs_per_sec": 100_000_000,
    "net/ipv4/icmp_msgs_burst": 100_000_000,
    "net/ipv6/conf/all/forwarding": 1,
    "net/ipv6/conf/all/hop_limit": REPLY_TTL,
    "net/ipv6/conf/default/hop_limit": REPLY_TTL,
    "net/ipv6/conf/default/accept_dad": 0,
    "net/ipv6/icmp/ratelimit": 0,
    "net/ipv6/icmp/ratemask": "",
}
LIBERAL = "net/netfilter/nf_conntrack_tcp_be_liberal"


class Seen(NamedTuple):
    """What became of a packet: by which interface it went out ("" of one that was delivered), and as what.

    ``translated`` is what it was once its destination had been translated, whatever became of it afterwards.
    """

    verdict: str
    out: str = ""
    packet: bytes = b""
    translated: bytes = b""


DROPPED = Seen("drop")


class Lab:
    """The host; it is made of the namespace that the process is in, which must be one of its own."""

    def __init__(self) -> None:
        _own_namespace()
        self.devices = {device.name: _made(device) for device in DEVICES}
        self._raw = {4: _raw(socket.AF_INET), 6: _raw(socket.AF_INET6)}
        for name, value in SYSCTLS.items():
            _sysctl(name, value)
        run("nft", "-f", "-", text=f"flush ruleset\n{RULES}")
        _configure()
        _sysctl(LIBERAL, 1)
        self.netlink = Netlink(GROUP)
        self.translated = Netlink(TRANSLATED)
        self.strays: list[bytes] = []

    def sent(self, packet: bytes, interface: str) -> Seen:
        """What becomes of a packet that comes in by an interface, or is this host's own ("")."""
        if interface:
            framed = in_frame(packet, CARDS[interface]) if interface in CARDS else packet
            os.write(self.devices[interface], framed)
        else:
            self._own(packet)
        serial = serial_of(packet)
        seen = self._came_out(serial) or self._was_logged(serial) or DROPPED
        return seen._replace(translated=self._was_translated(serial))

    def _came_out(self, serial: int) -> Seen | None:
        found = None
        for name, device in self.devices.items():
            try:
                packet = os.read(device, 2048)[FRAME if name in CARDS else 0 :]
            except BlockingIOError:
                continue
            if serial_of(packet) == serial:
                found = Seen("accept", name, packet)
            else:
                self.strays.append(packet)
        return found

    def _was_logged(self, serial: int) -> Seen | None:
        found = None
        while logged := self.netlink.logged():
            if logged.hook == OUTPUT:
                found = Seen("reject", "", logged.packet)
            elif serial_of(logged.packet) == serial:
                found = Seen("accept", "", logged.packet)
            else:
                self.strays.append(logged.packet)
        return found

    def _was_translated(self, serial: int) -> bytes:
        found = b""
        while logged := self.translated.logged():
            if serial_of(logged.packet) == serial:
                found = logged.packet
        return found

    def _own(self, packet: bytes) -> None:
        family = packet[0] >> 4
        place, length = (16, 4) if family == 4 else (24, 16)
        kind = socket.AF_INET if family == 4 else socket.AF_INET6
        address = socket.inet_ntop(kind, packet[place : place + length])
        with suppress(PermissionError):  # how the kernel tells the sender of a packet that a rule dropped
            self._raw[family].sendto(packet, (address, 0))

    def settle(self) -> None:
        """Nothing that came out is left unread."""
        for device in self.devices.values():
            with suppress(BlockingIOError):
                while os.read(device, 2048):
                    pass
        while self.netlink.logged() or self.translated.logged():
            pass


def run(*command: str, text: str = "") -> str:
    """What a program says; what it says of an error is raised."""
    ended = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)}: {ended.stderr}")
    return ended.stdout


def _own_namespace() -> None:
    """Refuse to change any namespace that has another interface than lo."""
    names = {name for _, name in socket.if_nameindex()}
    if names != {"lo"}:
        raise RuntimeError(f"a lab wants a network namespace of its own, which has no {', '.join(sorted(names))}")


def _made(device: Device) -> int:
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    kind = 0x0002 if device.card else 0x0001  # IFF_TAP, IFF_TUN
    without_header = kind | 0x1000  # IFF_NO_PI
    fcntl.ioctl(handle, 0x400454CA, struct.pack("16sH22x", device.name.encode(), without_header))  # TUNSETIFF
    return handle


def _raw(family: socket.AddressFamily) -> socket.socket:
    made = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, 36, 1)  # IPV6_HDRINCL
    return made


def _sysctl(name: str, value: int | str) -> None:
    path = Path("/proc/sys") / name
    if path.exists():
        path.write_text(f"{value}\n")


def _configure() -> None:
    """Interfaces up, with addresses and routes."""
    lines = ["link set lo up"]
    _sysctl("net/ipv6/conf/lo/hop_limit", REPLY_TTL)
    for device in DEVICES:
        _sysctl(f"net/ipv4/conf/{device.name}/rp_filter", 0)
        _sysctl(f"net/ipv4/conf/{device.name}/send_redirects", 0)
        _sysctl(f"net/ipv6/conf/{device.name}/accept_dad", 0)
        _sysctl(f"net/ipv6/conf/{device.name}/hop_limit", REPLY_TTL)
        _sysctl(f"net/ipv6/conf/{device.name}/router_solicitations", 0)
        lines += [
            f"link set {device.name} addrgenmode none",
            *([f"link set {device.name} arp off address {device.card.hex(':')}"] if device.card else []),
            f"link set {device.name} up txqueuelen 10000",
            f"addr add {device.ipv4}/32 dev {device.name}",
            f"addr add {device.ipv6}/128 dev {device.name} nodad",
        ]
        lines += [f"route add {route} dev {device.name}" for route in device.routes if ":" not in route]
        lines += [f"-6 route add {route} dev {device.name}" for route in device.routes if ":" in route]
    for family in ("", "-6 "):  # an ``ip -batch`` is of one family
        chosen = [line.removeprefix("-6 ") for line in lines if line.startswith("-6 ") == bool(family)]
        run("ip", *family.split(), "-batch", "-", text="\n".join(chosen) + "\n")


def enter_namespace() -> None:
    """This process, which has one thread, goes into a network namespace of its own."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):  # CLONE_NEWNET
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "a network namespace")
