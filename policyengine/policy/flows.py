"""``flows``: what a policy demands of who reaches whom. The section's shape, what may be wrong in it, what it means.

``from`` and ``to`` name places: a text is a zone (of the settings, or ``internet``, ``outside``, ``host``), an
address, or a network in CIDR notation; a mapping says what they are, all of it together; a list means any of these.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from policyengine.errors import did_you_mean
from policyengine.firewall.intents.zones import ZONE
from policyengine.policy.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.intents.intent import Intents, Item, Ports, Selector
    from policyengine.policy.issues import DataPath

PROTOCOLS = ("tcp", "udp", "sctp", "icmp")
_TOP = 65535

_TEXT: dict[str, Any] = {"type": "string", "empty": False, "maxlength": 500}
_TEXTS: dict[str, Any] = {"anyof": [_TEXT, {"type": "list", "minlength": 1, "schema": _TEXT}]}


def _texts(help_: str) -> dict[str, Any]:
    return {**_TEXTS, "meta": {"help": help_}}


SELECTOR: dict[str, Any] = {
    "name": _texts("Names of containers, Pods or Services, as patterns: db-*."),
    "service": _texts("Services, of Compose, of a Swarm or of Kubernetes, whose containers or Pods are meant."),
    "namespace": _texts("Namespaces that they are in."),
    "labels": {
        "type": "dict",
        "minlength": 1,
        "keysrules": _TEXT,
        "valuesrules": {"type": "string"},
        "meta": {"help": "Labels that they have, all of them."},
    },
    "zone": {**_TEXT, "meta": {"help": "A zone of the settings; or internet, outside, host."}},
    "cidr": _texts("Addresses, or networks in CIDR notation."),
}
"""What places may be told by."""

_ONE: list[dict[str, Any]] = [_TEXT, {"type": "dict", "minlength": 1, "schema": SELECTOR}]
PLACES: dict[str, Any] = {"anyof": [*_ONE, {"type": "list", "minlength": 1, "schema": {"anyof": _ONE}}]}


def _places(help_: str, *, required: bool = False) -> dict[str, Any]:
    return {**PLACES, **({"required": True} if required else {}), "meta": {"help": help_}}


_PORTS = {
    "anyof": [_TEXT, {"type": "list", "schema": _TEXT}],
    "meta": {"help": "Ports: tcp/443, udp/8000-8010, tcp for all of a protocol, icmp. All where it is not given."},
}
_SENDERS = _places("Who is not to, or has to, get there, instead of the target: what passes a firewall is of others.")


def _items(schema: Mapping[str, Any], help_: str) -> dict[str, Any]:
    return {"type": "list", "schema": {"type": "dict", "schema": dict(schema)}, "meta": {"help": help_}}


_NEVER = {"type": "dict", "schema": {"to": _places("What is not reached.", required=True), "ports": _PORTS}}
_NEVER["schema"]["from"] = _SENDERS  # type: ignore[index]

SECTION: dict[str, Any] = {
    "from": _places("Whose traffic accepts_only is about. Everybody's where it is not given."),
    "accepts_only": _items(
        {"from": _places("Who may reach the target; everybody where it is not given."), "ports": _PORTS},
        "All that may reach the target; [] for nothing.",
    ),
    "reaches_only": _items(
        {"to": _places("What the target may reach; everything where it is not given."), "ports": _PORTS},
        "All that the target may reach; [] for nothing.",
    ),
    "never_reaches": {
        "anyof": [_TEXT, {"type": "list", "minlength": 1, "schema": {"anyof": [_TEXT, _NEVER]}}],
        "meta": {"help": "What the target must not reach at all: zones, addresses, or {to: ..., ports: [...]}."},
    },
    "must_reach": {
        **_items(
            {"to": _places("What has to be reached.", required=True), "ports": _PORTS, "from": _SENDERS},
            "What the target has to reach, so that a policy cannot be kept by closing everything.",
        ),
        "minlength": 1,
    },
}
"""The keys of the section."""

DEMANDS = ("accepts_only", "reaches_only", "never_reaches", "must_reach")


def selector_misfit(value: object) -> tuple[str, str | None]:
    """What is wrong with what should name places, and what to try."""
    for one in value if isinstance(value, list) else [value]:
        for key in one if isinstance(one, dict) else ():
            if key not in SELECTOR:
                hint = did_you_mean(str(key), SELECTOR) or f"known here: {', '.join(SELECTOR)}"
                return f'unknown key "{key}"', hint
    return "should name places", "a zone, an address, 10.0.0.0/8, {service: db}, or a list of these"


def flow_issues(flows: Mapping[str, Any]) -> Iterator[Issue]:
    """What is wrong with a section whose shape is right, parameters put in."""
    if not any(name in flows for name in DEMANDS):
        yield Issue(("flows",), "flows demands nothing", f"give it one of {', '.join(DEMANDS)}")
    elif "from" in flows and "accepts_only" not in flows:
        hint = "it says whose traffic accepts_only is about; the items of never_reaches and must_reach have their own"
        yield Issue(("flows", "from"), "from needs accepts_only beside it", hint, at_key=True)
    yield from _place_issues(flows.get("from"), ("flows", "from"))
    for name in DEMANDS:
        listed = flows.get(name)
        for number, item in enumerate(listed if isinstance(listed, list) else [listed]):
            at: DataPath = ("flows", name, number) if isinstance(listed, list) else ("flows", name)
            yield from _item_issues(item, at)


def _item_issues(item: object, at: DataPath) -> Iterator[Issue]:
    if isinstance(item, str):
        yield from _place_issues(item, at)
    elif isinstance(item, dict):
        for name in ("from", "to"):
            yield from _place_issues(item.get(name), (*at, name))
        ports = item.get("ports")
        for number, text in enumerate(ports if isinstance(ports, list) else [ports]):
            if text is not None and _port(text) is None:
                place = (*at, "ports", number) if isinstance(ports, list) else (*at, "ports")
                hint = "write tcp/443, udp/8000-8010, tcp or icmp"
                yield Issue(place, f'"{text}" is no protocol and port', hint)


def _place_issues(told: object, at: DataPath) -> Iterator[Issue]:
    from policyengine.firewall.intents.addresses import is_address

    if isinstance(told, list):
        for number, one in enumerate(told):
            yield from _place_issues(one, (*at, number))
    elif isinstance(told, str):
        if not is_address(told) and not ZONE_NAME(told):
            yield Issue(at, f'"{told}" is neither a zone nor an address', "a container is {name: ...}")
    elif isinstance(told, dict):
        if "zone" in told and not ZONE_NAME(told["zone"]):
            yield Issue((*at, "zone"), f'"{told["zone"]}" is no name of a zone', "lower-case letters, digits, - and _")
        yield from _mixed(told, at)
        ranges = told.get("cidr")
        for number, text in enumerate(ranges if isinstance(ranges, list) else [ranges]):
            if text is not None and not is_address(text):
                place = (*at, "cidr", number) if isinstance(ranges, list) else (*at, "cidr")
                yield Issue(place, f'"{text}" is no address and no network', "for example 10.0.0.0/8 or 2001:db8::/32")


def _mixed(told: Mapping[str, Any], at: DataPath) -> Iterator[Issue]:
    """An address says all that there is to say: what stands there has no name beside it."""
    alone = next((name for name in ("zone", "cidr") if name in told), None)
    if alone is not None and len(told) > 1:
        yield Issue(at, f"{alone} stands alone", "what is told by its address is not told by its name; list both")


ZONE_NAME = re.compile(ZONE).fullmatch
_PORT = re.compile(r"([a-z]+)(?:/([0-9]{1,5})(?:-([0-9]{1,5}))?)?").fullmatch


def _port(text: str) -> tuple[str, tuple[int, int]] | None:
    """The protocol and the ports of ``tcp/443``, ``udp/8000-8010``, ``tcp`` or ``icmp``; None for any other text."""
    found = _PORT(text)
    if not found or found[1] not in PROTOCOLS or (found[1] == "icmp" and found[2]):
        return None
    low = int(found[2] or 0)
    high = int(found[3] or (found[2] or _TOP))
    return (found[1], (low, high)) if low <= high <= _TOP else None


def intents(flows: Mapping[str, Any]) -> Intents:
    """What a checked section demands, parameters put in."""
    from policyengine.firewall.intents.intent import Intents

    def items(name: str, peers: str) -> tuple[Item, ...] | None:
        listed = flows.get(name)
        if listed is None:
            return None
        return tuple(_item(one, peers) for one in (listed if isinstance(listed, list) else [listed]))

    return Intents(
        _selectors(flows.get("from")),
        items("accepts_only", "from"),
        items("reaches_only", "to"),
        items("never_reaches", "to") or (),
        items("must_reach", "to") or (),
    )


def _item(told: str | Mapping[str, Any], peers: str) -> Item:
    from policyengine.firewall.intents.intent import Item

    if isinstance(told, str):
        return Item(_selectors(told))
    senders = _selectors(told.get("from")) if peers == "to" else ()
    return Item(_selectors(told.get(peers)), _ports(told.get("ports")), senders)


def _ports(told: str | list[str] | None) -> Ports | None:
    from policyengine.firewall.intervals import normalised

    if told is None:
        return None
    found: dict[str, list[tuple[int, int]]] = {}
    for protocol, span in filter(None, map(_port, _listed(told))):
        found.setdefault(protocol, []).append(span)
    return {protocol: normalised(spans) for protocol, spans in found.items()}


def _selectors(told: object) -> tuple[Selector, ...]:
    if told is None:
        return ()
    return tuple(map(_selector, told if isinstance(told, list) else [told]))


def _selector(told: str | Mapping[str, Any]) -> Selector:
    from policyengine.firewall.intents.addresses import addresses, is_address
    from policyengine.firewall.intents.intent import Selector

    if isinstance(told, str):
        return Selector(addresses=addresses([told]), text=told) if is_address(told) else Selector(zone=told, text=told)
    ranges = _listed(told.get("cidr"))
    return Selector(
        _listed(told.get("name")),
        _listed(told.get("service")),
        _listed(told.get("namespace")),
        dict(told.get("labels", {})),
        told.get("zone", ""),
        addresses(ranges) if ranges else None,
        ", ".join(f"{key} {_spoken(value)}" for key, value in told.items()),
    )


def _listed(told: str | list[str] | None) -> tuple[str, ...]:
    return () if told is None else (told,) if isinstance(told, str) else tuple(told)


def _spoken(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={one}" for key, one in value.items())
    return " or ".join(value) if isinstance(value, list) else str(value)
