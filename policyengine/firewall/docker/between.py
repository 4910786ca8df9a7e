"""The rules of Docker 28, by iptables: those of 29 with the bridges kept apart as before.

https://github.com/moby/moby/tree/v28.5.0/libnetwork/drivers/bridge/internal/iptabler. 28.0.0 has them in the chain
FORWARD itself, and tells what is sent to containers by a set of ipset:
https://github.com/moby/moby/blob/v28.0.0/libnetwork/drivers/bridge/setup_ip_tables_linux.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.docker import ingress
from policyengine.firewall.docker.isolation import STAGE_1, STAGE_2, isolate
from policyengine.firewall.docker.modern import arrive, keep_out, leave, open_ports, raw
from policyengine.firewall.docker.nat import begin_nat, leave_to_proxy, translate
from policyengine.firewall.docker.policy import end_of_forwarding
from policyengine.firewall.docker.spelling import Language, Sheet

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine
    from policyengine.firewall.docker.spelling import Part
    from policyengine.firewall.rules import Family, Table
    from policyengine.model.location import Location

_OWN = ("DOCKER", "DOCKER-BRIDGE", "DOCKER-CT", "DOCKER-FORWARD")
_FIRST = (28, 0, 0)


def tables(engine: Engine, family: Family, cause: Location) -> tuple[Table, ...]:
    """The tables ``raw``, ``filter`` and ``nat``."""
    language = Language("iptables", family)
    filter_, nat = (Sheet(name, language, cause) for name in ("filter", "nat"))
    for name in ("INPUT", "FORWARD", "OUTPUT"):
        filter_.base(name, name.lower(), 0)  # type: ignore[arg-type]
    filter_.chain(*(("DOCKER",) if _has_sets(engine) else _OWN), STAGE_1, STAGE_2, "DOCKER-USER")
    filter_.add("FORWARD", [], language.jump("DOCKER-USER"))
    if _has_sets(engine):
        _by_sets(filter_, engine)
    else:
        _by_chains(filter_, engine)
    isolate(filter_, engine)
    filter_.add("DOCKER-USER", [], language.back())
    end_of_forwarding(filter_, engine)
    begin_nat(nat, engine)
    leave_to_proxy(nat, engine)
    translate(nat, engine, skip_link_local=True, own_port=not engine.userland_proxy)
    return raw(engine, language, cause), filter_.table(), nat.table()


def _has_sets(engine: Engine) -> bool:
    return engine.version is not None and engine.version[:3] == _FIRST


def _by_chains(sheet: Sheet, engine: Engine) -> None:
    say = sheet.language
    sheet.add("FORWARD", [], say.jump("DOCKER-FORWARD"))
    ingress.forward(sheet, engine, "DOCKER-FORWARD")
    for chain in ("DOCKER-CT", STAGE_1, "DOCKER-BRIDGE"):
        sheet.add("DOCKER-FORWARD", [], say.jump(chain))
    open_ports(sheet, engine)
    for network in engine.bridges(say.family):
        leave(sheet, network)
        if not network.internal:
            arrive(sheet, network)
            keep_out(sheet, network)


def _by_sets(sheet: Sheet, engine: Engine) -> None:
    say, to_containers = sheet.language, _to_containers(sheet.language, engine)
    ingress.forward(sheet, engine, "FORWARD")
    sheet.add("FORWARD", [to_containers, say.known()], say.accept())
    sheet.add("FORWARD", [], say.jump(STAGE_1))
    sheet.add("FORWARD", [to_containers], say.jump("DOCKER"))
    open_ports(sheet, engine)
    for network in engine.bridges(say.family):
        leave(sheet, network, "FORWARD")
        if not network.internal:
            keep_out(sheet, network)


def _to_containers(say: Language, engine: Engine) -> Part:
    """To the networks that are not internal."""
    networks = [one for one in engine.bridges(say.family) if not one.internal]
    subnets = [each.text for one in networks for each in one.subnets if each.family == say.family]
    return say.within(f"docker-ext-bridges-v{say.family}", subnets)
