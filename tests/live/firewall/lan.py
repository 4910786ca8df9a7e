"""A neighbour of the host, on a LAN of their own: a network namespace."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from policyengine.firewall.addresses import number
from policyengine.firewall.host import Host, HostInterface, host_address, route
from tests.live.conftest import missing
from tests.live.firewall.talking import Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.reach import Place

HERE, THERE = "198.18.77.1", "198.18.77.2"
HERE6, THERE6 = "2001:db8:77::1", "2001:db8:77::2"
"""The host and its neighbour, at addresses for trying out networks (RFC 2544, RFC 3849): while they are the host's,
nobody else can be reached at them, and tests beside these may have something to get from elsewhere."""

HOST = Namespace("host", "")
"""The host that the tests run on."""


def run(*command: str) -> str:
    """What a program says."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Lan(Struct, frozen=True):
    """``interface`` is the host's."""

    interface: str
    neighbour: Namespace

    def around(self, host: Host) -> Host:
        """The host of a model, with this LAN for the interface that stands for all that lies beyond."""
        interfaces = [one for one in host.interfaces or () if one.name != "eth0"]
        routes = [one for one in host.routes or () if one.out != "eth0"]
        own = HostInterface(self.interface, (host_address(f"{HERE}/24"), host_address(f"{HERE6}/64")))
        outward = [route(to, self.interface) for to in ("198.18.77.0/24", "2001:db8:77::/64")]
        return Host((*interfaces, own), (*routes, *outward))

    @staticmethod
    def only(zone: Place) -> Place:
        """The neighbour alone of all that lies beyond."""
        four, six = number(THERE, 4), number(THERE6, 6)
        return replace(zone, ipv4=((four, four),), ipv6=((six, six),))


@contextmanager
def lan(host: Namespace = HOST) -> Iterator[Lan]:
    """The neighbour of a host, for a while. It sends to 127.0.0.1 by wire."""
    if os.geteuid() != 0:
        missing("a namespace that acts as the LAN is root's to make")
    with _one_at_a_time(), _lan(host) as made:
        yield made


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Every LAN has the same addresses, and other tests run beside this one."""
    with (Path(tempfile.gettempdir()) / "policyengine-test-lan.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _lan(host: Namespace) -> Iterator[Lan]:
    name = f"pe{uuid4().hex[:8]}"
    run("ip", "netns", "add", name)
    try:
        run(*host.entering, "ip", "link", "add", name, "type", "veth", "peer", "name", "lan0", "netns", name)
        for address in (f"{HERE}/24", f"{HERE6}/64"):
            run(*host.entering, "ip", "address", "add", address, "dev", name, *_at_once(address))
        run(*host.entering, "ip", "link", "set", name, "up")
        for setting in ("all.route_localnet", "lan0.route_localnet"):
            run("ip", "netns", "exec", name, "sysctl", "-q", f"net.ipv4.conf.{setting}=1")
        for address in (f"{THERE}/24", f"{THERE6}/64"):
            run("ip", "-n", name, "address", "add", address, "dev", "lan0", *_at_once(address))
        run("ip", "-n", name, "link", "set", "lan0", "up")
        for gateway in (HERE, HERE6):
            run("ip", "-n", name, "route", "add", "default", "via", gateway)
        yield Lan(name, Namespace("lan", f"/var/run/netns/{name}"))
    finally:
        run("ip", "netns", "delete", name)


def _at_once(address: str) -> list[str]:
    """Without asking the LAN first whether somebody has the address (RFC 4862, section 5.4)."""
    return ["nodad"] if ":" in address else []
