"""The addresses that sshd listens at: known when all ports and the address family are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.authentication.sshd.line import Problem
from policyengine.authentication.sshd.options import Options, Setting
from policyengine.authentication.sshd.patterns import parsed_address
from policyengine.authentication.sshd.reading import RefusedError

if TYPE_CHECKING:
    from policyengine.model.location import Location

_ALL = {"any": ("[::]", "0.0.0.0"), "inet": ("0.0.0.0",), "inet6": ("[::]",)}  # noqa: S104 - what sshd does
_VERSIONS = {"any": (4, 6), "inet": (4,), "inet6": (6,)}


def listened(options: Options, nowhere: Location) -> None:
    """Replace ``ListenAddress`` by the addresses and ports: all ports where an address has none.

    Raises :class:`RefusedError` for an address of another family than ``AddressFamily``.
    A name is kept as it is written.
    """
    ports = options.get("port", Setting(("22",)))
    family = options["addressfamily"].text if "addressfamily" in options else "any"
    queued = options.get("listenaddress", Setting(()))
    found: dict[str, list[str]] = {}
    for value in queued.values:
        host, port, domain = value.split("\0")
        address = _address(host, family)
        if address is None:
            where = queued.places[0] if queued.places else nowhere
            raise RefusedError([Problem(f"bad addr or host: {host}", where)])
        for one in [port] if port != "0" else ports.values:
            found.setdefault(domain, []).append(f"{address}:{one}")
    if not found:
        found[""] = [f"{address}:{port}" for port in ports.values for address in _ALL[family]]
    values = [
        f"{one}{f' rdomain {domain}' if domain else ''}" for domain, addresses in found.items() for one in addresses
    ]
    options["listenaddress"] = replace(queued, values=tuple(values))


def _address(host: str, family: str) -> str | None:
    """An address as it is written after a port is appended; None where it cannot be had."""
    address = parsed_address(host)
    if address is None:
        return host or None
    if address.version not in _VERSIONS[family]:
        return None
    return f"[{address.compressed}]" if address.version == 6 else str(address)
