"""Zones and policies: what is permitted between which networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.firewall.firewalld.markup import Element  # noqa: TC001 - structures are made by these types
from policyengine.firewall.firewalld.vocabulary import POLICY, POLICY_ROOT, ZONE, ZONE_ROOT, check
from policyengine.model.location import Location  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Iterable

Target = Literal["default", "reject", "accept", "drop", "continue", "none"]
"""What becomes of packets that nothing else decides about. "default" rejects, but ICMP, which a host must have, passes;
"none" leaves it to the end of the hook's chain, which rejects; "continue": on to what comes after the policy."""

_OF_ZONE: dict[str, Target] = {
    "": "default",
    "{chain}_{zone}": "default",
    "default": "none",
    "ACCEPT": "accept",
    "%%REJECT%%": "reject",
    "DROP": "drop",
}
_OF_POLICY: dict[str, Target] = {"ACCEPT": "accept", "REJECT": "reject", "DROP": "drop", "CONTINUE": "continue"}

HOST, ANY = "HOST", "ANY"
"""What a policy may name in place of zones."""

LOWEST, HIGHEST = -32768, 32767
"""Of priorities; lower ones come first."""


class Section(Struct, frozen=True):
    """What a zone's or a policy's files say, element by element."""

    name: str
    where: Location
    elements: tuple[Element, ...]
    target: Target

    def all(self, *names: str) -> list[Element]:
        """The elements of these names, each that says the same only once."""
        found = [one for one in self.elements if one.name in names]
        return list({(one.name, *sorted(one.attributes.items()), _said(one)): one for one in reversed(found)}.values())[
            ::-1
        ]

    def has(self, name: str) -> bool:
        """Whether it has an element of this name."""
        return any(one.name == name for one in self.elements)


class Zone(Section, frozen=True):
    """Networks of one degree of trust. Where zones overlap, that of the lower priority has a packet."""

    ingress: int = 0
    egress: int = 0

    @property
    def interfaces(self) -> list[Element]:
        """Those that are bound to it."""
        return self.all("interface")

    @property
    def sources(self) -> list[Element]:
        """Those that are bound to it."""
        return self.all("source")

    @property
    def is_active(self) -> bool:
        """Whether anything is bound to it."""
        return self.has("interface") or self.has("source")


class Policy(Section, frozen=True):
    """What passes from some zones to others."""

    priority: int = -1

    @property
    def ingress(self) -> list[str]:
        """The zones that packets come from."""
        return [one.get("name") for one in self.all("ingress-zone")]

    @property
    def egress(self) -> list[str]:
        """The zones that packets go to."""
        return [one.get("name") for one in self.all("egress-zone")]


def _said(one: Element) -> object:
    return tuple((part.name, tuple(sorted(part.attributes.items())), _said(part)) for part in one.children)


def zone(name: str, roots: Iterable[Element]) -> Zone:
    """A zone of its file, or of the files in a directory of its name. Raises :class:`DocumentError`."""
    found = list(roots)
    for root in found:
        check(root, "zone", ZONE_ROOT, ZONE)
    first = found[0]
    target = _OF_ZONE.get(first.get("target"))
    if target is None:
        raise first.error(f'"{first.get("target")}" is no target of a zone')
    both = _number(first, "priority", 0)
    return Zone(
        name,
        first.where,
        tuple(one for root in found for one in root.children),
        target,
        _number(first, "ingress-priority", both),
        _number(first, "egress-priority", both),
    )


def policy(name: str, root: Element) -> Policy:
    """A policy of its file. Raises :class:`DocumentError`."""
    check(root, "policy", POLICY_ROOT, POLICY)
    target = _OF_POLICY.get(root.get("target"))
    if target is None:
        raise root.error(f'"{root.get("target")}" is no target of a policy')
    priority = _number(root, "priority", -1)
    if priority == 0:
        raise root.error("a policy cannot have the priority 0, which zones have")
    return Policy(name, root.where, tuple(root.children), target, priority)


def _number(element: Element, name: str, otherwise: int) -> int:
    return priority(element, name) if name in element.attributes else otherwise


def priority(element: Element, name: str = "priority") -> int:
    """An attribute that is a priority, 0 where it is not there. Raises :class:`DocumentError`."""
    try:
        found = int(element.get(name) or "0")
    except ValueError:
        found = HIGHEST + 1
    if not LOWEST <= found <= HIGHEST:
        raise element.error(f'the {name} "{element.get(name)}" is no number between {LOWEST} and {HIGHEST}')
    return found
