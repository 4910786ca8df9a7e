"""Services: ports and protocols with a name (firewalld.service(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.firewall.firewalld.expressions import FAMILIES, Fragment, address, match, ports, protocol
from policyengine.firewall.firewalld.vocabulary import SERVICE, SERVICE_ROOT, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.firewalld.markup import Element
    from policyengine.firewall.rules import Family


class Service(Struct, frozen=True):
    """What a service consists of: matches of its packets, destinations that they must have, services it includes."""

    matches: tuple[Fragment, ...] = ()
    destinations: tuple[tuple[Family, Fragment], ...] = ()
    includes: tuple[str, ...] = ()


def service(root: Element) -> Service:
    """A service of its file. Raises :class:`DocumentError`."""
    check(root, "service", SERVICE_ROOT, SERVICE)
    told = [
        *root.all("port"),
        *root.all("protocol"),
        *root.all("source-port"),
    ]
    return Service(
        tuple(_match(one) for one in told),
        tuple(_destinations(root)),
        tuple(one.get("service") for one in root.all("include")),
    )


def _match(element: Element) -> Fragment:
    try:
        return element_match(element)
    except ValueError as error:
        raise element.error(str(error)) from None


def element_match(element: Element) -> Fragment:
    """What a ``<port>``, ``<source-port>`` or ``<protocol>`` matches. Raises ValueError."""
    if element.name == "protocol":
        return protocol(element.get("value"))
    if element.name == "port" and not element.get("port"):
        return protocol(element.get("protocol"))
    side: Literal["sport", "dport"] = "sport" if element.name == "source-port" else "dport"
    return ports(element.get("protocol"), side, element.get("port"))


def _destinations(root: Element) -> Iterator[tuple[Family, Fragment]]:
    told = {name: one for one in reversed(root.all("destination")) for name in one.attributes}
    for name, family in FAMILIES.items():
        if name in told:
            try:
                yield family, address("daddr", told[name].get(name), family)
            except ValueError as error:
                raise told[name].error(str(error)) from None


class Services(Struct, frozen=True):
    """The services there are by name. ``whole``: whether that is all of them."""

    known: Mapping[str, Service]
    whole: bool

    def cases(self, name: str, by: Element, family: Family | None = None) -> list[list[Fragment]]:
        """Of which any must hold for a packet of a service, of one family or of any.

        A service that is not known, where others than the known ones may be, is an unknown. Raises
        :class:`DocumentError`, at what names it.
        """
        return [case for one in self._with_included(name, by, [name]) for case in self._cases(one, family)]

    def _with_included(self, name: str, by: Element, seen: list[str]) -> Iterator[str]:
        if name not in self.known and self.whole:
            raise by.error(f'there is no service "{name}"')
        for include in self.known.get(name, Service()).includes:
            if include not in seen:
                seen.append(include)
                yield from self._with_included(include, by, seen)
        yield name

    def _cases(self, name: str, family: Family | None) -> Iterator[list[Fragment]]:
        found = self.known.get(name)
        if found is None:
            yield [match({"service": {"name": name}}, "undefined")]
            return
        to = [[one] for of, one in found.destinations if family in (None, of)] if found.destinations else [[]]
        yield from ([*one, each] for one in to for each in found.matches)

    def has_destination(self, name: str) -> bool:
        """Whether a service says where its packets must go to."""
        return bool(self.known.get(name, Service()).destinations)
