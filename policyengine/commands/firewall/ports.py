"""Protocols and ports as people write and read them: ``tcp/5432``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.errors import UsageError, did_you_mean
from policyengine.firewall.intervals import intersection
from policyengine.firewall.reach import PORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.intervals import Intervals

PROTOCOLS = ("tcp", "udp", "sctp", "icmp")
"""Those that flows are told of, in the order in which they are."""

PORTLESS = frozenset({"icmp"})
"""Protocols that have no ports."""

EVERYTHING: Mapping[str, Intervals] = dict.fromkeys(PROTOCOLS, PORTS)
"""All that flows can tell of."""

_WRITTEN = re.compile(r"([a-z]+)(?:/([0-9]{1,5}))?|([0-9]{1,5})").fullmatch


def parsed(text: str) -> tuple[str, int | None]:
    """The protocol and the port of ``tcp/5432``, ``5432`` (of TCP) or ``icmp``. Raises :class:`UsageError`."""
    found = _WRITTEN(text.lower())
    if not found:
        raise _wrong(text, None)
    protocol, port = found[1] or "tcp", found[2] or found[3]
    if protocol not in PROTOCOLS:
        raise _wrong(text, did_you_mean(protocol, PROTOCOLS))
    if (protocol in PORTLESS) == (port is not None):
        has = f"{protocol} has no ports" if port is not None else f"which port of {protocol}?"
        raise _wrong(text, has)
    number = int(port) if port is not None else None
    if number is not None and number > PORTS[-1][1]:
        raise _wrong(text, f"ports end at {PORTS[-1][1]}")
    return protocol, number


def _wrong(text: str, hint: str | None) -> UsageError:
    return UsageError(f'--port takes tcp/5432, udp/53 or icmp, not "{text}"', hint=hint)


def spelt(protocol: str, port: int | None) -> str:
    """``tcp/5432``, ``icmp``."""
    return protocol if port is None else f"{protocol}/{port}"


def ranges(ports: Intervals) -> list[str]:
    """``["80", "8000-8010"]``."""
    return [str(low) if low == high else f"{low}-{high}" for low, high in ports]


def words(flows: Mapping[str, Intervals]) -> str:
    """``tcp/80,443 udp/53 icmp``; ``everything`` for all ports of all protocols, ``all tcp`` for those of one."""
    told = {protocol: ports for protocol, ports in flows.items() if ports}
    if all(told.get(protocol) == PORTS for protocol in PROTOCOLS):
        return " ".join(["everything", *(_words(one, told[one]) for one in sorted(set(told) - set(PROTOCOLS)))])
    return " ".join(_words(protocol, told[protocol]) for protocol in _ordered(told))


def _words(protocol: str, ports: Intervals) -> str:
    if protocol in PORTLESS:
        return protocol
    return f"all {protocol}" if ports == PORTS else f"{protocol}/{','.join(ranges(ports))}"


def _ordered(flows: Mapping[str, Intervals]) -> list[str]:
    """Protocols as PROTOCOLS has them, others after these."""
    return [*(one for one in PROTOCOLS if one in flows), *sorted(set(flows) - set(PROTOCOLS))]


def as_data(flows: Mapping[str, Intervals]) -> dict[str, list[str]]:
    """The same for programs: ``{"tcp": ["80", "8000-8010"], "icmp": []}``."""
    return {one: [] if one in PORTLESS else ranges(flows[one]) for one in _ordered(flows) if flows[one]}


def only(flows: Mapping[str, Intervals], protocol: str, port: int | None) -> dict[str, Intervals]:
    """What of flows is of one port; of a protocol without ports: of that."""
    wanted = PORTS if port is None else ((port, port),)
    left = intersection(flows.get(protocol, ()), wanted)
    return {protocol: left} if left else {}
