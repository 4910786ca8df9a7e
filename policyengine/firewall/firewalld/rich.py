"""Rules of the rich language, as files have them: ``<rule>`` (firewalld.richlanguage(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.firewall.firewalld.expressions import (
    ACCEPT,
    DROP,
    FAMILIES,
    MAC,
    Fragment,
    address,
    is_family,
    limit,
    reject,
)
from policyengine.firewall.firewalld.ipsets import SOURCES
from policyengine.firewall.firewalld.objects import priority
from policyengine.firewall.firewalld.vocabulary import ACTIONS, ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.firewalld.expressions import Side
    from policyengine.firewall.firewalld.ipsets import Ipset
    from policyengine.firewall.firewalld.markup import Element
    from policyengine.firewall.rules import Family

Stage = Literal["pre", "deny", "allow", "post"]
"""The chain of a zone or policy that a rule is in: by its priority, and where it has none by what it does."""

WITHOUT_ACTION = ("icmp-block", "masquerade", "forward-port", "tcp-mss-clamp")
"""Elements that are what is done."""


class Rich(Struct, frozen=True):
    """A rule: what it is about (``element``), what is done (``action``), how its packets are told (``matches``)."""

    rule: Element
    element: Element | None
    action: Element | None
    family: Family | None
    priority: int
    matches: tuple[Fragment, ...]
    destination: bool

    @property
    def about(self) -> str:
        """The name of what it is about; empty for one that is about addresses only."""
        return self.element.name if self.element else ""

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        if self.priority:
            return "pre" if self.priority < 0 else "post"
        denies = self.about == "icmp-block" or (self.action is not None and self.action.name in ("reject", "drop"))
        return "deny" if denies else "allow"

    @property
    def resets(self) -> bool:
        """Whether it answers by a reset of TCP."""
        return self.action is not None and self.action.get("type") in ("tcp-reset", "tcp-rst")

    def does(self) -> list[Fragment]:
        """The statements of its action. Raises :class:`DocumentError`."""
        if self.action is None:
            return []
        try:
            limits = [limit(one.get("value"), one.get("burst")) for one in self.action.all("limit")]
            if self.action.name == "reject":
                return [*limits, *reject(self.action.get("type"), self.family)]
        except ValueError as error:
            raise self.action.error(str(error)) from None
        return [*limits, ACCEPT if self.action.name == "accept" else DROP]


def rich(rule: Element, ipsets: Mapping[str, Ipset]) -> Rich:
    """A rule of its element. Raises :class:`DocumentError` for what firewalld would pass over with a warning."""
    element = _only(rule, *ELEMENTS, "tcp-mss-clamp")
    action = _only(rule, *ACTIONS)
    source, destination = _only(rule, "source"), _only(rule, "destination")
    family = _family(rule)
    found = _families(rule, family, source, ipsets)
    matches = [is_family(family)] if family else []
    matches += [_side(destination, "daddr", family, ipsets)] if destination else []
    matches += [_side(source, "saddr", family, ipsets)] if source else []
    told = Rich(rule, element, action, found, priority(rule), tuple(matches), destination is not None)
    _check(told, source, destination)
    return told


def _only(rule: Element, *names: str) -> Element | None:
    found = rule.all(*names)
    if len(found) > 1:
        raise found[1].error(f"a rule with both <{found[0].name}> and <{found[1].name}>")
    return found[0] if found else None


def _family(rule: Element) -> Family | None:
    told = rule.attributes.get("family")
    if told is not None and told not in FAMILIES:
        raise rule.error(f'"{told}" is no family: it is ipv4 or ipv6')
    return None if told is None else FAMILIES[told]


def _families(
    rule: Element, family: Family | None, source: Element | None, ipsets: Mapping[str, Ipset]
) -> Family | None:
    """The family of a rule: its own, else that of the set that its source is in."""
    name = source.get("ipset") if source else ""
    if not name or source is None or source.get("address"):
        return family
    of = _ipset(source, name, ipsets).family
    if family and of and family != of:
        raise rule.error(f'the set "{name}" has addresses of IPv{of}, and the rule is for IPv{family}')
    return family or of


def _ipset(element: Element, name: str, ipsets: Mapping[str, Ipset]) -> Ipset:
    if name not in ipsets:
        raise element.error(f'there is no set "{name}"')
    if ipsets[name].type not in SOURCES and element.name == "source":
        raise element.error(f'the set "{name}" is of type {ipsets[name].type}, which no source can be in')
    return ipsets[name]


def _side(element: Element, side: Side, family: Family | None, ipsets: Mapping[str, Ipset]) -> Fragment:
    told = [name for name in ("address", "mac", "ipset") if element.get(name)]
    if len(told) != 1:
        raise element.error(f"a <{element.name}> with {' and '.join(told) or 'no address and no set'}")
    negated = element.get("invert").lower() in ("yes", "true")
    value = element.get(told[0])
    if told[0] == "ipset":
        return _ipset(element, value, ipsets).match(side, negated=negated)
    if told[0] == "address" and family is None:
        raise element.error("a rule with addresses wants a family")
    if (told[0] == "mac") != (MAC(value) is not None):
        raise element.error(f'"{value}" is no address of {"a card" if told[0] == "mac" else f"IPv{family}"}')
    try:
        return address(side, value, family, negated=negated)
    except ValueError as error:
        raise element.error(str(error)) from None


def _check(told: Rich, source: Element | None, destination: Element | None) -> None:
    logs = told.rule.all("log", "nflog", "audit")
    if told.about in WITHOUT_ACTION:
        if told.action:
            raise told.action.error(f"a rule with <{told.about}> has no action")
    elif told.action is None and not logs:
        raise told.rule.error("a rule that does nothing: it has no action and no log")
    nothing = told.element is None and source is None and destination is None
    if nothing and not told.priority:
        raise told.rule.error("a rule about nothing: it has no element, no source and no destination")
    if destination is not None and told.family is None:
        raise destination.error("a rule with a destination wants a family")
    if told.about == "forward-port" and told.family is None:
        raise told.rule.error("a rule with a forward-port wants a family")
    if told.about == "masquerade" and source is not None and source.get("mac"):
        raise source.error("a rule that masquerades cannot tell packets by a card's address")
