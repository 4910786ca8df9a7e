"""The little of netfilter's netlink that a lab wants: what was logged, and forgetting all connections.

Linux: include/uapi/linux/netfilter/nfnetlink_log.h and nfnetlink_conntrack.h.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

NETLINK_NETFILTER = 12
REQUEST, ACKNOWLEDGE = 1, 4
CONNTRACK_DELETE = 1 << 8 | 2
LOG_CONFIGURE = 4 << 8 | 1
BIND, MODE, THRESHOLD = 1, 2, 5
PACKET_HEADER, PAYLOAD = 1, 9
ERROR = 2
BUFFER = 8 << 20


class Logged(NamedTuple):
    """A packet that a rule logged, and the hook of that rule (1: input, 3: output)."""

    hook: int
    packet: bytes


class Netlink:
    """A socket of netfilter's in the namespace that the process is in; it hears what is logged to ``group``."""

    def __init__(self, group: int) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self._socket.setsockopt(socket.SOL_SOCKET, 33, BUFFER)  # SO_RCVBUFFORCE
        self._socket.bind((0, 0))
        self._ask(LOG_CONFIGURE, 0, group, _attribute(BIND, b"\1"))
        self._ask(LOG_CONFIGURE, 0, group, _attribute(MODE, struct.pack("!IBx", 0xFFFF, 2)))
        self._ask(LOG_CONFIGURE, 0, group, _attribute(THRESHOLD, struct.pack("!I", 1)))
        self._socket.setblocking(False)

    def forget_connections(self) -> None:
        """Connection tracking knows of none any more."""
        self._socket.setblocking(True)
        self._ask(CONNTRACK_DELETE, 0, 0, b"")
        self._socket.setblocking(False)

    def logged(self) -> Logged | None:
        """The next packet that was logged, or None."""
        try:
            message = self._socket.recv(65536)
        except BlockingIOError:
            return None
        hook, packet = 0, b""
        place = 20
        while place + 4 <= len(message):
            length, kind = struct.unpack_from("=HH", message, place)
            if kind == PACKET_HEADER:
                hook = message[place + 6]
            elif kind == PAYLOAD:
                packet = message[place + 4 : place + length]
            place += (length + 3) & ~3
        return Logged(hook, packet)

    def _ask(self, kind: int, family: int, resource: int, attributes: bytes) -> None:
        body = struct.pack("!BBH", family, 0, resource) + attributes
        self._socket.send(struct.pack("=IHHII", 16 + len(body), kind, REQUEST | ACKNOWLEDGE, 0, 0) + body)
        while True:
            answer = self._socket.recv(65536)
            if struct.unpack_from("=H", answer, 4)[0] == ERROR:
                break
        code = struct.unpack_from("=i", answer, 16)[0]
        if code:
            raise OSError(-code, f"netfilter refuses message {kind:#x}")


def _attribute(kind: int, value: bytes) -> bytes:
    length = 4 + len(value)
    return struct.pack("=HH", length, kind) + value + bytes(-length % 4)
