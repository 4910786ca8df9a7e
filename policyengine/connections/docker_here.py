"""Whether an engine works on this host: on the network that this process is on, so that its rules can be read here."""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.connections.docker_context import Endpoint

_UNIX = "unix://"
_PEER = struct.Struct("=iII")
"""``struct ucred`` of unix(7): process, user and group of who listens."""

_SECONDS = 5.0


def is_here(endpoint: Endpoint) -> bool | None:
    """Whether who listens where an engine does is a process of this host, in the same network namespace as this one.

    Of a socket that systemd listens at for the engine that is process 1, whose namespace is the engine's. False of an
    engine at another address than a Unix socket's, and of a process that is not seen from here (in a container that was
    given the socket). None for whoever may not look: all but root may only at processes of their own (proc(5)).
    """
    if not endpoint.host.startswith(_UNIX):
        return False
    process = _listener(endpoint.host.removeprefix(_UNIX))
    if not process:
        return False
    try:
        theirs, ours = (Path(f"/proc/{one}/ns/net").stat() for one in (process, "self"))
    except PermissionError:
        return None
    except OSError:
        return False
    return (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino)


def _listener(path: str) -> int:
    """The process that listens at a socket; 0 of one that is not seen from here, and where nobody answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_SECONDS)
        try:
            line.connect(path)
            told = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        except OSError:
            return 0
    process, _, _ = _PEER.unpack(told)
    return int(process)
