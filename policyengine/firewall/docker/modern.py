"""The rules of Docker 29 and later, by iptables; much of them is as 28 has it.

https://github.com/moby/moby/tree/v29.0.0/daemon/libnetwork/drivers/bridge/internal/iptabler, and the rule sets that
``integration/network/bridge/iptablesdoc`` documents. Chains are written from their first rule to their last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import shown
from policyengine.firewall.docker import ingress
from policyengine.firewall.docker.facts import is_at_least
from policyengine.firewall.docker.mappings import of_family
from policyengine.firewall.docker.nat import begin_nat, translate
from policyengine.firewall.docker.policy import end_of_forwarding
from policyengine.firewall.docker.spelling import Language, Sheet

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine, EngineNetwork
    from policyengine.firewall.rules import Family, Table
    from policyengine.model.location import Location

RAW = -300
"""The priority of the table ``raw`` (``linux/netfilter_ipv4.h``)."""

_CHAINS = ("DOCKER", "DOCKER-BRIDGE", "DOCKER-CT", "DOCKER-FORWARD", "DOCKER-INTERNAL", "DOCKER-USER")


def tables(engine: Engine, family: Family, cause: Location) -> tuple[Table, ...]:
    """The tables ``raw``, ``filter`` and ``nat``."""
    language = Language("iptables", family)
    filter_, nat = (Sheet(name, language, cause) for name in ("filter", "nat"))
    for name in ("INPUT", "FORWARD", "OUTPUT"):
        filter_.base(name, name.lower(), 0)  # type: ignore[arg-type]
    filter_.chain(*_CHAINS)
    _forward(filter_, engine)
    begin_nat(nat, engine)
    translate(nat, engine, skip_link_local=True, own_port=not engine.userland_proxy)
    return raw(engine, language, cause), filter_.table(), nat.table()


def raw(engine: Engine, language: Language, cause: Location) -> Table:
    """The table ``raw``, by which nobody but the bridge itself sends to a container's address.

    Nor does anybody from elsewhere to a port that the loopback publishes.
    """
    sheet = Sheet("raw", language, cause)
    sheet.base("PREROUTING", "prerouting", RAW)
    sheet.base("OUTPUT", "output", RAW)
    if is_at_least(engine, 28, 2):
        _guard_containers(sheet, engine)
    else:
        _guard_ports(sheet, engine)
    _guard_loopback(sheet, engine)
    return sheet.table()


def guarded(engine: Engine, network: EngineNetwork, family: Family) -> bool:
    """Whether a network's containers are reached by nobody from outside but by their published ports."""
    return network.mode(family) == "nat" and not network.internal and not engine.direct_routing


def _guard_containers(sheet: Sheet, engine: Engine) -> None:
    say = sheet.language
    for network in engine.bridges(say.family):
        for address in addresses(engine, network, say.family):
            if guarded(engine, network, say.family):
                for trusted in network.trusted:
                    sheet.add("PREROUTING", [say.destination(address), say.into(trusted)], say.accept(), network.where)
                parts = [say.destination(address), say.into(network.bridge, but=True)]
                sheet.add("PREROUTING", parts, say.drop(), network.where)


def _guard_ports(sheet: Sheet, engine: Engine) -> None:
    """Before 28.2 it is published ports that are guarded: others nothing opens."""
    say = sheet.language
    for one in of_family(engine, say.family):
        if one.network.mode(say.family) == "nat":
            there = [say.destination(shown(one.container, say.family)), say.into(one.network.bridge, but=True)]
            sheet.add("PREROUTING", [*there, say.port(one.protocol, one.target)], say.drop(), one.where)


def _guard_loopback(sheet: Sheet, engine: Engine) -> None:
    say = sheet.language
    for one in of_family(engine, say.family):
        if say.family == 4 and one.host is not None and one.host >> 24 == 127 and one.first:
            port = say.port(one.protocol, one.first, one.last)
            parts = [say.destination(shown(one.host, 4)), say.into("lo", but=True), port]
            sheet.add("PREROUTING", parts, say.drop(), one.where)


