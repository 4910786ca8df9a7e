"""The direction of a packet: that in which its connection began (original), or the other (reply)."""

from __future__ import annotations

from policyengine.firewall.intervals import complement
from policyengine.firewall.protocols import ICMP, ICMPV6
from policyengine.firewall.rules import ESTABLISHED, NEW, RELATED, Atom, Condition, Numbers

_ICMP = ((ICMP, ICMP), (ICMPV6, ICMPV6))
_FIRST: tuple[tuple[Condition, ...], ...] = (
    (Numbers("state", ((NEW, NEW),)),),
    (Numbers("state", ((RELATED, RELATED),)), Numbers("protocol", complement(_ICMP, 255))),
)
_EITHER: tuple[tuple[Condition, ...], ...] = (
    (Numbers("state", ((ESTABLISHED, ESTABLISHED),)),),
    (Numbers("state", ((RELATED, RELATED),)), Numbers("protocol", _ICMP)),
)


def original(name: str) -> tuple[tuple[Condition, ...], ...]:
    """The packets of the direction in which their connections began, as cases of which one must hold.

    What is new is of it, and so is what is related, but for errors of ICMP, which are about a packet of either
    direction (``resolve_normal_ct`` in net/netfilter/nf_conntrack_core.c, ``nf_conntrack_inet_error`` in
    nf_conntrack_proto_icmp.c). Of established connections it is unknown: ``name``. A packet of no connection, "invalid"
    or "untracked", has no direction.
    """
    return (*_FIRST, *((*case, Atom(name)) for case in _EITHER))


def reply(name: str) -> tuple[tuple[Condition, ...], ...]:
    """The packets of the other direction: those of a connection that are not of ``original`` by the same name."""
    return tuple((*case, Atom(name, negated=True)) for case in _EITHER)
