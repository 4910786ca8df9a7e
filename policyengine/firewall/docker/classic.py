"""The rules of Docker before version 28: https://github.com/moby/moby/tree/v27.5.1/libnetwork/drivers/bridge.

``setup_ip_tables_linux.go`` (``setupIPTables``, ``setINC``, ``setIcc``) and ``libnetwork/iptables`` (``Forward``).
Chains are written from their first rule to their last. The engine puts most rules of a network before those of the
networks that were there, so the latest comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import shown
from policyengine.firewall.docker import ingress
from policyengine.firewall.docker.facts import is_at_least
from policyengine.firewall.docker.isolation import STAGE_1, STAGE_2, isolate
from policyengine.firewall.docker.mappings import of_family
from policyengine.firewall.docker.nat import begin_nat, leave_to_proxy, translate
from policyengine.firewall.docker.policy import end_of_forwarding, guarded
from policyengine.firewall.docker.spelling import Language, Sheet

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine
    from policyengine.firewall.docker.spelling import Part
    from policyengine.firewall.rules import Family, Table
    from policyengine.model.location import Location


def tables(engine: Engine, family: Family, cause: Location) -> tuple[Table, ...]:
    """The tables ``filter`` and ``nat``."""
    language = Language("iptables", family)
    filter_, nat = Sheet("filter", language, cause), Sheet("nat", language, cause)
    for name in ("INPUT", "FORWARD", "OUTPUT"):
        filter_.base(name, name.lower(), 0)  # type: ignore[arg-type]
    filter_.chain("DOCKER", STAGE_1, STAGE_2, "DOCKER-USER")
    _forward(filter_, engine)
    _open_ports(filter_, engine)
    isolate(filter_, engine)
    for chain in (STAGE_1, STAGE_2):
        filter_.add(chain, [], language.back())
    filter_.add("DOCKER-USER", [], language.back())
    _nat(nat, engine)
    return filter_.table(), nat.table()


def _forward(sheet: Sheet, engine: Engine) -> None:
    say, networks = sheet.language, engine.bridges(sheet.language.family)
    sheet.add("FORWARD", guarded(engine, say.family), say.jump("DOCKER-USER"))
    ingress.forward(sheet, engine, "FORWARD")
    sheet.add("FORWARD", guarded(engine, say.family), say.jump(STAGE_1))
    for one in reversed(networks):
        own, other = [say.into(one.bridge), say.out(one.bridge)], say.out(one.bridge, but=True)
        rules = []
        if not one.internal:
            rules.append(([say.out(one.bridge), say.known()], say.accept()))
            rules.append(([say.out(one.bridge)], say.jump("DOCKER")))
            rules.append(([say.into(one.bridge), other], say.accept()))
        if one.icc:
            rules.append((own, say.accept()))
        for parts, deed in rules:
            sheet.add("FORWARD", [*parts, *guarded(engine, say.family)], deed, one.where)
    for one in networks:
        if not one.icc:
            parts = [say.into(one.bridge), say.out(one.bridge), *guarded(engine, say.family)]
            sheet.add("FORWARD", parts, say.drop(), one.where)
    end_of_forwarding(sheet, engine)


def _open_ports(sheet: Sheet, engine: Engine) -> None:
    """What is published is accepted on its way to the container, whichever address it was published on."""
    say = sheet.language
    for one in of_family(engine, say.family):
        there = [say.destination(shown(one.container, say.family)), *_from_elsewhere(say, one.network.bridge)]
        sheet.add("DOCKER", [*there, say.port(one.protocol, one.target)], say.accept(), one.where)
    for network in engine.bridges(say.family):
        if network.mode(say.family) == "routed":
            sheet.add("DOCKER", [say.out(network.bridge), say.icmp()], say.accept(), network.where)


def _from_elsewhere(say: Language, bridge: str) -> list[Part]:
    return [say.into(bridge, but=True), say.out(bridge)]


def _nat(sheet: Sheet, engine: Engine) -> None:
    begin_nat(sheet, engine)
    leave_to_proxy(sheet, engine)
    # Since 25.0 clients on a link are left to the proxy.
    translate(sheet, engine, skip_link_local=is_at_least(engine, 25), own_port=True)
