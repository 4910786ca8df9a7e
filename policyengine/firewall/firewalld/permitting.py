"""What the elements of a zone or a policy permit and forbid, as rules of its chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.firewalld.expressions import (
    ACCEPT,
    REJECT,
    Fragment,
    family_of,
    icmp,
    interface,
    is_family,
    network,
    port,
    ports,
)
from policyengine.firewall.firewalld.icmp import TYPES
from policyengine.firewall.firewalld.rich import Rich, rich
from policyengine.firewall.firewalld.services import element_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.firewall.firewalld.ipsets import Ipset
    from policyengine.firewall.firewalld.layout import Layout
    from policyengine.firewall.firewalld.markup import Element
    from policyengine.firewall.firewalld.objects import Section
    from policyengine.firewall.firewalld.services import Services
    from policyengine.firewall.rules import Family

FAMILIES: tuple[Family, ...] = (4, 6)


class Chains(Struct, frozen=True):
    """The chains of a zone or a policy: for what passes, for what is forwarded elsewhere, for what is masqueraded."""

    passing: str
    forwarding: str
    masquerading: str


class Permitting:
    """Writes the rules of one zone or policy. ``inverted``: the types of ICMP that it names pass, and others do not."""

    def __init__(
        self, layout: Layout, chains: Chains, services: Services, ipsets: Mapping[str, Ipset], *, inverted: bool = False
    ) -> None:
        self._layout = layout
        self._chains = chains
        self._services = services
        self._ipsets = ipsets
        self._inverted = inverted

    def write(self, section: Section) -> None:
        """The rules of all elements. Raises :class:`DocumentError`, with the element, for what is wrong."""
        for name in ("service", "port", "masquerade", "forward-port", "source-port", "icmp-block", "rule", "protocol"):
            for element in section.all(name):
                try:
                    self._element(element)
                except ValueError as error:
                    raise element.error(str(error)) from None

    def _element(self, element: Element) -> None:
        if element.name == "service":
            for case in self._services.cases(element.get("name"), element):
                self._allow(element, [*case, ACCEPT])
        elif element.name == "masquerade":
            self._masquerade(element, [is_family(4)], "allow", 0)
        elif element.name == "forward-port":
            to = element.get("to-addr")
            self._forward(element, [is_family(family_of(to) if to else 4)], family_of(to), "allow", 0)
        elif element.name == "icmp-block":
            self._icmp_block(element)
        elif element.name == "rule":
            self._rule(rich(element, self._ipsets))
        else:
            self._allow(element, [element_match(element), ACCEPT])

    def _add(self, element: Element, chain: str, stage: str, statements: Iterable[Fragment], priority: int = 0) -> None:
        if not self._layout.has(f"{chain}_{stage}"):
            raise element.error(f"<{element.name}> has no effect between these zones, and firewalld does not load it")
        self._layout.rule(f"{chain}_{stage}", *statements, where=element.where, priority=priority)

    def _allow(self, element: Element, statements: Iterable[Fragment]) -> None:
        self._add(element, self._chains.passing, "allow", statements)

    def _masquerade(self, element: Element, matches: Iterable[Fragment], stage: str, priority: int) -> None:
        outside = interface("oifname", "lo", "!=")
        self._add(element, self._chains.masquerading, stage, [*matches, outside, {"masquerade": None}], priority)

    def _forward(
        self, element: Element, matches: Iterable[Fragment], family: Family, stage: str, priority: int
    ) -> None:
        found = ports(element.get("protocol"), "dport", element.get("port"))
        to, place = element.get("to-addr"), element.get("to-port")
        if not to and not place:
            raise ValueError("a forward-port without to-port and to-addr")
        told: dict[str, object] = {"port": port(place)} if place else {}
        if to and "/" in to:
            raise ValueError(f'"{to}" is no address')
        end: Fragment = {"dnat": {"addr": network(to, family), **told}} if to else {"redirect": told}
        self._add(element, self._chains.forwarding, stage, [*matches, found, end], priority)

    def _icmp_block(self, element: Element) -> None:
        stage, verdict = ("allow", ACCEPT) if self._inverted else ("deny", REJECT)
        for family in _families(element.get("name")):
            self._add(element, self._chains.passing, stage, [*icmp(element.get("name"), family), verdict])

    def _rule(self, told: Rich) -> None:
        if told.about == "tcp-mss-clamp" or (told.action is not None and told.action.name == "mark"):
            return  # it decides nothing
        element = told.element or told.rule
        if told.about == "masquerade":
            self._masquerade(told.rule, told.matches, told.stage, told.priority)
        elif told.about == "forward-port":
            self._forward(element, told.matches, told.family or 4, told.stage, told.priority)
        else:
            self._decide(told, element)

    def _decide(self, told: Rich, element: Element) -> None:
        does = [REJECT] if told.about == "icmp-block" else told.does()
        if not does:
            return  # it logs
        for case in self._cases(told, element):
            if told.resets and not _is_tcp(case[-1]):
                raise told.rule.error("a reset answers TCP only, and the rule is about something else")
            self._add(told.rule, self._chains.passing, told.stage, [*case, *does], told.priority)

    def _cases(self, told: Rich, element: Element) -> list[list[Fragment]]:
        """The matches of a rule; of a service there may be several."""
        own = list(told.matches)
        if told.element is None:
            return [own]
        if told.about == "service":
            name = element.get("name")
            if told.destination and self._services.has_destination(name):
                raise element.error(f"a rule with a destination, and the service {name} has one itself")
            first = own[:1] if told.rule.get("family") else []
            rest = own[len(first) :]
            return [_between(first, case, rest) for case in self._services.cases(name, element, told.family)]
        if told.about in ("icmp-block", "icmp-type"):
            of = [told.family] if told.family else _families(element.get("name"))
            return [[*own, *icmp(element.get("name"), family)] for family in of]
        return [[*own, element_match(element)]]


def _between(first: list[Fragment], case: list[Fragment], rest: list[Fragment]) -> list[Fragment]:
    """A service's destination comes before the addresses that a rule asks for, what its packets are comes after."""
    return [*first, *case[:-1], *rest, case[-1]]


def _is_tcp(last: Fragment) -> bool:
    """Whether a rule whose matches end in one may be about TCP: it asks for it, or for no other protocol."""
    told = last["match"]
    left = told["left"] if isinstance(told, dict) else None
    payload, key = (left.get("payload"), left.get("meta")) if isinstance(left, dict) else (None, None)
    if isinstance(payload, dict):
        return payload["protocol"] in ("tcp", "ip", "ip6", "ether")
    return key != {"key": "l4proto"} or (isinstance(told, dict) and told["right"] in ("tcp", 6))


def _families(name: str) -> list[Family]:
    """The families that have a type of ICMP. Raises ValueError where none has."""
    found = [family for family in FAMILIES if name in TYPES[family]]
    if not found:
        raise ValueError(f'there is no type "{name}" of ICMP')
    return found
