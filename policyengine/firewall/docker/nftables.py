"""The rules of Docker 29 and later by nftables (``"firewall-backend": "nftables"``), where there is no DOCKER-USER.

https://github.com/moby/moby/tree/v29.0.0/daemon/libnetwork/drivers/bridge/internal/nftabler, and the rule sets that
``integration/network/bridge/nftablesdoc`` documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import shown
from policyengine.firewall.docker.mappings import of_family
from policyengine.firewall.docker.modern import RAW, addresses, guarded
from policyengine.firewall.docker.nat import DSTNAT, LINK_LOCAL, LOOPBACK, SRCNAT
from policyengine.firewall.docker.policy import end_of_forwarding
from policyengine.firewall.docker.spelling import Deed, Language, Part, Sheet

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine, EngineNetwork
    from policyengine.firewall.rules import Family, Table
    from policyengine.model.location import Location

_TRANSLATING = "nat-prerouting-and-output"


def tables(engine: Engine, family: Family, cause: Location) -> tuple[Table, ...]:
    """The table ``docker-bridges`` of the family."""
    sheet = Sheet("docker-bridges", Language("nft", family), cause)
    _bases(sheet)
    networks = engine.bridges(family)
    _branch(sheet, "filter-FORWARD", "out", "filter-forward-in", networks)
    _branch(sheet, "filter-FORWARD", "in", "filter-forward-out", networks)
    end_of_forwarding(sheet, engine, "filter-FORWARD")
    _branch(sheet, "nat-POSTROUTING", "in", "nat-postrouting-out", networks)
    _branch(sheet, "nat-POSTROUTING", "out", "nat-postrouting-in", networks)
    _enter_nat(sheet, engine)
    _translate(sheet, engine)
    _guard(sheet, engine)
    for network in networks:
        _arrive(sheet, engine, network)
        _leave(sheet, network)
        _hide(sheet, engine, network)
    return (sheet.table(),)


def _bases(sheet: Sheet) -> None:
    sheet.base("filter-FORWARD", "forward", 0)
    sheet.base("nat-OUTPUT", "output", DSTNAT, type_="nat")
    sheet.base("nat-POSTROUTING", "postrouting", SRCNAT, type_="nat")
    sheet.base("nat-PREROUTING", "prerouting", DSTNAT, type_="nat")
    sheet.base("raw-PREROUTING", "prerouting", RAW)
    sheet.chain(_TRANSLATING)


def _branch(sheet: Sheet, base: str, side: str, chains: str, networks: list[EngineNetwork]) -> None:
    """A map from interfaces to the chains of their networks: one rule, which is several with one text."""
    say = sheet.language
    for network in networks:
        sheet.chain(f"{chains}__{network.bridge}")
        key = say.out(network.bridge) if side == "out" else say.into(network.bridge)
        text = f"{'oifname' if side == 'out' else 'iifname'} vmap @{chains}-jumps"
        deed = Deed("", say.jump(f"{chains}__{network.bridge}").action)
        sheet.add(base, [Part(text, key.conditions)], deed, network.where)


def _enter_nat(sheet: Sheet, engine: Engine) -> None:
    say = sheet.language
    beyond = [say.destination(LOOPBACK[say.family], but=True)] if engine.userland_proxy else []
    sheet.add("nat-OUTPUT", [*beyond, say.local("destination")], say.jump(_TRANSLATING))
    sheet.add("nat-PREROUTING", [say.local("destination")], say.jump(_TRANSLATING))


def _translate(sheet: Sheet, engine: Engine) -> None:
    say = sheet.language
    for one in (one for one in of_family(engine, say.family) if one.first):
        parts = [say.into(one.network.bridge, but=True)] if engine.userland_proxy else []
        if say.family == 6:
            parts.append(say.source(LINK_LOCAL, but=True))
        if one.host is not None:
            parts.append(say.destination(shown(one.host, say.family)))
        parts.append(say.port(one.protocol, one.first, one.last))
        sheet.add(_TRANSLATING, parts, say.dnat(one.container, one.target, "DNAT"), one.where)


def _guard(sheet: Sheet, engine: Engine) -> None:
    say, chain = sheet.language, "raw-PREROUTING"
    for network in engine.bridges(say.family):
        for address in addresses(engine, network, say.family) if guarded(engine, network, say.family) else ():
            for trusted in network.trusted:
                parts = [say.destination(address), say.into(trusted)]
                sheet.add(chain, parts, say.accept("DIRECT ACCESS TRUSTED"), network.where)
            parts = [say.destination(address), say.into(network.bridge, but=True)]
            sheet.add(chain, parts, say.drop("DROP DIRECT ACCESS"), network.where)
    for one in of_family(engine, say.family):
        if say.family == 4 and one.host is not None and one.host >> 24 == 127 and one.first:
            there = [say.into("lo", but=True), say.destination(shown(one.host, 4))]
            parts = [*there, say.port(one.protocol, one.first, one.last)]
            sheet.add(chain, parts, say.drop("DROP REMOTE LOOPBACK"), one.where)


def _arrive(sheet: Sheet, engine: Engine, network: EngineNetwork) -> None:
    say, chain, cause = sheet.language, f"filter-forward-in__{network.bridge}", network.where
    mode = network.mode(say.family)
    verdict = say.accept("ICC") if network.icc else say.drop("ICC")
    sheet.add(chain, [say.known()], say.accept(), cause)
    if network.internal:
        sheet.add(chain, [say.into(network.bridge, but=True)], say.drop("INTERNAL NETWORK INGRESS"), cause)
        sheet.add(chain, [], verdict, cause)
        return
    if mode == "routed":
        sheet.add(chain, [say.icmp()], say.accept("ICMP"), cause)
    sheet.add(chain, [say.into(network.bridge)], verdict, cause)
    if mode == "nat-unprotected":
        sheet.add(chain, [], say.accept("UNPROTECTED"), cause)
        return
    for one in of_family(engine, say.family):
        if one.network.name == network.name:
            parts = [say.destination(shown(one.container, say.family)), say.port(one.protocol, one.target)]
            sheet.add(chain, parts, say.accept(), one.where)
    sheet.add(chain, [], say.drop("UNPUBLISHED PORT DROP"), cause)


def _leave(sheet: Sheet, network: EngineNetwork) -> None:
    say, chain, cause = sheet.language, f"filter-forward-out__{network.bridge}", network.where
    sheet.add(chain, [say.known()], say.accept(), cause)
    if network.internal:
        sheet.add(chain, [say.out(network.bridge, but=True)], say.drop("INTERNAL NETWORK EGRESS"), cause)
    else:
        sheet.add(chain, [], say.accept("OUTGOING"), cause)


def _hide(sheet: Sheet, engine: Engine, network: EngineNetwork) -> None:
    say, cause = sheet.language, network.where
    if network.internal:
        return
    into, out = (f"nat-postrouting-{side}__{network.bridge}" for side in ("in", "out"))
    if not engine.userland_proxy:
        sheet.add(into, [say.local("source")], _as(say, network, " FROM HOST"), cause)
        for one in of_family(engine, say.family):
            if one.network.name == network.name and one.first:
                own = shown(one.container, say.family)
                parts = [say.source(own), say.destination(own), say.port(one.protocol, one.target)]
                sheet.add(into, parts, say.masquerade("MASQ TO OWN PORT"), one.where)
    if network.masquerade and network.mode(say.family) != "routed":
        for subnet in (one for one in network.subnets if one.family == say.family):
            parts = [say.out(network.bridge, but=True), say.source(subnet.text)]
            sheet.add(out, parts, _as(say, network, ""), cause)


def _as(say: Language, network: EngineNetwork, of: str) -> Deed:
    address = network.snat.get(say.family)
    return say.snat(address, f"SNAT{of}") if address else say.masquerade(f"MASQUERADE{of}")
