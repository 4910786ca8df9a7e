"""``policyengine firewall explain``: what becomes of a connection, and which rules decide it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.commands.firewall.asking import explained, flows, short
from policyengine.commands.firewall.ports import as_data, spelt, words
from policyengine.firewall.intents.telling import packet_text
from policyengine.firewall.reach import Explanation, Flows
from policyengine.model.masking import concealed
from policyengine.model.report import Passed
from policyengine.outputs.notes import passed_text
from policyengine.outputs.style import Style, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.reach import Network, Packet, Place, Step

_LOOKS = {"allowed": "good", "denied": "high", "unknown": "unknown"}


class Explained(Struct, frozen=True):
    """What becomes of what goes from one place of a network to another: of one port an explanation, or all flows.

    ``apart``: where something gets there, what shows that nothing does of some address; see ``Explanation``.
    """

    network: str
    source: str
    target: str
    found: Explanation | Flows
    port: tuple[str, int | None] | None = None
    rules: str = ""
    apart: Explanation | None = None

    def is_all(self, verdict: str) -> bool:
        """Whether this becomes of all that was asked about, from every address to every address."""
        return self.verdict == verdict and self.apart is None

    @property
    def verdict(self) -> str:
        """That of the port; without one "allowed" where anything gets there, else "unknown" where anything may, or
        anything is not told."""
        if isinstance(self.found, Explanation):
            return self.found.verdict
        not_told = self.found.unknown or self.found.why or self.found.untold
        return "allowed" if self.found.allowed else "unknown" if not_told else "denied"


def explain(network: Network, source: Place, target: Place, port: tuple[str, int | None] | None) -> Explained:
    """What becomes of a connection to a port of a place; without a port, what gets there at all."""
    if port is not None:
        found = explained(network, source, target, *port)
        return Explained(network.name, source.name, target.name, found, port, network.rules, found.apart)
    all_ = flows(network, source, target)
    apart = short(network, source, target) if all_.allowed else None
    return Explained(network.name, source.name, target.name, all_, None, network.rules, apart)


def as_text(told: Explained, *, colour: bool = False) -> str:
    """For people: the verdict, a packet to show it, and the rules that it meets."""
    style = Style(colour)
    way = f"{told.source} -> {told.target}" + (f"  {spelt(*told.port)}" if told.port else "")
    head = f"{style.paint(told.verdict, _LOOKS[told.verdict])}  {visible(way)}  ({visible(_decided_by(told))})\n"
    return head + "".join(f"  {name:<7}  {visible(concealed(text))}\n".rstrip(" ") for name, text in _details(told))


def _decided_by(told: Explained) -> str:
    return f"{told.network}, {told.rules}" if told.rules else told.network


def _details(told: Explained) -> Iterator[tuple[str, str]]:
    """The lines below the verdict: what each is, said at its first, and its text."""
    if isinstance(told.found, Flows):
        yield from _of_flows(told.found)
    else:
        yield from _of_one(told.found)
    if told.apart is not None:
        yield from _of_apart(told.apart)


def _of_flows(found: Flows) -> Iterator[tuple[str, str]]:
    yield "reaches", words(found.allowed) or "nothing"
    if found.unknown:
        yield "may", words(found.unknown)
    untold = found.untold.why if found.untold and not found.allowed else ""
    every = dict.fromkeys(filter(None, (*found.why, untold)))
    yield from (("" if number else "why", why) for number, why in enumerate(every))


def _of_one(found: Explanation) -> Iterator[tuple[str, str]]:
    if found.packet is not None:
        yield "witness", packet_text(found.packet)
    yield from _path_of(found)
    if found.why:
        yield "why", found.why
    if found.set_:
        yield "set", found.set_


def _of_apart(found: Explanation) -> Iterator[tuple[str, str]]:
    """What fares otherwise, and by which rules."""
    yield "but", f"{found.verdict}: {found.why if found.packet is None else packet_text(found.packet)}"
    yield from _path_of(found)
    if found.packet is not None and found.why:
        yield "why", found.why


def _path_of(found: Explanation) -> Iterator[tuple[str, str]]:
    return (
        ("" if number else "path", passed_text(Passed(step.where, step.text, step.does)))
        for number, step in enumerate(found.path)
    )


def as_json(told: Explained) -> str:
    """The same for programs, version 1: fields are added, never changed."""
    data: dict[str, object] = {"version": 1, "network": told.network, "rules": told.rules or None}
    data |= {"from": told.source, "to": told.target}
    data["verdict"] = told.verdict
    if isinstance(told.found, Flows):
        data |= {"allowed": as_data(told.found.allowed), "unknown": as_data(told.found.unknown)}
        data["why"] = [concealed(why) for why in told.found.why]
    else:
        protocol, port = told.port or ("", None)
        data |= {"protocol": protocol, "port": port, "why": [concealed(told.found.why)] if told.found.why else []}
        data |= {"witness": _packet(told.found.packet), "path": [_path(step) for step in told.found.path]}
        data["set"] = told.found.set_ or None
    data["apart"] = _apart(told.apart)
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _apart(found: Explanation | None) -> dict[str, object] | None:
    if found is None:
        return None
    told = {"verdict": found.verdict, "why": [concealed(found.why)] if found.why else []}
    return {**told, "witness": _packet(found.packet), "path": [_path(step) for step in found.path]}


def _packet(packet: Packet | None) -> dict[str, object] | None:
    if packet is None:
        return None
    return {
        "family": packet.family,
        "protocol": packet.protocol,
        "source": packet.source,
        "destination": packet.destination,
        "source_port": packet.sport,
        "destination_port": packet.dport,
        "in": packet.into or None,
        "out": packet.out or None,
        "card": packet.card or None,
        "icmp_type": packet.icmp,
    }


def _path(step: Step) -> dict[str, object]:
    where = step.where
    told = {"path": where.path if where else None, "line": where.line if where else None}
    return {**told, "text": concealed(step.text), "does": step.does}
