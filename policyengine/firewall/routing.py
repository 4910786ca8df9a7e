"""Which packets routing sends on a path at all: what is the host's own is received, all else leaves by its route.

``ip_route_input_slow`` and ``fib_validate_source`` in the kernel, with the sysctls as they are unless somebody changes
them (``accept_local`` and ``route_localnet`` are 0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import BITS
from policyengine.firewall.diagram import NOTHING, Box, Diagrams
from policyengine.firewall.host import LINK_MULTICAST, LOOPBACK, MULTICAST
from policyengine.firewall.intervals import Intervals, complement, difference, intersection, normalised, union
from policyengine.firewall.leaves import ABSENT, PASS
from policyengine.firewall.rules import KINDS
from policyengine.firewall.universe import IN, OUT
from policyengine.firewall.views import kinds, unshifted

if TYPE_CHECKING:
    from policyengine.firewall.host import Host
    from policyengine.firewall.packets import Path
    from policyengine.firewall.queries import Query
    from policyengine.firewall.views import View

RECEIVED: Intervals = normalised((KINDS.index(kind),) * 2 for kind in ("local", "broadcast"))
"""The types of addresses that are not known by the address alone, whose packets a host receives."""

OTHERS = difference(complement(RECEIVED, len(KINDS) - 1), ((KINDS.index("multicast"),) * 2,))


LOCAL: Intervals = ((KINDS.index("local"),) * 2,)

_KINDS: dict[Path, Intervals] = {"input": RECEIVED, "forward": OTHERS, "output": OTHERS, "loopback": LOCAL}
"""Of what types the destinations of a path's packets are, where that is not known by the address."""


def arriving(view: View, query: Query, diagrams: Diagrams) -> tuple[int, View | None]:
    """ABSENT for the packets that do not take the query's path, and the view of those that do; None: there are none."""
    known: dict[int, Intervals] = {}
    boxes = _ways(view, query, known)
    if boxes is None:
        return ABSENT, None
    allowed = diagrams.first_of([diagrams.box(box, PASS) for box in boxes])
    absent = diagrams.mapped(diagrams.otherwise(allowed, ABSENT), {PASS: NOTHING})
    strangers = [diagrams.box(box, ABSENT) for box in _martians(view, query)]
    return diagrams.otherwise(diagrams.first_of(strangers), absent), view.narrowed("route", known)


def _ways(view: View, query: Query, known: dict[int, Intervals]) -> list[Box] | None:
    """The packets that take the path, as boxes; ``known`` gets what all of them have."""
    address = view.destination
    port = view.fields["dport"]
    values = intersection(view.values(address), query.reached.get("destination", view.values(address)))
    if "dport" in query.reached:
        wanted = query.reached["dport"]
        wanted = unshifted(wanted, view.shift) if view.shift else wanted
        known[port] = intersection(view.values(port), wanted)
    fixed, unsure = _by_address(view, query)
    boxes = []
    kind = intersection(_KINDS[query.path], view.values(view.kind))
    for right, said in ((fixed, ()), (unsure if kind else (), ((view.kind, kind),))):
        for box in _routed(view, query, intersection(values, right)):
            boxes.append(tuple(sorted((*box, *said, *known.items()))))
    if not boxes or any(not each for each in known.values()):
        return None
    known[address] = normalised(pair for box in boxes for pair in dict(box).get(address, ()))
    return [_widened(view, box) for box in boxes]


def _widened(view: View, box: Box) -> Box:
    return tuple((dimension, view.widened(dimension, values)) for dimension, values in box)


def _by_address(view: View, query: Query) -> tuple[Intervals, Intervals]:
    """The addresses whose packets take the path, and those of which the type is not known."""
    family = view.universe.family
    top = (1 << BITS[family]) - 1
    if query.path == "output":
        return ((0, top),), ()
    types = kinds(view.host, family)
    taken = ("local",) if query.path == "loopback" else ("local", "broadcast", "multicast")
    received = normalised(pair for kind in taken for pair in types[kind])
    others = complement(received, top)
    if "unicast" in types:
        return (others, ()) if query.path == "forward" else (received, ())
    return ((), others) if query.path == "forward" else (received, others)


