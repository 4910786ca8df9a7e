"""Ports for servers that are told by number where to listen, and start a moment later."""

from __future__ import annotations

import atexit
import socket


def free_port() -> int:
    """A port of loopback that nobody else is given for as long as this process runs.

    It is bound, and nobody listens: the kernel gives it to nobody who asks for any port, refuses connections to it, and
    lets a server listen on it that sets SO_REUSEADDR, as those of Go, OpenSSH and busybox do.
    """
    held = socket.socket()
    atexit.register(held.close)
    held.bind(("127.0.0.1", 0))
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return int(held.getsockname()[1])
