"""The elements that firewalld's files may have, and their attributes (firewalld.zone(5), firewalld.policy(5), ...)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.firewall.firewalld.markup import Element

Attributes = tuple[frozenset[str], frozenset[str]]
"""Those that an element must have, and those that it may."""

Vocabulary = Mapping[str, Attributes]


def _told(must: str = "", may: str = "") -> Attributes:
    return frozenset(must.split()), frozenset(may.split())


_TOLD: Vocabulary = {"short": _told(), "description": _told()}

_PORTS: Vocabulary = {"port": _told("port protocol"), "source-port": _told("port protocol"), "protocol": _told("value")}

RULE: Vocabulary = {
    **_PORTS,
    "service": _told("name"),
    "icmp-block": _told("name"),
    "icmp-type": _told("name"),
    "masquerade": _told("", "enabled"),
    "forward-port": _told("port protocol", "to-port to-addr"),
    "tcp-mss-clamp": _told("", "value"),
    "source": _told("", "address mac invert family ipset"),
    "destination": _told("", "address invert ipset"),
    "log": _told("", "prefix level"),
    "nflog": _told("", "group prefix queue-size"),
    "audit": _told("", "type"),
    "accept": _told(),
    "reject": _told("", "type"),
    "drop": _told(),
    "mark": _told("set"),
}
"""What a rule of the rich language may consist of (firewalld.richlanguage(5))."""

LIMITED: Vocabulary = {"limit": _told("value", "burst")}
"""What an action, or a log, may have in it."""

ELEMENTS = ("service", "port", "protocol", "icmp-block", "icmp-type", "masquerade", "forward-port", "source-port")
"""What a rule is about, one of them or none: with ``tcp-mss-clamp``."""

ACTIONS = ("accept", "reject", "drop", "mark")

_PERMITTED: Vocabulary = {
    **_TOLD,
    **_PORTS,
    "service": _told("name"),
    "icmp-block": _told("name"),
    "masquerade": _told("", "enabled"),
    "forward-port": _told("port protocol", "to-port to-addr"),
    "rule": _told("", "family priority"),
}

ZONE: Vocabulary = {
    **_PERMITTED,
    "interface": _told("name"),
    "source": _told("", "address mac family ipset"),
    "forward": _told(),
    "icmp-block-inversion": _told(),
}
ZONE_ROOT = _told("", "name immutable target version ingress-priority egress-priority priority")

POLICY: Vocabulary = {
    **_PERMITTED,
    "ingress-zone": _told("name"),
    "egress-zone": _told("name"),
    "disable": _told(),
}
POLICY_ROOT = _told("target", "version priority")

SERVICE: Vocabulary = {
    **_TOLD,
    **_PORTS,
    "module": _told("name"),
    "destination": _told("", "ipv4 ipv6"),
    "include": _told("service"),
    "helper": _told("name"),
}
SERVICE_ROOT = _told("", "name version")

IPSET: Vocabulary = {**_TOLD, "option": _told("name", "value"), "entry": _told()}
IPSET_ROOT = _told("type", "version")

ICMP_TYPE: Vocabulary = {**_TOLD, "destination": _told("", "ipv4 ipv6")}
ICMP_TYPE_ROOT = _told("", "name version")


def check(root: Element, name: str, attributes: Attributes, within: Vocabulary) -> None:
    """Raise :class:`DocumentError` for an element, or an attribute, that does not belong where it stands."""
    if root.name != name:
        raise root.error(f"a <{root.name}> where a <{name}> belongs")
    _attributes(root, attributes)
    for one in root.children:
        _known(one, root, within)
        if one.name == "rule":
            for part in one.children:
                _known(part, one, RULE)
                for limit in part.children:
                    _known(limit, part, LIMITED)


def _known(one: Element, parent: Element, within: Vocabulary) -> None:
    if one.name not in within:
        raise one.error(f"<{parent.name}> has no <{one.name}>")
    _attributes(one, within[one.name])


def _attributes(one: Element, told: Attributes) -> None:
    must, may = told
    missing = sorted(must - one.attributes.keys())
    if missing:
        raise one.error(f"a <{one.name}> without {missing[0]}")
    others = sorted(one.attributes.keys() - must - may)
    if others:
        raise one.error(f'<{one.name}> has no attribute "{others[0]}"')