def _routed(view: View, query: Query, values: Intervals) -> list[Box]:
    """Those of the addresses that are routed, with their way out."""
    if not values:
        return []
    outs = view.host.outs(view.universe.family)
    address = view.destination
    if query.path in ("input", "loopback") or (outs is None and query.path == "forward"):
        return [((address, values),)]
    found: list[Box] = []
    if query.path == "output":
        values = _sent(view, values, found)
        if outs is None:
            return [*found, ((address, values),)] if values else found
    for name, to in (outs or {}).items():
        if both := intersection(values, to):
            found.append(tuple(sorted({address: both, OUT: view.universe.named(name)}.items())))
    return found


def _sent(view: View, values: Intervals, found: list[Box]) -> Intervals:
    """What the host sends to itself goes by the loopback, and nobody knows by which way to groups; the rest is left."""
    family = view.universe.family
    address = view.destination
    types = kinds(view.host, family)
    if view.host.interfaces is not None and (own := intersection(values, types["local"])):
        found.append(tuple(sorted({address: own, OUT: view.universe.named("lo")}.items())))
    groups = union(types["broadcast"], types["multicast"])
    if both := intersection(values, groups):
        found.append(((address, both),))
    done = union(groups, types["local"]) if view.host.interfaces is not None else groups
    return difference(values, done)


def refused(view: View, query: Query, diagrams: Diagrams) -> int:
    """ABSENT for what is dropped before any chain of prerouting: ``ip6_rcv_core`` (net/ipv6/ip6_input.c)."""
    found: list[Box] = []
    if query.path in ("input", "forward") and view.universe.family == 6:
        found += _strange(view, union(LOOPBACK[6], MULTICAST[6]), None)
        found += _strange(view, None, LOOPBACK[6])
    return diagrams.first_of([diagrams.box(box, ABSENT) for box in found])


def _martians(view: View, query: Query) -> list[Box]:
    """What routing drops: from where nothing can come, or for where nothing may leave the host that it is of.

    What translation has sent to ::1 does not get there: the kernel finds no route of the loopback's for it
    (``rt6_need_strict``), and sends it out again where a default route is that of the interface it came by.

    0.0.0.0 is who has no address yet, and speaks to all on the link alone (RFC 1122, 3.2.1.3).
    """
    if query.path in ("output", "loopback"):
        return []
    if view.universe.family == 6:
        return _strange(view, None, LOOPBACK[6])
    nobody: Intervals = ((0, 0),)
    all_of_link = normalised((nobody[0], (_LAST, _LAST), *LINK_MULTICAST))
    return [
        *_strange(view, martian_sources(view.host), None),
        *_strange(view, None, LOOPBACK[4]),
        *_strange(view, nobody, complement(all_of_link, _LAST)),
        *_strange(view, complement(nobody, _LAST), nobody),
    ]


_LAST = (1 << 32) - 1


def martian_sources(host: Host) -> Intervals:
    """The addresses of IPv4 from which nothing comes in by an interface other than the loopback."""
    return normalised((*LOOPBACK[4], *MULTICAST[4], (_LAST, _LAST), *(host.local(4) or ())))


def _strange(view: View, sources: Intervals | None, destinations: Intervals | None) -> list[Box]:
    """Packets from and to these addresses (None: any) that come in by an interface other than the loopback."""
    found = {IN: complement(view.universe.named("lo"), view.universe.tops[IN])}
    if sources is not None:
        found[view.fields["source"]] = sources
    if destinations is not None:
        found[view.destination] = destinations
    inside = {dimension: intersection(values, view.values(dimension)) for dimension, values in found.items()}
    return [_widened(view, tuple(sorted(inside.items())))] if all(inside.values()) else []
