"""The firewall of this host, by its live rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.connections.host_firewall import URL, live_firewall
from policyengine.firewall import ipset, iptables, nft
from policyengine.firewall.firewall import Firewall
from policyengine.firewall.host_facts import host
from policyengine.firewall.rules import Ruleset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.connections.host_firewall import LiveFirewall
    from policyengine.firewall.rules import Family, Table


def live() -> tuple[Firewall, dict[str, str]]:
    """The firewall, and what each program says of it by the path that its rules are told with.

    Raises :class:`SourceError`: see ``host_firewall``.
    """
    said = live_firewall()
    routes: dict[Family, str] = {4: said.routes, 6: said.routes6}
    facts = host(said.interfaces, routes, {4: said.rules, 6: said.rules6}, URL)
    texts = {f"{URL}{one.name}": one.text for one in said.saved}
    return Firewall(Ruleset(tuple(_tables(said)), whole=True), facts), texts


def _tables(said: LiveFirewall) -> Iterable[Table]:
    """The tables of all programs; a rule is written where its program says it, on this line."""
    sets = ipset.read(said.sets, f"{URL}ipset")
    for one in said.saved:
        yield from iptables.read(one.text, f"{URL}{one.name}", one.family, program=one.program, sets=sets)
    yield from nft.read(said.nft, f"{URL}nft")