def addresses(engine: Engine, network: EngineNetwork, family: Family) -> list[str]:
    """The addresses of the containers on a network."""
    found = (at.address(family) for one in engine.containers for at in one.attachments if at.network == network.name)
    return [shown(address, family) for address in found if address is not None]


def _forward(sheet: Sheet, engine: Engine) -> None:
    say = sheet.language
    sheet.add("FORWARD", [], say.jump("DOCKER-USER"))
    sheet.add("FORWARD", [], say.jump("DOCKER-FORWARD"))
    ingress.forward(sheet, engine, "DOCKER-FORWARD")
    for chain in ("DOCKER-CT", "DOCKER-INTERNAL", "DOCKER-BRIDGE"):
        sheet.add("DOCKER-FORWARD", [], say.jump(chain))
    networks = engine.bridges(say.family)
    open_ports(sheet, engine)
    for network in networks:
        leave(sheet, network)
        if not network.internal:
            arrive(sheet, network)
            keep_out(sheet, network)
    for network in reversed([one for one in networks if one.internal]):
        _keep_in(sheet, network)
    end_of_forwarding(sheet, engine)


def open_ports(sheet: Sheet, engine: Engine) -> None:
    """The latest comes first; where a network protects nothing there is nothing to open."""
    say = sheet.language
    for one in reversed(of_family(engine, say.family)):
        if one.network.mode(say.family) != "nat-unprotected":
            bridge = one.network.bridge
            there = [say.destination(shown(one.container, say.family)), say.into(bridge, but=True), say.out(bridge)]
            sheet.add("DOCKER", [*there, say.port(one.protocol, one.target)], say.accept(), one.where)


def leave(sheet: Sheet, network: EngineNetwork, chain: str = "DOCKER-FORWARD") -> None:
    """What containers send: anywhere, but to each other where icc is off, or to each other alone."""
    say, bridge, cause = sheet.language, network.bridge, network.where
    own = [say.into(bridge), say.out(bridge)]
    if network.internal:
        sheet.add(chain, own, say.accept() if network.icc else say.drop(), cause)
    elif network.icc:
        sheet.add(chain, [say.into(bridge)], say.accept(), cause)
    else:
        sheet.add(chain, own, say.drop(), cause)
        sheet.add(chain, [say.into(bridge), say.out(bridge, but=True)], say.accept(), cause)


def arrive(sheet: Sheet, network: EngineNetwork) -> None:
    """The way to where ports have been opened."""
    say, bridge, cause = sheet.language, network.bridge, network.where
    sheet.add("DOCKER-CT", [say.out(bridge), say.known()], say.accept(), cause)
    sheet.add("DOCKER-BRIDGE", [say.out(bridge)], say.jump("DOCKER"), cause)


def keep_out(sheet: Sheet, network: EngineNetwork) -> None:
    """What is sent to containers and no port has been opened for."""
    say, bridge, cause = sheet.language, network.bridge, network.where
    mode = network.mode(say.family)
    if mode == "routed":
        sheet.add("DOCKER", [say.out(bridge), say.icmp()], say.accept(), cause)
    end = say.accept() if mode == "nat-unprotected" else say.drop()
    sheet.add("DOCKER", [say.into(bridge, but=True), say.out(bridge)], end, cause)


def _keep_in(sheet: Sheet, network: EngineNetwork) -> None:
    say, cause = sheet.language, network.where
    for subnet in (one for one in network.subnets if one.family == say.family):
        inside = [] if say.family == 4 else [say.into(network.bridge, but=True)]
        outside = [] if say.family == 4 else [say.out(network.bridge, but=True)]
        going = [say.source(subnet.text, but=True), *inside, say.out(network.bridge)]
        coming = [say.destination(subnet.text, but=True), say.into(network.bridge), *outside]
        sheet.add("DOCKER-INTERNAL", going, say.drop(), cause)
        sheet.add("DOCKER-INTERNAL", coming, say.drop(), cause)
